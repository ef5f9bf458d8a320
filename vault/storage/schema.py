"""Tables and numbered migrations. A shipped migration is never edited; a new one is appended.

docs/format.md, section 4, describes every column; change it first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sqlcipher3.dbapi2 import complete_statement

from vault.errors import FormatTooNew

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.storage.database import Database

_TABLES = """
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    kind INTEGER NOT NULL CHECK (kind IN (1, 2)),
    value_type INTEGER NOT NULL CHECK (value_type BETWEEN 1 AND 5),
    tier INTEGER CHECK (tier IN (1, 2)),
    data_type TEXT NOT NULL,
    description TEXT NOT NULL,
    allowed_pattern TEXT,
    tags TEXT,
    policies TEXT,
    expires_at INTEGER,
    latest INTEGER NOT NULL,
    current INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    deleted_at INTEGER,
    purge_at INTEGER
) STRICT;
CREATE UNIQUE INDEX entry_by_path ON entries (path) WHERE deleted_at IS NULL;
CREATE INDEX entry_in_trash ON entries (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX entry_expiring ON entries (expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX entry_with_policies ON entries (id) WHERE policies IS NOT NULL AND deleted_at IS NULL;

CREATE TABLE versions (
    id INTEGER PRIMARY KEY,
    entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    token TEXT,
    value_type INTEGER NOT NULL CHECK (value_type BETWEEN 1 AND 5),
    tier INTEGER CHECK (tier IN (1, 2)),
    facts TEXT,
    context TEXT,
    size INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (entry_id, number)
) STRICT;
CREATE TRIGGER version_is_immutable BEFORE UPDATE ON versions
BEGIN SELECT RAISE(ABORT, 'versions are immutable'); END;

CREATE TABLE wrapping_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    alias TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('Enabled', 'Disabled', 'PendingDeletion')),
    created_at INTEGER NOT NULL,
    delete_at INTEGER,
    rotation_days INTEGER CHECK (rotation_days BETWEEN 90 AND 2560)
) STRICT;

