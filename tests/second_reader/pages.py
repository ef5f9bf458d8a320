"""The pages of a SQLCipher 4 database, checked by hand: the HMAC of each, the count on the first.

From SQLCipher's published design: the HMAC key is PBKDF2-HMAC-SHA-512 of the raw key, 2 rounds, with every
byte of the salt XOR 0x3a; a page is ciphertext, 16 bytes IV, and 64 bytes HMAC over both and the page's
number (little-endian).
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from typing import Final

from Cryptodome.Cipher import AES

PAGE: Final = 4096
_SALT, _IV, _MAC = 16, 16, 64


def _body(page: bytes, number: int) -> bytes:
    """What the HMAC of a page covers, without the number: the first page begins with the salt."""
    return page[_SALT if number == 1 else 0 : PAGE - _MAC]


def bad_pages(database: bytes, key: bytes) -> list[int]:
    """Numbers of the pages whose HMAC does not fit; a part of a page at the end is one."""
    salt = bytes(octet ^ 0x3A for octet in database[:_SALT])
    mac_key = hashlib.pbkdf2_hmac("sha512", key, salt, 2, 32)
    bad = []
    for number in range(1, -(-len(database) // PAGE) + 1):
        page = database[(number - 1) * PAGE : number * PAGE]
        mac = hmac.digest(mac_key, _body(page, number) + struct.pack("<I", number), "sha512")
        if len(page) != PAGE or not hmac.compare_digest(mac, page[PAGE - _MAC :]):
            bad.append(number)
    return bad


def counted_pages(database: bytes, key: bytes) -> int:
    """The number of pages in SQLite's header, at byte 28 of the first page."""
    plain = plain_body(database, key, 1)
    return int(struct.unpack(">I", plain[28 - _SALT : 32 - _SALT])[0])


def plain_body(database: bytes, key: bytes, number: int) -> bytes:
    """A page as SQLite sees it, without salt, IV and HMAC."""
    body = _body(database[(number - 1) * PAGE : number * PAGE], number)
    return AES.new(key, AES.MODE_CBC, iv=body[-_IV:]).decrypt(body[:-_IV])
