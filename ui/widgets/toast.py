"""A note at the bottom of the window that something was moved or removed, with the way back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.elided_label import ElidedLabel

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QEnterEvent, QFocusEvent

SHOWN_MILLISECONDS = 8_000
MOST_STEPS = 50  # that can be taken back, one after the other
WIDEST = 72 * GRID
ABOVE = 5 * GRID  # pixels from the bottom of the window


class Toast(QWidget):
    """Lies over its window, out of the way of what was done there; the newest takes the place of the last.

    The note goes after a while; what it offered can be taken back until a lock, the last first.
    """

    changed = Signal()  # there is a way back, or there is none any more

    def __init__(self, window: QWidget) -> None:
        """Hidden until something is told."""
        super().__init__(window)
        self._window = window
        self.setObjectName("toast")
        self._backs: deque[Callable[[], object]] = deque(maxlen=MOST_STEPS)
        self._sentence = ElidedLabel("")
        self.undo_button = parts.button(tr("Undo"), "restore", "flat", clicked=self.undo)
        self.undo_button.setToolTip(tr("Take it back (Ctrl+Z)"))
        self._close = parts.tool(tr("Close this message"), "close", self._leave)
        layout = parts.row(self._sentence, self.undo_button, self._close)
        layout.setStretch(0, 1)
        layout.setContentsMargins(2 * GRID, GRID, GRID, GRID)
        frame = parts.boxed(layout, "banner")
        self.setLayout(parts.column(frame))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MILLISECONDS)
        self._timer.timeout.connect(self._leave)
        for inner in (self.undo_button, self._close):
            inner.installEventFilter(self)
        window.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What is told now; "" while hidden."""
        return "" if self.isHidden() else self._sentence.accessibleName()

    @property
    def offers(self) -> bool:
        """Whether something can be taken back now."""
        return bool(self._backs)

    def tell(self, sentence: str, back: Callable[[], object]) -> None:
        """Say what was done, and offer `back`."""
        self._backs.append(back)
        self.setAccessibleName(sentence)
        self._sentence.show_text(sentence)
        self._place()
        self.show()
        self.raise_()
        self._sentence.show_text(sentence)
        said = tr("{sentence} Press Control Z to undo.", sentence=sentence)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))
        self._timer.start()
        self.changed.emit()

    def undo(self) -> None:
        """Take back what was done last."""
        self._leave()
        if self._backs:
            back = self._backs.pop()
            self.changed.emit()
            back()

    def clear(self) -> None:
        """Forget the sentence and every way back; also on lock."""
        self._leave()
        if self._backs:
            self._backs.clear()
            self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the bottom of the window, and as long as somebody is at one of the buttons."""
        kind = event.type()
        if kind == QEvent.Type.Resize and watched is self._window:
            self._place()
        elif kind == QEvent.Type.FocusIn and watched is not self._window:
            self._timer.stop()
        elif kind == QEvent.Type.FocusOut and watched is not self._window:
            self._go_on()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait while the mouse is here."""
        super().enterEvent(event)
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go on when it leaves."""
        super().leaveEvent(event)
        self._go_on()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Lead the focus to the button."""
        super().focusInEvent(event)
        self.undo_button.setFocus()

    def _leave(self) -> None:
        """The note goes, the way back stays."""
        self._timer.stop()
        self._sentence.show_text("")
        self.setAccessibleName("")
        self.hide()

    def _go_on(self) -> None:
        if not self.isHidden() and not self.underMouse() and not self.undo_button.hasFocus():
            self._timer.start()

    def _place(self) -> None:
        around = 4 * GRID + self.undo_button.sizeHint().width() + self._close.sizeHint().width()
        wanted = self.fontMetrics().horizontalAdvance(self.accessibleName()) + around + 2 * GRID
        width = min(WIDEST, self._window.width() - 4 * GRID, wanted)
        height = self.sizeHint().height()
        left, top = (self._window.width() - width) // 2, self._window.height() - height - ABOVE
        self.setGeometry(left, top, width, height)
