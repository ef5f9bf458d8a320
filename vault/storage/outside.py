"""SQL of keys outside the vault, of key policies, and of which keys wrap which versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.errors import Said
from vault.key_rules import Holding, Rule
from vault.paths import ParameterPath, subtree_range
from vault.records import Connection, KmsKey
from vault.storage.codes import milliseconds, moment
from vault.storage.json_text import parsed, text_of
from vault.storage.paths import path_of
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from vault.steps import Steps
    from vault.storage.database import Database

KMS: Final = "aws-kms"
_KEYS: Final = (
    "SELECT k.id, k.alias, o.name, o.connection, k.created_at,"
    " (SELECT count(*) FROM wrapped_keys w WHERE w.key_id = k.id)"
    " FROM kms_keys o JOIN wrapping_keys k ON k.id = o.key_id"
)

_RULES: Final = "SELECT path, local, kms, changed_at FROM key_policies"


class WrapRow(NamedTuple):
    """One wrapped data key, with the version that it belongs to."""

    version_id: int
    path: ParameterPath
    entry_id: int
    number: int
    context: str | None
    sealed_head: bytes  # suite and commitment
    key_id: int
    material: int
    wrapped: bytes
    state: str  # of the wrapping key


def kms_keys(database: Database) -> list[KmsKey]:
    """Every KMS key, with the count of data keys under it."""
    return [_key(row) for row in database.rows(_KEYS + " ORDER BY k.id")]


def kms_key(database: Database, key: int | str) -> KmsKey | None:
    """A KMS key by its id or its ARN."""
    column = "k.id" if isinstance(key, int) else "k.alias"
    row = database.row(f"{_KEYS} WHERE {column} = ?", (key,))
    return None if row is None else _key(row)


def _key(row: Sequence[Any]) -> KmsKey:
    key_id, arn, name, connection, created_at, wraps = row
    return KmsKey(key_id, arn, name, _connection(connection), moment(created_at), wraps)


def _connection(text: str) -> Connection:
    known = {name: str(value) for name, value in parsed(text).items() if name in Connection._fields}
    return Connection(**known)


def has_kms_keys(database: Database) -> bool:
    """Whether any KMS key is known here."""
    return database.row("SELECT 1 FROM kms_keys LIMIT 1") is not None


def insert_kms_key(database: Database, arn: str, name: str, connection: Connection, now: datetime) -> None:
    """A new KMS key."""
    database.run(
        "INSERT INTO wrapping_keys (kind, alias, state, created_at) VALUES (?, ?, 'Enabled', ?)",
        (KMS, arn, milliseconds(now)),
    )
    database.run(
        "INSERT INTO kms_keys (key_id, name, connection) SELECT id, ?, ? FROM wrapping_keys WHERE alias = ?",
        (name, _connection_text(connection), arn),
    )


def update_kms_key(database: Database, key_id: int, name: str, connection: Connection) -> None:
    """Write how a KMS key is named and reached."""
    database.run(
        "UPDATE kms_keys SET name = ?, connection = ? WHERE key_id = ?",
        (name, _connection_text(connection), key_id),
    )


def delete_kms_key(database: Database, key_id: int) -> None:
    """Forget a KMS key; refused by the schema while it wraps a data key or a policy names it."""
    database.run("DELETE FROM wrapping_keys WHERE id = ?", (key_id,))


def unused_kms_keys(database: Database) -> list[tuple[int, str]]:
    """(id, ARN) of KMS keys that wrap nothing and that no policy names."""
    return [
        (row[0], row[1])
        for row in database.rows(
            "SELECT id, alias FROM wrapping_keys k WHERE kind = ?"
            " AND NOT EXISTS (SELECT 1 FROM wrapped_keys w WHERE w.key_id = k.id)"
            " AND NOT EXISTS (SELECT 1 FROM key_policies p WHERE p.kms = k.id)",
            (KMS,),
        )
    ]


def _connection_text(connection: Connection) -> str:
    return text_of({name: value for name, value in connection._asdict().items() if value})


def rules(database: Database) -> dict[str, Rule]:
    """The rule of every folder that has a key policy of its own."""
    return dict(map(_rule, database.rows(f"{_RULES} ORDER BY path")))


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    yield from findings(database, Said("KMS key"), _KEYS, _key)
    yield from findings(database, Said("key policy of"), _RULES, _rule)


def _rule(row: tuple[Any, ...]) -> tuple[ParameterPath, Rule]:
    path, local, kms, at = row
    return path_of(path), Rule(bool(local), kms, moment(at))


def set_rule(database: Database, folder: str, rule: Rule | None, now: datetime) -> None:
    """Write a folder's key policy; None removes it."""
    if rule is None:
        database.run("DELETE FROM key_policies WHERE path = ?", (folder,))
        return
    database.run(
        "INSERT OR REPLACE INTO key_policies (path, local, kms, changed_at) VALUES (?, ?, ?, ?)",
        (folder, int(rule.local), rule.kms, milliseconds(now)),
    )


