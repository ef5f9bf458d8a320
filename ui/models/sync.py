"""A sync plan and its outcomes as tables: what wants attention first, the direction in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display, language
from app.language import grouped, marked, plural, tr
from app.sync import words
from app.sync.outcome import Result
from app.sync.plan import Action
from ui.look import icons, theme
from ui.models.tables import Column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from PySide6.QtGui import QIcon

    from app.sync.choices import Answer
    from app.sync.forecast import Forecast
    from app.sync.outcome import Outcome
    from app.sync.plan import Item, Skipped
    from vault.records import Remote

    Answers = Callable[[Item], Answer | None]

LOOKS = {
    Action.CONFLICT: ("conflict", "danger"),
    Action.DELETED_HERE: ("trash", "danger"),
    Action.DELETED_THERE: ("trash", "warning"),
    Action.MERGE: ("merge", "warning"),
    Action.PUSH: ("push", "accent"),
    Action.PULL: ("pull", "good"),
    Action.SAME: ("check", "muted"),
}
TITLES = {
    "all": marked("All changes"),
    "conflict": marked("Conflicts"),
    "deleted-here": marked("Deleted here"),
    "deleted-there": marked("Deleted there"),
    "merge": marked("Merge"),
    "push": marked("Push"),
    "pull": marked("Pull"),
    "held": marked("Held"),
    "skipped": marked("Skipped"),
    "same": marked("Same"),
}
RESULTS = {
    Result.FAILED: ("warning", "danger", marked("Failed")),
    Result.CONFLICT: ("conflict", "danger", marked("Conflict")),
    Result.NOT_TRIED: ("unlink", "warning", marked("Not tried")),
    Result.LEFT: ("info", "muted", marked("Left alone")),
    Result.DONE: ("check", "good", marked("Done")),
}  # in the order in which they are shown
ACTS = {
    "agree": marked("both sides were alike"),
    "pull": marked("pulled"),
    "push": marked("pushed"),
    "merge": marked("merged, both ways"),
    "mine": marked("mine pushed"),
    "both": marked("both kept"),
    "delete-here": marked("moved to the trash here"),
    "delete-there": marked("deleted there"),
    "leave": "",
}


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
        Column(tr("What happens"), what, 260, icon=look),
        Column(tr("Path here"), lambda item: str(item.path), 0, least=150, ends=True),
        Column(tr("Name there"), lambda item: display.printable(item.name), 200, rank=4, ends=True),
        Column(tr("Differs in"), words.differs, 136),
        Column(
            tr("Changed there by"), lambda item: display.printable(words.who(item.changed_by)), 132, rank=3
        ),
        Column(tr("Changed there"), lambda item: display.moment(item.changed_at), 144, rank=2),
    )


SKIPPED: tuple[Column[Skipped], ...] = (
    Column(marked("Name"), lambda one: display.printable(one.name), 240, ends=True),
    Column(marked("Why it takes no part"), lambda one: display.printable(language.told(one.reason)), 0),
)


def result_look(outcome: Outcome) -> QIcon:
    """The icon of how it ended."""
    name, ink, _ = RESULTS[outcome.result]
    return icons.icon(name, getattr(theme.current(), ink))


def told(found: dict[str, int]) -> str:
    """What applying came to, counted."""
    titles = {
        Result.DONE: tr("done"),
        Result.FAILED: tr("failed"),
        Result.CONFLICT: tr("overtaken by somebody else"),
        Result.NOT_TRIED: tr("not tried"),
        Result.LEFT: tr("left alone"),
    }
    said = [f"{grouped(found[result])} {title}" for result, title in titles.items() if found[result]]
    return tr("Applied: {said}.", said=", ".join(said)) if said else tr("There was nothing to do.")


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Outcomes with what failed first."""
    order = list(RESULTS)
    return sorted(outcomes, key=lambda outcome: (order.index(outcome.result), outcome.item.path))


def done(outcome: Outcome) -> str:
    """What was done, in words; "" where it was not."""
    return tr(ACTS.get(outcome.act, outcome.act)) if outcome.result is Result.DONE else ""


OUTCOMES: tuple[Column[Outcome], ...] = (
    Column(marked("Result"), lambda outcome: tr(RESULTS[outcome.result][2]), 168, icon=result_look),
    Column(marked("Path here"), lambda outcome: str(outcome.item.path), 240, ends=True),
    Column(marked("What was done"), done, 268, rank=1),
    Column(marked("Remark"), lambda outcome: display.printable(language.told(outcome.reason)), 0),
)


def left_over(found: dict[str, int]) -> tuple[str, str] | None:
    """What is told after an apply that did not do all of it: a sentence and a hint; None if it did."""
    if found[Result.NOT_TRIED]:
        return tr("The way to AWS was lost."), tr("Look again when it is back; the rest waits.")
    if found[Result.FAILED] or found[Result.CONFLICT]:
        hint = tr("Nothing is lost. Look again: what is left is in the plan, and conflicts show both sides.")
        return tr("Not all of it was done; what is not comes first."), hint
    return None


def not_read(count: int) -> str:
    """What is told after a look that left tags or labels of so many entries unread."""
    entries = plural("{n} entry", "{n} entries", count)
    return tr("Tags or labels of {count} were not read; they count as unchanged.", count=entries)


def nothing_seen(remote: Remote | None) -> tuple[str, str]:
    """What stands in place of a plan where there is no remote, or one that was never looked at, and why."""
    if remote is None:
        return tr("No remote yet"), tr(
            "A remote is a folder of the vault and its counterpart in Parameter Store or Secrets Manager."
        )
    return tr("“{name}” was never looked at", name=remote.name), tr(
        "Looking reads the names there and what changed. It writes nothing, neither there nor here."
    )


def exchanged(remote: Remote) -> str:
    """What is exchanged with what, and which way."""
    way, there = tr(words.DIRECTIONS[remote.direction]), words.place(remote)
    return tr("{folder} here ↔ {there} · {way}", folder=remote.folder, there=there, way=way)


def comes_to(forecast: Forecast) -> str:
    """What applying a plan as it is decided now would do."""
    brief = words.brief(forecast)
    if not forecast.entries:
        return (
            tr("There is nothing to apply: {brief}.", brief=brief)
            if brief
            else tr("There is nothing to apply.")
        )
    return tr("Applying will {brief}.", brief=brief)
