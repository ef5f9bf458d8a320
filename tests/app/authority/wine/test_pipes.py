"""The named pipe between window and command, in two processes under Wine.

Wine 8 takes no notice of FILE_FLAG_FIRST_PIPE_INSTANCE; `test_windows.py` has what is asked for and what is
made of a refusal.
"""

from __future__ import annotations

import os
from ctypes import byref, c_uint32, c_uint64, create_string_buffer, sizeof
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from app.authority.callers import Stranger
from app.authority.windows import dlls as of
from app.authority.windows import door, pipes, processes, security
from app.authority.windows.dlls import SecurityAttributes
from app.authority.windows.security import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.authority.windows.dlls import Dlls
    from app.authority.windows.door import PipeDoor, PipeVisit
    from app.authority.windows.pipes import Pipe
    from tests.app.authority.wine.conftest import Wine
    from tests.app.authority.wine.far import Far

pytestmark = pytest.mark.xdist_group("wine")
SECONDS = 30.0
MOST = 2
ADMINISTRATORS = "S-1-5-32-544"
OWNER_AND_DACL = 0x5
MEDIUM_NO_READ_NO_WRITE = bytes.fromhex("11001400 03000000 0101000000000010 00200000")  # an ACE


class Place:
    """A door of a window, and a command that knocks."""

    def __init__(self, window: Far, command: Far) -> None:
        self.window, self.command = window, command
        self.vault_id = os.urandom(16)
        made = door.listen(window.dlls, self.vault_id, MOST)
        assert made is not None
        self.door: PipeDoor = made

    def knock(self, seconds: float = SECONDS) -> Pipe | None:
        return pipes.connected(self.command.dlls, self.vault_id.hex(), seconds)

    def pair(self) -> tuple[PipeVisit, Pipe]:
        end = self.knock()
        assert end is not None
        visit = self.door.accept()
        visit.settimeout(SECONDS)
        end.settimeout(SECONDS)
        return visit, end


@pytest.fixture
def place(window_side: Far, command_side: Far) -> Iterator[Place]:
    place = Place(window_side, command_side)
    yield place
    place.door.close()


def beside(work: Callable[[], object]) -> Thread:
    thread = Thread(target=work)
    thread.start()
    return thread


def all_of(end: Pipe, size: int) -> bytes:
    octets = bytearray()
    while len(octets) < size:
        more = end.recv(size - len(octets))
        assert more
        octets += more
    return bytes(octets)


def test_octets_come_out_as_they_went_in_both_ways(place: Place) -> None:
    visit, end = place.pair()
    long = os.urandom(3 * pipes.CHUNK + 7)
    writing = beside(lambda: visit.sendall(bytearray(long)))
    assert all_of(end, len(long)) == long
    writing.join()
    end.sendall(memoryview(b"an answer"))
    assert (visit.recv(2), visit.recv(100)) == (b"an", b" answer")
    visit.close()
    end.close()


def test_what_was_sent_before_hanging_up_still_arrives(place: Place) -> None:
    visit, end = place.pair()
    visit.sendall(b"the last words")
    visit.close()
    visit.close()
    assert (end.recv(100), end.recv(100)) == (b"the last words", b"")
    with pytest.raises(OSError, match="error"):
        end.sendall(b"too late")
    end.close()


def test_a_silent_other_end_is_not_waited_for_beyond_the_time(place: Place) -> None:
    visit, end = place.pair()
    visit.settimeout(0.05)
    end.settimeout(0.05)
    with pytest.raises(TimeoutError):
        visit.recv(1)
    with pytest.raises(TimeoutError):  # nobody reads
        end.sendall(bytes(64 * pipes.CHUNK))
    assert not visit.is_gone()
    visit.close()
    end.close()


def test_after_a_time_out_nothing_of_the_next_octets_is_lost(place: Place) -> None:
    visit, end = place.pair()
    visit.settimeout(0.02)
    for number in range(5):
        with pytest.raises(TimeoutError):
            visit.recv(1)
        end.sendall(bytes([number]))
        visit.settimeout(SECONDS)
        assert visit.recv(10) == bytes([number])
        visit.settimeout(0.02)
    visit.close()
    end.close()


def test_a_caller_that_hangs_up_is_gone_and_one_that_is_silent_is_not(place: Place) -> None:
    visit, end = place.pair()
    assert not visit.is_gone()
    end.close()
    assert visit.is_gone()
    assert visit.recv(1) == b""
    visit.close()
    assert visit.is_gone()


