"""SQL of wrapping keys, their material, and of the data keys that they wrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.errors import Said
from vault.records import LocalKey
from vault.storage.codes import milliseconds, moment
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from vault.storage.database import Database

LOCAL = "local"
_LISTED = (
    "SELECT k.id, k.alias, k.state, m.number, k.created_at, m.created_at, k.delete_at, k.rotation_days,"
    " (SELECT count(*) FROM wrapped_keys w WHERE w.key_id = k.id)"
    " + (SELECT count(*) FROM remote_values r WHERE r.key_id = k.id) FROM wrapping_keys k"
    " JOIN key_material m ON m.key_id = k.id"
    " AND m.number = (SELECT max(number) FROM key_material WHERE key_id = k.id)"
    f" WHERE k.kind = '{LOCAL}' ORDER BY k.id"
)


def listed(database: Database) -> list[LocalKey]:
    """Every local key with the count of data keys under it."""
    return [_key(row) for row in database.rows(_LISTED)]


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    return findings(database, Said("local key"), _LISTED, _key)


def _key(row: tuple[Any, ...]) -> LocalKey:
    key_id, alias, state, material, created, rotated, delete_at, rotation_days, wraps = row
    return LocalKey(
        key_id,
        alias,
        state,
        material,
        moment(created),
        moment(rotated),
        None if delete_at is None else moment(delete_at),
        rotation_days,
        wraps,
    )


def aliases(database: Database) -> dict[int, str]:
    """Alias or ARN of every key by its id."""
    return dict(database.rows("SELECT id, alias FROM wrapping_keys"))


def newest_material(database: Database, alias: str) -> tuple[int, int, str] | None:
    """(key id, material number, state) of the key at `alias`."""
    row = database.row(
        "SELECT k.id, max(m.number), k.state FROM wrapping_keys k JOIN key_material m ON m.key_id = k.id"
        " WHERE k.alias = ? GROUP BY k.id",
        (alias,),
    )
    return None if row is None else (row[0], row[1], row[2])


def for_new_values(database: Database, alias: str) -> tuple[int, int, str, bool] | None:
    """As `newest_material`, and whether any folder has a key policy."""
    row = database.row(
        "SELECT k.id, max(m.number), k.state, EXISTS (SELECT 1 FROM key_policies) FROM wrapping_keys k"
        " JOIN key_material m ON m.key_id = k.id WHERE k.alias = ? GROUP BY k.id",
        (alias,),
    )
    return None if row is None else (row[0], row[1], row[2], bool(row[3]))


def due(database: Database, now: datetime) -> list[str]:
    """Aliases of local keys that should be rotated or deleted by now."""
    rows = database.rows(
        "SELECT alias FROM wrapping_keys k WHERE kind = ? AND ((state = 'PendingDeletion' AND delete_at <= ?)"
        " OR (state = 'Enabled' AND rotation_days IS NOT NULL AND ? >= rotation_days * 86400000"
        " + (SELECT max(created_at) FROM key_material m WHERE m.key_id = k.id)))",
        (LOCAL, milliseconds(now), milliseconds(now)),
    )
    return [row[0] for row in rows]


def insert(database: Database, alias: str, now: datetime) -> int:
    """A new enabled local key without material; its id."""
    database.run(
        "INSERT INTO wrapping_keys (kind, alias, state, created_at) VALUES (?, ?, 'Enabled', ?)",
        (LOCAL, alias, milliseconds(now)),
    )
    row = database.row("SELECT id FROM wrapping_keys WHERE alias = ?", (alias,))
    return int(row[0]) if row else 0


def insert_material(database: Database, key_id: int, number: int, wrapped: bytes, now: datetime) -> None:
    """One more version of a key's material, wrapped under the local root key."""
    database.run(
        "INSERT INTO key_material (key_id, number, wrapped, created_at) VALUES (?, ?, ?, ?)",
        (key_id, number, wrapped, milliseconds(now)),
    )


def material(database: Database, key_id: int, number: int) -> bytes | None:
    """Wrapped key material."""
    row = database.row("SELECT wrapped FROM key_material WHERE key_id = ? AND number = ?", (key_id, number))
    return None if row is None else row[0]


def set_state(database: Database, key_id: int, state: str, delete_at: datetime | None) -> None:
    """Enabled, Disabled, or PendingDeletion with its date."""
    database.run(
        "UPDATE wrapping_keys SET state = ?, delete_at = ? WHERE id = ?",
        (state, None if delete_at is None else milliseconds(delete_at), key_id),
    )


def set_rotation_days(database: Database, key_id: int, days: int | None) -> None:
    """How often a key gets new material by itself; None for never."""
    database.run("UPDATE wrapping_keys SET rotation_days = ? WHERE id = ?", (days, key_id))


def delete(database: Database, key_id: int) -> None:
    """Remove a key and its material; refused by the schema while it wraps a data key."""
    database.run("DELETE FROM wrapping_keys WHERE id = ?", (key_id,))


def wrapped_under_older(
    database: Database, key_id: int, newest: int, after: int, limit: int
) -> list[tuple[Any, ...]]:
    """Data keys under older material: (version id, entry id, number, context, material, wrapped)."""
    return database.rows(
        "SELECT w.version_id, v.entry_id, v.number, v.context, w.material, w.wrapped FROM wrapped_keys w"
        " JOIN versions v ON v.id = w.version_id"
        " WHERE w.key_id = ? AND w.material <> ? AND w.version_id > ? ORDER BY w.version_id LIMIT ?",
        (key_id, newest, after, limit),
    )


def rewrap(database: Database, key_id: int, number: int, rows: Iterable[tuple[bytes, int]]) -> None:
    """Replace wrapped data keys: (wrapped, version id), now under material `number`."""
    database.run_many(
        f"UPDATE wrapped_keys SET wrapped = ?, material = {number:d}"
        f" WHERE version_id = ? AND key_id = {key_id:d}",
        rows,
    )
