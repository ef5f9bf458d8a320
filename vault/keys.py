"""Local keys: the vault's own key-encryption keys, which behave as KMS keys do.

A key has one or more versions of material, each wrapped under the local root key. New data keys are
wrapped under the newest material; older material stays, for what it has wrapped.
"""

from __future__ import annotations

from datetime import timedelta
from os import urandom
from typing import TYPE_CHECKING, Final

from vault.aead import Cipher, canonical_context
from vault.audit import Event
from vault.envelope import RESERVED_PREFIX, context_bytes
from vault.errors import AlreadyExists, Cancelled, Damaged, KeyUnavailable, Locked, NotFound, Refused, Said
from vault.secret import Secret
from vault.storage import keys as rows
from vault.storage.versions import ENABLED

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from vault.audit import AuditLog
    from vault.records import LocalKey
    from vault.storage.database import Database

DEFAULT_ALIAS: Final = "alias/strongroom/default"
DISABLED: Final = "Disabled"
PENDING_DELETION: Final = "PendingDeletion"
MAX_ALIAS: Final = 256  # characters, with the prefix
MATERIAL_BYTES: Final = 32
ROTATION_DAYS: Final = range(90, 2561)  # KMS EnableKeyRotation, RotationPeriodInDays
YEARLY: Final = 365
WAITING_DAYS: Final = range(7, 31)  # KMS ScheduleKeyDeletion, PendingWindowInDays
REWRAP_BATCH: Final = 5_000
_ALIAS_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-")


