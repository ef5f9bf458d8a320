"""What an option's text may be: pairs, moments, kinds. A wrong one is told without repeating it."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, TypeVar

from app.errors import WrongUsage
from vault.records import Kind, Tier, ValueType

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable
    from datetime import datetime, timedelta
    from enum import StrEnum

    Choice = TypeVar("Choice", bound=StrEnum)


def pair(text: str) -> tuple[str, str]:
    """A tag or context pair, "key=value"; the value may be empty."""
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise ArgumentTypeError("write it as key=value")
    return key, value


def when(text: str) -> timedelta | datetime:
    """See `app.expiry.parse_when`."""
    from app.expiry import parse_when

    try:
        return parse_when(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def past(text: str) -> timedelta | datetime:
    """See `app.expiry.parse_past`."""
    from app.expiry import parse_past

    try:
        return parse_past(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def span(text: str) -> timedelta:
    """See `app.expiry.parse_span`."""
    from app.expiry import parse_span

    try:
        return parse_span(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def whole(text: str) -> int:
    """A whole number from 0."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004  # fits every number here
        raise ArgumentTypeError("write a whole number")
    return int(text)


def kind(text: str) -> Kind:
    """Either "parameter" or "secret", in any case."""
    return _one_of(Kind, text)


def value_type(text: str) -> ValueType:
    """One of AWS's types, in any case."""
    return _one_of(ValueType, text)


def tier(text: str) -> Tier:
    """One of Parameter Store's tiers, in any case."""
    return _one_of(Tier, text)


def _one_of(choices: type[Choice], text: str) -> Choice:
    for choice in choices:
        if choice.value.lower() == text.lower():
            return choice
    raise ArgumentTypeError("choose from " + ", ".join(choice.value for choice in choices))


def pairs(listed: Iterable[tuple[str, str]] | None) -> dict[str, str] | None:
    """The pairs of a repeated option as a mapping; None where it was not given.

    Raises:
        WrongUsage: a key stands twice.
    """
    if listed is None:
        return None
    listed = list(listed)
    if len(dict(listed)) < len(listed):
        raise WrongUsage("a key is given twice")
    return dict(listed)


def yes(parser: ArgumentParser) -> None:
    """Add --yes."""
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def allow(parser: ArgumentParser) -> None:
    """Add --allow."""
    text = (
        "start and connect to what was not allowed on this computer so far, without asking, and remember that"
    )
    parser.add_argument("--allow", action="store_true", help=text)
