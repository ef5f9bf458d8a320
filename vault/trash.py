"""The trash: removed entries wait out a recovery window, for both kinds, and can come back whole."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from vault.audit import Event
from vault.errors import AlreadyExists, NotFound, Refused, Said
from vault.folders import refresh_expiry
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import unexpired
from vault.steps import Steps
from vault.storage import audit as audit_rows
from vault.storage import entries as rows
from vault.storage import rotations as rotation_rows
from vault.storage import search as search_rows
from vault.storage import versions as version_rows
from vault.storage.expiry import inheritance
from vault.storage.search import indexed_text
from vault.versions import missing_entry, no_entry_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vault.interior import Interior
    from vault.records import Entry

RECOVERY_DAYS: Final = range(7, 31)  # Secrets Manager DeleteSecret, RecoveryWindowInDays
DEFAULT_RECOVERY_DAYS: Final = 30
_LONGEST: Final = timedelta(days=RECOVERY_DAYS[-1])
_LEAP: Final = timedelta(days=RECOVERY_DAYS[0])


class Trash:
    """Removes, restores, purges."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior

    def remove(
        self, path: ParameterPath, recovery_days: int = DEFAULT_RECOVERY_DAYS, *, recursive: bool = False
    ) -> int:
        """Move an entry to the trash; with `recursive` also everything below its path. How many.

        Args:
            path: an entry, or with `recursive` a folder.
            recovery_days: 7 to 30; then the entry is purged.
            recursive: take the subtree too.

        Raises:
            Refused: "InvalidParameterException" for a window out of range.
            NotFound: nothing is there.
        """
        return len(self.remove_many((path,), recovery_days, recursive=recursive))

    def remove_many(
        self,
        paths: Sequence[ParameterPath],
        recovery_days: int = DEFAULT_RECOVERY_DAYS,
        *,
        recursive: bool = False,
        steps: Steps | None = None,
    ) -> list[int]:
        """As `remove`, for several in one transaction: all or nothing. The ids of what was removed.

        Raises:
            Cancelled: whoever is told of `steps` stopped it; nothing was removed.
        """
        if recovery_days not in RECOVERY_DAYS:
            aws = "InvalidParameterException"
            raise Refused(aws, Said("RecoveryWindowInDays must be between 7 and 30 days (inclusive)."))
        database, steps = self._in.database, steps or Steps()
        with database.writing():
            gone: dict[int, Entry] = {}
            steps.expect(4 * len(paths))  # found, moved, taken out of the index, logged
            for path in steps.each(paths):
                entry = rows.find_live(database, path)
                found = [entry] if entry else []
                if recursive:
                    found += rows.all_below(database, path, steps)
                if not found:
                    raise no_entry_at(database, path)
                gone |= {entry.id: entry for entry in found}
            purge_at = self._in.clock() + timedelta(days=recovery_days)
            steps.expect(3 * (len(gone) - len(paths)))  # of a folder there are more than was said
            self._bury(list(gone.values()), purge_at, "entry-removed", steps)
        return list(gone)

    def listed(self, steps: Steps | None = None) -> list[Entry]:
        """What waits in the trash, last removed first.

        Raises:
            Cancelled: whoever is told of `steps`, one for each entry, stopped it.
        """
        with self._in.database.reading():
            return rows.in_trash(self._in.database, steps)

    def count(self) -> int:
        """How many entries wait in the trash."""
        with self._in.database.reading():
            return rows.count_trash(self._in.database)

    def restore(
        self, path: ParameterPath, to: ParameterPath | None = None, steps: Steps | None = None
    ) -> int:
        """Bring back what was removed last at `path`, or else everything removed below it. How many.

        What has expired comes back without its own Expiration, but for what is locked then.

        Args:
            path: where it was.
            to: put it here instead.
            steps: are told of each entry, in five steps.

        Raises:
            NotFound: the trash holds nothing of it.
            AlreadyExists: the path is taken by now.
            Refused: by the Expiration of a folder it would go to the trash again at once.
            Cancelled: whoever is told of `steps` stopped it; nothing came back.
        """
        counted = steps or Steps()
        with self._in.database.writing():
            back = self._buried(path)
            counted.expect(5 * len(back))
            self._restore([(entry, entry.path.moved(path, to or path)) for entry in back], counted)
        return len(back)

    def restore_entry(self, entry_id: int, to: ParameterPath | None = None) -> None:
        """As `restore`, of exactly this entry: others may have been removed at its path, too.

        Raises:
            NotFound: it is not in the trash any more.
            AlreadyExists, Refused: as `restore`.
        """
        with self._in.database.writing():
            entry = rows.find_id(self._in.database, entry_id)
            if entry is None or entry.deleted_at is None:
                raise missing_entry(
                    Said("entry {uuid}", uuid=entry_id), None, Said("it is not in the trash any more")
                )
            self._restore([(entry, to or entry.path)])

    def _restore(self, places: Sequence[tuple[Entry, ParameterPath]], steps: Steps | None = None) -> None:
        """As `revive`, but for what would go to the trash again at once."""
        self.revive(places, steps)
        expired, _ = self._due(self._in.clock())
        again = {entry.id for entry in expired}
        for entry, path in places:
            if entry.id in again:
                message = Said(
                    "{path} expires by its folder; set another Expiration there, or restore it elsewhere",
                    path=path,
                )
                raise Refused("ValidationException", message)

    def bring_back(self, entry_ids: Sequence[int], steps: Steps | None = None) -> None:
        """Take entries out of the trash to where they were, in one transaction.

        Raises:
            NotFound: one of them was purged.
            AlreadyExists: a path is taken by now.
            Cancelled: whoever is told of `steps` stopped it; nothing came back.
        """
        steps = steps or Steps()
        with self._in.database.writing():
            steps.expect(6 * len(entry_ids))  # found, and the five of `revive`
            found = [rows.find_id(self._in.database, one) for one in steps.each(entry_ids)]
            if None in found:
                raise missing_entry(Said("entry {uuid}", uuid=entry_ids[found.index(None)]))
            self.revive([(entry, entry.path) for entry in found if entry], steps)

    def revive(self, places: Sequence[tuple[Entry, ParameterPath]], steps: Steps | None = None) -> None:
        """Have entries live at these paths, whether trashed or elsewhere; inside a writing transaction.

        Entries that are elsewhere leave there first, so that two may change places. The caller expects five
        steps of each: taken from where it is, put back, its expiry, indexed, logged.
        """
        database, now, live, steps = self._in.database, self._in.clock(), [], steps or Steps()
        trashed = {entry.id for entry, _ in places if entry.deleted_at is not None}
        inherited = inheritance(database)
        away = [(entry, entry._replace(deleted_at=now)) for entry, _ in places]
        rows.update(database, steps.each(away))
        for (_, entry), (_, path) in steps.each(zip(away, places, strict=True)):
            ParameterPath.parse(path, entry.kind)
            if rows.find_live(database, path) is not None:
                message = Said("{path} is taken by now", path=path)
                raise AlreadyExists("ParameterAlreadyExists", message, "place")
            back = entry._replace(path=path, deleted_at=None, purge_at=None, modified_at=now)
            ends = entry.expires_at is not None  # under `warn` and `rotate` it does not
            if entry.id in trashed and ends and inherited.choice(path) is not Choice.LOCK:
                back = back._replace(policies=unexpired(entry.policies, now))
            live.append(back)
            rows.update(database, [(entry, back)])
        refresh_expiry(database, steps.each(live))
        search_rows.index(
            database,
            (
                (entry.id, indexed_text(entry, version_rows.labels_of(database, entry.id)))
                for entry in steps.each(live)
            ),
            len(places) - len(trashed),
            steps,
        )
        self._in.audit.append_many(
            Event(
                "entry-restored" if old.deleted_at else "entry-moved",
                old.id,
                detail={"path": path} if path == old.path else {"from": old.path, "path": path},
            )
            for old, path in steps.each(places)
        )

    def purge(self, path: ParameterPath, steps: Steps | None = None) -> int:
        """Delete for good what the trash holds at `path` or below. How many.

        Raises:
            NotFound: the trash holds nothing of it.
            Cancelled: whoever is told of `steps`, two for each entry, stopped it; all of them are there yet.
        """
        counted = steps or Steps()
        with self._in.database.writing():
            gone = self._buried(path, every=True)
            counted.expect(2 * len(gone))
            self._erase(gone, counted)
        return len(gone)

    def purge_many(self, entry_ids: Sequence[int], steps: Steps | None = None) -> int:
        """Delete exactly these entries for good, in one transaction; how many were still in the trash.

        Raises:
            Cancelled: whoever is told of `steps` stopped it; all of them are there yet.
        """
        steps = steps or Steps()
        with self._in.database.writing():
            steps.expect(3 * len(entry_ids))  # found, deleted, logged
            found = [rows.find_id(self._in.database, one) for one in steps.each(entry_ids)]
            gone = [entry for entry in found if entry and entry.deleted_at is not None]
            steps.expect(2 * (len(gone) - len(entry_ids)))
            self._erase(gone, steps)
        return len(gone)

    def sweep(self) -> tuple[int, int]:
        """Do what is due: expired entries to the trash, overdue ones out of it. (expired, purged).

        What is locked on expiry stays where it is. What is overdue by a leap of the clock waits once more.
        """
        now = self._in.clock()
        with self._in.database.reading():
            expired, overdue = self._due(now)
        if not expired and not overdue:
            return 0, 0
        with self._in.database.writing():
            expired, overdue = self._due(now)
            self._bury(expired, now + timedelta(days=DEFAULT_RECOVERY_DAYS), "entry-expired")
            gone = self._wait_again(overdue, now)
            self._erase(gone)
        return len(expired), len(gone)

    def _wait_again(self, overdue: list[Entry], now: datetime) -> list[Entry]:
        """Give 30 days more, once, where a recovery window ended in a leap of the clock; what is overdue yet.

        It leapt where the log has nothing for more than a week around the end: the clock was wrong and has
        been set, or is wrong now, or nobody opened the vault. With them the window is longer than any other.
        """
        ends = {entry.purge_at for entry in overdue if entry.purge_at}
        leapt = audit_rows.leapt_over(self._in.database, ends, now, _LEAP)
        fresh, gone = [], []
        for entry in overdue:
            window = (entry.purge_at or now) - (entry.deleted_at or now)
            if entry.purge_at in leapt and window <= _LONGEST:
                fresh.append((entry, entry._replace(purge_at=now + _LONGEST)))
            else:
                gone.append(entry)
        rows.update(self._in.database, fresh)
        return gone

    def _due(self, now: datetime) -> tuple[list[Entry], list[Entry]]:
        """Live entries that go to the trash by now, and those in it whose recovery window is over."""
        expired, overdue = rows.overdue(self._in.database, now)
        if expired:
            inherited = inheritance(self._in.database)
            expired = [entry for entry in expired if inherited.choice(entry.path) is Choice.DELETE]
        return expired, overdue

    def set_aside(self, paths: Sequence[ParameterPath]) -> int:
        """Move entries to the trash to stay there until a person purges them; how many.

        A sync removes so: what was once seen at a remote stays in the vault.

        Raises:
            NotFound: one of them is not there.
        """
        with self._in.database.writing():
            gone = [rows.find_live(self._in.database, path) for path in paths]
            if None in gone:
                raise missing_entry(paths[gone.index(None)])
            self._bury([entry for entry in gone if entry], None, "entry-removed")
        return len(gone)

    def bury(self, entries: list[Entry], steps: Steps | None = None) -> None:
        """Move entries to the trash with the default window; inside a writing transaction.

        The caller expects three steps of each: moved, taken out of the index, logged.
        """
        purge_at = self._in.clock() + timedelta(days=DEFAULT_RECOVERY_DAYS)
        self._bury(entries, purge_at, "entry-removed", steps)

    def _bury(
        self, entries: list[Entry], purge_at: datetime | None, event: str, steps: Steps | None = None
    ) -> None:
        now, steps = self._in.clock(), steps or Steps()
        buried = [(entry, entry._replace(deleted_at=now, purge_at=purge_at)) for entry in entries]
        rows.update(self._in.database, steps.each(buried))
        search_rows.drop(self._in.database, (entry.id for entry in steps.each(entries)))
        self._in.audit.append_many(
            Event(event, entry.id, detail={"path": entry.path}) for entry in steps.each(entries)
        )

    def _erase(self, entries: list[Entry], steps: Steps | None = None) -> None:
        gone, steps = [entry.id for entry in entries], steps or Steps()
        rotation_rows.end_runs(self._in.database, gone, self._in.clock(), "the entry was purged")
        rows.delete(self._in.database, steps.each(gone))
        self._in.audit.append_many(
            Event("entry-purged", entry.id, detail={"path": entry.path}) for entry in steps.each(entries)
        )

    def _buried(self, path: ParameterPath, *, every: bool = False) -> list[Entry]:
        trashed = rows.in_trash(self._in.database)
        here = [entry for entry in trashed if entry.path == path]
        below = [entry for entry in trashed if entry.path.is_below(path)]
        if every:
            found = here + below
        elif here:
            found = here[:1]
        else:
            newest: dict[str, Entry] = {}
            for entry in below:
                newest.setdefault(entry.path, entry)
            found = list(newest.values())
        if not found:
            message = Said("{path}: the trash holds nothing of it", path=path)
            raise NotFound("ParameterNotFound", message, "removed")
        return found
