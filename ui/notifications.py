"""Desktop notifications: the desktop's own with buttons where it has them, else the tray's. Never a value."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSystemTrayIcon

from ui import icons, theme
from ui.freedesktop import DEFAULT, FreedesktopChannel

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWN_MILLISECONDS = 10_000  # by the tray


class News(NamedTuple):
    """One notification."""

    title: str
    body: str
    actions: tuple[tuple[str, str], ...]  # key, text on its button
    chosen: Callable[[str], object]  # called with the key; "default" for a click on the notification


class TrayChannel(QObject):
    """macOS, Windows, and desktops without a notification server; a click is all that it can tell."""

    def __init__(self, parent: QObject) -> None:
        """The icon appears with the first notification."""
        super().__init__(parent)
        self._icon: QSystemTrayIcon | None = None
        self._last: News | None = None

    def send(self, news: News) -> None:
        """Show a notification, where there is a tray."""
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._icon is None:
            self._icon = QSystemTrayIcon(icons.icon("vault", theme.current().accent), self)
            self._icon.setToolTip("Strongroom")
            self._icon.messageClicked.connect(self._clicked)
        self._last = news
        self._icon.show()
        self._icon.showMessage(news.title, news.body, self._icon.icon(), SHOWN_MILLISECONDS)

    def close(self) -> None:
        """Leave the tray."""
        if self._icon is not None:
            self._icon.hide()

    def _clicked(self) -> None:
        if self._last is not None:
            self._last.chosen(DEFAULT)


class Notifier(QObject):
    """Shows news by the best way that this desktop has."""

    def __init__(self, parent: QObject) -> None:
        """Nothing is connected until there is something to tell."""
        super().__init__(parent)
        self.tray = TrayChannel(self)
        self.desktop = FreedesktopChannel(self)
        self.desktop.missing.connect(self.tray.send)
        self.desktop.chosen.connect(lambda news, key: news.chosen(key))

    def send(self, news: News) -> None:
        """Show a notification."""
        if sys.platform == "linux":
            self.desktop.send(news)
        else:
            self.tray.send(news)

    def close(self) -> None:
        """Leave the desktop; the program ends."""
        self.desktop.close()
        self.tray.close()
