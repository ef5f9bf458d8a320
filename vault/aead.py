"""The one caller of AES-256-GCM: wrap keys, seal octets; and the canonical bytes of a context.

Format: docs/format.md, section 1. AES-GCM does not commit to its key: whoever needs that adds it
(`vault.header` by its MAC, `vault.envelope` by a commitment). Nonces are random, 12 bytes: one key
may seal at most 2**32 times (NIST SP 800-38D, 8.3).
"""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import Damaged, Refused, Said
from vault.secret import Secret, wipe

if TYPE_CHECKING:
    from collections.abc import Mapping

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
OVERHEAD_BYTES: Final = NONCE_BYTES + TAG_BYTES
WRAPPED_KEY_BYTES: Final = 32 + OVERHEAD_BYTES
_MAX_FIELD: Final = 0xFFFF


class Cipher:
    """AES-256-GCM under one 32-byte key, scheduled once. OpenSSL clears its copy when this is dropped."""

    __slots__ = ("_gcm",)

    def __init__(self, key: bytearray | memoryview) -> None:
        self._gcm = AESGCM(key)

    def seal(self, plaintext: bytes | bytearray | memoryview, associated: bytes) -> bytes:
        """Seal `plaintext`: nonce (12), ciphertext, tag (16).

        `associated` is bound to it and not stored.
        """
        nonce = urandom(NONCE_BYTES)
        return nonce + self._gcm.encrypt(nonce, plaintext, associated)

    def open(self, sealed: bytes, associated: bytes) -> Secret:
        """Open what `seal` made.

        Raises:
            Damaged: key, octets or `associated` are not those of the sealing.
        """
        return Secret.adopt(self.open_into(sealed, associated))

    def open_into(self, sealed: bytes, associated: bytes) -> bytearray:
        """As `open`, into a buffer that the caller wipes.

        Raises:
            Damaged: key, octets or `associated` are not those of the sealing.
        """
        size = len(sealed) - OVERHEAD_BYTES
        if size < 0:
            msg = Said("sealed octets are cut short")
            raise Damaged(msg)
        out = bytearray(size)
        try:
            self._gcm.decrypt_into(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated, out)
        except InvalidTag:
            wipe(out)
            msg = Said("sealed octets do not open: another key, or they were changed")
            raise Damaged(msg) from None
        return out

    def wrap(self, key: Secret, context: bytes) -> bytes:
        """Wrap a key, bound to `context`; 60 octets for a 32-byte key."""
        return self.seal(key.reveal(), context)

    def unwrap(self, wrapped: bytes, context: bytes) -> Secret:
        """Unwrap what `wrap` made of a 32-byte key.

        Raises:
            Damaged: it is not what was wrapped under this key for this context.
        """
        return Secret.adopt(self.unwrap_into(wrapped, context))

    def unwrap_into(self, wrapped: bytes, context: bytes) -> bytearray:
        """As `unwrap`, into a buffer that the caller wipes.

        Raises:
            Damaged: it is not what was wrapped under this key for this context.
        """
        if len(wrapped) != WRAPPED_KEY_BYTES:
            msg = Said(
                "a wrapped key has {wrapped_key_bytes} octets, not {count}",
                wrapped_key_bytes=WRAPPED_KEY_BYTES,
                count=len(wrapped),
            )
            raise Damaged(msg)
        return self.open_into(wrapped, context)


def canonical_context(pairs: Mapping[str, str]) -> bytes:
    """The one byte form of an encryption context, for use as associated data.

    As the AWS Encryption SDK serialises its AAD: nothing for no pairs; else u16 count, then the pairs
    sorted by the UTF-8 octets of the key, each u16 length and key, u16 length and value.

    Raises:
        Refused: more than 65535 pairs, or a key or value above 65535 octets or not encodable as UTF-8.
    """
    if not pairs:
        return b""
    try:
        encoded = sorted((key.encode("utf-8"), value.encode("utf-8")) for key, value in pairs.items())
    except UnicodeEncodeError:
        raise Refused("ValidationException", Said("encryption context is not Unicode text")) from None
    if len(encoded) > _MAX_FIELD:
        raise Refused("ValidationException", Said("encryption context has more than 65535 pairs"))
    parts = [len(encoded).to_bytes(2, "big")]
    for pair in encoded:
        for field in pair:
            if len(field) > _MAX_FIELD:
                raise Refused("ValidationException", Said("encryption context has a part above 65535 bytes"))
            parts += (len(field).to_bytes(2, "big"), field)
    return b"".join(parts)
