"""The icon in the tray: whether a vault is open, a way back to the windows, and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.language import tr
from ui.look import icons, theme

if TYPE_CHECKING:
    from collections.abc import Callable

SHOWN_MILLISECONDS = 10_000  # of a message


class Tray(QObject):
    """One for the program. Without a tray on the desktop, nothing is shown and nothing fails."""

    show_wanted = Signal()
    lock_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, parent: QObject) -> None:
        """Not shown yet."""
        super().__init__(parent)
        self._icon: QSystemTrayIcon | None = None
        self._menu: QMenu | None = None
        self._open = 0
        self._clicked: Callable[[], object] = lambda: None

    @property
    def is_there(self) -> bool:
        """Whether the icon stands in a tray, so that a hidden window can be brought back."""
        return self._icon is not None and QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def menu(self) -> QMenu | None:
        """What the icon offers, once it is there."""
        return self._menu

    @property
    def tool_tip(self) -> str:
        """What the icon says of itself."""
        return self._icon.toolTip() if self._icon is not None else ""

    def begin(self) -> None:
        """Stand in the tray, where there is one."""
        if self._icon is not None or not QSystemTrayIcon.isSystemTrayAvailable():
            return
        self._menu = QMenu()
        self._show = self._menu.addAction(tr("&Show Strongroom"), self.show_wanted.emit)
        self._lock = self._menu.addAction(tr("&Lock now"), self.lock_wanted.emit)
        self._menu.addSeparator()
        self._quit = self._menu.addAction(tr("&Quit"), self.quit_wanted.emit)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self._message_clicked)
        self.show_open(self._open)
        self._icon.show()

    def show_open(self, count: int) -> None:
        """Tell how many vaults are open; also after a change of theme or language."""
        self._open = count
        if self._icon is None:
            return
        ink = theme.current().accent if count else theme.current().muted
        self._icon.setIcon(icons.icon("unlock" if count else "lock", ink))
        self._icon.setToolTip(tr("Strongroom: unlocked") if count else tr("Strongroom: locked"))
        for action, name, text in (
            (self._show, "vault", tr("&Show Strongroom")),
            (self._lock, "lock", tr("&Lock now")),
            (self._quit, "close", tr("&Quit")),
        ):
            action.setText(text)
            icons.wear(action, name)
        self._lock.setEnabled(count > 0)

    def tell(self, title: str, body: str, clicked: Callable[[], object]) -> None:
        """Show a message for a while; a click on it calls `clicked`."""
        self.begin()
        if self._icon is not None:
            self._clicked = clicked
            self._icon.showMessage(title, body, self._icon.icon(), SHOWN_MILLISECONDS)

    def close(self) -> None:
        """Leave the tray."""
        if self._icon is not None:
            self._icon.hide()
            self._icon = None

    def _message_clicked(self) -> None:
        self._clicked()

    def _activated(self, why: QSystemTrayIcon.ActivationReason) -> None:
        if why in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.show_wanted.emit()
