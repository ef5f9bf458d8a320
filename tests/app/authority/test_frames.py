"""Frames: what goes in comes out, and nothing else does harm at either end."""

from __future__ import annotations

import os
import socket
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.authority import client, frames, hosting
from app.authority.frames import Cut, Wire
from app.cli import terminal
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

KINDS = some.sampled_from([*frames.REQUEST, *frames.REPLY, *frames.ORDERS, b"?", b"\0"])
FRAMES = some.lists(some.tuples(KINDS, some.binary(max_size=200)), max_size=20)
SIDES: tuple[Mapping[bytes, int], ...] = (frames.REQUEST, frames.REPLY, frames.OPENING, frames.ORDERS)


class Line:
    """Both ends of a connection; the far one is written to and shut."""

    def __init__(self) -> None:
        self.near, self.far = socket.socketpair()
        self.near.settimeout(10)
        self.far.settimeout(10)
        self.wire = Wire(self.near)

    def say(self, octets: bytes) -> None:
        self.far.sendall(octets)
        self.far.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.near.close()
        self.far.close()


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.close()


def packed(sent: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join(kind + len(content).to_bytes(4, "big") + content for kind, content in sent)


@given(content=some.binary(max_size=100_000))
def test_a_frame_comes_out_as_it_went_in(content: bytes) -> None:
    line = Line()
    Wire(line.far).send(frames.DATA, bytearray(content))
    assert line.wire.receive(frames.ORDERS) == (frames.DATA, bytearray(content))
    line.close()


@given(octets=some.binary(max_size=300), side=some.sampled_from(SIDES))
def test_octets_that_are_no_frames_end_the_connection(octets: bytes, side: Mapping[bytes, int]) -> None:
    line = Line()
    line.say(octets)
    taken = 0
    try:
        while True:
            kind, content = line.wire.receive(side)
            assert len(content) <= side[kind]
            taken += 5 + len(content)
    except Cut:
        assert taken <= len(octets)
    line.close()


@pytest.mark.parametrize("kind", sorted({*frames.REQUEST, *frames.REPLY, *frames.ORDERS}))
def test_a_frame_longer_than_its_kind_allows_is_refused_before_it_is_read(line: Line, kind: bytes) -> None:
    for side in SIDES:
        if kind in side:
            line.say(kind + (side[kind] + 1).to_bytes(4, "big"))
            with pytest.raises(Cut):
                line.wire.receive(side)
            return


def test_a_frame_that_is_announced_and_does_not_come_takes_no_room(line: Line) -> None:
    line.say(frames.DATA + frames.MAX_DATA.to_bytes(4, "big") + b"x")
    with pytest.raises(Cut):
        line.wire.receive(frames.ORDERS)


@given(sent=FRAMES)
def test_a_request_of_any_frames_is_a_request_or_cut_off(sent: list[tuple[bytes, bytes]]) -> None:
    line = Line()
    line.say(packed(sent))
    try:
        request = hosting.receive(line.wire)
    except Cut:
        pass
    else:
        assert (frames.RUN, b"") in sent
        assert len(request.argv) == [kind for kind, _ in sent][: sent.index((frames.RUN, b""))].count(
            frames.ARGUMENT
        )
    line.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=FRAMES)
def test_a_window_that_says_anything_gets_nothing_but_what_the_caller_named(
    sent: list[tuple[bytes, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setattr(terminal, "ask_hidden", lambda _: Secret(b"typed"))
    monkeypatch.setattr(terminal, "confirm", lambda _: False)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: 0))
    monkeypatch.setattr(client, "_read", lambda _descriptor, limit: bytearray(b"x" * min(limit, 3)))
    line = Line()
    line.say(packed(sent))
    try:
        code = client._obey(line.wire, ["put", "/a", "--file=named"])
        assert code is None or 0 <= code <= 255
    except Cut:
        pass
    line.close()


@pytest.mark.parametrize(
    ("argv", "asked", "given_out"),
    [
        (["put", "/a", "--file", "named"], "named", True),
        (["put", "/a", "--file=named"], "named", True),
        (["put", "/a", "--file", "named"], "other", False),
        (["put", "/a", "--file", "named"], "./named", False),
        (["put", "/a", "--file", "named"], "", False),
    ],
)
def test_only_a_file_of_the_command_line_is_read_for_the_window(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str], asked: str, given_out: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("named", "other"):
        (tmp_path / name).write_bytes(b"content")
    line.say(packed([(frames.FILE_READ, (100).to_bytes(8, "big") + asked.encode())]))
    with pytest.raises(Cut):  # the window says nothing more
        client._obey(line.wire, argv)
    line.near.close()
    answer = line.far.recv(1000)
    assert answer == (packed([(frames.ANSWER, b"content")]) if given_out else b"")


def test_a_file_is_read_up_to_the_size_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    with open(tmp_path / "file", "rb", buffering=0) as file:
        assert client._read(file.fileno(), 4) == b"0123"
        assert client._read(file.fileno(), 100) == b"456789"
        assert client._read(file.fileno(), 100) == b""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")
def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    near, far = os.pipe()
    os.write(far, b"a" * 10_000)
    os.close(far)
    assert client._read(near, frames.MAX_VALUE) == b"a" * 10_000
    os.close(near)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")
def test_what_is_not_there_yet_is_not_taken_for_the_end() -> None:
    near, far = os.pipe()
    os.set_blocking(near, False)
    os.write(far, b"half of a val")
    with pytest.raises(BlockingIOError):
        client._read(near, frames.MAX_VALUE)
    os.close(near)
    os.close(far)
