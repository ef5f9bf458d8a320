"""The frame of every dialog: a title, a place for bad news, a place for progress, and a row of buttons.

A dialog never runs an event loop of its own (`open`, never `exec`), so that a lock can close it at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog, QLayout

from app import wording
from app.language import marked, tr
from ui.desktop import geometry
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.banner import Banner
from ui.widgets.busy import Busy
from ui.widgets.fitting_area import FittingArea
from ui.widgets.lock_key import hear_lock

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton, QWidget


class Over(QDialog):
    """Stands over a window, which has the keyboard again when it goes; not every X server sees to that.

    It is modal, and yet the window's key to lock is heard.
    """

    def __init__(self, parent: QWidget, flags: Qt.WindowType = Qt.WindowType.Dialog) -> None:
        """Over the window of `parent`, which may be a box itself."""
        super().__init__(parent, flags)
        hear_lock(self, parent)

    def done(self, result: int) -> None:
        """Go. Where another window is in use by then, that one stays so."""
        active, window = self.isActiveWindow(), self.parentWidget()
        super().done(result)
        below = QApplication.activeModalWidget() or window
        if active and below is not None:
            below.activateWindow()


class Box(Over):
    """A modal box over its window. Subclasses override `forget` to empty what holds values."""

    def __init__(self, parent: QWidget, title: str, width: int = 560) -> None:
        """Lay out the frame.

        Args:
            parent: the window it stands over.
            title: of the box.
            width: in pixels; the height follows from what is in it.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(min(theme.scaled(width), geometry.room(parent).width()))
        self.banner = Banner()
        self.busy = Busy()
        self._heading = parts.label(title, "heading", wrap=True)
        self.body = parts.column(space=2 * GRID)
        self._area = FittingArea(parts.boxed(self.body))
        self.buttons = parts.row()
        layout = parts.column(self._heading, self.banner, margin=3 * GRID, space=2 * GRID)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.busy)
        layout.addLayout(self.buttons)
        self.setLayout(layout)
        self._worked_from: QWidget | None = None  # what had the focus when work began
        self.finished.connect(self.forget)

    def add(self, *items: QWidget | QLayout) -> None:
        """Put parts into the body, under each other."""
        for item in items:
            if isinstance(item, QLayout):
                self.body.addLayout(item)
            else:
                self.body.addWidget(item)

    def close_with(self, *buttons: QPushButton | None, cancel: str = marked("Cancel")) -> None:
        """Make the button row: a closing button to the left of `buttons`; None is a stretch."""
        self.cancel_button = parts.button(tr(cancel), clicked=self.leave)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.cancel_button)
        for button in buttons:
            if button is None:
                self.buttons.addStretch(1)
            else:
                self.buttons.addWidget(button)

    def leave(self) -> None:
        """Somebody turns away from it."""
        self.reject()

    def setVisible(self, visible: bool) -> None:
        """Appear as large as it needs to be."""
        if visible and not self.isVisible():
            self.ensurePolished()
            self._fit()
        super().setVisible(visible)

    def event(self, event: QEvent) -> bool:
        """Grow when more is shown than there is room for: wrapped lines do not push by themselves."""
        if event.type() != QEvent.Type.LayoutRequest:
            return super().event(event)  # after which, at the end, there is nothing left of the box
        done = super().event(event)
        if self.isVisible():
            self._fit()
        return done

    def _fit(self) -> None:
        """Grow to what is in it, as far as the screen goes; the rest scrolls, and the buttons stay."""
        layout = self.layout()
        if layout is None:
            return
        room = geometry.room(self)
        around = layout.contentsMargins()
        needed = self._area.wanted_width + around.left() + around.right()
        before = self.size() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self.minimumSize()
        wide = min(max(before.width(), needed, layout.totalMinimumSize().width()), room.width())
        high = min(max(before.height(), layout.totalHeightForWidth(wide)), room.height())
        if (wide, high) != (self.width(), self.height()):
            self.resize(wide, high)

    def work(self, what: str) -> None:
        """Show that `what` is going on; the fields wait."""
        self.banner.hide()
        self.busy.begin(what)
        focus: QWidget | None = self.focusWidget()
        if focus is not None:
            self._worked_from = focus
        self._enable(enabled=False)

    def rest(self) -> None:
        """The work is over, the fields can be used again, from where the work was begun."""
        self.busy.end()
        self._enable(enabled=True)
        before, self._worked_from = self._worked_from, None
        now: QWidget | None = self.focusWidget()
        if before is not None and now is None and shiboken6.isValid(before):
            before.setFocus()

    def fail(self, error: Exception) -> None:
        """Tell why it did not work, and let try again."""
        self.rest()
        self.banner.tell(*wording.in_window(error), "danger")

    def forget(self) -> None:
        """Empty what holds values; when it closes, and on lock."""

    def _enable(self, *, enabled: bool) -> None:
        for layout in (self.body, self.buttons):
            _enable_in(layout, enabled=enabled)
        if hasattr(self, "cancel_button"):
            self.cancel_button.setEnabled(True)


def _enable_in(layout: QLayout, *, enabled: bool) -> None:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item is None:
            continue
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.setEnabled(enabled)
        elif inner is not None:
            _enable_in(inner, enabled=enabled)
