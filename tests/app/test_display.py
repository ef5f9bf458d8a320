"""Times, sizes and tables as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from app import display

NOW = datetime(2026, 11, 22, 2, 6, 9, 123456, tzinfo=UTC)
VIENNA = timezone(timedelta(hours=1))

SIZES = {
    "nothing": (0, "0 B"),
    "below a KiB": (1023, "1023 B"),
    "a KiB": (1024, "1.0 KiB"),
    "a standard parameter's limit": (4096, "4.0 KiB"),
    "a MiB": (1024**2, "1.0 MiB"),
    "more": (3 * 1024**3, "3.0 GiB"),
}


@pytest.mark.parametrize(("octets", "text"), SIZES.values(), ids=SIZES)
def test_size(octets: int, text: str) -> None:
    assert display.size(octets) == text


SPANS = {
    "seconds ahead": (timedelta(seconds=40), "in moments"),
    "an hour and a half ago": (timedelta(hours=-1.5), "1 hour ago"),
    "set to 30 days a moment ago": (timedelta(days=30) - timedelta(seconds=1), "in 1 month"),
    "set to 12 days a moment ago": (timedelta(days=12) - timedelta(seconds=1), "in 12 days"),
    "two years ago": (timedelta(days=-800), "2 years ago"),
    "now": (timedelta(0), "moments ago"),
}


@pytest.mark.parametrize(("ahead", "text"), SPANS.values(), ids=SPANS)
def test_relative(ahead: timedelta, text: str) -> None:
    assert display.relative(NOW + ahead, NOW) == text


def test_a_person_reads_their_own_zone_and_a_program_utc() -> None:
    assert display.moment(NOW, VIENNA) == "2026-11-22 03:06"
    assert display.moment(NOW, VIENNA, seconds=True) == "2026-11-22 03:06:09"
    assert display.moment(None) == ""


@pytest.mark.parametrize(
    ("at", "zone", "text"),
    [
        (datetime.max.replace(tzinfo=UTC), VIENNA, "9999-12-31 23:59"),
        (datetime.min.replace(tzinfo=UTC), timezone(-timedelta(hours=5)), "0001-01-01 00:00"),
    ],
)
def test_a_moment_that_a_zone_has_no_day_for_is_shown_in_utc(at: datetime, zone: timezone, text: str) -> None:
    assert display.moment(at, zone).rjust(16, "0") == text
    assert display.iso(NOW.astimezone(VIENNA)) == "2026-11-22T02:06:09.123Z"
    assert display.iso(None) is None


HOSTILE = {
    "an escape sequence": ("\x1b[2Jgone", "\\x1b[2Jgone"),
    "a line break": ("a\nb", "a\\nb"),
    "a C1 control": ("a\x9bb", "a\\x9bb"),
    "text turned around": ("a\u202eb", "a\\u202eb"),
    "letters of other scripts": ("Straße 東京", "Straße 東京"),
}


@pytest.mark.parametrize(("text", "shown"), HOSTILE.values(), ids=HOSTILE)
def test_text_cannot_move_the_cursor(text: str, shown: str) -> None:
    assert display.printable(text) == shown


def test_columns_are_as_wide_as_they_look() -> None:
    table = display.table(("NAME", "SIZE"), [("東京", "1"), ("a", "22"), ("e\u0301", "3")], right=(1,))
    assert table.splitlines() == ["NAME  SIZE", "東京     1", "a       22", "e\u0301        3"]


def test_no_rows_print_nothing() -> None:
    assert display.table(("NAME",), []) == ""


def test_facts_leave_out_what_is_empty() -> None:
    assert display.facts([("Path", "/a"), ("Description", ""), ("Kind", "x\x07")]) == "Path  /a\nKind  x\\x07"


COUNTS = {"one": (1, "1 entry"), "none": (0, "0 entries"), "many": (1234, "1,234 entries")}


@pytest.mark.parametrize(("number", "text"), COUNTS.values(), ids=COUNTS)
def test_count(number: int, text: str) -> None:
    assert display.count(number, "entry", "entries") == text
