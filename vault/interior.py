"""What the parts of an unlocked vault share: its database, keys, log and clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from vault.audit import AuditLog
    from vault.keys import LocalKeys
    from vault.mac import Mac
    from vault.outside import Outside
    from vault.records import Origin
    from vault.storage.database import Database

FINGERPRINT_BYTES = 16


class Interior(NamedTuple):
    """The inside of an unlocked vault. Each part takes it whole and uses what it needs."""

    vault_id: bytes  # 16 bytes
    database: Database
    clock: Callable[[], datetime]  # aware, UTC
    audit: AuditLog
    keys: LocalKeys
    fingerprints: Mac
    outside: Outside

    def wipe(self) -> None:
        """Drop every key that the parts share."""
        self.keys.wipe()
        self.outside.wipe()
        self.audit.wipe()
        self.fingerprints.wipe()

    @property
    def origin(self) -> Origin:
        """Which face is at work."""
        return self.audit.origin

    def fingerprint(self, value: bytes | bytearray) -> bytes:
        """16 bytes that are equal for equal values of this vault, and tell nothing outside it."""
        return self.fingerprints.of(value)[:FINGERPRINT_BYTES]
