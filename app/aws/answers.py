"""Members of a parsed answer, each with the type that the service model promises.

botocore does not check what it parsed: a service (or whoever answers in its place) may send a number for a
name. Every reader here gives the promised type or raises AwsGarbled, whose message names the member, never
what stood there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from app.errors import AwsGarbled
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Mapping

    Answer: TypeAlias = Mapping[str, Any]  # one structure of the answer

LONGEST: Final = 65_536  # characters: a secret's value; nothing that we read is longer
_LARGEST: Final = 2**63 - 1  # what a long of the service model, and SQLite, can hold


def text(answer: Answer, name: str, *, limit: int = LONGEST) -> str:
    """A text of at most `limit` characters that UTF-8 has room for.

    Raises:
        AwsGarbled: it is missing, something else, or too long.
    """
    value = answer.get(name)
    if not isinstance(value, str):
        _refuse(name, Said("a text"))
    return _checked(value, name, limit)


def text_or(answer: Answer, name: str, default: str = "", *, limit: int = LONGEST) -> str:
    """As `text`, but `default` where it is missing."""
    return default if answer.get(name) is None else text(answer, name, limit=limit)


def number(answer: Answer, name: str) -> int:
    """A whole number from 0 on, that fits into 63 bits.

    Raises:
        AwsGarbled: it is missing or something else.
    """
    value = answer.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        _refuse(name, Said("a whole number"))
    return value


def flag(answer: Answer, name: str, *, default: bool = False) -> bool:
    """True or false; `default` where it is missing."""
    value = answer.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        _refuse(name, Said("true or false"))
    return value


def moment(answer: Answer, name: str) -> datetime | None:
    """A moment in UTC, in whole milliseconds as the vault keeps it; None where it is missing.

    Raises:
        AwsGarbled: it is something else, or outside of the years that can be told.
    """
    value = answer.get(name)
    if value is None:
        return None
    if not isinstance(value, datetime) or value.tzinfo is None:
        _refuse(name, Said("a moment"))
    try:
        return value.astimezone(UTC).replace(microsecond=value.microsecond // 1000 * 1000)
    except (OverflowError, ValueError, OSError):
        _refuse(name, Said("a moment"))


def octets(answer: Answer, name: str) -> bytes:
    """A blob, as bytes.

    Raises:
        AwsGarbled: it is missing or something else, or larger than any value can be.
    """
    value = answer.get(name)
    if not isinstance(value, bytes) or len(value) > LONGEST:
        _refuse(name, Said("a blob"))
    return value


def structure(answer: Answer, name: str) -> dict[str, Any]:
    """A structure inside the answer.

    Raises:
        AwsGarbled: it is missing or something else.
    """
    value = answer.get(name)
    if not isinstance(value, dict):
        _refuse(name, Said("a structure"))
    return value


def rows(answer: Answer, name: str, *, limit: int | None = None) -> list[dict[str, Any]]:
    """A list of structures; empty where it is missing. More than `limit` of them are refused."""
    value = answer.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        _refuse(name, Said("a list of structures"))
    if limit is not None and len(value) > limit:
        _refuse(name, Said("a list of at most {limit}", limit=limit))
    return value


def texts(answer: Answer, name: str, *, limit: int = LONGEST) -> list[str]:
    """A list of texts of at most `limit` characters each; empty where it is missing."""
    value = answer.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        _refuse(name, Said("a list of texts"))
    return [_checked(item, name, limit) for item in value]


def texts_by_text(answer: Answer, name: str) -> dict[str, list[str]]:
    """A map of texts to lists of texts, such as VersionIdsToStages; empty where it is missing."""
    value = answer.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        _refuse(name, Said("a map of lists"))
    return {_checked(key, name, LONGEST): texts(value, key) for key in value}


def pairs(answer: Answer, name: str, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """A list of pairs, such as Tags, as a map; empty where it is missing.

    Raises:
        AwsGarbled: it is something else, or a key comes twice.
    """
    found = rows(answer, name)
    told = {text(row, key): text_or(row, value) for row in found}
    if len(told) < len(found):
        _refuse(name, Said("a list of different keys"))
    return told


def next_token(answer: Answer, name: str = "NextToken", *, before: str = "") -> str:
    """The token of the next page; empty at the end.

    Raises:
        AwsGarbled: it is no text, or the one `before` again, which would never end.
    """
    token = text_or(answer, name)
    if token and token == before:
        _refuse(name, Said("a token that gets on"))
    return token


def _checked(value: str, name: str, limit: int) -> str:
    if len(value) > limit:
        _refuse(name, Said("a text of at most {limit} characters", limit=limit))
    try:
        value.encode()
    except UnicodeEncodeError:
        _refuse(name, Said("a text in Unicode"))
    return value


def _refuse(name: str, wanted: Said) -> NoReturn:
    raise AwsGarbled(Said("{name} in its answer is not {wanted}", name=name, wanted=wanted))
