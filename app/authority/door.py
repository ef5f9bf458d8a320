"""The socket that a window listens at: made where nobody else can reach it, never over one that answers."""

from __future__ import annotations

import os
import select
import socket
import stat

from app.authority import place


def listen(folder: str, path: str, backlog: int) -> socket.socket | None:
    """A listening socket that nobody but the user can reach; None where there can be none."""
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not place.is_private(folder) or not _make_room(path):
            return None
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


def _make_room(path: str) -> bool:
    """Take away a socket that nobody answers at; whether the place is free."""
    if not os.path.lexists(path):
        return True
    end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        end.connect(path)
    except ConnectionRefusedError:
        os.unlink(path)
        return True
    except OSError:
        return False
    else:
        return False
    finally:
        end.close()


def is_gone(end: socket.socket) -> bool:
    """Whether a caller that has nothing to say hung up."""
    poll = select.poll()
    poll.register(end, select.POLLIN)
    try:
        return bool(poll.poll(0)) and not end.recv(1, socket.MSG_PEEK)
    except OSError:
        return True
