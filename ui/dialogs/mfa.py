"""Asks for the code that an MFA device shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from app.language import tr
from ui.dialogs.box import Box
from ui.look import theme
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

CODE = re.compile(r"[0-9]{6}", re.ASCII)


class MfaBox(Box):
    """One code of six digits."""

    given = Signal(str)

    def __init__(self, parent: QWidget, serial: str) -> None:
        """Ask for the code of the device `serial`."""
        super().__init__(parent, tr("Code of the MFA device"), 440)
        self.code = QLineEdit()
        self.code.setFont(theme.monospace(14))
        self.code.setMaxLength(9)  # three and three, with blanks as some devices show them
        self.code.setPlaceholderText("123456")
        self.code.textChanged.connect(self._check)
        hint = tr(
            "AWS asks for the code that {serial} shows now. It is sent to AWS and kept nowhere.",
            serial=serial,
        )
        self.add(parts.label(hint, "muted", wrap=True), parts.form((tr("&Code:"), self.code)))
        self.agree = parts.button(tr("&Sign in"), "check", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self._check()
        self.code.setFocus()

    def forget(self) -> None:
        """Empty the field."""
        self.code.clear()

    def _digits(self) -> str:
        return "".join(self.code.text().split())

    def _check(self) -> None:
        self.agree.setEnabled(bool(CODE.fullmatch(self._digits())))

    def _agree(self) -> None:
        self.given.emit(self._digits())
        self.accept()
