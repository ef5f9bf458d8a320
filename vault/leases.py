"""Leases: which short-lived credentials were made, and whether they are gone. None is made here.

A lease is written before its credential is made, so that a kill leaves nothing that the vault does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vault.audit import Event
from vault.errors import NotFound, Refused, Said
from vault.lease import Lease
from vault.storage import entries as entry_rows
from vault.storage import leases as rows
from vault.versions import no_entry_at

if TYPE_CHECKING:
    from vault.interior import Interior
    from vault.lease import LeaseDraft

MAX_TEXT: Final = 512  # characters of a program's name and of a problem


class Leases:
    """Leases of an unlocked vault."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior
        self._database = interior.database

    def any_open(self) -> bool:
        """Whether one is open; costs next to nothing."""
        with self._database.reading():
            return rows.any_open(self._database)

    def open_ones(self) -> list[Lease]:
        """Those that are open, the first to end first."""
        with self._database.reading():
            return rows.open_ones(self._database)

    def history(self, limit: int = 100) -> list[Lease]:
        """Open and past ones, the last made first."""
        with self._database.reading():
            return rows.newest(self._database, limit)

    def find(self, lease_id: int) -> Lease:
        """A lease as it is now.

        Raises:
            NotFound: there is none of this id.
        """
        with self._database.reading():
            found = rows.find(self._database, lease_id)
        if found is None:
            message = Said("there is no lease {lease_id}", lease_id=lease_id)
            raise NotFound("ResourceNotFoundException", message, "lease")
        return found

    def plan(self, draft: LeaseDraft) -> Lease:
        """Write a lease that is about to be made; it is open, and on disk when this returns.

        Raises:
            NotFound: the entry is not there.
            Refused: "ValidationException": it would end before it begins.
        """
        now = self._in.clock()
        if draft.ends_at <= now:
            raise Refused("ValidationException", Said("a lease ends after it begins"))
        with self._database.writing():
            entry = entry_rows.find_live(self._database, draft.path)
            if entry is None:
                raise no_entry_at(self._database, draft.path)
            fresh = Lease(
                0, entry.id, entry.path, draft.target, draft.holder, draft.program[:MAX_TEXT], draft.memo,
                now, draft.ends_at, None, "",
            )  # fmt: skip
            lease_id = rows.insert(self._database, fresh)
            detail = {"target": fresh.target, "holder": fresh.holder, "program": fresh.program}
            self._in.audit.append(Event("lease-made", entry.id, detail=detail))
        return self.find(lease_id)

    def write(self, lease: Lease) -> Lease:
        """Write memo, end or problem of an open lease as they are now; one that has ended stays as it is."""
        with self._database.writing():
            if self.find(lease.id).ended_at is None:
                problem = lease.problem if len(lease.problem) <= MAX_TEXT else lease.problem[:MAX_TEXT]
                rows.update(self._database, lease._replace(ended_at=None, problem=problem))
        return self.find(lease.id)

    def end(self, lease: Lease) -> Lease:
        """Note that what was made is gone; harmless if somebody else has noted it."""
        with self._database.writing():
            found = self.find(lease.id)
            if found.ended_at is None:
                rows.update(self._database, found._replace(ended_at=self._in.clock(), problem=""))
                detail = {"target": found.target, "holder": found.holder}
                self._in.audit.append(Event("lease-ended", found.entry_id, detail=detail))
        return self.find(lease.id)
