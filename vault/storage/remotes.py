"""SQL of remotes, of what is remembered of their entries, and of values seen there that no entry has yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.errors import Damaged, Said
from vault.links import Link
from vault.paths import subtree_range
from vault.records import Connection, Direction, Kind, Remote, RemoteDraft, Service, Tier
from vault.storage.codes import CODE_OF_KIND, Codes, milliseconds, moment
from vault.storage.json_text import UNREADABLE, parsed, text_of, texts
from vault.storage.link_json import base_of, base_text, intent_json, intent_of, seen_of, seen_text, sides_of
from vault.storage.paths import path_of
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.steps import Steps
    from vault.storage.database import Database

_SERVICES: Final = Codes({1: Service.PARAMETER_STORE, 2: Service.SECRETS_MANAGER})
_CODE_OF_SERVICE: Final = {service: code for code, service in _SERVICES.items()}
_DIRECTIONS: Final = Codes({1: Direction.BOTH, 2: Direction.PULL, 3: Direction.PUSH})
_CODE_OF_DIRECTION: Final = {direction: code for code, direction in _DIRECTIONS.items()}
_COLUMNS: Final = "id, name, service, folder, prefix, direction, options, account, created_at, observed_at"
_TIERS: Final = frozenset(tier.value for tier in Tier)
_CHUNK: Final = 500  # names of one query
_LINK: Final = "name, entry_id, base, former, seen, overtaken, intent, removed_at"


class StagedValue(NamedTuple):
    """A value seen at a remote, sealed."""

    id: int
    name: str
    version: str
    sealed: bytes
    key_id: int
    material: int
    wrapped: bytes
    state: str  # of the wrapping key


def listed(database: Database) -> list[Remote]:
    """Every remote, by name."""
    return [_remote(row) for row in database.rows(f"SELECT {_COLUMNS} FROM remotes ORDER BY name")]


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    return findings(database, Said("remote"), f"SELECT {_COLUMNS} FROM remotes", _remote)


def find(database: Database, name: str) -> Remote | None:
    """One remote by its name."""
    row = database.row(f"SELECT {_COLUMNS} FROM remotes WHERE name = ?", (name,))
    return None if row is None else _remote(row)


def insert(database: Database, draft: RemoteDraft, now: datetime) -> None:
    """Write a new remote."""
    database.run(
        "INSERT INTO remotes (name, service, folder, prefix, direction, options, account, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, '', ?)",
        (*_columns(draft), milliseconds(now)),
    )


def update(database: Database, remote_id: int, draft: RemoteDraft) -> None:
    """Write what a person says of a remote."""
    database.run(
        "UPDATE remotes SET name = ?, service = ?, folder = ?, prefix = ?, direction = ?, options = ?"
        " WHERE id = ?",
        (*_columns(draft), remote_id),
    )


def set_account(database: Database, remote_id: int, account: str) -> None:
    """Remember which account a remote turned out to be in."""
    database.run("UPDATE remotes SET account = ? WHERE id = ?", (account, remote_id))


def set_observed(database: Database, remote_id: int, at: datetime) -> None:
    """Remember when a remote was last listed whole."""
    database.run("UPDATE remotes SET observed_at = ? WHERE id = ?", (milliseconds(at), remote_id))


def delete(database: Database, remote_id: int) -> None:
    """Forget a remote and all that is remembered of its entries."""
    database.run("DELETE FROM remotes WHERE id = ?", (remote_id,))


def stamp(database: Database) -> tuple[int, int]:
    """What any write changes: of this connection the second number, of any other one the first."""
    ((others,),) = database.rows("PRAGMA data_version")
    ((ours,),) = database.rows("SELECT total_changes()")
    return others, ours


def links(database: Database, remote_id: int, steps: Steps, *, gone: bool) -> dict[str, Link]:
    """Everything remembered of a remote's entries, by name, a step each; `gone`: agreed on, and not there."""
    which = " AND seen IS NULL AND (base IS NOT NULL OR former IS NOT NULL)" if gone else ""
    rows = database.rows(f"SELECT {_LINK} FROM remote_entries WHERE remote_id = ?{which}", (remote_id,))
    steps.expect(len(rows))
    rows.reverse()
    found: dict[str, Link] = {}
    for _ in steps.each(range(len(rows))):
        link = _link(rows.pop())  # none is kept longer: all at once would take long to free
        found[link.name] = link
    return found


