"""A value that is concealed until it is asked for, and concealed again soon: after a while, on blur, on lock.

It never opens a value: it tells that one is wanted and shows what it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.language import plural, tr
from ui.look import icons
from ui.widgets import parts
from ui.widgets.chips import flowing
from ui.widgets.secret_text import SecretText

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QPushButton

    from vault.secret import Secret

SECOND = 1_000


class SecretField(QWidget):
    """The value, with the buttons that reveal and copy it."""

    reveal_wanted = Signal()
    copy_wanted = Signal()
    concealed = Signal()
    copied = Signal(object)  # Secret: what was selected and copied by key or menu; the receiver wipes it

    def __init__(self, name: str, seconds: Callable[[], int]) -> None:
        """Concealed.

        Args:
            name: what a screen reader calls it.
            seconds: tells how long a revealed value stays; 0: until blur or lock.
        """
        super().__init__()
        self._seconds, self._left = seconds, 0
        self._text = SecretText(name)
        self._text.copied.connect(self.copied)
        self._reveal = parts.button(tr("&Reveal"), "reveal", clicked=self.toggle)
        self._copy = parts.button(tr("&Copy"), "copy", clicked=self.copy_wanted.emit)
        self._note = parts.label(tone="muted")
        self._note.setMinimumHeight(self._reveal.sizeHint().height())  # beside the buttons, in their middle
        self._buttons = flowing(self._reveal, self._copy, self._note)
        self._layout = parts.column(self._text, self._buttons)
        self.setLayout(self._layout)
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND)
        self._timer.timeout.connect(self._tick)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]

    @property
    def revealed(self) -> bool:
        """Whether a value is shown."""
        return self._text.revealed

    @property
    def shown_text(self) -> str:
        """What the field shows: the value while revealed, dots otherwise."""
        return self._text.toPlainText()

    def add_button(self, button: QPushButton) -> None:
        """Put another button beside those that reveal and copy."""
        for widget in (button, self._note):  # which goes to the end
            self._buttons.layout().addWidget(widget)  # type: ignore[union-attr]

    def toggle(self) -> None:
        """Conceal a revealed value; ask for a concealed one."""
        if self.revealed:
            self.conceal()
        else:
            self.reveal_wanted.emit()

    def reveal(self, value: Secret) -> None:
        """Show `value` for a while; it stays the caller's. What is not text is shown as octets."""
        self._text.reveal(value)
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._begin()

    def conceal(self) -> None:
        """Show dots again and forget the value."""
        if not self.revealed:
            return
        self._mask()
        self._end()

    def _mask(self) -> None:
        self._text.conceal()

    def _begin(self) -> None:
        """Count down to concealing what is revealed now."""
        self._say(tr("&Conceal"), "conceal")
        self._left = self._seconds()
        if self._left:
            self._timer.start()
        self._count()

    def _end(self) -> None:
        """Nothing is revealed any more."""
        self._timer.stop()
        self._note.clear()
        self._say(tr("&Reveal"), "reveal")
        self.concealed.emit()

    def _say(self, text: str, icon: str) -> None:
        self._reveal.setText(text)
        self._reveal.setAccessibleName(text.replace("&", ""))
        icons.wear(self._reveal, icon)

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.conceal()
        else:
            self._count()

    def _count(self) -> None:
        left = self._left
        whole = (
            plural("Concealed again in {n} second", "Concealed again in {n} seconds", left) if left else ""
        )
        self._note.setText(tr("for {seconds} s", seconds=left) if left else "")
        self._note.setAccessibleName(whole)
        self._note.setToolTip(whole)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self.revealed and (new is None or not self.isAncestorOf(new)):
            self.conceal()
