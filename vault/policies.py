"""Parameter policies: AWS's JSON grammar for them, inheritance from folders, and what they say at a moment.

Reference section 1.9. A timestamp keeps the spelling it came with, so that what AWS holds and what the vault
holds compare equal. Pure: `now` is always an argument, nothing here acts on what is due.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.errors import Refused, Said, said_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EXPIRATION: Final = "Expiration"
EXPIRATION_NOTIFICATION: Final = "ExpirationNotification"
NO_CHANGE_NOTIFICATION: Final = "NoChangeNotification"

MAX_POLICIES: Final = 10
MAX_JSON: Final = 4096  # characters of the whole set as JSON
_VERSION = "1.0"
_UNIT_HOURS: Final = {"Hours": 1, "Days": 24}
_ATTRIBUTES: Final = {
    EXPIRATION: ("Timestamp",),
    EXPIRATION_NOTIFICATION: ("Before", "Unit"),
    NO_CHANGE_NOTIFICATION: ("After", "Unit"),
}
# an instant, or an offset date-time whose offset may have seconds, as in AWS's own example "+10:30:00"
_TIMESTAMP = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)",
    re.ASCII,
)
_AMOUNT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)  # 99,999 days are 273 years
_DURATION = re.compile(r"([1-9][0-9]{0,5})([mhdw])", re.ASCII)
_WIDEST_OFFSET: Final = timedelta(hours=18)  # java.time.ZoneOffset, which AWS reads with
_EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)
_DURATION_MINUTES: Final = {"m": 1, "h": 60, "d": 1440, "w": 10080}


class Policy(NamedTuple):
    """One parameter policy, its attributes spelled as they were given."""

    kind: str  # "Expiration", "ExpirationNotification" or "NoChangeNotification"
    timestamp: str | None = None  # of an Expiration
    amount: str | None = None  # of a notification: AWS's Before or After, a whole number
    unit: str | None = None  # of a notification: "Days" or "Hours"

    @property
    def moment(self) -> datetime:
        """When an Expiration is due, in UTC."""
        return parse_timestamp(self.timestamp or "")

    @property
    def span(self) -> timedelta:
        """How long before an expiration, or after a change, a notification is due."""
        return timedelta(hours=int(self.amount or "0") * _UNIT_HOURS[self.unit or "Hours"])

    @property
    def attributes(self) -> dict[str, str]:
        """AWS's Attributes object."""
        if self.kind == EXPIRATION:
            return {"Timestamp": self.timestamp or ""}
        return dict(zip(_ATTRIBUTES[self.kind], (self.amount or "", self.unit or ""), strict=True))


class Notice(NamedTuple):
    """Something a policy has to say at a moment."""

    due_at: datetime  # UTC
    policy: Policy


def parse_policies(text: str) -> tuple[Policy, ...]:
    """Read a policy set as PutParameter takes it; `[{}]`, `[]` and an empty text are the empty set.

    Raises:
        Refused: "ValidationException" (not this JSON, or longer than 4096 characters),
            "PoliciesLimitExceededException" (more than 10), "InvalidPolicyTypeException",
            "InvalidPolicyAttributeException" or "IncompatiblePolicyException" (see `check_set`).
    """
    if len(text) > MAX_JSON:
        raise _malformed(
            Said(
                "The policies have {count} characters; at most {max_json} are allowed.",
                count=len(text),
                max_json=MAX_JSON,
            )
        )
    if not text.strip():
        return ()
    elements = _elements(text)
    if elements == [{}]:
        return ()
    if len(elements) > MAX_POLICIES:
        raise _too_many(len(elements))
    policies = tuple(_policy(element) for element in elements)
    check_set(policies)
    return policies


def check_set(policies: Sequence[Policy]) -> None:
    """Check policies against each other: at most 10, one Expiration, no two alike.

    A notification ahead of an expiration may stand without one: a folder may give it.

    Raises:
        Refused: "PoliciesLimitExceededException" or "IncompatiblePolicyException".
    """
    if len(policies) > MAX_POLICIES:
        raise _too_many(len(policies))
    expirations = sum(policy.kind == EXPIRATION for policy in policies)
    if expirations > 1 or len(set(policies)) < len(policies):
        what = Said("two Expiration policies") if expirations > 1 else Said("the same policy twice")
        aws = "IncompatiblePolicyException"
        message = Said(
            "There is a conflict in the policies specified for this parameter. You can't, for example, "
            "specify two Expiration policies for a parameter. Review your policies, and try again. "
            "(Here: {what}.)",
            what=what,
        )
        raise Refused(aws, message)


