"""Beside the list when several entries are chosen: how many they are, and what can be done to all of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.language import marked, plural, tr
from ui.look import icons
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QIcon, QPixmap

    from vault.records import Entry

SHOWN: Final = 6  # paths that are named
DEEDS: Final = (
    ("move", marked("&Move to a folder…"), "move"),
    ("tag", marked("Add or remove a ta&g…"), "label"),
    ("rotate", marked("Rotate those that &rotate"), "rotate"),
    ("copy-path", marked("Copy the &paths"), "copy"),
    ("remove", marked("Move to trash…"), "trash"),
)


class SeveralPane(QWidget):
    """Tells which action of `ui.actions` is wanted for all of them."""

    wanted = Signal(str)

    def __init__(self) -> None:
        """Empty."""
        super().__init__()
        self._picture = QLabel()
        self._title = parts.label(tone="heading")
        self._paths = parts.label(tone="muted", wrap=True)
        self._paths.setAccessibleDescription(tr("Some of the chosen entries"))
        self.buttons = {
            name: parts.button(
                tr(text), icon, "danger" if name == "remove" else "", partial(self.wanted.emit, name)
            )
            for name, text, icon in DEEDS
        }
        icons.wear(self, "entries", "accent")
        head = parts.row(self._picture, self._title, None)
        for button in self.buttons.values():
            button.setProperty("listed", True)
        deeds = parts.boxed(parts.row(parts.boxed(parts.column(*self.buttons.values())), None))
        self.setLayout(parts.column(parts.boxed(head), self._paths, GRID, deeds, None, margin=2 * GRID))

    @property
    def text(self) -> str:
        """What the head says."""
        return self._title.text()

    def show_chosen(self, count: int, some: Sequence[Entry]) -> None:
        """Show how many are chosen, and name `some` of them."""
        self._title.setText(plural("{n} entry chosen", "{n} entries chosen", count))
        lines = [str(entry.path) for entry in some[:SHOWN]]
        if count > len(lines):
            lines.append(plural("and {n} more", "and {n} more", count - len(lines)))
        self._paths.setText("\n".join(lines))

    def clear(self) -> None:
        """Forget their names."""
        self._title.clear()
        self._paths.clear()

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon; called again when the theme changes."""
        self._picture.setPixmap(icon.pixmap(24, 24) if hasattr(icon, "pixmap") else icon)
