"""Octets of a file to text, within bounds."""

from __future__ import annotations

import codecs

from app.errors import Malformed
from vault.errors import Said

MAX_OCTETS = 64 * 2**20  # of a file, and of anything unpacked from one
MAX_DEPTH = 64  # of nesting; a parameter path has 15 levels at most
MAX_ATTACHMENT = 2**20  # octets; a secret binary holds 65,536


def within_bounds(octets: bytes) -> bytes:
    """`octets` as they are.

    Raises:
        Malformed: more than 64 MiB.
    """
    if len(octets) > MAX_OCTETS:
        raise Malformed(Said("the file is larger than {max_octets} MiB", max_octets=MAX_OCTETS >> 20))
    return octets


def decoded(octets: bytes) -> str:
    """The text of a file: UTF-8 with or without a byte order mark, or UTF-16 with one (Windows shells).

    Raises:
        Malformed: more than 64 MiB, or not such text.
    """
    utf16 = within_bounds(octets).startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if utf16 else "utf-8-sig"
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
    # Raised out here: the decoder's error holds the whole file, and a traceback must not.
    raise Malformed(Said("this is not {what} text", what=encoding.removesuffix("-sig").upper()), line)


class Room:
    """How much the attachments of a file may come to: a small one names some often, or packs them."""

    def __init__(self) -> None:
        """All of it."""
        self._left = MAX_OCTETS

    def take(self, octets: int) -> None:
        """Take so many octets of it.

        Raises:
            Malformed: more than 64 MiB together.
        """
        self._left -= octets
        if self._left < 0:
            message = Said(
                "the attachments of this file come to more than {max_octets} MiB; "
                "export fewer entries at once",
                max_octets=MAX_OCTETS >> 20,
            )
            raise Malformed(message)
