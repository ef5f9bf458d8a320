"""Keyboard shortcuts, made from the table of actions; and what this program is."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import qVersion
from PySide6.QtGui import QKeySequence

from ui.actions import ACTIONS
from ui.dialogs.box import Box
from ui.models.tables import Column, RecordTable
from ui.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Shortcut(NamedTuple):
    """A key and what it does."""

    keys: str
    text: str
    tip: str


COLUMNS: tuple[Column[Shortcut], ...] = (
    Column("Keys", lambda one: one.keys, 170),
    Column("Action", lambda one: one.text, 210),
    Column("What it does", lambda one: one.tip, 0),
)


class ShortcutsBox(Box):
    """Every key of the window."""

    def __init__(self, parent: QWidget) -> None:
        """List them in the order of the menus."""
        super().__init__(parent, "Keyboard shortcuts", 720)
        model: RecordTable[Shortcut] = RecordTable(COLUMNS, self)
        model.replace(
            Shortcut(_native(row.keys), row.text.replace("&", "").removesuffix("…"), row.tip)
            for row in ACTIONS
            if row.keys
        )
        table = parts.table(model, "Keyboard shortcuts", framed=True)
        table.setMinimumHeight(54 * GRID)
        self.add(table)
        self.close_with(cancel="Close")


class AboutBox(Box):
    """Name, version, licences."""

    def __init__(self, parent: QWidget) -> None:
        """Say it."""
        super().__init__(parent, "Strongroom", 480)
        lines = (
            f"Version {_version()}",
            "An offline-first vault for the secrets a developer works with, in the model of AWS.",
            "It uses no network.",
            "Apache License 2.0. The icons are drawn for Strongroom, under the same licence.",
            "With SQLCipher © Zetetic LLC (BSD-3-Clause), Qt and PySide6 (LGPL-3).",
            f"Qt {qVersion()}, Python {platform.python_version()}",
        )
        for line in lines:
            self.add(parts.label(line, wrap=True, selectable=True))
        self.close_with(cancel="Close")


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def _version() -> str:
    try:
        return version("strongroom")
    except PackageNotFoundError:
        return "unknown"
