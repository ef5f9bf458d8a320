"""Two sightings of one name there: the same version, the same value, the same entry? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vault.links import Seen


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
