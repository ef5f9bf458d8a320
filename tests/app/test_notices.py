"""Notices are told once each, whatever the clock does; the digest gathers what needs attention."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import notices
from app.alone import alone
from app.errors import RotationBusy
from app.notices import Action
from app.rotation.left import LEFT
from tests.vault.furnished import (
    BEGIN,
    Clock,
    draft,
    every_value,
    find,
    live,
    new_vault,
    put,
    put_secret,
    reopened,
    vault_for_example,
)
from vault.inheritance import Choice
from vault.lease import LeaseDraft
from vault.paths import ParameterPath
from vault.policies import EXPIRATION, EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION, Policy, expiration
from vault.records import Cause, Draft, Kind, RotationDraft, RotationRules, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
A, FOLDER = ParameterPath("/f/a"), ParameterPath("/f")
TWO_DAYS_BEFORE = Policy(EXPIRATION_NOTIFICATION, amount="2", unit="Days")
FOUR_HOURS_BEFORE = Policy(EXPIRATION_NOTIFICATION, amount="4", unit="Hours")
A_WEEK_UNCHANGED = Policy(NO_CHANGE_NOTIFICATION, amount="7", unit="Days")
EXPIRES = expiration(BEGIN + 10 * DAY)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), clock) as vault:
        yield vault


def heard(vault: Vault) -> list[tuple[str, str, timedelta]]:
    """What a tick tells: path, what, and when it was due."""
    told = notices.tick(vault).notices
    return [(str(one.path), one.saying.what, one.saying.due - BEGIN) for one in told]


def test_each_notice_is_told_when_it_is_due_and_not_again(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE, FOUR_HOURS_BEFORE, A_WEEK_UNCHANGED))
    told: dict[int, list[tuple[str, str, timedelta]]] = {}
    for hour in range(11 * 24):
        clock.now = BEGIN + hour * HOUR
        if found := heard(vault):
            told[hour] = found
    assert told == {
        7 * 24: [(A, NO_CHANGE_NOTIFICATION, 7 * DAY)],
        8 * 24: [(A, EXPIRATION_NOTIFICATION, 8 * DAY)],
        10 * 24 - 4: [(A, EXPIRATION_NOTIFICATION, 10 * DAY - 4 * HOUR)],
        10 * 24: [(A, EXPIRATION, 10 * DAY)],
    }


def test_an_edit_restarts_the_no_change_clock_and_leaves_the_expiration(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(EXPIRES, A_WEEK_UNCHANGED))
    clock.move(6 * DAY)
    vault.entries.put(draft(A, None, description="any edit counts"))
    clock.move(DAY)
    assert heard(vault) == []
    clock.now = BEGIN + 13 * DAY
    assert heard(vault) == [(A, EXPIRATION, 10 * DAY)]


def test_who_edits_after_a_notice_is_told_anew_when_it_is_due_again(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(A_WEEK_UNCHANGED,))
    clock.move(7 * DAY)
    assert heard(vault) == [(A, NO_CHANGE_NOTIFICATION, 7 * DAY)]
    put(vault, A, "edited")
    clock.move(8 * DAY)
    assert heard(vault) == [(A, NO_CHANGE_NOTIFICATION, 14 * DAY)]


def test_another_policy_is_another_moment(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE))
    clock.move(9 * DAY)
    assert heard(vault) == [(A, EXPIRATION_NOTIFICATION, 8 * DAY)]
    vault.entries.put(draft(A, None, policies=(expiration(BEGIN + 20 * DAY), TWO_DAYS_BEFORE)))
    assert heard(vault) == []
    clock.move(9 * DAY)
    assert heard(vault) == [(A, EXPIRATION_NOTIFICATION, 18 * DAY)]


def test_after_a_year_asleep_each_is_told_once(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(FOLDER, Choice.WARN)
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE, A_WEEK_UNCHANGED))
    clock.move(365 * DAY)
    again = reopened(vault.path, clock)
    assert heard(again) == [
        (A, NO_CHANGE_NOTIFICATION, 7 * DAY),
        (A, EXPIRATION, 10 * DAY),
    ]
    assert heard(again) == heard(vault) == []


def test_what_was_locked_and_is_in_the_trash_is_told_as_there(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(FOLDER, Choice.LOCK)
    put(vault, A, policies=(EXPIRES,))
    clock.move(12 * DAY)
    vault.trash.remove(A)
    (one,) = notices.tick(vault).notices
    assert notices.sentence(one.saying, clock.now) == "/f/a has expired and is in the trash"


def test_what_went_to_the_trash_by_its_expiry_is_told_and_can_be_restored(vault: Vault, clock: Clock) -> None:
    put_secret(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE))
    put(vault, "/removed", policies=(EXPIRES,))
    vault.trash.remove(ParameterPath("/removed"))
    clock.move(12 * DAY)
    vault.trash.sweep()  # as at unlock
    ticked = notices.tick(vault)
    assert [(one.path, one.saying.what, one.actions) for one in ticked.notices] == [
        (A, EXPIRATION, (Action.RESTORE,))
    ]
    assert notices.sentence(ticked.notices[0].saying, clock.now) == "/f/a has expired and is in the trash"
    assert heard(vault) == []


def test_the_clock_going_backwards_tells_nothing_twice(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(FOLDER, Choice.LOCK)
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE))
    clock.now = BEGIN + 9 * DAY
    assert len(heard(vault)) == 1
    clock.now = BEGIN - 300 * DAY
    assert heard(vault) == []
    clock.now = BEGIN + 11 * DAY
    assert heard(vault) == [(A, EXPIRATION, 10 * DAY)]


def test_two_programs_tell_a_notice_once(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(A_WEEK_UNCHANGED,))
    other = reopened(vault.path, clock)
    clock.move(7 * DAY)
    mine, theirs = notices.new(vault), notices.new(other)
    assert mine == theirs
    assert notices.tell(vault, mine) == mine
    assert notices.tell(other, theirs) == []


def test_what_is_gone_for_good_when_it_is_told_is_left_out(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(A_WEEK_UNCHANGED,))
    clock.move(7 * DAY)
    found = notices.new(vault)
    vault.trash.remove(A)
    vault.trash.purge(A)
    assert notices.tell(vault, found) == []


def test_two_policies_that_speak_at_one_moment_are_one_notice(vault: Vault, clock: Clock) -> None:
    in_hours = Policy(EXPIRATION_NOTIFICATION, amount="48", unit="Hours")
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE, in_hours))
    clock.move(8 * DAY)
    assert heard(vault) == [(A, EXPIRATION_NOTIFICATION, 8 * DAY)]


def test_a_tick_with_nothing_to_tell_writes_nothing(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(FOLDER, Choice.LOCK)
    put(vault, A, policies=(EXPIRES,))
    clock.move(10 * DAY)
    notices.tick(vault)
    (before,) = vault.interior.database.row("SELECT total_changes()") or (None,)
    assert notices.tick(vault) == notices.Tick(0, 0, ())
    assert vault.interior.database.row("SELECT total_changes()") == (before,)


def test_a_tick_sweeps_as_an_unlock_does(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(EXPIRES,))
    clock.move(10 * DAY)
    assert notices.tick(vault)[:2] == (1, 0)
    live(vault, clock, 30 * DAY)
    assert notices.tick(vault)[:2] == (0, 1)


def test_the_zone_of_the_machine_is_no_matter(
    vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.on_expiry.set(FOLDER, Choice.WARN)
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE))
    clock.move(12 * DAY)
    expected = notices.new(vault)
    try:
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            monkeypatch.setitem(os.environ, "TZ", zone)
            time.tzset()
            assert notices.new(vault) == expected
    finally:
        monkeypatch.undo()
        time.tzset()


OFFERED = {
    "an expiration":                          (EXPIRATION, False, (Action.RENEW, Action.OPEN)),
    "an expiration of what rotates":          (EXPIRATION, True, (Action.ROTATE, Action.RENEW, Action.OPEN)),
    "an announcement":                        (EXPIRATION_NOTIFICATION, False, (Action.RENEW, Action.OPEN)),
    "left unchanged":                         (NO_CHANGE_NOTIFICATION, False, (Action.OPEN,)),
    "left unchanged, and can be rotated":     (NO_CHANGE_NOTIFICATION, True, (Action.ROTATE, Action.OPEN)),
}  # fmt: skip


@pytest.mark.parametrize(("what", "rotates", "offered"), OFFERED.values(), ids=OFFERED)
def test_what_can_be_done_about_a_notice(
    vault: Vault, clock: Clock, what: str, rotates: bool, offered: tuple[Action, ...]
) -> None:
    vault.on_expiry.set(FOLDER, Choice.WARN)
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE, A_WEEK_UNCHANGED))
    if rotates:
        vault.rotations.set(A, RotationDraft("value"))
    clock.move((10 if what == EXPIRATION else 9) * DAY)
    assert [one.actions for one in notices.new(vault) if one.saying.what == what] == [offered]


GIVEN, DUE = "has expired; its value is still given", "has expired; it is due for a rotation"
SENTENCES = {
    "announced":         (Choice.WARN,   EXPIRATION_NOTIFICATION, 8 * DAY,  "expires in 2 days"),
    "expired, warned":   (Choice.WARN,   EXPIRATION,              10 * DAY, GIVEN),
    "expired, locked":   (Choice.LOCK,   EXPIRATION,              10 * DAY, "has expired and is locked"),
    "to be rotated":     (Choice.ROTATE, EXPIRATION,              10 * DAY, DUE),
    "left unchanged":    (Choice.WARN,   NO_CHANGE_NOTIFICATION,  9 * DAY,  "was not changed for 9 days"),
}  # fmt: skip


@pytest.mark.parametrize(("choice", "what", "after", "words"), SENTENCES.values(), ids=SENTENCES)
def test_how_it_is_said(
    vault: Vault, clock: Clock, choice: Choice, what: str, after: timedelta, words: str
) -> None:
    vault.on_expiry.set(FOLDER, choice)
    put(vault, A, policies=(EXPIRES, TWO_DAYS_BEFORE, A_WEEK_UNCHANGED))
    clock.move(after)
    said = [notices.sentence(one.saying, clock.now) for one in notices.new(vault) if one.saying.what == what]
    assert said == [f"/f/a {words}"]


# ------------------------------------------------------------------------------------------------ any order

PLACES: Final[dict[str, dict[str, Any]]] = {
    "/f/standard": {"tier": Tier.STANDARD},
    "/f/deep/advanced": {"tier": Tier.ADVANCED},
    "/f/deep/secret": {"kind": Kind.SECRET},
}
paths = st.sampled_from(list(PLACES))
folders = st.sampled_from(["/", "/f", "/f/deep"])
days = st.integers(1, 60)


@st.composite
def policy_sets(draw: st.DrawFn) -> tuple[tuple[str, int], ...]:
    """Kind and days: of an Expiration from now, of the others as they stand."""
    kinds = draw(st.sets(st.sampled_from([EXPIRATION, EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION])))
    return tuple((kind, draw(days)) for kind in sorted(kinds))


steps = st.one_of(
    st.tuples(st.just("edit"), paths),
    st.tuples(st.just("policies"), paths, policy_sets()),
    st.tuples(st.just("folder"), folders, policy_sets()),
    st.tuples(st.just("choice"), st.one_of(paths, folders), st.sampled_from([*Choice, None])),
    st.tuples(st.just("clock"), st.sampled_from([-400, -3, 1, 2, 5, 30, 365]), st.integers(0, 23)),
    st.tuples(st.just("tick")),
)


def made(policies: tuple[tuple[str, int], ...], now: datetime) -> tuple[Policy, ...]:
    return tuple(
        expiration(now + amount * DAY)
        if kind == EXPIRATION
        else Policy(kind, amount=str(amount), unit="Days")
        for kind, amount in policies
    )


class Expected:
    """What a person would work out with pencil and paper: who has which policies, and what is due."""

    def __init__(self) -> None:
        self.own: dict[str, tuple[Policy, ...]] = dict.fromkeys(PLACES, ())
        self.folders: dict[str, tuple[Policy, ...]] = {}
        self.choices: dict[str, Choice] = {}
        self.modified: dict[str, datetime] = {}

    def _up(self, path: str) -> list[str]:
        parts = path.split("/")
        return ["/".join(parts[:end]) or "/" for end in range(len(parts) - 1, 0, -1)]

    def policies(self, path: str, kind: str) -> list[Policy]:
        for level in (self.own[path], *(self.folders.get(folder, ()) for folder in self._up(path))):
            if found := [policy for policy in level if policy.kind == kind]:
                return found
        return []

    def choice(self, path: str) -> Choice:
        holders = [place for place in (path, *self._up(path)) if place in self.choices]
        return self.choices[holders[0]] if holders else Choice.DELETE

    def end(self, path: str) -> datetime | None:
        return next((policy.moment for policy in self.policies(path, EXPIRATION)), None)

    def due(self, path: str, now: datetime) -> set[tuple[str, str, datetime]]:
        end, found = self.end(path), []
        if end is not None:
            found += [(EXPIRATION, end)]
        if end is not None and end > now:
            found += [
                (policy.kind, end - int(policy.amount or 0) * DAY)
                for policy in self.policies(path, EXPIRATION_NOTIFICATION)
            ]
        found += [
            (policy.kind, self.modified[path] + int(policy.amount or 0) * DAY)
            for policy in self.policies(path, NO_CHANGE_NOTIFICATION)
        ]
        return {(path, kind, at) for kind, at in found if at <= now}


@settings(max_examples=100)
@given(st.lists(steps, max_size=25))
def test_whatever_happens_each_is_told_once_and_values_are_given_as_the_choice_says(
    happened: list[tuple[object, ...]],
) -> None:
    clock, expected = Clock(), Expected()
    with vault_for_example(clock) as vault:
        for path, facts in PLACES.items():
            put(vault, path, **facts)
            expected.modified[path] = clock.now
        told: set[tuple[str, str, datetime]] = set()
        for step in [*happened, ("tick",)]:
            _do(vault, clock, expected, step)
            if step == ("tick",):
                told |= _check(vault, clock.now, expected, told)


def _do(vault: Vault, clock: Clock, expected: Expected, step: tuple[object, ...]) -> None:
    match step:
        case ("edit", str(path)):
            put(vault, path, "edited")
            expected.modified[path] = clock.now
        case ("policies", str(path), tuple(asked)):
            expected.own[path] = made(asked, clock.now)
            vault.entries.put(draft(path, None, policies=expected.own[path]))
            expected.modified[path] = clock.now
        case ("folder", str(path), tuple(asked)):
            expected.folders[path] = made(asked, clock.now)
            vault.folders.set_policies(ParameterPath(path), expected.folders[path])
        case ("choice", str(path), Choice() as choice):
            expected.choices[path] = choice
            vault.on_expiry.set(ParameterPath(path), choice)
        case ("choice", str(path), None):
            expected.choices.pop(path, None)
            vault.on_expiry.remove(ParameterPath(path))
        case ("clock", int(jump), int(hours)):
            clock.move(jump * DAY + hours * HOUR)


def _check(
    vault: Vault, now: datetime, expected: Expected, told: set[tuple[str, str, datetime]]
) -> set[tuple[str, str, datetime]]:
    """One tick: what is told, what is given, and what goes to the trash; that comes back as it was."""
    ticked = notices.tick(vault)
    fresh = {(str(one.path), one.saying.what, one.saying.due) for one in ticked.notices}
    assert len(fresh) == len(ticked.notices)
    assert not fresh & told
    ended = {path for path in PLACES if (at := expected.end(path)) is not None and at <= now}
    gone = {path for path in ended if expected.choice(path) is Choice.DELETE}
    locked = {path for path in ended if expected.choice(path) is Choice.LOCK}
    assert {entry.path for entry in vault.trash.listed()} == gone
    assert every_value(vault).keys() == PLACES.keys() - gone - locked
    for path in PLACES.keys() - gone:
        assert expected.due(path, now) <= fresh | told
    for path in gone:
        assert (path, EXPIRATION, expected.end(path)) in fresh | told
    assert all(at <= now for _, _, at in fresh)
    assert fresh <= set().union(*(expected.due(path, now) for path in PLACES))
    assert notices.tick(vault) == notices.Tick(0, 0, ())
    _bring_back(vault, now, expected, gone)
    return fresh


def _bring_back(vault: Vault, now: datetime, expected: Expected, gone: set[str]) -> None:
    """Out of the trash, with a life that is longer than any jump of the clock."""
    for path in map(ParameterPath, gone):
        vault.on_expiry.set(path, Choice.WARN)
        vault.trash.restore(path)
        policies = tuple(one for one in expected.own[path] if one.kind != EXPIRATION)
        expected.own[path] = (expiration(now + 9_999 * DAY), *policies)
        expected.modified[path] = now
        vault.entries.put(draft(path, None, policies=expected.own[path]))
        if path in expected.choices:
            vault.on_expiry.set(path, expected.choices[path])
        else:
            vault.on_expiry.remove(path)


# --------------------------------------------------------------------------------------------------- digest


def test_the_digest_gathers_what_needs_attention(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(FOLDER, Choice.LOCK)
    in_days = {"/f/past": -1, "/f/soon": 2, "/f/announced": 20, "/f/later": 20}
    for path, ahead in in_days.items():
        announced = Policy(EXPIRATION_NOTIFICATION, amount="30", unit="Days")
        policies = (expiration(BEGIN + (ahead + 9) * DAY), *([announced] * (path != "/f/later")))
        put(vault, path, policies=policies)
    put(vault, "/stale", policies=(A_WEEK_UNCHANGED,))
    clock.move(9 * DAY)
    found = notices.digest(vault)
    assert [(one.entry.path, one.what) for one in found.overdue] == [
        ("/stale", NO_CHANGE_NOTIFICATION),
        ("/f/past", EXPIRATION),
    ]
    assert [(one.entry.path, one.what) for one in found.soon] == [
        ("/f/soon", EXPIRATION),
        ("/f/announced", EXPIRATION_NOTIFICATION),
    ]
    assert found.counts == {"overdue": 2, "soon": 2, "missed": 0, "stopped": 0, "leases": 0}


def test_the_digest_tells_of_rotations_and_leases(vault: Vault, clock: Clock) -> None:
    for path in ("/stopped", "/missed", "/lent", "/kept"):
        put(vault, path)
    rotation = vault.rotations.set(ParameterPath("/stopped"), RotationDraft("value"))
    run = vault.rotations.begin(rotation, Cause.ASKED, "t" * 32)
    vault.rotations.write(run._replace(problem="the target was not reached"))
    rules = RotationRules(after_days=1, duration="2h")
    vault.rotations.set(ParameterPath("/missed"), RotationDraft("value", rules=rules))
    for path, ahead in (("/lent", HOUR), ("/kept", 99 * DAY)):
        vault.leases.plan(LeaseDraft(ParameterPath(path), "value", "u", "psql", {}, clock.now + ahead))
    clock.move(9 * DAY)
    found = notices.digest(vault)
    assert [str(one.rotation.path) for one in found.missed] == ["/missed"]
    assert [str(one.path) for one in found.stopped] == ["/stopped"]
    assert [str(one.path) for one in found.leases] == ["/lent"]


def test_a_rotation_that_was_left_in_the_middle_is_told_at_each_unlock(vault: Vault, clock: Clock) -> None:
    put(vault, A)
    run = vault.rotations.begin(vault.rotations.set(A, RotationDraft("value")), Cause.ASKED, "t" * 32)
    with alone(vault, f"rotation-{run.entry_id}", RotationBusy("")):  # somebody works on it
        assert not notices.digest(vault)
        assert notices.digest_of_the_day(vault) is None
    for _ in range(2):
        found = notices.digest_of_the_day(vault)
        assert found is not None
        assert [(one.path, one.problem) for one in found.stopped] == [(A, LEFT)]
    assert not vault.rotations.run(run.id).problem
    vault.rotations.write(run._replace(problem="the target was not reached"))
    assert notices.digest_of_the_day(vault) is None


def test_the_digest_is_given_once_a_day_and_only_when_it_says_something(vault: Vault, clock: Clock) -> None:
    put(vault, A)
    assert notices.digest_of_the_day(vault) is None
    vault.entries.put(Draft(A, None, policies=(expiration(BEGIN + DAY),), overwrite=True))
    vault.on_expiry.set(A, Choice.WARN)
    first = notices.digest_of_the_day(vault)
    assert first is not None
    assert [one.entry.path for one in first.soon] == [A]
    assert notices.digest_of_the_day(reopened(vault.path, clock)) is None
    clock.now = datetime(2026, 11, 23, tzinfo=UTC)
    assert notices.digest_of_the_day(vault) is not None
    clock.move(-DAY)
    assert notices.digest_of_the_day(vault) is not None  # a clock that was ahead once silences nothing
    assert find(vault, A).policies
