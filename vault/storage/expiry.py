"""SQL of what happens on expiry, and of the notices that were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.errors import Said
from vault.inheritance import Choice, ExpiryChoice, Inheritance
from vault.storage.codes import milliseconds, moment, word_of
from vault.storage.paths import path_of
from vault.storage.settings import folders_with_policies
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.storage.database import Database

_CHOICES = "SELECT path, choice, changed_at FROM on_expiry"
_TOLD = "SELECT entry_id, what, due_at FROM notices"


def inheritance(database: Database) -> Inheritance:
    """What is set on folders, as it is now."""
    held = {one.path: one.choice for one in map(_choice, database.rows(_CHOICES)) if one.path}
    return Inheritance(folders_with_policies(database), held)


def choices(database: Database) -> dict[ParameterPath, ExpiryChoice]:
    """Every choice that is set, in path order."""
    found = map(_choice, database.rows(f"{_CHOICES} ORDER BY path"))
    return {one.path: one for one in found if one.path is not None}


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    yield from findings(database, Said("on_expiry"), _CHOICES, _choice)
    yield from findings(database, Said("notice of entry"), _TOLD, _told)


def _choice(row: tuple[Any, ...]) -> ExpiryChoice:
    path, choice, at = row
    return ExpiryChoice(path_of(path), word_of(Choice, choice), moment(at))


def set_choice(database: Database, path: ParameterPath, choice: Choice | None, now: datetime) -> None:
    """Write what happens on expiry at and below a path; None removes it."""
    if choice is None:
        database.run("DELETE FROM on_expiry WHERE path = ?", (path,))
        return
    database.run(
        "INSERT OR REPLACE INTO on_expiry (path, choice, changed_at) VALUES (?, ?, ?)",
        (path, choice.value, milliseconds(now)),
    )


def told(database: Database) -> set[tuple[int, str, datetime]]:
    """What was told: (entry id, type of the policy, when it was due)."""
    return set(map(_told, database.rows(_TOLD)))


def _told(row: tuple[Any, ...]) -> tuple[int, str, datetime]:
    entry_id, what, due_at = row
    return entry_id, what, moment(due_at)


def set_told(database: Database, entry_id: int, what: str, due: datetime, now: datetime) -> bool:
    """Remember that a notice was told; False if somebody has told it before."""
    sql = "INSERT OR IGNORE INTO notices (entry_id, what, due_at, told_at) VALUES (?, ?, ?, ?)"
    return database.run(sql, (entry_id, what, milliseconds(due), milliseconds(now))) > 0
