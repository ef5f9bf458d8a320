"""Numbers, structures and functions, as the headers of Windows have them; a compiler compares."""

from __future__ import annotations

import ctypes
import subprocess
from typing import TYPE_CHECKING

import pytest

from app.authority.windows import dlls as of
from app.authority.windows import processes, security
from ui.desktop import windows_session

if TYPE_CHECKING:
    from tests.app.authority.wine.conftest import Wine

pytestmark = pytest.mark.xdist_group("wine")

NUMBERS = {
    "(unsigned long long)INVALID_HANDLE_VALUE": of.NO_HANDLE,
    "WAIT_TIMEOUT": of.WAIT_TIMEOUT,
    "INFINITE": of.FOR_EVER,
    "FALSE": of.NO,
    "TRUE": of.YES,
    "ERROR_ACCESS_DENIED": of.ACCESS_DENIED,
    "ERROR_BROKEN_PIPE": of.BROKEN_PIPE,
    "ERROR_PIPE_BUSY": of.PIPE_BUSY,
    "ERROR_NO_DATA": of.NO_DATA,
    "ERROR_PIPE_NOT_CONNECTED": of.NOT_CONNECTED,
    "ERROR_MORE_DATA": of.MORE_DATA,
    "ERROR_PIPE_CONNECTED": of.PIPE_CONNECTED,
    "ERROR_OPERATION_ABORTED": of.OPERATION_ABORTED,
    "ERROR_IO_PENDING": of.IO_PENDING,
    "PIPE_ACCESS_DUPLEX": of.DUPLEX,
    "FILE_FLAG_FIRST_PIPE_INSTANCE": of.FIRST_INSTANCE,
    "FILE_FLAG_OVERLAPPED": of.OVERLAPPED_IO,
    "PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS": of.REJECT_REMOTE,
    "GENERIC_READ | GENERIC_WRITE": of.READ_AND_WRITE,
    "OPEN_EXISTING": of.OPEN_EXISTING,
    "SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS": of.ANONYMOUS,
    "PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE": of.QUERY,
    "PROCESS_VM_READ": of.READ_MEMORY,
    "TOKEN_QUERY": of.TOKEN_QUERY,
    "OWNER_SECURITY_INFORMATION": of.OWNER,
    "TokenUser": of.TOKEN_USER,
    "TokenSessionId": of.TOKEN_SESSION,
    "ProcessBasicInformation": of.BASIC_INFORMATION,
    "SDDL_REVISION_1": of.SDDL_REVISION,
    "SECURITY_MAX_SID_SIZE": security.MAX_SID_OCTETS,
    "WM_WTSSESSION_CHANGE": windows_session.SESSION_CHANGE,
    "WTS_CONSOLE_DISCONNECT": windows_session.CONSOLE_DISCONNECT,
    "WTS_REMOTE_DISCONNECT": windows_session.REMOTE_DISCONNECT,
    "WTS_SESSION_LOGOFF": windows_session.SESSION_LOGOFF,
    "WTS_SESSION_LOCK": windows_session.SESSION_LOCK,
    "WM_POWERBROADCAST": windows_session.POWER_BROADCAST,
    "PBT_APMSUSPEND": windows_session.SUSPEND,
    "NOTIFY_FOR_THIS_SESSION": windows_session.THIS_SESSION,
    "offsetof(PEB, ProcessParameters)": processes._PARAMETERS_AT,
    "offsetof(RTL_USER_PROCESS_PARAMETERS, CommandLine)": processes._LINE_AT,
}
STRUCTURES: dict[str, tuple[type[ctypes.Structure], dict[str, str]]] = {
    "OVERLAPPED": (
        of.Overlapped,
        {"Internal": "status", "InternalHigh": "moved", "Offset": "offset", "hEvent": "event"},
    ),
    "SECURITY_ATTRIBUTES": (
        of.SecurityAttributes,
        {"nLength": "size", "lpSecurityDescriptor": "descriptor", "bInheritHandle": "inherited"},
    ),
    "UNICODE_STRING": (
        of.UnicodeString,
        {"Length": "octets", "MaximumLength": "capacity", "Buffer": "address"},
    ),
    "PROCESS_BASIC_INFORMATION": (
        of.ProcessBasics,
        {
            "PebBaseAddress": "environment_block",
            "UniqueProcessId": "pid",
            "InheritedFromUniqueProcessId": "parent",
        },
    ),
    "MSG": (windows_session.Message, {"hwnd": "window", "message": "message", "wParam": "what"}),
    "TOKEN_USER": (of.SidAndAttributes, {"User.Sid": "sid", "User.Attributes": "attributes"}),
}


def asserted(expression: str) -> str:
    return f'_Static_assert({expression}, "{expression}");'


def test_what_is_called_is_what_the_headers_declare(wine: Wine) -> None:
    lines = [
        "#include <stddef.h>",
        "#include <windows.h>",
        "#include <winternl.h>",
        "#include <sddl.h>",
        "#include <wtsapi32.h>",
    ]
    lines += [asserted(f"({name}) == {number}ull") for name, number in NUMBERS.items()]
    for name, (ours, fields) in STRUCTURES.items():
        lines += [
            asserted(f"offsetof({name}, {theirs}) == {getattr(ours, own).offset}")
            for theirs, own in fields.items()
        ]
        if ours not in (of.SidAndAttributes, windows_session.Message):  # they are beginnings
            lines.append(asserted(f"sizeof({name}) == {ctypes.sizeof(ours)}"))
    for functions in of.FUNCTIONS.values():
        for name, (result, *arguments) in functions.items():
            call = f"{name}({', '.join('0' * len(arguments))})"  # as many, or it is no call
            lines.append(asserted(f"sizeof({call}) == {ctypes.sizeof(result)}"))
    source = wine.folder / "declared.c"
    source.write_text("\n".join(lines) + "\n", "ascii")
    done = subprocess.run(
        [wine.compiler, "-D_WIN32_WINNT=0x0A00", "-fsyntax-only", "-Werror", "-Wno-int-conversion", source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
