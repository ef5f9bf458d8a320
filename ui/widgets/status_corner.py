"""The right end of the status bar: what goes on, what is on the clipboard and for how long, locked or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QProgressBar, QWidget

from app.language import plural, tr
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.widgets import parts

if TYPE_CHECKING:
    from ui.desktop.clipboard import SecretClipboard

BUSY_MILLISECONDS = 300  # work shorter than this shows no bar
WIDEST = 45 * GRID  # of what was copied


class StatusCorner(QWidget):
    """Tells; the only thing it does is to clear the clipboard now."""

    def __init__(self, clipboard: SecretClipboard) -> None:
        """Nothing goes on, and nothing is copied."""
        super().__init__()
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedWidth(14 * GRID)
        self._busy.setAccessibleName(tr("Working"))
        self._busy.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(BUSY_MILLISECONDS)
        self._timer.timeout.connect(self._busy.show)
        self.countdown = parts.label(tone="warning")
        self.countdown.setAccessibleDescription(tr("Clipboard"))
        self.left = QProgressBar()
        self.left.setTextVisible(False)
        self.left.setFixedWidth(8 * GRID)
        self.left.setProperty("tone", "warning")
        self.left.setAccessibleName(tr("Time until the clipboard is cleared"))
        self.left.hide()
        self.clear_button = parts.button(tr("Clear now"), tone="flat", clicked=clipboard.clear)
        self.clear_button.setAccessibleName(tr("Clear the clipboard now"))
        self.clear_button.hide()
        self._state = parts.label(tone="muted")
        self._state.setAccessibleDescription(tr("State of the vault"))
        self.setLayout(parts.row(None, self._busy, self.countdown, self.left, self.clear_button, self._state))
        clipboard.counted.connect(self._count_down)

    def show_busy(self, busy: bool) -> None:
        """Show, after a while, that work goes on."""
        if busy:
            self._timer.start()
        else:
            self._timer.stop()
            self._busy.hide()

    def show_state(self, *, unlocked: bool, locked: bool) -> None:
        """Show whether the vault is open, or waits to be; there may be none."""
        locked_or_none = tr("Locked") if locked else tr("No vault is open")
        self._state.setText(tr("Unlocked") if unlocked else locked_or_none)

    def _count_down(self, left: int, of: int, what: str) -> None:
        metrics = self.countdown.fontMetrics()
        self.countdown.setText(_said(metrics.elidedText(what, Qt.TextElideMode.ElideMiddle, WIDEST), left))
        self.countdown.setAccessibleName(_said(what, left))
        self.countdown.setToolTip(plain(_said(what, left)))
        self.left.setRange(0, max(1, of))
        self.left.setValue(left)
        self.left.setVisible(left > 0)
        self.clear_button.setVisible(bool(what))


def _said(what: str, left: int) -> str:
    """What is on the clipboard, and for how many seconds; 0: without a limit."""
    if not what:
        return ""
    if not left:
        return tr("{what} is on the clipboard", what=what)
    return plural(
        "{what} is on the clipboard for {n} second",
        "{what} is on the clipboard for {n} seconds",
        left,
        what=what,
    )
