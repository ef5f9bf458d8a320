"""An area as large as what is in it wants to be; where there is less room, it scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget

from ui.look.theme import GRID

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QLayout

LEAST = QSize(24 * GRID, 14 * GRID)  # it gets no smaller


class FittingArea(QScrollArea):
    """Takes the place of the widget in it within a layout."""

    def __init__(self, inner: QWidget) -> None:
        """Around `inner`."""
        super().__init__()
        self._inner = inner
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def sizeHint(self) -> QSize:
        """As the inner widget has it."""
        return self._inner.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Little: what does not fit is scrolled to."""
        return self._inner.minimumSizeHint().boundedTo(LEAST)

    def hasHeightForWidth(self) -> bool:
        """Lines wrap in it."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As the inner widget has it; also where its lines do not wrap."""
        layout = self._inner.layout()
        wraps = layout is not None and layout.hasHeightForWidth()
        return layout.totalHeightForWidth(width) if layout and wraps else self._inner.sizeHint().height()

    @property
    def wanted_width(self) -> int:
        """In pixels; from here on nothing is cut off at its sides, even beside a scroll bar."""
        around = self.verticalScrollBar().sizeHint().width() + 2 * self.frameWidth()
        return self._inner.minimumSizeHint().width() + around

    def _follow(self, _: QWidget | None, focused: QWidget | None) -> None:
        """Scroll to all of what has the focus, however it came there; where it is higher, to its cursor."""
        if focused is None or not self._inner.isAncestorOf(focused):
            return
        middle, half = focused.mapTo(self._inner, focused.rect().center()), focused.size() / 2
        if focused.height() < self.viewport().height():
            self.ensureVisible(middle.x(), middle.y(), half.width(), half.height() + GRID)
        else:
            self.ensureWidgetVisible(focused)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What is in it has changed: so has the room that it wants."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self._inner:
            self._leave_the_bar()
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for all of it now."""
        self._leave_the_bar()
        super().resizeEvent(event)

    def _leave_the_bar(self) -> None:
        """Have no scroll bar where all fits without one; beside one, lines wrap that make it needed."""
        most = self.maximumViewportSize()
        fits = self._inner.hasHeightForWidth() and self._inner.heightForWidth(most.width()) <= most.height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOff if fits else Qt.ScrollBarPolicy.ScrollBarAsNeeded
        if self.verticalScrollBarPolicy() != policy:
            self.setVerticalScrollBarPolicy(policy)


class Yielding(QWidget):
    """Holds parts that get as low as they can before the area around them scrolls."""

    def __init__(self, layout: QLayout) -> None:
        """Around what `layout` holds."""
        super().__init__()
        self.setLayout(layout)

    def heightForWidth(self, width: int) -> int:
        """The least, not what it would like to have: that is what an area scrolls for."""
        layout = self.layout()
        return layout.minimumHeightForWidth(width) if layout else super().heightForWidth(width)
