"""Work that goes on below the page while the person does other things: how far it is, and how to stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.busy import Busy
from ui.widgets.long_work import SHORT_MILLISECONDS, LongWork

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.desk import Desk
    from vault.steps import Steps
    from vault.vault import Vault

T = TypeVar("T")


class UnderWayBar(QWidget):
    """Hidden while nothing is under way, and while that is still short."""

    def __init__(self, desk: Desk, stop: str) -> None:
        """At rest; `stop` is the text of the button."""
        super().__init__()
        self.busy = Busy()
        self._long = LongWork(desk, self.busy)
        self.stop = parts.button(stop, "close", clicked=self._stop)
        layout = parts.row(self.busy, self.stop)
        layout.setStretch(0, 1)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        self.setLayout(layout)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(SHORT_MILLISECONDS)
        self._late.timeout.connect(self.show)
        self.hide()

    @property
    def is_under_way(self) -> bool:
        """Whether it works."""
        return self._long.is_under_way

    def run(
        self,
        what: str,
        work: Callable[[Vault, Steps], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """As `LongWork.begin`, unless it is under way already."""
        if self.is_under_way:
            return

        def ended(result: T) -> None:
            self.clear()
            done(result)

        def over(error: Exception) -> None:
            self.clear()
            failed(error)

        self.stop.setEnabled(True)
        self._long.begin(what, work, ended, over)
        self._late.start()

    def turn_to(
        self,
        what: str,
        work: Callable[[Vault, Steps], T],
        done: Callable[[T], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """As `run`, in place of what is under way."""
        self._long.drop()
        self.run(what, work, done, failed)

    def drop(self) -> None:
        """Nobody waits any more for what is under way."""
        self._long.drop()
        self.clear()

    def clear(self) -> None:
        """Show nothing; also on lock, which has dropped what was under way."""
        self._late.stop()
        self.busy.end()
        self.hide()

    def _stop(self) -> None:
        self.stop.setEnabled(False)
        self._long.stop(tr("Stopping…"))
