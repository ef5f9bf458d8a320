"""What of Windows is called: its functions with their types, its structures and its numbers, each once.

Handles and addresses are whole numbers of 64 bits; texts in buffers are UTF-16.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import c_int32, c_uint16, c_uint32, c_uint64, c_void_p, c_wchar_p
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

NO, YES = 0, 1

# results
NO_HANDLE: Final = 0xFFFF_FFFF_FFFF_FFFF  # INVALID_HANDLE_VALUE
THIS_PROCESS: Final = NO_HANDLE  # its handle that needs no closing
WAIT_TIMEOUT: Final = 258
FOR_EVER: Final = 0xFFFF_FFFF

# errors
ACCESS_DENIED: Final = 5
BROKEN_PIPE: Final = 109
PIPE_BUSY: Final = 231
NO_DATA: Final = 232
NOT_CONNECTED: Final = 233
MORE_DATA: Final = 234
PIPE_CONNECTED: Final = 535
OPERATION_ABORTED: Final = 995
IO_PENDING: Final = 997

# ways to open
DUPLEX: Final = 0x3
FIRST_INSTANCE: Final = 0x0008_0000
OVERLAPPED_IO: Final = 0x4000_0000
REJECT_REMOTE: Final = 0x8  # and octets, not messages, both ways
READ_AND_WRITE: Final = 0xC000_0000
OPEN_EXISTING: Final = 3
ANONYMOUS: Final = 0x0010_0000  # SECURITY_SQOS_PRESENT | SECURITY_ANONYMOUS: the server cannot act as us
QUERY: Final = 0x0010_1000  # PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE
READ_MEMORY: Final = 0x10
TOKEN_QUERY: Final = 0x8

# what is asked for
OWNER: Final = 1  # of a security descriptor
TOKEN_USER: Final = 1
TOKEN_SESSION: Final = 12
BASIC_INFORMATION: Final = 0  # of a process
SDDL_REVISION: Final = 1

FUNCTIONS: Final[dict[str, dict[str, tuple[Any, ...]]]] = {
    "kernel32": {
        "CancelIoEx": (c_int32, c_uint64, c_void_p),
        "CloseHandle": (c_int32, c_uint64),
        "ConnectNamedPipe": (c_int32, c_uint64, c_void_p),
        "CreateEventW": (c_uint64, c_void_p, c_int32, c_int32, c_wchar_p),
        "CreateFileW": (c_uint64, c_wchar_p, c_uint32, c_uint32, c_void_p, c_uint32, c_uint32, c_uint64),
        "CreateNamedPipeW": (c_uint64, c_wchar_p, *[c_uint32] * 6, c_void_p),
        "DisconnectNamedPipe": (c_int32, c_uint64),
        "GetNamedPipeClientProcessId": (c_int32, c_uint64, c_void_p),
        "GetNamedPipeServerProcessId": (c_int32, c_uint64, c_void_p),
        "GetOverlappedResult": (c_int32, c_uint64, c_void_p, c_void_p, c_int32),
        "GetProcessTimes": (c_int32, c_uint64, *[c_void_p] * 4),
        "LocalFree": (c_uint64, c_uint64),
        "OpenProcess": (c_uint64, c_uint32, c_int32, c_uint32),
        "PeekNamedPipe": (c_int32, c_uint64, c_void_p, c_uint32, *[c_void_p] * 3),
        "QueryFullProcessImageNameW": (c_int32, c_uint64, c_uint32, c_void_p, c_void_p),
        "ReadFile": (c_int32, c_uint64, c_void_p, c_uint32, c_void_p, c_void_p),
        "ReadProcessMemory": (c_int32, c_uint64, c_uint64, c_void_p, c_uint64, c_void_p),
        "SetEvent": (c_int32, c_uint64),
        "WaitForSingleObject": (c_uint32, c_uint64, c_uint32),
        "WaitNamedPipeW": (c_int32, c_wchar_p, c_uint32),
        "WriteFile": (c_int32, c_uint64, c_void_p, c_uint32, c_void_p, c_void_p),
    },
    "advapi32": {
        "ConvertStringSecurityDescriptorToSecurityDescriptorW": (
            c_int32, c_wchar_p, c_uint32, c_void_p, c_void_p,
        ),
        "CopySid": (c_int32, c_uint32, c_void_p, c_uint64),
        "GetKernelObjectSecurity": (c_int32, c_uint64, c_uint32, c_void_p, c_uint32, c_void_p),
        "GetTokenInformation": (c_int32, c_uint64, c_int32, c_void_p, c_uint32, c_void_p),
        "OpenProcessToken": (c_int32, c_uint64, c_uint32, c_void_p),
    },
    "ntdll": {
        "NtQueryInformationProcess": (c_int32, c_uint64, c_int32, c_void_p, c_uint32, c_void_p),
    },
}  # fmt: skip
"""The functions of each library: the type of the result, then those of the arguments."""


class Overlapped(ctypes.Structure):
    """OVERLAPPED: what is under way."""

    _fields_ = (
        ("status", c_uint64),
        ("moved", c_uint64),
        ("offset", c_uint64),
        ("event", c_uint64),
    )


class SecurityAttributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (("size", c_uint32), ("descriptor", c_uint64), ("inherited", c_int32))


class SidAndAttributes(ctypes.Structure):
    """TOKEN_USER, and room for the SID that it points to."""

    _fields_ = (("sid", c_uint64), ("attributes", c_uint32), ("room", c_uint32 * 24))


class ProcessBasics(ctypes.Structure):
    """PROCESS_BASIC_INFORMATION."""

    _fields_ = (
        ("exit_status", c_int32),
        ("environment_block", c_uint64),  # PEB
        ("affinity", c_uint64),
        ("priority", c_int32),
        ("pid", c_uint64),
        ("parent", c_uint64),
    )


class UnicodeString(ctypes.Structure):
    """UNICODE_STRING."""

    _fields_ = (("octets", c_uint16), ("capacity", c_uint16), ("address", c_uint64))


class Dlls(NamedTuple):
    """The libraries with their functions, and what Python adds to them."""

    kernel32: Any
    advapi32: Any
    ntdll: Any
    last_error: Callable[[], int]  # why the last call of this thread failed
    wait: Callable[[list[int], int], int]
    """Waits for handles, so many milliseconds: the place of the first that is signalled, or WAIT_TIMEOUT.

    Ctrl-C interrupts it, as it does not interrupt a call of Windows itself.
    """

    def failure(self, called: str) -> OSError:
        """The error of the last call."""
        return OSError(f"{called}: error {self.last_error()} of Windows")


@cache
def loaded() -> Dlls:
    """The libraries of this Windows.

    Raises:
        OSError: this is none.
    """
    if sys.platform == "win32":
        import _winapi

        def wait(handles: list[int], milliseconds: int) -> int:
            return _winapi.WaitForMultipleObjects(handles, False, milliseconds)  # noqa: FBT003  # takes no names

        libraries = {name: ctypes.WinDLL(name, use_last_error=True) for name in FUNCTIONS}
        for name, functions in FUNCTIONS.items():
            for called, (result, *arguments) in functions.items():
                function = getattr(libraries[name], called)
                function.restype, function.argtypes = result, arguments
        return Dlls(**libraries, last_error=ctypes.get_last_error, wait=wait)
    raise OSError("only Windows has these libraries")
