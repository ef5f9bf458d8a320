"""Which folders stand side by side: a named set, typed, suggested or put in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QMenu, QWidget

from app import environments, matrix
from app.errors import AppError
from app.language import plural, tr
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.folder_line import FolderLine
from vault.errors import VaultError
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from app.environments import Environments, Suggestion
    from ui.desk import Desk


class EnvironmentsBox(Box):
    """Makes a set of folders, or changes one."""

    saved = Signal(object, str)  # Environments, the name that it had before or ""
    forgotten = Signal(str)  # its name

    def __init__(self, parent: QWidget, desk: Desk, old: Environments | None = None) -> None:
        """Begin with the folders of `old`, or with none."""
        super().__init__(parent, tr("Folders side by side"), 620)
        self._desk, self._old = desk, old
        self.name = QLineEdit(old.name if old else "")
        self.name.setPlaceholderText(tr("Told by the folders"))
        self.name.setMaxLength(environments.LONGEST_NAME)
        self.folder = FolderLine(desk, tr("Folder"))
        self.folder.returnPressed.connect(self._add)
        self.folder.textChanged.connect(self._check)
        self.add_button = parts.button(tr("&Add"), "add", clicked=self._add)
        self.suggest_button = parts.button(tr("&Suggest"), "search", clicked=self._suggest)
        self.suggest_button.setToolTip(
            tr("Folders with names in common; below the folder that is typed, if there is one")
        )
        self.folders = QListWidget()
        self.folders.setAccessibleName(tr("Folders side by side, the first is the reference"))
        self.folders.setProperty("framed", True)
        self.folders.setMinimumHeight(22 * GRID)
        self.folders.addItems([str(folder) for folder in old.folders] if old else [])
        self.folders.currentRowChanged.connect(lambda _: self._check())
        up = parts.button(tr("Move &up"), "push", clicked=lambda: self._move(-1))
        down = parts.button(tr("Move d&own"), "pull", clicked=lambda: self._move(1))
        remove = parts.button(tr("&Remove"), "close", clicked=self._remove)
        self._list_buttons = (up, down, remove)
        line = parts.row(self.folder, self.add_button, self.suggest_button)
        line.setStretch(0, 1)
        hint = tr(
            "Two to twelve folders, from left to right. The first is what the others are compared with."
        )
        self.add(
            parts.label(hint, "muted", wrap=True),
            line,
            self.folders,
            parts.row(up, down, remove, None),
            parts.form((tr("Name of the se&t:"), self.name)),
        )
        self.save = parts.button(tr("&Compare"), "check", "primary", clicked=self._save)
        forget = parts.button(tr("&Forget this set"), "trash", "danger", clicked=self._forget_set)
        forget.setVisible(old is not None)
        self.buttons.addWidget(forget)
        self.close_with(self.save)
        self.save.setAutoDefault(False)  # Enter in the line adds a folder
        self.name.returnPressed.connect(self.save.click)
        self._check()
        self.folder.setFocus()

    def rest(self) -> None:
        """The work is over; only what makes sense can be used."""
        super().rest()
        self._check()

    def forget(self) -> None:
        """Empty what holds names."""
        self.folder.forget()
        self.folders.clear()
        self.name.clear()

    @property
    def chosen(self) -> list[ParameterPath]:
        """The folders, in order."""
        return [ParameterPath(self.folders.item(row).text()) for row in range(self.folders.count())]

    def _check(self) -> None:
        count, row = self.folders.count(), self.folders.currentRow()
        full = count >= matrix.MOST
        self.add_button.setEnabled(bool(self.folder.text().strip()) and not full)
        self.save.setEnabled(count >= matrix.FEWEST)
        for button, possible in zip(
            self._list_buttons, (row > 0, 0 <= row < count - 1, row >= 0), strict=True
        ):
            button.setEnabled(possible)

    def _add(self) -> None:
        if not self.folder.text().strip():
            return
        try:
            folder = self.folder.folder
        except VaultError as error:
            self.fail(error)
            return
        self.banner.hide()
        if folder in self.chosen:
            self.folder.selectAll()
            self.banner.tell(tr("{folder} is in the list already.", folder=folder), tone="warning")
        elif self.add_button.isEnabled():
            self.folders.addItem(str(folder))
            self.folders.setCurrentRow(self.folders.count() - 1)  # what the buttons below are about
            self.folder.clear()
        self._check()

    def _move(self, step: int) -> None:
        row = self.folders.currentRow()
        self.folders.insertItem(row + step, self.folders.takeItem(row))
        self.folders.setCurrentRow(row + step)
        self._check()

    def _remove(self) -> None:
        self.folders.takeItem(self.folders.currentRow())
        self._check()

    def _suggest(self) -> None:
        try:
            below = self.folder.folder if self.folder.text().strip() else ROOT
        except VaultError as error:
            self.fail(error)
            return
        self.work(tr("Looking for folders with names in common…"))
        self._desk.ask(self, lambda vault: environments.suggest(vault, below), self._offer, self.fail)

    def _offer(self, found: list[Suggestion]) -> None:
        self.rest()
        if not found:
            self.banner.tell(tr("No folders have names in common there."), tr("Type them one by one."))
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in found:
            names = " · ".join(folder.name for folder in one.folders)
            shared = plural("{n} shared name", "{n} shared names", one.shared)
            action = menu.addAction(f"{one.parent}: {names} ({shared})")
            action.triggered.connect(lambda _=False, one=one: self._take(one))
        menu.popup(self.suggest_button.mapToGlobal(self.suggest_button.rect().bottomLeft()))

    def _take(self, suggestion: Suggestion) -> None:
        self.folders.clear()
        self.folders.addItems([str(folder) for folder in suggestion.folders])
        self.folders.setCurrentRow(0)
        self.folder.clear()
        self._check()
        self.save.setFocus()

    def _save(self) -> None:
        folders = self.chosen
        try:
            made = environments.checked(
                self.name.text().strip() or environments.name_of(folders),
                folders,
                self._old.reference if self._old and self._old.folders[0] == folders[0] else None,
            )
        except AppError as error:
            self.fail(error)
            return
        before = self._old.name if self._old else ""
        self.accept()
        self.saved.emit(made, before)

    def _forget_set(self) -> None:
        if self._old is not None:
            self.accept()
            self.forgotten.emit(self._old.name)
