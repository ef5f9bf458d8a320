"""A ring that empties: how long something still lasts, drawn and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from app.language import plural
from ui.look import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

SIZE, WIDTH = 28, 3  # pixels
FULL = 360 * 16  # Qt counts sixteenths of a degree
FEW = 5  # seconds in which it is painted as a warning


class CountdownRing(QWidget):
    """Shows seconds inside the ring; a screen reader is told them in a sentence."""

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._left, self._of = 0, 1
        self.setFixedSize(QSize(SIZE, SIZE))

    def show_left(self, left: int, of: int) -> None:
        """Draw `left` of `of` seconds."""
        self._left, self._of = left, max(1, of)
        said = plural("{n} second left", "{n} seconds left", left)
        self.setAccessibleName(said)
        self.setToolTip(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the track, what is left of it, and the number."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inner = QRectF(self.rect()).adjusted(WIDTH, WIDTH, -WIDTH, -WIDTH)
        painter.setPen(QPen(QColor(colours.line), WIDTH))
        painter.drawEllipse(inner)
        ink = QColor(colours.warning if self._left <= FEW else colours.accent)
        painter.setPen(QPen(ink, WIDTH, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(inner, FULL // 4, FULL * self._left // self._of)
        painter.setPen(QColor(colours.text))
        font = painter.font()
        font.setPointSize(7)
        painter.setFont(font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._left))
        painter.end()
