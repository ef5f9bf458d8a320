"""Notifications of a Linux desktop (org.freedesktop.Notifications), with buttons where the desktop has them.

Qt's D-Bus has no way to send an unsigned number from Python, which `Notify` asks for: the messages are made
by jeepney, and read when Qt says that there are some.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from app.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jeepney import Message
    from jeepney.io.blocking import DBusConnection

    from ui.desktop.notifications import News

NAME: Final = "org.freedesktop.Notifications"
OBJECT: Final = "/org/freedesktop/Notifications"
SIGN_IN_SECONDS: Final = 1.0
DEFAULT: Final = "default"  # the action of a click on the notification itself
_KEPT: Final = 50  # notifications whose buttons still work


class FreedesktopChannel(QObject):
    """One connection to the session bus; what is not answered is not waited for."""

    missing = Signal(object)  # News that could not be shown: there is no such server
    chosen = Signal(object, str)  # News, the key of an action

    def __init__(self, parent: QObject) -> None:
        """Not connected yet."""
        super().__init__(parent)
        self._bus: DBusConnection | None = None
        self._notifier: QSocketNotifier | None = None
        self._answers: dict[int, Callable[[Message], None]] = {}  # by the serial of the call
        self._shown: dict[int, News] = {}  # by the server's number
        self._abilities: frozenset[str] | None = None  # of the server, once it told them
        self._waiting: list[News] = []

    def send(self, news: News) -> None:
        """Show a notification; `missing` tells of it where that cannot be."""
        if self._bus is None and not self._connect():
            self.missing.emit(news)
        elif self._abilities is None:
            self._waiting.append(news)
        else:
            self._notify(news, self._abilities)

    def close(self) -> None:
        """Leave the bus; what is shown stays until the person closes it."""
        if self._notifier is not None:
            self._notifier.setEnabled(False)
            self._notifier.deleteLater()
        if self._bus is not None:
            self._bus.close()
        self._bus = self._notifier = self._abilities = None
        self._answers.clear()
        self._shown.clear()

    def _connect(self) -> bool:
        from jeepney import MatchRule, message_bus
        from jeepney.io.blocking import open_dbus_connection

        try:
            self._bus = open_dbus_connection("SESSION", auth_timeout=SIGN_IN_SECONDS)
        except Exception:  # noqa: BLE001  whatever it is: there is no bus to be used
            return False
        self._notifier = QSocketNotifier(self._bus.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._post(message_bus.AddMatch(MatchRule(type="signal", sender=NAME, interface=NAME, path=OBJECT)))
        self._call("GetCapabilities", "", (), self._take_abilities)
        return self._bus is not None

    def _take_abilities(self, answer: Message) -> None:
        waiting, self._waiting = self._waiting, []
        if not _is_return(answer):  # nobody has the name
            self.close()
            for news in waiting:
                self.missing.emit(news)
            return
        told = answer.body[0] if answer.body else ()
        self._abilities = frozenset(word for word in told if isinstance(word, str))
        for news in waiting:
            self._notify(news, self._abilities)

    def _notify(self, news: News, abilities: frozenset[str]) -> None:
        title, body = (news.title, news.body) if "body" in abilities else (f"{news.title}: {news.body}", "")
        actions: list[str] = []
        if "actions" in abilities:
            actions = [text for pair in ((DEFAULT, tr("Open")), *news.actions) for text in pair]
        if "body-markup" in abilities:
            body = escape(body, quote=False)
        hints = {"desktop-entry": ("s", "strongroom"), "urgency": ("y", 1)}
        asked = ("Strongroom", 0, "strongroom", title, body, actions, hints, -1)

        def number(answer: Message) -> None:
            if _is_return(answer) and answer.body:
                self._shown[answer.body[0]] = news
                if len(self._shown) > _KEPT:
                    del self._shown[min(self._shown)]

        self._call("Notify", "susssasa{sv}i", asked, number)

    def _call(
        self, method: str, signature: str, body: Sequence[object], answered: Callable[[Message], None]
    ) -> None:
        from jeepney import DBusAddress, new_method_call

        address = DBusAddress(OBJECT, bus_name=NAME, interface=NAME)
        serial = self._post(new_method_call(address, method, signature or None, tuple(body)))
        if serial is not None:
            self._answers[serial] = answered

    def _post(self, message: Message) -> int | None:
        """Send a message; its serial, or None where the bus is gone."""
        if self._bus is None:
            return None
        serial: int = next(self._bus.outgoing_serial)
        try:
            self._bus.send(message, serial=serial)
        except OSError:
            self.close()
            return None
        return serial

    def _read(self) -> None:
        """Take what has come, without waiting for more."""
        while self._bus is not None:
            try:
                message = self._bus.receive(timeout=0)
            except TimeoutError:
                return
            except Exception:  # noqa: BLE001  a bus that went away, or says what is no D-Bus
                self.close()
                return
            self._take(message)

    def _take(self, message: Message) -> None:
        from jeepney import HeaderFields, MessageType

        fields = message.header.fields
        serial = fields.get(HeaderFields.reply_serial)
        if serial is not None:
            answered = self._answers.pop(serial, None)
            if answered is not None:
                answered(message)
        elif message.header.message_type is MessageType.signal and len(message.body) > 1:
            number, member = message.body[0], fields.get(HeaderFields.member)
            if member == "ActionInvoked" and number in self._shown:
                self.chosen.emit(self._shown[number], str(message.body[1]))
            elif member == "NotificationClosed":
                self._shown.pop(number, None)


def _is_return(answer: Message) -> bool:
    from jeepney import MessageType

    return bool(answer.header.message_type is MessageType.method_return)
