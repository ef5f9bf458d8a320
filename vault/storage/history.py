"""SQL that reads the past of entries from the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.paths import ParameterPath
from vault.storage.codes import milliseconds

if TYPE_CHECKING:
    from datetime import datetime

    from vault.storage.database import Database

_REMOVED, _RESTORED, _EXPIRED, _MOVED = 7, 8, 10, 11  # vault.audit.EVENTS


def gone_at(database: Database, when: datetime) -> set[int]:
    """Entries that were in the trash at `when`: their last removal before it was not taken back."""
    rows = database.rows(
        "SELECT entry_id, event, max(seq) FROM audit WHERE event IN (?, ?, ?) AND at <= ? GROUP BY entry_id",
        (_REMOVED, _RESTORED, _EXPIRED, milliseconds(when)),
    )
    return {entry_id for entry_id, event, _ in rows if event != _RESTORED}


def paths_at(database: Database, when: datetime) -> dict[int, ParameterPath]:
    """Where entries were at `when` that were moved since."""
    rows = database.rows(
        "SELECT entry_id, detail ->> 'from', min(seq) FROM audit"
        " WHERE event = ? AND at > ? GROUP BY entry_id",
        (_MOVED, milliseconds(when)),
    )
    return {entry_id: ParameterPath(path) for entry_id, path, _ in rows}
