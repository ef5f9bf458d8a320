"""The named pipe's pure parts, and what is made of each answer of Windows. What Wine can show is in wine/."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.authority.door import Taken
from app.authority.processes import Process
from app.authority.windows import callers, door, pipes, processes, security
from app.authority.windows import dlls as of
from app.authority.windows.command_line import arguments_of, script_of
from app.authority.windows.dlls import Dlls
from app.authority.windows.security import Malformed, Token

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

USER = "S-1-5-21-1-2-3-1001"
USER_OCTETS = bytes.fromhex("0105000000000005 15000000 01000000 02000000 03000000 e9030000")
OWN = Token(USER, 3)
HANDLE, READY, CUT = 7, 11, 12
READ = b"abc"
VAULT_ID = bytes(range(16))

NO_NAMES = {
    "none": "",
    "another folder": "..\\other",
    "another machine": "\\\\server\\pipe\\x",
    "an option": "a-b",
    "a blank": "a b",
    "an end": "a\0b",
    "a letter of another alphabet": "é",
    "a digit of another alphabet": "²",
    "too long": "a" * 256,
}


@pytest.mark.parametrize("name", NO_NAMES.values(), ids=NO_NAMES)
def test_what_names_no_pipe_of_ours(name: str) -> None:
    with pytest.raises(ValueError, match="letters and digits"):
        security.pipe_name(OWN, name)


def test_the_name_of_a_pipe_is_of_the_user_the_session_and_the_vault() -> None:
    assert security.pipe_name(OWN, VAULT_ID.hex()) == f"strongroom-{USER}-3-000102030405060708090a0b0c0d0e0f"


def test_nobody_but_the_user_stands_in_the_descriptor() -> None:
    assert (
        security.descriptor(USER) == f"O:{USER}D:P(D;;FA;;;NU)(A;;FA;;;{USER})S:(ML;;NWNR;;;ME)"
    )  # not: Everyone (WD), Administrators (BA), SYSTEM (SY), an owner's rights (OW)


SIDS = {
    "S-1-5-18": "0101000000000005 12000000",
    "S-1-5-32-544": "0102000000000005 20000000 20020000",
    USER: USER_OCTETS.hex(),
    "S-1-16-8192": "0101000000000010 00200000",
    "S-1-0": "0100000000000000",
    "S-1-281474976710655-4294967295": "0101ffffffffffff ffffffff",
}


@pytest.mark.parametrize(("text", "octets"), SIDS.items(), ids=SIDS)
def test_a_sid_as_text(text: str, octets: str) -> None:
    assert security.sid_text(bytes.fromhex(octets)) == text
    assert security.sid_text(bytes.fromhex(octets) + b"more") == text


def self_relative(owner: bytes, *, control: int = 0x8000, at: int = 20) -> bytes:
    head = b"\1\0" + control.to_bytes(2, "little") + at.to_bytes(4, "little") + bytes(12)
    return head + owner


def test_the_owner_of_a_descriptor() -> None:
    assert security.owner_of(self_relative(USER_OCTETS)) == USER
    assert security.owner_of(self_relative(bytes(30) + USER_OCTETS, at=50)) == USER


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        self_relative(b""),
        self_relative(USER_OCTETS[:-1]),
        self_relative(USER_OCTETS, at=0),  # it says that it has none
        self_relative(USER_OCTETS, at=8),  # in its own head
        self_relative(USER_OCTETS, at=0xFFFF_FFFF),
        self_relative(USER_OCTETS, control=0),  # addresses, not offsets
        self_relative(b"\2" + USER_OCTETS[1:]),
        self_relative(b"\1\xff" + USER_OCTETS[2:]),
    ],
)
def test_a_descriptor_that_names_no_owner(octets: bytes) -> None:
    with pytest.raises(Malformed):
        security.owner_of(octets)


@given(octets=some.binary(max_size=120))
def test_any_octets_are_a_descriptor_or_malformed(octets: bytes) -> None:
    with suppress(Malformed):
        assert security.owner_of(octets).startswith("S-1-")


@given(line=some.text(alphabet='a \t"\\/-', max_size=60))
def test_any_command_line_is_taken_apart(line: str) -> None:
    found = arguments_of(line)
    assert bool(found) == bool(line.strip(" \t"))
    assert sum(map(len, found)) <= len(line)


SCRIPTS = {
    "a script": (r"C:\Python\python.exe", ["python", r"C:\tool.py", "-x"], r"C:\tool.py"),
    "a script beside it": (r"C:\Python\PYTHON3.EXE", ["python", "tool.py"], r"C:\here\tool.py"),
    "without a console": (r"C:\Python\pythonw.exe", ["pythonw", "tool.py"], r"C:\here\tool.py"),
    "a module": (r"C:\Python\python.exe", ["python", "-m", "pytest", "-q"], "-m pytest"),
    "a text": (r"C:\Python\python.exe", ["python", "-c", "x"], "-c"),
    "a text of the shell": (r"C:\Windows\System32\cmd.exe", ["cmd", "/d", "/C", "get.bat"], "-c"),
    "a prompt of the shell": (r"C:\Windows\System32\cmd.exe", ["cmd", "/d"], ""),
    "a file of PowerShell": (
        r"C:\pwsh.exe",
        ["pwsh", "-NoProfile", "-File", "x.ps1", "-c"],
        r"C:\here\x.ps1",
    ),
    "shortened": (r"C:\powershell.exe", ["powershell", "-f", r"D:\x.ps1"], r"D:\x.ps1"),
    "behind a policy": (
        r"C:\powershell.exe",
        ["powershell", "-ExecutionPolicy", "Bypass", "-fi", "x.ps1"],
        r"C:\here\x.ps1",
    ),
    "a text of PowerShell": (r"C:\powershell.exe", ["powershell", "strongroom get /a"], "-Command"),
    "an encoded text": (r"C:\pwsh.exe", ["pwsh", "-enc", "YQ=="], "-Command"),
    "a prompt of PowerShell": (r"C:\pwsh.exe", ["pwsh", "-NoLogo"], ""),
    "a dash alone": (r"C:\pwsh.exe", ["pwsh", "-", "x"], "-Command"),
    "no interpreter": (r"C:\Program Files\Git\git.exe", ["git", "fetch"], ""),
    "no arguments at all": (r"C:\pwsh.exe", [], ""),
}


@pytest.mark.parametrize(("program", "arguments", "script"), SCRIPTS.values(), ids=SCRIPTS)
def test_the_script_of_an_interpreter(program: str, arguments: list[str], script: str) -> None:
    assert script_of(program, arguments, "C:\\here") == script


def process(program: str, script: str = "") -> Process:
    return Process(1, 2, 3, USER, program.rpartition("\\")[2], program, script)


PYTHON, LAUNCHER = r"C:\Python\python.exe", r"C:\venv\Scripts\strongroom.exe"
CHAINS = {
    "its launcher, and the one of its environment": (
        process(PYTHON, LAUNCHER),
        [process(r"C:\venv\Scripts\python.exe", LAUNCHER), process(LAUNCHER), process("cmd.exe")],
        2,
    ),
    "in other letters": (process(PYTHON, LAUNCHER), [process(LAUNCHER.upper()), process("cmd.exe")], 1),
    "a bundle that starts itself": (process(LAUNCHER), [process(LAUNCHER), process("cmd.exe")], 1),
    "another program without a script": (process(LAUNCHER), [process("cmd.exe"), process("cmd.exe")], 0),
    "the launcher further up": (process(LAUNCHER), [process("cmd.exe"), process(LAUNCHER)], 0),
    "nobody": (process(LAUNCHER), [], 0),
}


@pytest.mark.parametrize(("own", "above", "skipped"), CHAINS.values(), ids=CHAINS)
def test_who_only_starts_the_command_is_not_told_as_its_caller(
    own: Process, above: list[Process], skipped: int
) -> None:
    assert callers.launchers(own, above) == skipped


class Windows:
    """Answers as the test says: for each function its results, the last one for ever, and its error."""

    def __init__(self, answers: Mapping[str, list[tuple[int, int]]], waited: int | BaseException = 1) -> None:
        self.answers = {name: iter([*told, *[told[-1]] * 50]) for name, told in answers.items()}
        self.waited = waited
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.limits: list[int] = []
        self.error, self.moved = 0, len(READ)
        events = count()
        self.dlls = Dlls(self, self, self, lambda: self.error, self._wait)
        self.given = {"CreateEventW": lambda: (READY, CUT)[next(events) % 2]}

    def __getattr__(self, name: str) -> Callable[..., int]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments: self._call(name, arguments)

    def _call(self, name: str, arguments: tuple[Any, ...]) -> int:
        self.calls.append((name, arguments))
        if name in self.given:
            return self.given[name]()
        result, self.error = next(self.answers.get(name, iter([(1, 0)])))
        if name == "ReadFile":
            arguments[1].value = READ
        elif name == "GetOverlappedResult" and (result or self.error == of.MORE_DATA):
            arguments[2]._obj.value = self.moved
        return result

    def _wait(self, handles: list[int], milliseconds: int) -> int:
        assert handles == [CUT, READY]
        self.limits.append(milliseconds)
        if isinstance(self.waited, BaseException):
            raise self.waited
        return self.waited

    def called(self, name: str) -> list[tuple[Any, ...]]:
        return [arguments for called, arguments in self.calls if called == name]


@pytest.mark.skipif(sys.platform == "win32", reason="has Windows itself")
def test_elsewhere_there_are_no_libraries_of_windows() -> None:
    with pytest.raises(OSError, match="only Windows"):
        of.loaded()


def test_each_function_is_called_with_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[int], bool, int]] = []

    class Library:
        def __init__(self, name: str, *, use_last_error: bool) -> None:
            assert use_last_error
            for called in of.FUNCTIONS[name]:
                setattr(self, called, SimpleNamespace())

    def wait(handles: list[int], every: bool, milliseconds: int) -> int:
        asked.append((handles, every, milliseconds))
        return 1

    monkeypatch.setattr(of, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(ctypes, "WinDLL", Library, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: 5, raising=False)
    monkeypatch.setitem(sys.modules, "_winapi", SimpleNamespace(WaitForMultipleObjects=wait))
    found = of.loaded.__wrapped__()
    assert found.kernel32.CloseHandle.argtypes == [ctypes.c_uint64]
    assert found.kernel32.OpenProcess.restype is ctypes.c_uint64  # an int would cut a handle in half
    assert found.advapi32.CopySid.argtypes == [ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint64]
    assert str(found.failure("CopySid")) == "CopySid: error 5 of Windows"
    assert (found.wait([1, 2], 30), asked) == (1, [([1, 2], False, 30)])


def pipe(windows: Windows, seconds: float | None = 2.5) -> pipes.Pipe:
    end = pipes.Pipe(windows.dlls, pipes.Channel(windows.dlls, HANDLE))
    end.settimeout(seconds)
    return end


PENDING, DONE = (0, of.IO_PENDING), (1, 0)
READS = {
    # ReadFile, the wait, GetOverlappedResult; what recv gives or raises; whether it is undone (None: no wait)
    "at once": ([DONE], 1, [DONE], READ, False),
    "later": ([PENDING], 1, [DONE], READ, False),
    "the end at once": ([(0, of.BROKEN_PIPE)], 1, [DONE], b"", None),
    "the end later": ([PENDING], 1, [(0, of.BROKEN_PIPE)], b"", False),
    "a server that hung up": ([(0, of.NOT_CONNECTED)], 1, [DONE], b"", None),
    "part of a message": ([(0, of.MORE_DATA)], 1, [(0, of.MORE_DATA)], READ, False),
    "nothing in time": ([PENDING], of.WAIT_TIMEOUT, [(0, of.OPERATION_ABORTED)], TimeoutError, True),
    "just in time": ([PENDING], of.WAIT_TIMEOUT, [DONE], READ, True),
    "the end instead of a time-out": ([PENDING], of.WAIT_TIMEOUT, [(0, of.BROKEN_PIPE)], b"", True),
    "a cut": ([PENDING], 0, [(0, of.OPERATION_ABORTED)], OSError, True),
    "a wait that fails": ([PENDING], 0xFFFF_FFFF, [(0, of.OPERATION_ABORTED)], OSError, True),
    "Ctrl-C": ([PENDING], KeyboardInterrupt(), [(0, of.OPERATION_ABORTED)], KeyboardInterrupt, True),
    "another error": ([(0, of.ACCESS_DENIED)], 1, [DONE], OSError, None),
}


@pytest.mark.parametrize(("started", "waited", "ended", "given_out", "back"), READS.values(), ids=READS)
def test_a_read_ends_as_windows_says(
    started: list[tuple[int, int]],
    waited: int | BaseException,
    ended: list[tuple[int, int]],
    given_out: bytes | type[BaseException],
    back: bool | None,
) -> None:
    windows = Windows({"ReadFile": started, "GetOverlappedResult": ended}, waited)
    end = pipe(windows)
    if isinstance(given_out, bytes):
        assert end.recv(10) == given_out
    else:
        with pytest.raises(given_out) as raised:
            end.recv(10)
        assert isinstance(raised.value, TimeoutError) == (given_out is TimeoutError)
    assert bool(windows.called("CancelIoEx")) == bool(back)
    results = windows.called("GetOverlappedResult")
    assert len(results) == (0 if back is None else 1)
    assert all(arguments[-1] == of.YES for arguments in results)  # waits: until then the memory is Windows'
    assert windows.limits == ([] if back is None else [2_500])


def test_a_pipe_without_a_time_waits_for_ever() -> None:
    windows = Windows({"ReadFile": [PENDING]})
    pipe(windows, None).recv(1)
    assert windows.limits == [of.FOR_EVER]


def test_a_closed_pipe_calls_windows_no_more_and_closes_each_handle_once() -> None:
    windows = Windows({})
    end = pipe(windows)
    end.close()
    end.close()
    assert sorted(windows.called("CloseHandle")) == [(HANDLE,), (READY,), (CUT,)]
    with pytest.raises(OSError, match="pipe"):
        end.recv(1)
    with pytest.raises(OSError, match="pipe"):
        end.sendall(b"x")
    assert not windows.called("ReadFile")
    assert not windows.called("WriteFile")


def test_without_events_there_is_no_channel_and_the_handle_is_closed() -> None:
    windows = Windows({"CreateEventW": [(READY, 0), (0, 8)]})
    windows.given.clear()
    with pytest.raises(OSError, match="CreateEventW: error 8"):
        pipes.Channel(windows.dlls, HANDLE)
    assert sorted(windows.called("CloseHandle")) == [(HANDLE,), (READY,)]


def test_a_write_that_moves_nothing_is_not_tried_for_ever() -> None:
    windows = Windows({"WriteFile": [DONE]})
    windows.moved = 0
    with pytest.raises(OSError, match="pipe"):
        pipe(windows).sendall(b"x")
    assert len(windows.called("WriteFile")) == 1


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Token:
    monkeypatch.setattr(processes, "token", lambda _dlls, _process: OWN)
    return OWN


def test_the_first_instance_must_be_the_first_and_the_others_must_not(own: Token) -> None:
    windows = Windows({"CreateNamedPipeW": [(HANDLE, 0)], "ConnectNamedPipe": [(0, of.PIPE_CONNECTED)]})
    made = door.listen(windows.dlls, VAULT_ID, 64)
    assert made is not None
    made.accept()
    first, second = windows.called("CreateNamedPipeW")
    assert first[0] == second[0] == f"\\\\.\\pipe\\strongroom-{USER}-3-{VAULT_ID.hex()}"
    assert first[1] == 0x4008_0003  # both ways, overlapped, FILE_FLAG_FIRST_PIPE_INSTANCE
    assert second[1] == 0x4000_0003
    assert first[2] == second[2] == 0x8  # octets, PIPE_REJECT_REMOTE_CLIENTS
    assert first[3] == second[3] == 66


@pytest.mark.parametrize("error", [of.ACCESS_DENIED, of.PIPE_BUSY])
def test_a_name_that_somebody_has_is_taken(own: Token, error: int) -> None:
    windows = Windows({"CreateNamedPipeW": [(of.NO_HANDLE, error)]})
    with pytest.raises(Taken):
        door.listen(windows.dlls, VAULT_ID, 64)
    assert windows.called("LocalFree")


def test_where_no_pipe_can_be_made_there_is_no_door(own: Token) -> None:
    assert door.listen(Windows({"CreateNamedPipeW": [(of.NO_HANDLE, 8)]}).dlls, VAULT_ID, 64) is None
    descriptor = "ConvertStringSecurityDescriptorToSecurityDescriptorW"
    assert door.listen(Windows({descriptor: [(0, 87)]}).dlls, VAULT_ID, 64) is None


def test_a_door_at_which_windows_fails_is_not_tried_for_ever(own: Token) -> None:
    windows = Windows({"CreateNamedPipeW": [(HANDLE, 0)], "ConnectNamedPipe": [(0, 6)]})
    made = door.listen(windows.dlls, VAULT_ID, 64)
    assert made is not None
    with pytest.raises(OSError, match="accepted"):
        made.accept()
    assert len(windows.called("ConnectNamedPipe")) == 1


def test_the_server_cannot_act_in_the_name_of_who_asks(own: Token) -> None:
    windows = Windows({"CreateFileW": [(of.NO_HANDLE, 2)]})
    assert pipes.connected(windows.dlls, "window", 5) is None
    (opened,) = windows.called("CreateFileW")
    assert opened[0] == f"\\\\.\\pipe\\strongroom-{USER}-3-window"
    assert opened[5] == 0x4010_0000  # overlapped, SECURITY_SQOS_PRESENT, anonymous


def test_a_busy_pipe_is_tried_again_when_windows_says_so(own: Token) -> None:
    windows = Windows({"CreateFileW": [(of.NO_HANDLE, of.PIPE_BUSY)] * 2 + [(of.NO_HANDLE, 2)]})
    assert pipes.connected(windows.dlls, "window", 5) is None
    assert len(windows.called("CreateFileW")) == 3
    assert all(0 < left <= 5_000 for _, left in windows.called("WaitNamedPipeW"))
    waits_for_nothing = Windows({"CreateFileW": [(of.NO_HANDLE, of.PIPE_BUSY)], "WaitNamedPipeW": [(0, 121)]})
    assert pipes.connected(waits_for_nothing.dlls, "window", 5) is None
    assert len(waits_for_nothing.called("CreateFileW")) == 1


def test_who_cannot_be_told_to_be_of_this_user_is_hung_up_on_unasked(own: Token) -> None:
    for missing in ("GetKernelObjectSecurity", "GetNamedPipeServerProcessId", "OpenProcess"):
        windows = Windows({"CreateFileW": [(HANDLE, 0)], missing: [(0, 5)]})
        assert pipes.connected(windows.dlls, "window", 5) is None
        assert (HANDLE,) in windows.called("CloseHandle")
        assert not windows.called("WriteFile")
