"""The socket that a window listens at: made where nobody else can reach it, never over one that answers."""

from __future__ import annotations

import os
import select
import socket
import stat

from app.authority import place


class Taken(Exception):
    """Another window listens there already."""


def listen(folder: str, path: str, backlog: int) -> socket.socket | None:
    """A listening socket that nobody but the user can reach; None where there can be none.

    Raises:
        Taken: somebody answers at `path`.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not place.is_private(folder):
            return None
        _make_room(path)
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            door.bind(path)
            os.chmod(path, stat.S_IRUSR | stat.S_IWUSR)
            door.listen(backlog)
        except OSError:
            door.close()
            raise
    except OSError:
        return None
    return door


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


def is_gone(end: socket.socket) -> bool:
    """Whether a caller that has nothing to say hung up."""
    poll = select.poll()
    poll.register(end, select.POLLIN)
    try:
        return bool(poll.poll(0)) and not end.recv(1, socket.MSG_PEEK)
    except OSError:
        return True