def test_a_caller_that_is_killed_is_gone(wine: Wine, window_side: Far) -> None:
    command = wine.start()
    place = Place(window_side, command)
    visit, _ = place.pair()
    waiting: list[bytes] = []
    reading = beside(lambda: waiting.append(visit.recv(1)))
    command.kill()
    reading.join(SECONDS)
    assert waiting == [b""]
    assert visit.is_gone()
    with pytest.raises(Stranger):
        visit.caller()
    visit.close()
    place.door.close()


def test_a_cut_from_another_thread_ends_a_wait_that_has_no_end(place: Place) -> None:
    visit, end = place.pair()
    visit.settimeout(None)
    raised: list[OSError] = []

    def wait() -> None:
        try:
            visit.recv(1)
        except OSError as error:
            raised.append(error)

    waiting = beside(wait)
    visit.cut()
    waiting.join(SECONDS)
    assert len(raised) == 1
    assert end.recv(1) == b""
    end.close()


def test_ctrl_c_takes_back_what_is_under_way(place: Place) -> None:
    visit, end = place.pair()
    dlls = end._dlls

    def interrupted(handles: list[int], milliseconds: int) -> int:
        raise KeyboardInterrupt

    end._channel._dlls = dlls._replace(wait=interrupted)
    with pytest.raises(KeyboardInterrupt):
        end.recv(1)
    end._channel._dlls = dlls
    visit.sendall(b"x")
    assert end.recv(1) == b"x"  # not into the memory of the call that was given up
    visit.close()
    end.close()


def test_a_closed_door_lets_nobody_in_wakes_who_waits_and_its_place_is_free(place: Place) -> None:
    woken: list[OSError] = []

    def accept() -> None:
        try:
            place.door.accept()
        except OSError as error:
            woken.append(error)

    visit, end = place.pair()
    accepting = beside(accept)
    place.door.close()
    visit.cut()
    accepting.join(SECONDS)
    assert len(woken) == 1
    assert place.knock() is None
    again = door.listen(place.window.dlls, place.vault_id, MOST)
    assert again is not None
    again.close()
    end.close()
    with pytest.raises(OSError, match="accepted"):
        place.door.accept()


def test_nobody_listens(command_side: Far) -> None:
    assert pipes.connected(command_side.dlls, os.urandom(16).hex(), SECONDS) is None


def test_a_caller_that_left_at_once_does_not_keep_the_next_one_out(place: Place) -> None:
    left = place.knock()
    assert left is not None
    left.close()
    accepted: list[PipeVisit] = []
    accepting = beside(lambda: accepted.append(place.door.accept()))
    end = place.knock()
    accepting.join(SECONDS)
    assert end is not None
    end.sendall(b"here")
    assert accepted[0].recv(10) == b"here"
    accepted[0].close()
    end.close()


def test_of_more_callers_than_there_may_be_each_is_hung_up_on(place: Place) -> None:
    held = [place.pair() for _ in range(MOST + 1)]
    late = place.knock()
    assert late is not None
    late.settimeout(SECONDS)
    accepted: list[PipeVisit] = []
    accepting = beside(lambda: accepted.append(place.door.accept()))
    assert late.recv(1) == b""  # not left to wait
    held[0][0].close()
    held[0][1].close()
    end = place.knock()
    accepting.join(SECONDS)
    assert end is not None
    assert len(accepted) == 1
    for one in (*(one for pair in held for one in pair), accepted[0], end, late):
        one.close()


def test_a_command_does_not_wait_for_ever_where_all_instances_are_taken(place: Place) -> None:
    waiting = place.knock()
    assert waiting is not None  # nobody accepts
    assert place.knock(0.05) is None
    waiting.close()


def test_the_pipe_is_the_users_alone(place: Place, window_side: Far) -> None:
    """The descriptor, as the system has it."""
    visit, end = place.pair()
    room, needed = create_string_buffer(1024), c_uint32()
    read = window_side.dlls.advapi32.GetKernelObjectSecurity
    assert visit._channel.at_once(
        lambda handle: read(handle, OWNER_AND_DACL, room, sizeof(room), byref(needed))
    )
    user = processes.token(window_side.dlls, of.THIS_PROCESS).user
    assert (
        sddl(window_side, window_side.twin(room), OWNER_AND_DACL)
        == f"O:{user}D:P(D;;FA;;;NU)(A;;FA;;;{user})"
    )
    visit.close()
    end.close()


