"""Versions of a secret with a staging label here that are not there: they are put beside the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.ports import Push
from app.sync.plan import moved_labels
from app.sync.sides import read_one

if TYPE_CHECKING:
    from app.ports import RemoteStore
    from app.sync.ledger import Ledger
    from app.sync.plan import Item, Local
    from vault.links import Link
    from vault.records import Remote
    from vault.vault import Vault


def bring_staged(  # both sides, and what writes to each
    vault: Vault,
    remote: Remote,
    store: RemoteStore,
    ledger: Ledger,
    item: Item,
    link: Link,
    local: Local,
) -> tuple[Link, Local]:
    """Put the versions there whose staging labels were moved here, so that the labels can follow.

    Args:
        vault: the vault.
        remote: the remote, of Secrets Manager.
        store: the way to it.
        ledger: of this push.
        item: as it was planned.
        link: as it is by now.
        local: the entry as it is.

    Returns:
        The link, with an intent if something was put: `RemoteStore.tidy` is due once the labels are there.
        And the entry, with those versions known there.

    Raises:
        AwsError: as the calls; the intent stays, and the next look tidies.
    """
    moved = moved_labels(local, item.link.base if item.link else None)
    waiting = sorted({int(at[1:]) for at in moved.values() if at.startswith("#")})
    if link.seen is None or not waiting:
        return link, local
    for number in waiting:
        with ledger.outgoing(local, number) as outgoing:
            facts = local.facts._replace(value_type=outgoing.value_type)
            link = ledger.intend(link, "stage", link.seen.sighting.version, local, outgoing, facts)
            store.put_beside(Push(item.name, outgoing.value, outgoing.token, facts))
            ledger.beside(link, outgoing)
    ledger.flush()
    return link, read_one(vault, remote, item.path)
