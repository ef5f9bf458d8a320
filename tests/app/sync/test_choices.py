"""What applying makes of a plan: every combination of sides, directions, answers and confirmation."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync.choices import NEEDS_CHOICE, NEEDS_DELETE, Act, Answer, Choice, steps_of
from app.sync.plan import Action, Field, Item, Plan, Why, make_plan
from tests.app.sync.three_sides import Side, item_of, link_of, local_of
from vault.paths import ParameterPath
from vault.records import Direction, ValueType

B, X, Y = Side("base"), Side("mine", number=2), Side("theirs", number=2)
ALIKE = Side("mine", number=2)

TABLE: tuple[tuple[Side | None, Side | None, Side | None, Action | None, Why | None], ...] = (
    (None, None, None, None, None),
    (None, X, None, Action.PUSH, None),
    (None, None, Y, Action.PULL, None),
    (None, X, ALIKE, Action.SAME, None),
    (None, X, Y, Action.CONFLICT, Why.NO_BASE),
    (B, B, B, Action.SAME, None),
    (B, X, B, Action.PUSH, None),
    (B, B, Y, Action.PULL, None),
    (B, X, ALIKE, Action.SAME, None),
    (B, X, Y, Action.CONFLICT, Why.BOTH_CHANGED),
    (B, None, B, Action.DELETED_HERE, None),
    (B, None, Y, Action.CONFLICT, Why.DELETED_HERE),
    (B, B, None, Action.DELETED_THERE, None),
    (B, X, None, Action.CONFLICT, Why.DELETED_THERE),
    (B, None, None, None, None),
)

LEFT = Act.LEAVE
ANSWERS: dict[tuple[Action, Why | None], dict[Choice, Act]] = {
    (Action.PUSH, None): dict.fromkeys(Choice, Act.PUSH),
    (Action.PULL, None): dict.fromkeys(Choice, Act.PULL),
    (Action.DELETED_HERE, None): dict.fromkeys(Choice, Act.DELETE_THERE),
    (Action.DELETED_THERE, None): dict.fromkeys(Choice, Act.DELETE_HERE),
    (Action.CONFLICT, Why.NO_BASE): {
        Choice.STOP: LEFT,
        Choice.MINE: Act.MINE,
        Choice.THEIRS: Act.PULL,
        Choice.BOTH: Act.BOTH,
    },
    (Action.CONFLICT, Why.BOTH_CHANGED): {
        Choice.STOP: LEFT,
        Choice.MINE: Act.MINE,
        Choice.THEIRS: Act.PULL,
        Choice.BOTH: Act.BOTH,
    },
    (Action.CONFLICT, Why.DELETED_HERE): {
        Choice.STOP: LEFT,
        Choice.MINE: Act.DELETE_THERE,
        Choice.THEIRS: Act.PULL,
        Choice.BOTH: Act.PULL,
    },
    (Action.CONFLICT, Why.DELETED_THERE): {
        Choice.STOP: LEFT,
        Choice.MINE: Act.PUSH,
        Choice.THEIRS: Act.DELETE_HERE,
        Choice.BOTH: Act.PUSH,
    },
}
DELETIONS = {Act.DELETE_HERE, Act.DELETE_THERE}
WRITES_THERE = {Act.PUSH, Act.MERGE, Act.MINE, Act.BOTH, Act.DELETE_THERE}
WRITES_HERE = {Act.PULL, Act.MERGE, Act.BOTH, Act.DELETE_HERE}


def plan_of(item: Item, direction: Direction) -> Plan:
    return make_plan([(item.name, item.path, item.local, item.link)], direction)


def act_of(item: Item, direction: Direction, choice: Choice, *, delete: bool) -> Act | None:
    items = plan_of(item, direction).items
    steps = steps_of(items, lambda _: Answer(choice), direction, delete=delete)
    return next((step.act for step in steps), None)


@pytest.mark.parametrize(("base", "here", "there", "action", "why"), TABLE)
def test_what_three_sides_come_to(
    base: Side | None, here: Side | None, there: Side | None, action: Action | None, why: Why | None
) -> None:
    item = item_of(base, here, there)
    assert (item and item.action, item and item.why) == (action, why)


@pytest.mark.parametrize("delete", [False, True])
@pytest.mark.parametrize("choice", list(Choice))
@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(("base", "here", "there", "action", "why"), TABLE)
def test_what_is_done_with_it(
    base: Side | None,
    here: Side | None,
    there: Side | None,
    action: Action | None,
    why: Why | None,
    direction: Direction,
    choice: Choice,
    delete: bool,
) -> None:
    item = item_of(base, here, there)
    if item is None or action in (None, Action.SAME):
        return
    assert action is not None
    wanted = ANSWERS[action, why][choice]
    if wanted in DELETIONS and not delete:
        wanted = LEFT
    if direction is Direction.PULL and wanted in WRITES_THERE:
        wanted = LEFT
    if direction is Direction.PUSH and wanted in WRITES_HERE:
        wanted = LEFT
    assert act_of(item, direction, choice, delete=delete) is wanted


FACTS: tuple[tuple[Side, Side, Action, tuple[Field, ...], tuple[Field, ...]], ...] = (
    (B._replace(description="d"), B, Action.PUSH, (Field.DESCRIPTION,), ()),
    (B, B._replace(tags=(("k", "v"),)), Action.PULL, (), (Field.TAGS,)),
    (B._replace(description="d"), B._replace(tags=(("k", "v"),)), Action.MERGE, (Field.DESCRIPTION,), ()),
    (B._replace(tags=(("a", "1"),)), B._replace(tags=(("b", "2"),)), Action.MERGE, (Field.TAGS,), ()),
    (B._replace(tags=(("a", "1"),)), B._replace(tags=(("a", "2"),)), Action.CONFLICT, (Field.TAGS,), ()),
    (B._replace(tags=(("a", "1"),)), B._replace(tags=(("a", "1"),)), Action.SAME, (Field.TAGS,), ()),
    (B._replace(labels=(("l", 1),)), B, Action.PUSH, (Field.LABELS,), ()),
    (B._replace(labels=(("l", 1),)), B._replace(labels=(("m", 1),)), Action.MERGE, (Field.LABELS,), ()),
    (B._replace(description="x"), B._replace(description="y"), Action.CONFLICT, (Field.DESCRIPTION,), ()),
    (B._replace(pattern="b.*"), Y, Action.CONFLICT, (Field.PATTERN,), (Field.VALUE,)),
    (X, B._replace(value_type=ValueType.SECURE_STRING), Action.CONFLICT, (Field.VALUE,), (Field.TYPE,)),
    (X, Y._replace(value="mine", description="d"), Action.MERGE, (Field.VALUE,), (Field.VALUE,)),
)


@pytest.mark.parametrize(("here", "there", "action", "mine", "theirs"), FACTS)
def test_facts_count_as_changes_too(
    here: Side, there: Side, action: Action, mine: tuple[Field, ...], theirs: tuple[Field, ...]
) -> None:
    item = item_of(B, here, there)
    assert item is not None
    assert item.action is action
    assert set(mine) <= set(item.here)
    assert set(theirs) <= set(item.there)


def test_what_a_write_of_ours_went_over_is_a_conflict_until_it_is_decided() -> None:
    ours = Side("mine", number=3)
    item = item_of(ours, ours, ours, overtaken=Y)
    assert item is not None
    assert (item.action, item.why, item.differs) == (Action.CONFLICT, Why.OVERTAKEN, (Field.VALUE,))
    assert act_of(item, Direction.BOTH, Choice.THEIRS, delete=False) is Act.PULL
    assert act_of(item, Direction.BOTH, Choice.MINE, delete=False) is Act.MINE
    # theirs lies beneath ours there, so taking it writes there as well
    assert act_of(item, Direction.PULL, Choice.THEIRS, delete=False) is Act.LEAVE


def test_where_somebody_wrote_on_top_of_ours_that_is_theirs() -> None:
    ours, newest = Side("mine", number=3), Side("newest", number=4)
    item = item_of(ours, ours, newest, overtaken=Y)
    assert item is not None
    assert item.why is Why.OVERTAKEN
    assert act_of(item, Direction.PULL, Choice.THEIRS, delete=False) is Act.PULL  # it is there already


def test_another_type_needs_a_confirmed_deletion() -> None:
    item = item_of(B, X._replace(value_type=ValueType.SECURE_STRING), B)
    assert item is not None
    assert act_of(item, Direction.BOTH, Choice.STOP, delete=False) is Act.LEAVE
    assert act_of(item, Direction.BOTH, Choice.STOP, delete=True) is Act.PUSH


def test_the_reasons_say_what_is_missing() -> None:
    for here, there, reason in ((X, Y, NEEDS_CHOICE), (None, B, NEEDS_DELETE), (B, None, NEEDS_DELETE)):
        item = item_of(B, here, there)
        assert item is not None
        (step,) = steps_of(
            plan_of(item, Direction.BOTH).items, lambda _: Answer(Choice.STOP), Direction.BOTH, delete=False
        )
        assert (step.act, step.reason) == (Act.LEAVE, reason)


# --------------------------------------------------------------------------------------------- properties

KEYS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("123"), max_size=3)
SIDES = st.builds(
    Side,
    st.sampled_from(["base", "one", "two"]),
    st.sampled_from(["", "d"]),
    KEYS.map(lambda tags: tuple(sorted(tags.items()))),
    st.just(()),
    st.sampled_from([ValueType.STRING, ValueType.SECURE_STRING]),
    st.sampled_from([None, ".*"]),
    st.just(1),
)
MAYBE = st.none() | SIDES
MIRROR = {
    Action.PUSH: Action.PULL,
    Action.PULL: Action.PUSH,
    Action.DELETED_HERE: Action.DELETED_THERE,
    Action.DELETED_THERE: Action.DELETED_HERE,
}


@given(MAYBE, MAYBE, MAYBE)
def test_the_plan_is_the_same_seen_from_the_other_side(
    base: Side | None, here: Side | None, there: Side | None
) -> None:
    one, two = item_of(base, here, there), item_of(base, there, here)
    assert (one is None) == (two is None)
    if one is not None and two is not None:
        assert two.action is MIRROR.get(one.action, one.action)
        assert (set(one.here), set(one.there)) == (set(two.there), set(two.here))
        assert set(one.differs) == set(two.differs)


@given(MAYBE, MAYBE, MAYBE, MAYBE, st.sampled_from(list(Direction)), st.sampled_from(list(Choice)))
def test_nothing_is_deleted_unasked_and_no_direction_is_crossed(
    base: Side | None,
    here: Side | None,
    there: Side | None,
    overtaken: Side | None,
    direction: Direction,
    choice: Choice,
) -> None:
    for over, delete in product((None, overtaken), (False, True)):
        item = item_of(base, here, there, over)
        act = item and act_of(item, direction, choice, delete=delete)
        assert delete or act not in DELETIONS
        assert direction is not Direction.PULL or act not in WRITES_THERE
        assert direction is not Direction.PUSH or act not in WRITES_HERE
        if item is not None and choice is Choice.STOP and item.action is Action.CONFLICT:
            assert act is Act.LEAVE


def test_a_plan_is_in_path_order_and_counts() -> None:
    pairs = [
        (f"/shop/{name}", ParameterPath(f"/shop/{name}"), local_of(here), link_of(B, there))
        for name, here, there in (("c", X, B), ("a", B, Y), ("b", B, B))
    ]
    plan = make_plan(pairs, Direction.BOTH)
    assert [item.name for item in plan.items] == ["/shop/a", "/shop/b", "/shop/c"]
    assert [item.name for item in plan.pending] == ["/shop/a", "/shop/c"]
    assert plan.counts() == dict.fromkeys(Action, 0) | {"push": 1, "pull": 1, "same": 1}