def links_of(database: Database, remote_id: int, names: Sequence[str]) -> dict[str, Link]:
    """What is remembered of some names, by name."""
    found: dict[str, Link] = {}
    for first in range(0, len(names), _CHUNK):
        chunk = names[first : first + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        rows = database.rows(
            f"SELECT {_LINK} FROM remote_entries WHERE remote_id = ? AND name IN ({marks})",
            (remote_id, *chunk),
        )
        found |= {row[0]: _link(row) for row in rows}
    return found


def write_links(database: Database, remote_id: int, changed: Iterable[Link]) -> None:
    """Write links whole."""
    database.run_many(
        f"INSERT OR REPLACE INTO remote_entries (remote_id, {_LINK}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                remote_id,
                link.name,
                link.entry_id,
                None if link.base is None else base_text(link.base, link.seen, seen),
                None if link.former is None else base_text(link.former),
                seen,
                None if link.overtaken is None else seen_text(link.overtaken),
                None if link.intent is None else text_of(intent_json(link.intent)),
                None if link.removed_at is None else milliseconds(link.removed_at),
            )
            for link in changed
            for seen in (None if link.seen is None else seen_text(link.seen),)
        ),
    )


def local_values(database: Database, folder: ParameterPath, kind: Kind) -> Iterable[tuple[int, bytes, int]]:
    """Id, and fingerprint and type of the current version, of every entry of a kind below a folder."""
    for row in database.cursor(
        "SELECT e.id, v.fingerprint, v.value_type FROM entries e"
        " JOIN versions v ON v.entry_id = e.id AND v.number = e.current"
        " WHERE e.path >= ? AND e.path < ? AND e.kind = ? AND e.deleted_at IS NULL",
        (*subtree_range(folder), CODE_OF_KIND[kind]),
    ):
        yield row[0], row[1], row[2]


def local_labels(
    database: Database, folder: ParameterPath, kind: Kind
) -> dict[int, dict[str, tuple[int, bytes]]]:
    """Labels of every entry of a kind below a folder, by entry id: number and fingerprint of the version."""
    rows = database.rows(
        "SELECT l.entry_id, l.label, l.number, v.fingerprint FROM entries e"
        " JOIN labels l ON l.entry_id = e.id"
        " JOIN versions v ON v.entry_id = l.entry_id AND v.number = l.number"
        " WHERE e.path >= ? AND e.path < ? AND e.kind = ? AND e.deleted_at IS NULL"
        " AND NOT (e.kind = 1 AND l.label IN ('AWSPENDING', 'AWSPREVIOUS'))",  # a rotation's, and local
        (*subtree_range(folder), CODE_OF_KIND[kind]),
    )
    held: dict[int, dict[str, tuple[int, bytes]]] = {}
    for entry_id, label, number, fingerprint in rows:
        held.setdefault(entry_id, {})[label] = number, fingerprint
    return held


def write_pairs(database: Database, remote_id: int, pairs: Iterable[tuple[str, str, int, int]]) -> None:
    """Remember which version there is which here: (name, version, entry id, number)."""
    database.run_many(
        "INSERT OR REPLACE INTO remote_versions (remote_id, name, version, entry_id, number)"
        " VALUES (?, ?, ?, ?, ?)",
        ((remote_id, *pair) for pair in pairs),
    )


def drop_pairs(database: Database, remote_id: int, names: Iterable[str]) -> None:
    """Forget every pair of versions of some names."""
    database.run_many(
        "DELETE FROM remote_versions WHERE remote_id = ? AND name = ?", ((remote_id, name) for name in names)
    )


def pairs(database: Database, remote_id: int) -> Iterator[tuple[str, str, int, int, bytes]]:
    """Every pair of versions of a remote: (name, version, entry id, number, fingerprint)."""
    for row in database.rows(
        "SELECT r.name, r.version, r.entry_id, r.number, v.fingerprint FROM remote_versions r"
        " JOIN versions v ON v.entry_id = r.entry_id AND v.number = r.number WHERE r.remote_id = ?",
        (remote_id,),
    ):
        yield row[0], row[1], row[2], row[3], row[4]


