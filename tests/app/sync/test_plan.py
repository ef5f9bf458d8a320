"""The plan and its choices, case by case and as properties. Pure: no vault, no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.choices import Act, Answer, Choice, merged_facts, steps_of
from app.sync.keywise import merge_keys
from app.sync.plan import Action, Field, Plan, Why, classify, make_plan
from tests.app.sync.sides import BASE, NAME, PATH, here, link, there
from vault.policies import Policy, expiration, parse_timestamp
from vault.records import Direction, Tier, ValueType

if TYPE_CHECKING:
    from app.sync.plan import Item, Local
    from vault.links import Link

HERE = {"gone": None, "same": here(), "changed": here("mine", 2)}
THERE = {"gone": None, "same": there(), "changed": there("theirs", "2")}
WITH_BASE = {
    # here, there: action, why
    ("gone", "gone"): (None, None),
    ("gone", "same"): (Action.DELETED_HERE, None),
    ("gone", "changed"): (Action.CONFLICT, Why.DELETED_HERE),
    ("same", "gone"): (Action.DELETED_THERE, None),
    ("same", "same"): (Action.SAME, None),
    ("same", "changed"): (Action.PULL, None),
    ("changed", "gone"): (Action.CONFLICT, Why.DELETED_THERE),
    ("changed", "same"): (Action.PUSH, None),
    ("changed", "changed"): (Action.CONFLICT, Why.BOTH_CHANGED),
}
WITHOUT_BASE = {
    ("gone", "gone"): (None, None),
    ("gone", "same"): (Action.PULL, None),
    ("same", "gone"): (Action.PUSH, None),
    ("same", "same"): (Action.SAME, None),
    ("same", "changed"): (Action.CONFLICT, Why.NO_BASE),
}


def item_of(local: Local | None, remembered: Link | None) -> Item:
    item = classify(NAME, PATH, local, remembered)
    assert item is not None
    return item


@pytest.mark.parametrize("sides", WITH_BASE)
def test_three_sides(sides: tuple[str, str]) -> None:
    item = classify(NAME, PATH, HERE[sides[0]], link(THERE[sides[1]]))
    assert (item and item.action, item and item.why) == WITH_BASE[sides]


@pytest.mark.parametrize("sides", WITHOUT_BASE)
def test_two_sides_that_never_agreed(sides: tuple[str, str]) -> None:
    item = classify(NAME, PATH, HERE[sides[0]], link(THERE[sides[1]], None))
    assert (item and item.action, item and item.why) == WITHOUT_BASE[sides]


EXPIRES = (expiration(parse_timestamp("2027-01-01T00:00:00Z")),)
REMINDS = (Policy("NoChangeNotification", None, "3", "Days"),)
FACTS: dict[Field, tuple[dict[str, Any], dict[str, Any] | None]] = {
    Field.TYPE: ({"value_type": ValueType.STRING}, {"value_type": ValueType.STRING_LIST}),
    Field.TIER: ({"tier": Tier.ADVANCED}, None),
    Field.DATA_TYPE: ({"data_type": "json"}, {"data_type": "url"}),
    Field.PATTERN: ({"allowed_pattern": "a"}, {"allowed_pattern": "b"}),
    Field.DESCRIPTION: ({"description": "mine"}, {"description": "theirs"}),
    Field.POLICIES: ({"policies": EXPIRES}, {"policies": REMINDS}),
    Field.TAGS: ({"tags": {"a": "mine"}}, {"tags": {"a": "theirs"}}),
    Field.LABELS: ({"labels": {"live": "1"}}, {"labels": {"live": "9"}}),
}


@pytest.mark.parametrize("field", FACTS)
def test_a_fact_that_one_side_changed_crosses_over(field: Field) -> None:
    mine, _ = FACTS[field]
    pushed = item_of(here(**mine), link(there()))
    assert (pushed.action, pushed.here, pushed.there) == (Action.PUSH, (field,), ())
    pulled = item_of(here(), link(there(version="2", **mine)))
    assert (pulled.action, pulled.here, pulled.there) == (Action.PULL, (), (field,))


@pytest.mark.parametrize("field", FACTS)
def test_a_fact_that_both_changed_is_a_conflict_unless_alike(field: Field) -> None:
    mine, theirs = FACTS[field]
    alike = item_of(here(**mine), link(there(version="2", **mine)))
    assert alike.action is Action.SAME
    if theirs is not None:
        torn = item_of(here(**mine), link(there(version="2", **theirs)))
        assert (torn.action, torn.why) == (Action.CONFLICT, Why.BOTH_CHANGED)


def test_what_each_side_changed_of_its_own_is_merged() -> None:
    item = item_of(
        here("mine", 2, tags={"a": "1"}), link(there("base", "2", description="d", tags={"b": "2"}))
    )
    assert item.action is Action.MERGE
    facts = merged_facts(item)
    assert (facts.description, facts.tags) == ("d", {"a": "1", "b": "2"})


def test_a_value_is_not_merged_with_a_pattern_that_it_need_not_match() -> None:
    item = item_of(here(allowed_pattern="b.*"), link(there("theirs", "2")))
    assert item.action is Action.CONFLICT


def test_what_was_not_read_is_never_called_changed() -> None:
    unread = there(version="2", tags=None, labels=None)
    assert item_of(here(), link(unread)).action is Action.SAME
    assert item_of(here(tags={"a": "1"}), link(unread)).here == (Field.TAGS,)


def test_a_version_whose_value_is_not_known_counts_as_changed() -> None:
    unknown = there(version="2")._replace(fingerprint=None)
    assert item_of(here(), link(unknown)).there == (Field.VALUE,)
    assert item_of(here(), link(there()._replace(fingerprint=None))).action is Action.SAME


def test_a_key_of_kms_is_theirs_alone() -> None:
    assert item_of(here(), link(there(key="alias/k"), None)).action is Action.SAME
    changed = item_of(here(), link(there(version="2", key="alias/k")))
    assert (changed.action, changed.there) == (Action.PULL, (Field.KEY,))


def test_an_overtaken_version_is_a_conflict_until_it_is_decided() -> None:
    item = item_of(here(), link(there(), overtaken=there("theirs", "2")))
    assert (item.action, item.why, item.differs) == (Action.CONFLICT, Why.OVERTAKEN, (Field.VALUE,))


HELD = {
    Direction.PULL: {Action.PUSH, Action.DELETED_HERE, Action.MERGE},
    Direction.PUSH: {Action.PULL, Action.DELETED_THERE, Action.MERGE},
    Direction.BOTH: set(),
}
locals_ = st.sampled_from(
    [
        None,
        here(),
        here("mine", 2),
        here(tags={"a": "1"}),
        here(description="d"),
        here(value_type=ValueType.STRING),
    ]
)
seens = st.sampled_from(
    [
        None,
        there(),
        there("theirs", "2"),
        there(version="2", tags={"a": "2"}),
        there(version="2", description="e"),
        there(version="2", value_type=ValueType.STRING_LIST),
        there(tags=None, labels=None),
    ]
)
links = st.builds(
    lambda seen, base, overtaken: link(seen, base, overtaken=overtaken if seen else None),
    seens,
    st.sampled_from([None, BASE]),
    st.sampled_from([None, None, None, there("over", "2")]),
)
directions = st.sampled_from(Direction)
choices = st.sampled_from(Choice)


def planned(local: Local | None, remembered: Link, direction: Direction) -> Plan:
    return make_plan([(NAME, PATH, local, remembered)], direction)


@given(locals_, links, directions)
def test_a_direction_holds_what_it_does_not_let_through(
    local: Local | None, remembered: Link, direction: Direction
) -> None:
    for item in planned(local, remembered, direction).items:
        assert bool(item.held) == (item.action in HELD[direction])


@given(locals_, links, directions, choices)
def test_nothing_is_deleted_without_its_own_confirmation(
    local: Local | None, remembered: Link, direction: Direction, choice: Choice
) -> None:
    plan = planned(local, remembered, direction)
    for step in steps_of(plan.items, lambda _: Answer(choice), direction, delete=False):
        assert step.act not in (Act.DELETE_HERE, Act.DELETE_THERE)
        if step.act in (Act.PUSH, Act.MINE):  # another type takes a deletion there
            assert Field.TYPE not in step.item.differs


WRITES_THERE = {Act.PUSH, Act.MERGE, Act.MINE, Act.BOTH, Act.DELETE_THERE}
WRITES_HERE = {Act.PULL, Act.MERGE, Act.BOTH, Act.DELETE_HERE}


@given(locals_, links, directions, choices, st.booleans())
def test_a_remote_of_one_way_is_never_gone_the_other_way(
    local: Local | None, remembered: Link, direction: Direction, choice: Choice, delete: bool
) -> None:
    plan = planned(local, remembered, direction)
    forbidden = {Direction.PULL: WRITES_THERE, Direction.PUSH: WRITES_HERE, Direction.BOTH: set()}
    acts = {step.act for step in steps_of(plan.items, lambda _: Answer(choice), direction, delete=delete)}
    assert not acts & forbidden[direction]


@given(locals_, links, choices, st.booleans())
def test_no_conflict_is_decided_unasked_and_each_has_a_step(
    local: Local | None, remembered: Link, choice: Choice, delete: bool
) -> None:
    plan = planned(local, remembered, Direction.BOTH)
    steps = steps_of(plan.items, lambda _: Answer(choice), Direction.BOTH, delete=delete)
    by_name = {step.item.name: step for step in steps}
    for item in plan.pending:
        step = by_name[item.name]
        if item.action is Action.CONFLICT and choice is Choice.STOP:
            assert step.act is Act.LEAVE
        assert step.reason or step.act is not Act.LEAVE


texts = st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"))


@given(texts, texts, texts)
def test_merging_keys_keeps_each_sides_changes(
    base: dict[str, str], mine: dict[str, str], theirs: dict[str, str]
) -> None:
    merged, torn = merge_keys(base, mine, theirs)
    for key in {*base, *mine, *theirs}:
        old, my, their, new = base.get(key), mine.get(key), theirs.get(key), merged.get(key)
        if my == old:
            assert new == their
        elif their in (old, my):
            assert new == my
        else:
            assert key in torn
            assert new == my
    assert merge_keys(base, theirs, mine)[1] == torn
    if not torn:
        assert merge_keys(base, theirs, mine)[0] == merged
