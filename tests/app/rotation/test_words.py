"""Rotations in words: what a person reads of a run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.rotation import words
from app.rotation.steps import STEPS, came_to, next_move, undoing
from app.rotation.words import Progress
from vault.paths import ParameterPath
from vault.records import Cause, RotationRun, RunState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BEGUN = RotationRun(
    id=1,
    entry_id=1,
    path=ParameterPath("/shop/db"),
    target="postgresql",
    cause=Cause.ASKED,
    token="8f1c",
    state=RunState.CREATE,
    base=1,
    pending=None,
    memo={},
    log=(),
    problem="",
    gap=None,
    started_at=NOON,
    changed_at=NOON,
    ended_at=None,
    follow_at=None,
)


@pytest.mark.parametrize(
    ("gap", "said"),
    [(None, ""), (0, "at most 0 ms"), (9_999, "at most 9,999 ms"), (74_001, "at most 75 s")],
)
def test_a_gap_is_told_as_the_bound_that_it_is(gap: int | None, said: str) -> None:
    assert words.gap_length(BEGUN._replace(gap=gap)) == said
    assert said in words.gap_words(BEGUN._replace(gap=gap))


def test_rolling_back_undoes_the_steps_that_began_and_the_others_are_not_run() -> None:
    run = undoing(BEGUN._replace(state=RunState.SET, problem="refused", memo={"set_at": 1}))
    assert (run.state, run.problem, run.memo["set_at"]) == (RunState.UNDO, "", 1)
    assert [words.progress(run, step, live=True) for step in STEPS] == [
        Progress.UNDONE,
        Progress.UNDONE,
        Progress.NOT_RUN,
        Progress.NOT_RUN,
    ]
    assert words.progress(run, RunState.PUSH, live=True) is Progress.NOT_RUN
    assert came_to(undoing(run._replace(problem="refused again"))) is RunState.SET
    assert words.progress(run._replace(state=RunState.UNDONE), RunState.TEST, live=False) is (
        Progress.NOT_RUN
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.CREATE, "roll back ends it, and nothing was changed"),
        (RunState.SET, "roll back puts the old credential in force again"),
        (RunState.UNDO, "goes on with rolling back"),
        (RunState.PUSH, "cannot be rolled back any more"),
        (RunState.DONE, ""),
    ],
)
def test_what_can_be_done_about_a_run_fits_its_state(state: RunState, said: str) -> None:
    assert said in next_move(BEGUN._replace(state=state, ended_at=NOON if state is RunState.DONE else None))
