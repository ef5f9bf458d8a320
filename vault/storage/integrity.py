"""SQL that looks for damage: pages, structure, and rows that contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import Damaged, Said, said_by
from vault.storage import (
    audit,
    entries,
    expiry,
    keys,
    leases,
    outside,
    remotes,
    rotations,
    settings,
    versions,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.steps import Steps
    from vault.storage.database import Database

_CONTRADICTIONS = {
    Said(
        "the current version of {path} is missing"
    ): "SELECT path FROM entries e WHERE current > 0 AND NOT EXISTS"
    " (SELECT 1 FROM versions v WHERE v.entry_id = e.id AND v.number = e.current)",
    Said(
        "the newest version of {path} is missing"
    ): "SELECT path FROM entries e WHERE latest > 0 AND NOT EXISTS"
    " (SELECT 1 FROM versions v WHERE v.entry_id = e.id AND v.number = e.latest)",
    Said("{path} has a version after its newest"): "SELECT path FROM entries e WHERE latest <"
    " (SELECT max(number) FROM versions v WHERE v.entry_id = e.id)",
    Said("the current version of the parameter {path} is not its newest, and it never rotated"): "SELECT path"
    " FROM entries e WHERE kind = 1 AND current <> latest AND NOT EXISTS"
    " (SELECT 1 FROM versions v WHERE v.entry_id = e.id AND v.origin = 6)",
    Said("a label of {path} is on a version that is not kept"): "SELECT e.path FROM labels l JOIN entries e"
    " ON e.id = l.entry_id WHERE NOT EXISTS"
    " (SELECT 1 FROM versions v WHERE v.entry_id = l.entry_id AND v.number = l.number)",
    Said(
        "an open rotation of {path} goes by a version that is not kept"
    ): "SELECT e.path FROM rotation_runs r"
    " JOIN entries e ON e.id = r.entry_id, json_each(json_array(r.base, r.pending)) n"
    " WHERE r.ended_at IS NULL AND n.value > 0 AND NOT EXISTS"
    " (SELECT 1 FROM versions v WHERE v.entry_id = r.entry_id AND v.number = n.value)",
    Said("the KMS key {path} does not tell how it is reached"): "SELECT alias FROM wrapping_keys k"
    " WHERE kind = 'aws-kms' AND NOT EXISTS (SELECT 1 FROM kms_keys o WHERE o.key_id = k.id)",
    Said(
        "a version of {path} has no data key"
    ): "SELECT e.path FROM versions v JOIN entries e ON e.id = v.entry_id"
    " WHERE NOT EXISTS (SELECT 1 FROM wrapped_keys w WHERE w.version_id = v.id)",
}

_LONGEST = 1_000  # characters of a path in a finding


def file_findings(database: Database, steps: Steps) -> Iterator[Said]:
    """Pages whose MAC is wrong and B-trees that are not whole; flushes the write-ahead log first.

    Raises:
        Cancelled: whoever is told of the steps stopped it; they are not counted here.
    """
    try:
        with database.exclusively():
            ((busy, *_),) = database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if not busy:  # else a page that a kill left half written may wait for its copy in the log
            with database.writing():  # nobody writes to the file that is read past the log here
                yield from [
                    Said("file: {why}", why=text)
                    for (text,) in database.rows("PRAGMA cipher_integrity_check")
                ]
        with database.checking(steps):
            # FTS5 checks the segments that it remembers; a query lets it see what other programs wrote.
            database.rows("SELECT rowid FROM search WHERE search MATCH ? LIMIT 1", ('"   "',))
            for (text,) in database.rows("PRAGMA integrity_check"):
                if text != "ok":
                    yield Said("database: {why}", why=text)
            for table, row_id, *_ in database.rows("PRAGMA foreign_key_check"):
                why = Said("row {row} of {table} refers to nothing", row=row_id, table=table)
                yield Said("database: {why}", why=why)
    except Damaged as error:
        yield Said("database: {why}", why=said_by(error))


def row_findings(database: Database) -> list[Said]:
    """Rows that contradict each other."""
    return [
        Said(sentence.template, path=str(path)[:_LONGEST])
        for sentence, query in _CONTRADICTIONS.items()
        for (path,) in database.rows(query)
    ]


def record_findings(database: Database) -> Iterator[Said]:
    """Entries and versions that do not read back."""
    for entry_id, error in entries.unreadable(database):
        yield Said("entry {entry}: {why}", entry=entry_id, why=said_by(error))
    for entry_id, number, error in versions.unreadable(database):
        yield Said(
            "entry {entry}, version {version}: {why}", entry=entry_id, version=number, why=said_by(error)
        )


def small_findings(database: Database) -> Iterator[Said]:
    """Rows of the small tables that do not read back."""
    for table in (audit, settings, keys, expiry, outside, rotations, leases, remotes):
        yield from table.unreadable(database)


def counts(database: Database) -> tuple[int, int]:
    """Entries (with those in the trash) and kept versions."""
    ((entry_count, version_count),) = database.rows(
        "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM versions)"
    )
    return entry_count, version_count


def kept_values(database: Database, remote_id: int) -> list[tuple[str, str]]:
    """Name and version of every value that is kept of a remote."""
    rows = database.rows("SELECT name, version FROM remote_values WHERE remote_id = ?", (remote_id,))
    return [(name, version) for name, version in rows]
