"""What policies have to say soon: expirations, their notifications, and entries left unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault import policies as rules
from vault.folders import effective_policies
from vault.storage import entries as rows
from vault.storage import settings as setting_rows

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from vault.records import Entry
    from vault.storage.database import Database

_ALL = 2**62


class Due(NamedTuple):
    """One thing that a policy says of an entry."""

    entry: Entry
    due: datetime  # UTC; in the past: overdue
    what: str  # "Expiration", "ExpirationNotification" or "NoChangeNotification"


def due_within(database: Database, now: datetime, within: timedelta) -> list[Due]:
    """Everything due up to `now + within`, earliest first; inside a transaction."""
    until = rules.shifted(now, within)
    subjects = {entry.id: entry for entry in rows.expiring(database, until)}
    subjects |= {entry.id: entry for entry in rows.with_own_policies(database)}
    for folder in setting_rows.folders_with_policies(database):
        subjects |= {entry.id: entry for entry in rows.below(database, folder, None, _ALL)}
    found = [
        Due(entry, notice.due_at, notice.policy.kind)
        for entry in subjects.values()
        for notice in rules.schedule(
            effective_policies(database, entry.path, entry.policies), entry.modified_at
        )
        if notice.due_at <= until
    ]
    return sorted(found, key=lambda due: (due.due, due.entry.path))
