"""Rotations and their runs as tables; every outcome and step has an icon and a word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import display
from app.language import marked, told, tr
from app.rotation import words
from app.rotation.words import Outcome, Progress
from ui.look import icons, theme
from ui.models.tables import RIGHT, Column
from vault.records import Cause, RunState, Strategy

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from ui.work.rotation import Standing
    from vault.records import RotationRun

LOOKS = {
    Outcome.DONE: ("check", "good"),
    Outcome.UNDONE: ("restore", "muted"),
    Outcome.GIVEN_UP: ("close", "muted"),
    Outcome.STOPPED: ("warning", "danger"),
    Outcome.OPEN: ("refresh", "accent"),
}
PROGRESS = {
    Progress.WAITING: ("clock", "muted"),
    Progress.RUNNING: ("refresh", "accent"),
    Progress.STOPPED: ("warning", "danger"),
    Progress.DONE: ("check", "good"),
    Progress.UNDONE: ("restore", "muted"),
    Progress.NOT_RUN: ("clock", "muted"),
}
STEPS = {
    RunState.CREATE: marked("Create"),
    RunState.SET: marked("Set"),
    RunState.TEST: marked("Test"),
    RunState.FINISH: marked("Finish"),
    RunState.PUSH: marked("Push"),
    RunState.UNDO: marked("Roll back"),
}
CAUSES = {
    Cause.ASKED: marked("asked for"),
    Cause.SCHEDULE: marked("schedule"),
    Cause.EXPIRY: marked("expiry"),
}
NEVER = marked("never")
STRATEGIES = {Strategy.SINGLE: marked("single"), Strategy.ALTERNATING: marked("alternating")}


def outcome_icon(run: RotationRun | None) -> QIcon | None:
    """The icon of what became of a run; none for none."""
    if run is None:
        return None
    name, ink = LOOKS[words.outcome(run)]
    return icons.icon(name, getattr(theme.current(), ink))


def versions(run: RotationRun) -> str:
    """From which version to which."""
    return f"{run.base} → {run.pending}" if run.pending else f"{run.base}"


def last_words(standing: Standing) -> str:
    """What became of the last run, and when."""
    run = standing.last
    if run is None:
        return tr(NEVER)
    return f"{words.outcome_words(run)}, {display.moment(run.ended_at or run.changed_at)}"


STANDINGS: tuple[Column[Standing], ...] = (
    Column(marked("Path"), lambda one: str(one.rotation.path), 0, least=200, ends=True),
    Column(marked("Target"), lambda one: display.printable(one.rotation.target), 112, rank=2),
    Column(marked("Strategy"), lambda one: tr(STRATEGIES[one.rotation.strategy]), 88, rank=4),
    Column(marked("Schedule"), lambda one: words.when(one.rotation.rules), 184, rank=3),
    Column(
        marked("Next run"),
        lambda one: display.moment(one.window.start if one.window else None) or "–",
        132,
        rank=1,
    ),
    Column(marked("Last run"), last_words, 268, icon=lambda one: outcome_icon(one.last)),
)
RUNS: tuple[Column[RotationRun], ...] = (
    Column(marked("Outcome"), words.outcome_words, 192, icon=outcome_icon),
    Column(marked("Path"), lambda run: str(run.path), 0, least=180, ends=True),
    Column(marked("Began"), lambda run: display.moment(run.started_at), 132),
    Column(marked("Cause"), lambda run: tr(CAUSES[run.cause]), 84, rank=2),
    Column(marked("Versions"), versions, 88, rank=3),
    Column(marked("Gap"), words.gap_length, 148, RIGHT, rank=4),
    Column(
        marked("Why it stopped"),
        lambda run: display.printable(told(run.problem)) if run.ended_at is None else "",
        200,
        rank=1,
    ),
)
TURNS: tuple[Column[RotationRun], ...] = (
    Column(marked("Outcome"), words.outcome_words, 192, icon=outcome_icon),
    Column(marked("Path"), lambda run: str(run.path), 0, least=180, ends=True),
)
