"""Parameter policies: AWS's grammar to the letter, inheritance, and what is due when."""

# ruff: noqa: E501  # a row of a table is read as one line
from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Refused
from vault.policies import (
    EXPIRATION,
    EXPIRATION_NOTIFICATION,
    NO_CHANGE_NOTIFICATION,
    Policy,
    check_set,
    effective,
    expiration,
    expires_at,
    needs_advanced,
    parse_duration,
    parse_policies,
    parse_timestamp,
    policies_json,
    schedule,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def element(kind: str, **attributes: object) -> dict[str, object]:
    return {"Type": kind, "Version": "1.0", "Attributes": attributes}


def text_of(*elements: object) -> str:
    return json.dumps(elements, separators=(",", ":"))


INSTANT = element(EXPIRATION, Timestamp="2018-12-02T21:34:33.000Z")
OFFSET = element(EXPIRATION, Timestamp="2019-11-01T22:13:48.87+10:30:00")
BEFORE = element(EXPIRATION_NOTIFICATION, Before="15", Unit="Days")
SOON = element(EXPIRATION_NOTIFICATION, Before="6", Unit="Hours")
UNCHANGED = element(NO_CHANGE_NOTIFICATION, After="20", Unit="Days")


@pytest.mark.parametrize(
    "text",
    [
        text_of(INSTANT),
        text_of(OFFSET),
        text_of(INSTANT, BEFORE, SOON, UNCHANGED),
        text_of(BEFORE),
        text_of({}),
    ],
    ids=["an instant", "an offset", "all three, several at once", "a notification alone", "cleared"],
)
def test_aws_json_comes_back_byte_for_byte(text: str) -> None:
    assert policies_json(parse_policies(text)) == text


@pytest.mark.parametrize("text", ["[{}]", " [ { } ] ", "[]", "", "  "])
def test_the_empty_set_has_these_spellings(text: str) -> None:
    assert parse_policies(text) == ()


TWO_DAYS = element(NO_CHANGE_NOTIFICATION, After="2", Unit="Days")
BAD = {
    "no JSON":                      ("[{", "ValidationException"),
    "no array":                     (text_of(INSTANT)[1:-1], "ValidationException"),
    "a key given twice":            ('[{"Type":"Expiration","Type":"Expiration"}]', "ValidationException"),
    "nested beyond reason":         ("[" * 4000, "ValidationException"),
    "more than 4096 characters":    (text_of(INSTANT) + " " * 4096, "ValidationException"),
    "eleven policies":              (text_of(*[BEFORE] * 11), "PoliciesLimitExceededException"),
    "two expirations":              (text_of(INSTANT, OFFSET), "IncompatiblePolicyException"),
    "the same one twice":           (text_of(BEFORE, BEFORE), "IncompatiblePolicyException"),
    "an unknown type":              (text_of(element("Rotation")), "InvalidPolicyTypeException"),
    "a type in other letters":      (text_of(element("expiration")), "InvalidPolicyTypeException"),
    "no type":                      (text_of({"Version": "1.0"}), "InvalidPolicyTypeException"),
    "a type that is no text":       (text_of({"Type": ["Expiration"]}), "InvalidPolicyTypeException"),
    "no object":                    ("[1]", "InvalidPolicyTypeException"),
    "cleared and not cleared":      (text_of({}, INSTANT), "InvalidPolicyTypeException"),
    "another version":              (text_of({**INSTANT, "Version": "2.0"}), "InvalidPolicyAttributeException"),
    "a key too many":               (text_of({**INSTANT, "More": "x"}), "InvalidPolicyAttributeException"),
    "no attributes":                (text_of({"Type": EXPIRATION, "Version": "1.0"}), "InvalidPolicyAttributeException"),
    "attributes of another type":   (text_of(element(EXPIRATION, Before="1", Unit="Days")), "InvalidPolicyAttributeException"),
    "a number that is no string":   (text_of(element(EXPIRATION_NOTIFICATION, Before=15, Unit="Days")), "InvalidPolicyAttributeException"),
    "zero days":                    (text_of(element(NO_CHANGE_NOTIFICATION, After="0", Unit="Days")), "InvalidPolicyAttributeException"),
    "a fraction of a day":          (text_of(element(NO_CHANGE_NOTIFICATION, After="1.5", Unit="Days")), "InvalidPolicyAttributeException"),
    "digits of another script":     (text_of(element(NO_CHANGE_NOTIFICATION, After="٣", Unit="Days")), "InvalidPolicyAttributeException"),
    "weeks":                        (text_of(element(NO_CHANGE_NOTIFICATION, After="2", Unit="Weeks")), "InvalidPolicyAttributeException"),
    "no such moment":               (text_of(element(EXPIRATION, Timestamp="tomorrow")), "InvalidPolicyAttributeException"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "aws"), BAD.values(), ids=BAD)
def test_what_aws_refuses_is_refused_with_its_error(text: str, aws: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_policies(text)
    assert refusal.value.aws == aws


MOMENTS = {
    "2018-12-02T21:34:33.000Z":        datetime(2018, 12, 2, 21, 34, 33, tzinfo=UTC),
    "2019-11-01T22:13:48.87+10:30:00": datetime(2019, 11, 1, 11, 43, 48, 870_000, tzinfo=UTC),
    "2019-11-01T22:13:48-05:00":       datetime(2019, 11, 2, 3, 13, 48, tzinfo=UTC),
    "2020-02-29T00:00Z":               datetime(2020, 2, 29, tzinfo=UTC),
    "2020-01-01T00:00:00.123456789Z":  datetime(2020, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC),
    "2020-01-01T00:00:00+01:02:03":    datetime(2019, 12, 31, 22, 57, 57, tzinfo=UTC),
}  # fmt: skip


@pytest.mark.parametrize(("text", "moment"), MOMENTS.items(), ids=MOMENTS)
def test_both_forms_of_a_timestamp_are_one_moment_in_utc(text: str, moment: datetime) -> None:
    assert parse_timestamp(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "", "2020-01-01", "2020-01-01T00:00:00", "2021-02-29T00:00:00Z", "2020-01-01T24:00:00Z",
        "2020-01-01t00:00:00z", "2020-01-01 00:00:00Z", "2020-01-01T00:00:00+19:00", "2020-01-01T00:00:00+01:60",
        "0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59-10:00", "2020-01-01T00:00:00Z\n", "0000-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_no_moment(text: str) -> None:
    with pytest.raises(Refused) as refusal:
        parse_timestamp(text)
    assert refusal.value.aws == "InvalidPolicyAttributeException"


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_expiration_made_here_is_one_that_aws_reads(at: datetime) -> None:
    policy = expiration(at)
    assert parse_policies(policies_json([policy])) == (policy,)
    assert timedelta(0) <= at - policy.moment < timedelta(milliseconds=1)
    assert expires_at([policy]) == policy.moment


def test_an_expiration_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        expiration(datetime(2026, 1, 1))  # noqa: DTZ001  # the very case


notifications = st.builds(
    Policy,
    st.sampled_from([EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION]),
    timestamp=st.none(),
    amount=st.integers(1, 99_999).map(str),
    unit=st.sampled_from(["Days", "Hours"]),
)
expirations = st.datetimes(timezones=st.just(UTC)).map(expiration)
sets = st.tuples(st.lists(expirations, max_size=1), st.lists(notifications, max_size=9, unique=True)).map(
    lambda parts: tuple(parts[0] + parts[1])
)


@given(sets)
def test_any_legal_set_survives_json(policies: tuple[Policy, ...]) -> None:
    check_set(policies)
    assert parse_policies(policies_json(policies)) == policies


@given(st.text(max_size=60))
def test_any_text_is_a_set_or_refused(text: str) -> None:
    with suppress(Refused):
        check_set(parse_policies(text))


MINE, THEIRS = expiration(NOON), expiration(NOON + timedelta(days=9))
WARN = Policy(EXPIRATION_NOTIFICATION, amount="2", unit="Days")
WARN_LATE = Policy(EXPIRATION_NOTIFICATION, amount="3", unit="Hours")
STALE = Policy(NO_CHANGE_NOTIFICATION, amount="20", unit="Days")

INHERITED = {
    #                                        own      nearest first         effective
    "nothing anywhere":                      ([], [], ()),
    "a folder's policy":                     ([], [[MINE]], (MINE,)),
    "own replaces the folder's of its kind": ([MINE], [[THEIRS, WARN]], (MINE, WARN)),
    "the nearest folder wins":               ([], [[MINE], [THEIRS]], (MINE,)),
    "kinds come from different folders":     ([], [[WARN], [THEIRS, WARN_LATE]], (WARN, THEIRS)),
    "all of one kind from one folder":       ([], [[WARN, WARN_LATE], [STALE]], (WARN, WARN_LATE, STALE)),
    "an empty folder lets through":          ([STALE], [[], [MINE]], (STALE, MINE)),
}  # fmt: skip


@pytest.mark.parametrize(("own", "levels", "merged"), INHERITED.values(), ids=INHERITED)
def test_policies_are_inherited_kind_by_kind(
    own: list[Policy], levels: list[list[Policy]], merged: tuple[Policy, ...]
) -> None:
    assert effective(own, levels) == merged


def due_kinds(policies: list[Policy], modified_at: datetime, now: datetime) -> list[str]:
    return [notice.policy.kind for notice in schedule(policies, modified_at) if notice.due_at <= now]


def test_notices_come_in_the_order_of_their_time() -> None:
    policies = [MINE, WARN_LATE, WARN, STALE]
    changed = NOON - timedelta(days=30)
    assert [(n.due_at, n.policy) for n in schedule(policies, changed)] == [
        (NOON - timedelta(days=10), STALE),
        (NOON - timedelta(days=2), WARN),
        (NOON - timedelta(hours=3), WARN_LATE),
        (NOON, MINE),
    ]


def test_nothing_is_due_a_moment_too_early() -> None:
    early = NOON - timedelta(days=2, microseconds=1)
    assert due_kinds([MINE, WARN], NOON - timedelta(days=3), early) == []
    assert due_kinds([MINE, WARN], NOON - timedelta(days=3), NOON - timedelta(days=2)) == [
        EXPIRATION_NOTIFICATION
    ]


def test_a_change_restarts_the_no_change_clock_only() -> None:
    assert due_kinds([MINE, STALE], NOON, NOON) == [EXPIRATION]


def test_a_warning_without_an_expiration_is_silent() -> None:
    assert due_kinds([WARN], NOON, NOON + timedelta(days=999)) == []


def test_moments_beyond_the_calendar_stay_within_it() -> None:
    century = Policy(EXPIRATION_NOTIFICATION, amount="99999", unit="Days")
    ancient = expiration(datetime(1, 2, 1, tzinfo=UTC))
    assert due_kinds([ancient, century], NOON, NOON) == [EXPIRATION_NOTIFICATION, EXPIRATION]
    forever = Policy(NO_CHANGE_NOTIFICATION, amount="99999", unit="Days")
    assert due_kinds([forever], datetime(9999, 1, 1, tzinfo=UTC), NOON) == []


def test_a_set_made_in_code_has_ten_policies_at_most() -> None:
    many = [Policy(NO_CHANGE_NOTIFICATION, amount=str(n), unit="Days") for n in range(1, 12)]
    check_set(many[:10])
    with pytest.raises(Refused) as refusal:
        check_set(many)
    assert refusal.value.aws == "PoliciesLimitExceededException"


def test_aws_knows_policies_on_the_advanced_tier_only() -> None:
    assert needs_advanced([STALE])
    assert not needs_advanced([])


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("90d", timedelta(days=90)),
        (" 2w ", timedelta(weeks=2)),
    ],
)
def test_a_length_of_time(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@pytest.mark.parametrize("text", ["", "90", "d", "0d", "-1d", "1.5h", "2y", "9999999d", "1d2h", "٣d"])
def test_no_length_of_time(text: str) -> None:
    with pytest.raises(Refused):
        parse_duration(text)