def policies_json(policies: Iterable[Policy]) -> str:
    """Write a policy set as PutParameter takes it; the empty set is `[{}]`, which clears there."""
    import json  # start-up: most commands meet no policy

    elements = [{"Type": p.kind, "Version": _VERSION, "Attributes": p.attributes} for p in policies]
    return json.dumps(elements or [{}], separators=(",", ":"))


@lru_cache(1024)  # a folder's is asked for with every entry below it
def parse_timestamp(text: str) -> datetime:
    """Read an ISO moment: `2018-12-02T21:34:33.000Z` or `2019-11-01T22:13:48.87+10:30:00`.

    Returns:
        The moment in UTC, to the microsecond.

    Raises:
        Refused: "InvalidPolicyAttributeException": another form, no time zone, or no such day.
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise _bad_attribute(
            Said(
                "Timestamp {text} is no ISO 8601 moment such as 2018-12-02T21:34:33.000Z.",
                text=repr(text[:64]),
            )
        )
    year, month, day, hour, minute, second, fraction, sign, *offset = found.groups(default="0")
    ahead_hours, ahead_minutes, ahead_seconds = map(int, offset)
    ahead = timedelta(hours=ahead_hours, minutes=ahead_minutes, seconds=ahead_seconds)
    if ahead_minutes > 59 or ahead_seconds > 59 or ahead > _WIDEST_OFFSET:  # noqa: PLR2004
        raise _bad_attribute(
            Said("Timestamp {text}: no clock on earth differs that much from UTC.", text=repr(text))
        )
    zone = timezone(-ahead if sign == "-" else ahead)
    micros = int(fraction.ljust(6, "0")[:6])
    try:
        moment = datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second), micros, tzinfo=zone
        )
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad_attribute(
            Said("Timestamp {text} is no moment of the calendar.", text=repr(text))
        ) from None


def expiration(at: datetime) -> Policy:
    """Make the Expiration policy of a moment, in AWS's instant form with milliseconds (rounded down).

    Raises:
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        msg = "a moment without a time zone"
        raise ValueError(msg)
    stamp = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Policy(EXPIRATION, timestamp=stamp)


