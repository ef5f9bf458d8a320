"""Desktop notifications: the desktop's own with buttons where it has them, else the tray's. Never a value."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject

from ui.desktop.freedesktop import DEFAULT, FreedesktopChannel

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.desktop.tray import Tray


class News(NamedTuple):
    """One notification."""

    title: str
    body: str
    actions: tuple[tuple[str, str], ...]  # key, text on its button
    chosen: Callable[[str], object]  # called with the key; "default" for a click on the notification


class Notifier(QObject):
    """Shows news by the best way that this desktop has."""

    def __init__(self, tray: Tray, parent: QObject) -> None:
        """Nothing is connected until there is something to tell."""
        super().__init__(parent)
        self._tray = tray
        self.desktop = FreedesktopChannel(self)
        self.desktop.missing.connect(self._send_to_tray)
        self.desktop.chosen.connect(lambda news, key: news.chosen(key))

    def send(self, news: News) -> None:
        """Show a notification."""
        if sys.platform == "linux":
            self.desktop.send(news)
        else:
            self._send_to_tray(news)

    def close(self) -> None:
        """Leave the desktop; the program ends."""
        self.desktop.close()

    def _send_to_tray(self, news: News) -> None:
        """macOS, Windows, and desktops without a notification server: a click is all that it can tell."""
        self._tray.tell(news.title, news.body, lambda: news.chosen(DEFAULT))
