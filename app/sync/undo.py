"""Undo for AWS: what somebody deleted there, or what was restored here, goes back to where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.sync.plan import Action, Plan
from app.sync.run import plan_of
from vault.paths import ROOT
from vault.remotes import KIND_OF

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


def plan_undelete(vault: Vault, remote: Remote, below: ParameterPath) -> list[Undeletion]:
    """What is gone at a remote and still in the vault, at and below a path; look at the remote before.

    Args:
        vault: the vault.
        remote: where it is gone.
        below: an entry or a folder.
    """
    gone = {
        link.name: link
        for link in vault.remotes.links(remote).values()
        if link.seen is None and (link.base or link.former)
    }
    live = [
        Undeletion(item.path, item.name, None)
        for item in plan_of(vault, remote, below=below).items
        if item.name in gone and item.local is not None
    ]
    trashed = {entry.id: entry for entry in vault.trash.listed()}
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


def undelete(vault: Vault, remote: Remote, undeletions: list[Undeletion]) -> Plan:
    """Take them back here, and give the plan that makes them there again; nothing is written there yet.

    Raises:
        AlreadyExists: a path is taken by now; nothing was changed.
    """
    with vault.remotes.together():
        vault.trash.bring_back([each.trashed for each in undeletions if each.trashed is not None])
        links = vault.remotes.links(remote)
        vault.remotes.write(
            remote,
            [
                links[each.name]._replace(base=None, former=links[each.name].base or links[each.name].former)
                for each in undeletions
            ],
        )
    return only(plan_of(vault, remote), {each.name for each in undeletions})


def only(plan: Plan, names: set[str]) -> Plan:
    """The part of a plan about these names."""
    return plan._replace(items=tuple(item for item in plan.items if item.name in names))


def pushes_of(plan: Plan) -> Plan:
    """The part of a plan that changes entries there to what they are here; deletions are left out."""
    writes = (Action.PUSH, Action.MERGE, Action.CONFLICT, Action.SAME)
    return plan._replace(items=tuple(item for item in plan.items if item.action in writes))


def _trashed_of(link: Link, trashed: dict[int, Entry]) -> Entry | None:
    return None if link.entry_id is None else trashed.get(link.entry_id)
