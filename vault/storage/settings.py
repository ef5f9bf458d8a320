"""SQL of the small tables: facts of the vault, folders with policies, when key slots were used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.errors import Said
from vault.policies import Policy, policies_json
from vault.storage.codes import milliseconds, moment
from vault.storage.entries import policies_of
from vault.storage.paths import path_of
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.storage.database import Database

_FOLDERS = "SELECT path, policies FROM folders"
_USES = "SELECT slot_id, used_at FROM slot_uses"


def meta(database: Database, name: str) -> Any:  # noqa: ANN401  # a column of any type
    """One fact of the vault, or None."""
    row = database.row("SELECT value FROM meta WHERE name = ?", (name,))
    return None if row is None else row[0]


def set_meta(database: Database, name: str, value: object) -> None:
    """Write one fact of the vault."""
    database.run("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))


def folder_policies(database: Database, folders: Iterable[ParameterPath]) -> dict[str, tuple[Policy, ...]]:
    """Policies of those of `folders` that have some."""
    found = {}
    for folder in folders:
        row = database.row("SELECT policies FROM folders WHERE path = ?", (folder,))
        if row is not None:
            found[str(folder)] = policies_of(row[0])
    return found


def folders_with_policies(database: Database) -> dict[ParameterPath, tuple[Policy, ...]]:
    """Every folder that has policies."""
    return dict(map(_folder, database.rows(f"{_FOLDERS} ORDER BY path")))


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each."""
    yield from findings(database, Said("folder"), _FOLDERS, _folder)
    yield from findings(database, Said("use of a key slot"), _USES, _use)


def _folder(row: tuple[Any, ...]) -> tuple[ParameterPath, tuple[Policy, ...]]:
    path, policies = row
    return path_of(path), policies_of(policies)


def set_folder_policies(
    database: Database, folder: ParameterPath, policies: tuple[Policy, ...], now: datetime
) -> None:
    """Write a folder's policies; none removes the row."""
    if policies:
        database.run(
            "INSERT OR REPLACE INTO folders (path, policies, changed_at) VALUES (?, ?, ?)",
            (folder, policies_json(policies), milliseconds(now)),
        )
    else:
        database.run("DELETE FROM folders WHERE path = ?", (folder,))


def slot_uses(database: Database) -> dict[bytes, datetime]:
    """When each key slot last opened the vault."""
    return dict(map(_use, database.rows(_USES)))


def _use(row: tuple[Any, ...]) -> tuple[bytes, datetime]:
    slot_id, used_at = row
    return slot_id, moment(used_at)


def set_slot_use(database: Database, slot_id: bytes, now: datetime) -> None:
    """Remember that a slot opened the vault."""
    database.run(
        "INSERT OR REPLACE INTO slot_uses (slot_id, used_at) VALUES (?, ?)", (slot_id, milliseconds(now))
    )


def preferences(database: Database) -> dict[str, str]:
    """Every preference by name."""
    return dict(database.rows("SELECT name, value FROM preferences"))


def set_preference(database: Database, name: str, value: str | None) -> None:
    """Write one preference; None removes it."""
    if value is None:
        database.run("DELETE FROM preferences WHERE name = ?", (name,))
    else:
        database.run("INSERT OR REPLACE INTO preferences (name, value) VALUES (?, ?)", (name, value))
