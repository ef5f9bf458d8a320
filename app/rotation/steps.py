"""The order of a rotation's steps, what may be done from each state, and what holds meanwhile. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.language import marked, told, tr
from app.rotation.overlap import Overlap
from vault.records import RunState

if TYPE_CHECKING:
    from vault.records import RotationRun

ORDER: Final = (
    RunState.CREATE,
    RunState.SET,
    RunState.TEST,
    RunState.FINISH,
    RunState.PUSH,
    RunState.DONE,
)
STEPS: Final = ORDER[:4]
"""AWS's four, in the order in which the window lights them up."""

_REVERSIBLE: Final = (*STEPS, RunState.UNDO)
_CAME_TO: Final = "came_to"  # in the memo
_HOLDS: Final = {
    RunState.CREATE: marked("Nothing was changed yet: AWSCURRENT works."),
    RunState.FINISH: marked("The new credential works. AWSCURRENT still names the old one."),
    RunState.PUSH: marked("The new credential is current here. A remote still has to be told."),
    RunState.DONE: marked("Done: AWSCURRENT is the new credential, and works."),
    RunState.UNDONE: marked("Rolled back: AWSCURRENT is what it was, and works."),
}


def following(state: RunState) -> RunState:
    """The state after one of `ORDER`; rolling back ends in UNDONE."""
    return RunState.UNDONE if state is RunState.UNDO else ORDER[ORDER.index(state) + 1]


def may_resume(run: RotationRun) -> bool:
    """Whether there is something to go on with."""
    return run.ended_at is None


def may_roll_back(run: RotationRun) -> bool:
    """Whether it can be undone: as long as the new version has not become current here."""
    return run.ended_at is None and run.state in _REVERSIBLE


def done(run: RotationRun, step: RunState) -> bool:
    """Whether one of the four steps is behind this run."""
    return run.state in ORDER and ORDER.index(run.state) > ORDER.index(step)


def undoing(run: RotationRun) -> RotationRun:
    """A run that is rolled back from now on, and remembers how far it came."""
    return run._replace(state=RunState.UNDO, problem="", memo={**run.memo, _CAME_TO: came_to(run).value})


def came_to(run: RotationRun) -> RunState:
    """How far a run came: its state or, where it is or was rolled back, the one from which."""
    if run.state not in (RunState.UNDO, RunState.UNDONE):
        return run.state
    kept = run.memo.get(_CAME_TO)
    return next((step for step in STEPS if step.value == kept), RunState.FINISH)


def explain(run: RotationRun, overlap: Overlap) -> str:
    """What holds now, and what a client should try, in plain words.

    Args:
        run: as it is.
        overlap: of its target.
    """
    if run.state is RunState.UNDONE and run.problem:
        why = told(run.problem)
        return tr("{why}. AWSCURRENT is what it was.", why=f"{why[:1].upper()}{why[1:]}")
    if run.state in _HOLDS and not (run.state is RunState.FINISH and overlap is Overlap.NONE):
        return tr(_HOLDS[run.state])
    if overlap is not Overlap.NONE:
        return tr("AWSCURRENT works. AWSPENDING may not work yet.")
    if run.state is RunState.FINISH:
        return tr("The target takes AWSPENDING and no longer AWSCURRENT.")
    return tr("One of AWSCURRENT and AWSPENDING works; try them in this order.")


def next_move(run: RotationRun) -> str:
    """What a person can do about a run, in plain words; empty when it has ended."""
    if run.ended_at is not None:
        return ""
    if run.state is RunState.UNDO:
        return tr("Resume goes on with rolling back.")
    if run.state is RunState.CREATE:
        return tr("Resume goes on from here; roll back ends it, and nothing was changed.")
    if may_roll_back(run):
        return tr("Resume goes on from here; roll back puts the old credential in force again.")
    return tr("Resume tries again. It cannot be rolled back any more: rotate once more instead.")
