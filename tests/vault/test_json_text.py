"""The reader of JSON: as deep as its bound, and what is deeper is refused before it is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vault.json_text import MAX_DEPTH, TooDeep, check_depth, parsed

FITS = {
    "nothing nested": "1",
    "lists, at the bound": "[" * MAX_DEPTH + "]" * MAX_DEPTH,
    "objects, at the bound": '{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH,
    "many side by side": "[" + ",".join(["[]", "{}"] * MAX_DEPTH) + "]",
    "brackets in a text": json.dumps(["[{" * MAX_DEPTH]),
    "brackets in a key": json.dumps({"[{" * MAX_DEPTH: 1}),
    "brackets after a quote in a text": json.dumps(['"' + "[" * 200]),
    "brackets after a backslash in a text": json.dumps(["\\" + "[" * 200, '\\"' + "{" * 200]),
    "brackets after many backslashes": json.dumps(["\\" * 9 + '"' + "[" * 200]),
    "a line end between": "[\n" * MAX_DEPTH + "]" * MAX_DEPTH,
}
BEYOND = MAX_DEPTH + 1
TOO_DEEP = {
    "lists": ("[" * BEYOND + "]" * BEYOND, MAX_DEPTH),
    "objects": ('{"a":' * BEYOND + "1" + "}" * BEYOND, 5 * MAX_DEPTH),
    "never closed": ("[" * 10_000_000, MAX_DEPTH),
    "after texts that end in a backslash": ('["\\\\",' * BEYOND, 6 * MAX_DEPTH),
    "after others that were closed": ("[" + "[]," * 500 + "[" * MAX_DEPTH, 1_500 + MAX_DEPTH),
}
NO_JSON = {
    "a text that never ends": "[" * MAX_DEPTH + '"' + "[" * 1_000_000,
    "a text of backslashes that never ends": "[" * MAX_DEPTH + '"' + "[" + "\\" * 10_000_001,
    "brackets that close nothing": "]" * 1_000_000 + "[" * MAX_DEPTH,
    "nothing": "",
    "octets that are no text": b'["\xff"]',
}


@pytest.mark.parametrize("text", FITS.values(), ids=FITS)
def test_what_fits_is_read_as_json_reads_it(text: str) -> None:
    assert parsed(text) == json.loads(text)
    assert parsed(text.encode()) == json.loads(text)


@pytest.mark.parametrize(("text", "at"), TOO_DEEP.values(), ids=TOO_DEEP)
def test_what_is_too_deep_is_refused_at_the_first_bracket_beyond(text: str, at: int) -> None:
    with pytest.raises(TooDeep) as caught:
        parsed(text)
    assert caught.value.at == at
    assert text[at] in "[{"


@pytest.mark.parametrize("text", NO_JSON.values(), ids=NO_JSON)
def test_what_is_no_json_is_refused_by_the_reader_itself(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"line 1 column|can't decode") as caught:
        parsed(text)
    assert not isinstance(caught.value, TooDeep)


def depth_of(node: object) -> int:
    if isinstance(node, (list, dict)):
        return 1 + max(map(depth_of, node.values() if isinstance(node, dict) else node), default=0)
    return 0


TEXTS = some.text(some.sampled_from('[]{}"\\\n,a\ud800é'), max_size=8)
TREES = some.recursive(
    some.none() | some.booleans() | some.integers() | TEXTS,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(TEXTS, inner, max_size=4),
)


@given(tree=TREES, deepest=some.integers(0, 6), ascii_only=some.booleans())
def test_the_depth_that_is_told_is_that_of_the_tree(tree: object, deepest: int, ascii_only: bool) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_only)
    assert parsed(text) == tree
    try:
        check_depth(text, deepest)
        fits = True
    except TooDeep:
        fits = False
    assert fits == (depth_of(tree) <= deepest)


def test_hooks_are_handed_on() -> None:
    assert parsed('{"a": 1.50}', parse_float=str, object_pairs_hook=tuple) == (("a", "1.50"),)
