"""A login manager of the tests' own, on a private bus: sessions, delays of sleep, and their signals."""

from __future__ import annotations

import os
from threading import Event, Thread
from typing import TYPE_CHECKING

from jeepney import DBusAddress, HeaderFields, MessageType, message_bus, new_method_return, new_signal
from jeepney.io.blocking import open_dbus_connection

if TYPE_CHECKING:
    from jeepney import Message

NAME = "org.freedesktop.login1"
MANAGER = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")
OWN = "/org/freedesktop/login1/session/_37"
OTHER = "/org/freedesktop/login1/session/_38"
SESSION = "org.freedesktop.login1.Session"


class LoginServer:
    """Owns the name until `stop`."""

    def __init__(self, address: str) -> None:
        self._bus = open_dbus_connection(address, enable_fds=True)
        self._ended = Event()
        self._delays: list[int] = []  # our ends of the pipes: at their end, the delay was given up
        self.active = True
        assert self._bus.send_and_get_reply(message_bus.RequestName(NAME)).body == (1,)
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def sleep(self, *, begins: bool) -> None:
        """As before the computer sleeps, and after it woke."""
        self._bus.send(new_signal(MANAGER, "PrepareForSleep", "b", (begins,)))

    def lock(self, session: str = OWN) -> None:
        """As `loginctl lock-session`."""
        self._bus.send(new_signal(DBusAddress(session, interface=SESSION), "Lock"))

    def switch_user(self) -> None:
        """As when another user takes the seat."""
        self.active = False
        there = DBusAddress(OWN, interface="org.freedesktop.DBus.Properties")
        nothing: list[str] = []
        told = (SESSION, {"Active": ("b", False)}, nothing)
        self._bus.send(new_signal(there, "PropertiesChanged", "sa{sv}as", told))

    def is_delayed(self) -> bool:
        """Whether somebody holds the computer awake."""
        for end in self._delays:
            try:
                if os.read(end, 1) != b"":
                    return True
            except BlockingIOError:
                return True
        return False

    def stop(self) -> None:
        """Give the name back."""
        self._ended.set()
        self._thread.join()
        self._bus.close()
        for end in self._delays:
            os.close(end)

    def _serve(self) -> None:
        while not self._ended.is_set():
            try:
                message = self._bus.receive(timeout=0.05)
            except TimeoutError:
                continue
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, call: Message) -> None:
        member = call.header.fields[HeaderFields.member]
        if member == "GetSessionByPID":
            self._bus.send(new_method_return(call, "o", (OWN,)))
        elif member == "Inhibit":
            ours, theirs = os.pipe()
            os.set_blocking(ours, False)
            self._delays.append(ours)
            with os.fdopen(theirs, "wb") as handed:
                self._bus.send(new_method_return(call, "h", (handed,)))
        elif member == "Get":
            self._bus.send(new_method_return(call, "v", (("b", self.active),)))
