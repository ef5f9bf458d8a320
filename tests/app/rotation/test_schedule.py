"""AWS's rotation rules: which are refused, and the windows that they make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rotation import schedule
from app.rotation.schedule import Window
from vault.errors import Refused
from vault.records import RotationRules

NOW = datetime(2026, 11, 22, 10, 20, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def days(number: int, duration: str | None = None) -> RotationRules:
    return RotationRules(after_days=number, duration=duration)


def expression(text: str, duration: str | None = None) -> RotationRules:
    return RotationRules(schedule=text, duration=duration)


def window(start: str, hours: int) -> Window:
    opens = datetime.strptime(f"{start} +0000", "%Y-%m-%d %H %z").astimezone(UTC)
    return Window(opens, opens + hours * HOUR)


NEXT = {  # after 2026-11-22 10:20:30
    "after a day": (days(1), window("2026-11-23 00", 24)),
    "after 30 days, over the end of the year": (days(40), window("2027-01-01 00", 24)),
    "after 1000 days": (days(1000), window("2029-08-18 00", 24)),
    "after days, in the first hours": (days(10, "3h"), window("2026-12-02 00", 3)),
    "a rate of a day": (expression("rate(1 day)"), window("2026-11-23 00", 24)),
    "a rate of ten days": (expression("rate(10 days)"), window("2026-12-02 00", 24)),
    "a rate of the most days": (expression("rate(999 days)"), window("2029-08-17 00", 24)),
    "a rate of days, in the first hours": (expression("rate(10 days)", "12h"), window("2026-12-02 00", 12)),
    "a rate of four hours": (expression("rate(4 hours)"), window("2026-11-22 12", 1)),
    "a rate of four hours, all of them": (expression("rate(4 hours)", "4h"), window("2026-11-22 12", 4)),
    "a rate of twelve hours": (expression("rate(12 hours)"), window("2026-11-22 12", 1)),
    "a rate of 24 hours is one in hours": (expression("rate(24 hours)"), window("2026-11-23 00", 1)),
    "a rate that no day is a multiple of": (expression("rate(10 hours)"), window("2026-11-22 20", 1)),
    "a rate of more than a day": (expression("rate(36 hours)"), window("2026-11-23 12", 1)),
    "a window that midnight cuts": (expression("rate(13 hours)", "13h"), window("2026-11-22 23", 1)),
    "the singular with many, the plural with one": (expression("rate(10 day)"), window("2026-12-02 00", 24)),
    "every day at 10": (expression("cron(0 10 * * ? *)"), window("2026-11-23 10", 14)),
    "every day at 10, for three hours": (expression("cron(0 10 * * ? *)", "3h"), window("2026-11-23 10", 3)),
    "up to midnight": (expression("cron(0 16 1,15 * ? *)", "8h"), window("2026-12-01 16", 8)),
    "every eight hours": (expression("cron(0 /8 * * ? *)"), window("2026-11-22 16", 1)),
    "every eight hours, all of them": (expression("cron(0 /8 * * ? *)", "8h"), window("2026-11-22 16", 8)),
    "an increment that the day ends": (expression("cron(0 20/4 * * ? *)"), window("2026-11-22 20", 4)),
    "one hour of the last": (expression("cron(0 2/10 * * ? *)", "2h"), window("2026-11-22 12", 2)),
    "a leap day": (expression("cron(0 23 29 2 ? *)"), window("2028-02-29 23", 1)),
}


@pytest.mark.parametrize(("rules", "expected"), NEXT.values(), ids=NEXT)
def test_the_next_window(rules: RotationRules, expected: Window) -> None:
    schedule.check(rules)
    assert schedule.following(rules, NOW) == expected
    assert schedule.window_at(rules, expected.start) == expected


def test_without_a_rule_nothing_is_scheduled() -> None:
    schedule.check(RotationRules())
    assert schedule.following(RotationRules(), NOW) is None
    assert schedule.latest(RotationRules(), NOW, NOW + DAY) is None
    assert schedule.window_at(RotationRules(), NOW) is None


WRONG_FORM, WRONG_SENSE = "ValidationException", "InvalidParameterException"

REFUSED = {
    "no days": (days(0), WRONG_FORM, "from 1 to 1000, such as 30; not 0"),
    "a day before": (days(-1), WRONG_FORM, "from 1 to 1000"),
    "too many days": (days(1001), WRONG_FORM, "from 1 to 1000, such as 30; not 1001"),
    "both": (RotationRules(30, "rate(30 days)"), WRONG_SENSE, "not both"),
    "a duration alone": (RotationRules(duration="3h"), WRONG_SENSE, r"such as rate\(30 days\)"),
    "a duration without its unit": (days(30, "3"), WRONG_FORM, "such as 3h"),
    "a duration in minutes": (days(30, "30m"), WRONG_FORM, "such as 3h"),
    "a duration in capitals": (days(30, "3H"), WRONG_FORM, "such as 3h"),
    "a duration of four characters": (days(30, "100h"), WRONG_FORM, "such as 3h"),
    "a duration of nothing": (days(30, "0h"), WRONG_SENSE, "1h to 24h"),
    "a duration past the day": (days(30, "25h"), WRONG_SENSE, "1h to 24h"),
    "a duration in other digits": (days(30, "٣h"), WRONG_FORM, "such as 3h"),
    "an empty expression": (expression(""), WRONG_FORM, r"such as rate\(10 days\)"),
    "a long expression": (expression(f"rate(4{' ' * 250}hours)"), WRONG_FORM, "1 to 256"),
    "other characters": (expression("rate(10 days);"), WRONG_FORM, "1 to 256"),
    "a new line": (expression("rate(10 days)\n"), WRONG_FORM, "1 to 256"),
    "neither rate nor cron": (expression("10 days"), WRONG_SENSE, r"such as rate\(12 hours\)"),
    "one of another service": (expression("at(2027-01-01)"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a rate of nothing": (expression("rate(0 days)"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a rate without number": (expression("rate(days)"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a rate of minutes": (expression("rate(240 minutes)"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a rate of weeks": (expression("rate(1 week)"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a rate with two spaces": (expression("rate(4  hours)"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a rate of three hours": (expression("rate(3 hours)"), WRONG_SENSE, r"shortest rate is rate\(4 hours\)"),
    "a rate of too many days": (expression("rate(1000 days)"), WRONG_SENSE, r"longest rate\(999 days\)"),
    "a rate of too many hours": (expression("rate(23977 hours)"), WRONG_SENSE, r"longest rate\(999 days\)"),
    "a rate beyond all numbers": (expression(f"rate({'9' * 240} days)"), WRONG_SENSE, "longest rate"),
    "a window longer than the rate": (expression("rate(4 hours)", "5h"), WRONG_SENSE, "into the next window"),
    "a window past the day": (expression("cron(0 10 * * ? *)", "15h"), WRONG_SENSE, "10:00 has 14h at most"),
    "a window into the next": (expression("cron(0 /8 * * ? *)", "9h"), WRONG_SENSE, "has 8h at most"),
    "the last window past the day": (expression("cron(0 2/10 * * ? *)", "3h"), WRONG_SENSE, "2h at most"),
    "a cron without brackets": (expression("0 8 * * ? *"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a cron in a cron": (expression("cron(cron(0 8 * * ? *))"), WRONG_SENSE, r"is rate\(N hours\)"),
    "a cron that is none": (expression("cron(0 8 * * ? 2027)"), WRONG_SENSE, "Year must be"),
    "a cron in capitals": (expression("CRON(0 8 * * ? *)"), WRONG_SENSE, r"is rate\(N hours\)"),
}


@pytest.mark.parametrize(("rules", "aws", "reason"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_as_aws_would(rules: RotationRules, aws: str, reason: str) -> None:
    with pytest.raises(Refused, match=reason) as caught:
        schedule.check(rules)
    assert caught.value.aws == aws


def test_a_rate_that_divides_no_day_keeps_its_distance_from_rotation_to_rotation() -> None:
    rules, moment, starts = expression("rate(10 hours)"), NOW, []
    for _ in range(6):
        found = schedule.following(rules, moment)
        assert found is not None
        starts.append(found.start)
        moment = found.start + timedelta(minutes=7)
    assert {later - start for start, later in pairwise(starts)} == {10 * HOUR}


def test_a_rotation_by_hand_moves_a_rate_and_no_cron() -> None:
    by_hand = NOW + 3 * DAY
    assert schedule.following(days(10), by_hand) == window("2026-12-05 00", 24)
    assert schedule.following(expression("cron(0 8 1 * ? *)"), by_hand) == window("2026-12-01 08", 16)


def test_the_latest_window_may_be_over() -> None:
    monthly = expression("cron(0 8 1 * ? *)", "2h")
    assert schedule.latest(monthly, NOW, NOW + 3 * DAY) is None
    assert schedule.latest(monthly, NOW, NOW + 365 * DAY) == window("2027-11-01 08", 2)
    assert schedule.latest(days(30), NOW, NOW + 365 * DAY) == window("2027-11-17 00", 24)


def test_beyond_the_calendar_there_is_no_window() -> None:
    end = datetime(9999, 12, 30, tzinfo=UTC)
    for rules in (days(1000), days(1), expression("cron(0 8 1 1 ? *)")):
        assert schedule.following(rules, end) is None
        assert schedule.latest(rules, end, end + HOUR) is None


RATES = st.one_of(
    st.builds(days, st.integers(1, 1000)),
    st.builds(lambda number: expression(f"rate({number} hours)"), st.integers(4, 23976)),
    st.builds(lambda number: expression(f"rate({number} days)"), st.integers(1, 999)),
)
CRONS = st.sampled_from(
    [rules for rules, _ in NEXT.values() if rules.schedule and rules.schedule.startswith("cron")]
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.one_of(RATES, CRONS), MOMENTS, st.integers(0, 23))
def test_a_window_comes_later_opens_on_the_hour_and_ends_with_its_day(
    rules: RotationRules, since: datetime, late: int
) -> None:
    found = schedule.following(rules, since)
    assert found is not None
    assert since < found.start < found.end
    assert found.start == found.start.replace(minute=0, second=0, microsecond=0)
    assert (found.end - timedelta(microseconds=1)).date() == found.start.date()
    rotated = min(found.start + late * HOUR, found.end - timedelta(microseconds=1))
    later = schedule.following(rules, rotated)
    assert later is not None
    assert later.start >= found.end


def rate_of(rules: RotationRules) -> int:
    assert rules.schedule is None or rules.schedule.startswith("rate")
    number = rules.after_days or int((rules.schedule or "").removeprefix("rate(").split()[0])
    return number if rules.schedule and "hour" in rules.schedule else 24 * number


@given(RATES, MOMENTS)
def test_a_rate_opens_where_going_from_hour_to_hour_finds_it(rules: RotationRules, since: datetime) -> None:
    """The last hour that the rate allows, of those that it reaches from a midnight."""
    every = rate_of(rules)
    reached = {every * n % 24 for n in range(24)}
    hour = since.replace(minute=0, second=0, microsecond=0)
    latest = next(moment for n in range(every, every - 25, -1) if (moment := hour + n * HOUR).hour in reached)
    found = schedule.following(rules, since)
    assert found is not None
    assert found.start == latest


@given(st.one_of(RATES, CRONS), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_latest_window_is_the_last_that_following_finds_one_after_the_other(
    rules: RotationRules, since: datetime, asleep: timedelta
) -> None:
    now, last, moment = since + asleep, None, since
    while (found := schedule.following(rules, moment)) and found.start <= now:
        last, moment = found, found.start
    assert schedule.latest(rules, since, now) == last
