"""The settings while no vault is open, in a box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.language import tr
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.views.settings import SettingsPage

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk


class SettingsBox(Box):
    """The page of settings over a window that shows no pages."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        """Show what is in force."""
        super().__init__(parent, tr("Settings"), 112 * GRID)
        self.page = SettingsPage(desk)
        self.page.begin()
        self.page.heading.hide()
        self.page.setMinimumHeight(60 * GRID)
        self.add(self.page)
        self.close_with(cancel=tr("Close"))
