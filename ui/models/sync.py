"""A sync plan and its outcomes as tables: what wants attention first, the direction in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.sync import words
from app.sync.outcome import Result
from app.sync.plan import Action
from ui import icons, theme
from ui.models.tables import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtGui import QIcon

    from app.sync.choices import Answer
    from app.sync.outcome import Outcome
    from app.sync.plan import Item, Plan, Skipped

    Answers = Callable[[Item], Answer | None]

LOOKS = {
    Action.CONFLICT: ("conflict", "danger"),
    Action.DELETED_HERE: ("trash", "danger"),
    Action.DELETED_THERE: ("trash", "warning"),
    Action.MERGE: ("merge", "warning"),
    Action.PUSH: ("push", "accent"),
    Action.PULL: ("pull", "good"),
    Action.SAME: ("check", "muted"),
}  # in the order in which they are shown
ORDER = {action: number for number, action in enumerate(LOOKS)}
TITLES = {
    "all": "All changes",
    "conflict": "Conflicts",
    "deleted-here": "Deleted here",
    "deleted-there": "Deleted there",
    "merge": "Merge",
    "push": "Push",
    "pull": "Pull",
    "held": "Held",
    "skipped": "Skipped",
    "same": "Same",
}
RESULTS = {
    Result.FAILED: ("warning", "danger", "Failed"),
    Result.CONFLICT: ("conflict", "danger", "Conflict"),
    Result.NOT_TRIED: ("unlink", "warning", "Not tried"),
    Result.LEFT: ("info", "muted", "Left alone"),
    Result.DONE: ("check", "good", "Done"),
}  # in the order in which they are shown
ACTS = {
    "agree": "both sides were alike",
    "pull": "pulled",
    "push": "pushed",
    "merge": "merged, both ways",
    "mine": "mine pushed",
    "both": "both kept",
    "delete-here": "moved to the trash here",
    "delete-there": "deleted there",
    "leave": "",
}


def filtered(plan: Plan, which: str) -> list[Item]:
    """The items of a plan that a filter of `TITLES` shows, what wants attention first."""
    if which == "all":
        found: Iterable[Item] = plan.pending
    elif which == "held":
        found = (item for item in plan.items if item.held)
    else:
        found = (item for item in plan.items if item.action.value == which and not item.held)
    return sorted(found, key=lambda item: (bool(item.held), ORDER[item.action]))


def tally(plan: Plan) -> dict[str, int]:
    """How many rows each filter shows."""
    count = dict.fromkeys(TITLES, 0)
    for item in plan.items:
        count["held" if item.held else item.action.value] += 1
    count["all"] = len(plan.pending)
    count["skipped"] = len(plan.skipped)
    return count


def look(item: Item) -> QIcon:
    """The icon of what would happen."""
    name, ink = LOOKS[item.action]
    return icons.icon(name, getattr(theme.current(), "muted" if item.held else ink))


def plan(answer_of: Answers, deletes: Callable[[], bool]) -> tuple[Column[Item], ...]:
    """The columns of a plan.

    Args:
        answer_of: what was decided of a conflict.
        deletes: whether deletions are confirmed.
    """

    def what(item: Item) -> str:
        said = words.happens(item, delete=deletes())
        return f"{said}: {words.decided(answer_of(item))}" if item.action is Action.CONFLICT else said

    return (
        Column("What happens", what, 206, icon=look),
        Column("Path here", lambda item: str(item.path), 0, least=150),
        Column("Name there", lambda item: display.printable(item.name), 200, rank=4),
        Column("Differs in", words.differs, 124),
        Column("Changed there by", lambda item: display.printable(words.who(item.changed_by)), 132, rank=3),
        Column("Changed there", lambda item: display.moment(item.changed_at), 132, rank=2),
    )


SKIPPED: tuple[Column[Skipped], ...] = (
    Column("Name", lambda one: display.printable(one.name), 240),
    Column("Why it takes no part", lambda one: display.printable(one.reason), 0),
)


def result_look(outcome: Outcome) -> QIcon:
    """The icon of how it ended."""
    name, ink, _ = RESULTS[outcome.result]
    return icons.icon(name, getattr(theme.current(), ink))


def told(found: dict[str, int]) -> str:
    """What applying came to, counted."""
    titles = {
        Result.DONE: "done",
        Result.FAILED: "failed",
        Result.CONFLICT: "overtaken by somebody else",
        Result.NOT_TRIED: "not tried",
        Result.LEFT: "left alone",
    }
    said = [f"{found[result]:,} {title}" for result, title in titles.items() if found[result]]
    return f"Applied: {', '.join(said)}." if said else "There was nothing to do."


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Outcomes with what failed first."""
    order = list(RESULTS)
    return sorted(outcomes, key=lambda outcome: (order.index(outcome.result), outcome.item.path))


def done(outcome: Outcome) -> str:
    """What was done, in words; "" where it was not."""
    return ACTS.get(outcome.act, outcome.act) if outcome.result is Result.DONE else ""


OUTCOMES: tuple[Column[Outcome], ...] = (
    Column("Result", lambda outcome: RESULTS[outcome.result][2], 112, icon=result_look),
    Column("Path here", lambda outcome: str(outcome.item.path), 240),
    Column("What was done", done, 182, rank=1),
    Column("Remark", lambda outcome: display.printable(outcome.reason), 0),
)
