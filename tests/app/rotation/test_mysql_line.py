"""A server of MySQL that answers what none does."""

from __future__ import annotations

import json
import socket
import struct
from contextlib import contextmanager, suppress
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from app.errors import RotationError, TargetUnanswered
from app.rotation.credential import Credential
from app.rotation.targets.address import Address
from app.rotation.targets.mysql_session import MySqlSession
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

OK = b"\0\0\0\2\0\0\0"
GREETING = (
    b"\x0a10.11.1-MariaDB\0" + struct.pack("<I", 1) + b"A" * 8 + b"\0" + struct.pack("<H", 0x8201)
    + b"\x2d\2\0\x08\0\x15" + bytes(10) + b"B" * 12 + b"\0mysql_native_password\0"
)  # fmt: skip
COLUMN = b"\3def\0\0\0\1v\0\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0"
LARGE = b"\xfd\xf0\xff\0" + b"x" * 0xFFF0


def packet(number: int, octets: bytes) -> bytes:
    return struct.pack("<I", len(octets))[:3] + bytes([number % 256]) + octets


def rows(row: bytes, pause: float, stop: Event) -> Iterator[bytes]:
    yield packet(1, b"\1") + packet(2, COLUMN) + packet(3, b"\xfe\0\0\2\0")
    number = 4
    while not stop.wait(pause):
        yield packet(number, row)
        number += 1


def drip(octets: bytes, stop: Event) -> Iterator[bytes]:
    for octet in octets:
        if stop.wait(0.3):
            return
        yield bytes([octet])


ANSWERS = {
    "rows without end": lambda stop: rows(LARGE, 0, stop),
    "a row every now and then": lambda stop: rows(b"\0011", 0.3, stop),
    "octets every now and then": lambda stop: drip(packet(1, bytes(200)), stop),
    "a file is asked for": lambda _: iter([packet(1, b"\xfb/etc/passwd")]),
    "nonsense": lambda _: iter([packet(1, b"\5"), packet(2, b"zz")]),
    "silence": lambda stop: iter([b""] * stop.wait(5)),
}


@contextmanager
def server(answer: str) -> Iterator[Address]:
    """Lets everybody in, and answers the first query for the version."""
    stop = Event()

    def heard(line: socket.socket) -> bytes:
        head = line.recv(4, socket.MSG_WAITALL)
        return line.recv(int.from_bytes(head[:3], "little"), socket.MSG_WAITALL)

    def serve() -> None:
        with suppress(OSError), listening.accept()[0] as line:
            line.sendall(packet(0, GREETING))
            heard(line)
            line.sendall(packet(2, OK))
            while b"VERSION" not in heard(line):
                line.sendall(packet(1, OK))
            for piece in ANSWERS[answer](stop):  # type: ignore[no-untyped-call]
                line.sendall(piece)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = Thread(target=serve)
        serving.start()
        try:
            yield Address("127.0.0.1", listening.getsockname()[1], "", "disable", "", 1)
        finally:
            stop.set()
            serving.join()


@pytest.mark.parametrize("answer", ANSWERS)
def test_no_answer_takes_longer_or_is_larger_than_was_said(answer: str) -> None:
    login = Credential(Secret.of_text(json.dumps({"username": "app", "password": "pw of app"})))
    with server(answer) as address:
        begun = monotonic()
        with pytest.raises(TargetUnanswered):
            MySqlSession(address, login)
        assert monotonic() - begun < 4


@pytest.mark.parametrize(
    ("plug_in", "more"),
    [(b"caching_sha2_password", [b"\1\4"]), (b"sha256_password", [])],
    ids=["caching_sha2_password", "sha256_password"],
)
def test_no_server_gets_the_password_under_a_key_of_its_own_in_clear(
    plug_in: bytes, more: list[bytes]
) -> None:
    login = Credential(Secret.of_text(json.dumps({"username": "app", "password": "pw of app"})))
    heard: list[bytes] = []

    def serve() -> None:
        with suppress(OSError), listening.accept()[0] as line:
            number = 2
            for octets in (b"\xfe" + plug_in + b"\0" + b"A" * 20 + b"\0", *more, b"\1 a key"):
                if number == 2:
                    line.sendall(packet(0, GREETING))
                    line.recv(4096)
                line.sendall(packet(number, octets))
                heard.append(line.recv(4096))
                number += 2

    with socket.create_server(("127.0.0.2", 0)) as listening:  # none of the names of this machine
        serving = Thread(target=serve)
        serving.start()
        with pytest.raises(RotationError, match="nobody vouches for"):
            MySqlSession(Address("127.0.0.2", listening.getsockname()[1], "", "disable", "", 2), login)
        serving.join()
    assert all(len(said) <= 4 + 32 for said in heard)  # a scramble at most; what RSA makes is longer
