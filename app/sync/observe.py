"""Observing: bring what the vault knows of a remote up to date, with the fewest calls.

The listing tells which entries changed; only the values of those are fetched, in bulk, while the listing goes
on. What is fetched is kept sealed in the vault until an entry has it, so that a plan can show what differs
and applying it needs no second fetch. Neither entries nor the remote are written.
"""

from __future__ import annotations

from datetime import timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import AwsError
from app.ports import Fetched, Unreadable
from app.sync import settle
from app.sync.plan import Skipped
from app.sync.sides import path_of
from app.sync.sightings import made_again, same_version
from app.sync.workers import spread
from vault.errors import Said, said_by
from vault.links import Link, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from app.ports import RemoteStore, Sighting
    from app.sync.plan import Local
    from app.sync.progress import Progress
    from vault.records import Remote
    from vault.vault import Vault

    Listing = Iterator[list[Sighting | Unreadable]]

DETAILS_LIMIT: Final = 200
"""Of how many new or changed entries tags and labels are read unasked: that takes a call or two for each."""
SETTLES_IN: Final = timedelta(seconds=15)
TOLD_LATE: Final = (1.0, 2.0, 4.0)
"""How long AWS may not tell everybody of what was just made; in how many seconds it is asked again."""
_WRITE_BATCH: Final = 100


class Observation(NamedTuple):
    """What an observation did and could not do."""

    listed: int  # entries there
    fetched: int  # values
    unread: int  # entries whose tags or labels are not known
    skipped: tuple[Skipped, ...]  # what cannot be an entry here, or could not be read


