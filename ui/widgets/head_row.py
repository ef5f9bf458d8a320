"""Words or a title with what belongs to them at their right; where it is narrow, that stands below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QWidget

from ui.look import theme
from ui.look.theme import GRID
from ui.widgets.chips import FlowLayout

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayoutItem

LEAST = 20 * GRID  # pixels that the words have beside the others; with less they stand above them


class HeadLayout(FlowLayout):
    """The first item takes the width that the others leave; they flow below it where that is too little."""

    def __init__(self, space: int) -> None:
        """Empty; with `space` pixels between two items of a line."""
        super().__init__()
        self._space = space

    def minimumSize(self) -> QSize:
        """Room for the widest item; the first may wrap, the others may not."""
        size = QSize()
        for number, item in enumerate(self._items):
            if not item.isEmpty():
                size = size.expandedTo(item.sizeHint() if number else item.minimumSize())
        return size

    def _place(self, rect: QRect, *, move: bool) -> int:
        first, *others = self._items
        others = [item for item in others if not item.isEmpty()]
        left = rect.width() - sum(item.sizeHint().width() + self._space for item in others)
        if left >= max(first.minimumSize().width(), theme.scaled(LEAST)):
            return self._place_beside(rect, left, others, move=move)
        high = _height(first, rect.width())
        if move:
            first.setGeometry(QRect(rect.x(), rect.y(), rect.width(), high))
        if not others:
            return high
        x, y, line = rect.x(), rect.y() + high + GRID, 0
        for item in others:
            hint = item.sizeHint()
            if line and x + hint.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + GRID, 0
            if move:
                item.setGeometry(QRect(x, y, hint.width(), hint.height()))
            x, line = x + hint.width() + self._space, max(line, hint.height())
        return y + line - rect.y()

    def _place_beside(self, rect: QRect, left: int, others: list[QLayoutItem], *, move: bool) -> int:
        first = self._items[0]
        highest = max([_height(first, left), *(item.sizeHint().height() for item in others)])
        x = rect.x()
        for item in (first, *others) if move else ():
            wide = left if item is first else item.sizeHint().width()
            high = _height(item, wide)
            above = 0 if item.alignment() & Qt.AlignmentFlag.AlignTop else (highest - high) // 2
            item.setGeometry(QRect(x, rect.y() + above, wide, high))
            x += wide + self._space
        return highest


def head_row(first: QWidget, *others: QWidget, space: int = GRID, top: bool = False) -> QWidget:
    """A widget with `first` and, at its right or below it, `others`.

    Args:
        first: takes the width that is left.
        others: as wide as they want to be.
        space: pixels between two of them.
        top: whether they begin at one height, rather than stand on one middle.
    """
    holder, layout = QWidget(), HeadLayout(space)
    for widget in (first, *others):
        layout.addWidget(widget)
        if top:
            layout.setAlignment(widget, Qt.AlignmentFlag.AlignTop)
    holder.setLayout(layout)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    return holder


def _height(item: QLayoutItem, width: int) -> int:
    return item.heightForWidth(width) if item.hasHeightForWidth() else item.sizeHint().height()
