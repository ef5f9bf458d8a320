"""Settling: what became of a write whose answer never came, after a kill or a lost network.

Before a write an *intent* is kept in the vault. If it is still there later, the remote is asked: the write
was carried out, or it was not, or it was and went over somebody else's. Nothing is done twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import AwsMissing
from app.ports import Fetched
from app.sync.plan import Field, facts_apart
from app.sync.sightings import same_value
from vault.audit import Event
from vault.links import Base, Seen, Sighting
from vault.records import Service
from vault.remotes import OVER
from vault.secret import Secret

if TYPE_CHECKING:
    from datetime import datetime

    from app.ports import RemoteStore
    from vault.links import Facts, Intent, Link
    from vault.records import Remote
    from vault.vault import Vault


def settled(vault: Vault, remote: Remote, store: RemoteStore, link: Link) -> Link:
    """The link without its intent, and with what the remote says of it; the caller writes it.

    Args:
        vault: the vault; what our write went over is kept in it.
        remote: which remote.
        store: the way to it.
        link: with an intent, and with `seen` as the remote is now.

    Raises:
        AwsError: the remote cannot be asked; the intent stays.
    """
    intent, seen = link.intent, link.seen
    if intent is None:
        return link
    free = link._replace(intent=None)
    if seen is None:
        gone = intent.act == "delete" and link.base is not None
        return gone_there(free, vault) if gone else free
    if intent.act in ("create", "overwrite", "stage"):
        store.tidy(link.name)
    if intent.act in ("delete", "stage") or _stands_on(seen, intent, link):
        return free
    if remote.service is Service.SECRETS_MANAGER:
        return _of_secret(vault, remote, free, intent, seen)
    return _of_parameter(vault, remote, store, free, intent, seen)


def gone_there(link: Link, vault: Vault) -> Link:
    """The link after this vault deleted the entry there: what was agreed is kept for undeleting."""
    return link._replace(
        base=None, former=link.base or link.former, seen=None, intent=None, removed_at=vault.now()
    )


def agreed(  # two sides, and when
    link: Link,
    there: Seen,
    number: int,
    here: Facts,
    entry_id: int,
    vault: Vault,
    at: datetime | None = None,
) -> Link:
    """The link after both sides agreed on a version, now or as `at` says."""
    base = Base(there, here, there.fingerprint, number, at or vault.now())
    return link._replace(
        entry_id=entry_id, base=base, former=None, seen=there, intent=None, overtaken=None, removed_at=None
    )


def _stands_on(seen: Seen, intent: Intent, link: Link) -> bool:
    """Whether the remote is still as it was before the write."""
    if not intent.version or link.base is None:
        return False
    return seen.sighting.version == intent.version and same_value(seen, link.base.there)


def _of_secret(vault: Vault, remote: Remote, link: Link, intent: Intent, seen: Seen) -> Link:
    """A half-done move of AWSCURRENT is finished by the next push, under the same token."""
    return _ours(vault, remote, link, intent, seen) if _is_ours(seen, intent) else link


def _is_ours(seen: Seen, intent: Intent) -> bool:
    """Whether value and facts are those that we were writing."""
    if seen.fingerprint != intent.fingerprint:
        return False
    apart = set(facts_apart(seen.sighting.facts, intent.facts))
    return not apart - {Field.KEY, Field.TIER, Field.TAGS, Field.LABELS}


def _of_parameter(  # as many sides as a lost update has
    vault: Vault, remote: Remote, store: RemoteStore, link: Link, intent: Intent, seen: Seen
) -> Link:
    """A parameter's versions have numbers alone: look for our value from the one after the base on."""
    first = int(intent.version or "0") + 1
    current = int(seen.sighting.version)
    if current == first:
        is_value_ours = link.base is not None and intent.fingerprint != link.base.there.fingerprint
        if not (seen.fingerprint == intent.fingerprint if is_value_ours else _is_ours(seen, intent)):
            return link
        return _looked_beneath(vault, remote, store, link, _ours(vault, remote, link, intent, seen))
    made_again = current < first
    found = _our_version(vault, store, link, intent, 2 if made_again else first)
    if found is None:
        return link
    ours = seen if found == current else _past(seen, str(found), intent.fingerprint)
    settled_link = _ours(vault, remote, link, intent, ours)._replace(seen=seen)
    if found == first:
        return _looked_beneath(vault, remote, store, link, settled_link)
    return overtaken_by(vault, remote, store, settled_link, str(found - 1))


