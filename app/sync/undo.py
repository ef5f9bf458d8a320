"""Undo for AWS: what somebody deleted there, or what was restored here, goes back to where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.sync.plan import Action, Plan
from app.sync.run import items, plan_of
from vault.paths import ROOT
from vault.remote_rules import KIND_OF
from vault.steps import Steps

if TYPE_CHECKING:
    from vault.links import Link
    from vault.paths import ParameterPath
    from vault.records import Entry, Remote
    from vault.vault import Vault


class Undeletion(NamedTuple):
    """One entry that would come back."""

    path: ParameterPath
    name: str  # there
    trashed: int | None  # its id, if it has to be taken out of the trash first


def covers(remote: Remote, path: ParameterPath) -> bool:
    """Whether something at or below a path belongs to a remote's folder, or the folder to the path."""
    return path in (ROOT, remote.folder) or path.is_below(remote.folder) or remote.folder.is_below(path)


def plan_undelete(
    vault: Vault, remote: Remote, below: ParameterPath, steps: Steps | None = None
) -> list[Undeletion]:
    """What is gone at a remote and still in the vault, at and below a path; look at the remote before.

    Args:
        vault: the vault.
        remote: where it is gone.
        below: an entry or a folder.
        steps: are told of each name that is gone, of each entry in the trash, and as those of `plan_of`;
            where nothing is gone there is none of these.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    counted = steps or Steps()
    with vault.remotes.at_once(counted):
        gone = vault.remotes.links(remote, counted, gone=True)
    if not gone:
        return []
    trashed = {entry.id: entry for entry in vault.trash.listed(counted)}
    live = [
        Undeletion(item.path, item.name, None)
        for item in items(vault, remote, below, counted)
        if item.name in gone and item.local is not None
    ]
    taken = {each.path for each in live}
    dead = [
        Undeletion(entry.path, link.name, entry.id)
        for link in gone.values()
        if (entry := _trashed_of(link, trashed)) is not None
        and entry.kind is KIND_OF[remote.service]
        and (below in (ROOT, entry.path) or entry.path.is_below(below))
        and entry.path not in taken
    ]
    return sorted(live + dead)


def undelete(vault: Vault, remote: Remote, undeletions: list[Undeletion], steps: Steps | None = None) -> Plan:
    """As `take_back`; then the plan that makes them there again. `steps` are told as those of `plan_of` too.

    Raises:
        AlreadyExists, Cancelled: as `take_back`; or stopped while planning, when they are taken back.
    """
    take_back(vault, remote, undeletions, steps)
    return only(plan_of(vault, remote, steps=steps), {each.name for each in undeletions})


def take_back(
    vault: Vault, remote: Remote, undeletions: list[Undeletion], steps: Steps | None = None
) -> None:
    """Have the next plan make them there again, out of the trash here as well; nothing is written there yet.

    What somebody else has made there again meanwhile stays as it is there.

    Raises:
        AlreadyExists: a path is taken by now; nothing was changed.
        Cancelled: whoever is told of `steps`, some for each, stopped it; nothing was changed.
    """
    counted = steps or Steps()
    with vault.remotes.together():
        vault.trash.bring_back([each.trashed for each in undeletions if each.trashed is not None], counted)
        gone = vault.remotes.links(remote, counted, gone=True)
        links = [gone[each.name] for each in undeletions if each.name in gone]
        vault.remotes.write(
            remote, [link._replace(base=None, former=link.base or link.former) for link in links]
        )


def only(plan: Plan, names: set[str]) -> Plan:
    """The part of a plan about these names."""
    return plan._replace(items=tuple(item for item in plan.items if item.name in names))


def pushes_of(plan: Plan) -> Plan:
    """The part of a plan that changes entries there to what they are here; deletions are left out."""
    writes = (Action.PUSH, Action.MERGE, Action.CONFLICT, Action.SAME)
    return plan._replace(items=tuple(item for item in plan.items if item.action in writes))


def _trashed_of(link: Link, trashed: dict[int, Entry]) -> Entry | None:
    return None if link.entry_id is None else trashed.get(link.entry_id)
