"""Tags and labels of a push: calls of their own, key by key on top of what stands there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import Overtaken
from app.sync import settle
from app.sync.keywise import merge_keys
from app.sync.observe import unread
from app.sync.plan import MOVED_BY_AWS, base_there, free, moved_labels
from app.sync.sides import read_one
from app.sync.staged import bring_staged
from vault.errors import Said
from vault.records import Kind
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.ports import RemoteStore
    from app.sync.ledger import Ledger
    from app.sync.plan import Item, Local
    from vault.links import Base, Facts, Link, Sighting
    from vault.records import Remote
    from vault.vault import Vault


def push_details(  # both sides, and what writes to each
    vault: Vault,
    remote: Remote,
    store: RemoteStore,
    ledger: Ledger,
    item: Item,
    link: Link,
    local: Local | None = None,
    *,
    is_new: bool = False,
) -> None:
    """Bring tags and labels there to what they are here.

    Args:
        vault: the vault.
        remote: the remote.
        store: the way to it.
        ledger: of this push.
        item: as it was planned.
        link: as it is by now.
        local: the entry as it is, if that was read by now.
        is_new: this push made the entry there; all that it has is ours, or left from a deleted one.

    Raises:
        Overtaken: somebody changed the same tag there meanwhile; the next plan shows both.
        AwsError: as the calls.
    """
    if link.seen is None:
        return
    seen = link.seen
    if local is None:
        ledger.flush()  # which version there is which here
        local = read_one(vault, remote, item.path)
    wanted = _wanted(item, link, local)
    if wanted[1] and local.kind is Kind.SECRET:
        link, local = bring_staged(vault, remote, store, ledger, item, link, local)
    known = seen.sighting
    before = item.link and item.link.seen
    was = known.facts if is_new or before is None else before.sighting.facts
    now = was
    if any(wanted):
        try:
            now = _written(vault, remote, store, item, known, local, wanted, is_new=is_new)
        except _Torn as torn:
            ledger.write(link._replace(seen=seen._replace(sighting=known._replace(facts=torn.facts))))
            raise Overtaken(Said("somebody changed its tags or labels there meanwhile"), None, "") from None
    if link.intent is not None:
        store.tidy(item.name)
    there = known._replace(facts=_agreed(known.facts, now if is_new else was, now, local))
    written_at = link.base.agreed_at if link.base else vault.now()
    link = settle.agreed(
        link, seen._replace(sighting=there), local.number, local.facts, local.entry_id, vault, written_at
    )
    facts = known.facts._replace(tags=now.tags, labels=now.labels)
    ledger.later(link._replace(seen=seen._replace(sighting=known._replace(facts=facts))))


class _Torn(Exception):
    """Both sides changed the same tag or label; `facts` are theirs as they are now."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.facts = facts


def _written(  # both sides, and what is written of which
    vault: Vault,
    remote: Remote,
    store: RemoteStore,
    item: Item,
    known: Sighting,
    local: Local,
    wanted: tuple[bool, bool],
    *,
    is_new: bool,
) -> Facts:
    """Write tags and labels there, on top of what stands there now; their facts afterwards.

    Raises:
        _Torn, Overtaken, AwsError: as `push_details`.
    """
    wants_tags, wants_labels = wanted
    agreed = None if is_new or item.link is None else item.link.base
    fresh = known.facts if is_new else store.details(unread(known))
    base = fresh if is_new else base_there(agreed) if agreed else None
    tags, torn = merge_keys((base and base.tags) or {}, local.facts.tags or {}, fresh.tags or {})
    labels, torn_labels = _merged_labels(local, agreed, base, fresh)
    if item.why is None and not is_new and (torn or (wants_labels and torn_labels)):
        raise _Torn(fresh)
    if wants_labels and not is_new:
        _check_versions(vault, remote, store, item, labels, fresh.labels or {})
    if wants_tags:
        _set_tags(store, item.name, tags, fresh.tags or {})
    if wants_labels:
        labels = _set_labels(store, item.name, labels, fresh.labels or {})
    return fresh._replace(
        tags=tags if wants_tags else fresh.tags, labels=labels if wants_labels else fresh.labels
    )


