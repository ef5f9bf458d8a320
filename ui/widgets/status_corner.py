"""The right end of the status bar: what goes on, what is on the clipboard and for how long, locked or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from app import display
from ui.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from ui.clipboard import SecretClipboard

BUSY_MILLISECONDS = 300  # work shorter than this shows no bar


class StatusCorner(QWidget):
    """Tells; the only thing it does is to clear the clipboard now."""

    def __init__(self, clipboard: SecretClipboard) -> None:
        """Nothing goes on, and nothing is copied."""
        super().__init__()
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedWidth(14 * GRID)
        self._busy.setAccessibleName("Working")
        self._busy.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BUSY_MILLISECONDS)
        self._timer.timeout.connect(self._busy.show)
        self.countdown = parts.label(tone="warning")
        self.countdown.setAccessibleDescription("Clipboard")
        self._clear = parts.button("Clear now", tone="flat", clicked=clipboard.clear)
        self._clear.setAccessibleName("Clear the clipboard now")
        self._clear.hide()
        self._state = parts.label(tone="muted")
        self._state.setAccessibleDescription("State of the vault")
        self.setLayout(parts.row(None, self._busy, self.countdown, self._clear, self._state))
        clipboard.counted.connect(self._count_down)

    def show_busy(self, busy: bool) -> None:
        """Show, after a while, that work goes on."""
        if busy:
            self._timer.start()
        else:
            self._timer.stop()
            self._busy.hide()

    def show_state(self, unlocked: bool) -> None:
        """Show whether the vault is open."""
        self._state.setText("Unlocked" if unlocked else "Locked")

    def _count_down(self, left: int, what: str) -> None:
        self.countdown.setText(
            f"{what} is on the clipboard for {display.count(left, 'second')}" if left else ""
        )
        self._clear.setVisible(left > 0)
