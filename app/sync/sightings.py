"""Sightings of one name there: the same version, the same value, the same entry? Whose is theirs? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vault.links import Link, Seen


def same_version(seen: Seen, other: Seen) -> bool:
    """Whether two sightings are of the very same version of the very same entry."""
    one, two = seen.sighting, other.sighting
    if one.version != two.version:
        return False
    if one.incarnation and two.incarnation and one.incarnation != two.incarnation:
        return False
    return one.modified_at == two.modified_at or None in (one.modified_at, two.modified_at)


def made_again(old: Seen, new: Seen) -> bool:
    """Whether an entry was deleted and made again between two sightings, as far as they tell."""
    one, two = old.sighting, new.sighting
    if one.incarnation and two.incarnation:
        return one.incarnation != two.incarnation
    if two.incarnation and one.version:  # the old sighting is of a write of ours, which is not told its ARN
        return one.version not in {two.version, *(two.facts.labels or {}).values()}
    if not one.version.isdecimal() or not two.version.isdecimal():
        return False
    if one.version == two.version:
        return not same_version(old, new)
    return int(two.version) < int(one.version)


def same_value(seen: Seen, base: Seen) -> bool:
    """Whether two sightings are of one value, as far as they tell."""
    if seen.fingerprint is not None and base.fingerprint is not None:
        return seen.fingerprint == base.fingerprint
    if seen.sighting.version == "" or base.sighting.version == "":
        return seen.sighting.version == base.sighting.version
    return same_version(seen, base)


def lies_beneath(link: Link | None) -> bool:
    """Whether theirs is what a write of ours went over, and nobody wrote there since."""
    if link is None or link.overtaken is None:
        return False
    return link.seen is None or link.base is None or same_value(link.seen, link.base.there)


def their_side(link: Link | None) -> Seen | None:
    """What a person decides upon as theirs: what is there now, or what a write of ours went over."""
    if link is None:
        return None
    over = link.overtaken
    if over is None or not lies_beneath(link):
        return link.seen
    if link.seen is None:
        return over
    now = link.seen.sighting.facts  # tags and labels belong to no version
    facts = over.sighting.facts._replace(tags=now.tags, labels=now.labels)
    return over._replace(sighting=over.sighting._replace(facts=facts))
