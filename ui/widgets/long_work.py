"""Work over very many entries, on the pool: a bar tells how far it is and how long it will take."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject

from ui.bridge import Reporter, Stoppable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.desk import Desk
    from ui.widgets.busy import Busy
    from vault.steps import Steps
    from vault.vault import Vault

T = TypeVar("T")

SHORT_MILLISECONDS = 700  # what is over by then needs nothing shown


class LongWork(QObject):
    """One piece of work at a time, which can be stopped at every step that it counts."""

    def __init__(self, desk: Desk, busy: Busy) -> None:
        """Nothing runs; `busy` shows what will."""
        super().__init__(busy)
        self._desk, self._busy = desk, busy
        self._what = ""
        self._running = False
        self._reporter = Reporter(self)
        self._reporter.progressed.connect(self._advance)
        self._work = Stoppable(self._reporter)

    @property
    def is_under_way(self) -> bool:
        """Whether an answer will come: it runs, and was not dropped."""
        return self._running and not self._work.dropped()

    @property
    def may_still_run(self) -> bool:
        """Whether a thread may be at it, also one that was dropped."""
        return self._running

    def begin(
        self,
        what: str,
        work: Callable[[Vault, Steps], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Run `work`, then `done` with its result or `failed` with its error; after a lock neither.

        Args:
            what: that goes on, in words.
            work: is given the steps that it counts.
            done: takes the result.
            failed: takes the error; `Cancelled` after a stop.
        """
        self._work = begun = Stoppable(self._reporter)

        def over(error: Exception) -> None:
            self._running = False
            failed(error)

        def ended(result: T) -> None:
            self._running = False
            done(result)

        self._what, self._running = what, True
        self._busy.begin(what)
        self._desk.ask(self, lambda vault: work(vault, begun.steps), ended, over, begun.dropped)

    def drop(self) -> None:
        """Have it end at its next step; nobody is told of that."""
        self._work.dropped.ask()

    def stop(self, said: str) -> None:
        """Have it stop at its next step, and say that meanwhile."""
        self._work.stop.ask()
        self._busy.say(said)

    def _advance(self, count: int, total: int) -> None:
        if self.is_under_way and not self._work.stop():
            self._busy.tell(self._what, count, total)
