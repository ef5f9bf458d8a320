"""A list of the sidebar: an icon, a title and, where there is something to count, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem

from app.language import grouped
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap

KEY = Qt.ItemDataRole.UserRole
COUNT = Qt.ItemDataRole.UserRole + 1
ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down)
LINE = 28  # pixels
MANY = 9_999  # above, the count says so


class Row(NamedTuple):
    """One line."""

    key: str  # what is told when it is chosen
    title: str
    icon: str
    number: int = 0  # how many there are; 0 is not shown


class _Rows(QStyledItemDelegate):
    """The count at the right end."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the line without its count, then the count."""
        count = index.data(COUNT)
        text = (grouped(count) if count <= MANY else f"{grouped(MANY)}+") if count else ""
        line = QStyleOptionViewItem(option)
        self.initStyleOption(line, index)
        if text:
            room = line.rect.width() - 6 * GRID - painter.fontMetrics().horizontalAdvance(text)
            line.text = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideMiddle, room)
        style = line.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, line, painter, line.widget)
        if text:
            painter.save()
            painter.setPen(QColor(theme.current().muted))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(option.rect.adjusted(0, 0, -GRID, 0), right, text)
            painter.restore()


class SideList(QListWidget):
    """As high as its lines, up to a number; then it scrolls."""

    chosen = Signal(str)  # the key of a line, by mouse, arrow keys or Enter; not by Tab alone

    def __init__(self, name: str, most: int) -> None:
        """Empty; `name` is what a screen reader says, `most` how many lines are shown at once."""
        super().__init__()
        self._most = most
        self._icons: dict[str, str] = {}
        self.setAccessibleName(name)
        self.setIconSize(parts.ICON)
        self.setItemDelegate(_Rows(self))
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemSelectionChanged.connect(self._tell)
        self.itemActivated.connect(lambda item: self.chosen.emit(item.data(KEY)))
        icons.wear(self, "folder", "muted")

    @property
    def current(self) -> str:
        """The key of the line that is marked, or ""."""
        return next((item.data(KEY) for item in self.selectedItems()), "")

    @property
    def rows(self) -> list[Row]:
        """What is listed."""
        return [
            Row(item.data(KEY), item.text(), self._icons[item.data(KEY)], item.data(COUNT))
            for item in map(self.item, range(self.count()))
        ]

    def show_rows(self, rows: Sequence[Row]) -> None:
        """List these; the marked one stays marked."""
        marked = self.current
        self.blockSignals(True)
        self.clear()
        self._icons = {row.key: row.icon for row in rows}
        for row in rows:
            item = QListWidgetItem(row.title)
            item.setData(KEY, row.key)
            item.setSizeHint(QSize(0, LINE))
            item.setToolTip(plain(row.title))
            self.addItem(item)
            self._count(item, row.number)
        self.blockSignals(False)
        self.setFixedHeight(LINE * min(self._most, len(rows)) + 2)
        self._ink()
        self.mark(marked)

    def set_count(self, key: str, count: int) -> None:
        """Show how many a line has; 0 for none."""
        for item in map(self.item, range(self.count())):
            if item.data(KEY) == key:
                self._count(item, count)

    def mark(self, key: str) -> None:
        """Mark a line without telling of it; "" for none."""
        self.blockSignals(True)
        self.clearSelection()
        self.setCurrentRow(-1)
        for row in range(self.count()):
            if key and self.item(row).data(KEY) == key:
                self.setCurrentRow(row)
        self.blockSignals(False)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """An arrow chooses the line that the keyboard is on, where none is chosen."""
        if event.key() in ARROWS and self.currentIndex().isValid() and not self.selectedItems():
            self.currentItem().setSelected(True)
        else:
            super().keyPressEvent(event)

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Ink the icons; called again when the theme changes."""
        self._ink()

    def _ink(self) -> None:
        for item in map(self.item, range(self.count())):
            item.setIcon(icons.icon(self._icons[item.data(KEY)], theme.current().muted))

    @staticmethod
    def _count(item: QListWidgetItem, count: int) -> None:
        item.setData(COUNT, count)
        told = f"{item.text()}: {grouped(count)}" if count else item.text()
        item.setData(Qt.ItemDataRole.AccessibleTextRole, told)

    def _tell(self) -> None:
        if self.current:
            self.chosen.emit(self.current)
