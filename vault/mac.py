"""Mac: HMAC-SHA-256 under one subkey, keyed once and copied for every message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from vault.errors import Locked, Said

if TYPE_CHECKING:
    from vault.secret import Secret


class Mac:
    """A keyed HMAC-SHA-256 (RFC 2104). The key stays inside OpenSSL until it is wiped."""

    __slots__ = ("_keyed",)

    def __init__(self, key: Secret) -> None:
        self._keyed: HMAC | None = HMAC(key.reveal(), SHA256())

    def of(self, octets: bytes | bytearray | memoryview) -> bytes:
        """The 32-byte code of `octets`.

        Raises:
            Locked: the key was wiped.
        """
        if self._keyed is None:
            msg = Said("the vault is locked")
            raise Locked(msg)
        mac = self._keyed.copy()
        mac.update(octets)
        return mac.finalize()

    def wipe(self) -> None:
        """Drop the key; OpenSSL clears it."""
        self._keyed = None
