"""Envelopes: each version's value sealed under a data key of its own, with key commitment.

Layout and derivation: docs/format.md, section 5. AES-GCM opens under many keys if an attacker may choose
the ciphertext; the commitment, compared first, ties a sealed value to one data key.
"""

from __future__ import annotations

from hmac import compare_digest
from os import urandom
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from vault.aead import OVERHEAD_BYTES, Cipher, canonical_context
from vault.errors import Damaged, Refused, Said
from vault.secret import Secret, wipe

if TYPE_CHECKING:
    from collections.abc import Mapping

SUITE: Final = b"\x01"  # AES-256-GCM, HKDF-Expand-SHA-512, 32-byte commitment
COMMITMENT_BYTES: Final = 32
DATA_KEY_BYTES: Final = 32
SEALED_OVERHEAD: Final = len(SUITE) + COMMITMENT_BYTES + OVERHEAD_BYTES
RESERVED_PREFIX: Final = "strongroom:"

_INFO: Final = b"strongroom/v1/envelope" + SUITE
_HASH: Final = SHA512()
_PLAIN_CONTEXT: Final = (
    b"\0\3\0\x10strongroom:entry\0%c%b\0\x10strongroom:vault\0\x20%b\0\x12strongroom:version\0%c%b"
)
_VALUE_AT: Final = len(SUITE) + COMMITMENT_BYTES


def encryption_context(
    vault_id: bytes, entry_id: int, number: int, pairs: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a version is bound to: vault, entry, version, and the user's own pairs.

    Raises:
        Refused: one of the user's pairs has a name that begins with "strongroom:".
    """
    for name in pairs or ():
        if name.startswith(RESERVED_PREFIX):
            message = Said(
                "encryption context names may not begin with {reserved_prefix}",
                reserved_prefix=RESERVED_PREFIX,
            )
            raise Refused("ValidationException", message)
    return {
        **(pairs or {}),
        "strongroom:vault": vault_id.hex(),
        "strongroom:entry": str(entry_id),
        "strongroom:version": str(number),
    }


def context_bytes(
    vault_id: bytes, entry_id: int, number: int, pairs: Mapping[str, str] | None = None
) -> bytes:
    """The encryption context of a version as associated data."""
    if pairs:
        return canonical_context(encryption_context(vault_id, entry_id, number, pairs))
    entry, version = b"%d" % entry_id, b"%d" % number  # the same octets, five times as fast
    return _PLAIN_CONTEXT % (len(entry), entry, vault_id.hex().encode(), len(version), version)


def new_data_key() -> Secret:
    """32 random bytes, for exactly one version."""
    return Secret.adopt(bytearray(urandom(DATA_KEY_BYTES)))


def seal_value(data_key: bytearray, value: bytes | bytearray | memoryview, context: bytes) -> bytes:
    """Seal a value: suite (1), commitment (32), nonce (12), ciphertext, tag (16)."""
    derived = _derive(data_key)
    try:
        commitment = bytes(derived[DATA_KEY_BYTES:])
        return SUITE + commitment + Cipher(memoryview(derived)[:DATA_KEY_BYTES]).seal(value, context)
    finally:
        wipe(derived)


def open_value(data_key: bytearray, sealed: bytes, context: bytes) -> Secret:
    """Open what `seal_value` made.

    Raises:
        Damaged: the suite is unknown, the commitment is of another data key, or the value or its
            context were changed.
    """
    if sealed[:1] != SUITE or len(sealed) < SEALED_OVERHEAD:
        msg = Said("a sealed value is not in a layout that this program knows")
        raise Damaged(msg)
    derived = _derive(data_key)
    try:
        if not compare_digest(sealed[1:_VALUE_AT], derived[DATA_KEY_BYTES:]):
            msg = Said("a sealed value was made under another data key")
            raise Damaged(msg)
        return Cipher(memoryview(derived)[:DATA_KEY_BYTES]).open(sealed[_VALUE_AT:], context)
    finally:
        wipe(derived)


def commits(data_key: bytearray, sealed: bytes) -> bool:
    """Whether a sealed value, or its first 33 bytes, was made under this data key."""
    derived = _derive(data_key)
    try:
        return sealed[:1] == SUITE and compare_digest(sealed[1:_VALUE_AT], derived[DATA_KEY_BYTES:])
    finally:
        wipe(derived)


def _derive(data_key: bytearray) -> bytearray:
    """The encryption key (32) and the commitment (32) of a data key; wipe it."""
    derived = bytearray(DATA_KEY_BYTES + COMMITMENT_BYTES)
    HKDFExpand(_HASH, len(derived), _INFO).derive_into(data_key, derived)
    return derived
