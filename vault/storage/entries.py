"""SQL of entries: find, list a level, list a subtree, insert, change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.errors import Damaged, Refused, Said
from vault.paths import subtree_range
from vault.policies import parse_policies, policies_json
from vault.records import Entry, Listing
from vault.steps import Steps
from vault.storage.codes import (
    CODE_OF_KIND,
    CODE_OF_TIER,
    CODE_OF_VALUE_TYPE,
    KINDS,
    TIERS,
    VALUE_TYPES,
    milliseconds,
    moment,
)
from vault.storage.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.storage.database import Database

_NAMES = (
    "id", "path", "kind", "value_type", "tier", "data_type", "description", "allowed_pattern", "tags",
    "policies", "expires_at", "latest", "current", "created_at", "modified_at", "deleted_at", "purge_at",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)
_LIVE = f"SELECT {_COLUMNS} FROM entries WHERE deleted_at IS NULL AND "
_INSERT = f"INSERT INTO entries ({_COLUMNS}) VALUES ({', '.join('?' * len(_NAMES))})"
_NO_TAGS: Mapping[str, str] = {}
_CHUNK = 500  # paths or ids in one query
_PAGE = 1_000  # entries that are read in one piece


def _entry(row: Sequence[Any]) -> Entry:
    return Entry(
        row[0],
        path_of(row[1]),
        KINDS[row[2]],
        VALUE_TYPES[row[3]],
        TIERS[row[4]],
        row[5],
        row[6],
        row[7],
        _NO_TAGS if row[8] is None else tags_of(row[8]),
        () if row[9] is None else policies_of(row[9]),
        None if row[10] is None else moment(row[10]),
        row[11],
        row[12],
        moment(row[13]),
        moment(row[14]),
        None if row[15] is None else moment(row[15]),
        None if row[16] is None else moment(row[16]),
    )


def _row(entry: Entry) -> tuple[object, ...]:
    return (
        entry.id,
        entry.path,
        CODE_OF_KIND[entry.kind],
        CODE_OF_VALUE_TYPE[entry.value_type],
        CODE_OF_TIER[entry.tier],
        entry.data_type,
        entry.description,
        entry.allowed_pattern,
        tags_text(entry.tags) if entry.tags else None,
        policies_json(entry.policies) if entry.policies else None,
        None if entry.expires_at is None else milliseconds(entry.expires_at),
        entry.latest,
        entry.current,
        milliseconds(entry.created_at),
        milliseconds(entry.modified_at),
        None if entry.deleted_at is None else milliseconds(entry.deleted_at),
        None if entry.purge_at is None else milliseconds(entry.purge_at),
    )


def tags_of(text: str) -> dict[str, str]:
    """Tags from their column."""
    from vault.storage.json_text import texts  # most entries have none, and the command line starts sooner

    return texts(text)


def tags_text(tags: Mapping[str, str]) -> str:
    """Tags for their column: a JSON object, keys in order."""
    from vault.storage.json_text import text_of

    return text_of(dict(tags))


def policies_of(text: str) -> tuple[Policy, ...]:
    """Policies from their column.

    Raises:
        Damaged: they are not what a put writes.
    """
    try:
        return parse_policies(text)
    except Refused:
        msg = Said("a column that holds policies does not read back as it was written; restore a backup")
        raise Damaged(msg) from None


def unreadable(database: Database) -> Iterator[tuple[int, Damaged]]:
    """The entries, those in the trash too, that whatever reads them refuses: id, and why."""
    for row in database.cursor(f"SELECT {_COLUMNS} FROM entries"):
        try:
            _entry(row)
        except Damaged as error:
            yield row[0], error


def find_live(database: Database, path: ParameterPath) -> Entry | None:
    """The entry at `path` that is not in the trash."""
    row = database.row(_LIVE + "path = ?", (path,))
    return None if row is None else _entry(row)


def find_many_live(database: Database, paths: Sequence[str]) -> dict[str, Entry]:
    """Those of `paths` that exist, by path."""
    found: dict[str, Entry] = {}
    for at in range(0, len(paths), _CHUNK):
        chunk = paths[at : at + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        found |= {str(row[1]): _entry(row) for row in database.rows(_LIVE + f"path IN ({marks})", chunk)}
    return found


def find_id(database: Database, entry_id: int) -> Entry | None:
    """The entry with this id, in the trash or not."""
    row = database.row(f"SELECT {_COLUMNS} FROM entries WHERE id = ?", (entry_id,))
    return None if row is None else _entry(row)


def find_ids(database: Database, entry_ids: Sequence[int]) -> list[Entry]:
    """The live ones of these entries, in the order of `entry_ids`."""
    found: dict[int, Entry] = {}
    for at in range(0, len(entry_ids), _CHUNK):
        chunk = entry_ids[at : at + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        found |= {row[0]: _entry(row) for row in database.rows(_LIVE + f"id IN ({marks})", chunk)}
    return [found[entry_id] for entry_id in entry_ids if entry_id in found]


def below(database: Database, folder: ParameterPath, after: str | None, limit: int) -> list[Entry]:
    """Up to `limit` entries anywhere below `folder`, in path order, after the path `after`."""
    low, high = subtree_range(folder)
    start, compare = (low, ">=") if after is None or after < low else (after, ">")
    rows = database.rows(_LIVE + f"path {compare} ? AND path < ? ORDER BY path LIMIT ?", (start, high, limit))
    return [_entry(row) for row in rows]


def all_below(database: Database, folder: ParameterPath, steps: Steps) -> list[Entry]:
    """All entries anywhere below `folder`, in path order; `steps` are asked meanwhile whether to stop."""
    found: list[Entry] = []
    while len(page := below(database, folder, found[-1].path if found else None, _PAGE)) == _PAGE:
        found += page
        steps.reach(*steps.place)
    return found + page


def count_below(database: Database, folder: ParameterPath) -> int:
    """How many entries are anywhere below `folder`."""
    low, high = subtree_range(folder)
    row = database.row(
        "SELECT count(*) FROM entries WHERE deleted_at IS NULL AND path >= ? AND path < ?", (low, high)
    )
    return row[0] if row else 0


def is_folder(database: Database, path: ParameterPath) -> bool:
    """Whether an entry is anywhere below a path."""
    row = database.row(
        "SELECT EXISTS (SELECT 1 FROM entries WHERE deleted_at IS NULL AND path >= ? AND path < ?)",
        subtree_range(path),
    )
    return row is not None and bool(row[0])


def one_level(
    database: Database, folder: ParameterPath, after: str | None, limit: int, *, whole: bool = True
) -> Listing:
    """The folders and entries directly in `folder`: each subfolder costs one step, not its size."""
    low, high = subtree_range(folder)
    folders: list[ParameterPath] = []
    entries: list[Entry] = []
    start: str | None = after or low
    past = 1 if whole else len(low) + 1  # where a slash is looked for; every path begins with one
    while start is not None:
        asked = _LIVE + "path >= ? AND path < ? AND instr(substr(path, ?), '/') ORDER BY path"
        scan = database.cursor(asked, (start, high, past))
        start = None
        for row in scan:
            path = str(row[1])
            if len(folders) + len(entries) == limit:
                return Listing(tuple(folders), tuple(entries), path)
            slash = path.find("/", len(low))
            if slash < 0:
                entries.append(_entry(row))
                continue
            subfolder = path_of(path[:slash])
            folders.append(subfolder)
            start = subtree_range(subfolder)[1]
            break
    return Listing(tuple(folders), tuple(entries), None)


def in_trash(database: Database, steps: Steps | None = None) -> list[Entry]:
    """Everything that was removed and not yet purged, last removed first, a step each."""
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM entries WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, path"
    )
    counted = steps or Steps()
    counted.expect(len(rows))
    return [_entry(row) for row in counted.each(rows)]


def count_trash(database: Database) -> int:
    """How many were removed and not yet purged; read from their index alone."""
    row = database.row("SELECT count(*) FROM entries WHERE deleted_at IS NOT NULL")
    return row[0] if row else 0


def overdue(database: Database, now: datetime) -> tuple[list[Entry], list[Entry]]:
    """Live entries whose values are no longer given, and trashed ones whose recovery window has passed."""
    at = milliseconds(now)
    expired = database.rows(_LIVE + "expires_at <= ? ORDER BY expires_at", (at,))
    purged = database.rows(
        f"SELECT {_COLUMNS} FROM entries WHERE deleted_at IS NOT NULL AND purge_at <= ?", (at,)
    )
    return [_entry(row) for row in expired], [_entry(row) for row in purged]


def with_own_policies(database: Database) -> list[Entry]:
    """Live entries that carry policies of their own."""
    return [_entry(row) for row in database.rows(_LIVE + "policies IS NOT NULL ORDER BY id")]


def known_paths(database: Database, folder: ParameterPath) -> Iterator[Entry]:
    """Everything that is or was below or at `folder`: live and in the trash."""
    low, high = subtree_range(folder)
    rows = database.rows(
        f"SELECT {_COLUMNS} FROM entries WHERE path = ? OR (path >= ? AND path < ?) ORDER BY path, id",
        (folder, low, high),
    )
    return map(_entry, rows)


def next_id(database: Database) -> int:
    """The id that the next entry gets; ids are never reused."""
    row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'entries'")
    return row[0] + 1 if row else 1


def insert(database: Database, entries: Iterable[Entry]) -> None:
    """New rows."""
    database.run_many(_INSERT, map(_row, entries))


def update(database: Database, changes: Iterable[tuple[Entry, Entry]]) -> None:
    """Bring rows from the first record to the second, writing only the columns that differ.

    A column that is named in an UPDATE costs a write to every index it is in, changed or not.
    """
    for old, new in changes:
        pairs = zip(_NAMES, _row(old), _row(new), strict=True)
        fresh = {name: value for name, was, value in pairs if was != value}
        if fresh:
            columns = ", ".join(f"{name} = ?" for name in fresh)
            database.run(f"UPDATE entries SET {columns} WHERE id = ?", (*fresh.values(), old.id))


def delete(database: Database, entry_ids: Iterable[int]) -> None:
    """Remove rows with their versions, labels and wrapped keys, for good."""
    database.run_many("DELETE FROM entries WHERE id = ?", ((entry_id,) for entry_id in entry_ids))
