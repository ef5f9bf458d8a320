"""SQL that reads the past of entries from the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.policies import expires_at
from vault.storage.codes import milliseconds, moment
from vault.storage.entries import policies_of
from vault.storage.json_text import parsed
from vault.storage.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.storage.database import Database

# vault.audit.EVENTS
_PUT, _CHANGED, _LABELLED, _REMOVED, _RESTORED, _PURGED, _EXPIRED, _MOVED = 4, 5, 6, 7, 8, 9, 10, 11
_FOLDER_POLICIES = 13


def gone_at(database: Database, when: datetime) -> set[int]:
    """Entries that were in the trash at `when`: their last removal before it was not taken back."""
    rows = database.rows(
        "SELECT entry_id, event, max(seq) FROM audit WHERE event IN (?, ?, ?) AND at <= ? GROUP BY entry_id",
        (_REMOVED, _RESTORED, _EXPIRED, milliseconds(when)),
    )
    return {entry_id for entry_id, event, _ in rows if event != _RESTORED}


def paths_at(database: Database, when: datetime) -> dict[int, ParameterPath]:
    """Where entries were at `when` that were moved since, or restored to another place."""
    rows = database.rows(
        "SELECT entry_id, detail ->> 'from', min(seq) FROM audit"
        " WHERE event IN (?, ?) AND at > ? AND detail ->> 'from' IS NOT NULL GROUP BY entry_id",
        (_RESTORED, _MOVED, milliseconds(when)),
    )
    return {entry_id: path_of(path) for entry_id, path, _ in rows}


def current_at(database: Database, when: datetime) -> dict[int, int]:
    """The number of each entry's current version at `when`; entries without one are left out."""
    rows = database.rows(
        "SELECT entry_id, coalesce(detail ->> 'current', version), max(seq) FROM audit WHERE at <= ?"
        " AND (event = ? OR event = ? AND EXISTS"
        " (SELECT 1 FROM json_each(detail, '$.attached') WHERE value = 'AWSCURRENT')) GROUP BY entry_id",
        (milliseconds(when), _PUT, _LABELLED),
    )
    return {entry_id: number for entry_id, number, _ in rows if number}


def labels_at(database: Database, when: datetime) -> dict[int, dict[str, int]]:
    """The labels that each entry had at `when`: label to number. Entries never labelled are left out."""
    held: dict[int, dict[str, int]] = {}
    for entry_id, number, detail in database.rows(
        "SELECT entry_id, version, detail FROM audit WHERE at <= ?"
        " AND (event = ? OR event = ? AND detail ->> 'attached' IS NOT NULL) ORDER BY seq",
        (milliseconds(when), _LABELLED, _PUT),
    ):
        told, labels = parsed(detail), held.setdefault(entry_id, {})
        for label in told.get("removed", ()):
            labels.pop(label, None)
        labels.update(dict.fromkeys(told.get("attached", ()), number))
    return held


def policies_of_entry(database: Database, entry_id: int) -> list[tuple[datetime, tuple[Policy, ...]]]:
    """Every set of policies that an entry was given, and when, the first one first."""
    rows = database.rows(
        "SELECT at, detail ->> 'policies' FROM audit WHERE entry_id = ? AND event IN (?, ?)"
        " AND detail ->> 'policies' IS NOT NULL ORDER BY seq",
        (entry_id, _PUT, _CHANGED),
    )
    return [(moment(at), policies_of(policies)) for at, policies in rows]


def policies_of_folder(
    database: Database, folder: ParameterPath
) -> list[tuple[datetime, tuple[Policy, ...]]]:
    """As `policies_of_entry`, for a folder; what moved with it counts from when it was set."""
    rows = database.rows(
        "SELECT coalesce(detail ->> 'since', at), detail ->> 'policies' FROM audit"
        " WHERE event = ? AND detail ->> 'path' = ? ORDER BY seq",
        (_FOLDER_POLICIES, folder),
    )
    return [(moment(at), policies_of(policies)) for at, policies in rows]


def expiration_since(past: Iterable[tuple[datetime, tuple[Policy, ...]]]) -> datetime | None:
    """When the Expiration that holds was set to its moment, by all the sets that were given. Pure."""
    found, was = None, None
    for at, policies in past:
        if (is_ := expires_at(policies)) != was:
            found, was = at, is_
    return found


def purged_since(database: Database, when: datetime) -> dict[int, ParameterPath]:
    """Entries that were live at `when` and are gone for good, with where they were then."""
    rows = database.rows(
        "SELECT entry_id, detail ->> 'path' FROM audit WHERE event = ? AND at > ? AND entry_id IN"
        " (SELECT entry_id FROM audit WHERE event IN (?, ?) AND at <= ?)",
        (_PURGED, milliseconds(when), _PUT, _CHANGED, milliseconds(when)),
    )
    if not rows:
        return {}
    gone, moved = gone_at(database, when), paths_at(database, when)
    return {entry_id: moved.get(entry_id, path_of(path)) for entry_id, path in rows if entry_id not in gone}
