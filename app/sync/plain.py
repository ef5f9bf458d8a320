"""Plain pulls: entries of which one version is taken, with a value that is kept already. Many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.sync.arrival import Arrival
from app.sync.choices import Act
from app.sync.outcome import Outcome, Result
from app.sync.plan import Field
from app.sync.settle import agreed
from app.sync.sightings import made_again
from vault.errors import VaultError
from vault.labels import CURRENT
from vault.records import Kind, Origin
from vault.remote_rules import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.sync.choices import Step
    from vault.links import Seen
    from vault.records import Remote
    from vault.vault import Vault

BATCH: Final = 1_000
"""Entries that are worth a call of `PlainPuller.run`."""
_TOGETHER: Final = {Kind.PARAMETER: 1_000, Kind.SECRET: 125}
"""Entries in one transaction: their values are 8 MB at most."""


def is_plain(step: Step) -> bool:
    """Whether the current version there is all that is taken, and nothing is brought back or set aside."""
    item, seen = step.item, _seen(step)
    if step.act is not Act.PULL or seen is None or seen.fingerprint is None or not seen.sighting.version:
        return False
    link = item.link
    if link is None or link.overtaken is not None or (link.base and made_again(link.base.there, seen)):
        return False
    labels, local = seen.sighting.facts.labels or {}, item.local
    if local is None:
        return link.entry_id is None and labels in ({}, {CURRENT: seen.sighting.version})
    is_new_value = local.fingerprint != seen.fingerprint and Field.TYPE not in item.differs
    return is_new_value and not labels and not local.facts.labels


class PlainPuller:
    """Pulls plain entries of one remote."""

    def __init__(self, vault: Vault, remote: Remote) -> None:
        self._vault, self._remote = vault, remote
        self._kind = KIND_OF[remote.service]

    def run(self, steps: Sequence[Step]) -> list[Outcome]:
        """Pull them, hundreds in one transaction; what became of them.

        Of those whose value is not kept, nothing became; nor of any in one transaction with a refused one.
        """
        size = _TOGETHER[self._kind]
        batches = (steps[first : first + size] for first in range(0, len(steps), size))
        return [outcome for batch in batches for outcome in self._pull(batch)]

    def _pull(self, steps: Sequence[Step]) -> list[Outcome]:
        arrivals = list(self._arrivals(steps))
        try:
            self._vault.outside.supplied(lambda: self._take(arrivals))
        except VaultError:
            return []
        finally:
            for arrival in arrivals:
                arrival.wipe()
        return [Outcome(arrival.step.item, arrival.step.act, Result.DONE) for arrival in arrivals]

    def _arrivals(self, steps: Iterable[Step]) -> Iterator[Arrival]:
        sought = [(step, seen) for step in steps if (seen := _seen(step)) is not None]
        versions = {step.item.name: seen.sighting.version for step, seen in sought}
        kept = self._vault.remotes.staged_many(self._remote, versions)
        for step, seen in sought:
            value = kept.get(step.item.name)
            if value is not None and self._vault.values.fingerprint(value) == seen.fingerprint:
                yield Arrival(step, self._kind, seen, seen.sighting.facts, value, theirs=True, older=())

    def _take(self, arrivals: Sequence[Arrival]) -> None:
        vault, remote = self._vault, self._remote
        links, pairs, gone = [], [], []
        with vault.remotes.together():
            drafts = [draft for one in arrivals for draft in one.drafts(one.step.item.local)]
            versions = vault.entries.put_many(drafts, origin=Origin.SYNC)
            for arrival, draft, made in zip(arrivals, drafts, versions, strict=True):
                item, version = arrival.step.item, arrival.seen.sighting.version
                if item.link is None or made is None:
                    continue
                facts = arrival.facts_after(made, draft, item.local)
                links.append(agreed(item.link, arrival.seen, made.number, facts, made.entry_id, vault))
                pairs.append((item.name, version, made.entry_id, made.number))
                gone.append((item.name, version))
            vault.remotes.write(remote, links)
            vault.remotes.pair(remote, pairs)
            vault.remotes.drop_staged(remote, gone)


def _seen(step: Step) -> Seen | None:
    return step.item.link and step.item.link.seen
