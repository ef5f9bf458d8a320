"""JSON values merged key by key: who changed what, whose is taken, and that nothing is guessed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.merge import Side, Verdict, keys_of, merged
from vault.secret import Secret


def secret(value: object) -> Secret:
    return Secret.of_text(value if isinstance(value, str) else json.dumps(value))


def verdicts(base: object, mine: object, theirs: object) -> dict[str, str] | None:
    keys = keys_of(None if base is None else secret(base), secret(mine), secret(theirs))
    return None if keys is None else {key.label: key.verdict.value for key in keys}


def made(base: object, mine: object, theirs: object, **take: Side) -> Any:  # noqa: ANN401
    chosen = {tuple(name.split("__")): side for name, side in take.items()}
    return json.loads(
        merged(None if base is None else secret(base), secret(mine), secret(theirs), chosen).reveal_text()
    )


TABLE: tuple[tuple[object, object, object, dict[str, Verdict], object], ...] = (
    ({"a": 1}, {"a": 1}, {"a": 1}, {"a": Verdict.SAME}, {"a": 1}),
    ({"a": 1}, {"a": 2}, {"a": 1}, {"a": Verdict.MINE}, {"a": 2}),
    ({"a": 1}, {"a": 1}, {"a": 2}, {"a": Verdict.THEIRS}, {"a": 2}),
    ({"a": 1}, {"a": 2}, {"a": 2}, {"a": Verdict.ALIKE}, {"a": 2}),
    ({}, {"a": 1}, {"b": 2}, {"a": Verdict.MINE, "b": Verdict.THEIRS}, {"a": 1, "b": 2}),
    ({"a": 1, "b": 2}, {"b": 2}, {"a": 1}, {"b": Verdict.THEIRS, "a": Verdict.MINE}, {}),
    ({"a": 1}, {}, {}, {"a": Verdict.ALIKE}, {}),
    (
        {"a": {"x": 1, "y": 1}},
        {"a": {"x": 2, "y": 1}},
        {"a": {"x": 1, "y": 2}},
        {"a.x": Verdict.MINE, "a.y": Verdict.THEIRS},
        {"a": {"x": 2, "y": 2}},
    ),
    (None, {"a": 1}, {"a": 1, "b": 2}, {"a": Verdict.ALIKE, "b": Verdict.THEIRS}, {"a": 1, "b": 2}),
    ({"a": [1, 2]}, {"a": [1, 2, 3]}, {"a": [1, 2]}, {"a": Verdict.MINE}, {"a": [1, 2, 3]}),
    ({"a": {}}, {"a": {"x": 1}}, {"a": {}}, {"a.x": Verdict.MINE}, {"a": {"x": 1}}),
    ({"a": 1}, {"a": "1"}, {"a": 1}, {"a": Verdict.MINE}, {"a": "1"}),
    ("no json", {"a": 1}, {"b": 1}, {}, None),
)


@pytest.mark.parametrize(("base", "mine", "theirs", "told", "result"), TABLE)
def test_each_side_keeps_its_own_changes(
    base: object, mine: object, theirs: object, told: dict[str, Verdict], result: object
) -> None:
    if base == "no json":
        assert verdicts(base, mine, theirs) is None
        return
    assert verdicts(base, mine, theirs) == told
    assert made(base, mine, theirs) == result


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"a": 2}, {"a": 3}),
        ({}, {"a": 3}),
        ({"a": 2}, {}),
        ({"a": {"x": 1}}, {"a": 2}),
        ({"a": 1.0}, {"a": 2}),
    ],
)
def test_what_both_changed_waits_for_an_answer(mine: object, theirs: object) -> None:
    assert verdicts({"a": 1}, mine, theirs) == {"a": "both changed it"}
    with pytest.raises(ValueError, match="waits"):
        made({"a": 1}, mine, theirs)
    assert made({"a": 1}, mine, theirs, a=Side.MINE) == mine
    assert made({"a": 1}, mine, theirs, a=Side.THEIRS) == theirs


def test_an_answer_goes_for_any_key() -> None:
    assert made({"a": {"x": 1}}, {"a": {"x": 2}}, {"a": {"x": 1}}, a__x=Side.THEIRS) == {"a": {"x": 1}}


@pytest.mark.parametrize(
    "odd", ["[1]", '"text"', "", "{", '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": "\\ud800"}', "[" * 9000]
)
def test_what_is_no_plain_object_is_not_merged(odd: str) -> None:
    assert verdicts({}, odd, {}) is None
    assert verdicts({}, {}, odd) is None


def test_octets_that_are_no_text_are_not_merged() -> None:
    assert keys_of(None, Secret(b"\xff\xfe"), secret({})) is None


@pytest.mark.parametrize(
    "mine",
    ['{\n  "a": 1.00,\n  "l": [\n    "é"\n  ]\n}\n', '{"a":1.00,"l":["é"]}', '{"a": 1.00, "l": ["\\u00e9"]}'],
)
def test_the_text_is_laid_out_as_mine(mine: str) -> None:
    taken = merged(secret(mine), secret(mine), secret(mine), {})
    assert taken.reveal_text() == mine


scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2)
objects = st.recursive(
    st.dictionaries(st.sampled_from("abc"), scalars, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), scalars | inner, max_size=3),
    max_leaves=6,
)


@given(objects, objects)
def test_a_side_that_changed_nothing_has_no_say(base: object, changed: object) -> None:
    assert made(base, changed, base) == changed
    assert made(base, base, changed) == changed
    assert made(base, changed, changed) == changed


@given(objects, objects, objects)
def test_answers_decide_all_that_is_torn_and_nothing_is_invented(base: Any, mine: Any, theirs: Any) -> None:  # noqa: ANN401
    keys = keys_of(secret(base), secret(mine), secret(theirs))
    assert keys is not None
    everything = {key.path: Side.MINE for key in keys}
    assert merged(secret(base), secret(mine), secret(theirs), everything) is not None
    torn = {key.path: Side.THEIRS for key in keys if key.verdict is Verdict.TORN}
    result = json.loads(merged(secret(base), secret(mine), secret(theirs), torn).reveal_text())
    for key in keys:
        node: Any = result
        for part in key.path:
            node = node.get(part) if isinstance(node, dict) else None
        wanted = key.mine if (torn.get(key.path) or key.side) is Side.MINE else key.theirs
        if wanted is not None and key.path[-1] in (node_of(result, key.path[:-1]) or {}):
            assert json.dumps(node) == json.dumps(json.loads(wanted.reveal_text()))


def node_of(tree: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401
    for part in path:
        tree = tree.get(part) if isinstance(tree, dict) else None
    return tree
