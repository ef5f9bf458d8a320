"""SQL of versions, their wrapped data keys, and labels."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from vault.errors import Damaged
from vault.records import Version
from vault.storage.codes import (
    CODE_OF_ORIGIN,
    CODE_OF_TIER,
    CODE_OF_VALUE_TYPE,
    ORIGINS,
    TIERS,
    VALUE_TYPES,
    milliseconds,
    moment,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from vault.storage.database import Database

_NAMES = "id, entry_id, number, token, value_type, tier, facts, size, fingerprint, created_at, origin"
_INSERT = f"INSERT INTO versions ({_NAMES}, context, sealed) VALUES ({', '.join('?' * 13)})"
_INSERT_WRAP = "INSERT INTO wrapped_keys (version_id, key_id, material, wrapped) VALUES (?, ?, ?, ?)"
_CHUNK = 500  # versions, each chunk with its data keys
_SEALED = (
    "SELECT v.entry_id, v.number, v.value_type, v.context, v.sealed, w.key_id, w.material, w.wrapped,"
    " k.state FROM versions v JOIN wrapped_keys w ON w.version_id = v.id"
    " JOIN wrapping_keys k ON k.id = w.key_id"
)
_SEALED_AT_PATH = (
    "SELECT v.entry_id, v.number, v.value_type, v.context, v.sealed, w.key_id, w.material, w.wrapped,"
    " k.state, e.expires_at FROM entries e JOIN versions v ON v.entry_id = e.id AND v.number = e.current"
    " JOIN wrapped_keys w ON w.version_id = v.id JOIN wrapping_keys k ON k.id = w.key_id"
    " WHERE e.deleted_at IS NULL AND e.path = ?"
)


ENABLED = "Enabled"  # state of a wrapping key that may be used


class SealedVersion(NamedTuple):
    """A new version's row, with its value sealed and its data key wrapped."""

    version: Version
    facts: str | None
    context: str | None
    sealed: bytes
    wraps: tuple[tuple[int, int, bytes], ...]  # key id, material (0: of a key outside), wrapped data key


def _version(row: Sequence[Any], labels: Mapping[int, tuple[str, ...]]) -> Version:
    facts = {} if row[6] is None else facts_of(row[6])
    return Version(
        row[0],
        row[1],
        row[2],
        row[3] or "",
        VALUE_TYPES[row[4]],
        TIERS[row[5]],
        str(facts.get("data_type", "text")),
        str(facts.get("description", "")),
        row[7],
        row[8],
        moment(row[9]),
        ORIGINS[row[10]],
        labels.get(row[2], ()),
    )


def facts_of(text: str) -> dict[str, Any]:
    """What the entry said of itself when the version was made: texts, and its tags.

    Raises:
        Damaged: they are not what a put writes.
    """
    from vault.storage.json_text import UNREADABLE, parsed  # most versions have none

    found = parsed(text)
    tags = found.get("tags", {})
    texts = [found[name] for name in found if name != "tags"]
    if not isinstance(tags, dict) or not all(isinstance(one, str) for one in (*texts, *tags.values())):
        raise Damaged(UNREADABLE)
    return found


def unreadable(database: Database) -> Iterator[tuple[int, int, Damaged]]:
    """Versions that whatever reads them refuses: id of the entry, number, and why."""
    for row in database.cursor(f"SELECT {_NAMES} FROM versions"):
        try:
            _version(row, {})
        except Damaged as error:
            yield row[1], row[2], error


def of_entry(database: Database, entry_id: int) -> list[Version]:
    """Every kept version of an entry, oldest first, with its labels."""
    held: dict[int, tuple[str, ...]] = {}
    for label, number in sorted(labels_of(database, entry_id).items()):
        held[number] = (*held.get(number, ()), label)
    rows = database.rows(f"SELECT {_NAMES} FROM versions WHERE entry_id = ? ORDER BY number", (entry_id,))
    return [_version(row, held) for row in rows]


def facts_texts(database: Database, entry_id: int) -> dict[int, str | None]:
    """The facts column of every kept version of an entry, by number."""
    rows = database.rows("SELECT number, facts FROM versions WHERE entry_id = ?", (entry_id,))
    return {number: None if facts is None else str(facts) for number, facts in rows}


def numbers(database: Database, entry_id: int) -> list[int]:
    """The numbers of the kept versions, ascending."""
    rows = database.rows("SELECT number FROM versions WHERE entry_id = ? ORDER BY number", (entry_id,))
    return [row[0] for row in rows]


def number_of_token(database: Database, entry_id: int, token: str) -> int | None:
    """The number of the version that was made with a ClientRequestToken."""
    row = database.row("SELECT number FROM versions WHERE entry_id = ? AND token = ?", (entry_id, token))
    return None if row is None else row[0]


