"""The errors of the database's driver, made ours."""

from __future__ import annotations

import os

from sqlcipher3 import dbapi2

from vault.errors import Cancelled, Damaged, Locked, Said, StorageFailed, VaultError

_FAILURES = {
    dbapi2.SQLITE_FULL: ("full", Said("the disk is full; free some space and try again")),
    dbapi2.SQLITE_READONLY: ("read-only", Said("the vault's folder or disk is read-only")),
    dbapi2.SQLITE_BUSY: ("busy", Said("another program is writing to the vault; try again")),
    dbapi2.SQLITE_LOCKED: ("busy", Said("another program is writing to the vault; try again")),
    dbapi2.SQLITE_CANTOPEN: ("io", Said("the database cannot be opened; check the folder's permissions")),
    dbapi2.SQLITE_PERM: ("io", Said("the database may not be opened; check its permissions")),
    dbapi2.SQLITE_IOERR: ("io", Said("the disk failed while reading or writing the vault")),
}
ERRORS = (dbapi2.Error, MemoryError)
_DAMAGE = (dbapi2.SQLITE_CORRUPT, dbapi2.SQLITE_NOTADB)
_DAMAGE_SAID = (  # how what is said begins where no code of SQLite tells it
    "Could not decode to UTF-8",  # by the driver, of a column
    "invalid fts5 file format",  # by FTS5, of its own tables
)
_UNREADABLE = Said("the database does not read back as it was written; restore a backup")
_ROOM = 65_536  # bytes; a disk with less is full for a write-ahead log and its index


def translated(error: BaseException, path: str) -> VaultError:
    """The driver's error as one of ours; the driver's text is not passed on, it may hold a value.

    Args:
        error: a `dbapi2.Error`, or the MemoryError that comes of a page which SQLCipher refuses to write
            after one that it refused to read, or the UnicodeDecodeError of a name in the schema
        path: the database file, to ask its disk where the driver does not tell what failed.
    """
    failure = _translated(error)
    if isinstance(failure, StorageFailed) and failure.reason == "io":
        reason = _reason_of_disk(path)
        return StorageFailed(*_FAILURES[reason]) if reason else failure
    return failure


def _reason_of_disk(path: str) -> int | None:
    """Whether a read-only or a full disk explains a failure: SQLite names the file it could not make."""
    folder = os.path.dirname(path)
    if not os.access(folder, os.W_OK) or (os.path.exists(path) and not os.access(path, os.W_OK)):
        return int(dbapi2.SQLITE_READONLY)
    from shutil import disk_usage  # only after a failure

    try:
        free = disk_usage(folder).free
    except OSError:
        return None
    return int(dbapi2.SQLITE_FULL) if free < _ROOM else None


def _translated(error: BaseException) -> VaultError:
    if isinstance(error, MemoryError):
        return Damaged(Said("the database does not read back as it was written, or memory ran out"))
    if isinstance(error, UnicodeDecodeError):
        return Damaged(_UNREADABLE)
    code = getattr(error, "sqlite_errorcode", 0) or 0
    primary = code & 0xFF
    if primary in _DAMAGE or str(error).startswith(_DAMAGE_SAID):
        return Damaged(_UNREADABLE)
    if primary == dbapi2.SQLITE_INTERRUPT:
        return Cancelled(Said("stopped"))
    if primary in _FAILURES:
        return StorageFailed(*_FAILURES[primary])
    if isinstance(error, dbapi2.ProgrammingError) and "closed" in str(error):
        return Locked(Said("the vault is locked"))
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    return StorageFailed("io", Said("the database refused a statement ({name})", name=name))
