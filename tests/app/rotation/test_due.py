"""Which rotations are due, with a clock that is moved by hand and a vault that is real."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rotation import rounds, schedule
from app.rotation.due import RETRIES, Due, Reason, due, jitter, next_of, planned, skip, still_due
from app.rotation.rounds import run_due
from app.rotation.run import Rotating
from app.rotation.schedule import Window
from tests.vault.furnished import BEGIN, Clock, draft, new_vault, put, put_secret, value_of
from vault.errors import Refused
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import expiration
from vault.records import Cause, Kind, RotationDraft, RotationRules, RotationRun, RunState
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from vault.vault import Vault

HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
MONTHLY = RotationRules(schedule="cron(0 8 1 * ? *)", duration="4h")
DAILY = RotationRules(schedule="cron(0 8 * * ? *)", duration="4h")
TEN_DAYS = RotationRules(after_days=10)
DB = ParameterPath("/app/db")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00").astimezone(UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()  # 2026-11-22 10:20:30


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), clock) as made:
        yield made


def scheduled(vault: Vault, rules: RotationRules, path: str = DB) -> ParameterPath:
    put_secret(vault, path)
    vault.rotations.set(ParameterPath(path), RotationDraft("value", rules=rules))
    return ParameterPath(path)


def found(vault: Vault) -> list[Due]:
    return due(vault, vault.now())


def reasons(vault: Vault) -> list[tuple[str, Reason]]:
    return [(one.rotation.path, one.reason) for one in found(vault)]


def begun(vault: Vault, cause: Cause = Cause.SCHEDULE, path: ParameterPath = DB) -> RotationRun:
    run = vault.rotations.begin(vault.rotations.find(path), cause, str(uuid4()))
    return vault.rotations.put_pending(run, Secret.of_text(str(uuid4())), RunState.SET)


def stopped(vault: Vault, run: RotationRun) -> RotationRun:
    return vault.rotations.write(vault.rotations.run(run.id)._replace(problem="the target was not reached"))


def rotated(vault: Vault, cause: Cause = Cause.SCHEDULE, path: ParameterPath = DB) -> RotationRun:
    run = vault.rotations.promote(begun(vault, cause, path), RunState.PUSH)
    return vault.rotations.write(run._replace(state=RunState.DONE))


def opening(vault: Vault) -> datetime:
    window = next_of(vault, vault.rotations.find(DB))
    assert window is not None
    return window.start


def test_without_a_schedule_nothing_is_due_ever(vault: Vault, clock: Clock) -> None:
    scheduled(vault, RotationRules())
    clock.move(3650 * DAY)
    assert found(vault) == []
    assert next_of(vault, vault.rotations.find(DB)) is None


def test_it_is_due_from_a_moment_in_its_window_on(vault: Vault, clock: Clock) -> None:
    scheduled(vault, MONTHLY)
    window = Window(at("2026-12-01 08:00"), at("2026-12-01 12:00"))
    begin = window.start + jitter(vault.id, vault.entries.find(DB).id, window)
    clock.now = begin - timedelta(milliseconds=1)
    assert found(vault) == []
    clock.now = begin
    (one,) = found(vault)
    assert (one.window, one.reason, one.at) == (window, Reason.DUE, begin)
    clock.now = window.end - SECOND
    assert [one.reason for one in found(vault)] == [Reason.DUE]
    clock.now = window.end
    assert [one.reason for one in found(vault)] == [Reason.MISSED]


def test_the_next_opening_is_written_down(vault: Vault) -> None:
    scheduled(vault, MONTHLY)
    assert vault.rotations.find(DB).next_at is None
    found(vault)
    assert vault.rotations.find(DB).next_at == at("2026-12-01 08:00")


def test_another_setting_has_another_window(vault: Vault) -> None:
    scheduled(vault, MONTHLY)
    found(vault)
    vault.rotations.set(DB, RotationDraft("value", rules=TEN_DAYS))
    assert opening(vault) == at("2026-12-02 00:00")
    found(vault)
    assert vault.rotations.find(DB).next_at == at("2026-12-02 00:00")
    vault.rotations.set(DB, RotationDraft("value"))
    found(vault)
    assert vault.rotations.find(DB).next_at is None


def test_a_window_that_passed_before_the_setting_was_made_is_not_missed(vault: Vault, clock: Clock) -> None:
    put_secret(vault, DB)
    clock.move(365 * DAY)
    vault.rotations.set(DB, RotationDraft("value", rules=TEN_DAYS))
    assert found(vault) == []


def test_after_a_rotation_the_same_window_is_not_due_again(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 09:00")
    assert [one.reason for one in found(vault)] == [Reason.DUE]
    rotated(vault)
    for minutes in range(0, 23 * 60, 30):
        clock.now = at("2026-11-23 09:00") + timedelta(minutes=minutes)
        assert found(vault) == []
    clock.now = at("2026-11-24 09:00")
    assert [one.reason for one in found(vault)] == [Reason.DUE]


def test_a_rotation_that_was_rolled_back_waits_for_the_next_window(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 09:00")
    vault.rotations.demote(begun(vault), RunState.UNDONE)
    assert found(vault) == []
    assert opening(vault) == at("2026-11-24 08:00")


def test_a_value_that_was_put_by_hand_counts_as_a_rotation(vault: Vault, clock: Clock) -> None:
    scheduled(vault, TEN_DAYS)
    found(vault)
    clock.move(9 * DAY)
    put(vault, DB, "by hand")
    clock.move(DAY)
    assert found(vault) == []
    assert opening(vault) == at("2026-12-11 00:00")


def test_what_the_machine_rotated_is_not_due_any_more(vault: Vault, clock: Clock) -> None:
    for path in ("/a", "/b", "/c"):
        scheduled(vault, DAILY, path)
    clock.now = at("2026-11-23 12:30")
    assert run_due(vault) == []
    turns = run_due(vault, missed=True)
    assert sorted((turn.path, turn.run and turn.run.state) for turn in turns) == [
        ("/a", RunState.DONE), ("/b", RunState.DONE), ("/c", RunState.DONE),
    ]  # fmt: skip
    assert found(vault) == []


def test_a_change_without_a_value_counts_for_nothing(vault: Vault, clock: Clock) -> None:
    scheduled(vault, TEN_DAYS)
    clock.move(9 * DAY)
    vault.entries.put(draft(DB, None, description="told"))
    clock.move(DAY)
    assert [one.reason for one in found(vault)] == [Reason.DUE]


def test_going_back_to_an_old_version_makes_no_old_window_missed(vault: Vault, clock: Clock) -> None:
    scheduled(vault, TEN_DAYS)
    clock.move(8 * DAY)
    put(vault, DB, "another")
    found(vault)
    vault.entries.move_stage(DB, "AWSCURRENT", to=1, remove_from=2)
    clock.move(4 * DAY)
    assert found(vault) == []
    assert opening(vault) == at("2026-12-10 00:00")


@pytest.mark.parametrize("rules", [DAILY, MONTHLY, TEN_DAYS, RotationRules(schedule="rate(4 hours)")])
def test_a_year_asleep_is_one_rotation_to_catch_up(vault: Vault, clock: Clock, rules: RotationRules) -> None:
    scheduled(vault, rules)
    found(vault)
    clock.move(365 * DAY + 12 * HOUR)
    (one,) = found(vault)
    assert one.window is not None
    assert one.at <= clock.now
    rotated(vault)
    assert found(vault) == []
    assert opening(vault) > clock.now


def test_after_a_year_asleep_the_window_that_is_open_now_is_due_and_not_missed(
    vault: Vault, clock: Clock
) -> None:
    scheduled(vault, MONTHLY)
    found(vault)
    clock.now = at("2027-12-01 10:00")
    (one,) = found(vault)
    assert one.reason is Reason.DUE
    assert one.window == Window(at("2027-12-01 08:00"), at("2027-12-01 12:00"))


def test_what_somebody_else_rotated_since_it_was_found_is_not_due_any_more(
    vault: Vault, clock: Clock
) -> None:
    for path in ("/a", "/b", "/c"):
        scheduled(vault, DAILY, path)
    clock.now = at("2026-11-23 11:59")
    waiting = found(vault)
    rotated(vault, Cause.ASKED, ParameterPath("/a"))
    vault.trash.remove(ParameterPath("/b"))
    clock.move(timedelta(minutes=5))  # the window is over by now
    assert [one.rotation.path for one in waiting if still_due(vault, one)] == ["/c"]


def test_two_programs_that_find_the_same_rotate_it_once(
    vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 11:59")

    def slower(
        vault: Vault, path: ParameterPath, **said: Callable[[], bool]
    ) -> Rotating:  # than another program
        Rotating(vault, path).start()
        return Rotating(vault, path, wanted=said["wanted"])

    monkeypatch.setattr(rounds, "Rotating", slower)
    assert run_due(vault) == [(DB, None, None)]
    assert [run.cause for run in vault.rotations.runs(DB)] == [Cause.ASKED]


def test_what_cannot_begin_by_itself_is_in_the_history_and_goes_on_once_it_is_mended(
    vault: Vault, clock: Clock
) -> None:
    put(vault, DB, '{"password": "old"}')
    vault.rotations.set(DB, RotationDraft("value", options={"field": "password"}, rules=DAILY))
    put(vault, DB, '{"user": "app"}')
    clock.now = at("2026-11-23 08:16")
    assert [turn.run for turn in run_due(vault)] == [None]
    (run,) = vault.rotations.open_runs()
    assert (run.state, run.pending, run.cause) == (RunState.CREATE, None, Cause.SCHEDULE)
    assert run.problem
    assert run_due(vault) == []
    put(vault, DB, '{"password": "mended"}')
    assert Rotating(vault, DB).resume().state is RunState.DONE
    assert '"mended"' in value_of(vault, DB, label="AWSPREVIOUS")


def test_a_missed_window_that_is_let_go_is_not_asked_for_again(vault: Vault, clock: Clock) -> None:
    scheduled(vault, TEN_DAYS)
    clock.now = at("2026-12-05 12:00")
    (one,) = found(vault)
    assert one.reason is Reason.MISSED
    assert skip(vault, one.rotation) == Window(at("2026-12-15 00:00"), at("2026-12-16 00:00"))
    clock.now = at("2026-12-14 23:59")
    assert found(vault) == []
    clock.now = at("2026-12-15 12:00")
    assert [one.reason for one in found(vault)] == [Reason.DUE]
    clock.now = at("2026-12-16 12:00")
    assert [one.reason for one in found(vault)] == [Reason.MISSED]


@pytest.mark.parametrize("back", [timedelta(minutes=5), 3 * HOUR, 23 * HOUR])
def test_a_clock_that_is_put_back_a_little_rotates_no_window_twice(
    vault: Vault, clock: Clock, back: timedelta
) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-24 09:00")
    rotated(vault)
    clock.move(-back)
    until = at("2026-11-25 08:00")
    while clock.now < until:
        assert found(vault) == []
        clock.move(HOUR)
    clock.now = until + HOUR
    assert [one.reason for one in found(vault)] == [Reason.DUE]


def test_a_clock_that_was_years_ahead_skips_nothing_for_ever(vault: Vault, clock: Clock) -> None:
    scheduled(vault, TEN_DAYS)
    clock.now = at("2099-01-01 12:00")
    rotated(vault)
    found(vault)
    clock.now = at("2026-11-23 12:00")
    days = []
    for _ in range(35):
        if found(vault):
            days.append(clock.now.date().isoformat())
            rotated(vault)
        clock.move(DAY)
    assert days == ["2026-12-03", "2026-12-13", "2026-12-23"]


def test_a_setting_from_a_clock_that_was_ahead_rotates_by_its_rules(vault: Vault, clock: Clock) -> None:
    clock.now = at("2099-01-01 12:00")
    scheduled(vault, TEN_DAYS)
    clock.now = at("2026-11-23 12:00")
    days = []
    for _ in range(35):
        if found(vault):
            days.append(clock.now.date().isoformat())
            rotated(vault)
        clock.move(DAY)
    assert days == ["2026-12-03", "2026-12-13", "2026-12-23"]


def test_hundreds_do_not_begin_in_one_second(vault: Vault) -> None:
    window = Window(at("2026-12-01 08:00"), at("2026-12-01 12:00"))
    waits = [jitter(vault.id, entry_id, window) for entry_id in range(1, 501)]
    assert len({wait // SECOND for wait in waits}) > 200
    assert waits == [jitter(vault.id, entry_id, window) for entry_id in range(1, 501)]
    assert min(waits) < timedelta(minutes=1)
    assert timedelta(minutes=14) < max(waits) < timedelta(minutes=15)
    short = window._replace(end=window.start + HOUR)
    assert max(jitter(vault.id, entry_id, short) for entry_id in range(500)) < timedelta(minutes=6)


def test_two_vaults_and_two_windows_begin_at_other_moments() -> None:
    window = Window(at("2026-12-01 00:00"), at("2026-12-02 00:00"))
    tomorrow = Window(window.end, window.end + DAY)
    waits = {jitter(b"a" * 16, 1, window), jitter(b"b" * 16, 1, window), jitter(b"a" * 16, 1, tomorrow)}
    assert len(waits) == 3


def test_a_run_that_stopped_is_tried_again_three_times_and_anew_in_each_window(
    vault: Vault, clock: Clock
) -> None:
    scheduled(vault, DAILY)
    start = clock.now = at("2026-11-23 09:00")
    run = begun(vault)
    tries = []
    stopped(vault, run)
    while clock.now < at("2026-11-25 00:00"):
        if reasons(vault) == [(DB, Reason.RETRY)]:
            tries.append(clock.now)
            stopped(vault, run)  # again
        else:
            assert found(vault) == []
        clock.move(timedelta(minutes=5))
    opened = at("2026-11-24 08:00")
    assert tries == [start + after for after in RETRIES] + [
        opened + after for after in (timedelta(0), *RETRIES)
    ]
    vault.rotations.write(vault.rotations.run(run.id)._replace(state=RunState.DONE))
    assert found(vault) == []
    clock.now = at("2026-11-25 09:00")
    assert [one.reason for one in found(vault)] == [Reason.DUE]


def test_a_run_is_tried_again_also_when_its_version_is_current_already(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 09:00")
    stopped(vault, vault.rotations.promote(begun(vault), RunState.PUSH))
    clock.move(6 * timedelta(minutes=1))
    assert reasons(vault) == [(DB, Reason.RETRY)]


def test_a_run_is_not_tried_again_when_its_window_is_over(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 11:30")
    stopped(vault, begun(vault))
    clock.now = at("2026-11-23 11:50")
    assert reasons(vault) == [(DB, Reason.RETRY)]
    clock.now = at("2026-11-23 12:00")
    assert found(vault) == []


def test_a_run_that_caught_up_is_tried_again_outside_its_window(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 15:00")
    stopped(vault, begun(vault))
    clock.move(timedelta(minutes=6))
    assert reasons(vault) == [(DB, Reason.RETRY)]


def test_a_run_that_somebody_asked_for_waits_for_them(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 09:00")
    stopped(vault, begun(vault, Cause.ASKED))
    clock.move(10 * DAY)
    assert found(vault) == []


def test_a_run_that_was_killed_is_resumed_once_it_was_silent(vault: Vault, clock: Clock) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 09:00")
    run = begun(vault)
    clock.move(timedelta(minutes=6))
    assert found(vault) == []  # it may be under way
    clock.move(timedelta(minutes=14))
    assert reasons(vault) == [(DB, Reason.RETRY)]
    vault.rotations.write(vault.rotations.run(run.id))  # it goes on
    assert found(vault) == []


def test_an_entry_that_expires_is_due_if_that_was_chosen_and_once(vault: Vault, clock: Clock) -> None:
    end = BEGIN + DAY
    for path in (DB, ParameterPath("/app/other")):
        put(vault, path, policies=(expiration(end),), tier=None)
        vault.rotations.set(path, RotationDraft("value"))
    vault.on_expiry.set(DB, Choice.ROTATE)
    clock.now = end - timedelta(milliseconds=1)
    assert found(vault) == []
    clock.now = end + HOUR
    (one,) = found(vault)
    assert (one.rotation.path, one.reason, one.window) == (DB, Reason.EXPIRED, None)
    assert one.at == end.replace(microsecond=0)
    rotated(vault, Cause.EXPIRY)
    assert found(vault) == []


def test_a_run_of_an_expiry_is_tried_again(vault: Vault, clock: Clock) -> None:
    scheduled(vault, RotationRules())
    stopped(vault, begun(vault, Cause.EXPIRY))
    clock.move(timedelta(minutes=5))
    assert reasons(vault) == [(DB, Reason.RETRY)]


def test_what_is_left_to_do_after_the_grace_time_comes_before_the_next_rotation(
    vault: Vault, clock: Clock
) -> None:
    scheduled(vault, DAILY)
    clock.now = at("2026-11-23 09:00")
    run = rotated(vault)
    vault.rotations.write(run._replace(follow_at=at("2026-11-24 09:00")))
    clock.now = at("2026-11-24 08:59")
    assert reasons(vault) == [(DB, Reason.DUE)]
    clock.now = at("2026-11-24 09:00")
    (one,) = found(vault)
    assert (one.reason, one.at) == (Reason.FOLLOW, at("2026-11-24 09:00"))
    vault.rotations.write(run._replace(follow_at=None))
    assert reasons(vault) == [(DB, Reason.DUE)]


def test_of_several_what_waits_longest_comes_first(vault: Vault, clock: Clock) -> None:
    for path in ("/c", "/a", "/b"):
        scheduled(vault, DAILY if path == "/a" else TEN_DAYS, path)
    clock.now = at("2026-12-02 12:30")
    waiting = found(vault)
    assert [one.at for one in waiting] == sorted(one.at for one in waiting)
    assert [one.reason for one in waiting] == [Reason.DUE, Reason.DUE, Reason.MISSED]
    assert waiting[2].rotation.path == "/a"


def test_rules_that_aws_has_not_are_told_and_stop_nobody_else(vault: Vault, clock: Clock) -> None:
    scheduled(vault, RotationRules(schedule="every now and then"))
    scheduled(vault, TEN_DAYS, "/good")
    clock.move(30 * DAY)
    assert reasons(vault) == [("/good", Reason.DUE)]
    run = rotated(vault)
    vault.rotations.write(run._replace(follow_at=clock.now))
    assert (DB, Reason.FOLLOW) in reasons(vault)
    with pytest.raises(Refused, match=r"such as rate\(12 hours\)"):
        next_of(vault, vault.rotations.find(DB))


def test_what_is_in_the_trash_is_not_due(vault: Vault, clock: Clock) -> None:
    scheduled(vault, TEN_DAYS)
    vault.trash.remove(DB)
    clock.move(30 * DAY)
    assert found(vault) == []


def test_a_secret_without_a_value_has_a_window_all_the_same(vault: Vault, clock: Clock) -> None:
    vault.entries.put(draft(DB, None, kind=Kind.SECRET))
    vault.rotations.set(DB, RotationDraft("value", rules=TEN_DAYS))
    clock.move(10 * DAY)
    assert reasons(vault) == [(DB, Reason.DUE)]


# A machine that is switched on now and then, and rotates what it finds to be due.

RULES = st.sampled_from(
    [
        DAILY,
        MONTHLY,
        TEN_DAYS,
        RotationRules(schedule="rate(4 hours)"),
        RotationRules(schedule="rate(10 hours)", duration="2h"),
        RotationRules(schedule="cron(0 /8 * * ? *)"),
        RotationRules(schedule="cron(0 20 L * ? *)"),
    ]
)


class Machine:
    """Keeps what the vault would keep: when it was rotated, and what was written down."""

    def __init__(self, rules: RotationRules) -> None:
        self.rules, self.now = rules, BEGIN
        self.set_at = self.last = BEGIN
        self.kept: datetime | None = None

    def wake(self, now: datetime) -> Window | None:
        """The window that it rotated in, or caught up."""
        self.now = now
        window = planned(self.rules, [self.set_at, self.last], self.kept, now)
        assert window is not None
        self.kept = window.start
        if window.start > now:
            return None
        self.last = now
        return window


@given(RULES, st.lists(st.timedeltas(SECOND, 90 * DAY), min_size=1, max_size=30))
def test_whenever_it_wakes_no_window_is_rotated_twice_and_at_most_one_is_caught_up(
    rules: RotationRules, naps: Sequence[timedelta]
) -> None:
    machine, served = Machine(rules), list[Window]()
    for nap in naps:
        missed = schedule.latest(rules, machine.last, machine.now + nap)
        window = machine.wake(machine.now + nap)
        assert window == missed
        assert machine.wake(machine.now) is None
        if window:
            served.append(window)
    assert sorted(set(served)) == served


@settings(max_examples=50)
@given(RULES, st.lists(st.timedeltas(-4000 * DAY, 4000 * DAY), min_size=1, max_size=8))
def test_however_the_clock_was_moved_rotations_go_on_by_the_rules(
    rules: RotationRules, jumps: Sequence[timedelta]
) -> None:
    machine = Machine(rules)
    for jump in jumps:
        machine.wake(machine.now + jump)
    served, begin = list[Window](), machine.now
    for hours in range(0, 24 * 70, 3):
        if window := machine.wake(begin + hours * HOUR):
            served.append(window)
    assert len(set(served)) == len(served)
    first = schedule.following(rules, begin)
    assert first is not None
    second = schedule.following(rules, first.start + DAY)  # the first may count as rotated before the jump
    assert second is not None
    assert served
    assert served[0].start <= second.start
