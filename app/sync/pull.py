"""Pulling: what changed there becomes a version here. Local transactions, but for values not kept yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import AwsError, AwsMissing
from app.ports import Fetched
from app.sync.arrival import Arrival
from app.sync.choices import Act, merged_facts
from app.sync.outcome import Outcome, Result
from app.sync.plain import BATCH as PLAIN_BATCH
from app.sync.plain import PlainPuller, is_plain
from app.sync.plan import MOVED_BY_AWS, Field, Local
from app.sync.settle import agreed
from app.sync.sides import read_one
from app.sync.workers import spread
from vault.errors import AlreadyExists, Conflict, VaultError
from vault.records import Kind, Origin
from vault.remotes import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.ports import RemoteStore
    from app.sync.choices import Step
    from app.sync.plan import Item
    from app.sync.progress import Progress
    from vault.links import Facts, Link, Seen
    from vault.records import Draft, Remote, Version
    from vault.secret import Secret
    from vault.vault import Vault

BATCH: Final = 200
"""Entries in one transaction."""
TAKES_THEIRS: Final = (Act.PULL, Act.BOTH)
MEANWHILE: Final = "it was changed here meanwhile; look at the plan again"


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
        seen = link and (link.overtaken or link.seen)
        if link is None or seen is None:
            msg = "there is nothing to pull"
            raise ValueError(msg)
        if step.act is Act.MINE:
            return self._theirs_as_history(step, link, seen)
        facts, local = seen.sighting.facts, item.local
        if step.act is Act.MERGE:
            facts = merged_facts(item)._replace(labels=facts.labels)
        value, theirs = None, False
        differs = local is None or local.fingerprint != seen.fingerprint
        if seen.sighting.version and differs and (step.act is not Act.MERGE or Field.VALUE in item.there):
            value, theirs = self._value(link, seen), True
        older = [] if step.act is Act.MERGE else self._older(item, seen, every=history)
        if value is None and local and local.fingerprint and (older or _needs_value(local, facts)):
            value = self._vault.values.open(item.path).value
        return Arrival(step, self._kind, seen, facts, value, theirs, older)

    def _theirs_as_history(self, step: Step, link: Link, seen: Seen) -> Arrival:
        """Theirs becomes an older version, mine (or what was made of both) stays on top."""
        item = step.item
        local = item.local
        if local is None:
            msg = "there is nothing of mine to keep"
            raise ValueError(msg)
        facts = merged_facts(item) if step.merged is not None and not link.overtaken else local.facts
        older, value = [], step.merged
        if seen.sighting.version and local.fingerprint != seen.fingerprint:
            value_type = seen.sighting.facts.value_type or local.facts.value_type
            if value_type is not None:
                theirs = self._value(link, seen)
                older = [Fetched(item.name, seen.sighting.version, theirs, value_type)]
            if value is None and local.fingerprint is not None:
                value = self._vault.values.open(item.path).value
        return Arrival(step, self._kind, seen, facts, value, theirs=False, older=older)

    def _value(self, link: Link, seen: Seen) -> Secret:
        """The value of a sighting: as it was kept, or fetched again."""
        version = seen.sighting.version
        kept = self._vault.remotes.staged(self._remote, link.name, version)
        if kept is not None:
            return kept
        fetched = self._store.version(link.name, version).value
        if fetched is None:
            raise AwsMissing(f"version {version} of {link.name} has no value any more")
        return fetched

    def _older(self, item: Item, seen: Seen, *, every: bool) -> list[Fetched]:
        """Versions that the vault does not have and that bear a label, or all of them."""
        link, current = item.link, seen.sighting.version
        labels = seen.sighting.facts.labels or {}
        entry_id = item.local.entry_id if item.local else (link and link.entry_id) or 0
        known = self._vault.remotes.pairs_of(self._remote, item.name, entry_id)
        if every:
            rows = self._store.history(item.name, with_values=True)
            found = [row for row in rows if isinstance(row, Fetched) and row.value is not None]
            return [row for row in found if row.version != current and row.version not in known]
        previous = labels.get("AWSPREVIOUS")
        wanted = set(labels.values()) - known.keys() - {current}
        found = []
        for version in sorted(wanted, key=lambda each: (each == previous, len(each), each)):
            try:
                found.append(self._store.version(item.name, version))
            except AwsMissing:  # AWS dropped it meanwhile
                continue
        return [row for row in found if row.value is not None]

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
            return Outcome(item, act, Result.FAILED, str(error))
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
        if local is None:
            local = self._brought_back(link, arrival)
        elif Field.TYPE in item.differs and local.kind is Kind.PARAMETER and arrival.theirs:
            vault.trash.set_aside([item.path])  # AWS's own rule: another type is another parameter
            local = None
        drafts = list(arrival.drafts(local))
        versions = vault.entries.put_many(drafts, origin=Origin.SYNC)
        now = self._after(arrival, local, drafts[-1], versions)
        version, labels = arrival.seen.sighting.version, arrival.seen.sighting.facts.labels
        pairs = [
            (item.name, row.version, now.entry_id, made.number)
            for row, made in zip(arrival.older, versions, strict=False)
            if made is not None
        ]
        if version and step.act in TAKES_THEIRS:
            pairs.append((item.name, version, now.entry_id, now.number))
        vault.remotes.pair(remote, pairs)
        if labels and step.act is not Act.MINE:
            now = self._label(labels, item, now)
        if step.act in TAKES_THEIRS and not link.overtaken:
            vault.remotes.write(
                remote, [agreed(link, arrival.seen, now.number, now.facts, now.entry_id, vault)]
            )
        vault.remotes.drop_staged(remote, ((item.name, version),))

    def _brought_back(self, link: Link, arrival: Arrival) -> Local | None:
        """The entry out of the trash, where it was this one, so that its history goes on."""
        path = arrival.step.item.path
        if link.entry_id is None:
            return None
        trashed = next((entry for entry in self._vault.trash.listed() if entry.id == link.entry_id), None)
        if trashed is None or trashed.path != path or trashed.kind is not self._kind:
            return None
        if self._kind is Kind.PARAMETER and trashed.value_type is not arrival.facts.value_type:
            return None
        self._vault.trash.restore(path)
        return read_one(self._vault, self._remote, path)

    def _after(
        self, arrival: Arrival, local: Local | None, draft: Draft, versions: Sequence[Version | None]
    ) -> Local:
        """The entry as it is now; a new one with a single version needs no look."""
        path, version = arrival.step.item.path, versions[-1]
        if local is not None or len(versions) > 1 or version is None or self._kind is Kind.SECRET:
            return read_one(self._vault, self._remote, path)
        facts, number = arrival.facts_after(version, draft, None), version.number
        return Local(version.entry_id, path, self._kind, number, number, version.fingerprint, facts, {})

    def _label(self, theirs: Mapping[str, str], item: Item, now: Local) -> Local:
        """Bring the labels here to where they are there, as far as those versions are here."""
        numbers = self._vault.remotes.pairs_of(self._remote, item.name, now.entry_id)
        held = {label: int(number) for label, number in (now.facts.labels or {}).items()}
        wanted = {label: numbers.get(version) for label, version in theirs.items() if label != "AWSCURRENT"}
        wanted |= dict.fromkeys(held.keys() - theirs.keys() - MOVED_BY_AWS)
        moves = [
            (label, to)
            for label, to in sorted(wanted.items())
            if (to or label not in theirs) and held.get(label) != to
        ]
        for label, to in moves:
            self._move_label(now, label, to, held.get(label))
        return read_one(self._vault, self._remote, now.path) if moves else now

    def _move_label(self, now: Local, label: str, to: int | None, holder: int | None) -> None:
        entries = self._vault.entries
        if now.kind is Kind.SECRET:
            entries.move_stage(now.path, label, to, holder)
        elif to is not None:
            entries.label(now.path, to, [label])
        elif holder is not None:
            entries.unlabel(now.path, holder, [label])


def _needs_value(local: Local, facts: Facts) -> bool:
    """Whether what changed is written with a value only."""
    return (local.facts.data_type, local.facts.allowed_pattern) != (facts.data_type, facts.allowed_pattern)
