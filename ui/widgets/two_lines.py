"""Rows of two lines: a name, and under it, fainter, where it is."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.look import theme
from ui.look.theme import GRID

BELOW = Qt.ItemDataRole.UserRole + 1  # what stands in the second line
ELIDE = Qt.TextElideMode.ElideMiddle


class TwoLines(QStyledItemDelegate):
    """As high as the letters need, whatever the style sheet knows by then."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Both lines, with room around them."""
        return QSize(0, 2 * option.fontMetrics.lineSpacing() + 2 * GRID)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row without its text, and both lines on it."""
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        name, row.text = row.text, ""
        row.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, row, painter, row.widget)
        letters, colours = row.fontMetrics, theme.current()
        place = row.rect.adjusted(GRID, GRID, -GRID, -GRID)
        upper = place.adjusted(0, 0, 0, -place.height() // 2)
        lower = place.adjusted(0, place.height() // 2, 0, 0)
        painter.save()
        for line, text, ink in ((upper, name, colours.text), (lower, str(index.data(BELOW)), colours.muted)):
            painter.setPen(QColor(ink))
            painter.drawText(
                line, Qt.AlignmentFlag.AlignVCenter, letters.elidedText(text, ELIDE, line.width())
            )
        painter.restore()