def pairs_of(database: Database, remote_id: int, name: str, entry_id: int) -> dict[str, int]:
    """Which version of one name there is which number of one entry here."""
    rows = database.rows(
        "SELECT version, number FROM remote_versions WHERE remote_id = ? AND name = ? AND entry_id = ?",
        (remote_id, name, entry_id),
    )
    return {str(version): number for version, number in rows}


def next_staged_id(database: Database) -> int:
    """The row id that the next value seen there gets, to which it is sealed; none is ever used again."""
    row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'remote_values'")
    return 1 if row is None else int(row[0]) + 1


def stage(
    database: Database, remote_id: int, sealed: Iterable[tuple[int, str, str, bytes, int, int, bytes]]
) -> None:
    """Write sealed values: (row id, name, version, sealed, key id, material, wrapped)."""
    database.run_many(
        "INSERT OR REPLACE INTO remote_values"
        " (remote_id, id, name, version, sealed, key_id, material, wrapped) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((remote_id, *row) for row in sealed),
    )


def staged(database: Database, remote_id: int, versions: Mapping[str, str]) -> list[StagedValue]:
    """Values that were seen there and kept: name to version."""
    names, found = list(versions), []
    for first in range(0, len(names), _CHUNK):
        chunk = names[first : first + _CHUNK]
        marks = ", ".join("?" * len(chunk))
        rows = database.rows(
            "SELECT r.id, r.name, r.version, r.sealed, r.key_id, r.material, r.wrapped, k.state"
            " FROM remote_values r JOIN wrapping_keys k ON k.id = r.key_id"
            f" WHERE r.remote_id = ? AND r.name IN ({marks})",
            (remote_id, *chunk),
        )
        found += [row for row in map(StagedValue._make, rows) if versions[row.name] == row.version]
    return found


def drop_staged(database: Database, remote_id: int, which: Iterable[tuple[str, str]]) -> None:
    """Drop kept values: (name, version)."""
    database.run_many(
        "DELETE FROM remote_values WHERE remote_id = ? AND name = ? AND version = ?",
        ((remote_id, name, version) for name, version in which),
    )


def _columns(draft: RemoteDraft) -> tuple[object, ...]:
    options = {name: text for name, text in draft.connection._asdict().items() if text}
    if draft.kms_key:
        options["kms_key"] = draft.kms_key
    if draft.tier is not None:
        options["tier"] = draft.tier.value
    return (
        draft.name,
        _CODE_OF_SERVICE[draft.service],
        str(draft.folder),
        draft.prefix,
        _CODE_OF_DIRECTION[draft.direction],
        text_of(options),
    )


def _remote(row: Sequence[Any]) -> Remote:
    options = texts(row[6])
    tier = options.get("tier")
    if tier is not None and tier not in _TIERS:
        raise Damaged(UNREADABLE)
    return Remote(
        row[0],
        row[1],
        _SERVICES[row[2]],
        path_of(row[3]),
        row[4],
        _DIRECTIONS[row[5]],
        Connection(**{name: options[name] for name in Connection._fields if name in options}),
        options.get("kms_key", ""),
        None if tier is None else Tier(tier),
        row[7],
        moment(row[8]),
        None if row[9] is None else moment(row[9]),
    )


def _link(row: Sequence[Any]) -> Link:
    name, entry_id, base, former, seen, overtaken, intent, removed_at = row
    try:
        sighted, agreed = sides_of(
            name, None if seen is None else parsed(seen), None if base is None else parsed(base)
        )
        return Link(
            name,
            entry_id,
            agreed,
            None if former is None else base_of(name, parsed(former)),
            sighted,
            None if overtaken is None else seen_of(name, parsed(overtaken)),
            None if intent is None else intent_of(parsed(intent)),
            None if removed_at is None else moment(removed_at),
        )
    except (AttributeError, LookupError, TypeError, ValueError):
        raise Damaged(UNREADABLE) from None
