"""Create and open a vault: a folder with a header and a SQLCipher database (docs/format.md, 3 and 4)."""

from __future__ import annotations

import os
from os import urandom
from typing import TYPE_CHECKING

from vault import header as headers
from vault import header_file, keyslots
from vault.audit import AuditLog, Event
from vault.errors import AlreadyExists, Cancelled, Damaged, Said, VaultError
from vault.header import Header, mac_key_of
from vault.interior import Interior
from vault.kdf import BASELINE, KEY_BYTES, Use, derive_subkey
from vault.keys import DEFAULT_ALIAS, YEARLY, LocalKeys
from vault.mac import Mac
from vault.outside import Outside
from vault.records import Origin
from vault.secret import Secret
from vault.steps import Steps
from vault.storage import schema, schema_check
from vault.storage import settings as rows
from vault.storage.database import Database
from vault.vault import SEAT, Vault, make_file, make_folder, remove_folder, seat_of, unfinished

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from vault.credentials import Credential
    from vault.kdf import KdfProfile
    from vault.records import SlotInfo


def create(
    path: str,
    ways: Sequence[tuple[Credential, str]],
    *,
    clock: Callable[[], datetime],
    origin: Origin = Origin.LIBRARY,
    profile: KdfProfile = BASELINE,
) -> Vault:
    """Make a new vault at `path`, a folder that does not exist, and leave it unlocked.

    Args:
        path: the folder.
        ways: credentials with the labels of their slots, 1 to 16.
        clock: gives the time, aware and UTC.
        origin: which face is at work.
        profile: cost of the passphrase slots, from `vault.kdf.calibrate`.

    Raises:
        AlreadyExists: something is at `path`.
        SlotError: no credential, or more than 16.
        StorageFailed: the disk is full or read-only; nothing is left at `path`.
    """
    path = os.path.abspath(path)
    vault_id = urandom(headers.VAULT_ID_BYTES)
    vault_key = Secret.adopt(bytearray(urandom(KEY_BYTES)))
    now = clock()
    slots = tuple(
        keyslots.new_slot(credential, label, vault_key, vault_id, now, profile) for credential, label in ways
    )
    with mac_key_of(vault_key, vault_id) as mac_key:
        whole_ms = now.replace(microsecond=now.microsecond // 1000 * 1000)
        octets = headers.encode(Header(vault_id, whole_ms, 1, slots), mac_key)
    if os.path.lexists(path):
        raise AlreadyExists("ResourceExistsException", Said("{path} exists", path=path), "file")
    made = fresh = unfinished(path)
    try:
        make_folder(fresh)
        make_file(os.path.join(fresh, header_file.DATABASE_NAME))
        key = Secret(vault_key.reveal())
        with assemble(fresh, vault_id, key, clock, origin, fresh=True) as vault:
            _furnish(vault)
        header_file.write_octets(fresh, octets)
        os.rename(fresh, path)
        made = path
        header_file.sync_folder(os.path.dirname(path))
        return assemble(path, vault_id, vault_key, clock, origin)
    except BaseException as error:
        vault_key.wipe()
        remove_folder(made)
        if isinstance(error, OSError):
            raise header_file.os_failure(error, Said("make {path}", path=path)) from error
        raise


def open_vault(
    path: str,
    credential: Credential,
    *,
    clock: Callable[[], datetime],
    origin: Origin = Origin.LIBRARY,
    steps: Steps | None = None,
) -> Vault:
    """Unlock the vault at `path`.

    A vault that was copied since it was last open is checked whole first, which takes seconds for
    100,000 entries: a copy made while somebody wrote may be torn.

    Args:
        path: the vault's folder.
        credential: a passphrase, recovery key, device key, or a wrapper from outside.
        clock: gives the time, aware and UTC.
        origin: which face is at work.
        steps: are told of each value of a copied vault that is checked; whoever is told may stop it.

    Raises:
        WrongCredential: no key slot opens with it.
        NotAVault, FormatTooNew, ProfileRefused, Damaged: what is there is refused; nothing was changed.
        RolledBack: the header is older than the database knows.
        StorageFailed: the file system refused.
        Cancelled: whoever is told of the steps stopped it; the copy is not believed yet.
    """
    path = os.path.abspath(path)
    found = headers.unlock(header_file.read_octets(path), credential)
    vault = assemble(path, found.header.vault_id, found.vault_key, clock, origin)
    try:
        database = vault.interior.database
        _refuse_empty(database)
        schema_check.refuse_crafted(database)
        schema.migrate(database, lambda: _keep_copy(vault))
        vault.slots.refuse_foreign(found.header)
        if rows.meta(database, SEAT) != seat_of(database.path):
            _check_copy(vault, steps or Steps())
        with database.writing():
            rows.set_slot_use(database, found.slot.id, clock())
            vault.audit.append(Event("unlocked", detail={"slot": found.slot.label, "kind": found.slot.kind}))
    except BaseException:
        vault.close()
        raise
    return vault


def read_slots(path: str) -> list[SlotInfo]:
    """The ways into a vault as its header says in the clear: not authentic until it is unlocked.

    Raises:
        NotAVault, FormatTooNew, ProfileRefused, Damaged: what is there is refused.
    """
    header = headers.parse(header_file.read_octets(os.path.abspath(path)))
    return [keyslots.slot_info(slot) for slot in header.slots]


def read_id(path: str) -> bytes:
    """The id (16 bytes) of the vault at `path`, from its clear header.

    Raises:
        NotAVault, FormatTooNew, ProfileRefused, Damaged: what is there is refused.
    """
    return headers.parse(header_file.read_octets(os.path.abspath(path))).vault_id


def assemble(
    path: str,
    vault_id: bytes,
    vault_key: Secret,
    clock: Callable[[], datetime],
    origin: Origin,
    *,
    fresh: bool = False,
) -> Vault:
    """Derive the subkeys, open the database, and put the parts together."""
    database_key = derive_subkey(vault_key, vault_id, Use.DATABASE)
    try:
        database = Database(os.path.join(path, header_file.DATABASE_NAME), database_key, create=fresh)
    except VaultError:
        vault_key.wipe()
        database_key.wipe()
        raise
    with derive_subkey(vault_key, vault_id, Use.AUDIT) as key:
        audit = AuditLog(database, Mac(key), clock, origin)
    with derive_subkey(vault_key, vault_id, Use.FINGERPRINT) as key:
        fingerprints = Mac(key)
    root = derive_subkey(vault_key, vault_id, Use.LOCAL_ROOT)
    keys = LocalKeys(database, root, vault_id, audit, clock)
    outside = Outside(database, vault_id, clock)
    interior = Interior(vault_id, database, clock, audit, keys, fingerprints, outside)
    return Vault(path, interior, vault_key, database_key)


def _furnish(vault: Vault) -> None:
    """Write what a new vault begins with."""
    database = vault.interior.database
    schema.migrate(database)
    with database.writing():
        rows.set_meta(database, header_file.VAULT_ID, vault.id)
        rows.set_meta(database, header_file.GENERATION, 1)
        rows.set_meta(database, SEAT, seat_of(database.path))
        vault.audit.append(Event("vault-created"))
        vault.keys.create(DEFAULT_ALIAS)
        vault.keys.set_rotation(DEFAULT_ALIAS, YEARLY)


def _refuse_empty(database: Database) -> None:
    """A file of no bytes opens with any key."""
    with database.reading():
        found = schema.schema_number(database)
    if found < 1:
        msg = Said("the vault's database is empty; restore a backup")
        raise Damaged(msg)


def _check_copy(vault: Vault, steps: Steps) -> None:
    report = vault.check(steps)
    if report.stopped_after is not None:
        msg = Said("the check of this copy was stopped; it is made again when the copy is unlocked")
        raise Cancelled(msg)
    if report.findings:
        msg = Said(
            "this copy of the vault is not whole: {first} (faults: {count}); copy it again while "
            "nothing writes to it",
            first=report.findings[0],
            count=len(report.findings),
        )
        raise Damaged(msg)
    database = vault.interior.database
    with database.writing():
        rows.set_meta(database, SEAT, seat_of(database.path))
        vault.audit.append(Event("copy-checked"))


def _keep_copy(vault: Vault) -> None:
    """Before a migration: the vault as it was, beside it. A copy from a try that was cut off stays."""
    base = f"{vault.path}.schema-{schema.schema_number(vault.interior.database)}"
    place, count = base, 1
    while os.path.lexists(place):
        count += 1
        place = f"{base}-{count}"
    vault.backup(place)
