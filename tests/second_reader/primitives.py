"""Sections 1 and 2 of docs/format.md, written from that page alone: derivations, wrapping, recovery codes.

Nothing here comes from vault/, and the primitives are of other makers: hashlib, pycryptodomex, argon2-cffi.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import unicodedata
from typing import TYPE_CHECKING, Final

from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw
from Cryptodome.Cipher import AES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Decrypt = Callable[[str, bytes, Mapping[str, str]], bytes | None]
    """Asks a KMS: ARN, ciphertext and encryption context to the plaintext; None if it is not of these."""

LAST_MOMENT: Final = 253402300799999
TAG: Final = 16
NONCE: Final = 12
WRAPPED: Final = NONCE + 32 + TAG
DASHES: Final = dict.fromkeys(
    map(ord, "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d")
)  # for str.translate: all of them go
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refusal(Exception):
    """The format forbids it. `reason` is the word of the page with dashes: "not-a-vault", "damaged" ..."""

    def __init__(self, reason: str, what: str) -> None:
        super().__init__(f"{reason}: {what}")
        self.reason = reason


def damaged(what: str) -> Refusal:
    return Refusal("damaged", what)


# ---------------------------------------------------------------------------------------- keys and ciphers


def hmac_sha256(key: bytes, octets: bytes) -> bytes:
    return hmac.digest(key, octets, "sha256")


def hkdf(ikm: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256, one block long."""
    return hmac_sha256(hmac_sha256(salt, ikm), info + b"\x01")


def expand_sha512(key: bytes, info: bytes) -> bytes:
    """HKDF-Expand with SHA-512, one block long: 64 bytes."""
    return hmac.digest(key, info + b"\x01", "sha512")


def subkey(vault_key: bytes, vault_id: bytes, use: str) -> bytes:
    return hkdf(vault_key, vault_id, b"strongroom/v1/" + use.encode("ascii"))


def gcm_seal(key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG)
    cipher.update(aad)
    ciphertext, tag = cipher.encrypt_and_digest(plaintext)
    return ciphertext + tag


def gcm_open(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes | None:
    """None when the tag does not fit."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG)
    cipher.update(aad)
    try:
        return cipher.decrypt_and_verify(sealed[:-TAG], sealed[-TAG:])
    except ValueError:
        return None


def wrap(kek: bytes, nonce: bytes, key: bytes, aad: bytes) -> bytes:
    return nonce + gcm_seal(kek, nonce, key, aad)


def unwrap(kek: bytes, wrapped: bytes, aad: bytes) -> bytes | None:
    """The 32-byte key, or None when it does not open."""
    if len(wrapped) != WRAPPED:
        return None
    return gcm_open(kek, wrapped[:NONCE], wrapped[NONCE:], aad)


def argon2id(passphrase: bytes, salt: bytes, memory: int, passes: int, lanes: int) -> bytes:
    return hash_secret_raw(passphrase, salt, passes, memory, lanes, 32, Type.ID, ARGON2_VERSION)


def passphrase_octets(text: str) -> bytes:
    octets = unicodedata.normalize("NFC", text).encode("utf-8")
    if not 1 <= len(octets) <= 1024:
        raise Refusal("wrong-credential", "a passphrase has 1 to 1,024 bytes")
    return octets


# ------------------------------------------------------------------------------------------------ contexts


def context_octets(pairs: Mapping[str, str]) -> bytes:
    """An encryption context in the form of the AWS Encryption SDK."""
    if not pairs:
        return b""
    octets = struct.pack(">H", len(pairs))
    for key, value in sorted((key.encode(), value.encode()) for key, value in pairs.items()):
        octets += struct.pack(">H", len(key)) + key + struct.pack(">H", len(value)) + value
    return octets


# ----------------------------------------------------------------------------------------- recovery code


def _times(left: int, right: int) -> int:
    """The product in GF(32), polynomial x^5 + x^2 + 1, by shift and reduce."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 32:
            left ^= 0b100101
        right >>= 1
    return product


def _digits(octets: bytes, count: int) -> list[int]:
    """The first `count` pieces of 5 bits; zero bits follow the last byte."""
    number = int.from_bytes(octets, "big") << 8
    length = 8 * len(octets) + 8
    return [(number >> (length - 5 * (index + 1))) & 31 for index in range(count)]


def _group_check(group: int, data: list[int]) -> int:
    check = group
    for coefficient, digit in zip((2, 3, 4, 5), data, strict=True):
        check ^= _times(coefficient, digit)
    return check


def recovery_code(key: bytes) -> str:
    data = _digits(key, 52)
    groups = []
    for index in range(13):
        part = data[4 * index : 4 * index + 4]
        groups.append([*part, _group_check(index + 1, part)])
    groups.append(_digits(hashlib.sha256(b"strongroom/v1/recovery-check" + key).digest(), 5))
    return "-".join("".join(ALPHABET[digit] for digit in group) for group in groups)


def recovery_key(code: str) -> bytes:
    """The 32 bytes of a code; ValueError when it is none."""
    plain = "".join(code.translate(DASHES).upper().split())
    digits = [ALPHABET.index({"O": "0", "I": "1", "L": "1"}.get(each, each)) for each in plain]
    if len(digits) != 70:
        raise ValueError("a code has 14 groups of 5")
    data: list[int] = []
    for index in range(13):
        part = digits[5 * index : 5 * index + 5]
        if part[4] != _group_check(index + 1, part[:4]):
            raise ValueError(f"group {index + 1}")
        data += part[:4]
    number = 0
    for digit in data:
        number = number << 5 | digit
    if number & 15:
        raise ValueError("bits after the 256th")
    key = (number >> 4).to_bytes(32, "big")
    if digits[65:] != _digits(hashlib.sha256(b"strongroom/v1/recovery-check" + key).digest(), 5):
        raise ValueError("group 14")
    return key
