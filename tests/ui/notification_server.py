"""A notification server of the tests' own, on a private bus: it is as strict about types as desktops are."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    message_bus,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jeepney import Message

NAME = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"
SIGNATURE = "susssasa{sv}i"


class Shown(NamedTuple):
    """One notification as it would be on the screen."""

    number: int
    title: str
    body: str
    actions: dict[str, str]  # key to text


class NotificationServer:
    """Owns the name until `stop`."""

    def __init__(self, address: str, abilities: Sequence[str]) -> None:
        self._abilities = list(abilities)
        self._bus = open_dbus_connection(address)
        self._ended = Event()
        self.shown: list[Shown] = []
        self.refused: list[str] = []
        assert self._bus.send_and_get_reply(message_bus.RequestName(NAME)).body == (1,)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def press(self, number: int, key: str) -> None:
        """As a person presses a button."""
        self._bus.send(new_signal(DBusAddress(PATH, interface=NAME), "ActionInvoked", "us", (number, key)))

    def stop(self) -> None:
        """Give the name back."""
        self._ended.set()
        self._thread.join()
        self._bus.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                message = self._bus.receive(timeout=0.1)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._bus.send(self._answer(message))

    def _answer(self, message: Message) -> Message:
        fields = message.header.fields
        member, signature = fields[HeaderFields.member], fields.get(HeaderFields.signature)
        if member == "GetCapabilities":
            return new_method_return(message, "as", (self._abilities,))
        if member != "Notify" or signature != SIGNATURE:
            self.refused.append(f"{member}({signature})")
            return new_error(message, "org.freedesktop.DBus.Error.InvalidArgs")
        return new_method_return(message, "u", (self._show(message.body),))

    def _show(self, body: tuple[Any, ...]) -> int:
        _, _, _, title, text, actions, _, _ = body
        number = len(self.shown) + 1
        self.shown.append(Shown(number, title, text, dict(zip(actions[::2], actions[1::2], strict=True))))
        return number
