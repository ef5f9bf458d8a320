"""Overlap: whether the old credential stays valid when the new one is set."""

from __future__ import annotations

from enum import StrEnum


class Overlap(StrEnum):
    """What becomes of the old credential."""

    NONE = "none"  # one credential, changed in place: clients try AWSPENDING in the gap
    UNTIL_NEXT = "until-next"  # valid until the next rotation takes it: two users that take turns
    UNTIL_DROPPED = "until-dropped"  # valid until `Target.follow` takes it away after the grace time
