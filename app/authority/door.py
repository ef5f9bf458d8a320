"""Where a window listens: made where nobody else can reach it, never over one that answers."""

from __future__ import annotations

import os
import select
import socket
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from app.authority import callers, place

if TYPE_CHECKING:
    from app.authority.callers import Caller
    from app.authority.transport import Door


class Taken(Exception):
    """Another window listens there already."""


def listen(vault_id: bytes, backlog: int) -> Door | None:
    """A door for the callers of a vault; None where there can be none.

    Args:
        vault_id: of its header.
        backlog: how many callers may be there at once.

    Raises:
        Taken: another window listens for this vault.
    """
    if sys.platform == "win32":
        from app.authority.windows import dlls, door

        return door.listen(dlls.loaded(), vault_id, backlog)
    for folder in place.folders(os.environ):
        path = place.socket_path(folder, vault_id.hex())
        made = listen_at(folder, path, backlog) if path else None
        if made is not None:
            return made
    return None


def listen_at(folder: str, path: str, backlog: int) -> SocketDoor | None:
    """A socket that nobody but the user can reach; None where there can be none.

    Raises:
        Taken: somebody answers at `path`.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not place.is_private(folder):
            return None
        _make_room(path)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.bind(path)
            os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
            made.listen(backlog)
        except OSError:
            made.close()
            raise
    except OSError:
        return None
    return SocketDoor(made, path)


class SocketDoor:
    """A listening socket and its name in a folder."""

    def __init__(self, listening: socket.socket, path: str) -> None:
        self._socket, self._path = listening, path

    def accept(self) -> SocketVisit:
        """The next connection; OSError once the door is closed."""
        end, _ = self._socket.accept()
        return SocketVisit(fileno=end.detach())

    def close(self) -> None:
        """Take the name away and wake whoever accepts."""
        with suppress(OSError):
            os.unlink(self._path)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class SocketVisit(socket.socket):
    """The window's end of a connection through a socket."""

    def caller(self) -> Caller:
        """Who is at the other end.

        Raises:
            Stranger: another user, or nobody that can be told.
        """
        return callers.caller_of(self)

    def is_gone(self) -> bool:
        """Whether a caller that has nothing to say hung up."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        try:
            return bool(poll.poll(0)) and not self.recv(1, socket.MSG_PEEK)
        except OSError:
            return True

    def cut(self) -> None:
        """Hang up from any thread; the one that uses this end closes it."""
        with suppress(OSError):
            self.shutdown(socket.SHUT_RDWR)


def _make_room(path: str) -> None:
    """Take away a socket that nobody answers at."""
    if not os.path.lexists(path):
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        end.settimeout(0)  # a window that hangs takes no more: it is there all the same
        try:
            end.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
            return
        except BlockingIOError:
            pass
    raise Taken
