"""Windows' functions as Wine has them, called from here: what stands in for the libraries of ctypes.

A small program runs under Wine and makes the calls (`bridge.c`). What an argument refers to is copied there
before a call and back after it; it keeps its address there as long as the object lives here, so that
structures may hold addresses of others. What an overlapped call works on is copied back when its result is
asked for.
"""

from __future__ import annotations

import ctypes
import socket
import subprocess
import weakref
from threading import Lock, local
from typing import TYPE_CHECKING, Any, TypeAlias

from app.authority.windows.dlls import FUNCTIONS, Dlls, Overlapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

MAX_OCTETS = 256 * 1024
NUMBER, REFERENCE, TEXT = ctypes.c_uint32, ctypes.c_void_p, ctypes.c_wchar_p
HANDLE = ADDRESS = ctypes.c_uint64
OTHERS: dict[str, tuple[Any, ...]] = {
    # what tests alone call: the result, then the arguments
    "WaitForMultipleObjects": (NUMBER, NUMBER, REFERENCE, NUMBER, NUMBER),
    "ConvertSecurityDescriptorToStringSecurityDescriptorW": (
        NUMBER, ADDRESS, NUMBER, NUMBER, REFERENCE, REFERENCE,
    ),
    "CommandLineToArgvW": (ADDRESS, TEXT, REFERENCE),
    "GetCurrentProcessId": (NUMBER,),
}  # fmt: skip


Referred: TypeAlias = "ctypes.Structure | ctypes.Array[Any] | ctypes._SimpleCData[Any]"


class Far:
    """One process under Wine, and its functions."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
        )
        assert self.process.stdout is not None
        self._port = int(self.process.stdout.readline())
        self._own = local()
        self._guard = Lock()
        self._lines: list[socket.socket] = []
        self._addresses: dict[int, int] = {}  # of what lives here, there
        self._texts: dict[bytes, int] = {}
        self._under_way: dict[int, list[Any]] = {}  # by the event of an OVERLAPPED
        self.calls: list[str] = []
        libraries = {name: Library(self, name) for name in FUNCTIONS}
        self.dlls = Dlls(**libraries, last_error=lambda: int(self._own.error), wait=self.wait)

        self.pid = self.call("kernel32", "GetCurrentProcessId", ())

    def kill(self) -> None:
        """End the process in whatever it is."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """End the process, and the one that it stands for."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        for line in self._lines:
            line.close()

    def wait(self, handles: list[int], milliseconds: int) -> int:
        """The place of the first that is signalled, or WAIT_TIMEOUT."""
        there = (ctypes.c_uint64 * len(handles))(*handles)
        return self.call("kernel32", "WaitForMultipleObjects", (len(handles), there, 0, milliseconds))

    def call(self, library: str, name: str, with_: tuple[Any, ...]) -> int:
        result, *types = FUNCTIONS.get(library, {}).get(name) or OTHERS[name]
        assert len(types) == len(with_), name
        referred: list[Any] = []
        numbers: list[int] = []
        for kind, one in zip(types, with_, strict=True):
            if kind is ctypes.c_void_p:
                kind.from_param(one)  # what ctypes would refuse is refused
            numbers.append(self._number(kind, one, referred))
        self.calls.append(name)
        answer = self._asked(
            b"c", self._text(library.encode()), self._text(name.encode()), len(numbers), *numbers, room=16
        )
        self._own.error = int.from_bytes(answer[8:12], "little")
        value = result(int.from_bytes(answer[:8], "little")).value
        for one in referred:
            if isinstance(one, Overlapped):
                self._settle(name, one, referred, done=bool(value))
                break
        else:
            self._bring(referred)
        return int(value)

    def arguments_of(self, line: str) -> list[str]:
        """What Windows itself makes of a command line."""
        count = ctypes.c_int32()
        found = self.call("shell32", "CommandLineToArgvW", (line, ctypes.byref(count)))
        addresses = [self.octets_at(found + 8 * at, 8) for at in range(count.value)]
        return [self.text_at(int.from_bytes(address, "little")) for address in addresses]

    def twin(self, near: Referred) -> int:
        """The address, there, of what lives here."""
        return self._address(near)

    def octets_at(self, address: int, size: int) -> bytes:
        """What stands there."""
        return self._asked(b"r", address, size, room=size)

    def text_at(self, address: int) -> str:
        """A text there, up to its end."""
        octets = b""
        while not octets.endswith(b"\0\0"):
            octets += self.octets_at(address + len(octets), 2)
        return octets.decode("utf-16-le")[:-1]

    def _number(self, kind: type[Any], one: Any, referred: list[Any]) -> int:  # noqa: ANN401  # as ctypes takes
        if one is None:
            return 0
        if isinstance(one, str):
            return self._text(f"{one}\0".encode("utf-16-le"))
        if isinstance(one, int):
            return int(kind(one).value or 0) & 0xFFFF_FFFF_FFFF_FFFF
        near = getattr(one, "_obj", one)  # of byref
        referred.append(near)
        address = self._address(near)
        if not any(near is one for works_on in self._under_way.values() for one in works_on):
            self._asked(b"w", address, ctypes.sizeof(near), after=bytes(near))
        return address

    def _address(self, near: Referred) -> int:
        """Where the twin of a buffer is; it lives as long as the buffer."""
        with self._guard:
            if id(near) in self._addresses:
                return self._addresses[id(near)]
        assert ctypes.sizeof(near) <= MAX_OCTETS
        address = int.from_bytes(self._asked(b"a", ctypes.sizeof(near), room=8), "little")
        with self._guard:
            self._addresses[id(near)] = address
        weakref.finalize(near, self._addresses.pop, id(near), None)
        return address

    def _text(self, octets: bytes) -> int:
        """Where a text is; texts are kept."""
        if octets not in self._texts:
            address = int.from_bytes(self._asked(b"a", len(octets) + 1, room=8), "little")
            self._asked(b"w", address, len(octets), after=octets)
            self._texts[octets] = address
        return self._texts[octets]

    def _settle(self, name: str, overlapped: Overlapped, referred: list[Any], *, done: bool) -> None:
        if name != "GetOverlappedResult":
            self._under_way[overlapped.event] = referred
        elif done or self._own.error:
            self._bring([*self._under_way.pop(overlapped.event, []), *referred])

    def _bring(self, referred: list[Any]) -> None:
        for near in referred:
            size = ctypes.sizeof(near)
            ctypes.memmove(ctypes.addressof(near), self.octets_at(self._address(near), size), size)

    def _asked(self, what: bytes, *numbers: int, after: bytes = b"", room: int = 8) -> bytes:
        if not hasattr(self._own, "line"):
            self._own.line = socket.create_connection(("127.0.0.1", self._port), 60)
            self._lines.append(self._own.line)
            self._own.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line: socket.socket = self._own.line
        line.sendall(what + b"".join(number.to_bytes(8, "little") for number in numbers) + after)
        octets = bytearray()
        while len(octets) < room:
            more = line.recv(room - len(octets))
            assert more, "the far process is gone"
            octets += more
        return bytes(octets)


class Library:
    """The functions of one library there."""

    def __init__(self, far: Far, name: str) -> None:
        self._far, self._name = far, name

    def __getattr__(self, name: str) -> Callable[..., int]:
        return lambda *with_: self._far.call(self._name, name, with_)
