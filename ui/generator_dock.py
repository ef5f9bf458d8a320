"""The generator at the side of the window, beside whatever page is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QDockWidget, QWidget

from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.fitting_area import FittingArea
from ui.widgets.generator import Generator

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMainWindow

    from ui.desk import Desk

WIDTH = 40 * GRID  # at least
EDGE = 10 * GRID  # around it while it floats
ROOM = 1120  # pixels that the window needs to have it at its side; over a smaller one it floats


class GeneratorDock(QDockWidget):
    """Shown and hidden by the same action; Escape hides it. It makes values without an open vault, too."""

    def __init__(self, window: QMainWindow, desk: Desk) -> None:
        """At the right side of `window`, hidden."""
        super().__init__(tr("Generator"), window)
        self._window = window
        self._came_from: QWidget | None = None  # what had the focus before it
        self.setObjectName("generator")
        self.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        self.generator = Generator(desk)
        self._area = FittingArea(parts.boxed(parts.column(self.generator, margin=2 * GRID)))
        self.setWidget(self._area)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.hide)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.hide()

    def toggle(self) -> None:
        """Show it with a new value and the focus on it, or hide it."""
        if self.isVisible():
            self.hide()
            return
        self._came_from = QApplication.focusWidget()
        width = max(WIDTH, self._area.wanted_width)
        self.setMinimumWidth(width)
        place = self._window.geometry()
        self.setFloating(place.width() < ROOM)
        if self.isFloating():
            self.setGeometry(place.right() - width, place.top() + EDGE, width, place.height() - 2 * EDGE)
        self.show()
        if self.isFloating():
            self.activateWindow()
        self.generator.again.setFocus()

    def clear(self) -> None:
        """Forget what was made, and do not stand in front of the door."""
        self.generator.forget()
        if self.isFloating():
            self.hide()

    def setVisible(self, visible: bool) -> None:
        """Show it, or hide it and give the focus back to where it came from."""
        focus: QWidget | None = QApplication.focusWidget()
        inside = focus is not None and self.isAncestorOf(focus)
        super().setVisible(visible)
        if visible or not inside:
            return
        self._window.activateWindow()
        before = self._came_from
        if before and shiboken6.isValid(before) and before.isVisible():
            before.setFocus()
