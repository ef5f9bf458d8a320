"""Asks for another path: to move, rename, copy or restore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLineEdit

from app.language import tr
from ui.dialogs.box import Box
from ui.look import theme
from ui.widgets import parts
from ui.widgets.folder_line import offer_folder
from vault.errors import VaultError
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class PlaceBox(Box):
    """One path, checked before it is taken."""

    chosen = Signal(object)  # ParameterPath

    def __init__(
        self, parent: QWidget, title: str, hint: str, verb: str, path: ParameterPath, *, taken: bool
    ) -> None:
        """Begin with `path`; selected is its last name, or all of it where it may be the answer.

        Args:
            parent: the window it stands over.
            title: what is asked.
            hint: what follows.
            verb: on the button.
            path: to begin with.
            taken: whether `path` itself is no answer.
        """
        super().__init__(parent, title, 520)
        self._taken = str(path) if taken else ""
        self.path = QLineEdit(str(path))
        kept = len(path) - len(path.name) if taken else 0
        offer_folder(self.path, path[:kept] or "/")
        self.path.setFont(theme.monospace(10))
        self.path.textChanged.connect(self._check)
        self.add(parts.label(hint, "muted", wrap=True), parts.form((tr("&Path:"), self.path)))
        self.agree = parts.button(verb, "check", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self._check()
        self.path.setFocus()
        QTimer.singleShot(0, self.path, lambda: self.path.setSelection(kept, len(path)))

    def _check(self) -> None:
        text = self.path.text().strip()
        self.agree.setEnabled(bool(text.strip("/")) and text != self._taken)

    def _agree(self) -> None:
        try:
            path = ParameterPath.parse_folder(self.path.text())
        except VaultError as error:
            self.fail(error)
            return
        self.accept()
        self.chosen.emit(path)
