"""Cells of a table that look like buttons. The view is told of a click; keys are the page's."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.look import theme
from ui.look.theme import GRID

RADIUS = 5
INSET = 3


class ButtonCells(QStyledItemDelegate):
    """Draws the text of a cell on a button."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The cell without its text, and the button on it."""
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        text, cell.text = cell.text, ""
        style = cell.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, cell, painter, cell.widget)
        colours = theme.current()
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        place = QRectF(option.rect).adjusted(INSET, INSET + 0.5, -GRID, -INSET - 1.5)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent if hovered else colours.control), 1))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(place, RADIUS, RADIUS)
        painter.setPen(QColor(colours.text))
        shown = cell.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()) - GRID)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, shown)
        painter.restore()
