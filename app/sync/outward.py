"""What a push says of an entry beside its value. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.sync.plan import Field, differences
from vault.records import Tier, ValueType

if TYPE_CHECKING:
    from app.sync.plan import Item, Local
    from vault.links import Facts, Link
    from vault.records import Remote

_ENCRYPTED: Final = (ValueType.SECURE_STRING, ValueType.SECRET_STRING, ValueType.SECRET_BINARY, None)
_NAMES: Final = {
    Field.TYPE: "value_type",
    Field.TIER: "tier",
    Field.DATA_TYPE: "data_type",
    Field.PATTERN: "allowed_pattern",
    Field.DESCRIPTION: "description",
    Field.POLICIES: "policies",
}
_OF_A_VERSION: Final = frozenset({Field.VALUE, *_NAMES})


def fields_to_write(item: Item, link: Link, local: Local) -> set[Field]:
    """What a new version on top of the one that was seen changes there; tags and labels are none of it."""
    if link.seen is None:
        return set()
    fields = set(differences(local, link.seen))
    if link.base is not None and item.why is None and item.here:
        fields &= set(item.here)
    if link.seen.sighting.facts.tier is Tier.ADVANCED:
        fields.discard(Field.TIER)
    return fields & _OF_A_VERSION


def facts_on_top(item: Item, link: Link, local: Local) -> Facts | None:
    """The facts of a new version on top of the one that was seen; None where there is nothing to write."""
    fields = fields_to_write(item, link, local)
    if link.seen is None or not fields:
        return None
    mine = {name: getattr(local.facts, name) for field, name in _NAMES.items() if field in fields}
    return link.seen.sighting.facts._replace(**mine)


def facts_of_new(remote: Remote, link: Link, local: Local) -> Facts:
    """What an entry that is made there gets: what it had there before, then what the remote says."""
    is_same = link.former is not None and link.entry_id == local.entry_id
    former = link.former.there.sighting.facts if link.former and is_same else None
    tier = local.facts.tier
    if tier is not None and tier is not Tier.ADVANCED:
        tier = (former and former.tier) or remote.tier or tier
    key = (former and former.key) or remote.kms_key or None
    encrypted = local.facts.value_type in _ENCRYPTED
    return local.facts._replace(tier=tier, key=key if encrypted else None, labels={})
