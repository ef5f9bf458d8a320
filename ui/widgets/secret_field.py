"""A value that is concealed until it is asked for, and concealed again soon: after a while, on blur, on lock.

It never opens a value: it tells that one is wanted and shows what it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from ui import icons, theme
from ui.theme import GRID
from ui.widgets import parts
from ui.widgets.wiped_text import wipe_text

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton

    from vault.secret import Secret

MASK = "•" * 12  # always as many: the length of a value says something of it
HEX_LINE = 16
LINES_LEAST, LINES_MOST = 1, 12
SECOND = 1_000


class SecretField(QWidget):
    """The value, with the buttons that reveal and copy it."""

    reveal_wanted = Signal()
    copy_wanted = Signal()
    concealed = Signal()

    def __init__(self, name: str, seconds: int) -> None:
        """Concealed.

        Args:
            name: what a screen reader calls it.
            seconds: until a revealed value is concealed again; 0: only on blur and lock.
        """
        super().__init__()
        self._seconds, self._left = seconds, 0
        self._shown = False
        self._text = QPlainTextEdit()
        self._text.setReadOnly(True)
        self._text.setUndoRedoEnabled(False)
        self._text.setFont(theme.monospace(11))
        self._text.setAccessibleName(name)
        self._text.setTabChangesFocus(True)
        self._reveal = parts.button("&Reveal", "reveal", clicked=self.toggle)
        self._copy = parts.button("&Copy", "copy", clicked=self.copy_wanted.emit)
        self._note = parts.label(tone="muted")
        self._buttons = parts.row(self._reveal, self._copy, None, self._note)
        self.setLayout(parts.column(self._text, parts.boxed(self._buttons)))
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND)
        self._timer.timeout.connect(self._tick)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]
        self._show_mask()

    @property
    def revealed(self) -> bool:
        """Whether a value is shown."""
        return self._shown

    @property
    def shown_text(self) -> str:
        """What the field shows: the value while revealed, dots otherwise."""
        return self._text.toPlainText()

    def add_button(self, button: QPushButton) -> None:
        """Put another button beside those that reveal and copy."""
        self._buttons.insertWidget(2, button)

    def toggle(self) -> None:
        """Conceal a revealed value; ask for a concealed one."""
        if self._shown:
            self.conceal()
        else:
            self.reveal_wanted.emit()

    def reveal(self, value: Secret) -> None:
        """Show `value` for a while; it stays the caller's. What is not text is shown as octets."""
        try:
            text = value.reveal_text()
        except UnicodeDecodeError:
            text = _octets(value)
        self._shown = True
        self._text.setPlainText(text)
        self._fit(text.count("\n") + 1)
        self._reveal.setText("&Conceal")
        self._reveal.setAccessibleName("Conceal")
        icons.wear(self._reveal, "conceal")
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._left = self._seconds
        if self._seconds:
            self._timer.start()
        self._count()

    def conceal(self) -> None:
        """Show dots again and forget the value."""
        if not self._shown:
            return
        self._shown = False
        self._timer.stop()
        self._show_mask()
        self.concealed.emit()

    def _show_mask(self) -> None:
        wipe_text(self._text)
        self._text.setPlainText(MASK)
        self._fit(1)
        self._reveal.setText("&Reveal")
        self._reveal.setAccessibleName("Reveal")
        icons.wear(self._reveal, "reveal")
        self._note.clear()

    def _fit(self, lines: int) -> None:
        shown = max(LINES_LEAST, min(LINES_MOST, lines))
        wide = 1 if lines > 1 or not self._shown else 2  # a long single line wraps
        height = self._text.fontMetrics().lineSpacing() * max(shown, wide) + 3 * GRID
        self._text.setFixedHeight(height)

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.conceal()
        else:
            self._count()

    def _count(self) -> None:
        self._note.setText(f"for {self._left} s" if self._left else "")
        self._note.setAccessibleName(f"Concealed again in {self._left} seconds" if self._left else "")
        self._note.setToolTip(self._note.accessibleName())

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._shown and (new is None or not self.isAncestorOf(new)):
            self.conceal()


def _octets(value: Secret) -> str:
    raw = value.reveal()
    lines = (raw[at : at + HEX_LINE].hex(" ") for at in range(0, len(raw), HEX_LINE))
    return "\n".join(lines)
