"""Cron expressions of AWS's rotation schedules: what they mean, and what is refused."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.rotation import cron
from vault.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 11, 22, 10, 20, 30, tzinfo=UTC)  # a Sunday


def openings(text: str, since: datetime = NOW) -> Iterator[str]:
    read = cron.parse(text)
    while found := read.after(since):
        since = found
        yield since.strftime("%Y-%m-%d %H")


MEANT = {  # every example of AWS's pages, and what they do not show
    "every eight hours": ("0 /8 * * ? *", "2026-11-22 16", "2026-11-23 00", "2026-11-23 08"),
    "every eight hours, with a star": ("0 */8 * * ? *", "2026-11-22 16", "2026-11-23 00"),
    "every eight hours from 8": ("0 8/8 * * ? *", "2026-11-22 16", "2026-11-23 08", "2026-11-23 16"),
    "every ten hours from 2, anew each day": (
        "0 2/10 * * ? *",
        "2026-11-22 12",
        "2026-11-22 22",
        "2026-11-23 02",
    ),
    "twice a day": ("0 4/12 * * ? *", "2026-11-22 16", "2026-11-23 04", "2026-11-23 16"),
    "every day at 10": ("0 10 * * ? *", "2026-11-23 10", "2026-11-24 10"),
    "every day by the weekday": ("0 10 ? * * *", "2026-11-23 10", "2026-11-24 10"),
    "every Saturday": ("0 18 ? * SAT *", "2026-11-28 18", "2026-12-05 18"),
    "the first day of every month": ("0 8 1 * ? *", "2026-12-01 08", "2027-01-01 08"),
    "every third month on the first Sunday": (
        "0 1 ? 1/3 SUN#1 *",
        "2027-01-03 01",
        "2027-04-04 01",
        "2027-07-04 01",
    ),
    "the last day of every month": (
        "0 17 L * ? *",
        "2026-11-30 17",
        "2026-12-31 17",
        "2027-01-31 17",
        "2027-02-28 17",
    ),
    "working days": ("0 8 ? * MON-FRI *", "2026-11-23 08", "2026-11-24 08"),
    "the 1st and the 15th": ("0 16 1,15 * ? *", "2026-12-01 16", "2026-12-15 16"),
    "the first Sunday": ("0 0 ? * SUN#1 *", "2026-12-06 00", "2027-01-03 00"),
    "every eleventh month on the first Monday": (
        "0 0 ? 1/11 2#1 *",
        "2026-12-07 00",
        "2027-01-04 00",
        "2027-12-06 00",
    ),
    "the last Sunday of every month": ("0 1 SUNL * ? *", "2026-11-29 01", "2026-12-27 01", "2027-01-31 01"),
    "the last day of the week": ("0 1 ? * L *", "2026-11-28 01", "2026-12-05 01"),
    "the third Tuesday": ("0 1 ? * TUE#3 *", "2026-12-15 01", "2027-01-19 01"),
    "a fifth Sunday is in some months only": (
        "0 1 ? * SUN#5 *",
        "2026-11-29 01",
        "2027-01-31 01",
        "2027-05-30 01",
    ),
    "every other day, anew each month": ("0 0 1/2 * ? *", "2026-11-23 00", "2026-11-25 00"),
    "every other day of the week": (
        "0 0 ? * 1/2 *",
        "2026-11-24 00",
        "2026-11-26 00",
        "2026-11-28 00",
        "2026-11-29 00",
    ),
    "days 1 and 4 of the week": ("0 0 ? * 1,4 *", "2026-11-25 00", "2026-11-29 00"),
    "four months by name": ("0 0 1 JAN,APR,JUL,OCT ? *", "2027-01-01 00", "2027-04-01 00", "2027-07-01 00"),
    "three months in a row": (
        "0 0 1 1-3 ? *",
        "2027-01-01 00",
        "2027-02-01 00",
        "2027-03-01 00",
        "2028-01-01 00",
    ),
    "ranges and single ones": (
        "0 0 1-2,31 DEC ? *",
        "2026-12-01 00",
        "2026-12-02 00",
        "2026-12-31 00",
        "2027-12-01 00",
    ),
    "names in small letters": ("0 0 ? jan sun#1 *", "2027-01-03 00", "2028-01-02 00"),
    "the 31st, where there is one": ("0 0 31 * ? *", "2026-12-31 00", "2027-01-31 00", "2027-03-31 00"),
    "leap days": ("0 0 29 2 ? *", "2028-02-29 00", "2032-02-29 00"),
    "leap days on a Sunday, past the year that has none": (
        "0 0 ? FEB SUN#5 *",
        "2032-02-29 00",
        "2060-02-29 00",
        "2088-02-29 00",
        "2128-02-29 00",
    ),
}


@pytest.mark.parametrize("case", MEANT.values(), ids=MEANT)
def test_it_opens(case: tuple[str, ...]) -> None:
    text, *expected = case
    assert list(islice(openings(text), len(expected))) == expected


REFUSED = {
    "nothing": ("", "six fields"),
    "five fields": ("0 8 * * ?", "six fields"),
    "seven fields": ("0 0 8 * * ? *", "six fields"),
    "two spaces": ("0  8 * * ? *", "six fields"),
    "a minute": ("30 8 * * ? *", "Minutes must be 0"),
    "any minute": ("* 8 * * ? *", "Minutes must be 0"),
    "a year": ("0 8 * * ? 2027", "Year must be"),
    "both day fields": ("0 8 1 * MON *", "exactly one of"),
    "a star in both day fields": ("0 8 * * * *", "exactly one of"),
    "no day field": ("0 8 ? * ? *", "exactly one of"),
    "hour 24": ("0 24 * * ? *", "Hours is from 0 to 23, not 24"),
    "a list of hours": ("0 8,20 * * ? *", "Hours does not take ','"),
    "a range of hours": ("0 8-20 * * ? *", "Hours does not take '-'"),
    "a question mark for hours": ("0 ? * * ? *", "Hours '\\?' makes no sense"),
    "every hour": ("0 * * * ? *", "opens 1 h after it opened"),
    "every three hours": ("0 /3 * * ? *", "opens 3 h after it opened"),
    "three hours over midnight": ("0 /7 * * ? *", "opens 3 h after it opened"),
    "an increment of nothing": ("0 /0 * * ? *", "increment is from 1 to 23, not 0"),
    "an increment of a day": ("0 /24 * * ? *", "increment is from 1 to 23, not 24"),
    "two increments": ("0 4/4/4 * * ? *", "makes no sense"),
    "day 0": ("0 8 0 * ? *", "from 1 to 31, not 0"),
    "day 32": ("0 8 32 * ? *", "from 1 to 31, not 32"),
    "a weekday among days": ("0 8 MON * ? *", "from 1 to 31, not MON"),
    "L in a list": ("0 8 1,L * ? *", "from 1 to 31, not L"),
    "the last of no day": ("0 8 XXXL * ? *", "Day-of-week is from 1 to 7 or SUN to SAT, not XXX"),
    "a range that runs backwards": ("0 8 15-1 * ? *", "runs backwards"),
    "a range without end": ("0 8 1- * ? *", "makes no sense"),
    "an empty place in a list": ("0 8 1,,2 * ? *", "makes no sense"),
    "a day that no month has": ("0 8 31 FEB ? *", "never opens"),
    "month 13": ("0 8 1 13 ? *", "Month is from 1 to 12 or JAN to DEC, not 13"),
    "no month": ("0 8 1 ? ? *", "makes no sense"),
    "weekday 0": ("0 8 ? * 0 *", "from 1 to 7 or SUN to SAT, not 0"),
    "weekday 8": ("0 8 ? * 8 *", "from 1 to 7 or SUN to SAT, not 8"),
    "a sixth Sunday": ("0 8 ? * SUN#6 *", "makes no sense"),
    "a list of numbered weekdays": ("0 8 ? * SUN#1,MON#2 *", "makes no sense"),
    "the last Friday in the wrong field": ("0 8 ? * FRIL *", "FRIL in Day-of-month"),
    "the nearest working day": ("0 8 15W * ? *", "from 1 to 31, not 15W"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_the_reason_and_an_example(text: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as caught:
        cron.parse(text)
    assert caught.value.aws == "InvalidParameterException"
    assert caught.value.message.endswith("An example: cron(0 8 ? * MON-FRI *).")


def test_three_hours_over_midnight_are_no_matter_where_the_next_day_has_no_window() -> None:
    assert list(islice(openings("0 /7 ? * SUN *"), 3)) == ["2026-11-22 14", "2026-11-22 21", "2026-11-29 00"]


def test_a_year_ends_in_the_middle_of_a_schedule() -> None:
    eve = datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert list(islice(openings("0 /12 * * ? *", eve), 2)) == ["2027-01-01 00", "2027-01-01 12"]


def test_nothing_opens_beyond_the_calendar() -> None:
    assert cron.parse("0 8 1 1 ? *").after(datetime(9999, 6, 1, tzinfo=UTC)) is None


def test_what_opened_at_the_moment_itself_is_not_after_it_but_by_it() -> None:
    read, opening = cron.parse("0 8 * * ? *"), datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert read.after(opening) == opening + timedelta(days=1)
    assert read.by(opening - timedelta(seconds=1), opening) == opening
    assert read.by(opening, opening) is None


# The oracle reads the same drawn parts, and goes from hour to hour.

DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def last_of(day: date) -> int:
    return monthrange(day.year, day.month)[1]


class Drawn(NamedTuple):
    """An expression, and what its parts mean."""

    text: str
    hours: set[int]
    months: set[int]
    kind: str
    numbers: set[int]
    nth: int


@st.composite
def items(draw: st.DrawFn, low: int, high: int, names: tuple[str, ...] = ()) -> tuple[str, set[int]]:
    """A list of values, ranges and increments, and the numbers that it means."""

    by_name = bool(names) and draw(st.booleans())

    def spelt(number: int) -> str:
        return names[number - low] if by_name else str(number)

    texts, meant = list[str](), set[int]()
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(low, high))
        last = draw(st.integers(first, high))
        step = draw(st.integers(1, high))
        choices = {
            spelt(first): {first},
            f"{spelt(first)}-{spelt(last)}": set(range(first, last + 1)),
            f"{spelt(first)}/{step}": set(range(first, high + 1, step)),
            f"/{step}": set(range(low, high + 1, step)),
            "*": set(range(low, high + 1)),
        }
        text, numbers = draw(st.sampled_from(sorted(choices.items(), key=str)))
        texts.append(text)
        meant |= numbers
    return ",".join(texts), meant


@st.composite
def expressions(draw: st.DrawFn) -> Drawn:
    hour, every = draw(st.integers(0, 23)), draw(st.integers(4, 24))
    hours = set(range(hour, 24, every)) if every < 24 else {hour}
    month = draw(items(1, 12, MONTHS))
    kind = draw(st.sampled_from(["days", "last", "last named", "weekdays", "nth"]))
    text, numbers, nth = "L", set[int](), 0
    if kind == "days":
        text, numbers = draw(items(1, 31))
    elif kind == "weekdays":
        text, numbers = draw(items(1, 7, DAYS))
    elif kind != "last":
        weekday, nth = draw(st.integers(1, 7)), draw(st.integers(1, 5))
        numbers, name = {weekday}, DAYS[weekday - 1]
        text = f"{name}L" if kind == "last named" else f"{name}#{nth}"
    by_week = kind in {"weekdays", "nth"}
    days = f"? {month[0]} {text}" if by_week else f"{text} {month[0]} ?"
    at = f"{hour}/{every}" if every < 24 else str(hour)
    return Drawn(f"0 {at} {days} *", hours, month[1], kind, numbers, nth)


def opens(drawn: Drawn, moment: datetime) -> bool:
    """Whether a window opens in an hour: the oracle."""
    _, hours, months, kind, numbers, nth = drawn
    if moment.hour not in hours or moment.month not in months:
        return False
    weekday = int(moment.strftime("%w")) + 1
    return {
        "days": moment.day in numbers,
        "last": moment.day == last_of(moment),
        "last named": weekday in numbers and moment.day > last_of(moment) - 7,
        "weekdays": weekday in numbers,
        "nth": weekday in numbers and 7 * (nth - 1) < moment.day <= 7 * nth,
    }[kind]


MOMENTS = st.datetimes(datetime(2023, 12, 1), datetime(2028, 3, 2), timezones=st.just(UTC))  # noqa: DTZ001


@given(expressions(), MOMENTS)
def test_it_opens_where_going_from_hour_to_hour_finds_it(drawn: Drawn, since: datetime) -> None:
    try:
        read = cron.parse(drawn.text)
    except Refused as error:
        assume("opens" not in error.message)  # too often, or never
        raise
    hour = since.replace(minute=0, second=0, microsecond=0)
    hours = [hour + timedelta(hours=n) for n in range(1, 24 * 70)]
    expected = next((moment for moment in hours if opens(drawn, moment)), None)
    found = read.after(since)
    assert found is not None
    if expected is None:
        assert found > hours[-1]
        return
    assert found == expected
    assert read.by(since, found) == found
    assert read.by(since, found - timedelta(microseconds=1)) is None
    window = [found + timedelta(hours=n) for n in range(73)]
    assert read.by(since, window[-1]) == max(moment for moment in window if opens(drawn, moment))
