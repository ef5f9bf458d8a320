"""SQL of what happens on expiry, and of the notices that were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.inheritance import Choice, ExpiryChoice, Inheritance
from vault.storage.codes import milliseconds, moment
from vault.storage.paths import path_of
from vault.storage.settings import folders_with_policies

if TYPE_CHECKING:
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.storage.database import Database


def inheritance(database: Database) -> Inheritance:
    """What is set on folders, as it is now."""
    rows = database.rows("SELECT path, choice FROM on_expiry")
    return Inheritance(
        folders_with_policies(database), {path_of(path): Choice(choice) for path, choice in rows}
    )


def choices(database: Database) -> dict[ParameterPath, ExpiryChoice]:
    """Every choice that is set, in path order."""
    rows = database.rows("SELECT path, choice, changed_at FROM on_expiry ORDER BY path")
    found = (ExpiryChoice(path_of(path), Choice(choice), moment(at)) for path, choice, at in rows)
    return {one.path: one for one in found if one.path is not None}


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
    rows = database.rows("SELECT entry_id, what, due_at FROM notices")
    return {(entry_id, what, moment(due_at)) for entry_id, what, due_at in rows}


def set_told(database: Database, entry_id: int, what: str, due: datetime, now: datetime) -> bool:
    """Remember that a notice was told; False if somebody has told it before."""
    sql = "INSERT OR IGNORE INTO notices (entry_id, what, due_at, told_at) VALUES (?, ?, ?, ?)"
    return database.run(sql, (entry_id, what, milliseconds(due), milliseconds(now))) > 0
