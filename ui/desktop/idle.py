"""Notices that somebody is there. It only tells; what follows from it is the session's."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal

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
        """Install it with `QApplication.installEventFilter`."""
        super().__init__(parent)
        self._clock = clock
        self._last = float("-inf")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See every event of the application; tell of input, pass everything on."""
        if event.type() in INPUT:
            now = self._clock()
            if now - self._last >= QUIET_SECONDS:
                self._last = now
                self.touched.emit()
        return False
