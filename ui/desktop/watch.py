"""Notices that nobody is in front of the screen: screen lock, sleep, another user. It only tells.

On Linux by D-Bus: the screen savers of the desktops on the session bus, logind on the system bus. Before
sleep logind waits for who holds a delay, so that the vault is closed before the memory is kept. macOS and
Windows wait until the message is taken in: `waits_for_us`.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import (
    QDBusConnection,
    QDBusMessage,
    QDBusObjectPath,
    QDBusPendingCallWatcher,
    QDBusUnixFileDescriptor,
    QDBusVariant,
)

from app.session import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SCREEN_SAVERS: Final = (
    "org.freedesktop.ScreenSaver",
    "org.gnome.ScreenSaver",
    "org.cinnamon.ScreenSaver",
    "org.mate.ScreenSaver",
    "org.xfce.ScreenSaver",
)
LOGIN: Final = "org.freedesktop.login1"
MANAGER: Final = "org.freedesktop.login1.Manager"
SESSION: Final = "org.freedesktop.login1.Session"
MANAGER_OBJECT: Final = "/org/freedesktop/login1"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"
ANSWER_MILLISECONDS: Final = 1_000


def _native(told: Callable[[Reason], object]) -> object:
    """What listens to macOS or Windows."""
    if sys.platform == "darwin":
        from ui.desktop import macos_session

        return macos_session.listen(told)
    from ui.desktop.windows_session import WindowsSession

    return WindowsSession(told)


class DesktopWatch(QObject):
    """Tells once for each time that somebody left."""

    left = Signal(object)  # Reason: SCREEN_LOCK (also for a change of user) or SUSPEND

    def __init__(self, parent: QObject) -> None:
        """Not listening yet."""
        super().__init__(parent)
        self._system: QDBusConnection | None = None
        self._delay: QDBusUnixFileDescriptor | None = None
        self._session_object = ""
        self._sleep_nears = False
        self._native: object = None  # what listens to macOS or Windows

    @property
    def waits_for_us(self) -> bool:
        """Whether the computer sleeps as soon as `left` has been taken in, not at `let_sleep`."""
        return self._native is not None

    def begin(self, session: QDBusConnection | None = None, system: QDBusConnection | None = None) -> None:
        """Listen on the two buses, as far as they are there; the user's and the computer's unless given."""
        if sys.platform != "linux":
            with suppress(OSError):  # it is locked by its idle time all the same
                self._native = _native(self.left.emit)
            return
        session = session or QDBusConnection.sessionBus()
        if session.isConnected():
            for interface in SCREEN_SAVERS:
                self._listen(session, "", interface, "ActiveChanged", "saver_changed(bool)")
        self._system = system or QDBusConnection.systemBus()
        if self._system.isConnected():
            self._listen(self._system, MANAGER_OBJECT, MANAGER, "PrepareForSleep", "sleep_nears(bool)")
            self._find_session()
            self._hold_sleep()

    def let_sleep(self) -> None:
        """What had to be closed is closed: a sleep that nears need not wait any more."""
        if self._sleep_nears:
            self.release()

    def release(self) -> None:
        """Delay no sleep."""
        self._delay = None  # the last reference closes the descriptor

    def _find_session(self) -> None:
        self._call(MANAGER_OBJECT, MANAGER, "GetSessionByPID", (os.getpid(),), self._found_session)

    def _found_session(self, answer: object) -> None:
        place = answer.path() if isinstance(answer, QDBusObjectPath) else ""
        if place and self._system is not None:
            self._session_object = place
            self._listen(self._system, place, SESSION, "Lock", "session_locked()")
            self._listen(
                self._system, place, PROPERTIES, "PropertiesChanged", "session_changed(QDBusMessage)"
            )

    def _hold_sleep(self) -> None:
        said = ("sleep", "Strongroom", "The vault is locked first", "delay")
        self._call(MANAGER_OBJECT, MANAGER, "Inhibit", said, self._held_sleep)

    def _held_sleep(self, answer: object) -> None:
        if isinstance(answer, QDBusUnixFileDescriptor):
            self._delay = answer

    def _seen_active(self, answer: object) -> None:
        if (answer.variant() if isinstance(answer, QDBusVariant) else answer) is False:
            self.left.emit(Reason.SCREEN_LOCK)

    def _call(
        self, place: str, interface: str, name: str, said: Sequence[object], done: Callable[[object], None]
    ) -> None:
        """Ask the login manager; `done` gets the answer, if one comes."""
        if self._system is None:
            return
        message = QDBusMessage.createMethodCall(LOGIN, place, interface, name)
        message.setArguments(list(said))
        watcher = QDBusPendingCallWatcher(self._system.asyncCall(message, ANSWER_MILLISECONDS), self)

        def finished(_: QDBusPendingCallWatcher) -> None:
            answer = watcher.reply()
            if answer.type() == QDBusMessage.MessageType.ReplyMessage and answer.arguments():
                done(answer.arguments()[0])
            watcher.deleteLater()

        watcher.finished.connect(finished)

    def _listen(self, bus: QDBusConnection, place: str, interface: str, name: str, slot: str) -> None:
        bus.connect("", place, interface, name, self, SLOT(slot))  # type: ignore[call-overload]

    @Slot(bool)
    def saver_changed(self, active: bool) -> None:
        """The desktop's screen saver or lock screen came, or went."""
        if active:
            self.left.emit(Reason.SCREEN_LOCK)

    @Slot(bool)
    def sleep_nears(self, begins: bool) -> None:
        """The computer is about to sleep, or woke."""
        self._sleep_nears = begins
        if begins:
            self.left.emit(Reason.SUSPEND)  # who hears it says `let_sleep`
        else:
            self._hold_sleep()

    @Slot()
    def session_locked(self) -> None:
        """The login manager asks this session to lock."""
        self.left.emit(Reason.SCREEN_LOCK)

    @Slot(QDBusMessage)
    def session_changed(self, _told: QDBusMessage) -> None:
        """Something of this session changed: another user may be in front of the screen."""
        self._call(self._session_object, PROPERTIES, "Get", (SESSION, "Active"), self._seen_active)
