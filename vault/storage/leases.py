"""SQL of leases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vault.errors import Said
from vault.lease import Lease
from vault.storage.codes import milliseconds, moment
from vault.storage.paths import path_of
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.storage.database import Database

_COLUMNS: Final = "id, entry_id, path, target, holder, program, memo, made_at, ends_at, ended_at, problem"
_SAID: Final = "said"  # in the memo as it is stored: what the problem was made of


def any_open(database: Database) -> bool:
    """Whether a lease is open."""
    return database.row("SELECT 1 FROM leases WHERE ended_at IS NULL LIMIT 1") is not None


def open_ones(database: Database) -> list[Lease]:
    """Leases that are open, the first to end first."""
    sql = f"SELECT {_COLUMNS} FROM leases WHERE ended_at IS NULL ORDER BY ends_at, id"
    return [_lease(row) for row in database.rows(sql)]


def newest(database: Database, limit: int) -> list[Lease]:
    """Leases, open or not, the last made first."""
    sql = f"SELECT {_COLUMNS} FROM leases ORDER BY id DESC LIMIT ?"
    return [_lease(row) for row in database.rows(sql, (limit,))]


def find(database: Database, lease_id: int) -> Lease | None:
    """One lease."""
    row = database.row(f"SELECT {_COLUMNS} FROM leases WHERE id = ?", (lease_id,))
    return None if row is None else _lease(row)


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    return findings(database, Said("lease"), f"SELECT {_COLUMNS} FROM leases", _lease)


def insert(database: Database, fresh: Lease) -> int:
    """A new lease; its id."""
    marks = ", ".join("?" * 10)
    database.run(f"INSERT INTO leases ({_COLUMNS[4:]}) VALUES ({marks})", _values(fresh))
    (lease_id,) = database.row("SELECT last_insert_rowid()") or (0,)
    return int(lease_id)


def update(database: Database, changed: Lease) -> None:
    """Write a lease as it is now."""
    names = ", ".join(f"{name} = ?" for name in _COLUMNS[4:].split(", "))
    database.run(f"UPDATE leases SET {names} WHERE id = ?", (*_values(changed), changed.id))


def _values(one: Lease) -> tuple[Any, ...]:
    from vault.storage.json_text import text_of
    from vault.storage.said import kept

    said = kept(one.problem)
    return (
        one.entry_id,
        one.path,
        one.target,
        one.holder,
        one.program,
        text_of(dict(one.memo) | ({_SAID: said} if said else {})),
        milliseconds(one.made_at),
        milliseconds(one.ends_at),
        one.ended_at and milliseconds(one.ended_at),
        one.problem,
    )


def _lease(row: tuple[Any, ...]) -> Lease:
    from vault.storage.json_text import parsed
    from vault.storage.said import told

    lease_id, entry_id, path, target, holder, program, kept, made, ends, ended, problem = row
    memo = parsed(kept)
    said = memo.pop(_SAID, None)
    return Lease(
        lease_id,
        entry_id,
        path_of(path),
        target,
        holder,
        program,
        memo,
        moment(made),
        moment(ends),
        None if ended is None else moment(ended),
        told(problem, said),
    )
