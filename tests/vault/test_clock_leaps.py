"""A clock that was wrong, or is: nothing leaves the trash for good before its days were lived through."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, Clock, assert_whole, every_value, live, new_vault, put, reopened
from vault.audit import Event
from vault.paths import ParameterPath
from vault.policies import Policy

if TYPE_CHECKING:
    from pathlib import Path

    from vault.vault import Vault

A = ParameterPath("/a")
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


def opened_at(vault: Vault, clock: Clock, at: datetime) -> tuple[int, int]:
    """Unlock and sweep, as the program does; what was swept."""
    vault.close()
    clock.now = at
    with reopened(vault.path, clock) as again:
        return again.trash.sweep()


LEAPS: dict[str, tuple[timedelta, int, tuple[tuple[timedelta, int], ...]]] = {
    # the clock when it is removed, its days; then each unlock, and how many are purged
    "a clock at the epoch that is set": (EPOCH - BEGIN, 30, ((DAY, 0), (30 * DAY, 0), (32 * DAY, 1))),
    "a clock a year behind that is set": (-365 * DAY, 7, ((DAY, 0), (30 * DAY, 0), (32 * DAY, 1))),
    "a clock that stays at the epoch for days": (
        EPOCH - BEGIN,
        7,
        ((EPOCH - BEGIN + 6 * DAY, 0), (DAY, 0), (30 * DAY, 0), (32 * DAY, 1)),
    ),
    "a clock that leaps ahead and back": (
        0 * DAY,
        30,
        ((FAR - BEGIN, 0), (DAY, 0), (40 * DAY, 0), (FAR - BEGIN, 0), (FAR - BEGIN + 31 * DAY, 1)),
    ),
    "a clock ahead when it was removed": (FAR - BEGIN, 7, ((0 * DAY, 0), (60 * DAY, 0))),
    "nobody there for two months": (0 * DAY, 30, ((60 * DAY, 0), (89 * DAY, 0), (91 * DAY, 1))),
    "opened every two months": (0 * DAY, 30, ((60 * DAY, 0), (120 * DAY, 1))),
    "opened every other week": (0 * DAY, 7, ((14 * DAY, 0), (42 * DAY, 0), (45 * DAY, 1))),
    "opened every week": (0 * DAY, 30, tuple((n * 7 * DAY, int(n == 5)) for n in range(1, 6))),
    "opened every day": (0 * DAY, 7, tuple((n * DAY, int(n == 7)) for n in range(1, 8))),
}


@pytest.mark.parametrize(("removed", "days", "unlocks"), LEAPS.values(), ids=LEAPS)
def test_what_was_removed_is_purged_after_its_days_and_not_by_a_leap_of_the_clock(
    vault: Vault, clock: Clock, removed: timedelta, days: int, unlocks: tuple[tuple[timedelta, int], ...]
) -> None:
    put(vault, "/a", "kept")
    clock.now = BEGIN + removed
    vault.trash.remove(A, days)
    assert [opened_at(vault, clock, BEGIN + after) for after, _ in unlocks] == [
        (0, one) for _, one in unlocks
    ]


def test_a_vault_that_never_knew_the_right_time_purges_nothing_when_it_is_told(tmp_path: Path) -> None:
    clock = Clock(EPOCH)
    with new_vault(str(tmp_path / "v"), clock) as vault:
        put(vault, "/a", "kept")
        vault.trash.remove(A, 7)
    assert opened_at(vault, clock, BEGIN) == (0, 0)
    with reopened(vault.path, clock) as again:
        assert [entry.purge_at for entry in again.trash.listed()] == [BEGIN + 30 * DAY]
        again.trash.restore(A)
        assert every_value(again) == {"/a": "kept"}
        assert_whole(again)


def test_what_expired_by_a_clock_that_is_ahead_waits_in_the_trash_and_comes_back(
    vault: Vault, clock: Clock
) -> None:
    put(vault, "/a", "kept", policies=(Policy("Expiration", timestamp="2027-01-01T00:00:00Z"),))
    assert opened_at(vault, clock, FAR) == (1, 0)
    assert opened_at(vault, clock, BEGIN + 60 * DAY) == (0, 0)
    with reopened(vault.path, clock) as again:
        again.trash.restore(A)
        assert every_value(again) == {"/a": "kept"}


def test_of_two_only_the_one_whose_days_were_lived_through_is_purged(vault: Vault, clock: Clock) -> None:
    put(vault, "/a")
    put(vault, "/b")
    vault.trash.remove(A, 7)
    live(vault, clock, 6 * DAY)
    vault.trash.remove(ParameterPath("/b"), 30)
    live(vault, clock, 2 * DAY)
    clock.move(60 * DAY)
    assert vault.trash.sweep() == (0, 1)
    assert [(entry.path, entry.purge_at) for entry in vault.trash.listed()] == [("/b", clock.now + 30 * DAY)]


def test_the_log_is_walked_once_for_all_that_is_overdue(vault: Vault, clock: Clock) -> None:
    paths = [f"/many/{number}" for number in range(100)]
    for path in paths:
        put(vault, path)
    for path in paths:
        clock.move()
        vault.trash.remove(ParameterPath(path), 7)
    live(vault, clock, 8 * DAY)
    vault.audit.append_many(Event("value-opened", 1, 1) for _ in range(10_000))
    looks = 0

    def asked() -> None:
        nonlocal looks
        looks += 1

    vault.interior.database.watch(asked)
    assert vault.trash.sweep() == (0, 100)
    vault.interior.database.watch(None)
    assert looks < 10
