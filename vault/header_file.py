"""The header as a file: read it bounded, replace it whole."""

from __future__ import annotations

import os
from contextlib import suppress
from errno import EACCES, EDQUOT, ENOSPC, EPERM, EROFS
from typing import TYPE_CHECKING, Final, Self

from vault import header
from vault.errors import Damaged, NotAVault, RolledBack, Said, StorageFailed, VaultError, reason_of
from vault.storage import settings as rows

if TYPE_CHECKING:
    from types import TracebackType

    from vault.header import Header
    from vault.secret import Secret
    from vault.storage.database import Database

HEADER_NAME: Final = "header"
DATABASE_NAME: Final = "vault.db"
KEPT_NAME: Final = "header.old"  # while a change is being committed
_UNFINISHED: Final = ".new"
_LEFT_BY_A_KILL: Final = (KEPT_NAME, HEADER_NAME + _UNFINISHED, KEPT_NAME + _UNFINISHED)
VAULT_ID: Final = "vault_id"
GENERATION: Final = "header_generation"
_REASONS: Final = {
    ENOSPC: "full",
    EDQUOT: "full",
    EROFS: "read-only",
    EACCES: "read-only",
    EPERM: "read-only",
}


def os_failure(error: OSError, what: Said) -> VaultError:
    """An error of the file system as one of ours; `what` says what was tried."""
    return StorageFailed(
        _REASONS.get(error.errno or 0, "io"),
        Said("cannot {what}: {why}", what=what, why=reason_of(error)),
    )


def read_octets(folder: str) -> bytes:
    """The header file of a vault folder, never more than a header may have.

    Raises:
        NotAVault: there is none, and no database either.
        Damaged: beside the database there is none, or something else.
        StorageFailed: it cannot be read.
    """
    try:
        with open(os.path.join(folder, HEADER_NAME), "rb") as file:
            octets = file.read(header.MAX_HEADER_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        octets = None
    except OSError as error:
        raise os_failure(error, Said("read the header of {folder}", folder=folder)) from error
    if octets is not None and octets.startswith(header.MAGIC):
        return octets
    if not os.path.exists(os.path.join(folder, DATABASE_NAME)):
        raise NotAVault(Said("{folder} is not the folder of a vault", folder=folder))
    if octets is None:
        raise Damaged(
            Said("the header of {folder} is missing; no passphrase opens it without", folder=folder)
        )
    raise Damaged(Said("the header of {folder} is overwritten; no passphrase opens it", folder=folder))


def write_octets(folder: str, octets: bytes) -> None:
    """Replace the header file: the old one or the new one is there, whole, whatever happens.

    Raises:
        StorageFailed: the disk is full or read-only; the old header stands.
    """
    _write(folder, HEADER_NAME, octets)


def _write(folder: str, name: str, octets: bytes) -> None:
    path = os.path.join(folder, name)
    fresh = path + _UNFINISHED
    try:
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        sync_folder(folder)
    except OSError as error:
        raise os_failure(error, Said("write the header of {folder}", folder=folder)) from error


def sync_folder(folder: str) -> None:
    """Make names in a folder durable, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def read(folder: str, mac_key: Secret) -> Header:
    """The authentic header of an unlocked vault; raises as `read_authentic`."""
    return header.parse(read_authentic(folder, mac_key))


def read_authentic(folder: str, mac_key: Secret) -> bytes:
    """The header file of an unlocked vault.

    Raises:
        Damaged: it is not what was written under this vault key.
        StorageFailed: it cannot be read.
    """
    octets = read_octets(folder)
    header.verify(octets, mac_key)
    return octets


class Change:
    """A writing transaction that also replaces the header: both happen, or neither.

    The old header waits beside the new one until the commit: a full disk refuses the commit after the
    header was written, and there must be room to go back then. A kill in between leaves the new header,
    which is the next generation of what the database knows.
    """

    def __init__(self, folder: str, database: Database, mac_key: Secret) -> None:
        self._folder = folder
        self._database = database
        self._mac_key = mac_key
        self._writing = database.writing()
        self._before = self._written = b""

    def __enter__(self) -> Self:
        self._writing.__enter__()
        return self

    def write(self, new: Header) -> None:
        """Write `new` as the next generation of the header.

        Raises:
            SlotError, ProfileRefused: a reader would refuse it.
            StorageFailed: the disk is full or read-only.
        """
        fresh = new._replace(generation=new.generation + 1)
        octets = header.encode(fresh, self._mac_key)
        rows.set_meta(self._database, GENERATION, fresh.generation)
        self._before = read_octets(self._folder)
        _write(self._folder, KEPT_NAME, self._before)
        write_octets(self._folder, octets)
        self._written = octets

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._writing.__exit__(kind, error, trace)
        except BaseException:
            self._go_back()
            raise
        if kind is not None:
            self._go_back()
        _drop(self._folder, (KEPT_NAME,))

    def _go_back(self) -> None:
        if self._written and read_octets(self._folder) == self._written:
            try:
                os.replace(os.path.join(self._folder, KEPT_NAME), os.path.join(self._folder, HEADER_NAME))
                sync_folder(self._folder)
            except FileNotFoundError:  # another program, done with a change of its own, took it away
                write_octets(self._folder, self._before)


def _drop(folder: str, names: tuple[str, ...]) -> None:
    for name in names:
        with suppress(OSError):
            os.unlink(os.path.join(folder, name))


def refuse_foreign(folder: str, database: Database, found: Header, mac_key: Secret) -> None:
    """Refuse a header that is not this database's, or an older one; remember a newer one.

    Another program may have changed the header since `found` was read: the one that stands now counts.

    Raises:
        Damaged: it belongs to another vault, or the database does not tell which it knows.
        RolledBack: it is older than the database knows: a removed key slot would open the vault again; or
            newer by more than the one change that a kill may leave unrecorded: the database is older.
    """
    with database.reading():
        vault_id = rows.meta(database, VAULT_ID)
        known = rows.meta(database, GENERATION) or 0
    if vault_id != found.vault_id:
        msg = Said("header and database belong to different vaults; put back both from one backup")
        raise Damaged(msg)
    if not isinstance(known, int):
        raise Damaged(Said("a number stands for nothing; restore a backup"))
    generation = found.generation if found.generation >= known else read(folder, mac_key).generation
    if generation < known:
        msg = Said(
            "the header is an older copy (generation {generation}, the vault knows {known}): "
            "removed ways in would work again. Put back the header and the database of one and the "
            "same backup",
            generation=generation,
            known=known,
        )
        raise RolledBack(msg)
    if generation > known + 1:
        msg = Said(
            "the database is an older copy (it knows header generation {known}, the header is "
            "{generation}). Put back the header and the database of one and the same backup",
            known=known,
            generation=generation,
        )
        raise RolledBack(msg)
    if generation > known or any(os.path.exists(os.path.join(folder, name)) for name in _LEFT_BY_A_KILL):
        with database.writing():  # in which nobody else is changing the header
            rows.set_meta(database, GENERATION, max(known, read(folder, mac_key).generation))
            _drop(folder, _LEFT_BY_A_KILL)
