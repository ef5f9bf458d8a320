"""Pipes with the methods of sockets: overlapped, so that each call ends in time or when the pipe is cut."""

from __future__ import annotations

from ctypes import byref, c_char, c_uint32, create_string_buffer, memset
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from app.authority.windows import dlls as of
from app.authority.windows import processes, security
from app.authority.windows.dlls import Overlapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from ctypes import Array

    from app.authority.windows.dlls import Dlls
    from app.authority.windows.security import Token

CHUNK: Final = 64 * 1024  # octets of one call
_MAX_DESCRIPTOR: Final = 1_024
_STARTED: Final = {of.IO_PENDING, of.MORE_DATA}
_ENDS: Final = {of.BROKEN_PIPE, of.NO_DATA, of.NOT_CONNECTED}


class Channel:
    """A handle of a pipe; one thread carries out calls on it, any may close it."""

    def __init__(self, dlls: Dlls, handle: int) -> None:
        """Adopts the handle.

        Raises:
            OSError: Windows gives no events; the handle is closed.
        """
        self._dlls, self._handle = dlls, handle
        self._busy, self._closing = Lock(), Lock()
        self._ready, self._cut = (dlls.kernel32.CreateEventW(None, of.YES, of.NO, None) for _ in range(2))
        if not self._ready or not self._cut:
            failure = dlls.failure("CreateEventW")
            self.close()
            raise failure

    def carry_out(self, start: Callable[[int, object], int], seconds: float | None = None) -> tuple[int, int]:
        """Start a call and wait for its end.

        Args:
            start: is given the handle and a reference to an OVERLAPPED; false where it did not succeed yet.
            seconds: after which it is taken back; None for never.

        Returns:
            How many octets were moved, and the error: 0 for none, WAIT_TIMEOUT when the time was over,
            OPERATION_ABORTED when the channel was closed.
        """
        kernel32 = self._dlls.kernel32
        with self._busy:
            if not self._handle:
                return 0, of.OPERATION_ABORTED
            under_way, moved = Overlapped(event=self._ready), c_uint32()
            limit = of.FOR_EVER if seconds is None else int(seconds * 1_000)
            waited, error = -1, of.IO_PENDING
            try:
                if not start(self._handle, byref(under_way)):
                    error = self._dlls.last_error()
                if error in _STARTED:
                    waited = self._dlls.wait([self._cut, self._ready], limit)
            finally:  # Windows must have done with the memory, whatever happens
                if error in _STARTED:
                    if waited != 1:
                        kernel32.CancelIoEx(self._handle, byref(under_way))
                    done = kernel32.GetOverlappedResult(self._handle, byref(under_way), byref(moved), of.YES)
                    error = 0 if done else self._dlls.last_error()
        if error == of.OPERATION_ABORTED and waited == of.WAIT_TIMEOUT:
            error = of.WAIT_TIMEOUT
        return moved.value, error

    def at_once(self, call: Callable[[int], int]) -> int:
        """A call that does not wait, given the handle; false once the channel is closed."""
        with self._busy:
            return call(self._handle) if self._handle else 0

    def close(self) -> None:
        """Take back what is under way and close. Harmless a second time."""
        kernel32 = self._dlls.kernel32
        with self._closing:
            if self._cut:
                kernel32.SetEvent(self._cut)
            with self._busy:
                for handle in (self._handle, self._ready, self._cut):
                    if handle:
                        kernel32.CloseHandle(handle)
                self._handle = self._ready = self._cut = 0


