"""A text without a secret that wraps anywhere, as high as it is: lines to copy, fingerprints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit

from ui.look import theme
from ui.look.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

POINTS = 9


class WrappedText(QPlainTextEdit):
    """To be read and copied; monospace."""

    def __init__(self, name: str, text: str, *, framed: bool = True) -> None:
        """Show `text`; `name` is what a screen reader calls it."""
        super().__init__()
        self._around = 3 * GRID if framed else 2
        self.setReadOnly(True)
        self.setFont(theme.monospace(POINTS))
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(name)
        if not framed:
            self.setProperty("plain", True)
            self.document().setDocumentMargin(0)
        self.setPlainText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrapped lines are others now."""
        super().resizeEvent(event)
        lines = int(self.document().size().height())  # of a plain text Qt counts lines, not pixels
        self.setFixedHeight(self.fontMetrics().lineSpacing() * lines + self._around)
