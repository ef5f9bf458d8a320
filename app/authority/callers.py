"""A caller: the command at the other end, who started it, and where. What a grant is given to."""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from app.authority import place, processes

if TYPE_CHECKING:
    from _socket import socket

    from app.authority.processes import Process

_SO_PEERPIDFD: Final = 77  # <asm-generic/socket.h>, from Linux 6.5 on


class Stranger(Exception):
    """Whoever connected is another user, or cannot be told."""


class Caller(NamedTuple):
    """Who asks. Names are as the system has them: show them printable."""

    program: str  # what runs the command
    parents: tuple[str, ...]  # labels of those who started it, the nearest first
    folder: str  # where it stands; "" where the system does not say
    identity: str  # hex; the same for every process of these programs in this folder

    @property
    def started_by(self) -> str:
        """The nearest program that started it."""
        return self.parents[0] if self.parents else self.program


def caller_of(end: socket) -> Caller:
    """Who is at the other end of a connection.

    Raises:
        Stranger: another user, a process that is gone, or one of another machine or container.
    """
    user, pid = place.peer(end)
    if user != os.getuid() or pid <= 0:
        raise Stranger
    held = _hold(end, pid)
    try:
        process = processes.read(pid)
        if process is None:
            raise Stranger
        above = processes.parents(process)
        folder = processes.folder(pid)
        if not _is_there(held):  # it ended meanwhile, and its number may be another's
            raise Stranger
    finally:
        if held >= 0:
            os.close(held)
    return told(process, above, folder)


def told(process: Process, above: list[Process], folder: str) -> Caller:
    """A caller by what was read of it, of those who started it, and of where it stands."""
    return Caller(
        process.label,
        tuple(one.label for one in above),
        folder,
        identity([(one.program or one.name, one.script) for one in (process, *above)], folder),
    )


def identity(programs: list[tuple[str, str]], folder: str) -> str:
    """What stands for programs, each with its script, the caller's own first, in a folder."""
    digest = sha256()
    for text in (folder, *(text for pair in programs for text in pair)):
        octets = os.fsencode(text)
        digest.update(len(octets).to_bytes(8, "big") + octets)
    return digest.hexdigest()


def _hold(end: socket, pid: int) -> int:
    """A descriptor of the process itself, which no other process of its number can be taken for; -1: none."""
    if sys.platform == "linux":
        with suppress(OSError):
            return end.getsockopt(1, _SO_PEERPIDFD)
        with suppress(OSError):
            return os.pidfd_open(pid)
    return -1


def _is_there(held: int) -> bool:
    """Whether the process has not ended; where nothing holds it, it is believed."""
    if held < 0:
        return True
    poll = select.poll()
    poll.register(held, select.POLLIN)
    return not poll.poll(0)
