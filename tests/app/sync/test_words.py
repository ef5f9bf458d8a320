"""A plan in words: what would happen on which side, and what applying comes to, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.sync import words
from app.sync.choices import Answer, Choice
from app.sync.forecast import Forecasts
from tests.vault.furnished import put
from vault.paths import ParameterPath
from vault.records import Direction, Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from app.sync.forecast import Forecast
    from app.sync.plan import Item, Plan
    from tests.app.sync.conftest import Pair
    from tests.cloud.handles import Strict


@pytest.fixture
def plan(ssm: Pair, strict: Strict) -> Plan:
    """One entry of every action."""
    for name in ("same", "push", "pull", "merge", "torn", "gone-here", "gone-there", "torn-gone"):
        put(ssm.vault, f"/shop/{name}", "base", tags={"team": "shop"})
    ssm.sync()
    aws = strict.client("ssm")
    for name in ("push", "torn", "torn-gone"):
        put(ssm.vault, f"/shop/{name}", "here", overwrite=True)
    ssm.vault.entries.put(Draft(ParameterPath("/shop/merge"), None, description="of here", overwrite=True))
    put(ssm.vault, "/shop/new-here", "one")
    for name in ("pull", "torn", "merge"):
        aws.put_parameter(Name=f"/shop/{name}", Value="there", Overwrite=True)
    aws.put_parameter(Name="/shop/new-there", Value="one", Type="String")
    aws.delete_parameters(Names=["/shop/gone-there", "/shop/torn-gone"])
    ssm.vault.trash.remove(ParameterPath("/shop/gone-here"))
    return ssm.plan()


def item(plan: Plan, name: str) -> Item:
    return next(item for item in plan.items if item.name == f"/shop/{name}")


HAPPENS = {
    "same": ("Same", ""),
    "push": ("Push: change there", "value"),
    "pull": ("Pull: change here", "value"),
    "merge": ("Merge: change both", "value, description"),
    "torn": ("Conflict", "value"),
    "gone-here": ("Deleted here: stays there", ""),
    "gone-there": ("Deleted there: stays here", ""),
    "torn-gone": ("Conflict", "value"),
    "new-here": ("Push: create there", "new"),
    "new-there": ("Pull: create here", "new"),
}


def test_every_action_names_its_side(plan: Plan) -> None:
    said = {one.name.removeprefix("/shop/"): (words.happens(one), words.differs(one)) for one in plan.items}
    assert said == HAPPENS
    assert words.happens(item(plan, "gone-here"), delete=True) == "Deleted here: delete there"
    assert words.happens(item(plan, "push")._replace(held="it is")) == "Push: held"
    for one in plan.items:
        assert words.explained(one).endswith(".")
    assert "on top of version 1" in words.explained(item(plan, "push"))
    assert "only if deletions are confirmed" in words.explained(item(plan, "gone-here"))


def counted(plan: Plan, answer: Answer, *, delete: bool) -> Forecast:
    return Forecasts(plan.items, Direction.BOTH).of([(one, answer) for one in plan.items], delete=delete)


def test_what_applying_comes_to_is_counted_by_side(plan: Plan) -> None:
    found = counted(plan, Answer(Choice.STOP), delete=False)
    assert found[:6] == (1, 2, 0, 1, 2, 0)
    assert dict(found.left) == {
        "a deletion needs its own confirmation": 2,
        "a conflict waits for a decision": 2,
    }
    assert found.entries == 5
    assert words.said(found)[:2] == [
        "In AWS: create 1 entry, change 2 entries.",
        "Here: create 1 entry, change 2 entries.",
    ]
    assert words.brief(found) == "create 1, change 2 in AWS; create 1, change 2 here; 4 left alone"


@pytest.mark.parametrize(
    ("answer", "counts"),
    [
        (Answer(Choice.MINE), (2, 3, 1, 1, 2, 1)),  # what is gone there is made again
        (Answer(Choice.THEIRS), (1, 2, 1, 1, 3, 2)),  # what is gone there goes here too
        (Answer(Choice.MINE, Secret(b"both")), (2, 3, 1, 1, 3, 1)),
    ],
)
def test_what_was_decided_is_counted_too(plan: Plan, answer: Answer, counts: tuple[int, ...]) -> None:
    found = counted(plan, answer, delete=True)
    assert found[:6] == counts
    assert found.left == ()
    assert found.writes_there


def test_people_are_known_by_the_end_of_their_arn() -> None:
    assert words.who("arn:aws:iam::123456789012:user/ada") == "user/ada"
    assert words.who("arn:aws:sts::123456789012:assumed-role/deploy/session-1") == "deploy/session-1"
    assert words.who("") == ""