def parse_duration(text: str) -> timedelta:
    """Read "30m", "12h", "90d" or "2w": a whole number of minutes, hours, days or weeks.

    Raises:
        Refused: "ValidationException".
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise _malformed(
            Said("{text} is no length of time such as 30m, 12h, 90d or 2w.", text=repr(text[:32]))
        )
    return timedelta(minutes=int(found[1]) * _DURATION_MINUTES[found[2]])


def effective(own: Sequence[Policy], folder_levels: Iterable[Sequence[Policy]]) -> tuple[Policy, ...]:
    """Merge an entry's policies with those of the folders above it, kind by kind.

    All policies of one kind come from one place: the entry, or else the nearest folder that has that kind.

    Args:
        own: the entry's own policies.
        folder_levels: the policies set on each folder above it, the nearest first.
    """
    merged = list(own)
    settled = {policy.kind for policy in own}
    for level in folder_levels:
        merged += [policy for policy in level if policy.kind not in settled]
        settled |= {policy.kind for policy in level}
    return tuple(merged)


def expires_at(policies: Iterable[Policy]) -> datetime | None:
    """Say when the (effective) policies expire an entry, in UTC, as the vault keeps it; None for never."""
    moment = next((policy.moment for policy in policies if policy.kind == EXPIRATION), None)
    return moment and moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def unexpired(policies: Iterable[Policy], now: datetime) -> tuple[Policy, ...]:
    """`policies` without an Expiration that has passed at `now`."""
    return tuple(policy for policy in policies if policy.kind != EXPIRATION or policy.moment > now)


def schedule(policies: Sequence[Policy], modified_at: datetime) -> tuple[Notice, ...]:
    """List the moments at which the (effective) policies have something to say, in order of time.

    An ExpirationNotification without an Expiration is silent.

    Args:
        policies: own and inherited.
        modified_at: when the entry was last created or changed; restarts every NoChangeNotification.
    """
    end = expires_at(policies)
    notices = []
    for policy in policies:
        if policy.kind == NO_CHANGE_NOTIFICATION:
            due = shifted(modified_at, policy.span)
        elif end is None:
            continue
        else:
            due = end if policy.kind == EXPIRATION else shifted(end, -policy.span)
        notices.append(Notice(due, policy))
    return tuple(sorted(notices, key=lambda notice: notice.due_at))


def needs_advanced(policies: Sequence[Policy]) -> bool:
    """Whether AWS would hold these only on a parameter of the Advanced tier: any policy at all."""
    return len(policies) > 0


def _elements(text: str) -> list[Any]:
    """Parse the JSON array, refusing what JSON readers disagree on: a key given twice, NaN."""
    from vault.json_text import parsed  # start-up: most commands meet no policy

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            msg = "a key stands twice"
            raise ValueError(msg)
        return dict(pairs)

    try:
        elements = parsed(text, object_pairs_hook=unique)
    except ValueError as error:
        raise _malformed(
            Said("The policies are not a JSON array of policies: {why}.", why=said_by(error))
        ) from None
    if not isinstance(elements, list):
        message = Said("The policies are not a JSON array of policies.")
        raise _malformed(message)
    return elements


def _policy(element: object) -> Policy:
    """Read one element: exactly Type, Version and Attributes, every attribute a string."""
    if (
        not isinstance(element, dict)
        or not isinstance(kind := element.get("Type"), str)
        or kind not in _ATTRIBUTES
    ):
        aws = "InvalidPolicyTypeException"
        message = Said(
            "The policy type isn't supported. Parameter Store supports: {attributes}.",
            attributes=", ".join(_ATTRIBUTES),
        )
        raise Refused(aws, message)
    if set(element) != {"Type", "Version", "Attributes"} or element["Version"] != _VERSION:
        raise _bad_attribute(
            Said(
                '{kind} has exactly Type, Version ("{version}") and Attributes.', kind=kind, version=_VERSION
            )
        )
    given, names = element["Attributes"], _ATTRIBUTES[kind]
    if not isinstance(given, dict) or set(given) != set(names):
        raise _bad_attribute(
            Said("{kind} has exactly the attributes {names}.", kind=kind, names=" and ".join(names))
        )
    if not all(isinstance(value, str) for value in given.values()):
        raise _bad_attribute(Said("{kind}: every attribute is a string.", kind=kind))
    if kind == EXPIRATION:
        parse_timestamp(given["Timestamp"])
        return Policy(kind, timestamp=given["Timestamp"])
    if not _AMOUNT.fullmatch(given[names[0]]):
        raise _bad_attribute(
            Said("{kind}: {name} is a whole number from 1 to 99999, as a string.", kind=kind, name=names[0])
        )
    if given["Unit"] not in _UNIT_HOURS:
        raise _bad_attribute(Said("{kind}: Unit is Days or Hours.", kind=kind))
    return Policy(kind, amount=given[names[0]], unit=given["Unit"])


def shifted(moment: datetime, by: timedelta) -> datetime:
    """Give `moment + by`, or the end of the calendar that it would pass."""
    try:
        return moment + by
    except OverflowError:
        return _LATEST if by > timedelta(0) else _EARLIEST


def _malformed(message: Said) -> Refused:
    return Refused("ValidationException", message)


def _bad_attribute(message: Said) -> Refused:
    return Refused(
        "InvalidPolicyAttributeException",
        Said("A policy attribute or its value is invalid. {message}", message=message),
    )


def _too_many(count: int) -> Refused:
    return Refused(
        "PoliciesLimitExceededException",
        Said(
            "You specified more than the maximum number of allowed policies for the parameter. The maximum "
            "is {max_policies}; here are {count}.",
            max_policies=MAX_POLICIES,
            count=count,
        ),
    )
