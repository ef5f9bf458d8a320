"""An Expiration under `rotate` moves on by the time it had, and not before it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.renewal import SHORTEST, renew, renewed
from tests.vault.furnished import BEGIN, Clock, find, new_vault, put, put_secret, value_of
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import Policy, expiration, expires_at
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

DAY = timedelta(days=1)
A, FOLDER = ParameterPath("/f/a"), ParameterPath("/f")
BEFORE = Policy("ExpirationNotification", amount="2", unit="Days")
UNCHANGED = Policy("NoChangeNotification", amount="9", unit="Days")
END = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), clock) as vault:
        yield vault


MOVED: dict[str, tuple[timedelta, timedelta, timedelta]] = {
    # situation:                      time it had,             rotated after,    new time
    "rotated when it is due":         (90 * DAY,               90 * DAY,         90 * DAY),
    "rotated late":                   (90 * DAY,               97 * DAY,         90 * DAY),
    "rotated after a year asleep":    (90 * DAY,               455 * DAY,        90 * DAY),
    "a short life":                   (timedelta(minutes=5),   DAY,              SHORTEST),
    "set when it had passed":         (-DAY,                   DAY,              SHORTEST),
    "the clock went backwards":       (90 * DAY,               -DAY,             90 * DAY),
}  # fmt: skip


@pytest.mark.parametrize(("had", "after", "gets"), MOVED.values(), ids=MOVED)
def test_how_far_it_moves_on(had: timedelta, after: timedelta, gets: timedelta) -> None:
    policies = (UNCHANGED, expiration(BEGIN + had), BEFORE)
    now = BEGIN + after
    assert renewed(policies, BEGIN, now) == (UNCHANGED, expiration(now + gets), BEFORE)


def test_without_an_expiration_nothing_moves() -> None:
    assert renewed((UNCHANGED, BEFORE), BEGIN, BEGIN) == (UNCHANGED, BEFORE)


moments = st.datetimes(timezones=st.just(UTC))


@given(moments, moments, moments)
def test_it_is_always_ahead_or_at_the_end_of_the_calendar(
    end: datetime, since: datetime, now: datetime
) -> None:
    at = expires_at(renewed((expiration(end),), since, now))
    assert at is not None
    assert at > now or at == END


def test_an_entry_is_renewed_once_it_is_due(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(expiration(BEGIN + 30 * DAY), UNCHANGED))
    vault.on_expiry.set(A, Choice.ROTATE)
    clock.move(10 * DAY)
    put(vault, A, "edited", tags={"of": "no matter"})
    assert renew(vault, A) is None
    assert vault.on_expiry.to_rotate() == []
    clock.move(25 * DAY)
    assert [one.entry.path for one in vault.on_expiry.to_rotate()] == [A]
    put(vault, A, "rotated")
    assert renew(vault, A) == clock.now + 30 * DAY
    assert renew(vault, A) is None
    assert vault.on_expiry.to_rotate() == []
    entry = find(vault, A)
    assert entry.policies == (expiration(clock.now + 30 * DAY), UNCHANGED)
    assert (entry.latest, entry.expires_at, value_of(vault, A)) == (3, None, "rotated")


def test_each_round_is_as_long_as_the_first(vault: Vault, clock: Clock) -> None:
    put_secret(vault, A, policies=(expiration(BEGIN + 30 * DAY),))
    vault.on_expiry.set(FOLDER, Choice.ROTATE)
    for late in (timedelta(hours=1), 3 * DAY, 400 * DAY):
        clock.move(30 * DAY + late)
        assert renew(vault, A) == clock.now + 30 * DAY


def test_the_time_counts_from_when_the_expiration_was_set(vault: Vault, clock: Clock) -> None:
    put(vault, A)
    clock.move(300 * DAY)
    vault.entries.put(_policies(expiration(clock.now + 9 * DAY)))
    clock.move(DAY)
    vault.entries.put(
        _policies(expiration(clock.now + 8 * DAY), UNCHANGED)
    )  # another policy, the same moment
    vault.on_expiry.set(A, Choice.ROTATE)
    clock.move(8 * DAY)
    assert renew(vault, A) == clock.now + 9 * DAY


def test_of_an_inherited_expiration_the_entry_gets_one_of_its_own(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(UNCHANGED,))
    put(vault, "/f/b")
    clock.move(5 * DAY)
    vault.folders.set_policies(FOLDER, (expiration(clock.now + 7 * DAY), BEFORE))
    vault.on_expiry.set(FOLDER, Choice.ROTATE)
    clock.move(7 * DAY)
    assert renew(vault, A) == clock.now + 7 * DAY
    assert find(vault, A).policies == (UNCHANGED, expiration(clock.now + 7 * DAY))
    assert vault.folders.policies(FOLDER) == (expiration(clock.now), BEFORE)
    assert [one.entry.path for one in vault.on_expiry.to_rotate()] == ["/f/b"]


def test_a_folder_that_moves_takes_the_time_of_its_expiration_along(vault: Vault, clock: Clock) -> None:
    put(vault, A)
    vault.folders.set_policies(FOLDER, (expiration(BEGIN + 90 * DAY),))
    vault.on_expiry.set(FOLDER, Choice.ROTATE)
    clock.move(88 * DAY)
    vault.entries.move(FOLDER, ParameterPath("/g"))
    clock.move(DAY)
    vault.entries.move(ParameterPath("/g"), ParameterPath("/g2/h"))
    clock.move(DAY)
    assert renew(vault, ParameterPath("/g2/h/a")) == clock.now + 90 * DAY


def test_where_an_entry_has_ten_other_policies_its_folder_s_expiration_stays(
    vault: Vault, clock: Clock
) -> None:
    ten = tuple(Policy("NoChangeNotification", amount=str(days), unit="Days") for days in range(1, 11))
    put(vault, A, policies=ten)
    vault.folders.set_policies(FOLDER, (expiration(BEGIN + DAY),))
    vault.on_expiry.set(FOLDER, Choice.ROTATE)
    clock.move(DAY)
    assert renew(vault, A) is None
    assert find(vault, A).policies == ten


@pytest.mark.parametrize("choice", [Choice.DELETE, Choice.WARN, Choice.LOCK])
def test_under_another_choice_nothing_is_renewed(vault: Vault, clock: Clock, choice: Choice) -> None:
    put(vault, A, policies=(expiration(BEGIN + DAY),))
    vault.on_expiry.set(A, choice)
    clock.move(2 * DAY)
    assert renew(vault, A) is None
    assert find(vault, A).policies == (expiration(BEGIN + DAY),)


def _policies(*policies: Policy) -> Draft:
    return Draft(A, None, policies=policies, overwrite=True)
