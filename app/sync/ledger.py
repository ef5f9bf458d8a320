"""The ledger of a push: what is remembered before, during and after a write there.

An intent is kept before the call, the agreement after it. Whatever happens between, the next look settles it.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple, Self

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


_TOGETHER: Final = 50  # links in one transaction


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
    """What the vault remembers of the writes to one remote. Any thread may use it.

    What a write became is remembered some dozens at a time, by `flush`: until then its intent stands, and a
    kill leaves that for the next look to settle.
    """

    def __init__(self, vault: Vault, remote: Remote, store: RemoteStore) -> None:
        self._vault, self._remote, self._store = vault, remote, store
        self._guard = Lock()
        self._links: dict[str, Link] = {}  # to be written
        self._pairs: list[tuple[str, str, int, int]] = []
        self._events: list[Event] = []

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
        return self.write(self.intended(link, act, version, local, outgoing, facts))

    def intended(
        self, link: Link, act: str, version: str, local: Local, outgoing: Outgoing, facts: Facts
    ) -> Link:
        """The link of a write that is about to be sent, for the caller to write."""
        intent = Intent(act, version, outgoing.fingerprint, outgoing.number, facts, self._vault.now())
        return link._replace(entry_id=local.entry_id, intent=intent)

    def agree(self, link: Link, local: Local, sighting: Sighting, outgoing: Outgoing) -> Link:
        """Remember that both sides have this version, and log the push. Tags and labels come after it."""
        return self._told(self._agreed(link, local, sighting, outgoing), sighting, outgoing)

    def _agreed(self, link: Link, local: Local, sighting: Sighting, outgoing: Outgoing) -> Link:
        old = link.base.here if link.base else None
        tags = sighting.facts.tags if sighting.facts.tags is not None else old and old.tags
        here = local.facts._replace(tags=tags, labels=(old and old.labels) or {})
        there = Seen(sighting, outgoing.fingerprint)
        return settle.agreed(link, there, outgoing.number, here, local.entry_id, self._vault)

    def _told(self, link: Link, sighting: Sighting, outgoing: Outgoing) -> Link:
        told = {"remote": self._remote.name, "name": link.name, "version": sighting.version}
        with self._guard:
            if sighting.version and outgoing.number and link.entry_id is not None:
                self._pairs.append((link.name, sighting.version, link.entry_id, outgoing.number))
            self._events.append(Event("entry-pushed", link.entry_id, outgoing.number or None, told))
        return self.later(link)

    def beside(self, link: Link, outgoing: Outgoing) -> None:
        """Remember, and log, that a version is there beside the current one; what was agreed stays."""
        told = {"remote": self._remote.name, "name": link.name, "version": outgoing.token}
        with self._guard:
            self._pairs.append((link.name, outgoing.token, link.entry_id or 0, outgoing.number))
            self._events.append(Event("entry-pushed", link.entry_id, outgoing.number, told))

    def overtaken(self, link: Link, local: Local, facts: Facts, outgoing: Outgoing, error: Overtaken) -> Link:
        """Remember both: theirs is kept here, whether our write went over it or was refused."""
        if error.ours is None or link.seen is None:
            return self.look_again(link)
        sighting = link.seen.sighting._replace(
            version=error.ours, modified_at=None, modified_by="", facts=facts
        )
        link = self._agreed(link, local, sighting, outgoing)
        link = settle.overtaken_by(self._vault, self._remote, self._store, link, error.theirs)
        return self.write(self._told(link, sighting, outgoing))  # until then the intent stands

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

    def write(self, *links: Link) -> Link:
        """Remember links as they are, at once; the last of them."""
        with self._guard:
            self._links |= {link.name: link for link in links}
        self.flush()
        return links[-1]

    def later(self, link: Link) -> Link:
        """Remember a link as it is with the next `flush`, soon."""
        with self._guard:
            self._links[link.name] = link
            is_full = len(self._links) >= _TOGETHER
        if is_full:
            self.flush()
        return link

    def flush(self) -> None:
        """Write what is to be remembered, in one transaction."""
        remotes = self._vault.remotes
        if not (self._links or self._pairs or self._events):
            return
        with remotes.together(), self._guard:
            remotes.write(self._remote, self._links.values())
            remotes.pair(self._remote, self._pairs)
            remotes.log(*self._events)
            self._links, self._pairs, self._events = {}, [], []

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
