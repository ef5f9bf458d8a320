"""Folders: policies that everything below inherits. A folder exists while an entry is below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import policies as rules
from vault.audit import Event
from vault.steps import Steps
from vault.storage import entries as entry_rows
from vault.storage import settings as rows
from vault.storage.codes import milliseconds
from vault.storage.expiry import inheritance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from vault.interior import Interior
    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.records import Entry
    from vault.storage.database import Database

_BATCH = 1_000


class Folders:
    """Policies on folders."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def policies(self, folder: ParameterPath) -> tuple[Policy, ...]:
        """The policies set on this folder itself."""
        with self._in.database.reading():
            return rows.folder_policies(self._in.database, (folder,)).get(folder, ())

    def with_policies(self) -> dict[ParameterPath, tuple[Policy, ...]]:
        """Every folder that has policies of its own."""
        with self._in.database.reading():
            return rows.folders_with_policies(self._in.database)

    def effective(self, entry: Entry) -> tuple[Policy, ...]:
        """An entry's own policies and those it inherits, kind by kind from the nearest."""
        with self._in.database.reading():
            return inheritance(self._in.database).effective(entry.path, entry.policies)

    def set_policies(
        self, folder: ParameterPath, policies: tuple[Policy, ...], steps: Steps | None = None
    ) -> int:
        """Replace a folder's policies (none clears them); how many entries now expire otherwise.

        AWS knows policies on Advanced parameters only; here they act on every tier and on secrets.

        Raises:
            Refused: AWS's rules for a set of policies.
            Cancelled: whoever is told of `steps`, one for each entry, stopped it; nothing was changed.
        """
        rules.check_set(policies)
        database, counted = self._in.database, steps or Steps()
        with database.writing():
            counted.expect(entry_rows.count_below(database, folder))
            rows.set_folder_policies(database, folder, policies, self._in.clock())
            changed = refresh_expiry_below(database, folder, counted)
            self._in.audit.append(policies_set(folder, policies))
        return changed


def policies_set(folder: ParameterPath, policies: tuple[Policy, ...], since: datetime | None = None) -> Event:
    """What the log says of a folder that has these policies from now on; `since`: it had them elsewhere."""
    detail: dict[str, object] = {"path": str(folder), "policies": rules.policies_json(policies)}
    if since is not None:
        detail["since"] = milliseconds(since)
    return Event("folder-policies-set", detail=detail)


def refresh_expiry_below(database: Database, folder: ParameterPath, steps: Steps | None = None) -> int:
    """As `refresh_expiry`, for everything below a folder; a step each."""
    counted = steps or Steps()
    after: str | None = None
    changed = 0
    while page := entry_rows.below(database, folder, after, _BATCH):
        changed += refresh_expiry(database, counted.each(page))
        after = page[-1].path
    return changed


def refresh_expiry(database: Database, entries: Iterable[Entry]) -> int:
    """Write anew when entries expire, after a policy, a choice or a path has changed; how many differ."""
    fresh, inherited = [], inheritance(database)
    for entry in entries:
        expires_at = inherited.ends_at(entry.path, entry.policies)
        if expires_at != entry.expires_at:
            fresh.append((entry, entry._replace(expires_at=expires_at)))
    entry_rows.update(database, fresh)
    return len(fresh)