def next_id(database: Database) -> int:
    """The row id that the next version gets."""
    row = database.row("SELECT max(id) FROM versions")
    return row[0] + 1 if row and row[0] is not None else 1


def insert(database: Database, versions: Iterable[SealedVersion]) -> None:
    """New versions with their wrapped data keys."""
    coming = iter(versions)
    while rows := tuple(islice(coming, _CHUNK)):
        database.run_many(_INSERT, map(_row, rows))
        database.run_many(_INSERT_WRAP, ((row.version.id, *wrap) for row in rows for wrap in row.wraps))


def _row(row: SealedVersion) -> tuple[object, ...]:
    version = row.version
    return (
        version.id,
        version.entry_id,
        version.number,
        version.token or None,
        CODE_OF_VALUE_TYPE[version.value_type],
        CODE_OF_TIER[version.tier],
        row.facts,
        version.size,
        version.fingerprint,
        milliseconds(version.created_at),
        CODE_OF_ORIGIN[version.origin],
        row.context,
        row.sealed,
    )


def delete(database: Database, gone: Iterable[tuple[int, int]]) -> None:
    """Drop versions: (entry id, number)."""
    database.run_many("DELETE FROM versions WHERE entry_id = ? AND number = ?", gone)


def sealed_at_path(database: Database, path: str) -> tuple[Any, ...] | None:
    """What a plain get opens: one row with the sealed value, its wrapped data key and the key's state."""
    return _usable(database.rows(_SEALED_AT_PATH, (path,)))


def sealed_number(database: Database, entry_id: int, number: int) -> tuple[Any, ...] | None:
    """One version's sealed value, wrapped data key and the key's state."""
    return _usable(database.rows(_SEALED + " WHERE v.entry_id = ? AND v.number = ?", (entry_id, number)))


def sealed_current(
    database: Database, entry_ids: Iterable[int], now: datetime
) -> Collection[tuple[Any, ...]]:
    """The current versions of these entries, one row each with its path first, in path order.

    What is in the trash or has expired by `now` is not among them.
    """
    marks = ", ".join(str(int(entry_id)) for entry_id in entry_ids)
    rows = database.rows(
        _SEALED.replace("SELECT ", "SELECT e.path, ")
        + " JOIN entries e ON e.id = v.entry_id AND e.current = v.number"
        + f" WHERE e.id IN ({marks}) AND e.deleted_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?)"
        " ORDER BY e.path",
        (milliseconds(now),),
    )
    each = {row[1]: row for row in rows}
    if len(each) < len(rows):  # some have several keys
        for row in rows:
            if _rank(row[1:]) < _rank(each[row[1]][1:]):
                each[row[1]] = row
    return each.values()


def _usable(rows: Sequence[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Of the rows of one version, one for each key that wraps its data key, the one to open it with."""
    if len(rows) > 1:
        return min(rows, key=_rank)
    return rows[0] if rows else None


def _rank(row: Sequence[Any]) -> tuple[bool, bool]:
    """Keys that are enabled come first, and of those the local ones: they need no network."""
    return row[8] != ENABLED, row[6] == 0


def sealed_after(database: Database, version_id: int, key_id: int, limit: int) -> list[tuple[Any, ...]]:
    """Up to `limit` rows after that of a version's row id under a key: one for each key of each version.

    The version's row id, fingerprint and size come first, then the columns that open it.
    """
    return database.rows(
        _SEALED.replace("SELECT ", "SELECT v.id, v.fingerprint, v.size, ")
        + " WHERE v.id >= ? AND (v.id > ? OR w.key_id > ?) ORDER BY v.id, w.key_id LIMIT ?",
        (version_id, version_id, key_id, limit),
    )


def labels_of(database: Database, entry_id: int) -> dict[str, int]:
    """Labels or staging labels of an entry: label to version number."""
    rows = database.rows("SELECT label, number FROM labels WHERE entry_id = ?", (entry_id,))
    return {str(label): number for label, number in rows}


def replace_labels(
    database: Database, changes: Mapping[int, tuple[Mapping[str, int], Mapping[str, int]]]
) -> None:
    """Bring each entry's labels from the first mapping to the second, touching only what differs."""
    database.run_many(
        "DELETE FROM labels WHERE entry_id = ? AND label = ?",
        ((entry, label) for entry, (old, new) in changes.items() for label in old.keys() - new.keys()),
    )
    database.run_many(
        "INSERT OR REPLACE INTO labels (entry_id, label, number) VALUES (?, ?, ?)",
        (
            (entry, label, number)
            for entry, (old, new) in changes.items()
            for label, number in new.items()
            if old.get(label) != number
        ),
    )
