"""What lies over a value that is edited: it is on the screen only while somebody works at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QStackedWidget, QWidget

from app.language import tr
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.guarded_text import POINTS
from ui.widgets.secret_text import MASK

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent

SECOND = 1000  # milliseconds


class Cover(QStackedWidget):
    """Shows what it holds, or dots in its place; what is typed stays as it is under them."""

    def __init__(
        self, around: QWidget, inner: QWidget, seconds: Callable[[], int], holds: Callable[[], bool]
    ) -> None:
        """Open.

        Args:
            around: the editor; while the focus is in it, nothing is concealed.
            inner: what shows the value.
            seconds: tells how long it stays open while nothing is typed; 0: until the focus leaves.
            holds: whether there is anything to conceal.
        """
        super().__init__()
        self._around, self._inner, self._seconds, self._holds = around, inner, seconds, holds
        mask = parts.label(MASK)
        mask.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mask.setFont(theme.monospace(POINTS))
        mask.setAccessibleName(tr("Concealed"))
        self.show_button = parts.button(tr("S&how to edit"), "reveal", clicked=self.uncover)
        asks = parts.boxed(parts.row(None, self.show_button, None))
        for page in (inner, parts.boxed(parts.column(None, mask, asks, None, margin=GRID), "card")):
            self.addWidget(page)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.cover)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]

    @property
    def covered(self) -> bool:
        """Whether dots are shown."""
        return self.currentWidget() is not self._inner

    def cover(self) -> None:
        """Show dots, if there is anything to conceal; the focus stays here if it is here."""
        self._timer.stop()
        if self.covered or not self._holds():
            return
        focus: QWidget | None = self.window().focusWidget()  # of a window that is not active as well
        self.setCurrentIndex(1)
        if focus is not None and self._inner.isAncestorOf(focus):
            self.show_button.setFocus()

    def uncover(self) -> None:
        """Show the value, to be edited."""
        if self.covered:
            self.setCurrentWidget(self._inner)
            self.touch()
            (self._around.focusProxy() or self._inner).setFocus()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the dots asks as well."""
        super().mousePressEvent(event)
        self.uncover()

    def touch(self) -> None:
        """Somebody is at work: the time begins anew."""
        seconds = self._seconds()
        if seconds and not self.covered:
            self._timer.start(seconds * SECOND)

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        if not self.covered and _is_in(old, self._around) and not _is_in(new, self._around):
            self.cover()


def _is_in(widget: QWidget | None, around: QWidget) -> bool:
    """Whether a widget is in `around`, or in a list that drops down there; not in a dialog over it."""
    while widget is not None and widget is not around and not isinstance(widget, QDialog):
        widget = widget.parentWidget()
    return widget is around
