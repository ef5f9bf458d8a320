"""Applying a plan: pulls first, then pushes, deletions last. Every step stands alone and may be cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.language import marked
from app.sync.choices import Act, Step
from app.sync.ledger import Ledger
from app.sync.outcome import Outcome, Result
from app.sync.plan import Action, Item
from app.sync.pull import Puller
from app.sync.push import Pusher
from app.sync.remove import Remover, delete_here
from app.sync.settle import agreed
from app.sync.sides import read_one
from app.sync.sightings import lies_beneath, made_again
from vault.audit import Event
from vault.errors import AlreadyExists, VaultError, said_by
from vault.paths import ParameterPath
from vault.remote_rules import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.ports import RemoteStore
    from app.sync.progress import Progress
    from vault.records import Remote
    from vault.vault import Vault

_PULLS: Final = (Act.PULL, Act.MERGE, Act.MINE, Act.BOTH)
_MINE: Final = ".mine"
"""What the path of mine ends with where both are kept."""


class Applying:
    """One plan on its way."""

    def __init__(self, vault: Vault, remote: Remote, store: RemoteStore, progress: Progress) -> None:
        self._vault, self._remote, self._store, self._progress = vault, remote, store, progress
        self._ledger = Ledger(vault, remote, store)
        self._copies: list[Step] = []  # of mine, to be pushed as entries of their own

    def run(self, steps: Sequence[Step], *, history: bool = False, delete: bool = False) -> list[Outcome]:
        """Do the steps; what became of each.

        Args:
            steps: from `app.sync.choices.steps_of`.
            history: where something is pulled, take every version that is kept there.
            delete: deletions are confirmed.

        Raises:
            Cancelled: the person stopped it; what was done stays, and the next plan has the rest.
        """
        by_act: dict[Act, list[Step]] = {}
        for step in steps:
            by_act.setdefault(step.act, []).append(step)
        left = [Outcome(step.item, step.act, Result.LEFT, step.reason) for step in by_act.get(Act.LEAVE, ())]
        self._progress.begin("writing", len(steps) - len(left))
        self._agree(by_act.get(Act.AGREE, ()))
        deletions = by_act.get(Act.DELETE_THERE, ())
        changed = [  # what goes there, the vault keeps
            step
            for step in deletions
            if step.item.there or (step.item.link and step.item.link.overtaken is not None)
        ]
        pulls = [step for act in _PULLS for step in by_act.get(act, ())]
        pulled = self._pull([*pulls, *changed], history=history)
        unkept = {outcome.item.name for outcome in pulled if outcome.result is not Result.DONE}
        deletions = [step for step in deletions if step.item.name not in unkept]
        pushes = [*by_act.get(Act.PUSH, ()), *self._pushes_after(pulled), *self._copies]
        pusher = Pusher(self._vault, self._remote, self._store, self._progress, may_delete=delete)
        remover = Remover(self._vault, self._remote, self._store, self._ledger, self._progress)
        self._progress.expect(len(pushes) - len(by_act.get(Act.PUSH, ())))
        ended = {outcome.item.name: outcome for outcome in (*left, *pulled)}
        ended |= {outcome.item.name: outcome for outcome in pusher.run(pushes)}
        ended |= {outcome.item.name: outcome for outcome in remover.run(deletions)}
        gone = delete_here(self._vault, self._remote, by_act.get(Act.DELETE_HERE, ()))
        ended |= {outcome.item.name: outcome for outcome in gone}
        self._log_resolved(ended.values())
        return sorted(ended.values(), key=lambda outcome: outcome.item.path)

    @staticmethod
    def _pushes_after(pulled: Iterable[Outcome]) -> Iterator[Step]:
        """What is pushed once it was pulled: what both changed, mine over theirs, theirs over ours again."""
        for outcome in pulled:
            item = outcome.item
            goes_there = outcome.act in (Act.MERGE, Act.MINE) or (
                outcome.act in (Act.PULL, Act.BOTH) and lies_beneath(item.link)
            )
            if outcome.result is Result.DONE and goes_there:
                yield Step(item, Act(outcome.act))

    def _log_resolved(self, outcomes: Iterable[Outcome]) -> None:
        """Log how conflicts were decided."""
        decided = [
            outcome
            for outcome in outcomes
            if outcome.item.action is Action.CONFLICT and outcome.result is Result.DONE
        ]
        self._vault.remotes.log(
            *(
                Event(
                    "conflict-resolved",
                    outcome.item.local and outcome.item.local.entry_id,
                    detail={"remote": self._remote.name, "name": outcome.item.name, "taken": outcome.act},
                )
                for outcome in decided
            )
        )

    def _agree(self, steps: Sequence[Step]) -> None:
        """Remember that both sides are alike; in one transaction."""
        vault = self._vault
        links, pairs, afresh = [], [], []
        for step in steps:
            item, local, link = step.item, step.item.local, step.item.link
            if local is None or link is None or link.seen is None:
                continue
            version = link.seen.sighting.version
            if link.base is not None and made_again(link.base.there, link.seen):
                afresh.append(item.name)
            links.append(agreed(link, link.seen, local.number, local.facts, local.entry_id, vault))
            if version and local.number:
                pairs.append((item.name, version, local.entry_id, local.number))
        with vault.remotes.together():
            vault.remotes.write(self._remote, links)
            vault.remotes.unpair(self._remote, afresh)
            vault.remotes.pair(self._remote, pairs)
        self._progress.advance(len(steps))

    def _pull(self, steps: list[Step], *, history: bool) -> list[Outcome]:
        ready, outcomes = [], []
        for step in steps:
            refusal = self._keep_copy(step.item) if step.act is Act.BOTH else ""
            if refusal:
                outcomes.append(Outcome(step.item, step.act, Result.FAILED, refusal))
            else:
                ready.append(step)
        puller = Puller(self._vault, self._remote, self._store, self._progress)
        return [*outcomes, *puller.run(ready, history=history)]

    def _keep_copy(self, item: Item) -> str:
        """Give mine a path of its own; why that could not be done, or ""."""
        for number in range(1, 100):
            path = ParameterPath(f"{item.path}{_MINE}{number if number > 1 else ''}")
            link = self._vault.remotes.link(self._remote, name_of(self._remote, path))
            if link.seen or link.base or link.intent:  # the name is taken there, or in use until now
                continue
            try:
                self._vault.entries.copy(item.path, path)
            except AlreadyExists:
                continue
            except VaultError as error:
                return said_by(error)
            local = read_one(self._vault, self._remote, path)
            copy = Item(name_of(self._remote, path), path, Action.PUSH, local=local)
            self._copies.append(Step(copy, Act.PUSH))
            return ""
        return marked("every name for a copy of mine is taken")
