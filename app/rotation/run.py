"""The machine: one rotation of one entry, step by step, from any state that a crash may have left.

Each step is repeated until it is known to be done, so each is idempotent by the run's token. What a step
does outside comes first; what the vault keeps of it (version, labels, state) is one transaction after it.
docs/rotation.md says why this order leaves no client with a dead credential.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from app import allowed
from app.alone import alone
from app.display import span
from app.errors import (
    AppError,
    AwsError,
    RotationBusy,
    RotationError,
    RotationUnfinished,
    TargetUnreachable,
)
from app.renewal import renew
from app.rotation.attempt import RunAttempt, previous_number
from app.rotation.follow_up import carry_out, grace_left, keep
from app.rotation.left import LOOK
from app.rotation.overlap import Overlap
from app.rotation.places import Places
from app.rotation.registry import target_named
from app.rotation.setting import check_values, grace_of
from app.rotation.steps import explain, following, may_resume, may_roll_back, next_move, undoing
from vault.errors import Said, VaultError, said_by
from vault.records import Cause, RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vault.paths import ParameterPath
    from vault.records import RotationRun
    from vault.vault import Vault

_STOPPABLE: Final = (RunState.CREATE, RunState.SET)  # later than that, going on is the safer thing
_SETTLED: Final = timedelta(seconds=2)  # for clients that looked while a rotation was rolled back
PATIENCE: Final = 60.0  # seconds that a rotation waits for the grace time of the one before


class Rotating:
    """Rotates one entry. Any thread may make one; one program at a time works on an entry."""

    def __init__(
        self,
        vault: Vault,
        path: ParameterPath,
        *,
        told: Callable[[RotationRun], object] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        pause: Callable[[float], object] = time.sleep,
        ask_mfa: Callable[[str], str] | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Read how the entry rotates.

        Args:
            vault: the vault.
            path: the entry.
            told: called with the run whenever it changes, on the calling thread.
            cancelled: whether the person stopped it; asked between steps and while a target waits.
            pause: sleeps for seconds.
            ask_mfa: asks a person for the code of an MFA device, where a remote needs one.
            wanted: asked once nobody else works on the entry; where it says no, RotationBusy is raised.

        Raises:
            BadRotation: its target is not there.
            NotFound: there is no such entry, or no rotation is set for it.
        """
        self._vault = vault
        self._told, self._cancelled, self._pause, self._wanted = told, cancelled, pause, wanted
        self.rotation = vault.rotations.find(path)
        self.target = target_named(self.rotation.target)
        self.overlap = self.target.overlap(self.rotation)
        self.places = Places(vault, self.rotation, self.target, ask_mfa)

    def start(self, cause: Cause = Cause.ASKED, *, end_grace: bool = False) -> RotationRun:
        """Rotate: all steps, or as many as work.

        Args:
            cause: why.
            end_grace: take the old credential of the rotation before away now, if it is still left alone.

        Returns:
            The run, DONE.

        Raises:
            NotAllowed: nobody allowed here what it reaches outside of the vault; nothing was done.
            BadRotation: it cannot work; nothing was done. One that nobody asked for stays open, and says why.
            RotationUnfinished: an earlier one is open, or its old credential is in its grace time.
            RotationError, AwsError, VaultError, Cancelled: a step did not work; the run stays open, its
                `problem` says why, and `resume` or `roll_back` go on with it.
        """
        with self._alone():
            self._refuse_open()
            try:
                check_values(self._vault, self.rotation, self.target)
            except (AppError, VaultError) as error:
                if cause is not Cause.ASKED:  # nobody may be there to read why
                    with self._attempt(self._begun(cause)) as attempt:
                        self._stopped(attempt, said_by(error))
                raise
            allowed.check(self._vault, self.rotation)
            self._let_grace_pass(end_now=end_grace)
            allowed.check(self._vault, self.rotation)  # the value may be another by now
            return self._drive(self._prepared(self._begun(cause)))

    def resume(self) -> RotationRun:
        """Go on with the open run from where it stopped; also with rolling back.

        Raises:
            RotationUnfinished: there is nothing to resume.
            NotAllowed: as `start`.
            RotationError, AwsError, VaultError, Cancelled: as `start`.
        """
        with self._alone():
            run = self.open_run()
            if run is None or not may_resume(run):
                raise RotationUnfinished(
                    Said("no rotation of {path} is open; there is nothing to resume", path=self.rotation.path)
                )
            allowed.check(self._vault, self.rotation)
            if (
                run.state is RunState.CREATE and not run.memo
            ):  # nothing was done, and all may be mended by now
                run = self._prepared(run)
            return self._drive(self._vault.rotations.write(run._replace(problem="")))

    def roll_back(self) -> RotationRun:
        """Undo the open run: the target takes AWSCURRENT again, and AWSPENDING goes.

        Raises:
            RotationUnfinished: there is nothing to roll back, or the new version is current by now.
            NotAllowed: as `start`.
            RotationError, AwsError, VaultError, Cancelled: as `start`; the run stays open, rolling back.
        """
        with self._alone():
            run = self.open_run()
            if run is None:
                raise RotationUnfinished(
                    Said("no rotation of {path} is open; rotate once more instead", path=self.rotation.path)
                )
            if not may_roll_back(run):
                raise RotationUnfinished(Said("{path}: {move}", path=self.rotation.path, move=next_move(run)))
            allowed.check(self._vault, self.rotation)
            return self._drive(self._vault.rotations.write(undoing(run)))

    def open_run(self) -> RotationRun | None:
        """The run that was neither finished nor rolled back."""
        return self._vault.rotations.open_run(self.rotation.entry_id)

    def follow(self, *, end_grace: bool = False) -> list[RotationRun]:
        """Do what is due to old credentials after their grace time; the runs that they are of.

        Args:
            end_grace: also what is not due yet.

        Raises:
            NotAllowed: as `start`.
            RotationError, AwsError, VaultError: it did not work; it stays to be done.
        """
        with self._alone():
            until = None if end_grace else self._vault.now()
            allowed.check(self._vault, self.rotation)
            return [self._followed(run, until, end_grace=end_grace) for run in reversed(self._following())]

    def _begun(self, cause: Cause) -> RotationRun:
        return self._vault.rotations.begin(self.rotation, cause, str(uuid4()))

    def _prepared(self, run: RotationRun) -> RotationRun:
        """A run that has done nothing yet, on the version that is current now."""
        path = self.rotation.path
        if (previous := previous_number(self._vault, path)) is not None:
            run = run._replace(memo={"previous": previous})
        return self._vault.rotations.write(run._replace(base=self._vault.entries.find(path).current))

    def _following(self) -> list[RotationRun]:
        """Runs of the entry with something left to do, the last begun first."""
        runs = self._vault.rotations.runs(self.rotation.path)
        return [run for run in runs if run.follow_at is not None]

    def _followed(self, run: RotationRun, until: datetime | None, *, end_grace: bool) -> RotationRun:
        with self._attempt(run) as attempt:
            if end_grace:
                attempt.remember(end_grace=True)
            carry_out(attempt, self.target, until)
            return attempt.run

    def _refuse_open(self) -> None:
        run = self.open_run()
        if run is not None:
            since = Said("a rotation of {path} stopped at {step}", path=run.path, step=Said(run.state.value))
            holds, move = explain(run, self.overlap), next_move(run)
            raise RotationUnfinished(Said("{since}. {holds} {move}", since=since, holds=holds, move=move))

    def _let_grace_pass(self, *, end_now: bool) -> None:
        """Leave the old credential of the run before alone for its grace time, or take it away now."""
        past, now = self._vault.rotations.runs(self.rotation.path), self._vault.now()
        grace = grace_of(self.rotation, self.target)
        done = next((run for run in past if run.state is RunState.DONE), None)
        undone = next((run for run in past if run.state is RunState.UNDONE), None)
        left = max(grace_left(done, grace, now), grace_left(undone, min(grace, _SETTLED), now))
        if left > PATIENCE and not end_now:
            raise RotationUnfinished(
                Said(
                    "the old credential of {path} is left alone for {left} more."
                    " Rotate after that, or end its grace time now (--end-grace): who still"
                    " uses it is cut off",
                    path=self.rotation.path,
                    left=span(timedelta(seconds=left)),
                )
            )
        if left and not end_now:
            with self._attempt(past[0]) as attempt:
                attempt.wait(left)
        for run in reversed(self._following()):
            self._followed(run, None, end_grace=end_now)

    def _drive(self, run: RotationRun) -> RotationRun:
        """Step after step until the run ends, or one does not work."""
        with self._attempt(run) as attempt:
            try:
                while attempt.run.ended_at is None:
                    if attempt.run.state in _STOPPABLE:
                        attempt.look()
                    self._told(attempt.run)
                    with attempt:
                        self._step(attempt)
            except (AppError, VaultError) as error:
                self._stopped(attempt, said_by(error))
                raise
            except Exception as error:  # noqa: BLE001  # of a plug-in or a driver: its text may quote a value
                self._stopped(attempt, Said("an error of the program, {kind}", kind=type(error).__name__))
                raise RotationError(
                    Said("an error of the program ({kind})", kind=type(error).__name__)
                ) from None
            self._told(attempt.run)
            return attempt.run

    def _step(self, attempt: RunAttempt) -> None:
        state = attempt.run.state
        match state:
            case RunState.CREATE:
                attempt.log(Said("create: making the new credential"))
                with self.target.create(attempt) as value:
                    attempt.run = self._vault.rotations.put_pending(attempt.run, value, following(state))
                attempt.log(Said("create: version {version} is AWSPENDING", version=attempt.run.pending))
                return
            case RunState.SET:
                self._set(attempt)
            case RunState.TEST:
                attempt.log(Said("test: trying the new credential"))
                self.target.test(attempt)
                attempt.log(Said("test: it works"))
            case RunState.FINISH:
                self._finish(attempt)
                return
            case RunState.PUSH:
                if (until := renew(self._vault, self.rotation.path)) is not None:
                    attempt.log(Said("done: it expires at {until} UTC now", until=f"{until:%Y-%m-%d %H:%M}"))
                self.places.publish(attempt)
                self._keep_follow_ups(attempt)
                attempt.log(Said("done"))
            case RunState.UNDO:
                self._undo(attempt)
                return
        attempt.run = self._vault.rotations.write(attempt.run._replace(state=following(state)))

    def _set(self, attempt: RunAttempt) -> None:
        try:
            self.places.announce(attempt)
        except (AwsError, TargetUnreachable) as error:
            if self.overlap is Overlap.NONE and "set_at" not in attempt.memo:
                raise
            attempt.log(Said("set: a remote cannot be told yet ({why})", why=said_by(error)))
        attempt.log(Said("set: the target is given the new credential"))
        if self.overlap is Overlap.NONE and "set_at" not in attempt.memo:
            attempt.remember(set_at=_milliseconds(self._vault.now()))
        self.target.set(attempt)

    def _finish(self, attempt: RunAttempt) -> None:
        run = attempt.run
        current = self._vault.entries.find(run.path).current if run.pending else 0
        if current not in (run.base, run.pending):
            attempt.log(
                Said(
                    "finish: somebody made version {version} current meanwhile; it stays in the history",
                    version=current,
                )
            )
        set_at = run.memo.get("set_at")
        gap = max(_milliseconds(self._vault.now()) - set_at, 0) if isinstance(set_at, int) else None
        attempt.run = self._vault.rotations.promote(attempt.run._replace(gap=gap), RunState.PUSH)
        attempt.log(Said("finish: version {version} is AWSCURRENT", version=run.pending))

    def _keep_follow_ups(self, attempt: RunAttempt) -> None:
        grace, now = grace_of(self.rotation, self.target), self._vault.now()
        later = self.target.follow_ups(attempt)
        keep(attempt, [(now + max(each.after, grace), each.action) for each in later])

    def _undo(self, attempt: RunAttempt) -> None:
        attempt.log(Said("roll back: the target is given the old credential again"))
        self.target.undo(attempt)
        self.places.retract(attempt)
        attempt.run = self._vault.rotations.demote(attempt.run, RunState.UNDONE)
        attempt.log(Said("roll back: done; AWSCURRENT is what it was"))
        attempt.run = self._vault.rotations.write(attempt.run)

    def _stopped(self, attempt: RunAttempt, why: str) -> None:
        attempt.log(Said("stopped: {why}", why=why))
        attempt.run = self._vault.rotations.write(attempt.run._replace(problem=why))
        self._told(attempt.run)

    def _attempt(self, run: RotationRun) -> RunAttempt:
        return RunAttempt(
            self._vault,
            self.rotation,
            self.target,
            run,
            told=self._told,
            pause=self._pause,
            cancelled=self._cancelled,
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else, in no other program, rotates this entry meanwhile."""
        busy = RotationBusy(Said("another program is rotating {path} right now", path=self.rotation.path))
        with alone(self._vault, f"rotation-{self.rotation.entry_id}", busy, LOOK):
            if not self._wanted():
                raise RotationBusy(Said("another program was faster with {path}", path=self.rotation.path))
            yield


def _milliseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
