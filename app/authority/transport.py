"""What goes between window and command, whatever carries it: a socket of Unix, a named pipe of Windows.

Types alone: nothing of it is imported by a program that runs. All errors are OSErrors, as of sockets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from app.authority.callers import Caller


class End(Protocol):
    """One end of a connection, used by one thread."""

    def settimeout(self, seconds: float | None, /) -> None:
        """How long each of the others may take before TimeoutError; None: for ever."""

    def recv(self, size: int, /) -> bytes:
        """1 to `size` octets as they come; b"" after the last."""

    def sendall(self, octets: bytes | bytearray | memoryview, /) -> None:
        """Send all of it."""

    def close(self) -> None:
        """Hang up; what was sent still arrives. Harmless a second time."""


class Visit(End, Protocol):
    """The window's end of a connection."""

    def caller(self) -> Caller:
        """Who is at the other end.

        Raises:
            Stranger: another user, or nobody that can be told.
        """

    def is_gone(self) -> bool:
        """Whether a caller that has nothing to say hung up."""

    def cut(self) -> None:
        """Hang up from any thread; the one that uses this end gets an OSError or the end of what comes."""


class Door(Protocol):
    """Where a window listens; made by `app.authority.door.listen`."""

    def accept(self) -> Visit:
        """The next connection; OSError once the door is closed."""

    def close(self) -> None:
        """Listen no more, from any thread; the place is free at once."""
