"""Two parts beside each other; where there is too little width for both, the second stands below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QSplitter

from ui.look import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QWidget

LETTERS = 0.75  # of the width of a part: pictures and margins do not grow with the letters
BESIDE, BELOW = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class TurningSplitter(QSplitter):
    """What is remembered of it is how the parts share the width."""

    def __init__(self, first: tuple[QWidget, int], second: tuple[QWidget, int]) -> None:
        """Hold two parts, each with the pixels that it needs beside the other; more with larger letters."""
        super().__init__()
        self._parts = (first, second)
        self._beside = QByteArray()  # how the width was shared before it turned
        for part, least in self._parts:
            self.addWidget(part)
            part.setMinimumWidth(_needed(least))
        self.setChildrenCollapsible(False)

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider part needs: the other one gives way below it."""
        return QSize(max(least for _, least in self._parts), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn where the width asks for it."""
        super().resizeEvent(event)
        self._turn()

    def saveState(self) -> QByteArray:
        """How the width is shared, or was before it turned."""
        return super().saveState() if self.orientation() == BESIDE else self._beside

    def restoreState(self, state: QByteArray | bytes | bytearray | memoryview[int]) -> bool:
        """Share the width as before; at once, or when there is room again."""
        if self.orientation() == BESIDE:
            return super().restoreState(state)
        self._beside = QByteArray(state)
        return True

    def _turn(self) -> None:
        needed = [_needed(least) for _, least in self._parts]
        way = BELOW if self.width() < sum(needed) + self.handleWidth() else BESIDE
        if way == self.orientation():
            return
        if way == BELOW:
            self._beside = super().saveState()
        for (part, _), least in zip(self._parts, needed, strict=True):
            part.setMinimumWidth(0 if way == BELOW else least)
        self.setOrientation(way)
        if way == BELOW:
            self.setSizes([1, 1])
        else:
            super().restoreState(self._beside)


def _needed(least: int) -> int:
    """The pixels that a part needs beside letters of this size."""
    return max(least, theme.scaled(round(LETTERS * least)))
