"""One line that is typed concealed, with a button that shows it while it is held on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.language import tr
from ui.look import icons, theme
from ui.widgets import parts
from vault.secret import Secret

CONCEALED = QLineEdit.EchoMode.Password
PLAIN = QLineEdit.EchoMode.Normal


class ConcealedLine(QWidget):
    """A passphrase field."""

    def __init__(self, name: str, placeholder: str = "") -> None:
        """Empty and concealed; `name` is what a screen reader calls it."""
        super().__init__()
        self.line = QLineEdit()
        self.line.setEchoMode(CONCEALED)
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText(placeholder)
        self.line.setFont(theme.monospace(10))
        hints = Qt.InputMethodHint
        self.line.setInputMethodHints(
            hints.ImhSensitiveData | hints.ImhNoPredictiveText | hints.ImhHiddenText
        )
        self._eye = parts.tool(tr("Show: {name}", name=name), "reveal")
        self._eye.setCheckable(True)
        self._eye.toggled.connect(self._show)
        layout = parts.row(self.line, self._eye, space=4)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.line)
        self.setAccessibleName(name)

    def take(self) -> Secret:
        """What was typed; the field is emptied and concealed."""
        secret = Secret.of_text(self.line.text())
        self.clear()
        return secret

    def clear(self) -> None:
        """Empty and conceal it."""
        self.line.clear()
        self._eye.setChecked(False)

    def _show(self, shown: bool) -> None:
        self.line.setEchoMode(PLAIN if shown else CONCEALED)
        icons.wear(self._eye, "conceal" if shown else "reveal")
