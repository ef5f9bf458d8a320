"""The remotes in the sidebar: the name, how many entries wait, and when it was seen or since when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.language import grouped, plural, tr
from ui.look import theme
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.models import remotes
from ui.widgets import parts
from ui.widgets.fold import Fold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QPainter

    from ui.models.remotes import Standing

STANDING = Qt.ItemDataRole.UserRole
NAME = Qt.ItemDataRole.UserRole + 1
HEIGHT = 44
INSET, GAP = 12, 5  # pixels before and after the icon, as in the lists above and below
MOST = 4  # that are shown at once; the others scroll
MANY = 999  # above, the badge says so
BADGE_HEIGHT = 18


class _Rows(QStyledItemDelegate):
    """Two lines a remote, and a badge."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one remote."""
        standing: Standing = index.data(STANDING)
        colours = theme.current()
        frame = QStyleOptionViewItem(option)
        self.initStyleOption(frame, index)
        frame.text, frame.icon = "", type(frame.icon)()
        style = frame.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, frame, painter, frame.widget)
        box = option.rect.adjusted(INSET, 4, -GRID, -4)
        remotes.look(standing).paint(painter, box.x(), box.y(), 18, 18)
        right = self._badge(painter, box, standing)
        text = box.adjusted(18 + GAP, 0, right - box.right(), 0)
        half = text.height() // 2
        upper, lower = text.adjusted(0, 0, 0, -half), text.adjusted(0, half, box.right() - right, 0)
        painter.save()
        painter.setPen(QColor(colours.text))
        painter.drawText(
            upper, Qt.AlignmentFlag.AlignVCenter, self._fit(painter, standing.remote.name, upper.width())
        )
        painter.setPen(QColor(colours.warning if standing.trouble else colours.muted))
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        painter.drawText(
            lower, Qt.AlignmentFlag.AlignVCenter, self._fit(painter, standing.when, lower.width())
        )
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines."""
        return QSize(0, theme.scaled(HEIGHT))

    @staticmethod
    def _fit(painter: QPainter, text: str, width: int) -> str:
        return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)

    @staticmethod
    def _badge(painter: QPainter, box: object, standing: Standing) -> int:
        """Draw how many wait; where the room to its left ends."""
        right: int = box.right()  # type: ignore[attr-defined]
        if not standing.entries:
            return right
        text = grouped(standing.entries) if standing.entries <= MANY else f"{MANY}+"
        colours = theme.current()
        ground = colours.danger if standing.waiting.conflicts else colours.accent
        high = theme.scaled(BADGE_HEIGHT)
        width = max(high, painter.fontMetrics().horizontalAdvance(text) + GRID + 2)
        badge = box.adjusted(0, 0, 0, 0)  # type: ignore[attr-defined]
        badge.setLeft(right - width)
        badge.setHeight(high)
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setBrush(QColor(ground))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(badge, high / 2, high / 2)
        painter.setPen(QColor(colours.on_accent))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()
        return right - width - GRID // 2


class RemoteList(QWidget):
    """Not there while there are no remotes."""

    chosen = Signal(str)  # the name

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._marked = ""  # it may not be listed yet
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Remotes"))
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemSelectionChanged.connect(self._tell)  # not by Tab alone
        self.list.itemActivated.connect(lambda item: self.chosen.emit(item.data(NAME)))
        self.fold = Fold(tr("Remotes"), self.list)
        self.setLayout(parts.column(self.fold))
        self.hide()

    @property
    def current(self) -> str:
        """The name of the remote that is marked, or ""."""
        return next((item.data(NAME) for item in self.list.selectedItems()), "")

    def show_standings(self, standings: Sequence[Standing]) -> None:
        """List the remotes; the marked one stays marked."""
        self.list.blockSignals(True)
        self.list.clear()
        for standing in standings:
            item = QListWidgetItem()
            item.setData(STANDING, standing)
            item.setData(NAME, standing.remote.name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, _told(standing))
            item.setToolTip(plain(_told(standing)))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.mark(self._marked)
        self.list.setFixedHeight(theme.scaled(HEIGHT) * min(MOST, len(standings)) + 2)
        self.setVisible(bool(standings))

    def mark(self, name: str) -> None:
        """Mark the remote whose plan is shown, without telling of it; "" for none."""
        self._marked = name
        self.list.blockSignals(True)
        self.list.clearSelection()
        self.list.setCurrentRow(-1)
        for row in range(self.list.count()):
            if self.list.item(row).data(NAME) == name:
                self.list.setCurrentRow(row)
        self.list.blockSignals(False)

    def ink(self) -> None:
        """Draw anew; after the theme changed."""
        self.list.viewport().update()

    def _tell(self) -> None:
        if self.current:
            self._marked = self.current
            self.chosen.emit(self.current)


def _told(standing: Standing) -> str:
    """A remote in a sentence, for tool tips and screen readers."""
    waits = remotes.waits(standing.waiting) or tr("not known")
    count = f" ({plural('{n} entry', '{n} entries', standing.entries)})" if standing.entries else ""
    trouble = f". {standing.trouble.sentence}" if standing.trouble else ""
    return tr(
        "{name}: waiting: {waits}{count}; {when}{trouble}",
        name=standing.remote.name,
        waits=waits,
        count=count,
        when=standing.when,
        trouble=trouble,
    )
