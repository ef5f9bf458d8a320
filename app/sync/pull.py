"""Pulling: what changed there becomes a version here. Local transactions, but for values not kept yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import AwsError, AwsMissing
from app.ports import Fetched
from app.sync.arrival import Arrival
from app.sync.choices import MEANWHILE, Act, merged_facts
from app.sync.labels import bring_labels
from app.sync.outcome import Outcome, Result
from app.sync.plain import BATCH as PLAIN_BATCH
from app.sync.plain import PlainPuller, is_plain
from app.sync.plan import Field, Local
from app.sync.settle import agreed
from app.sync.sides import read_one
from app.sync.sightings import lies_beneath, made_again, their_side
from app.sync.workers import spread
from vault.errors import AlreadyExists, Conflict, NotFound, Said, VaultError, said_by
from vault.labels import CURRENT
from vault.paths import Selector
from vault.records import Kind, Origin, ValueType
from vault.remote_rules import KIND_OF
from vault.remotes import OVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.ports import RemoteStore
    from app.sync.choices import Step
    from app.sync.plan import Item
    from app.sync.progress import Progress
    from vault.links import Facts, Link, Seen
    from vault.records import Draft, Entry, Remote, Version
    from vault.secret import Secret
    from vault.vault import Vault

BATCH: Final = 200
"""Entries in one transaction."""
TAKES_THEIRS: Final = (Act.PULL, Act.BOTH)


class Puller:
    """Pulls entries of one remote."""

    def __init__(self, vault: Vault, remote: Remote, store: RemoteStore, progress: Progress) -> None:
        self._vault, self._remote, self._store, self._progress = vault, remote, store, progress
        self._kind = KIND_OF[remote.service]

    def run(self, steps: Sequence[Step], *, history: bool = False) -> Iterator[Outcome]:
        """Pull every step's entry, some hundreds in one transaction.

        Args:
            steps: those with something to pull.
            history: take every version that is kept there, not the current one alone.
        """
        plain = {} if history else {step.item.name: step for step in steps if is_plain(step)}
        pulled = set()
        for outcome in self._pull_plain(list(plain.values())):
            pulled.add(outcome.item.name)
            yield outcome
        rest = [step for step in steps if step.item.name not in pulled]
        yield from self._pull_each(rest, history=history)

    def _pull_plain(self, steps: Sequence[Step]) -> Iterator[Outcome]:
        puller = PlainPuller(self._vault, self._remote)
        for first in range(0, len(steps), PLAIN_BATCH):
            self._progress.check()
            outcomes = puller.run(steps[first : first + PLAIN_BATCH])
            self._progress.advance(len(outcomes))
            yield from outcomes

    def _pull_each(self, steps: Sequence[Step], *, history: bool) -> Iterator[Outcome]:
        batch: list[Arrival] = []
        prepared = spread(lambda step: self._prepare(step, history=history), steps, self._progress.cancelled)
        for step, arrival in prepared:
            self._progress.advance(1)
            if isinstance(arrival, AwsError | VaultError):
                yield Outcome(step.item, step.act, Result.FAILED, str(arrival))
                continue
            if isinstance(arrival, Exception):
                raise arrival
            batch.append(arrival)
            if len(batch) >= BATCH:
                yield from self._write(batch)
                batch = []
        yield from self._write(batch)

    def _prepare(self, step: Step, *, history: bool) -> Arrival:
        item, link = step.item, step.item.link
        seen = their_side(link)
        if link is None or seen is None:
            msg = "there is nothing to pull"
            raise ValueError(msg)
        older, afresh = self._older(step, seen, every=history and step.act in TAKES_THEIRS)
        if link.overtaken is not None and not lies_beneath(link):  # what we went over, and then theirs
            older = [*older, *self._missing(item, link, link.overtaken)]
        if step.act is Act.MINE:
            return self._theirs_as_history(step, link, seen, older, afresh=afresh)
        facts, local = seen.sighting.facts, item.local
        if step.act is Act.MERGE:
            facts = merged_facts(item)._replace(labels=facts.labels)
        value, theirs = None, False
        differs = local is None or local.fingerprint != seen.fingerprint or Field.TYPE in item.differs
        if seen.sighting.version and differs and (step.act is not Act.MERGE or Field.VALUE in item.there):
            value, theirs = self._value(item, link, seen), True
        if value is None and local and local.fingerprint and (older or _needs_value(local, facts)):
            value = self._vault.values.open(item.path).value
        return Arrival(step, self._kind, seen, facts, value, theirs, older, afresh)

    def _theirs_as_history(
        self, step: Step, link: Link, seen: Seen, older: list[Fetched], *, afresh: bool
    ) -> Arrival:
        """Theirs becomes an older version, mine (or what was made of both) stays on top."""
        item = step.item
        local = item.local
        if local is None:
            msg = "there is nothing of mine to keep"
            raise ValueError(msg)
        facts = merged_facts(item) if link.seen else local.facts
        value = step.merged
        if seen.sighting.version and local.fingerprint != seen.fingerprint:
            older = [*older, *self._missing(item, link, seen)]
        if value is None and local.fingerprint is not None and (older or _needs_value(local, facts)):
            value = self._vault.values.open(item.path).value
        return Arrival(step, self._kind, seen, facts, value, False, older, afresh)  # noqa: FBT003

    def _missing(self, item: Item, link: Link, seen: Seen) -> list[Fetched]:
        """A sighting with its value, to be put beneath mine, unless the entry has it in its history."""
        if self._here(item, seen) is not None:
            return []
        value_type = seen.sighting.facts.value_type or ValueType.SECRET_STRING
        return [Fetched(link.name, seen.sighting.version, self._value(item, link, seen), value_type)]

    def _here(self, item: Item, seen: Seen) -> Version | None:
        """The newest version of the entry that has the value of a sighting."""
        history = self._vault.entries.history(item.path) if item.local else ()
        return next((one for one in reversed(history) if one.fingerprint == seen.fingerprint), None)

    def _value(self, item: Item, link: Link, seen: Seen) -> Secret:
        """The value of a sighting: as it was kept, or as the entry has it, or fetched again."""
        version = seen.sighting.version
        kept = self._vault.remotes.staged_as(self._remote, link.name, version, seen.fingerprint)
        if kept is not None:
            return kept
        if (here := self._here(item, seen)) is not None:
            return self._vault.values.open(Selector(item.path, number=here.number)).value
        fetched = self._store.version(link.name, version).value
        if fetched is None:
            raise AwsMissing(Said("version {n} of {name} has no value any more", n=version, name=link.name))
        if seen.fingerprint not in (None, self._vault.values.fingerprint(fetched)):
            fetched.wipe()
            raise AwsMissing(Said("version {n} of {name} is another; look again", n=version, name=link.name))
        return fetched

    def _older(self, step: Step, seen: Seen, *, every: bool) -> tuple[list[Fetched], bool]:
        """Versions that the vault does not have and that bear a label, or all of them.

        Returns:
            Them, oldest first; and whether those that it seems to have are of another entry of the same name.
        """
        item, link, current = step.item, step.item.link, seen.sighting.version
        afresh = bool(link and link.base and link.seen and made_again(link.base.there, link.seen))
        trashed = self._trashed(link, item) if link and item.local is None else None
        entry_id = item.local.entry_id if item.local else trashed.id if trashed else 0
        known = {} if afresh else self._vault.remotes.pairs_of(self._remote, item.name, entry_id)
        labels = seen.sighting.facts.labels or {}
        wanted = set(labels.values()) - {current}
        if step.act is Act.MERGE and Field.VALUE in item.here and current in labels.values():
            wanted.add(current)  # mine goes on top of it
        if not every and (self._kind is Kind.SECRET or not wanted):
            return self._one_by_one(item.name, wanted - known.keys(), labels.get("AWSPREVIOUS")), afresh
        rows = self._store.history(item.name, with_values=True)
        kept = [row for row in rows if isinstance(row, Fetched) and row.value is not None]
        if self._false_pairs(item, kept, known):
            known, afresh = {}, True
        found = []
        for row in kept:
            if row.version not in known and (row.version in wanted or (every and row.version != current)):
                found.append(row)
            elif row.value is not None:
                row.value.wipe()
        return found, afresh

    def _one_by_one(self, name: str, versions: set[str], previous: str | None) -> list[Fetched]:
        found = []
        for version in sorted(versions, key=lambda each: (each == previous, len(each), each)):
            try:
                found.append(self._store.version(name, version))
            except AwsMissing:  # AWS dropped it meanwhile
                continue
        return [row for row in found if row.value is not None]

    def _false_pairs(self, item: Item, rows: Sequence[Fetched], known: Mapping[str, int]) -> bool:
        """Whether a version there has another value than the version here that it is taken for."""
        if item.local is None or not known:
            return False
        mine = {one.number: one.fingerprint for one in self._vault.entries.history(item.path)}
        return any(
            row.value is not None
            and row.version in known
            and mine.get(known[row.version], b"") != self._vault.values.fingerprint(row.value)
            for row in rows
        )

    def _write(self, batch: list[Arrival]) -> Iterator[Outcome]:
        """All in one transaction; where one of them is refused, each in its own."""
        if not batch:
            return
        try:
            self._together(batch)
            outcomes = [Outcome(one.step.item, one.step.act, Result.DONE) for one in batch]
        except VaultError:
            outcomes = [self._alone(arrival) for arrival in batch]
        finally:
            for arrival in batch:
                arrival.wipe()
        yield from outcomes

    def _alone(self, arrival: Arrival) -> Outcome:
        item, act = arrival.step.item, arrival.step.act
        try:
            self._together((arrival,))
        except (AlreadyExists, Conflict):
            return Outcome(item, act, Result.CONFLICT, MEANWHILE)
        except VaultError as error:
            return Outcome(item, act, Result.FAILED, said_by(error))
        return Outcome(item, act, Result.DONE)

    def _together(self, batch: Sequence[Arrival]) -> None:
        def inside() -> None:
            with self._vault.remotes.together():
                for arrival in batch:
                    self._take(arrival)

        self._vault.outside.supplied(inside)

    def _take(self, arrival: Arrival) -> None:
        """Put one entry's versions and remember what they are there; inside a transaction."""
        step, vault, remote = arrival.step, self._vault, self._remote
        item, link, local = step.item, step.item.link, step.item.local
        if link is None:
            return
        if arrival.afresh:
            vault.remotes.unpair(remote, [item.name])
        if local is None:
            local = self._brought_back(link, arrival)
        elif Field.TYPE in item.differs and local.kind is Kind.PARAMETER:
            arrival, local = self._of_another_type(arrival, local)
        number = self._kept_as(arrival, local)
        if number:
            arrival = arrival._replace(value=None)
        drafts = list(arrival.drafts(local))
        versions = vault.entries.put_many(drafts, origin=Origin.SYNC)
        now = self._after(arrival, local, drafts[-1], versions)
        if number and now.number != number:
            vault.entries.move_stage(item.path, CURRENT, number, now.number or None)
            now = read_one(vault, remote, item.path)
        now = self._paired(arrival, link, now, versions)
        if step.act in TAKES_THEIRS and not lies_beneath(link):
            vault.remotes.write(
                remote, [agreed(link, arrival.seen, now.number, now.facts, now.entry_id, vault)]
            )
        elif step.act is Act.MINE and link.overtaken is not None:  # both are here now, mine on top
            vault.remotes.write(remote, [link._replace(overtaken=None)])
        elif step.act is Act.DELETE_THERE:
            vault.remotes.write(remote, [link._replace(entry_id=now.entry_id, overtaken=None)])
            vault.trash.set_aside([item.path])
        kept = arrival.seen.sighting.version, OVER + (link.overtaken or arrival.seen).sighting.version
        vault.remotes.drop_staged(remote, ((item.name, version) for version in kept))

    def _paired(self, arrival: Arrival, link: Link, now: Local, versions: Sequence[Version | None]) -> Local:
        """Remember which version is which, and bring the labels to their versions."""
        name, seen = arrival.step.item.name, arrival.seen
        version, labels = seen.sighting.version, seen.sighting.facts.labels
        pairs = [
            (name, row.version, now.entry_id, made.number)
            for row, made in zip(arrival.older, versions, strict=False)
            if made is not None
        ]
        if version and now.fingerprint == seen.fingerprint:
            pairs.append((name, version, now.entry_id, now.number))
        if pairs:
            self._vault.remotes.pair(self._remote, pairs)
        if labels is None or (not labels and not now.facts.labels):
            return now
        now, before = read_one(self._vault, self._remote, now.path), arrival.step.item.local
        first = arrival.step.act in TAKES_THEIRS
        afresh = arrival.afresh or (before is None and link.base is None)  # or back from the trash for it
        sides = (self._vault, self._remote, before, now, link.base, labels)
        return bring_labels(*sides, theirs_first=first, afresh=afresh)

    def _of_another_type(self, arrival: Arrival, local: Local) -> tuple[Arrival, Local | None]:
        """AWS's own rule: another type is another parameter. The one that gives way waits in the trash."""
        trash, path = self._vault.trash, arrival.step.item.path
        if arrival.theirs:
            trash.set_aside([path])
            return arrival, None
        if arrival.older:  # mine stays
            trash.set_aside([path])
            self._vault.entries.put_many(list(arrival.alone()), origin=Origin.SYNC)
            trash.set_aside([path])
            trash.bring_back([local.entry_id])
        return arrival._replace(older=[]), local

    def _kept_as(self, arrival: Arrival, local: Local | None) -> int:
        """The number of a secret's version that the vault has already; 0 where it has not."""
        if self._kind is not Kind.SECRET or not arrival.theirs or local is None:
            return 0
        token, fingerprint = arrival.seen.sighting.version, arrival.seen.fingerprint
        kept = self._vault.entries.history(local.path)
        return next((v.number for v in kept if v.token == token and v.fingerprint == fingerprint), 0)

    def _brought_back(self, link: Link, arrival: Arrival) -> Local | None:
        """The entry out of the trash, where it was this one, so that its history goes on."""
        trashed = self._trashed(link, arrival.step.item)
        if trashed is None:
            return None
        self._vault.trash.bring_back([trashed.id])
        return read_one(self._vault, self._remote, trashed.path)

    def _trashed(self, link: Link, item: Item) -> Entry | None:
        """The entry in the trash that a name there stands for; None where another one is to be made."""
        seen = their_side(link)
        if link.entry_id is None or seen is None:
            return None
        try:
            found = self._vault.entries.find_id(link.entry_id)
        except NotFound:
            return None
        if found.deleted_at is None or found.path != item.path or found.kind is not self._kind:
            return None
        alike = self._kind is Kind.SECRET or found.value_type is seen.sighting.facts.value_type
        return found if alike else None

    def _after(
        self, arrival: Arrival, local: Local | None, draft: Draft, versions: Sequence[Version | None]
    ) -> Local:
        """The entry as it is now; a new one with a single version needs no look."""
        path, version = arrival.step.item.path, versions[-1]
        if local is not None or len(versions) > 1 or version is None or self._kind is Kind.SECRET:
            return read_one(self._vault, self._remote, path)
        facts, number = arrival.facts_after(version, draft, None), version.number
        return Local(version.entry_id, path, self._kind, number, number, version.fingerprint, facts, {})


def _needs_value(local: Local, facts: Facts) -> bool:
    """Whether what changed is written with a value only."""
    return (local.facts.data_type, local.facts.allowed_pattern) != (facts.data_type, facts.allowed_pattern)
