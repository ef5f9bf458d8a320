"""What a list of entries can be asked for: conditions that all must hold, each of them also turned round.

All text is case-folded. Nobody parses here; `vault.storage.selecting` asks the database.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

    from vault.records import ValueType

_SIGN: Final = re.compile(r"\[(.)\]|[*?]")


class Place(StrEnum):
    """What of an entry a pattern is held against."""

    PATH = "path"
    TAG = "tag"  # each tag as key=value
    LABEL = "label"  # each label or staging label


class State(StrEnum):
    """What the vault knows of an entry without opening it."""

    EXPIRED = "expired"  # an Expiration is in the past, whatever happens on expiry
    EXPIRING = "expiring"  # one comes within so many days
    LOCKED = "locked"  # the value is not given any more
    WEAK = "weak"  # a secret value was examined and has less than so many bits
    REUSED = "reused"  # another entry has the same secret value


class Holds(NamedTuple):
    """The path, the description, a tag as key=value, or a label has `text` in it."""

    text: str


class Matches(NamedTuple):
    """The whole path, a whole tag or a whole label is as the pattern says.

    In `pattern`, `*` stands for any characters and `?` for one; `literal` keeps a text from being read so.
    """

    place: Place
    pattern: str


class IsOf(NamedTuple):
    """The value is of one of these types."""

    types: Collection[ValueType]


class Is(NamedTuple):
    """The entry is in a state; `bound` is the days of `EXPIRING` and the bits of `WEAK`."""

    state: State
    bound: int = 0


class Among(NamedTuple):
    """The entry is one of these."""

    ids: Collection[int]


Condition = Holds | Matches | IsOf | Is | Among


class Term(NamedTuple):
    """A condition that holds, or that must not."""

    condition: Condition
    excluded: bool = False


def literal_parts(pattern: str) -> list[str]:
    """The texts of a pattern between its signs, each as it must be found."""
    return _SIGN.sub(lambda sign: sign[1] or "\0", pattern).split("\0")


def literal(text: str) -> str:
    """A pattern that `text` alone matches."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)
