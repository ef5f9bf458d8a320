"""Where a value is typed: several lines, a fixed font, and a button that generates one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app import display
from ui import theme
from ui.theme import GRID
from ui.widgets import parts
from ui.widgets.wiped_text import wipe_text
from vault.secret import Secret

LINES = 6


class ValueEditor(QWidget):
    """Holds the value only while it is open; `forget` empties it."""

    generate_wanted = Signal()
    changed = Signal()

    def __init__(self, name: str = "Value") -> None:
        """Empty."""
        super().__init__()
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(name)
        self.text.setFont(theme.monospace(11))
        self.text.setTabChangesFocus(True)
        hints = Qt.InputMethodHint
        self.text.setInputMethodHints(hints.ImhSensitiveData | hints.ImhNoPredictiveText)
        self.text.setMinimumHeight(self.text.fontMetrics().lineSpacing() * LINES + 2 * GRID)
        self.text.textChanged.connect(self._count)
        self._size = parts.label(tone="muted")
        self._size.setAccessibleDescription("Size of the value")
        generate = parts.button("&Generate…", "generate", clicked=self.generate_wanted.emit)
        layout = parts.column(self.text, parts.boxed(parts.row(self._size, None, generate)), space=GRID // 2)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.text)
        self._count()

    @property
    def empty(self) -> bool:
        """Whether nothing is typed."""
        return self.text.document().isEmpty()

    def value(self) -> Secret:
        """What is typed, as UTF-8."""
        return Secret.of_text(self.text.toPlainText())

    def put(self, value: Secret) -> None:
        """Replace what is typed; `value` stays the caller's.

        Raises:
            UnicodeDecodeError: it is binary.
        """
        self.text.setPlainText(value.reveal_text())

    def take(self, value: Secret) -> None:
        """As `put`, for a value that is wiped afterwards."""
        with value:
            self.put(value)

    def forget(self) -> None:
        """Empty it, the steps that could be undone as well."""
        wipe_text(self.text, undo=True)
        self._count()

    def _count(self) -> None:
        self._size.setText(f"{display.size(len(self.text.toPlainText().encode()))} of UTF-8")
        self.changed.emit()
