"""Remotes: which folders are exchanged with AWS, and what is remembered of both sides. No network here.

A workflow composes its steps in `together()`: the versions that it puts and the base that it agrees on are
one transaction, so that a kill leaves both or neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vault.aead import canonical_context
from vault.audit import Event
from vault.envelope import new_data_key, open_value, seal_value
from vault.errors import AlreadyExists, NotFound, Refused, Said
from vault.key_policies import KeyPolicies
from vault.links import Link
from vault.paths import ParameterPath
from vault.remote_rules import checked, path_text, place
from vault.secret import wipe
from vault.steps import Steps
from vault.storage import remotes as rows
from vault.storage.codes import VALUE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from vault.interior import Interior
    from vault.records import Kind, Remote, RemoteDraft, ValueType
    from vault.secret import Secret
    from vault.storage.transactions import Reading, Writing

OVER: Final = "over:"
"""Before the version of a kept value that a write of ours went over: nothing seen later takes its place."""


class Remotes:
    """The remotes of an unlocked vault."""

    def __init__(self, interior: Interior) -> None:
        self._in = interior
        self._database = interior.database

    def listed(self) -> list[Remote]:
        """Every remote, by name."""
        with self._database.reading():
            return rows.listed(self._database)

    def find(self, name: str) -> Remote:
        """The remote of a name.

        Raises:
            NotFound: there is none.
        """
        with self._database.reading():
            found = rows.find(self._database, name)
        if found is None:
            message = Said("there is no remote {name}", name=repr(name))
            raise NotFound("ResourceNotFoundException", message, "remote")
        return found

    def add(self, draft: RemoteDraft) -> Remote:
        """Remember a new remote; AWS is not asked.

        Raises:
            AlreadyExists: the name is taken.
            Refused: the name, the prefix or a combination makes no sense.
        """
        draft = checked(draft)
        with self._database.writing():
            if rows.find(self._database, draft.name) is not None:
                raise _taken(draft)
            rows.insert(self._database, draft, self._in.clock())
            self._in.audit.append(Event("remote-added", detail=_told(draft)))
            return self.find(draft.name)

    def change(self, name: str, draft: RemoteDraft) -> Remote:
        """Change what a remote is. Where it points elsewhere now, what was agreed there is forgotten.

        Raises:
            NotFound, AlreadyExists, Refused: as `add`.
        """
        draft = checked(draft)
        with self._database.writing():
            old = self.find(name)
            if draft.name != name and rows.find(self._database, draft.name) is not None:
                raise _taken(draft)
            if place(old) != place(draft):
                rows.delete(self._database, old.id)
                rows.insert(self._database, draft, self._in.clock())
            else:
                rows.update(self._database, old.id, draft)
            self._in.audit.append(Event("remote-changed", detail=_told(draft)))
            return self.find(draft.name)

    def remove(self, name: str) -> None:
        """Forget a remote. Entries here and there stay as they are.

        Raises:
            NotFound: there is none.
        """
        with self._database.writing():
            rows.delete(self._database, self.find(name).id)
            self._in.audit.append(Event("remote-removed", detail={"remote": name}))

    def together(self) -> Writing:
        """One transaction around all that is called inside."""
        return self._database.writing()

    def at_once(self, steps: Steps | None = None) -> Reading:
        """One consistent look around all that is read inside; whoever is told of `steps` may stop it."""
        return self._database.reading() if steps is None else self._database.checking(steps)

    def set_account(self, remote: Remote, account: str) -> None:
        """Remember the account (12 digits) that the credentials of a remote belong to.

        Raises:
            Refused: it was another account before; what was agreed there says nothing about this one.
        """
        with self._database.writing():
            if remote.account and remote.account != account:
                raise Refused(
                    "AccessDeniedException",
                    Said(
                        "{remote} was in account {account}, and these credentials are of {other};"
                        " sign in to the right one, or remove the remote and add it anew",
                        remote=remote.name,
                        account=remote.account,
                        other=account,
                    ),
                )
            if not remote.account:
                rows.set_account(self._database, remote.id, account)

    def set_observed(self, remote: Remote, at: datetime) -> None:
        """Remember that all of a remote was listed."""
        with self._database.writing():
            rows.set_observed(self._database, remote.id, at)

    def stamp(self) -> tuple[int, int]:
        """What stays the same until somebody writes to the vault; what is told of a remote holds as long."""
        with self._database.reading():
            return rows.stamp(self._database)

    def links(self, remote: Remote, steps: Steps | None = None, *, gone: bool = False) -> dict[str, Link]:
        """What is remembered of every name there.

        Args:
            remote: which.
            steps: are told of each name.
            gone: only of those that both sides agreed on once and that are not there.

        Raises:
            Cancelled: whoever is told of `steps` stopped it.
        """
        with self._database.reading():
            return rows.links(self._database, remote.id, steps or Steps(), gone=gone)

    def link(self, remote: Remote, name: str) -> Link:
        """What is remembered of one name; an empty link if nothing is."""
        return self.links_of(remote, [name])[name]

    def links_of(self, remote: Remote, names: Sequence[str]) -> dict[str, Link]:
        """What is remembered of some names; an empty link for one of which nothing is."""
        with self._database.reading():
            found = rows.links_of(self._database, remote.id, names)
        return {name: found.get(name) or Link(name) for name in names}

    def write(self, remote: Remote, links: Iterable[Link]) -> None:
        """Remember links as they are given. What is not there has no versions there that pair with ours."""
        links = tuple(links)
        with self._database.writing():
            rows.write_links(self._database, remote.id, links)
            rows.drop_pairs(self._database, remote.id, (link.name for link in links if link.seen is None))

    def pair(self, remote: Remote, pairs: Iterable[tuple[str, str, int, int]]) -> None:
        """Remember which version there is which here: (name, version there, entry id, number)."""
        with self._database.writing():
            rows.write_pairs(self._database, remote.id, pairs)

    def unpair(self, remote: Remote, names: Iterable[str]) -> None:
        """Forget which version there is which here: what is there now is another entry of the same name."""
        with self._database.writing():
            rows.drop_pairs(self._database, remote.id, names)

    def pairs(self, remote: Remote) -> dict[tuple[str, int], dict[str, tuple[int, bytes]]]:
        """By name there and entry id: which version there is which number here, and its fingerprint."""
        found: dict[tuple[str, int], dict[str, tuple[int, bytes]]] = {}
        with self._database.reading():
            for name, version, entry_id, number, fingerprint in rows.pairs(self._database, remote.id):
                found.setdefault((name, entry_id), {})[version] = number, fingerprint
        return found

    def pairs_of(self, remote: Remote, name: str, entry_id: int) -> dict[str, int]:
        """Which version of one name there is which number of one entry here."""
        with self._database.reading():
            return rows.pairs_of(self._database, remote.id, name, entry_id)

    def current_values(self, folder: ParameterPath, kind: Kind) -> dict[int, tuple[bytes, ValueType]]:
        """Fingerprint and type of the current value of each entry below `folder`, by entry id."""
        with self._database.reading():
            return {
                entry_id: (fingerprint, VALUE_TYPES[value_type])
                for entry_id, fingerprint, value_type in rows.local_values(self._database, folder, kind)
            }

    def current_labels(self, folder: ParameterPath, kind: Kind) -> dict[int, dict[str, tuple[int, bytes]]]:
        """Labels of each entry below `folder` that has some, by entry id: number and fingerprint of each."""
        with self._database.reading():
            return rows.local_labels(self._database, folder, kind)

    def stage(self, remote: Remote, values: Iterable[tuple[str, str, Secret]]) -> None:
        """Keep values that were seen there, sealed under the vault's own key: (name, version, value).

        Where the key policy of the entry's folder wants no local key, the value is not kept.
        """
        with self._database.writing():
            key_id, material, kek = self._in.keys.newest()
            policy = KeyPolicies(self._in).finder()
            sealed = []
            for row_id, (name, version, value) in enumerate(values, rows.next_staged_id(self._database)):
                path = path_text(remote, name)
                if path is None or not policy(ParameterPath(path)).local:
                    continue
                context = self._context(remote.id, row_id)
                with new_data_key() as data_key:
                    octets = seal_value(data_key.reveal(), value.reveal(), context)
                    wrapped = kek.wrap(data_key, context)
                sealed.append((row_id, name, version, octets, key_id, material, wrapped))
            rows.stage(self._database, remote.id, sealed)

    def staged(self, remote: Remote, name: str, version: str) -> Secret | None:
        """A value that was seen there and kept, for a sync alone; None if it was not.

        Raises:
            KeyUnavailable: the vault's own key is disabled.
            Damaged: it was changed.
        """
        return self.staged_many(remote, {name: version}).get(name)

    def staged_as(self, remote: Remote, name: str, version: str, fingerprint: bytes | None) -> Secret | None:
        """As `staged`, if it has this fingerprint: the numbers of what was made again come again."""
        for kept_as in (version, OVER + version):
            found = self.staged(remote, name, kept_as)
            if found is not None and self._in.fingerprint(found.reveal()) == fingerprint:
                return found
            if found is not None:
                found.wipe()
        return None

    def staged_many(self, remote: Remote, versions: Mapping[str, str]) -> dict[str, Secret]:
        """As `staged`, for many names at once: name to version. What was not kept is left out."""
        found: dict[str, Secret] = {}
        with self._database.reading():
            for row in rows.staged(self._database, remote.id, versions):
                context = self._context(remote.id, row.id)
                data_key = self._in.keys.data_key(row.key_id, row.material, row.state, row.wrapped, context)
                try:
                    found[row.name] = open_value(data_key, row.sealed, context)
                finally:
                    wipe(data_key)
        return found

    def drop_staged(self, remote: Remote, which: Iterable[tuple[str, str]]) -> None:
        """Drop kept values that an entry has by now: (name, version)."""
        with self._database.writing():
            rows.drop_staged(self._database, remote.id, which)

    def log(self, *events: Event) -> None:
        """Log what a sync did."""
        with self._database.writing():
            self._in.audit.append(*events)

    def _context(self, remote_id: int, row_id: int) -> bytes:
        return canonical_context(
            {
                "strongroom:vault": self._in.vault_id.hex(),
                "strongroom:remote": str(remote_id),
                "strongroom:remote-value": str(row_id),
            }
        )


def _told(draft: RemoteDraft) -> Mapping[str, object]:
    return {
        "remote": draft.name,
        "service": draft.service.value,
        "folder": str(draft.folder),
        "prefix": draft.prefix,
        "direction": draft.direction.value,
    }


def _taken(draft: RemoteDraft) -> AlreadyExists:
    message = Said("there is a remote {name} already", name=draft.name)
    return AlreadyExists("ResourceExistsException", message, "remote")
