"""The text of one concealed value: dots, or the value while it is revealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QTextOption

from app.fields import HEX_LINE, hex_dump
from app.language import tr
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets.guarded_text import POINTS, GuardedText
from vault.secret import Secret

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

MASK = "•" * 12  # always as many: the length of a value says something of it
SMALL = 9  # points, of octets
MOST_LINES = 12


class SecretText(GuardedText):
    """As high as its text, up to `MOST_LINES`; then it scrolls."""

    def __init__(self, name: str, most: int = MOST_LINES) -> None:
        """Concealed; `name` is what a screen reader calls it."""
        super().__init__(name, read_only=True)
        self._most = most
        self.revealed = False
        self._mask()

    def reveal(self, value: Secret, page: int = 0) -> None:
        """Show `value`, which stays the caller's; what is not text is shown as octets, a page at a time."""
        try:
            text = value.reveal_text()
        except UnicodeDecodeError:
            self.reveal_octets(value, page)
            return
        self._show(text, POINTS)

    def reveal_octets(self, value: Secret, page: int = 0) -> None:
        """Show a page of offset, hexadecimal and ASCII."""
        self.setFont(theme.monospace(SMALL))
        line = self.fontMetrics().horizontalAdvance(hex_dump(Secret(b"0"))) + 4 * GRID
        self._show(
            hex_dump(value, page, HEX_LINE if line < self.viewport().width() else HEX_LINE // 2), SMALL
        )
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)

    def conceal(self) -> None:
        """Show dots, and forget the value."""
        if self.revealed:
            self._mask()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrapped lines are others now; the height follows when the layout that is at work here is done."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._fit)

    def _mask(self) -> None:
        self.wipe()
        self.revealed = False
        self.setFont(theme.monospace(POINTS))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.setPlainText(MASK)
        self.setAccessibleDescription(tr("Concealed"))
        self._fit()

    def _show(self, text: str, points: int) -> None:
        self.wipe()
        self.revealed = True
        self.setFont(theme.monospace(points))
        by_mouse = Qt.TextInteractionFlag.TextSelectableByMouse
        self.setTextInteractionFlags(by_mouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.setPlainText(text)
        self.setAccessibleDescription("")
        self._fit()

    def _fit(self) -> None:
        lines = min(self._most, self.lines) if self.revealed else 1
        height = self.fontMetrics().lineSpacing() * max(1, lines) + 3 * GRID
        if height != self.height():
            self.setFixedHeight(height)
