"""Keyboard shortcuts, made from the table of actions; and what this program is."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal, qVersion
from PySide6.QtWidgets import QLineEdit

from app.language import marked, plural, tr
from ui.actions import BY_NAME
from ui.dialogs.box import Box
from ui.keymap import native
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from ui.widgets.key_sheet import key_rows

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Shortcut(NamedTuple):
    """A key and what it does."""

    keys: str
    text: str
    tip: str


EVERYWHERE = (
    ("Return", marked("Edit"), marked("In the list: write a new version of the chosen entry")),
    ("Del", marked("Remove"), marked("In the list: move the chosen entry to the trash")),
    ("Ctrl+Return", marked("Save"), marked("In a box: what its marked button does")),
    ("Esc", marked("Close"), marked("In a box: leave it, nothing is changed")),
    ("Shift+F10", marked("Menu"), marked("What can be done with what has the focus")),
)
"""Keys that belong to lists and boxes, and to no action."""


class ShortcutsBox(Box):
    """Every key of the window."""

    change_wanted = Signal()

    def __init__(self, parent: QWidget, setting: str) -> None:
        """List them in the order of the menus.

        Args:
            parent: the window it stands over.
            setting: the setting `shortcuts`.
        """
        super().__init__(parent, tr("Keyboard shortcuts"), 720)
        columns: tuple[Column[Shortcut], ...] = (
            Column(tr("Shortcut"), lambda one: one.keys, 170),
            Column(tr("Action"), lambda one: one.text, 210),
            Column(tr("What it does"), lambda one: one.tip, 0),
        )
        self._all = [
            *(
                Shortcut(row.key, row.title, tr(BY_NAME[row.name].tip))
                for row in key_rows(setting)
                if row.key
            ),
            *(Shortcut(native(keys), tr(text), tr(tip)) for keys, text, tip in EVERYWHERE),
        ]
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search keys and what they do"))
        self.search.setAccessibleName(tr("Search keys and what they do"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.model: RecordTable[Shortcut] = RecordTable(columns, self)
        table = parts.table(self.model, tr("Keyboard shortcuts"), framed=True)
        table.setMinimumHeight(50 * GRID)
        self.add(self.search, table)
        self.close_with(
            parts.button(tr("C&hange keys…"), "keyboard", clicked=self._change), cancel=tr("Close")
        )
        self._filter("")

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        found = [one for one in self._all if all(word in " ".join(one).casefold() for word in words)]
        self.model.replace(found)
        self.search.setAccessibleDescription(plural("{n} is found", "{n} are found", len(found)))

    def _change(self) -> None:
        self.accept()
        self.change_wanted.emit()


class AboutBox(Box):
    """Name, version, licences."""

    def __init__(self, parent: QWidget) -> None:
        """Say it."""
        super().__init__(parent, "Strongroom", 480)
        lines = (
            tr("Version {version}", version=_version()),
            tr("An offline-first vault for the secrets a developer works with, in the model of AWS."),
            tr("It uses the network only for what you set up: AWS, rotation, and keys in KMS."),
            tr("Apache License 2.0. The icons are drawn for Strongroom, under the same licence."),
            tr("With SQLCipher © Zetetic LLC (BSD-3-Clause), Qt and PySide6 (LGPL-3)."),
            f"Qt {qVersion()}, Python {platform.python_version()}",
        )
        for line in lines:
            self.add(parts.label(line, wrap=True, selectable=True))
        self.close_with(cancel=tr("Close"))


def _version() -> str:
    try:
        return version("strongroom")
    except PackageNotFoundError:
        return tr("unknown")
