"""What is seen of entries and folders while they are dragged: a name or a count, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from ui.look import icons, theme
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtGui import QDrag
    from PySide6.QtWidgets import QWidget

WIDEST = 40 * GRID  # of the text
BESIDE = QPoint(-2 * GRID, -GRID)  # so that the pointer does not hide it


def show_picture(drag: QDrag, over: QWidget, icon: str, text: str) -> None:
    """Have `drag` show an icon of `ui.look.icons` and a text, in the letters of `over`; long ones are cut."""
    metrics = over.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, WIDEST)
    side = parts.ICON.width()
    size = QSizeF(metrics.horizontalAdvance(shown) + side + 3 * GRID, max(side, metrics.height()) + GRID)
    scale = over.devicePixelRatioF()
    picture = QPixmap((size * scale).toSize())
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    colours, place = theme.current(), QRectF(0.5, 0.5, size.width() - 1, size.height() - 1)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(over.font())
    painter.setPen(QPen(QColor(colours.accent), 1))
    painter.setBrush(QColor(colours.raised))
    painter.drawRoundedRect(place, GRID / 2, GRID / 2)
    at = QPoint(GRID, int(size.height() - side) // 2)
    painter.drawPixmap(at, icons.icon(icon, colours.muted).pixmap(parts.ICON, scale))
    painter.setPen(QColor(colours.text))
    painter.drawText(place.adjusted(side + 2 * GRID - 0.5, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, shown)
    painter.end()
    drag.setPixmap(picture)
    drag.setHotSpot(BESIDE)
