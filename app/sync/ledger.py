"""The ledger of a push: what is remembered before, during and after a write there.

An intent is kept before the call, the agreement after it. Whatever happens between, the next look settles it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from app.ports import Fetched
from app.sync import settle
from vault.audit import Event
from vault.links import Intent, Seen
from vault.paths import Selector

if TYPE_CHECKING:
    from app.errors import Overtaken
    from app.ports import RemoteStore, Sighting
    from app.sync.plan import Local
    from vault.links import Facts, Link
    from vault.records import Remote, ValueType
    from vault.secret import Secret
    from vault.vault import Vault


class Outgoing(NamedTuple):
    """A version here that is on its way there; its value is wiped at the end of the `with`."""

    value: Secret | None
    number: int
    token: str
    fingerprint: bytes | None
    value_type: ValueType | None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.value is not None:
            self.value.wipe()


class Ledger:
    """What the vault remembers of the writes to one remote. Any thread may use it."""

    def __init__(self, vault: Vault, remote: Remote, store: RemoteStore) -> None:
        self._vault, self._remote, self._store = vault, remote, store

    def outgoing(self, local: Local, number: int) -> Outgoing:
        """A version's value, opened for a push; the opening is logged."""
        if number == 0:
            return Outgoing(None, 0, "", None, local.facts.value_type)
        selector = Selector(local.path, number=number)
        version = self._vault.entries.version(selector)
        opened = self._vault.values.open(selector)
        return Outgoing(opened.value, number, version.token, version.fingerprint, opened.value_type)

    def intend(
        self, link: Link, act: str, version: str, local: Local, outgoing: Outgoing, facts: Facts
    ) -> Link:
        """Remember a write that is about to be sent; `version` is what it stands on there."""
        number, now = outgoing.number, self._vault.now()
        intent = Intent(act, version, outgoing.fingerprint, number, facts, now)
        return self.write(link._replace(entry_id=local.entry_id, intent=intent))

    def agree(self, link: Link, local: Local, sighting: Sighting, outgoing: Outgoing) -> Link:
        """Remember that both sides have this version, and log the push. Tags and labels come after it."""
        old = link.base.here if link.base else None
        tags = sighting.facts.tags if sighting.facts.tags is not None else old and old.tags
        here = local.facts._replace(tags=tags, labels=(old and old.labels) or {})
        there = Seen(sighting, outgoing.fingerprint)
        link = settle.agreed(link, there, outgoing.number, here, local.entry_id, self._vault)
        told = {"remote": self._remote.name, "name": link.name, "version": sighting.version}
        remotes = self._vault.remotes
        with remotes.together():
            remotes.write(self._remote, [link])
            if sighting.version and outgoing.number:
                pair = (link.name, sighting.version, local.entry_id, outgoing.number)
                remotes.pair(self._remote, [pair])
            remotes.log(Event("entry-pushed", local.entry_id, outgoing.number or None, told))
        return link

    def overtaken(self, link: Link, local: Local, facts: Facts, outgoing: Outgoing, error: Overtaken) -> Link:
        """Remember both: theirs is kept here, whether our write went over it or was refused."""
        if error.ours is None or link.seen is None:
            return self.look_again(link)
        sighting = link.seen.sighting._replace(
            version=error.ours, modified_at=None, modified_by="", facts=facts
        )
        link = self.agree(link, local, sighting, outgoing)
        return self.write(settle.overtaken_by(self._vault, self._remote, self._store, link, error.theirs))

    def look_again(self, link: Link) -> Link:
        """Bring what is known of one entry up to date, and settle what was begun."""
        sighting, seen = self._store.look(link.name), None
        if sighting is not None:
            seen = Seen(sighting, None)
            for row in self._store.values((link.name,)):
                if isinstance(row, Fetched):
                    seen = self._fetched(link, sighting, row)
        link = settle.settled(self._vault, self._remote, self._store, link._replace(seen=seen))
        return self.write(link._replace(intent=None))

    def write(self, link: Link) -> Link:
        """Remember a link as it is."""
        self._vault.remotes.write(self._remote, [link])
        return link

    def _fetched(self, link: Link, sighting: Sighting, row: Fetched) -> Seen:
        facts = sighting.facts._replace(value_type=row.value_type)
        sighting = sighting._replace(version=row.version, facts=facts)
        if row.value is None:
            return Seen(sighting, None)
        with row.value as value:
            fingerprint = self._vault.values.fingerprint(value)
            if link.base is None or fingerprint != link.base.fingerprint:
                self._vault.remotes.stage(self._remote, ((link.name, row.version, value),))
        return Seen(sighting, fingerprint)