def holders(
    database: Database, folder: ParameterPath, after: int, limit: int
) -> list[tuple[int, ParameterPath, int, bool]]:
    """Which key wraps which version at or below `folder`: (version id, path, key id, whether it is local).

    In the order of version and key; `limit` rows with a version id above `after`. In the trash too.
    """
    low, high = subtree_range(folder)
    rows = database.rows(
        "SELECT v.id, e.path, w.key_id, w.material > 0 FROM versions v JOIN entries e ON e.id = v.entry_id"
        " JOIN wrapped_keys w ON w.version_id = v.id"
        " WHERE v.id > ? AND (e.path = ? OR (e.path >= ? AND e.path < ?)) ORDER BY v.id, w.key_id LIMIT ?",
        (after, folder, low, high, limit),
    )
    return [(version_id, path_of(path), key_id, bool(local)) for version_id, path, key_id, local in rows]


def current_holders(database: Database, folder: ParameterPath, after: str, limit: int) -> list[Holding]:
    """Which key wraps which version of the live entries at or below `folder`, by path, number and key.

    Of the next `limit` entries with a version after the path `after`.
    """
    low, high = subtree_range(folder)
    rows = database.rows(
        "SELECT e.path, v.number, v.number = e.current, w.key_id FROM (SELECT id, path, current FROM entries"
        " WHERE deleted_at IS NULL AND latest > 0 AND path > ? AND (path = ? OR (path >= ? AND path < ?))"
        " ORDER BY path LIMIT ?) e JOIN versions v ON v.entry_id = e.id"
        " JOIN wrapped_keys w ON w.version_id = v.id ORDER BY e.path, v.number, w.key_id",
        (after, folder, low, high, limit),
    )
    return [Holding(path_of(path), number, bool(current), key_id) for path, number, current, key_id in rows]


def held_alone(database: Database, key_id: int, steps: Steps) -> list[Holding]:
    """The versions that no other key wraps, by path and number; in the trash too. A step each."""
    rows = database.cursor(
        "SELECT e.path, v.number, v.number = e.current, w.key_id, e.deleted_at IS NOT NULL"
        " FROM wrapped_keys w JOIN versions v ON v.id = w.version_id JOIN entries e ON e.id = v.entry_id"
        " WHERE w.key_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM wrapped_keys o WHERE o.version_id = w.version_id AND o.key_id <> ?)"
        " ORDER BY e.path, v.number",
        (key_id, key_id),
    )
    return [
        Holding(path_of(path), number, bool(current), key, bool(trashed))
        for path, number, current, key, trashed in steps.each(rows)
    ]


def sample_of(database: Database, key_id: int) -> WrapRow | None:
    """One data key that a key wraps; None if it wraps none."""
    row = database.row("SELECT version_id FROM wrapped_keys WHERE key_id = ? LIMIT 1", (key_id,))
    wraps = wraps_of(database, (row[0],))[row[0]] if row else []
    return next((wrap for wrap in wraps if wrap.key_id == key_id), None)


def wraps_of(database: Database, version_ids: Iterable[int]) -> dict[int, list[WrapRow]]:
    """Every wrapped data key of these versions, by version and in the order of keys."""
    marks = ", ".join(str(int(version_id)) for version_id in version_ids)
    found: dict[int, list[WrapRow]] = {}
    for row in database.rows(
        "SELECT v.id, e.path, v.entry_id, v.number, v.context, substr(v.sealed, 1, 33), w.key_id, w.material,"
        " w.wrapped, k.state FROM versions v JOIN entries e ON e.id = v.entry_id"
        " JOIN wrapped_keys w ON w.version_id = v.id JOIN wrapping_keys k ON k.id = w.key_id"
        f" WHERE v.id IN ({marks}) ORDER BY v.id, w.key_id"
    ):
        found.setdefault(row[0], []).append(WrapRow(row[0], path_of(row[1]), *row[2:]))
    return found


def add_wraps(database: Database, rows: Iterable[tuple[int, int, int, bytes]]) -> None:
    """More wrapped data keys: (version id, key id, material, wrapped)."""
    database.run_many(
        "INSERT OR REPLACE INTO wrapped_keys (version_id, key_id, material, wrapped) VALUES (?, ?, ?, ?)",
        rows,
    )


def drop_wraps(database: Database, rows: Iterable[tuple[int, int]]) -> None:
    """Remove wrapped data keys: (version id, key id)."""
    database.run_many("DELETE FROM wrapped_keys WHERE version_id = ? AND key_id = ?", rows)
