"""The versions of an entry as a drawn line, newest on top; labels are chips that can be dragged to another.

Dragging is done here and not by the system: nothing leaves the window, and a lock ends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView

from app.language import tr
from ui.look.theme import GRID
from ui.models.history import TIMELINE
from ui.models.tables import RecordTable
from ui.widgets.timeline_drawing import GUTTER, Drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QRect
    from PySide6.QtGui import (
        QFocusEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )

    from app.history import Node
    from ui.widgets.timeline_drawing import Chip

EDGE = 3 * GRID  # dragging that near to an edge scrolls
SCROLL_MILLISECONDS = 60


class Timeline(QListView):
    """Tells what is wanted with a version; a move of a label is said before it is let go."""

    menu_wanted = Signal(QPoint)  # where on the screen
    move_wanted = Signal(str, int)  # a label, number of the version it was dropped on

    def __init__(self, movable: Callable[[str], bool], foretell: Callable[[str, int], str]) -> None:
        """Without versions.

        Args:
            movable: whether a label can be moved by hand.
            foretell: says what moving a label to the version of a number does, or why it cannot be.
        """
        super().__init__()
        self._movable, self._foretell = movable, foretell
        self._pressed: Chip | None = None
        self._at = QPoint()  # of the press; while dragging, of the pointer
        self._over: int | None = None  # number of the version below the pointer; only while dragging
        self._hint = ""
        self.nodes: RecordTable[Node] = RecordTable(TIMELINE, self)
        self.nodes.modelReset.connect(self._let_go)
        self.setModel(self.nodes)
        self._drawn = Drawn(self)
        self.setItemDelegate(self._drawn)
        self.setAccessibleName(tr("Versions"))
        self.setAccessibleDescription(
            tr("Newest first. The context menu moves labels, compares and restores.")
        )
        self.setProperty("framed", True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self._scroll = QTimer(self)
        self._scroll.setInterval(SCROLL_MILLISECONDS)
        self._scroll.timeout.connect(self._scroll_on)

    @property
    def hint(self) -> str:
        """What letting go of the dragged label would do; "" while none is dragged."""
        return self._hint

    def chip_at(self, at: QPoint) -> Chip | None:
        """The label that is drawn at a point of the viewport."""
        index = self.indexAt(at)
        node = self.nodes.record(index)
        if node is None or not index.isValid():
            return None
        return next(
            (chip for chip in self.chips(node, self.visualRect(index)) if chip.rect.contains(at)), None
        )

    def chips(self, node: Node, rect: QRect) -> list[Chip]:
        """The labels of a node that is drawn in `rect`."""
        return self._drawn.chips(node, rect)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a version, or take hold of a label."""
        self._let_go()
        at = event.position().toPoint()
        chip = self.chip_at(at) if event.button() == Qt.MouseButton.LeftButton else None
        super().mousePressEvent(event)
        if chip is not None and self._movable(chip.label):
            self._pressed, self._at = chip, at

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the label that is held, or show what can be."""
        at = event.position().toPoint()
        if self._pressed is None:
            chip = self.chip_at(at)
            held = chip is not None and self._movable(chip.label)
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if held else Qt.CursorShape.ArrowCursor)
            super().mouseMoveEvent(event)
        elif self._scroll.isActive() or (at - self._at).manhattanLength() >= QApplication.startDragDistance():
            self._scroll.start()
            self._drag_to(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of the label."""
        chip, over, dragging = self._pressed, self._over, self._scroll.isActive()
        self._let_go()
        if not dragging:
            super().mouseReleaseEvent(event)
        elif chip is not None and over is not None and over != chip.source:
            self.move_wanted.emit(chip.label, over)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape ends the dragging."""
        if event.key() == Qt.Key.Key_Escape and self._pressed is not None:
            self._let_go()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Dragging ends with the focus."""
        self._let_go()
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the version that was pointed at, or of the current one by keyboard."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self.menu_wanted.emit(event.globalPos())
        else:
            self.menu_wanted.emit(self.menu_place())

    def menu_place(self) -> QPoint:
        """Where the menu of the current version opens, on the screen."""
        rect = self.visualRect(self.currentIndex())
        return self.viewport().mapToGlobal(QPoint(rect.left() + GUTTER, rect.top() + 4 * GRID))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Labels take more lines where there is less room."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        """Another font, other heights."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self.scheduleDelayedItemsLayout()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Above all that is dragged: what letting go of it does."""
        super().paintEvent(event)
        if self._hint:
            painter = QPainter(self.viewport())
            self._drawn.draw_hint(painter, self._hint, self._at)
            painter.end()

    def is_target(self, node: Node) -> bool:
        """Whether a label is dragged over this version."""
        return self._over == node.version.number

    def _drag_to(self, at: QPoint) -> None:
        chip, node = self._pressed, self.nodes.record(self.indexAt(at))
        self._at, self._over = at, node.version.number if node is not None else None
        if chip is not None:
            to = chip.source if self._over is None else self._over
            self._hint = self._foretell(chip.label, to)
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self.viewport().update()

    def _scroll_on(self) -> None:
        bar, at = self.verticalScrollBar(), self._at.y()
        step = -EDGE if at < EDGE else EDGE if at > self.viewport().height() - EDGE else 0
        if step:
            bar.setValue(bar.value() + step)
            self._drag_to(self._at)

    def _let_go(self) -> None:
        self._pressed, self._over, self._hint = None, None, ""
        self._scroll.stop()
        self.viewport().unsetCursor()
        self.viewport().update()
