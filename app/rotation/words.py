"""Rotations in words, for every face: when an entry rotates, how a run stands, how far each step is. Pure."""

from __future__ import annotations

from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING, Final

from app import display
from app.language import grouped, marked, plural, tr
from app.rotation.steps import STEPS, came_to, done
from vault.labels import CURRENT, PENDING, PREVIOUS
from vault.records import Kind, RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.rotation.schedule import Window
    from vault.records import Entry, RotationRules, RotationRun, Version

_LONG = 10_000  # milliseconds that are rather told as seconds
STEP_NAMES: Final = (marked("create"), marked("set"), marked("test"), marked("finish"), marked("push"))
"""The steps of a run that is open, as `RunState` has them; `Said(run.state.value)` finds them as well."""
_UNDOING = (RunState.UNDO, RunState.UNDONE)


class Progress(StrEnum):
    """How far one step of a run is."""

    WAITING = marked("waiting")
    RUNNING = marked("running")
    STOPPED = marked("stopped")
    DONE = marked("done")
    UNDONE = marked("undone")  # by rolling back
    NOT_RUN = marked("not run")  # nor will it be: rolling back began before


class Outcome(StrEnum):
    """What became of a run so far."""

    DONE = marked("done")
    UNDONE = marked("rolled back")
    GIVEN_UP = marked("given up")  # its target was not asked
    STOPPED = marked("stopped")
    OPEN = marked("open")  # begun and not ended: it runs now, or its program died


def when(rules: RotationRules) -> str:
    """The schedule, as "rate(10 days), for 3h"; "when asked" where none is set."""
    if rules.after_days is None and rules.schedule is None:
        return tr("when asked")
    days = rules.after_days or 0
    said = rules.schedule or plural("{n} day after the last", "{n} days after the last", days)
    return tr("{schedule}, for {length}", schedule=said, length=rules.duration) if rules.duration else said


def opens(window: Window | None) -> str:
    """A window in the user's zone, as "2026-11-22 03:00 to 2026-11-22 06:00"; "" for none."""
    if window is None:
        return ""
    return tr("{start} to {end}", start=display.moment(window.start), end=display.moment(window.end))


def outcome(run: RotationRun) -> Outcome:
    """What became of a run so far."""
    if run.state is RunState.DONE:
        return Outcome.DONE
    if run.state is RunState.UNDONE:
        return Outcome.GIVEN_UP if run.problem else Outcome.UNDONE
    return Outcome.STOPPED if run.problem else Outcome.OPEN


def outcome_words(run: RotationRun) -> str:
    """The same in words, with the step that an open run is at."""
    found = outcome(run)
    if run.ended_at is not None:
        return tr(found.value)
    if run.state is RunState.UNDO:
        return tr("{outcome} at rolling back", outcome=tr(found.value))
    return tr("{outcome} at {step}", outcome=tr(found.value), step=tr(run.state.value))


def progress(run: RotationRun, step: RunState, *, live: bool) -> Progress:
    """How far a step is.

    Args:
        run: as it is.
        step: one of AWS's four, PUSH, or UNDO for rolling back.
        live: whether somebody works on the run right now.
    """
    at_it = (Progress.RUNNING if live else Progress.STOPPED) if not run.problem else Progress.STOPPED
    if step is RunState.UNDO:
        return Progress.DONE if run.state is RunState.UNDONE else at_it
    if outcome(run) is Outcome.GIVEN_UP:
        run = run._replace(state=came_to(run))
    if run.state in _UNDOING:
        reached = STEPS[: STEPS.index(came_to(run)) + 1]
        return Progress.UNDONE if step in reached else Progress.NOT_RUN
    if done(run, step):
        return Progress.DONE
    return at_it if run.state is step else Progress.WAITING


def gap_words(run: RotationRun) -> str:
    """For how long the target took the new credential alone; "" where that does not happen."""
    if run.gap is None:
        return ""
    return tr("For {length} the target took the new credential alone.", length=gap_length(run))


def gap_length(run: RotationRun) -> str:
    """How long that was: "at most 184 ms", "at most 75 s"; "" where it does not happen.

    It is counted from before the target is asked, and over the time in which nothing ran.
    """
    if run.gap is None:
        return ""
    if run.gap < _LONG:
        return tr("at most {count} ms", count=grouped(run.gap))
    return tr("at most {count} s", count=grouped(ceil(run.gap / 1000)))


def with_current(entry: Entry, history: Sequence[Version]) -> list[Version]:
    """A history with AWSCURRENT among the labels, where a rotation gave a parameter stages."""
    if entry.kind is Kind.SECRET or not any({PENDING, PREVIOUS} & {*one.labels} for one in history):
        return list(history)
    return [
        one._replace(labels=(CURRENT, *one.labels)) if one.number == entry.current else one for one in history
    ]
