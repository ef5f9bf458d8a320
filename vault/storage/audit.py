"""SQL of the audit log: append, page, read for verification. Rows never change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vault.storage.database import Database

_NAMES = "seq, at, event, origin, entry_id, version, detail, mac"
NO_HEAD = (0, bytes(32))


def head(database: Database) -> tuple[int, bytes]:
    """The newest row's number and MAC; (0, 32 zeros) for an empty log."""
    row = database.row("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1")
    return NO_HEAD if row is None else (row[0], row[1])


def mac_at(database: Database, seq: int) -> bytes | None:
    """The MAC of one row."""
    row = database.row("SELECT mac FROM audit WHERE seq = ?", (seq,))
    return None if row is None else row[0]


def append(database: Database, rows: Iterable[tuple[object, ...]]) -> None:
    """Add rows: (seq, at, event, origin, entry_id, version, detail, mac)."""
    database.run_many(f"INSERT INTO audit ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def rows_in_order(database: Database) -> Iterator[tuple[Any, ...]]:
    """Every row as it was appended, lowest number first."""
    return iter(database.cursor(f"SELECT {_NAMES} FROM audit ORDER BY seq"))


def page(
    database: Database, after: int, limit: int, *, newest_first: bool, entry_id: int | None
) -> list[tuple[Any, ...]]:
    """Rows with the path that their entry has now: after (or, newest first, before) the row `after`."""
    direction, compare = ("DESC", "<") if newest_first else ("ASC", ">")
    where, parameters = [], []
    if after:
        where.append(f"a.seq {compare} ?")
        parameters.append(after)
    if entry_id is not None:
        where.append("a.entry_id = ?")
        parameters.append(entry_id)
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    return database.rows(
        "SELECT a.seq, a.at, a.event, a.origin, a.entry_id, a.version, a.detail, e.path"
        f" FROM audit a LEFT JOIN entries e ON e.id = a.entry_id{condition}"
        f" ORDER BY a.seq {direction} LIMIT ?",
        (*parameters, limit),
    )
