"""A plan is sorted once for all filters, and what it comes to is counted once for all answers."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.sync.choices import Act, Answer, Choice, steps_of
from app.sync.forecast import Forecast, Forecasts
from app.sync.plan import Action, Item, Plan
from tests.app.sync.three_sides import Side, item_of
from ui.models.plan_rows import PlanRows
from ui.models.sync import TITLES
from vault.paths import ParameterPath
from vault.records import Direction
from vault.secret import Secret
from vault.steps import Steps

B, X, Y = Side("base"), Side("mine", number=2), Side("theirs", number=2)
sides = st.sampled_from([None, B, X, Y])
directions = st.sampled_from(Direction)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Up to eight entries, some of them held; in path order."""
    found: list[Item] = []
    for number in range(draw(st.integers(0, 8))):
        item = item_of(*draw(st.tuples(sides, sides, sides)))
        if item is not None:
            name = f"/shop/{number}"
            held = draw(st.sampled_from(["", "", "it is held"]))
            found.append(item._replace(name=name, path=ParameterPath(name), held=held))
    return Plan(tuple(found))


answers = st.builds(
    Answer, st.sampled_from(Choice), st.one_of(st.none(), st.builds(Secret.of_text, st.just("of both")))
)


@given(plans())
def test_every_filter_shows_its_rows_with_what_wants_attention_first(plan: Plan) -> None:
    shown = PlanRows(plan)
    for action in Action:
        expected = [item for item in plan.items if item.action is action and not item.held]
        assert shown.rows(action) == expected
    assert shown.rows("held") == sorted((item for item in plan.items if item.held), key=shown_order)
    assert shown.rows("all") == sorted(plan.pending, key=lambda item: (bool(item.held), shown_order(item)))


def shown_order(item: Item) -> int:
    order = ("conflict", "deleted-here", "deleted-there", "merge", "push", "pull", "same")
    return order.index(item.action)


@given(plans())
def test_filters_are_counted_and_conflicts_are_known_by_name(plan: Plan) -> None:
    shown = PlanRows(plan._replace(skipped=()))
    tally = shown.tally()
    assert tally.keys() == TITLES.keys()
    assert tally["all"] == len(plan.pending)
    assert tally["skipped"] == 0
    assert sum(tally[action] for action in Action) + tally["held"] == len(plan.items)
    torn = [item for item in plan.items if item.action is Action.CONFLICT]
    assert shown.conflicts == {item.name: item for item in torn}


@given(plans(), directions, st.lists(answers, min_size=8, max_size=8), st.booleans())
def test_a_forecast_is_what_applying_with_these_answers_does(
    plan: Plan, direction: Direction, given_: list[Answer], delete: bool
) -> None:
    decided = [
        (item, answer)
        for item, answer in zip(plan.items, given_, strict=False)
        if item.action is Action.CONFLICT
    ]
    by_name = {item.name: answer for item, answer in decided}
    found = Forecasts(plan.items, direction).of(decided, delete=delete)
    steps = list(
        steps_of(
            plan.items, lambda item: by_name.get(item.name, Answer(Choice.STOP)), direction, delete=delete
        )
    )
    acts = Counter(step.act for step in steps)
    assert found.entries == len(steps) - acts[Act.LEAVE] - acts[Act.AGREE]
    assert dict(found.left) == Counter(step.reason for step in steps if step.act is Act.LEAVE)
    assert found.delete_there == acts[Act.DELETE_THERE]
    assert found.delete_here == acts[Act.DELETE_HERE]
    assert found.create_there + found.change_there >= acts[Act.PUSH] + acts[Act.MINE] + acts[Act.BOTH]
    assert found.create_here + found.change_here >= acts[Act.PULL] + acts[Act.MERGE] + acts[Act.BOTH]


def test_sorting_tells_of_every_item_and_of_nothing_where_there_is_none() -> None:
    item = item_of(B, X, B)
    assert item is not None
    steps = Steps()
    PlanRows(Plan((item, item._replace(name="/shop/b"))), Direction.BOTH, steps)
    assert steps.place == (2, 2)
    assert PlanRows().forecasts.of((), delete=True) == Forecast()
