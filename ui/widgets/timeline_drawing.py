"""Draws a version on the timeline: its node, its facts, its remarks, and its labels as chips."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate

from app import display
from app.language import tr
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.models import history as words

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtWidgets import QStyleOptionViewItem

    from app.history import Node
    from ui.widgets.timeline import Timeline

GUTTER = 5 * GRID  # where the line runs
NODE = 6  # its radius
PAD = GRID
ICON = 14
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter


class Chip(NamedTuple):
    """A label where it is drawn."""

    label: str
    source: int  # number of the version that has it
    rect: QRect


class Drawn(QStyledItemDelegate):
    """Draws a version: its node on the line, its facts, its remarks, its labels."""

    def __init__(self, view: Timeline) -> None:
        """For `view`, whose width and font decide."""
        super().__init__(view)
        self._view = view

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As high as its lines."""
        node, width = self._view.nodes.record(index), self._view.viewport().width()
        if node is None:
            return QSize(width, 0)
        chips = self.chips(node, QRect(0, 0, width, 0))
        bottom = chips[-1].rect.bottom() + 1 if chips else self._chips_top(node)
        return QSize(width, bottom + PAD)

    def chips(self, node: Node, rect: QRect) -> list[Chip]:
        """The labels of a node that is drawn in `rect`, in as many lines as it takes."""
        metrics, made = self._metrics(), []
        x, y = rect.left() + GUTTER, rect.top() + self._chips_top(node)
        room, height = rect.right() - PAD, metrics.height() + GRID // 2
        for label in node.version.labels:
            width = metrics.horizontalAdvance(display.printable(label)) + 2 * GRID
            width = min(width, room - rect.left() - GUTTER)
            if x + width > room and x > rect.left() + GUTTER:
                x, y = rect.left() + GUTTER, y + height + GRID // 2
            made.append(Chip(label, node.version.number, QRect(x, y, width, height)))
            x += width + GRID // 2
        return made

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw it."""
        node = self._view.nodes.record(index)
        if node is None:
            return
        colours, rect = theme.current(), option.rect
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected:
            painter.fillRect(rect, QColor(colours.selection))
        if self._view.is_target(node) or state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colours.accent), 2 if self._view.is_target(node) else 1))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        self._draw_line(painter, rect, node, index.row())
        self._draw_texts(painter, rect, node)
        for chip in self.chips(node, rect):
            self._draw_chip(painter, chip, selected=selected)
        painter.restore()

    def draw_hint(self, painter: QPainter, text: str, at: QPoint) -> None:
        """Say `text` beside the pointer, inside the viewport."""
        colours, field = theme.current(), self._view.viewport().rect()
        metrics = self._metrics()
        width = min(field.width() - 2 * PAD, metrics.horizontalAdvance(text) + 3 * GRID)
        wrapped = metrics.boundingRect(
            QRect(0, 0, width - 2 * GRID, 0), Qt.TextFlag.TextWordWrap | LEFT, text
        )
        box = QRect(at.x() + GRID, at.y() + 2 * GRID, width, wrapped.height() + GRID)
        box.moveLeft(max(PAD, min(box.left(), field.right() - PAD - box.width())))
        box.moveTop(max(PAD, min(box.top(), field.bottom() - PAD - box.height())))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._view.font())
        painter.setPen(QPen(QColor(colours.accent), 1))
        painter.setBrush(QColor(colours.raised))
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(QColor(colours.text))
        painter.drawText(box.adjusted(GRID, 0, -GRID, 0), Qt.TextFlag.TextWordWrap | LEFT, text)

    def _draw_line(self, painter: QPainter, rect: QRect, node: Node, row: int) -> None:
        colours = theme.current()
        x, y = rect.left() + GUTTER // 2, rect.top() + PAD + self._line() // 2
        painter.setPen(QPen(QColor(colours.control), 2))
        if row > 0:
            painter.drawLine(x, rect.top(), x, y - NODE)
        if row < self._view.nodes.rowCount() - 1 or node.gone:
            if node.gone:
                painter.setPen(QPen(QColor(colours.control), 2, Qt.PenStyle.DotLine))
            painter.drawLine(x, y + NODE, x, rect.bottom() + 1)
        painter.setPen(QPen(QColor(colours.accent if node.current else colours.control), 2))
        painter.setBrush(QColor(colours.accent if node.current else colours.base))
        painter.drawEllipse(QPoint(x, y), NODE, NODE)

    def _draw_texts(self, painter: QPainter, rect: QRect, node: Node) -> None:
        colours, metrics, version = theme.current(), self._metrics(), node.version
        line = QRect(rect.left() + GUTTER, rect.top() + PAD, rect.width() - GUTTER - PAD, self._line())
        bold = QFont(self._view.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(colours.text))
        name = words.title(node)
        painter.drawText(line, LEFT, name)
        used = QFontMetrics(bold).horizontalAdvance(name) + GRID
        painter.setFont(self._view.font())
        if node.current:
            painter.setPen(QColor(colours.accent))
            painter.drawText(line.adjusted(used, 0, 0, 0), LEFT, tr("current"))
            used += metrics.horizontalAdvance(tr("current")) + GRID
        painter.setPen(QColor(colours.muted))
        age = metrics.elidedText(words.age(node), Qt.TextElideMode.ElideRight, line.width() - used)
        painter.drawText(line, RIGHT, age)
        line.translate(0, self._line())
        icon = icons.pixmap(words.ORIGINS[version.origin][0], colours.muted, 2 * ICON)
        painter.drawPixmap(QRect(line.left(), line.center().y() - ICON // 2, ICON, ICON), icon)
        facts = (words.maker(node), display.moment(version.created_at), display.size(version.size))
        self._draw_elided(painter, line.adjusted(ICON + GRID // 2, 0, 0, 0), " · ".join(facts))
        for remark in words.remarks(node):
            line.translate(0, self._line())
            self._draw_elided(painter, line, remark)

    def _draw_elided(self, painter: QPainter, line: QRect, text: str) -> None:
        painter.drawText(
            line, LEFT, self._metrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        )

    def _draw_chip(self, painter: QPainter, chip: Chip, *, selected: bool) -> None:
        colours = theme.current()
        painter.setPen(QPen(QColor(colours.control), 1))
        painter.setBrush(QColor(colours.base if selected else colours.selection))
        painter.drawRoundedRect(
            chip.rect.adjusted(0, 0, -1, -1), chip.rect.height() / 2, chip.rect.height() / 2
        )
        painter.setPen(QColor(colours.text))
        text = display.printable(chip.label)
        shown = self._metrics().elidedText(text, Qt.TextElideMode.ElideRight, chip.rect.width() - GRID)
        painter.drawText(chip.rect, CENTRE, shown)

    def _chips_top(self, node: Node) -> int:
        return PAD + self._line() * (2 + len(words.remarks(node))) + GRID // 2 * bool(node.version.labels)

    def _line(self) -> int:
        return self._metrics().height() + 2

    def _metrics(self) -> QFontMetrics:
        return self._view.fontMetrics()
