"""A remote that was looked at and has what the vault has, made without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sync.sides import read_here
from vault.links import Base, Link, Seen, Sighting

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.records import Remote
    from vault.vault import Vault


def look_alike(vault: Vault, remote: Remote, gone: Callable[[str], bool] = lambda _name: False) -> None:
    """Remember every entry of the remote's folder as in sync, and as seen there but for what is `gone`."""
    now, links = vault.now(), []
    for name, local in read_here(vault, remote).entries.items():
        there = Seen(Sighting(name, "1", "", now, "", local.facts), local.fingerprint)
        base = Base(there, local.facts, local.fingerprint, 1, now)
        links.append(Link(name, local.entry_id, base, seen=None if gone(name) else there))
    vault.remotes.write(remote, links)
    vault.remotes.set_observed(remote, now)