def _agreed(known: Facts, was: Facts, now: Facts, local: Local) -> Facts:
    """Their facts as both sides agree on them: what somebody changed since our look is not among them."""
    tags, labels = now.tags, now.labels
    if tags is not None:
        tags = _without_news(was.tags or {}, tags, local.facts.tags or {})
    if labels is not None:
        labels = _without_news(was.labels or {}, labels, _there(local))
    return known._replace(tags=tags, labels=labels)


def _without_news(was: Mapping[str, str], now: Mapping[str, str], mine: Mapping[str, str]) -> dict[str, str]:
    news = {key for key in {*was, *now} if now.get(key) not in (was.get(key), mine.get(key))}
    kept = {key: value for key, value in now.items() if key not in news}
    return kept | {key: value for key, value in was.items() if key in news}


def _wanted(item: Item, link: Link, local: Local) -> tuple[bool, bool]:
    """Whether tags, and whether labels, are to be written."""
    mine = local.facts
    known = link.seen.sighting.facts if link.seen else mine
    before = item.link.base.here if item.link and item.link.base else None
    if before is None or item.why is not None:
        return (
            known.tags is None or dict(mine.tags or {}) != dict(known.tags),
            free(local.labels_there) != free(known.labels or {}),
        )
    agreed = base_there(item.link.base).labels if item.link and item.link.base else None
    return (
        dict(mine.tags or {}) != dict(before.tags or {}),
        free(mine.labels or {}) != free(before.labels or {}) or _there(local) != free(agreed or {}),
    )


def _set_tags(store: RemoteStore, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
    put = {key: value for key, value in wanted.items() if found.get(key) != value}
    drop = sorted(found.keys() - wanted.keys())
    if put or drop:
        store.set_tags(name, put, drop)


def _merged_labels(
    local: Local, agreed: Base | None, base: Facts | None, fresh: Facts
) -> tuple[dict[str, str], list[str]]:
    """The labels that shall be there, and those that both moved. What is on no version there stays here."""
    was, now = free((base and base.labels) or {}), free(fresh.labels or {})
    merged, torn = merge_keys(was, moved_labels(local, agreed), now)
    return {label: at for label, at in merged.items() if not at.startswith("#")}, torn


def _check_versions(  # both sides, and which labels move
    vault: Vault,
    remote: Remote,
    store: RemoteStore,
    item: Item,
    wanted: Mapping[str, str],
    found: Mapping[str, str],
) -> None:
    """See that labels go to versions with the values that they have here.

    Raises:
        Overtaken: a parameter was made again, with other versions; what was known of them is forgotten.
    """
    moving = sorted({at for label, at in wanted.items() if found.get(label) != at})
    if not moving:
        return
    numbers = vault.remotes.pairs_of(remote, item.name, vault.entries.find(item.path).id)
    prints = {one.number: one.fingerprint for one in vault.entries.history(item.path)}
    for first in range(0, len(moving), store.batch):
        for row in store.beneath([(item.name, at) for at in moving[first : first + store.batch]]):
            with row.value or Secret() as value:
                if vault.values.fingerprint(value) == prints.get(numbers.get(row.version, 0)):
                    continue
            vault.remotes.unpair(remote, [item.name])
            raise Overtaken(Said("somebody deleted it there and made it again"), None, row.version)


def _set_labels(
    store: RemoteStore, name: str, wanted: Mapping[str, str], found: Mapping[str, str]
) -> dict[str, str]:
    """The labels afterwards."""
    wanted = {label: at for label, at in found.items() if label in MOVED_BY_AWS} | dict(wanted)
    if wanted != found:
        store.set_labels(name, wanted, found)
    return wanted


def _there(local: Local) -> dict[str, str]:
    """The labels of an entry here that are on a version which is there too."""
    return {label: at for label, at in free(local.labels_there).items() if not at.startswith("#")}
