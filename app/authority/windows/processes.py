"""Processes of Windows, in the shape of `app.authority.processes`. Never kept.

What a process says about itself (its folder, its arguments) is read from its memory, where it is ours to
read, and can be made up by it.
"""

from __future__ import annotations

import ntpath
import os
from contextlib import contextmanager
from ctypes import byref, c_uint32, c_uint64, create_string_buffer, sizeof
from typing import TYPE_CHECKING, Final

from app.authority import processes
from app.authority.processes import Process
from app.authority.windows import dlls as of
from app.authority.windows import security
from app.authority.windows.command_line import arguments_of, script_of
from app.authority.windows.dlls import ProcessBasics, SidAndAttributes, UnicodeString
from app.authority.windows.security import Token

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ctypes import Array, c_char

    from app.authority.windows.dlls import Dlls

_LONGEST_PATH: Final = 32_768  # UTF-16 units
_PARAMETERS_AT: Final = 0x20  # in the process's environment block
_FOLDER_AT: Final = 0x38  # in its parameters: UNICODE_STRINGs, each 16 octets
_LINE_AT: Final = 0x70


@contextmanager
def held(dlls: Dlls, pid: int) -> Iterator[int]:
    """A handle of a process, whose number is no other's until it is let go; its memory too where it may be.

    Raises:
        OSError: there is no such process, or it is kept from us.
    """
    process = dlls.kernel32.OpenProcess(of.QUERY | of.READ_MEMORY, of.NO, pid)
    process = process or dlls.kernel32.OpenProcess(of.QUERY, of.NO, pid)
    if not process:
        raise dlls.failure("OpenProcess")
    try:
        yield process
    finally:
        dlls.kernel32.CloseHandle(process)


def token(dlls: Dlls, process: int) -> Token:
    """In whose name a process runs.

    Raises:
        OSError: it does not tell.
    """
    opened, needed = c_uint64(), c_uint32()
    if not dlls.advapi32.OpenProcessToken(process, of.TOKEN_QUERY, byref(opened)):
        raise dlls.failure("OpenProcessToken")
    try:
        user, session = SidAndAttributes(), c_uint32()
        for kind, room in ((of.TOKEN_USER, user), (of.TOKEN_SESSION, session)):
            if not dlls.advapi32.GetTokenInformation(
                opened.value, kind, byref(room), sizeof(room), byref(needed)
            ):
                raise dlls.failure("GetTokenInformation")
        sid = create_string_buffer(security.MAX_SID_OCTETS)
        if not dlls.advapi32.CopySid(sizeof(sid), sid, user.sid):
            raise dlls.failure("CopySid")
    finally:
        dlls.kernel32.CloseHandle(opened.value)
    return Token(security.sid_text(sid.raw), session.value)


def is_there(dlls: Dlls, process: int) -> bool:
    """Whether a process that is held has not ended."""
    return bool(dlls.kernel32.WaitForSingleObject(process, 0) == of.WAIT_TIMEOUT)


def read(dlls: Dlls, pid: int) -> Process | None:
    """One process as it is now; None where there is no such process, or it is kept from us."""
    try:
        with held(dlls, pid) as process:
            return _read(dlls, pid, process)
    except OSError:
        return None


def parents(dlls: Dlls, process: Process) -> list[Process]:
    """Those who started it, as `app.authority.processes.parents`."""
    return processes.parents(process, lambda pid: read(dlls, pid))


def folder(dlls: Dlls, process: int) -> str:
    """The folder that a held process stands in; "" where it does not say."""
    where = _parameter(dlls, process, _basics(dlls, process), _FOLDER_AT)
    return where if where.endswith(":\\") else where.rstrip("\\")


def _read(dlls: Dlls, pid: int, process: int) -> Process:
    basics = _basics(dlls, process)
    program, size = create_string_buffer(2 * _LONGEST_PATH), c_uint32(_LONGEST_PATH)
    if not dlls.kernel32.QueryFullProcessImageNameW(process, 0, program, byref(size)):
        raise dlls.failure("QueryFullProcessImageNameW")
    started, others = c_uint64(), [c_uint64() for _ in range(3)]
    if not dlls.kernel32.GetProcessTimes(process, byref(started), *map(byref, others)):
        raise dlls.failure("GetProcessTimes")
    path = program.raw[: 2 * size.value].decode("utf-16-le", "surrogatepass")
    arguments = arguments_of(_parameter(dlls, process, basics, _LINE_AT))
    script = script_of(path, arguments, folder(dlls, process))
    if ntpath.isabs(script) and not os.path.isfile(script):
        script = ""  # the word of an option
    return Process(
        pid,
        basics.parent,
        started.value,
        token(dlls, process).user,
        ntpath.basename(path),
        path,
        script,
    )


def _basics(dlls: Dlls, process: int) -> ProcessBasics:
    basics = ProcessBasics()
    if dlls.ntdll.NtQueryInformationProcess(
        process, of.BASIC_INFORMATION, byref(basics), sizeof(basics), None
    ):
        raise OSError("NtQueryInformationProcess")
    return basics


def _parameter(dlls: Dlls, process: int, basics: ProcessBasics, at: int) -> str:
    """A text of a process's parameters; "" where its memory is kept from us."""
    parameters, head = c_uint64(), UnicodeString()
    if not (
        _copy(dlls, process, basics.environment_block + _PARAMETERS_AT, parameters)
        and _copy(dlls, process, parameters.value + at, head)
    ):
        return ""
    room = create_string_buffer(min(head.octets, 2 * processes.MAX_OCTETS) or 1)
    if not _copy(dlls, process, head.address, room):
        return ""
    return room.raw[: head.octets].decode("utf-16-le", "replace")


def _copy(dlls: Dlls, process: int, address: int, room: c_uint64 | UnicodeString | Array[c_char]) -> bool:
    """Fill room with what stands at an address of a process; whether that can be read."""
    size = sizeof(room)
    return bool(dlls.kernel32.ReadProcessMemory(process, address, byref(room), size, None))
