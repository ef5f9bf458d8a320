"""A line that names a folder of the vault; what is in the folder typed so far completes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit

from ui.look import theme
from vault.errors import VaultError
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from ui.bridge import Cancel
    from ui.desk import Desk

PAGE = 200  # folders and entries that are looked at to complete one


def offer_folder(line: QLineEdit, folder: str) -> None:
    """What `line` offers is `folder`, which ends with `/`; a whole path put behind it takes its place."""

    def edited(text: str) -> None:
        if text.startswith(f"{folder}/"):
            line.setText(text.removeprefix(folder))

    line.textEdited.connect(edited)


class FolderLine(QLineEdit):
    """Reads one level of the hierarchy at a time, on the pool."""

    def __init__(self, desk: Desk, name: str) -> None:
        """Empty; `name` is what a screen reader calls it."""
        super().__init__()
        self._desk = desk
        self._asked: Cancel | None = None
        self._level = ""  # the folder whose folders are offered
        self.setAccessibleName(name)
        self.setFont(theme.monospace(10))
        self.setPlaceholderText("/shop/dev")
        self._offered = QStringListModel(self)
        completer = QCompleter(self._offered, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchStartsWith)
        self.setCompleter(completer)
        self.textEdited.connect(self._typed)

    @property
    def folder(self) -> ParameterPath:
        """What is named.

        Raises:
            Refused: it is no name of a folder.
        """
        return ParameterPath.parse_folder(self.text())

    def forget(self) -> None:
        """Drop the names that were read."""
        self._offered.setStringList([])
        self._level = ""
        self.clear()

    def _typed(self, text: str) -> None:
        level = text[: text.rfind("/") + 1]
        if not level.startswith("/") or level == self._level:
            return
        try:
            folder = ROOT if level == "/" else ParameterPath.parse_folder(level)
        except VaultError:
            return
        self._level = level
        if self._asked is not None:
            self._asked.ask()
        self._asked = self._desk.ask(
            self,
            lambda vault: vault.entries.listing(folder, None, PAGE, whole=False).folders,
            lambda folders: self._offer(level, folders),
            lambda _: None,
        )

    def _offer(self, level: str, folders: tuple[ParameterPath, ...]) -> None:
        if level == self._level:
            self._offered.setStringList([str(folder) for folder in folders])
            if self.hasFocus() and self.text() not in folders:
                self.completer().setCompletionPrefix(self.text())
                self.completer().complete()
