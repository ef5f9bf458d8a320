"""The cron expressions of AWS's rotation schedules: when their windows open. Pure.

AWS takes less here than elsewhere: windows open on the hour, every year, and at least four hours apart.
Reference section 2.5.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Never

from vault.errors import Refused, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIN_GAP: Final = 4  # hours between two openings
EXAMPLE: Final = "cron(0 8 ? * MON-FRI *)"

_DAY_NAMES: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")  # 1 to 7
_MONTH_NAMES: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_FIELDS: Final = 6
_SATURDAY: Final = 7
_HOURS_OF_DAY: Final = 24
_LAST_DAY: Final = date.max.toordinal() - 1  # of the calendar, with room for a window's end
_FEW_YEARS: Final = range(
    date(2000, 1, 1).toordinal(), date(2028, 1, 1).toordinal()
)  # weekdays recur after 28


class _Field(NamedTuple):
    name: str
    low: int
    high: int
    takes: str  # of the wildcards , - * /
    example: str
    names: tuple[str, ...] = ()


_HOURS = _Field("Hours", 0, 23, "*/", "8 or 4/12")
_DAY_OF_MONTH = _Field("Day-of-month", 1, 31, ",-*/", "1,15 or L or SUNL")
_MONTH = _Field("Month", 1, 12, ",-*/", "JAN-MAR or 1/3", _MONTH_NAMES)
_DAY_OF_WEEK = _Field("Day-of-week", 1, 7, ",-*/", "MON-FRI or TUE#3", _DAY_NAMES)


class Cron(NamedTuple):
    """A cron expression, read. Moments are UTC."""

    hours: tuple[int, ...]  # of a day, ascending
    months: frozenset[int]
    days: Callable[[date], bool]  # whether it opens on a day, if it does so in its month

    def after(self, moment: datetime) -> datetime | None:
        """The first opening after a moment; None beyond the calendar."""
        days = range(moment.toordinal(), _LAST_DAY + 1)
        return next((opening for opening in self._openings(days) if opening > moment), None)

    def by(self, since: datetime, moment: datetime) -> datetime | None:
        """The last opening after `since` and not after `moment`."""
        days = range(moment.toordinal(), since.toordinal() - 1, -1)
        for ordinal in days:
            openings = self._openings(range(ordinal, ordinal + 1))
            if found := [opening for opening in openings if since < opening <= moment]:
                return found[-1]
        return None

    def _openings(self, days: range) -> Iterator[datetime]:
        for ordinal in days:
            day = date.fromordinal(ordinal)
            if day.month in self.months and self.days(day):
                yield from (datetime.combine(day, time(hour), UTC) for hour in self.hours)


def parse(text: str) -> Cron:
    """Read what stands between the brackets of `cron(…)`.

    Raises:
        Refused: "InvalidParameterException": AWS has no such schedule; it never opens; it opens more often
            than every four hours.
    """
    fields = text.split(" ")
    if len(fields) != _FIELDS:
        _refuse(
            Said("cron() has six fields, one space apart: Minutes Hours Day-of-month Month Day-of-week Year")
        )
    minutes, hours, of_month, month, of_week, year = (field.upper() for field in fields)
    if minutes != "0":
        _refuse(Said("Minutes must be 0: a rotation window opens on the hour"))
    if year != "*":
        _refuse(Said("Year must be *"))
    made = Cron(tuple(sorted(_numbers(_HOURS, hours))), _numbers(_MONTH, month), _days(of_month, of_week))
    _check_gaps(made)
    return made


def _days(of_month: str, of_week: str) -> Callable[[date], bool]:
    if (of_month == "?") is (of_week == "?"):
        _refuse(Said("exactly one of Day-of-month and Day-of-week must be ?"))
    if of_week == "?":
        if of_month == "L":
            return _is_last
        if found := re.fullmatch(r"([A-Z]{3})L", of_month):
            return partial(_is_last_named, _value(_DAY_OF_WEEK, found[1]))
        return partial(_is_day_of, _numbers(_DAY_OF_MONTH, of_month))
    if of_week == "L":
        return partial(_is_weekday_of, frozenset({_SATURDAY}))
    if of_week.endswith("L"):
        _refuse(Said("L stands alone in Day-of-week; the last Friday of a month is FRIL in Day-of-month"))
    if found := re.fullmatch(r"([A-Z0-9]+)#([1-5])", of_week):
        return partial(_is_nth_named, _value(_DAY_OF_WEEK, found[1]), int(found[2]))
    return partial(_is_weekday_of, _numbers(_DAY_OF_WEEK, of_week))


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1  # 1 is Sunday


def _is_last(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _is_last_named(weekday: int, day: date) -> bool:
    return _weekday(day) == weekday and day.day + 7 > monthrange(day.year, day.month)[1]


def _is_nth_named(weekday: int, nth: int, day: date) -> bool:
    return _weekday(day) == weekday and (day.day + 6) // 7 == nth


def _is_day_of(numbers: frozenset[int], day: date) -> bool:
    return day.day in numbers


def _is_weekday_of(numbers: frozenset[int], day: date) -> bool:
    return _weekday(day) in numbers


def _numbers(field: _Field, text: str) -> frozenset[int]:
    for sign in ",-*/":
        if sign in text and sign not in field.takes:
            _refuse(
                Said(
                    "{field} does not take {sign}; write it such as {example}",
                    field=field.name,
                    sign=repr(sign),
                    example=field.example,
                )
            )
    return frozenset(number for item in text.split(",") for number in _item(field, text, item))


def _item(field: _Field, text: str, item: str) -> range:
    found = re.fullmatch(r"(?P<all>\*)|(?P<at>\w+)(-(?P<to>\w+))?|(?P<start>\*|\w+)?/(?P<step>\d{1,2})", item)
    if found is None:
        _refuse(
            Said(
                "{field} {text} makes no sense; write it such as {example}",
                field=field.name,
                text=repr(text),
                example=field.example,
            )
        )
    if found["all"]:
        return range(field.low, field.high + 1)
    if found["at"]:
        first = _value(field, found["at"])
        last = _value(field, found["to"]) if found["to"] else first
        if last < first:
            _refuse(Said("{field}: the range {item} runs backwards", field=field.name, item=item))
        return range(first, last + 1)
    step = int(found["step"])
    if not 1 <= step <= field.high:
        _refuse(
            Said(
                "{field}: an increment is from 1 to {high}, not {step}",
                field=field.name,
                high=field.high,
                step=step,
            )
        )
    first = field.low if found["start"] in {None, "*"} else _value(field, found["start"])
    return range(first, field.high + 1, step)


def _value(field: _Field, text: str) -> int:
    if text in field.names:
        return field.low + field.names.index(text)
    if not re.fullmatch(r"\d{1,2}", text) or not field.low <= int(text) <= field.high:
        named = (
            Said(" or {first} to {last}", first=field.names[0], last=field.names[-1]) if field.names else ""
        )
        _refuse(
            Said(
                "{field} is from {low} to {high}{named}, not {text}",
                field=field.name,
                low=field.low,
                high=field.high,
                named=named,
                text=text,
            )
        )
    return int(text)


def _check_gaps(cron: Cron) -> None:
    opens = [day for day in map(date.fromordinal, _FEW_YEARS) if day.month in cron.months and cron.days(day)]
    if not opens:
        _refuse(Said("it never opens: no month has such a day"))
    overnight = cron.hours[0] + _HOURS_OF_DAY - cron.hours[-1]
    gaps = [later - hour for hour, later in pairwise(cron.hours)]
    if overnight < MIN_GAP and any((b - a).days == 1 for a, b in pairwise(opens)):
        gaps.append(overnight)
    if min(gaps, default=MIN_GAP) < MIN_GAP:
        _refuse(
            Said(
                "it opens {gaps} h after it opened; AWS rotates at most every {min_gap} hours",
                gaps=min(gaps),
                min_gap=MIN_GAP,
            )
        )


def _refuse(why: Said) -> Never:
    message = Said("ScheduleExpression: {why}. An example: {example}.", why=why, example=EXAMPLE)
    raise Refused("InvalidParameterException", message)
