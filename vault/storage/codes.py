"""Small numbers on disk for words in memory; docs/format.md, section 4, lists them. Never renumber."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from vault.errors import Damaged, Said
from vault.records import Kind, Origin, Tier, ValueType

Word = TypeVar("Word", bound=StrEnum)
K = TypeVar("K")
V = TypeVar("V")


class Codes(dict[K, V]):
    """Words by their number; a number that has none is damage."""

    def __missing__(self, code: object) -> V:
        raise Damaged(Said("a number stands for nothing; restore a backup"))


KINDS = Codes({1: Kind.PARAMETER, 2: Kind.SECRET})
VALUE_TYPES = Codes(
    {
        1: ValueType.STRING,
        2: ValueType.STRING_LIST,
        3: ValueType.SECURE_STRING,
        4: ValueType.SECRET_STRING,
        5: ValueType.SECRET_BINARY,
    }
)
TIERS = Codes({None: None, 1: Tier.STANDARD, 2: Tier.ADVANCED})
ORIGINS = Codes(
    {
        1: Origin.LIBRARY,
        2: Origin.COMMAND_LINE,
        3: Origin.WINDOW,
        4: Origin.IMPORT,
        5: Origin.SYNC,
        6: Origin.ROTATION,
        7: Origin.ENDPOINT,
    }
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
CODE_OF_KIND = {word: code for code, word in KINDS.items()}
CODE_OF_VALUE_TYPE = {word: code for code, word in VALUE_TYPES.items()}
CODE_OF_TIER = {word: code for code, word in TIERS.items()}
CODE_OF_ORIGIN = {word: code for code, word in ORIGINS.items()}


def moment(milliseconds: int) -> datetime:
    """UTC of milliseconds since 1970.

    Raises:
        Damaged: it is no number, or before the year 1, or after 9999.
    """
    try:
        return _EPOCH + timedelta(0, 0, 0, milliseconds)  # by place: twice as fast as by name
    except (OverflowError, TypeError):
        raise Damaged(Said("a time lies outside of the years 1 to 9999; restore a backup")) from None


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970 of an aware time, rounded down: there is none after the year 9999."""
    return (at - _EPOCH) // _MILLISECOND


def word_of(words: type[Word], text: str) -> Word:
    """The word that a column spells out.

    Raises:
        Damaged: it is none of them.
    """
    try:
        return words(text)
    except ValueError:
        raise Damaged(Said("a word stands for nothing; restore a backup")) from None
