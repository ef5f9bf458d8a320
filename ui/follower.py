"""Theme and keys of a window, as the settings have them at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app import wording
from ui.keymap import BadShortcut, bindings

if TYPE_CHECKING:
    from app.settings import Settings
    from ui.look.theme import Theme
    from ui.main_window import MainWindow
    from ui.preferences import Preferences


class Follower(QObject):
    """Has theme and keys of a window follow the settings, for as long as the window lives."""

    def __init__(self, preferences: Preferences, window: MainWindow, theme: Theme) -> None:
        """Apply them now, and again after every change."""
        super().__init__(window)
        self._window, self._theme, self._told = window, theme, ""
        preferences.changed.connect(self._apply)
        preferences.failed.connect(self._tell_broken)
        preferences.mended.connect(self._mended)
        self._apply(window.desk.settings)

    def _apply(self, settings: Settings) -> None:
        self._theme.choose(settings.theme)
        try:
            self._window.actions_.bind(bindings(settings.shortcuts))
        except BadShortcut as error:
            self._window.actions_.bind(bindings(""))
            self._tell(error)

    def _tell_broken(self, error: Exception) -> None:
        self._tell(error)
        self._told = self._window.banner.text

    def _mended(self) -> None:
        """Take the complaint away, if it is what is still told."""
        if self._told and self._window.banner.text == self._told:
            self._window.banner.hide()
        self._told = ""

    def _tell(self, error: Exception) -> None:
        self._window.banner.tell(*wording.in_window(error), "warning")
