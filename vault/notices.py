"""Notices: which of what policies say is new at a moment. Each is told once for each moment it is due."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vault.expiring import due_of, due_within, in_order
from vault.policies import EXPIRATION, EXPIRATION_NOTIFICATION
from vault.storage import entries as entry_rows
from vault.storage import expiry as rows
from vault.storage import settings as setting_rows
from vault.storage.expiry import inheritance

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from vault.expiring import Due
    from vault.interior import Interior

_DIGEST_DAY = "digest_day"


class Notices:
    """What was told to a person, and what is still to be told."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def untold(self) -> list[Due]:
        """What is due by now and was not told yet, the earliest first.

        An entry that went to the trash because it expired has its Expiration told, and nothing else. What was
        to be said ahead of an Expiration is not said once that is due.
        """
        database = self._in.database
        with database.reading():
            found = due_within(database, self._in.clock(), timedelta(0)) + self._expired()
            told = rows.told(database) if found else set()
        over = {one.entry.id for one in found if one.what == EXPIRATION}
        return [
            one
            for one in in_order(found)
            if (one.entry.id, one.what, one.due) not in told
            and not (one.what == EXPIRATION_NOTIFICATION and one.entry.id in over)
        ]

    def tell(self, notices: Iterable[Due]) -> list[Due]:
        """Remember that notices are told; those that nobody, another program included, has told before."""
        now = self._in.clock()
        with self._in.database.writing():
            return [
                one
                for one in notices
                if entry_rows.find_id(self._in.database, one.entry.id) is not None
                and rows.set_told(self._in.database, one.entry.id, one.what, one.due, now)
            ]

    def digest_day(self) -> str:
        """The day of the last digest, ISO 8601; empty if there was none."""
        with self._in.database.reading():
            return str(setting_rows.meta(self._in.database, _DIGEST_DAY) or "")

    def set_digest_day(self, day: date) -> None:
        """Remember the day of a digest."""
        with self._in.database.writing():
            setting_rows.set_meta(self._in.database, _DIGEST_DAY, day.isoformat())

    def _expired(self) -> list[Due]:
        """The Expiration of what is in the trash, where it was due when the entry went there."""
        inherited = inheritance(self._in.database)
        return [
            due_of(entry, entry.expires_at, EXPIRATION, inherited)
            for entry in entry_rows.in_trash(self._in.database)
            if entry.expires_at and entry.deleted_at and entry.expires_at <= entry.deleted_at
        ]
