"""Rotations in words, for every face: when an entry rotates, how a run stands, how far each step is. Pure."""

from __future__ import annotations

from enum import StrEnum
from math import ceil
from typing import TYPE_CHECKING

from app import display
from app.rotation.steps import STEPS, came_to, done
from vault.labels import CURRENT, PENDING, PREVIOUS
from vault.records import Kind, RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.rotation.schedule import Window
    from vault.records import Entry, RotationRules, RotationRun, Version

_LONG = 10_000  # milliseconds that are rather told as seconds
_UNDOING = (RunState.UNDO, RunState.UNDONE)


class Progress(StrEnum):
    """How far one step of a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    UNDONE = "undone"  # by rolling back
    NOT_RUN = "not run"  # nor will it be: rolling back began before


class Outcome(StrEnum):
    """What became of a run so far."""

    DONE = "done"
    UNDONE = "rolled back"
    GIVEN_UP = "given up"  # its target was not asked
    STOPPED = "stopped"
    OPEN = "open"  # begun and not ended: it runs now, or its program died


def when(rules: RotationRules) -> str:
    """The schedule, as "rate(10 days), for 3h"; "when asked" where none is set."""
    if rules.after_days is None and rules.schedule is None:
        return "when asked"
    said = rules.schedule or f"{display.count(rules.after_days or 0, 'day')} after the last"
    return f"{said}, for {rules.duration}" if rules.duration else said


def opens(window: Window | None) -> str:
    """A window in the user's zone, as "2026-11-22 03:00 to 2026-11-22 06:00"; "" for none."""
    return f"{display.moment(window.start)} to {display.moment(window.end)}" if window else ""


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
        return found.value
    at = "rolling back" if run.state is RunState.UNDO else run.state.value
    return f"{found.value} at {at}"


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
    return "" if run.gap is None else f"For {gap_length(run)} the target took the new credential alone."


def gap_length(run: RotationRun) -> str:
    """How long that was: "at most 184 ms", "at most 75 s"; "" where it does not happen.

    It is counted from before the target is asked, and over the time in which nothing ran.
    """
    if run.gap is None:
        return ""
    return f"at most {run.gap:,} ms" if run.gap < _LONG else f"at most {ceil(run.gap / 1000):,} s"


def with_current(entry: Entry, history: Sequence[Version]) -> list[Version]:
    """A history with AWSCURRENT among the labels, where a rotation gave a parameter stages."""
    if entry.kind is Kind.SECRET or not any({PENDING, PREVIOUS} & {*one.labels} for one in history):
        return list(history)
    return [
        one._replace(labels=(CURRENT, *one.labels)) if one.number == entry.current else one for one in history
    ]
