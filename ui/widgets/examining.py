"""A round of examining values: how far it is, how long it will take, and a button that stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app import assessment
from app.language import grouped, tr
from ui.bridge import Cancel, Reporter
from ui.widgets import parts
from ui.widgets.busy import Busy

if TYPE_CHECKING:
    from ui.desk import Desk


class Examining(QWidget):
    """Hidden while nothing is examined."""

    done = Signal(object)  # vault.assessments.Round
    failed = Signal(Exception)
    stopped = Signal()  # by hand

    def __init__(self, desk: Desk) -> None:
        """At rest."""
        super().__init__()
        self._desk = desk
        self._cancel: Cancel | None = None
        self._reporter = Reporter(self)
        self._reporter.progressed.connect(self._advance)
        self.busy = Busy()
        self.stop = parts.button(tr("&Stop"), "close", clicked=self._stop)
        layout = parts.row(self.busy, self.stop)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.hide()

    @property
    def is_under_way(self) -> bool:
        """Whether values are being examined."""
        return self._cancel is not None

    def begin(self) -> None:
        """Examine every current value that was not examined yet."""
        cancel, reporter = Cancel(), self._reporter
        self._cancel = cancel
        self.busy.begin(tr("Examining values…"))
        self.show()
        self._desk.ask(
            self,
            lambda vault: assessment.examine(vault, reporter, cancel),
            lambda found: self._end(self.done, found),
            lambda error: self._end(self.failed, error),
            cancel,
        )

    def clear(self) -> None:
        """Stop, and tell nobody; on lock."""
        if self._cancel is not None:
            self._cancel.ask()
        self._rest()

    def _stop(self) -> None:
        self.clear()
        self.stopped.emit()

    def _end(self, signal: object, what: object) -> None:
        self._rest()
        signal.emit(what)  # type: ignore[attr-defined]

    def _rest(self) -> None:
        self._cancel = None
        self.busy.end()
        self.hide()

    def _advance(self, done: int, total: int) -> None:
        if self._cancel is not None:
            self.busy.advance(done, total)
            self.busy.say(
                tr(
                    "Examining values: {done} of {total}, {left}.",
                    done=grouped(done),
                    total=grouped(total),
                    left=self.busy.estimate(done, total),
                )
            )
