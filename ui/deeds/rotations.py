"""Rotations that run for the window: on threads of their own, each with its stop, dropped by a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from app.errors import NotAllowed
from ui.bridge import Cancel, Runner, Telling
from ui.work import rotation as rotation_work
from ui.work.rotation import Over
from ui.work.sync import Either

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from app.rotation.rounds import Turn
    from ui.desk import Desk
    from ui.work.rotation import Act, Sight
    from vault.paths import ParameterPath
    from vault.records import RotationRun
    from vault.vault import Vault

T = TypeVar("T")


class Rotator(QObject):
    """A rotation may wait for a minute: it must not keep the pages from their answers."""

    seen = Signal(object)  # Sight: a run, whenever it changes
    left = Signal(object)  # ParameterPath: it is not worked on any more; others of the same act may be
    ended = Signal(object)  # list[Turn]
    held = Signal(object, object)  # list[ParameterPath], Act: nobody allowed here what it reaches
    kept = Signal(object)  # Kept
    failed = Signal(Exception)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        """Nothing runs."""
        super().__init__(parent)
        self._desk = desk
        self._runner = Runner(self)
        self._stops: dict[ParameterPath, Cancel] = {}
        self._told: Telling | None = None  # of this epoch
        self._latest: dict[int, RotationRun] = {}  # runs as they were told last, while something runs
        self._keeping = False

    @property
    def is_busy(self) -> bool:
        """Whether something runs."""
        return self._runner.pending > 0

    def works_on(self, path: ParameterPath) -> bool:
        """Whether a rotation of an entry runs here."""
        return path in self._stops

    def latest(self, run: RotationRun) -> RotationRun:
        """A run that was read from the vault, or what was told of it since; its log is kept step by step."""
        known = self._latest.get(run.id)
        return known if known is not None and _changed(known) > _changed(run) else run

    def begin(self, paths: Iterable[ParameterPath], act: Act) -> None:
        """Rotate entries, or do something about runs that stopped; not those it works on already."""
        stops = {path: Cancel() for path in paths if path not in self._stops}
        if not stops:
            return
        self._stops |= stops
        ask_mfa, dropped, tell = self._desk.session.ask_mfa, Cancel(), self._teller()

        def work(vault: Vault) -> list[Turn]:
            cancels = {path: Either(stop, dropped) for path, stop in stops.items()}
            return rotation_work.work(vault, cancels, act, tell, ask_mfa)

        def end() -> None:
            for path, stop in stops.items():
                if self._stops.get(path) is stop:  # and not that of a later act
                    del self._stops[path]

        def answer(turns: list[Turn]) -> None:
            self.ended.emit(turns)
            if held := [turn.path for turn in turns if isinstance(turn.error, NotAllowed)]:
                self.held.emit(held, act)

        self._run(work, end, answer, dropped)

    def keep(self, *, rotate: bool, missed: bool) -> None:
        """Do what is due by itself, unless that is under way; nobody is asked for anything.

        Args:
            rotate: whether rotations are among it, or only what expired.
            missed: whether rotations whose window has passed are among those.
        """
        if self._keeping:
            return
        self._keeping = True
        dropped, tell = Cancel(), self._teller()

        def end() -> None:
            self._keeping = False

        self._run(
            lambda vault: rotation_work.keep(vault, tell, dropped, rotate=rotate, missed=missed),
            end,
            self.kept.emit,
            dropped,
        )

    def stop(self, path: ParameterPath) -> None:
        """Ask the rotation of an entry to stop at its next step."""
        if path in self._stops:
            self._stops[path].ask()

    def clear(self) -> None:
        """Drop everything; on lock. What was begun can be resumed."""
        self._runner.drop_all()
        self._stops.clear()
        self._latest.clear()
        self._told, self._keeping = None, False

    def shut(self) -> None:
        """Drop everything and wait; the program ends."""
        self.clear()
        self._runner.wait()

    def _teller(self) -> Telling:
        if self._told is None:
            telling = Telling(self)
            telling.told.connect(lambda what: self._tell(telling, what))
            self._told = telling
        return self._told

    def _tell(self, telling: Telling, what: Sight | Over) -> None:
        if telling is not self._told:  # of a vault that is locked by now
            return
        if isinstance(what, Over):
            self._stops.pop(what.path, None)
            self.left.emit(what.path)
        else:
            self._latest[what.run.id] = what.run
            self.seen.emit(what)

    def _run(
        self,
        work: Callable[[Vault], T],
        end: Callable[[], None],
        done: Callable[[T], object],
        dropped: Cancel,
    ) -> None:
        """Run `work`; then `end`, and `done` with its result, or the signal `failed` with its error."""

        def over() -> None:
            end()
            if not self.is_busy:
                self._latest.clear()

        def answer(result: T) -> None:
            over()
            done(result)

        def fail(error: Exception) -> None:
            over()
            self.failed.emit(error)

        vault = self._desk.session.vault
        self._runner.run(self, lambda: work(vault), answer, fail, dropped)


def _changed(run: RotationRun) -> datetime:
    """When something became of a run last."""
    return max(run.changed_at, run.log[-1].at) if run.log else run.changed_at