class LocalKeys:
    """The local keys of an unlocked vault; material is unwrapped once and wiped on lock."""

    def __init__(
        self,
        database: Database,
        root: Secret,
        vault_id: bytes,
        audit: AuditLog,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._root: Cipher | None = Cipher(root.reveal())
        root.wipe()
        self._vault_id = vault_id
        self._audit = audit
        self._clock = clock
        self._material: dict[tuple[int, int], Cipher] = {}

    def newest(self, alias: str = DEFAULT_ALIAS) -> tuple[int, int, Cipher]:
        """(key id, material number, material) for wrapping; call it inside the writing transaction.

        Raises:
            KeyUnavailable: the key is disabled or pending deletion.
        """
        key_id, number, state = self._find(alias)
        self.check_state(state, alias)
        return key_id, number, self.material(key_id, number)

    def for_new_values(self) -> tuple[int, int, str, bool]:
        """(key id, newest material number, state) of the default key; whether any folder has a key policy.

        In one query, for every put asks it.
        """
        found = rows.for_new_values(self._database, DEFAULT_ALIAS)
        if found is None:
            raise NotFound(
                "NotFoundException",
                Said("there is no local key {default_alias}", default_alias=DEFAULT_ALIAS),
                "key",
            )
        return found

    def data_key(self, key_id: int, number: int, state: str, wrapped: bytes, context: bytes) -> bytearray:
        """A data key, unwrapped into a buffer that the caller wipes.

        Raises:
            KeyUnavailable: the key is disabled or pending deletion.
            Damaged: it was not wrapped under this material for this context.
        """
        if state != ENABLED:
            self.check_state(state, f"key {key_id}")
        return self.material(key_id, number).unwrap_into(wrapped, context)

    def material(self, key_id: int, number: int) -> Cipher:
        """Key material, ready to wrap and unwrap."""
        found = self._material.get((key_id, number))
        if found is None:
            wrapped = rows.material(self._database, key_id, number)
            if wrapped is None:
                msg = Said("material {number} of local key {key_id} is missing", number=number, key_id=key_id)
                raise Damaged(msg)
            with self._open_root().unwrap(wrapped, self._context(key_id, number)) as octets:
                found = self._material[key_id, number] = Cipher(octets.reveal())
        return found

    @staticmethod
    def check_state(state: str, key: str) -> None:
        """Refuse the use of a key that is not enabled, with what to do."""
        if state == DISABLED:
            msg = Said("{key} is disabled; enable it first", key=key)
            raise KeyUnavailable(msg)
        if state == PENDING_DELETION:
            msg = Said("{key} is pending deletion; cancel the deletion and enable it first", key=key)
            raise KeyUnavailable(msg, "pending-deletion")

    def listed(self) -> list[LocalKey]:
        """Every local key, with how many data keys it wraps now."""
        with self._database.reading():
            return rows.listed(self._database)

    def create(self, alias: str, imported: Secret | None = None) -> None:
        """Make a key, with fresh material or with 32 octets of the caller's.

        Raises:
            AlreadyExists: the alias is taken.
            Refused: the alias is malformed, or the imported material has not 32 octets.
        """
        if imported is not None and len(imported) != MATERIAL_BYTES:
            message = Said("imported key material has {material_bytes} bytes", material_bytes=MATERIAL_BYTES)
            raise Refused("IncorrectKeyMaterialException", message)
        name = alias.removeprefix("alias/")
        if name == alias or not name or len(alias) > MAX_ALIAS or not _ALIAS_CHARACTERS.issuperset(name):
            raise Refused(
                "ValidationException", Said('an alias is "alias/" and letters, digits, "/", "_" or "-"')
            )
        with self._database.writing():
            if rows.newest_material(self._database, alias) is not None:
                raise AlreadyExists("AlreadyExistsException", Said("{alias} is taken", alias=alias), "key")
            key_id = rows.insert(self._database, alias, self._clock())
            self._add_material(key_id, 1, imported)
            self._audit.append(Event("key-created", detail={"alias": alias}))

    def rotate(self, alias: str = DEFAULT_ALIAS) -> int:
        """Give a key new material for what is wrapped from now on; the number of that material."""
        with self._database.writing():
            key_id, number, state = self._find(alias)
            self.check_state(state, alias)
            self._add_material(key_id, number + 1)
            self._audit.append(Event("key-rotated", detail={"alias": alias, "material": number + 1}))
        return number + 1

    def set_rotation(self, alias: str, days: int | None) -> None:
        """Let a key get new material by itself every so many days, as KMS does; None ends that.

        Raises:
            Refused: "ValidationException" unless it is 90 to 2560 days.
        """
        if days is not None and days not in ROTATION_DAYS:
            raise Refused("ValidationException", Said("the rotation period is 90 to 2560 days"))
        with self._database.writing():
            key_id, _, _ = self._find(alias)
            rows.set_rotation_days(self._database, key_id, days)
            self._audit.append(Event("key-state-changed", detail={"alias": alias, "rotation_days": days}))

    def enable(self, alias: str) -> None:
        """Let the key be used again.

        Raises:
            Refused: "KMSInvalidStateException" while it is pending deletion.
        """
        self._change_state(alias, ENABLED, None, refused_from=PENDING_DELETION)

    def disable(self, alias: str) -> None:
        """Nothing is wrapped or opened under the key until it is enabled.

        Raises:
            Refused: "KMSInvalidStateException" while it is pending deletion.
        """
        self._change_state(alias, DISABLED, None, refused_from=PENDING_DELETION)

    def schedule_deletion(self, alias: str, days: int = 30) -> datetime:
        """Delete the key after a waiting period of 7 to 30 days; when that ends.

        Raises:
            Refused: it still wraps data keys, is the default key, or the period is out of range.
        """
        if days not in WAITING_DAYS:
            raise Refused("ValidationException", Said("the waiting period is 7 to 30 days"))
        if alias == DEFAULT_ALIAS:
            raise Refused(
                "ValidationException", Said("the default key wraps new values; it cannot be deleted")
            )
        delete_at = self._clock() + timedelta(days=days)
        self._change_state(alias, PENDING_DELETION, delete_at, refused_from=PENDING_DELETION)
        return delete_at

    def cancel_deletion(self, alias: str) -> None:
        """Keep the key after all; it is disabled afterwards, as in KMS."""
        with self._database.writing():
            key_id, _, state = self._find(alias)
            if state != PENDING_DELETION:
                raise Refused(
                    "KMSInvalidStateException", Said("{alias} is not pending deletion", alias=alias)
                )
            self._set_state(key_id, alias, DISABLED, None)

    def sweep(self) -> tuple[int, int]:
        """Do what is due: rotate keys by their period, delete those whose waiting period is over.

        Returns:
            How many were rotated, and how many deleted.
        """
        now = self._clock()
        with self._database.reading():
            if not rows.due(self._database, now):
                return 0, 0
        rotated = deleted = 0
        with self._database.writing():
            for alias in rows.due(self._database, now):
                key = next(key for key in rows.listed(self._database) if key.alias == alias)
                if key.state == ENABLED:
                    self.rotate(alias)
                    rotated += 1
                elif key.state == PENDING_DELETION and not key.wraps:
                    rows.delete(self._database, key.id)
                    self._audit.append(Event("key-deleted", detail={"alias": alias}))
                    deleted += 1
        return rotated, deleted

    def rewrap(
        self,
        alias: str = DEFAULT_ALIAS,
        progress: Callable[[int], object] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> int:
        """Bring every data key of a key under its newest material; sealed values are not touched.

        It goes in transactions of some thousands, so it may be stopped and called again.

        Args:
            alias: the key.
            progress: told the count so far, after each transaction.
            cancelled: asked before each transaction.

        Raises:
            Cancelled: `cancelled` said so; what was rewrapped stays.
        """
        done, after = 0, 0
        while True:
            if cancelled():
                msg = Said("stopped; call it again to go on")
                raise Cancelled(msg)
            with self._database.writing():
                key_id, number, material = self.newest(alias)
                batch = rows.wrapped_under_older(self._database, key_id, number, after, REWRAP_BATCH)
                new = []
                for version_id, entry_id, version, context, old, wrapped in batch:
                    bound = context_bytes(self._vault_id, entry_id, version, pairs_of(context))
                    with self.material(key_id, old).unwrap(wrapped, bound) as data_key:
                        new.append((material.wrap(data_key, bound), version_id))
                rows.rewrap(self._database, key_id, number, new)
                if batch:
                    self._audit.append(
                        Event(
                            "data-keys-rewrapped",
                            detail={"alias": alias, "material": number, "count": len(new)},
                        )
                    )
            if not batch:
                return done
            done, after = done + len(new), batch[-1][0]
            progress(done)

    def wipe(self) -> None:
        """Drop the material and the root key; OpenSSL clears them."""
        self._material.clear()
        self._root = None

    def _open_root(self) -> Cipher:
        if self._root is None:
            msg = Said("the vault is locked")
            raise Locked(msg)
        return self._root

    def _find(self, alias: str) -> tuple[int, int, str]:
        found = rows.newest_material(self._database, alias)
        if found is None:
            raise NotFound("NotFoundException", Said("there is no local key {alias}", alias=alias), "key")
        return found

    def _add_material(self, key_id: int, number: int, imported: Secret | None = None) -> None:
        with Secret(imported.reveal() if imported else urandom(MATERIAL_BYTES)) as material:
            wrapped = self._open_root().wrap(material, self._context(key_id, number))
        rows.insert_material(self._database, key_id, number, wrapped, self._clock())

    def _change_state(self, alias: str, state: str, delete_at: datetime | None, *, refused_from: str) -> None:
        with self._database.writing():
            key_id, _, found = self._find(alias)
            if found == refused_from:
                raise Refused("KMSInvalidStateException", Said("{alias} is pending deletion", alias=alias))
            in_use = any(key.wraps for key in rows.listed(self._database) if key.id == key_id)
            if state == PENDING_DELETION and in_use:
                raise Refused(
                    "ValidationException",
                    Said("{alias} still wraps data keys; their values would be lost", alias=alias),
                )
            self._set_state(key_id, alias, state, delete_at)

    def _set_state(self, key_id: int, alias: str, state: str, delete_at: datetime | None) -> None:
        rows.set_state(self._database, key_id, state, delete_at)
        self._audit.append(Event("key-state-changed", detail={"alias": alias, "state": state}))

    def _context(self, key_id: int, number: int) -> bytes:
        return canonical_context(
            {
                "strongroom:vault": self._vault_id.hex(),
                "strongroom:key": str(key_id),
                "strongroom:material": str(number),
            }
        )


def pairs_of(context: str | None) -> dict[str, str] | None:
    """The user's own encryption context pairs from their column.

    Raises:
        Damaged: they are not what a put writes.
    """
    if context is None:
        return None
    from vault.storage.json_text import parsed  # few versions have pairs of their own

    pairs = parsed(context)
    if any(name.startswith(RESERVED_PREFIX) or not isinstance(pairs[name], str) for name in pairs):
        msg = Said("the encryption context of a version is not what was written; restore a backup")
        raise Damaged(msg)
    return pairs