def test_the_label_is_understood_which_wine_8_does_not_keep_for_a_pipe(window_side: Far) -> None:
    made, wanted = c_uint64(), security.descriptor("S-1-5-21-1-2-3-1001")
    assert window_side.dlls.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        wanted, of.SDDL_REVISION, byref(made), None
    )
    at = int.from_bytes(window_side.octets_at(made.value + 12, 4), "little")
    assert window_side.octets_at(made.value + at + 8, 20) == MEDIUM_NO_READ_NO_WRITE
    window_side.dlls.kernel32.LocalFree(made.value)


def sddl(far: Far, descriptor: int, which: int) -> str:
    text = c_uint64()
    assert far.call(
        "advapi32",
        "ConvertSecurityDescriptorToStringSecurityDescriptorW",
        (descriptor, of.SDDL_REVISION, which, byref(text), None),
    )
    return far.text_at(text.value)


def squat(far: Far, vault_id: bytes, owner: str, seen: list[bytes]) -> Callable[[], None]:
    """A pipe of our name that is somebody else's, open to everybody, and notes what it is sent."""
    dlls, made = far.dlls, c_uint64()
    assert dlls.advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        f"O:{owner}D:(A;;FA;;;WD)", of.SDDL_REVISION, byref(made), None
    )
    name = security.PIPES + pipes.own_name(dlls, vault_id.hex())
    handle = dlls.kernel32.CreateNamedPipeW(
        name, of.DUPLEX | of.OVERLAPPED_IO, 0, 4, 4096, 4096, 0,
        byref(SecurityAttributes(sizeof(SecurityAttributes), made.value, 0)),
    )  # fmt: skip
    assert handle != of.NO_HANDLE
    end = pipes.Pipe(dlls, pipes.Channel(dlls, handle))
    end.settimeout(SECONDS)

    def note() -> None:
        end._channel.carry_out(dlls.kernel32.ConnectNamedPipe, SECONDS)
        seen.append(end.recv(100))
        end.close()

    noting = beside(note)
    return lambda: noting.join(SECONDS)


def test_who_takes_the_name_first_is_told_nothing(window_side: Far, command_side: Far) -> None:
    vault_id, seen = os.urandom(16), list[bytes]()
    until_it_ends = squat(window_side, vault_id, ADMINISTRATORS, seen)
    assert pipes.connected(command_side.dlls, vault_id.hex(), SECONDS) is None
    until_it_ends()
    assert seen == [b""]


@pytest.mark.parametrize("other", [Token("S-1-5-21-9-9-9-1001", 1), Token("", 99)])
def test_a_server_of_another_user_or_session_is_told_nothing(
    window_side: Far, command_side: Far, monkeypatch: pytest.MonkeyPatch, other: Token
) -> None:
    """The pipe itself seems to be ours, as that of a process that was told its owner by ours."""
    vault_id, seen = os.urandom(16), list[bytes]()
    own = processes.token(command_side.dlls, of.THIS_PROCESS)
    other = other if other.user else own._replace(session=other.session)
    until_it_ends = squat(window_side, vault_id, own.user, seen)
    told = processes.token

    def token(dlls: Dlls, process: int) -> Token:
        return told(dlls, process) if process == of.THIS_PROCESS else other

    monkeypatch.setattr(processes, "token", token)
    assert pipes.connected(command_side.dlls, vault_id.hex(), SECONDS) is None
    until_it_ends()
    assert seen == [b""]


@pytest.mark.parametrize("other", [Token("S-1-5-21-9-9-9-1001", 1), Token("", 99)])
def test_a_caller_of_another_user_or_session_is_a_stranger(
    place: Place, monkeypatch: pytest.MonkeyPatch, other: Token
) -> None:
    visit, end = place.pair()
    own = processes.token(place.window.dlls, of.THIS_PROCESS)
    other = other if other.user else own._replace(session=other.session)
    told = processes.token
    monkeypatch.setattr(
        processes, "token", lambda dlls, one: told(dlls, one) if one == of.THIS_PROCESS else other
    )
    with pytest.raises(Stranger):
        visit.caller()
    visit.close()
    end.close()
