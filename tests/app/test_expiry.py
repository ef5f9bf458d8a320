"""The moments a person types."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import expiry
from vault.policies import EXPIRATION, NO_CHANGE_NOTIFICATION, Policy, expiration

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

MEANT = {
    "days ahead": ("90d", NOW + timedelta(days=90)),
    "hours ahead": (" 12h ", NOW + timedelta(hours=12)),
    "a moment in UTC": ("2027-01-31T18:00Z", datetime(2027, 1, 31, 18, tzinfo=UTC)),
    "a moment elsewhere": ("2027-01-31T18:00+02:00", datetime(2027, 1, 31, 16, tzinfo=UTC)),
    "a day of the user's own zone": ("2027-01-31", datetime(2027, 1, 31).astimezone(UTC)),
}


@pytest.mark.parametrize(("text", "moment"), MEANT.values(), ids=MEANT)
def test_ahead(text: str, moment: datetime) -> None:
    assert expiry.ahead(expiry.parse_when(text), NOW) == moment


@pytest.mark.parametrize("text", ["2h", "2h ago"])
def test_back(text: str) -> None:
    assert expiry.back(expiry.parse_past(text), NOW) == NOW - timedelta(hours=2)


WRONG = ("", "soon", "90d ago", "90", "-3d", "0d", "3 parsecs", "2027-13-01", "999999w9")


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="give a length of time"):
        expiry.parse_when(text)


def test_what_was_typed_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="give a length of time") as caught:
        expiry.parse_when("hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_moment_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond the calendar"):
        expiry.ahead(expiry.parse_when("999999w"), NOW)
    with pytest.raises(ValueError, match="beyond the calendar"):
        expiry.back(expiry.parse_when("999999w"), NOW)


@pytest.mark.parametrize("when", [NOW, NOW - timedelta(seconds=1)])
def test_a_moment_that_has_passed_is_not_ahead(when: datetime) -> None:
    with pytest.raises(ValueError, match="has passed"):
        expiry.ahead(when, NOW)


def test_a_new_expiration_replaces_the_old_one_alone() -> None:
    kept = Policy(NO_CHANGE_NOTIFICATION, amount="3", unit="Days")
    policies = expiry.with_expiration((expiration(NOW), kept), NOW + timedelta(days=1))
    assert [policy.kind for policy in policies] == [EXPIRATION, NO_CHANGE_NOTIFICATION]
    assert policies[0].moment == NOW + timedelta(days=1)