class Pipe:
    """One end of a connection."""

    def __init__(self, dlls: Dlls, channel: Channel) -> None:
        self._dlls, self._channel = dlls, channel
        self._seconds: float | None = None
        self._room = create_string_buffer(CHUNK)

    def settimeout(self, seconds: float | None) -> None:
        """How long each call of Windows may take; None: for ever."""
        self._seconds = seconds

    def recv(self, size: int) -> bytes:
        """1 to `size` octets as they come; b"" after the last."""
        read, size = self._dlls.kernel32.ReadFile, min(size, CHUNK)
        moved, error = self._channel.carry_out(partial(_start, read, self._room, size), self._seconds)
        if error in _ENDS:
            return b""
        if error not in {0, of.MORE_DATA}:
            raise _failure(error)
        octets = bytes(memoryview(self._room)[:moved])
        memset(self._room, 0, moved)
        return octets

    def sendall(self, octets: bytes | bytearray | memoryview) -> None:
        """Send all of it."""
        write = self._dlls.kernel32.WriteFile
        with memoryview(octets) as view:
            at = 0
            while at < len(view):
                size = min(len(view) - at, CHUNK)
                room = (c_char * size).from_buffer_copy(view[at : at + size])
                start = partial(_start, write, room, size)
                moved, error = self._channel.carry_out(start, self._seconds)
                memset(room, 0, size)
                if error or not moved:
                    raise _failure(error)
                at += moved

    def close(self) -> None:
        """Hang up; what was sent still arrives. Harmless a second time."""
        self._channel.close()


def _start(moves: Callable[..., int], room: Array[c_char], size: int, handle: int, under_way: object) -> int:
    """ReadFile or WriteFile, as `Channel.carry_out` starts it."""
    return moves(handle, room, size, None, under_way)


def own_name(dlls: Dlls, name: str) -> str:
    """The name of a pipe of this user and session among those of this machine."""
    return security.pipe_name(processes.token(dlls, of.THIS_PROCESS), name)


def connected(dlls: Dlls, name: str, seconds: float) -> Pipe | None:
    """A connection to a window of the same user; None where nobody answers.

    The pipe must belong to this user, and the process that serves it must be this user's in this session;
    it is asked before anything is sent.

    Args:
        dlls: the libraries.
        name: of the pipe, after the user's.
        seconds: how long all instances may be taken.
    """
    try:
        own = processes.token(dlls, of.THIS_PROCESS)
        channel = _opened(dlls, security.PIPES + security.pipe_name(own, name), seconds)
    except OSError:
        return None
    if channel is None:
        return None
    if not _belongs(dlls, channel, own):
        channel.close()
        return None
    end = Pipe(dlls, channel)
    end.settimeout(seconds)
    return end


def _belongs(dlls: Dlls, channel: Channel, own: Token) -> bool:
    """Whether the pipe and the process that serves it are of this user and session."""
    try:
        return _owner(dlls, channel) == own.user and _server(dlls, channel) == own
    except OSError:
        return False


def _opened(dlls: Dlls, path: str, seconds: float) -> Channel | None:
    kernel32, deadline = dlls.kernel32, monotonic() + seconds
    while True:
        handle = kernel32.CreateFileW(
            path, of.READ_AND_WRITE, 0, None, of.OPEN_EXISTING, of.OVERLAPPED_IO | of.ANONYMOUS, 0
        )
        if handle != of.NO_HANDLE:
            return Channel(dlls, handle)
        left = int((deadline - monotonic()) * 1_000)
        if dlls.last_error() != of.PIPE_BUSY or left <= 0 or not kernel32.WaitNamedPipeW(path, left):
            return None


def _owner(dlls: Dlls, channel: Channel) -> str:
    room, needed = create_string_buffer(_MAX_DESCRIPTOR), c_uint32()
    asked = dlls.advapi32.GetKernelObjectSecurity
    if not channel.at_once(lambda handle: asked(handle, of.OWNER, room, _MAX_DESCRIPTOR, byref(needed))):
        raise dlls.failure("GetKernelObjectSecurity")
    return security.owner_of(room.raw)


def _server(dlls: Dlls, channel: Channel) -> Token:
    pid = c_uint32()
    asked = dlls.kernel32.GetNamedPipeServerProcessId
    if not channel.at_once(lambda handle: asked(handle, byref(pid))):
        raise dlls.failure("GetNamedPipeServerProcessId")
    with processes.held(dlls, pid.value) as process:
        return processes.token(dlls, process)


def _failure(error: int) -> OSError:
    if error == of.WAIT_TIMEOUT:
        return TimeoutError("the other end takes too long")
    return OSError(f"error {error} of a pipe")