def _looked_beneath(vault: Vault, remote: Remote, store: RemoteStore, before: Link, after: Link) -> Link:
    """The settled link; with a conflict, if what our write was put on was made again before it."""
    if before.base is None:
        return after
    version = before.base.there.sighting.version
    for row in store.beneath([(before.name, version)]):
        with row.value or Secret() as value:
            if vault.values.fingerprint(value) != before.base.there.fingerprint:
                return replaced(vault, remote, after, row)
    return after


def replaced(vault: Vault, remote: Remote, link: Link, theirs: Fetched) -> Link:
    """The link with a conflict: somebody deleted the entry and made it again; ours went over `theirs`."""
    base = link.base
    with vault.remotes.together():
        vault.remotes.unpair(remote, [link.name])
        if base is not None and base.number and link.entry_id is not None:
            pair = (link.name, base.there.sighting.version, link.entry_id, base.number)
            vault.remotes.pair(remote, [pair])
    return _beneath_ours(vault, remote, link, theirs)


def _our_version(vault: Vault, store: RemoteStore, link: Link, intent: Intent, first: int) -> int | None:
    for row in store.history(link.name, with_values=True):
        if not isinstance(row, Fetched) or row.value is None:
            continue
        with row.value as value:
            if int(row.version) >= first and vault.values.fingerprint(value) == intent.fingerprint:
                return int(row.version)
    return None


def _past(seen: Seen, version: str, fingerprint: bytes | None) -> Seen:
    return Seen(seen.sighting._replace(version=version, modified_at=None, modified_by=""), fingerprint)


def _ours(vault: Vault, remote: Remote, link: Link, intent: Intent, seen: Seen) -> Link:
    """Agreed on what our write made; what the entry here has otherwise by now counts as changed here."""
    facts, old = seen.sighting.facts, link.base
    theirs = old.there.sighting.facts if old else intent.facts  # tags and labels were not written yet
    mine = old.here if old else intent.facts
    here = facts._replace(key=None, tags=mine.tags, labels=mine.labels or {})
    facts = facts._replace(tags=theirs.tags, labels=theirs.labels)
    there = seen._replace(sighting=seen.sighting._replace(facts=facts))
    if seen.sighting.version and intent.number and link.entry_id is not None:
        vault.remotes.pair(remote, [(link.name, seen.sighting.version, link.entry_id, intent.number)])
    told = {"remote": remote.name, "name": link.name, "version": seen.sighting.version, "answer": "lost"}
    vault.remotes.log(Event("entry-pushed", link.entry_id, intent.number or None, told))
    return agreed(link, there, intent.number, here, link.entry_id or 0, vault)._replace(seen=seen)


def overtaken_by(vault: Vault, remote: Remote, store: RemoteStore, link: Link, version: str) -> Link:
    """The link with a conflict that holds both: our write went over `version` of somebody else's."""
    try:
        theirs = store.version(link.name, version)
    except AwsMissing:  # more than a hundred writes later
        return link
    if theirs.value is None:
        return link
    with theirs.value:
        return _beneath_ours(vault, remote, link, theirs)


def _beneath_ours(vault: Vault, remote: Remote, link: Link, theirs: Fetched) -> Link:
    if link.seen is None or theirs.value is None:
        return link
    facts = link.seen.sighting.facts
    facts = facts._replace(value_type=theirs.value_type, description=theirs.description or facts.description)
    sighting = Sighting(link.name, theirs.version, "", theirs.modified_at, theirs.modified_by, facts)
    fingerprint = vault.values.fingerprint(theirs.value)
    if link.base is not None and fingerprint == link.base.fingerprint:  # another program of this vault
        return link
    with vault.remotes.together():
        vault.remotes.stage(remote, ((link.name, OVER + theirs.version, theirs.value),))
        vault.remotes.log(
            Event("conflict-found", link.entry_id, detail={"remote": remote.name, "name": link.name})
        )
    return link._replace(overtaken=Seen(sighting, fingerprint))
