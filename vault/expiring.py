"""What policies have to say soon: expirations, their notifications, and entries left unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault import policies as rules
from vault.storage import entries as rows
from vault.storage.expiry import inheritance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from vault.inheritance import Choice, Inheritance
    from vault.paths import ParameterPath
    from vault.records import Entry
    from vault.storage.database import Database

_ALL = 2**62


class Due(NamedTuple):
    """One thing that a policy says of an entry."""

    entry: Entry
    due: datetime  # UTC; in the past: overdue
    what: str  # "Expiration", "ExpirationNotification" or "NoChangeNotification"
    choice: Choice  # what happens to the entry on expiry
    source: ParameterPath  # where the policy is set: the entry's own path, or that of a folder
    ends: datetime | None  # UTC; when the Expiration of the entry is due, if it has one

    @property
    def inherited_from(self) -> ParameterPath | None:
        """The folder that the policy is set on; None where it is the entry's own."""
        return None if self.source == self.entry.path else self.source


def due_within(database: Database, now: datetime, within: timedelta) -> list[Due]:
    """Everything due up to `now + within`, earliest first; inside a transaction."""
    until, inherited = rules.shifted(now, within), inheritance(database)
    found = [
        due_of(entry, due, kind, inherited)
        for entry in _subjects(database, inherited)
        for due, kind in _moments(entry, inherited)
        if due <= until
    ]
    return in_order(found)


def due_of(entry: Entry, due: datetime, what: str, inherited: Inheritance) -> Due:
    """What a policy of kind `what` says of an entry."""
    source = inherited.source(entry.path, entry.policies, what)
    effective = inherited.effective(entry.path, entry.policies)
    ends = due if what == rules.EXPIRATION else rules.expires_at(effective)
    return Due(entry, due, what, inherited.choice(entry.path), source, ends)


def in_order(found: Iterable[Due]) -> list[Due]:
    """The earliest first; at one moment by path."""
    return sorted(found, key=lambda one: (one.due, one.entry.path, one.what))


def _moments(entry: Entry, inherited: Inheritance) -> Iterator[tuple[datetime, str]]:
    """When which kind of policy speaks; two that say the same at one moment say it once."""
    notices = rules.schedule(inherited.effective(entry.path, entry.policies), entry.modified_at)
    yield from dict.fromkeys((notice.due_at, notice.policy.kind) for notice in notices)


def _subjects(database: Database, inherited: Inheritance) -> Iterator[Entry]:
    """Live entries with policies, their own or inherited, each once."""
    seen: set[int] = set()
    tops = [folder for folder in inherited.policies if inherited.policies.keys().isdisjoint(folder.ancestors)]
    for page in (rows.with_own_policies(database), *(rows.below(database, top, None, _ALL) for top in tops)):
        for entry in page:
            if entry.id not in seen:
                seen.add(entry.id)
                yield entry
