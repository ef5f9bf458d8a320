"""The moments a person types: "90d", "2027-01-31", "2027-01-31T18:00Z".

Pure: `now` is an argument. What policies say at a moment is `vault.policies`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vault.errors import Refused
from vault.policies import EXPIRATION, expiration, parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.policies import Policy


def parse_span(text: str) -> timedelta:
    """A length of time such as "30m", "12h", "90d" or "2w".

    Raises:
        ValueError: it is none; the text is not repeated.
    """
    try:
        return parse_duration(text)
    except Refused:
        raise ValueError('give a length of time such as "30m", "12h", "90d" or "2w"') from None


def parse_when(text: str) -> timedelta | datetime:
    """A length of time ("90d"), or a moment in ISO 8601; without a zone it is in the user's own.

    Raises:
        ValueError: it is neither; the text is not repeated.
    """
    try:
        return parse_span(text.strip())
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            'give a length of time such as "12h", "90d" or "2w", or a moment such as "2027-01-31" or '
            '"2027-01-31T18:00Z"'
        ) from None


def parse_past(text: str) -> timedelta | datetime:
    """As `parse_when`; "2h ago" is "2h".

    Raises:
        ValueError: as there.
    """
    return parse_when(text.strip().removesuffix(" ago"))


def ahead(when: timedelta | datetime, now: datetime) -> datetime:
    """The moment meant by `when`; a length counts forward from `now`.

    Raises:
        ValueError: it is not ahead of `now`, or lies beyond the calendar.
    """
    at = when if isinstance(when, datetime) else _shifted(now, when)
    if at <= now:
        raise ValueError("that moment has passed: what expires then would go to the trash at once")
    return at


def back(when: timedelta | datetime, now: datetime) -> datetime:
    """The moment meant by `when`; a length counts back from `now`.

    Raises:
        ValueError: it lies beyond the calendar.
    """
    return when if isinstance(when, datetime) else _shifted(now, -when)


def with_expiration(policies: Iterable[Policy], at: datetime) -> tuple[Policy, ...]:
    """`policies` with their Expiration, if any, replaced by one that is due at `at`."""
    return (expiration(at), *(policy for policy in policies if policy.kind != EXPIRATION))


def _shifted(now: datetime, by: timedelta) -> datetime:
    try:
        return now + by
    except OverflowError:
        raise ValueError("that moment lies beyond the calendar") from None
