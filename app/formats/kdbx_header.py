"""What a KDBX file's clear header asks of whoever opens it. A hostile header is refused, not obeyed.

Layout: KeePass's "KDBX File Format Specification"; version 3.1 numbers transform rounds field 6, version 4
puts key derivation into field 11, a map of typed values.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from app.errors import Malformed
from vault.errors import Said

MAGIC = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"
MAX_MEMORY = 2**30  # octets, of Argon2
MAX_WORK = 64 * 2**30  # octets that Argon2 passes over: memory times iterations
MAX_LANES = 64
MAX_ROUNDS = 100_000_000  # of AES-KDF

_HEAD = struct.Struct("<8sHH")
_END, _ROUNDS_3, _KDF_4 = 0, 6, 11


class Cost(NamedTuple):
    """What opening the file takes. Zero where the file's method has no such thing."""

    memory: int = 0  # octets
    iterations: int = 0
    lanes: int = 0
    rounds: int = 0


def check_cost(octets: bytes) -> Cost:
    """What the header asks for, if that is bearable.

    Raises:
        Malformed: not KDBX, or not its version 3 or 4, a cut header, or a cost above 1 GiB of memory, 64 GiB
            of passes, 64 lanes or 100,000,000 rounds.
    """
    if not octets.startswith(MAGIC):
        raise Malformed(Said("this is no KeePass file: it does not begin as a KDBX file does"))
    try:
        cost = _cost(octets)
    except (struct.error, IndexError):
        cost = None
    if cost is None:
        raise Malformed(
            Said("the header of this KeePass file is damaged, or of a version other than 3 and 4")
        )
    if (
        cost.memory > MAX_MEMORY
        or cost.memory * cost.iterations > MAX_WORK
        or cost.lanes > MAX_LANES
        or cost.rounds > MAX_ROUNDS
    ):
        raise Malformed(
            Said("this KeePass file asks for more work to open it than is sane; it was not opened")
        )
    return cost


def _cost(octets: bytes) -> Cost | None:
    _, _, version = _HEAD.unpack_from(octets)
    if version not in (3, 4):
        return None
    at = _HEAD.size
    length = struct.Struct("<BH" if version == 3 else "<BI")  # noqa: PLR2004  the version in the file
    while True:
        field, size = length.unpack_from(octets, at)
        at += length.size
        value = octets[at : at + size]
        if len(value) != size:
            return None
        at += size
        if version == 3 and field == _ROUNDS_3:  # noqa: PLR2004
            return Cost(rounds=struct.unpack("<Q", value)[0])
        if version == 4 and field == _KDF_4:  # noqa: PLR2004
            return _kdf(value)
        if field == _END:
            return None


def _kdf(value: bytes) -> Cost:
    numbers: dict[bytes, int] = {}
    at = 2  # after the map's version
    while value[at]:
        (name_size,) = struct.unpack_from("<I", value, at + 1)
        name = value[at + 5 : at + 5 + name_size]
        at += 5 + name_size
        (size,) = struct.unpack_from("<I", value, at)
        content = value[at + 4 : at + 4 + size]
        at += 4 + size
        if len(content) != size:
            raise IndexError
        if name in (b"M", b"I", b"P", b"R"):
            numbers[name] = int.from_bytes(content[:8], "little")
    return Cost(
        memory=numbers.get(b"M", 0),
        iterations=numbers.get(b"I", 0),
        lanes=numbers.get(b"P", 0),
        rounds=numbers.get(b"R", 0),
    )