CREATE TABLE key_material (
    key_id INTEGER NOT NULL REFERENCES wrapping_keys (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (key_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE wrapped_keys (
    version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
    key_id INTEGER NOT NULL REFERENCES wrapping_keys (id),
    material INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (version_id, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE labels (
    entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (entry_id, label)
) STRICT, WITHOUT ROWID;

CREATE TABLE folders (
    path TEXT PRIMARY KEY,
    policies TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE slot_uses (
    slot_id BLOB PRIMARY KEY,
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    event INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    entry_id INTEGER,
    version INTEGER,
    detail TEXT,
    mac BLOB NOT NULL
) STRICT;
CREATE TRIGGER audit_is_append_only_on_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_is_append_only_on_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE VIRTUAL TABLE search USING fts5 (
    text, tokenize = 'trigram', content = '', contentless_delete = 1, detail = none
);
CREATE VIRTUAL TABLE search_terms USING fts5vocab ('search', 'row');
"""

_KMS_AND_REMOTES = """
CREATE TABLE kms_keys (
    key_id INTEGER PRIMARY KEY REFERENCES wrapping_keys (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    connection TEXT NOT NULL
) STRICT;

CREATE TABLE key_policies (
    path TEXT PRIMARY KEY,
    local INTEGER NOT NULL CHECK (local IN (0, 1)),
    kms INTEGER REFERENCES wrapping_keys (id),
    changed_at INTEGER NOT NULL,
    CHECK (local = 1 OR kms IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE remotes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    service INTEGER NOT NULL CHECK (service IN (1, 2)),
    folder TEXT NOT NULL,
    prefix TEXT NOT NULL,
    direction INTEGER NOT NULL CHECK (direction IN (1, 2, 3)),
    options TEXT NOT NULL,
    account TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    observed_at INTEGER
) STRICT;

CREATE TABLE remote_entries (
    remote_id INTEGER NOT NULL REFERENCES remotes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    entry_id INTEGER,
    base TEXT,
    former TEXT,
    seen TEXT,
    overtaken TEXT,
    intent TEXT,
    removed_at INTEGER,
    PRIMARY KEY (remote_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE remote_versions (
    remote_id INTEGER NOT NULL REFERENCES remotes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    entry_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (remote_id, name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE remote_values (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    remote_id INTEGER NOT NULL REFERENCES remotes (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    sealed BLOB NOT NULL,
    key_id INTEGER NOT NULL REFERENCES wrapping_keys (id),
    material INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    UNIQUE (remote_id, name, version)
) STRICT;
"""

_ROTATION = """
CREATE TABLE rotations (
    entry_id INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    target TEXT NOT NULL,
    strategy TEXT NOT NULL CHECK (strategy IN ('single', 'alternating')),
    options TEXT NOT NULL,
    admin INTEGER,
    after_days INTEGER CHECK (after_days BETWEEN 1 AND 1000),
    schedule TEXT,
    duration TEXT,
    changed_at INTEGER NOT NULL,
    next_at INTEGER,
    CHECK (after_days IS NULL OR schedule IS NULL)
) STRICT;

CREATE TABLE rotation_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    target TEXT NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('asked', 'schedule', 'expiry')),
    token TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    base INTEGER NOT NULL,
    pending INTEGER,
    memo TEXT NOT NULL,
    log TEXT NOT NULL,
    problem TEXT NOT NULL,
    gap INTEGER,
    started_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    ended_at INTEGER,
    follow_at INTEGER
) STRICT;
CREATE UNIQUE INDEX rotation_run_open ON rotation_runs (entry_id) WHERE ended_at IS NULL;
CREATE INDEX rotation_run_of_entry ON rotation_runs (entry_id);
CREATE INDEX rotation_run_following ON rotation_runs (follow_at) WHERE follow_at IS NOT NULL;

CREATE TABLE on_expiry (
    path TEXT PRIMARY KEY,
    choice TEXT NOT NULL CHECK (choice IN ('delete', 'warn', 'lock', 'rotate')),
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
    entry_id INTEGER NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    what TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    PRIMARY KEY (entry_id, what, due_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entry_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    target TEXT NOT NULL,
    holder TEXT NOT NULL,
    program TEXT NOT NULL,
    memo TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    ended_at INTEGER,
    problem TEXT NOT NULL
) STRICT;
CREATE INDEX lease_open ON leases (ends_at) WHERE ended_at IS NULL;
"""

_PREFERENCES_AND_ASSESSMENTS = """
CREATE TABLE preferences (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE assessments (
    version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
    bits INTEGER NOT NULL CHECK (bits >= 0),
    looks TEXT NOT NULL
) STRICT;
CREATE INDEX version_by_fingerprint ON versions (fingerprint, entry_id, number);
"""


class Runs(Protocol):
    """What a migration needs of a database."""

    def run(self, sql: str) -> int:
        """Run a statement; the number of rows it changed."""


def _run_all(database: Runs, statements: str) -> None:
    statement = ""
    for line in statements.splitlines(keepends=True):
        statement += line
        if complete_statement(statement):
            database.run(statement)
            statement = ""


def _first(database: Runs) -> None:
    _run_all(database, _TABLES)


def _second(database: Runs) -> None:
    _run_all(database, _KMS_AND_REMOTES)


def _third(database: Runs) -> None:
    _run_all(database, _ROTATION)


def _fourth(database: Runs) -> None:
    _run_all(database, _PREFERENCES_AND_ASSESSMENTS)


MIGRATIONS = (_first, _second, _third, _fourth)


def migrate(database: Database, keep_copy: Callable[[], None] = lambda: None) -> None:
    """Bring the schema to the newest number; every step whole or not at all.

    `keep_copy` is called once before the first step.

    Raises:
        FormatTooNew: a newer program wrote this database; nothing was changed.
    """
    if schema_number(database) == len(MIGRATIONS):
        return
    keep_copy()
    while (found := schema_number(database)) < len(MIGRATIONS):
        with database.writing():
            if schema_number(database) == found:  # another program may have been faster
                MIGRATIONS[found](database)
                database.run(f"PRAGMA user_version = {found + 1:d}")


def schema_number(database: Database) -> int:
    """The schema that the database has; 0 for an empty one.

    Raises:
        FormatTooNew: it is newer than this program's.
    """
    (found,) = database.row("PRAGMA user_version") or (0,)
    if not isinstance(found, int) or found > len(MIGRATIONS):
        raise FormatTooNew(found=found, supported=len(MIGRATIONS))
    return found
