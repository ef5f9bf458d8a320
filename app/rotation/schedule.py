"""When an entry is rotated: AWS's rotation rules, and the windows that they make. Pure.

Reference section 2.5 and the service model of Secrets Manager. A window is where AWS would rotate at any
moment; it opens on the hour and ends with its UTC day at the latest. Moments are UTC.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from app.rotation import cron
from vault.errors import Refused, Said

if TYPE_CHECKING:
    from vault.records import RotationRules

MAX_AFTER_DAYS: Final = 1000
MAX_EXPRESSION: Final = 256  # characters
MAX_RATE_DAYS: Final = 999

_EXPRESSION: Final = re.compile(r"[0-9A-Za-z()#?*\-/, ]+")
_RATE: Final = re.compile(r"rate\(([1-9][0-9]*) (hour|day)s?\)")
_CRON: Final = re.compile(r"cron\(([^()]*)\)")
_DURATION: Final = re.compile(r"[0-9]{1,2}h")
_DAY: Final = 24  # hours


class Window(NamedTuple):
    """A time in which one rotation is to be begun."""

    start: datetime  # UTC, on the hour
    end: datetime  # UTC, exclusive


class _Rate(NamedTuple):
    """Every so many hours, counted from the last rotation.

    An opening lies on the hours that the rate reaches from a midnight: for 4 hours 0, 4, 8, …, for 10 hours
    the even ones, for whole days midnight.
    """

    hours: int

    def after(self, moment: datetime) -> datetime | None:
        grid = gcd(self.hours, _DAY)
        slot = moment.replace(hour=moment.hour // grid * grid, minute=0, second=0, microsecond=0)
        try:
            opening = slot + timedelta(hours=self.hours)
            opening + timedelta(days=1)  # room for the window's end
        except OverflowError:
            return None
        return opening

    def by(self, since: datetime, moment: datetime) -> datetime | None:
        first = self.after(since)
        if first is None or first > moment:
            return None
        step = timedelta(hours=self.hours)
        return first + (moment - first) // step * step


class _Plan(NamedTuple):
    """Rotation rules, read."""

    openings: _Rate | cron.Cron
    length: int  # hours of a window that no midnight cuts

    def window(self, start: datetime) -> Window:
        midnight = start.replace(hour=0) + timedelta(days=1)
        return Window(start, min(start + timedelta(hours=self.length), midnight))


def check(rules: RotationRules) -> None:
    """Refuse rules that AWS would refuse.

    Raises:
        Refused: "ValidationException" (of another form than AWS's model says) or "InvalidParameterException"
            (they contradict each other, or name no schedule that AWS has).
    """
    _read(rules)


def following(rules: RotationRules, since: datetime) -> Window | None:
    """The first window that opens after a moment.

    Args:
        rules: how often.
        since: when the entry was last rotated, or its rules were set. UTC.

    Returns:
        The window; None where no rule is set, or beyond the calendar.

    Raises:
        Refused: as `check`.
    """
    plan = _read(rules)
    start = plan and plan.openings.after(since)
    return plan.window(start) if plan and start else None


def latest(rules: RotationRules, since: datetime, now: datetime) -> Window | None:
    """The last window that opened after `since` and by `now`; it may be over.

    Raises:
        Refused: as `check`.
    """
    plan = _read(rules)
    start = plan and plan.openings.by(since, now)
    return plan.window(start) if plan and start else None


def window_at(rules: RotationRules, start: datetime) -> Window | None:
    """The window that opens at a moment which `following` gave before; None where no rule is set.

    Raises:
        Refused: as `check`.
    """
    plan = _read(rules)
    return plan and plan.window(start)


@lru_cache(maxsize=512)
def _read(rules: RotationRules) -> _Plan | None:
    days, expression, duration = rules
    if days is not None and expression is not None:
        message = Said("give AutomaticallyAfterDays or ScheduleExpression, not both")
        raise Refused("InvalidParameterException", message)
    hours = None if duration is None else _duration(duration)
    if days is not None:
        if not 1 <= days <= MAX_AFTER_DAYS:
            message = Said(
                "AutomaticallyAfterDays is from 1 to {max_after_days}, such as 30; not {days}",
                max_after_days=MAX_AFTER_DAYS,
                days=days,
            )
            raise Refused("ValidationException", message)
        return _rate_plan(days * _DAY, hours or _DAY)
    if expression is not None:
        return _expression_plan(expression, hours)
    if hours is not None:
        message = Said("Duration needs a schedule that opens its window, such as rate(30 days)")
        raise Refused("InvalidParameterException", message)
    return None


def _duration(text: str) -> int:
    if not _DURATION.fullmatch(text):
        raise Refused(
            "ValidationException",
            Said("Duration {text} is no number of hours such as 3h", text=repr(text[:16])),
        )
    if not 1 <= (hours := int(text[:-1])) <= _DAY:
        message = Said(
            "Duration {text}: a window has 1h to {day}h, because it ends with its UTC day",
            text=text,
            day=_DAY,
        )
        raise Refused("InvalidParameterException", message)
    return hours


def _expression_plan(text: str, hours: int | None) -> _Plan:
    if len(text) > MAX_EXPRESSION or not _EXPRESSION.fullmatch(text):
        message = Said(
            "ScheduleExpression has 1 to {max_expression} letters, digits, spaces and ( ) # ? * - / , "
            "such as rate(10 days) or {example}",
            max_expression=MAX_EXPRESSION,
            example=cron.EXAMPLE,
        )
        raise Refused("ValidationException", message)
    if found := _CRON.fullmatch(text):
        return _cron_plan(cron.parse(found[1]), hours)
    found = _RATE.fullmatch(text)
    if found is None:
        message = Said(
            "ScheduleExpression is rate(N hours), rate(N days) or cron(Minutes Hours Day-of-month Month "
            "Day-of-week Year), such as rate(12 hours), rate(10 days) or {example}",
            example=cron.EXAMPLE,
        )
        raise Refused("InvalidParameterException", message)
    by_day = found[2] == "day"
    every = int(found[1]) * (_DAY if by_day else 1)
    if not cron.MIN_GAP <= every <= MAX_RATE_DAYS * _DAY:
        message = Said(
            "{text}: the shortest rate is rate({min_gap} hours), the longest rate({max_rate_days} days)",
            text=text[:32],
            min_gap=cron.MIN_GAP,
            max_rate_days=MAX_RATE_DAYS,
        )
        raise Refused("InvalidParameterException", message)
    return _rate_plan(every, hours or (_DAY if by_day else 1))


def _rate_plan(every: int, length: int) -> _Plan:
    if length > every:
        message = Said(
            "Duration {length}h runs into the next window: the rate is {every} hours",
            length=length,
            every=every,
        )
        raise Refused("InvalidParameterException", message)
    return _Plan(_Rate(every), length)


def _cron_plan(openings: cron.Cron, length: int | None) -> _Plan:
    hours = openings.hours
    if length is None:
        return _Plan(openings, 1 if len(hours) > 1 else _DAY)
    longest = min(_DAY - hours[-1], *(later - hour for hour, later in pairwise(hours)), _DAY)
    if length > longest:
        opens = ", ".join(f"{hour:02}:00" for hour in hours)
        message = Said(
            "Duration {length}h: a window ends before the next one opens, and with its UTC day; one that "
            "opens at {opens} has {longest}h at most",
            length=length,
            opens=opens,
            longest=longest,
        )
        raise Refused("InvalidParameterException", message)
    return _Plan(openings, length)
