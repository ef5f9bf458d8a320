"""SQL of assessments, and of the bare rows that say how healthy the entries are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.paths import ROOT, ParameterPath, subtree_range
from vault.storage.codes import CODE_OF_VALUE_TYPE, milliseconds
from vault.storage.versions import ENABLED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from vault.records import ValueType
    from vault.storage.database import Database

_CURRENT = (
    " FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.current"
    " WHERE e.deleted_at IS NULL AND "
)
_OPENABLE = (
    "EXISTS (SELECT 1 FROM wrapped_keys w JOIN wrapping_keys k ON k.id = w.key_id"
    f" WHERE w.version_id = v.id AND w.material > 0 AND k.state = '{ENABLED}')"
)


def waiting(
    database: Database, types: Iterable[ValueType], now: datetime, within: ParameterPath = ROOT
) -> tuple[list[tuple[int, int, int]], int]:
    """Current versions of these types without an assessment; what has expired by `now` is left out.

    Args:
        database: in a transaction.
        types: of the values.
        now: UTC.
        within: an entry, or a folder with all below it.

    Returns:
        (version id, entry id, number) of those that an enabled local key opens, in the order of versions; and
        how many others there are.
    """
    rows = database.rows(
        f"SELECT v.id, e.id, v.number, {_OPENABLE}{_CURRENT}v.value_type IN ({_codes(types)})"
        " AND (e.expires_at IS NULL OR e.expires_at > ?) AND (e.path = ? OR e.path >= ? AND e.path < ?)"
        " AND NOT EXISTS (SELECT 1 FROM assessments a WHERE a.version_id = v.id) ORDER BY v.id",
        (milliseconds(now), within, *subtree_range(within)),
    )
    found = [(version_id, entry_id, number) for version_id, entry_id, number, openable in rows if openable]
    return found, len(rows) - len(found)


def keep(database: Database, rows: Iterable[tuple[int, int, int, int, str]]) -> None:
    """Write assessments: (version id, entry id, number, bits, looks); of a version that is gone, none."""
    database.run_many(
        "INSERT OR REPLACE INTO assessments (version_id, bits, looks) SELECT ?1, ?4, ?5"
        " WHERE EXISTS (SELECT 1 FROM versions WHERE id = ?1 AND entry_id = ?2 AND number = ?3)",
        rows,
    )


def weak(database: Database, types: Iterable[ValueType], below: int) -> list[tuple[Any, ...]]:
    """Entries of these types whose current value has fewer bits: (entry id, path, number, bits), by bits."""
    return database.rows(
        "SELECT e.id, e.path, v.number, a.bits FROM assessments a"
        " CROSS JOIN versions v ON v.id = a.version_id"  # CROSS: begin with the weak ones
        " CROSS JOIN entries e ON e.id = v.entry_id AND e.current = v.number"
        f" WHERE a.bits < ? AND e.deleted_at IS NULL AND v.value_type IN ({_codes(types)})"
        " ORDER BY a.bits, e.path",
        (below,),
    )


def shared(database: Database, types: Iterable[ValueType]) -> list[tuple[Any, ...]]:
    """Entries of these types whose current value another one has: (fingerprint, entry id, path, number).

    By fingerprint, and then by path.
    """
    several = "SELECT fingerprint FROM versions GROUP BY fingerprint HAVING count(DISTINCT entry_id) > 1"
    rows = database.rows(
        "SELECT v.fingerprint, e.id, e.path, v.number FROM versions v INDEXED BY version_by_fingerprint"
        " JOIN entries e ON e.id = v.entry_id AND e.current = v.number AND e.deleted_at IS NULL"
        f" WHERE v.fingerprint IN ({several}) AND e.value_type IN ({_codes(types)})"
        " ORDER BY v.fingerprint, e.path"
    )
    counts: dict[bytes, int] = {}
    for row in rows:
        counts[row[0]] = counts.get(row[0], 0) + 1
    return [row for row in rows if counts[row[0]] > 1]


def many_versions(database: Database, least: int) -> list[tuple[Any, ...]]:
    """Live entries that keep so many versions: (entry id, path, how many, a label on the oldest or None)."""
    return database.rows(
        "SELECT e.id, e.path, c.kept,"
        " (SELECT l.label FROM labels l WHERE l.entry_id = e.id AND l.number = c.oldest LIMIT 1)"
        " FROM entries e JOIN (SELECT v.entry_id, count(*) AS kept, min(v.number) AS oldest FROM versions v"
        " WHERE v.entry_id IN (SELECT id FROM entries WHERE latest >= ?1) GROUP BY v.entry_id) c"
        " ON c.entry_id = e.id WHERE e.deleted_at IS NULL AND c.kept >= ?1 ORDER BY c.kept DESC, e.path",
        (least,),
    )


def of_type(database: Database, value_type: ValueType) -> list[tuple[Any, ...]]:
    """Live entries of a type: (entry id, path, number, what the value looks like or None), by path."""
    return database.rows(
        "SELECT e.id, e.path, e.current, a.looks FROM entries e"
        " JOIN versions v ON v.entry_id = e.id AND v.number = e.current"
        " LEFT JOIN assessments a ON a.version_id = v.id"
        " WHERE e.deleted_at IS NULL AND e.value_type = ? ORDER BY e.path",
        (CODE_OF_VALUE_TYPE[value_type],),
    )


def _codes(types: Iterable[ValueType]) -> str:
    return ", ".join(str(CODE_OF_VALUE_TYPE[one]) for one in types)
