"""Pages in one place, of which one is shown; it alone says how much room that place wants."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedLayout, QWidget


class _OfOne(QStackedLayout):
    """Qt's own wants the room of the largest page, shown or not."""

    def sizeHint(self) -> QSize:
        item = self.itemAt(self.currentIndex())
        return item.sizeHint() if item is not None else QSize()

    def minimumSize(self) -> QSize:
        item = self.itemAt(self.currentIndex())
        return item.minimumSize() if item is not None else QSize()

    def hasHeightForWidth(self) -> bool:
        item = self.itemAt(self.currentIndex())
        return item is not None and item.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """The least; lists of a page get as low as they can before the area around it scrolls."""
        page = self.currentWidget()
        inner = page.layout() if page is not None else None
        if page is None or inner is None:
            return -1
        return max(inner.totalMinimumHeightForWidth(width), page.minimumHeight())


class Stack(QWidget):
    """As `QStackedWidget`, which asks for the room of pages that nobody sees."""

    def __init__(self, *pages: QWidget) -> None:
        """Show the first of `pages`."""
        super().__init__()
        self._layout = _OfOne(self)
        self._layout.currentChanged.connect(self._turned)
        for page in pages:
            self.addWidget(page)

    def addWidget(self, page: QWidget) -> None:
        """Add a page behind the others."""
        self._layout.addWidget(page)

    def currentIndex(self) -> int:
        """The number of the page that is shown; -1 for none."""
        return self._layout.currentIndex()

    def currentWidget(self) -> QWidget | None:
        """The page that is shown."""
        return self._layout.currentWidget()

    def setCurrentIndex(self, at: int) -> None:
        """Show the page of this number."""
        self._layout.setCurrentIndex(at)

    def setCurrentWidget(self, page: QWidget) -> None:
        """Show this page."""
        self._layout.setCurrentWidget(page)

    def _turned(self) -> None:
        self._layout.invalidate()
        self.updateGeometry()
