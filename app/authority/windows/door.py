"""The pipe at which a window listens: one instance waits for the next caller, one more serves each."""

from __future__ import annotations

from contextlib import contextmanager
from ctypes import byref, c_uint32, c_uint64, sizeof
from threading import Lock
from typing import TYPE_CHECKING

from app.authority.callers import Stranger
from app.authority.door import Taken
from app.authority.windows import callers, pipes, processes, security
from app.authority.windows import dlls as of
from app.authority.windows.dlls import SecurityAttributes
from app.authority.windows.pipes import Channel, Pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.authority.callers import Caller
    from app.authority.windows.dlls import Dlls


def listen(dlls: Dlls, vault_id: bytes, most: int) -> PipeDoor | None:
    """A pipe that nobody but the user can reach; None where there can be none.

    Raises:
        Taken: somebody has a pipe of that name already, whoever it is.
    """
    try:
        own = processes.token(dlls, of.THIS_PROCESS)
        return PipeDoor(dlls, own.user, security.PIPES + security.pipe_name(own, vault_id.hex()), most)
    except OSError:
        return None


class PipeDoor:
    """All instances of a pipe."""

    def __init__(self, dlls: Dlls, user: str, path: str, most: int) -> None:
        """Listens at once.

        Args:
            dlls: the libraries.
            user: SID of the owner.
            path: the pipe's whole name.
            most: how many connections there may be at once; the next ones are hung up on.

        Raises:
            Taken: there is such a pipe already.
            OSError: there can be none.
        """
        self._dlls, self._user, self._path, self._most = dlls, user, path, most
        self._guard = Lock()
        self._is_closed = False
        self._waiting = self._instance(of.FIRST_INSTANCE)

    def accept(self) -> PipeVisit:
        """The next connection; OSError once the door is closed."""
        connect = self._dlls.kernel32.ConnectNamedPipe
        while True:
            channel = self._waiting
            _, error = channel.carry_out(connect)
            if error in {0, of.PIPE_CONNECTED} and self._prepare_next():
                return PipeVisit(self._dlls, channel)
            hung_up = channel.at_once(self._dlls.kernel32.DisconnectNamedPipe)
            if not hung_up or error not in {0, of.PIPE_CONNECTED, of.NO_DATA}:
                raise OSError("nothing is to be accepted here")

    def close(self) -> None:
        """Listen no more."""
        with self._guard:
            self._is_closed = True
            waiting = self._waiting
        waiting.close()

    def _prepare_next(self) -> bool:
        """Have another instance wait; False where there are as many as there may be."""
        with self._guard:
            if self._is_closed:
                return False
            try:
                self._waiting = self._instance(0)
            except OSError:
                return False
            return True

    def _instance(self, first: int) -> Channel:
        with _attributes(self._dlls, self._user) as attributes:
            handle = self._dlls.kernel32.CreateNamedPipeW(
                self._path,
                of.DUPLEX | of.OVERLAPPED_IO | first,
                of.REJECT_REMOTE,
                self._most + 2,  # the one that waits, and one that is being hung up on
                pipes.CHUNK,
                pipes.CHUNK,
                0,
                byref(attributes),
            )
            if handle == of.NO_HANDLE:
                if self._dlls.last_error() in {of.ACCESS_DENIED, of.PIPE_BUSY} and first:
                    raise Taken
                raise self._dlls.failure("CreateNamedPipeW")
        return Channel(self._dlls, handle)


class PipeVisit(Pipe):
    """The window's end of a connection."""

    def caller(self) -> Caller:
        """Who is at the other end.

        Raises:
            Stranger: another user, or nobody that can be told.
        """
        pid = c_uint32()
        asked = self._dlls.kernel32.GetNamedPipeClientProcessId
        if not self._channel.at_once(lambda handle: asked(handle, byref(pid))):
            raise Stranger
        caller = callers.caller_of(self._dlls, pid.value)
        if self.is_gone():  # before it was looked at: the number may have been another's
            raise Stranger
        return caller

    def is_gone(self) -> bool:
        """Whether a caller that has nothing to say hung up."""
        peek = self._dlls.kernel32.PeekNamedPipe
        return not self._channel.at_once(lambda handle: peek(handle, None, 0, None, None, None))

    def cut(self) -> None:
        """Hang up from any thread."""
        self.close()


@contextmanager
def _attributes(dlls: Dlls, user: str) -> Iterator[SecurityAttributes]:
    made = c_uint64()
    if not dlls.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        security.descriptor(user), of.SDDL_REVISION, byref(made), None
    ):
        raise dlls.failure("ConvertStringSecurityDescriptorToSecurityDescriptorW")
    try:
        yield SecurityAttributes(sizeof(SecurityAttributes), made.value, 0)
    finally:
        dlls.kernel32.LocalFree(made.value)
