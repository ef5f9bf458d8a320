"""Small numbers on disk for words in memory; docs/format.md, section 4, lists them. Never renumber."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vault.errors import Damaged, Said
from vault.records import Kind, Origin, Tier, ValueType

KINDS = {1: Kind.PARAMETER, 2: Kind.SECRET}
VALUE_TYPES = {
    1: ValueType.STRING,
    2: ValueType.STRING_LIST,
    3: ValueType.SECURE_STRING,
    4: ValueType.SECRET_STRING,
    5: ValueType.SECRET_BINARY,
}
TIERS = {None: None, 1: Tier.STANDARD, 2: Tier.ADVANCED}
ORIGINS = {
    1: Origin.LIBRARY,
    2: Origin.COMMAND_LINE,
    3: Origin.WINDOW,
    4: Origin.IMPORT,
    5: Origin.SYNC,
    6: Origin.ROTATION,
    7: Origin.ENDPOINT,
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
CODE_OF_KIND = {word: code for code, word in KINDS.items()}
CODE_OF_VALUE_TYPE = {word: code for code, word in VALUE_TYPES.items()}
CODE_OF_TIER = {word: code for code, word in TIERS.items()}
CODE_OF_ORIGIN = {word: code for code, word in ORIGINS.items()}


def moment(milliseconds: int) -> datetime:
    """UTC of milliseconds since 1970.

    Raises:
        Damaged: it is before the year 1, or after 9999.
    """
    try:
        return _EPOCH + timedelta(0, 0, 0, milliseconds)  # by place: twice as fast as by name
    except OverflowError:
        raise Damaged(Said("a time lies outside of the years 1 to 9999; restore a backup")) from None


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970 of an aware time, rounded down: there is none after the year 9999."""
    return (at - _EPOCH) // _MILLISECOND