class Observer:
    """One look at a remote."""

    def __init__(
        self, vault: Vault, remote: Remote, store: RemoteStore, local: dict[str, Local], progress: Progress
    ) -> None:
        """Nothing is asked yet.

        Args:
            vault: the vault.
            remote: which remote.
            store: the way to it.
            local: the local side by names there; a value that an entry has already is not kept twice.
            progress: told of every step, and asked whether to stop.
        """
        self._vault, self._remote, self._store = vault, remote, store
        self._local, self._progress = local, progress
        self._links = vault.remotes.links(remote)
        self._met: set[str] = set()
        self._skipped: list[Skipped] = []
        self._changed: dict[str, Link] = {}  # to be written
        self._again: set[str] = set()  # what was made again: its versions are others
        self._values: list[Fetched] = []  # to be kept
        self._fresh: dict[str, Sighting] = {}  # new or changed
        self._untold: set[str] = set()  # whose tags or labels the listing does not tell
        self._ours: set[str] = set()  # written by this vault and not looked at since
        self._fetched = 0

    def run(self, listing: Listing, started: datetime, *, details: bool = False) -> Observation:
        """List everything, fetch what changed, and find out what is gone.

        Args:
            listing: of the store.
            started: when it was begun, by our clock.
            details: read tags and labels of every entry again, where the listing does not tell them.

        Raises:
            AwsError: the remote cannot be listed. What was learned until then is kept.
            Cancelled: as `progress` said.
        """
        self._look(listing, details=details)
        self._vault.remotes.set_observed(self._remote, started)
        unread = sum(
            1 for name in self._met if (link := self._links.get(name)) and link.seen and _unread(link.seen)
        )
        return Observation(len(self._met), self._fetched, unread, tuple(self._skipped))

    def look_at(self, name: str) -> tuple[Skipped, ...]:
        """Look at one name alone, with its tags and labels, and fetch its value if it changed.

        Returns:
            Why it could not be read, or cannot be an entry here; nothing where all is well.

        Raises:
            AwsError: it cannot be looked at.
        """
        self._links = {name: self._vault.remotes.link(self._remote, name)}
        sighting = self._store.look(name)
        self._look(iter([] if sighting is None else [[sighting]]), details=True)
        return tuple(self._skipped)

    def _look(self, listing: Listing, *, details: bool) -> None:
        try:
            for names, answer in spread(self._store.values, self._stale(listing), self._progress.cancelled):
                self._take(names, answer)
            self._confirm_gone()
            self._flush()
            self._read_details(every=details)
            self._settle()
        finally:
            self._flush()

    def _stale(self, listing: Listing) -> Iterator[list[str]]:
        """Batches of names whose values have to be fetched, while the listing goes on."""
        batch: list[str] = []
        for page in listing:
            self._progress.listed(len(page))
            for row in page:
                if isinstance(row, Unreadable):
                    self._skipped.append(_unreadable(row))
                    self._met.add(row.name)
                elif self._note(row):
                    batch.append(row.name)
                    if len(batch) == self._store.batch:
                        self._progress.expect(1)
                        yield batch
                        batch = []
        if batch:
            self._progress.expect(1)
            yield batch

    def _note(self, sighting: Sighting) -> bool:
        """Whether the value of a listed entry has to be fetched."""
        name = sighting.name
        if name in self._met:  # the pages changed while they were read
            return False
        self._met.add(name)
        path = path_of(self._remote, name)
        if isinstance(path, Skipped):
            self._skipped.append(path)
            return False
        link = self._links.get(name) or Link(name)
        if None in (sighting.facts.tags, sighting.facts.labels):
            self._untold.add(name)
        if link.seen is not None and made_again(link.seen, Seen(sighting, None)):
            self._again.add(name)
        sighting = _with_known_details(sighting, link)
        known = self._known(sighting, link)
        if known is None and sighting.version:
            self._fresh[name] = sighting
            return True
        seen = Seen(sighting, known.fingerprint if known else None)
        if seen != link.seen:
            self._put(link._replace(seen=seen))
            if known is None:
                self._fresh[name] = sighting
        return False

    def _known(self, sighting: Sighting, link: Link) -> Seen | None:
        """What is known of the value of this very version; None if it must be fetched."""
        base = link.base
        for known in (link.seen, base.there if base else None):
            if known is None or known.fingerprint is None:
                continue
            if not same_version(Seen(sighting, None), known):
                continue
            if known.sighting.modified_at is None and sighting.modified_at and sighting.version.isdecimal():
                self._ours.add(sighting.name)  # its number may be that of one that was made again
                continue
            return known
        return None

    def _take(self, names: list[str], answer: list[Fetched | Unreadable] | Exception) -> None:
        self._progress.advance(1)
        if isinstance(answer, AwsError) and answer.code in ("aws-refused", "aws-denied", "aws-garbled"):
            answer = [Unreadable(name, answer) for name in names]
        if isinstance(answer, Exception):
            raise answer
        for row in answer:
            if isinstance(row, Unreadable):
                self._skipped.append(_unreadable(row))
                self._fresh.pop(row.name, None)
            elif row.name in self._fresh:
                self._learn(row)
        vanished = set(names) - {row.name for row in answer}
        for name in vanished:  # deleted since it was listed
            self._fresh.pop(name, None)
            self._met.discard(name)
        if len(self._values) >= _WRITE_BATCH:
            self._flush()

    def _learn(self, row: Fetched) -> None:
        """Take one fetched value to what is known."""
        self._fetched += 1
        sighting = self._fresh[row.name]
        if row.version != sighting.version:  # written between the listing and the fetch
            sighting = sighting._replace(version=row.version, modified_at=row.modified_at)
        sighting = sighting._replace(facts=sighting.facts._replace(value_type=row.value_type))
        fingerprint = None if row.value is None else self._vault.values.fingerprint(row.value)
        link = self._links.get(row.name) or Link(row.name)
        self._put(link._replace(seen=Seen(sighting, fingerprint)))
        if row.name in self._ours and link.base is not None and fingerprint == link.base.there.fingerprint:
            self._fresh.pop(row.name)  # it is ours indeed: nothing else of it is new
        here = self._local.get(row.name)
        if row.value is not None and (here is None or here.fingerprint != fingerprint):
            self._values.append(row)

    def _put(self, link: Link) -> None:
        self._links[link.name] = self._changed[link.name] = link

    def _flush(self) -> None:
        """Write what was learned, in one transaction."""
        if not self._changed and not self._values:
            return
        remotes = self._vault.remotes
        with remotes.together():
            remotes.write(self._remote, self._changed.values())
            remotes.unpair(self._remote, self._again)
            remotes.stage(
                self._remote, ((row.name, row.version, row.value) for row in self._values if row.value)
            )
        for row in self._values:
            if row.value:
                row.value.wipe()
        self._values, self._changed, self._again = [], {}, set()

    def _confirm_gone(self) -> None:
        """Ask again for what was there and is not listed: pages that change under the reader skip entries."""
        missing = [
            name
            for name, link in self._links.items()
            if name not in self._met and (link.seen is not None or link.base is not None)
        ]
        for pause in (0.0, *TOLD_LATE):
            if missing:
                self._rest(pause)
                missing = self._not_told(missing)
        for name in missing:
            self._put(self._links[name]._replace(seen=None))

    def _rest(self, seconds: float) -> None:
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            self._progress.check()
            sleep(min(left, 0.1))

    def _not_told(self, missing: list[str]) -> list[str]:
        """Ask for names again; those that are not told of, though this vault wrote them a moment ago."""
        young = []
        batches = [missing[at : at + self._store.batch] for at in range(0, len(missing), self._store.batch)]
        self._progress.expect(len(batches))
        for names, answer in spread(self._store.values, batches, self._progress.cancelled):
            self._progress.advance(1)
            if isinstance(answer, Exception):
                raise answer
            there = set()
            for row in answer:
                there.add(row.name)
                if isinstance(row, Fetched) and row.value is not None:
                    row.value.wipe()
            self._met |= there
            for name in set(names) - there:
                if self._is_young(self._links[name]):
                    young.append(name)
                else:
                    self._put(self._links[name]._replace(seen=None))
        return young

    def _is_young(self, link: Link) -> bool:
        """Whether this vault wrote it a moment ago: neither listing nor reading need tell of it yet."""
        base = link.base
        if base is None or base.there.sighting.modified_at is not None:
            return False
        return self._vault.now() - base.agreed_at < SETTLES_IN

    def _read_details(self, *, every: bool) -> None:
        wanted = self._wanted_details(every=every)
        self._progress.expect(len(wanted))
        for sighting, facts in spread(self._store.details, wanted, self._progress.cancelled):
            self._progress.advance(1)
            if isinstance(facts, AwsError):
                self._skipped.append(
                    Skipped(
                        sighting.name, Said("its tags and labels were not read: {why}", why=said_by(facts))
                    )
                )
                continue
            if isinstance(facts, Exception):
                raise facts
            link = self._links[sighting.name]
            if link.seen is not None:
                known = sighting._replace(facts=facts)
                link = link._replace(seen=link.seen._replace(sighting=_with_known_details(known, link)))
                self._put(link)

    def _wanted_details(self, *, every: bool) -> list[Sighting]:
        names = self._untold if every else self._untold & self._fresh.keys()
        if not every and len(names) > DETAILS_LIMIT:
            return []
        seen = (self._links[name].seen for name in sorted(names) if name in self._links)
        return [unread(each.sighting) for each in seen if each is not None]

    def _settle(self) -> None:
        """Find out about writes whose answer never came."""
        for link in [link for link in self._links.values() if link.intent is not None]:
            self._put(settle.settled(self._vault, self._remote, self._store, link))


def unread(sighting: Sighting) -> Sighting:
    """As a listing tells it that knows neither tags nor labels: so that both are read."""
    return sighting._replace(facts=sighting.facts._replace(tags=None, labels=None))


def _unread(seen: Seen) -> bool:
    return None in (seen.sighting.facts.tags, seen.sighting.facts.labels)


def _with_known_details(sighting: Sighting, link: Link) -> Sighting:
    """Tags and labels as they were read last, where the listing does not tell them."""
    facts = sighting.facts
    known: Iterable[Seen] = [
        each for each in (link.seen, link.base.there if link.base else None) if each is not None
    ]
    for each in known:
        if each.sighting.incarnation != sighting.incarnation:
            continue
        old = each.sighting.facts
        facts = facts._replace(
            tags=old.tags if facts.tags is None else facts.tags,
            labels=old.labels if facts.labels is None else facts.labels,
            value_type=facts.value_type
            or (old.value_type if same_version(Seen(sighting, None), each) else None),
        )
    return sighting._replace(facts=facts)


def _unreadable(row: Unreadable) -> Skipped:
    return Skipped(row.name or "?", said_by(row.error))
