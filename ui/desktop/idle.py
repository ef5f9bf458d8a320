"""Notices that somebody is there, and that the GUI thread has something to do. What follows is others'."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QInputEvent

from ui.turn import TURN

if TYPE_CHECKING:
    from collections.abc import Callable

QUIET_SECONDS = 1.0  # at most one signal in this time: a moving mouse brings hundreds of events

INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class InputFilter(QObject):
    """An event filter for the whole application that swallows nothing."""

    touched = Signal()

    def __init__(self, parent: QObject, clock: Callable[[], float] = monotonic) -> None:
        """Install it with `QApplication.installEventFilter`; each event is a turn of the GUI thread then."""
        super().__init__(parent)
        self._clock = clock
        self._last = float("-inf")
        self._round = QTimer(self)
        self._round.setSingleShot(True)
        self._round.timeout.connect(TURN.leave)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See every event of the application; tell of input, pass everything on."""
        if not self._round.isActive() and watched is not self._round:
            self._round.start(0)  # it comes when all that is to be done by now is done
            TURN.take()
        if isinstance(event, QInputEvent) and event.type() in INPUT:  # few are: the first question is cheap
            now = self._clock()
            if now - self._last >= QUIET_SECONDS:
                self._last = now
                self.touched.emit()
        return False
