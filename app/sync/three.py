"""The three sides of a conflict as values: the base and mine as the vault has them, theirs as it was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.sync.plan import base_there
from app.sync.sightings import their_side
from vault.errors import VaultError
from vault.paths import Selector

if TYPE_CHECKING:
    from app.sync.plan import Item
    from vault.links import Facts
    from vault.records import Remote
    from vault.secret import Secret
    from vault.vault import Vault


class Three(NamedTuple):
    """Values of the three sides; None where a side has none, or where it is not kept. Wipe when done."""

    base: Secret | None
    mine: Secret | None
    theirs: Secret | None

    def wipe(self) -> None:
        """Zero them."""
        for value in self:
            if value is not None:
                value.wipe()


class Sides(NamedTuple):
    """What the three sides say beside the value; None where a side is not there."""

    base: Facts | None
    mine: Facts | None
    theirs: Facts | None


def facts_of(item: Item) -> Sides:
    """The facts of the three sides of an entry; labels of mine are by version there, as those of theirs."""
    link, local = item.link, item.local
    their = their_side(link)
    mine = local.facts._replace(labels=local.labels_there) if local else None
    return Sides(
        base_there(link.base) if link and link.base else None, mine, their.sighting.facts if their else None
    )


def open_three(vault: Vault, remote: Remote, item: Item) -> Three:
    """Open the values of the three sides; every opening of ours is written to the audit log.

    Raises:
        KeyUnavailable, Damaged, Locked: as `vault.values.open`, for mine and theirs.
    """
    link, local = item.link, item.local
    opened: list[Secret] = []
    mine = theirs = base = None
    try:
        if local is not None and local.number:
            mine = vault.values.open(Selector(local.path, number=local.number)).value
            opened.append(mine)
        their = their_side(link)
        if their is not None and their.sighting.version:
            version, fingerprint = their.sighting.version, their.fingerprint
            theirs = vault.remotes.staged_as(remote, item.name, version, fingerprint)
            if theirs is None and mine is not None and local and their.fingerprint == local.fingerprint:
                theirs = type(mine)(mine.reveal())
            if theirs is not None:
                opened.append(theirs)
        base = _base(vault, item)
    except BaseException:
        for value in opened:
            value.wipe()
        raise
    return Three(base, mine, theirs)


def _base(vault: Vault, item: Item) -> Secret | None:
    """The value that both agreed on; None where the version is gone by now, or cannot be opened."""
    base = item.link.base if item.link else None
    if base is None or item.local is None or not base.number or item.link is None:
        return None
    if item.link.entry_id not in (None, item.local.entry_id):
        return None
    try:
        value = vault.values.open(Selector(item.local.path, number=base.number)).value
    except VaultError:
        return None
    if vault.values.fingerprint(value) != base.fingerprint:
        value.wipe()
        return None
    return value
