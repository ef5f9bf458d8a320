"""Status: how far each entry is from its remotes, as far as the vault knows. No network."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app.language import marked
from app.sync.plan import Action
from app.sync.run import items, plan_of_one
from app.sync.sides import remotes_of
from vault.paths import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from app.sync.plan import Item
    from vault.paths import ParameterPath
    from vault.records import Remote
    from vault.steps import Steps
    from vault.vault import Vault


class State(StrEnum):
    """How an entry stands to one remote."""

    IN_SYNC = marked("in sync")
    CHANGED_HERE = marked("changed here")
    CHANGED_THERE = marked("changed there")
    CHANGED_BOTH = marked("changed on both sides")
    CONFLICT = marked("conflict")
    DELETED_HERE = marked("deleted here")
    DELETED_THERE = marked("deleted there")
    UNKNOWN = marked("unknown")  # the remote was never looked at


_STATES = {
    Action.SAME: State.IN_SYNC,
    Action.PUSH: State.CHANGED_HERE,
    Action.PULL: State.CHANGED_THERE,
    Action.MERGE: State.CHANGED_BOTH,
    Action.CONFLICT: State.CONFLICT,
    Action.DELETED_HERE: State.DELETED_HERE,
    Action.DELETED_THERE: State.DELETED_THERE,
}


class Drift(NamedTuple):
    """One entry and one remote."""

    remote: Remote
    item: Item
    state: State

    @property
    def as_of(self) -> datetime | None:
        """When the remote was last looked at, UTC; None for never."""
        return self.remote.observed_at


class Waiting(NamedTuple):
    """What waits at one remote."""

    remote: Remote
    here: int  # changed or deleted here
    there: int  # changed or deleted there, as far as it was seen
    conflicts: int
    entries: int  # all of them; what changed on both sides counts once


def drift(vault: Vault, below: ParameterPath = ROOT, steps: Steps | None = None) -> list[Drift]:
    """Every entry at and below a path against each of its remotes, by path.

    Args:
        vault: the vault.
        below: the path.
        steps: are told as those of `plan_of`, one remote after another.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    return sorted(drifts(vault, below, steps), key=lambda each: (each.item.path, each.remote.name))


def drifts(vault: Vault, below: ParameterPath = ROOT, steps: Steps | None = None) -> Iterator[Drift]:
    """As `drift`, one remote after another, made as it is asked for; for who keeps few of very many."""
    for remote in vault.remotes.listed():
        for item in items(vault, remote, below, steps):
            yield Drift(remote, item, _STATES[item.action] if remote.observed_at else State.UNKNOWN)


def drift_of(vault: Vault, path: ParameterPath) -> list[Drift]:
    """One entry against each of its remotes, by name; reads that entry alone.

    Raises:
        NotFound: there is no such entry.
    """
    return [
        Drift(remote, item, _STATES[item.action] if remote.observed_at else State.UNKNOWN)
        for remote in remotes_of(vault, path)
        for item in plan_of_one(vault, remote, path).items
    ]


def waiting(vault: Vault, steps: Steps | None = None) -> list[Waiting]:
    """What waits at every remote, by name; `steps` as in `drift`.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    return [_waiting(vault, remote, steps) for remote in vault.remotes.listed()]


def _waiting(vault: Vault, remote: Remote, steps: Steps | None) -> Waiting:
    counts = {action.value: 0 for action in Action}
    for item in items(vault, remote, steps=steps):
        counts[item.action.value] += item.action is not Action.SAME and not item.held
    both = counts[Action.MERGE]
    return Waiting(
        remote,
        counts[Action.PUSH] + counts[Action.DELETED_HERE] + both,
        counts[Action.PULL] + counts[Action.DELETED_THERE] + both,
        counts[Action.CONFLICT],
        sum(counts.values()),
    )
