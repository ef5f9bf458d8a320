"""Rotations in the vault: what each step does to versions and labels, and what runs survive."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.furnished import (
    BEGIN,
    Clock,
    assert_whole,
    draft,
    find,
    put,
    put_secret,
    reopened,
    value_of,
    vault_for_example,
)
from tests.vault.memory_kms import connected, keys_of, set_policy
from vault.errors import Conflict, NotFound, Refused
from vault.labels import MAX_VERSIONS
from vault.paths import ParameterPath
from vault.records import (
    Cause,
    Kind,
    LogLine,
    Origin,
    Rotation,
    RotationDraft,
    RotationRules,
    RotationRun,
    RunState,
    Strategy,
)
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.vault import Vault

PATH = ParameterPath("/a/x")
KINDS = pytest.mark.parametrize("kind", Kind)


def settled(vault: Vault, kind: Kind = Kind.PARAMETER, *, value: str = "one") -> Rotation:
    """/a/x, which has a value and rotates."""
    put(vault, PATH, value, kind=kind)
    return vault.rotations.set(PATH, RotationDraft("value"))


def begun(vault: Vault, rotation: Rotation) -> RotationRun:
    """A run with a token of its own."""
    token = f"{len(vault.rotations.runs(limit=1_000)) + 1:036}"
    return vault.rotations.begin(rotation, Cause.ASKED, token)


def pending(vault: Vault, rotation: Rotation, value: str = "two") -> RotationRun:
    """A run whose new version has AWSPENDING."""
    return vault.rotations.put_pending(begun(vault, rotation), Secret.of_text(value), RunState.SET)


def finished(vault: Vault, rotation: Rotation, value: str = "two") -> RotationRun:
    """A whole run."""
    return vault.rotations.promote(pending(vault, rotation, value), RunState.DONE)


def stages(vault: Vault) -> dict[str, str]:
    """What each stage of /a/x opens to, and a get without one."""
    found = {"": value_of(vault, PATH)}
    for stage in ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"):
        with suppress(NotFound):
            found[stage] = value_of(vault, PATH, label=stage)
    return found


# --------------------------------------------------------------------------------------------- labels


@KINDS
def test_a_pending_version_is_not_what_a_get_gives(vault: Vault, kind: Kind) -> None:
    run = pending(vault, settled(vault, kind))
    assert (run.base, run.pending, run.state) == (1, 2, RunState.SET)
    assert stages(vault) == {"": "one", "AWSCURRENT": "one", "AWSPENDING": "two"}
    assert (find(vault, PATH).current, find(vault, PATH).latest) == (1, 2)
    assert_whole(vault)


@KINDS
def test_the_promoted_version_is_current_and_the_former_one_previous(vault: Vault, kind: Kind) -> None:
    finished(vault, settled(vault, kind))
    assert stages(vault) == {"": "two", "AWSCURRENT": "two", "AWSPENDING": "two", "AWSPREVIOUS": "one"}
    assert_whole(vault)


@KINDS
def test_promoting_twice_is_promoting_once(vault: Vault, kind: Kind) -> None:
    run = vault.rotations.promote(pending(vault, settled(vault, kind)), RunState.PUSH)
    vault.rotations.promote(run, RunState.DONE)
    assert stages(vault)["AWSPREVIOUS"] == "one"


@KINDS
def test_what_is_rolled_back_leaves_no_stage_but_its_version(vault: Vault, kind: Kind) -> None:
    vault.rotations.demote(pending(vault, settled(vault, kind)), RunState.UNDONE)
    assert stages(vault) == {"": "one", "AWSCURRENT": "one"}
    assert value_of(vault, PATH, number=2) == "two"
    assert_whole(vault)


@KINDS
def test_rolling_back_after_it_was_promoted_makes_the_old_version_current(vault: Vault, kind: Kind) -> None:
    run = vault.rotations.promote(pending(vault, settled(vault, kind)), RunState.PUSH)
    vault.rotations.demote(run, RunState.UNDONE)
    assert stages(vault) == {"": "one", "AWSCURRENT": "one", "AWSPREVIOUS": "two"}
    assert_whole(vault)


@KINDS
def test_rolling_back_before_anything_was_made_changes_no_version(vault: Vault, kind: Kind) -> None:
    rotation = settled(vault, kind)
    before = find(vault, PATH)
    vault.rotations.demote(begun(vault, rotation), RunState.UNDONE)
    assert find(vault, PATH) == before


@KINDS
def test_a_put_meanwhile_is_current_at_once_and_promoting_puts_the_pending_one_over_it(
    vault: Vault, kind: Kind
) -> None:
    run = pending(vault, settled(vault, kind))
    put(vault, PATH, "three")
    assert (value_of(vault, PATH), value_of(vault, PATH, label="AWSPENDING")) == ("three", "two")
    vault.rotations.promote(run, RunState.DONE)
    assert stages(vault) == {"": "two", "AWSCURRENT": "two", "AWSPENDING": "two", "AWSPREVIOUS": "three"}
    assert_whole(vault)


@KINDS
def test_rolling_back_leaves_what_somebody_else_put_meanwhile(vault: Vault, kind: Kind) -> None:
    run = pending(vault, settled(vault, kind))
    put(vault, PATH, "three")
    vault.rotations.demote(run, RunState.UNDONE)
    assert value_of(vault, PATH) == "three"
    assert "AWSPENDING" not in stages(vault)


@KINDS
def test_the_next_rotation_takes_awspending_over(vault: Vault, kind: Kind) -> None:
    rotation = settled(vault, kind)
    finished(vault, rotation)
    finished(vault, rotation, "three")
    assert stages(vault) == {"": "three", "AWSCURRENT": "three", "AWSPENDING": "three", "AWSPREVIOUS": "two"}


def test_the_first_value_of_a_secret_stays_when_it_is_rolled_back(vault: Vault) -> None:
    vault.entries.put(draft(PATH, None, kind=Kind.SECRET))
    run = pending(vault, vault.rotations.set(PATH, RotationDraft("value")), "first")
    assert run.base == 0
    vault.rotations.demote(run, RunState.UNDONE)
    assert stages(vault) == {"": "first", "AWSCURRENT": "first"}
    assert_whole(vault)


def test_a_label_without_a_number_goes_to_the_current_version(vault: Vault) -> None:
    pending(vault, settled(vault))
    vault.entries.label(PATH, None, ["prod"])
    assert value_of(vault, PATH, label="prod") == "one"


def test_the_stages_of_a_parameter_take_no_room_from_its_labels(vault: Vault) -> None:
    rotation = settled(vault)
    vault.entries.label(PATH, 1, [f"label-{number}" for number in range(10)])
    finished(vault, rotation)
    vault.entries.label(PATH, 1, ["label-0"])
    with pytest.raises(Refused):
        vault.entries.label(PATH, 1, ["one-more"])


def test_nobody_else_gives_a_parameter_a_stage(vault: Vault) -> None:
    put(vault, PATH)
    assert vault.entries.label(PATH, 1, ["AWSPENDING", "AWSCURRENT"]) == ("AWSPENDING", "AWSCURRENT")
    with pytest.raises(Refused, match="not a label: AWSPENDING"):
        put(vault, PATH, "two", stages=("AWSPENDING",))
    assert (find(vault, PATH).current, find(vault, PATH).latest) == (1, 1)


def test_a_pending_version_is_told_to_be_of_a_rotation(vault: Vault) -> None:
    run = pending(vault, settled(vault, Kind.SECRET))
    made = vault.entries.history(PATH)[-1]
    assert (made.origin, made.token, made.labels) == (Origin.ROTATION, run.token, ("AWSPENDING",))


def test_the_same_token_makes_one_version_of_a_secret(vault: Vault) -> None:
    run = pending(vault, settled(vault, Kind.SECRET))
    again = vault.rotations.put_pending(run, Secret.of_text("two"), RunState.SET)
    assert (again.pending, find(vault, PATH).latest) == (2, 2)


def test_a_pending_value_is_sealed_as_the_key_policy_says(vault: Vault) -> None:
    connected(vault)
    set_policy(vault, "/a", "kms")
    pending(vault, settled(vault))
    assert keys_of(vault, PATH)[1] == keys_of(vault, PATH)[2]
    assert vault.key_policies.waiting() == 0


# ----------------------------------------------------------------------------------------- a full entry


@KINDS
def test_the_current_version_outlives_a_hundred_rotations_that_were_rolled_back(
    vault: Vault, kind: Kind
) -> None:
    rotation = settled(vault, kind)
    for number in range(MAX_VERSIONS + 5):
        vault.rotations.demote(pending(vault, rotation, f"not {number}"), RunState.UNDONE)
    assert value_of(vault, PATH) == "one"
    assert len(vault.entries.history(PATH)) == MAX_VERSIONS
    assert_whole(vault)


@KINDS
def test_an_open_run_keeps_its_versions_through_a_hundred_puts(vault: Vault, kind: Kind) -> None:
    run = pending(vault, settled(vault, kind))
    if kind is Kind.SECRET:
        vault.entries.move_stage(PATH, "AWSPENDING", None, 2)
    vault.entries.put_many([draft(PATH, f"put {number}") for number in range(MAX_VERSIONS + 5)])
    assert {run.base, run.pending} <= {version.number for version in vault.entries.history(PATH)}
    vault.rotations.promote(run, RunState.PUSH)
    vault.rotations.demote(run, RunState.UNDONE)
    assert value_of(vault, PATH) == "one"
    assert_whole(vault)


def test_the_stages_of_an_old_rotation_make_room_for_new_versions(vault: Vault) -> None:
    finished(vault, settled(vault))
    for number in range(MAX_VERSIONS + 5):
        put(vault, PATH, f"put {number}")
    assert vault.entries.history(PATH)[0].number == 8
    assert_whole(vault)


# ------------------------------------------------------------------------------------ settings and runs


def test_a_setting_reads_back_as_it_was_written(vault: Vault, clock: Clock) -> None:
    put_secret(vault, "/admin")
    put_secret(vault, PATH)
    said = RotationDraft(
        "postgresql",
        Strategy.ALTERNATING,
        {"host": "db", "größe": "ü\n"},
        ParameterPath("/admin"),
        RotationRules(schedule="rate(10 days)", duration="3h"),
    )
    found = vault.rotations.set(PATH, said)
    assert found == Rotation(find(vault, PATH).id, PATH, *said, clock.now, None)
    vault.rotations.set_next(found.entry_id, clock.now + timedelta(days=1))
    assert vault.rotations.find(PATH).next_at == clock.now + timedelta(days=1)
    assert vault.rotations.set(PATH, said) == found
    assert vault.rotations.listed() == [found]


BAD_SETTINGS: dict[str, tuple[dict[str, Any], str]] = {
    "too many options": ({"options": {f"o{number}": "" for number in range(51)}}, "at most 50 options"),
    "a long option": ({"options": {"o": "x" * 4097}}, "of 4096 characters"),
    "a long name": ({"options": {"o" * 4097: ""}}, "of 4096 characters"),
    "its own admin": ({"admin": PATH}, "cannot be the admin that changes itself"),
    "an admin that is not there": ({"admin": ParameterPath("/nobody")}, "/nobody: there is no such entry"),
}


@pytest.mark.parametrize(("said", "why"), BAD_SETTINGS.values(), ids=BAD_SETTINGS)
def test_a_setting_that_cannot_be_is_refused(vault: Vault, said: dict[str, Any], why: str) -> None:
    put(vault, PATH)
    with pytest.raises(Refused, match=why):
        vault.rotations.set(PATH, RotationDraft("value", **said))
    assert vault.rotations.listed() == []


def test_while_a_run_is_open_there_is_no_other_and_its_target_stays(vault: Vault) -> None:
    rotation = settled(vault)
    run = begun(vault, rotation)
    with pytest.raises(Conflict, match="under way already"):
        begun(vault, rotation)
    for deed in (
        lambda: vault.rotations.set(PATH, RotationDraft("command")),
        lambda: vault.rotations.remove(PATH),
    ):
        with pytest.raises(Refused, match="resume it or roll it back before"):
            deed()
    changed = vault.rotations.set(PATH, RotationDraft("value", options={"length": "40"}))
    assert changed.options == {"length": "40"}  # what was too short to go on with can be mended
    assert vault.rotations.open_runs() == [run]
    vault.rotations.write(run._replace(state=RunState.UNDONE))
    vault.rotations.remove(PATH)
    assert vault.rotations.listed() == vault.rotations.open_runs() == []  # type: ignore[comparison-overlap]


def test_a_run_reads_back_in_another_program(vault: Vault, clock: Clock) -> None:
    run = pending(vault, settled(vault, Kind.SECRET))
    clock.move()
    run = vault.rotations.write(
        run._replace(
            state=RunState.TEST,
            memo={"user": "ü", "more": [1, None, True]},
            log=(LogLine(clock.now, "set: größer\n"), LogLine(clock.now, "")),
            problem="the server was not reached",
            gap=12,
            follow_at=clock.now + timedelta(hours=1),
        )
    )
    assert (run.started_at, run.changed_at, run.ended_at) == (
        clock.now - timedelta(seconds=1),
        clock.now,
        None,
    )
    with reopened(vault.path, clock) as other:
        assert other.rotations.run(run.id) == run
        assert (
            other.rotations.runs(PATH) == other.rotations.open_runs() == other.rotations.following() == [run]
        )


def test_runs_are_told_the_last_first_and_follow_ups_as_they_are_due(vault: Vault, clock: Clock) -> None:
    rotation = settled(vault)
    for hours in (2, 1, None):
        run = finished(vault, rotation)
        vault.rotations.write(run._replace(follow_at=clock.now + timedelta(hours=hours) if hours else None))
    assert [run.id for run in vault.rotations.runs()] == [3, 2, 1]
    assert [run.id for run in vault.rotations.runs(PATH, limit=2)] == [3, 2]
    assert [run.id for run in vault.rotations.following()] == [2, 1]
    with pytest.raises(NotFound):
        vault.rotations.run(4)


def test_the_log_tells_every_step_and_no_value(vault: Vault) -> None:
    begin = vault.audit.head()[0]
    run = pending(vault, settled(vault), "the new value")
    run = vault.rotations.write(run._replace(memo={"user": "nobody"}))
    run = vault.rotations.write(run._replace(problem="refused"))
    run = vault.rotations.promote(run._replace(problem=""), RunState.PUSH)
    vault.rotations.write(run._replace(state=RunState.DONE))
    events = vault.audit.events(limit=20)
    told = [(event.event, event.version, dict(event.detail)) for event in events if event.seq > begin + 1]
    assert told == [
        ("rotation-set", None, {"target": "value", "strategy": "single"}),
        ("rotation-begun", None, {"target": "value", "cause": "asked"}),
        ("version-put", 2, {"current": 1}),
        ("rotation-step", 2, {"state": "set"}),
        ("rotation-step", 2, {"state": "set", "problem": True}),
        ("labels-changed", 2, {"attached": ["AWSCURRENT", "AWSPREVIOUS"], "removed": []}),
        ("rotation-step", 2, {"state": "push"}),
        ("rotation-ended", 2, {"state": "done"}),
    ]


def test_a_value_that_does_not_fit_leaves_the_run_where_it_was(vault: Vault) -> None:
    put(vault, PATH, "1", allowed_pattern="[0-9]+")
    run = begun(vault, vault.rotations.set(PATH, RotationDraft("value")))
    with pytest.raises(Refused):
        vault.rotations.put_pending(run, Secret.of_text("two"), RunState.SET)
    assert vault.rotations.open_runs() == [run]
    assert find(vault, PATH).latest == 1


def test_what_is_written_together_is_written_whole_or_not_at_all(vault: Vault) -> None:
    run = pending(vault, settled(vault))
    before = vault.audit.head()

    def promote_and_fail() -> None:
        with vault.rotations.together():
            vault.rotations.promote(run, RunState.DONE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        promote_and_fail()
    assert vault.audit.head() == before
    assert vault.rotations.open_runs() == [run]
    assert stages(vault)["AWSCURRENT"] == "one"


# --------------------------------------------------------------------------- the entry goes and comes back


def test_a_setting_and_its_runs_go_along_with_a_moved_entry_and_not_with_a_copy(vault: Vault) -> None:
    run = pending(vault, settled(vault))
    vault.entries.copy(PATH, ParameterPath("/copy"))
    vault.entries.move(PATH, ParameterPath("/b"))
    (rotation,) = vault.rotations.listed()
    assert (rotation.path, rotation.entry_id) == ("/b", run.entry_id)
    vault.rotations.promote(run, RunState.DONE)
    assert (value_of(vault, "/b"), value_of(vault, "/copy")) == ("two", "one")
    assert find(vault, "/copy").latest == 1
    assert [each.path for each in vault.rotations.runs(ParameterPath("/b"))] == [PATH]
    assert vault.rotations.runs(ParameterPath("/copy")) == []
    assert_whole(vault)


@KINDS
def test_a_removed_entry_does_not_rotate_until_it_is_restored(vault: Vault, kind: Kind) -> None:
    rotation = settled(vault, kind)
    run = pending(vault, rotation)
    vault.trash.remove(PATH)
    assert vault.rotations.listed() == []
    for deed in (vault.rotations.promote, vault.rotations.demote):
        with pytest.raises(NotFound, match="restore it"):
            deed(run, RunState.DONE)
    assert vault.rotations.open_runs() == [run]
    vault.trash.restore(PATH)
    assert vault.rotations.listed() == [rotation]
    vault.rotations.promote(run, RunState.DONE)
    assert value_of(vault, PATH) == "two"


def test_of_a_purged_entry_the_history_is_left(vault: Vault) -> None:
    run = pending(vault, settled(vault))
    vault.trash.remove(PATH)
    vault.trash.purge(PATH)
    assert vault.rotations.listed() == []
    (left,) = vault.rotations.runs()
    assert (left.id, left.state, left.problem) == (run.id, run.state, "the entry was purged")
    assert vault.rotations.open_runs() == []
    assert_whole(vault)


def test_an_admin_is_followed_where_it_goes(vault: Vault) -> None:
    put(vault, PATH)
    put_secret(vault, "/admin")
    vault.rotations.set(PATH, RotationDraft("value", admin=ParameterPath("/admin")))
    vault.entries.move(ParameterPath("/admin"), ParameterPath("/b/admin"))
    assert vault.rotations.find(PATH).admin == "/b/admin"


@KINDS
def test_restoring_to_a_moment_before_the_promotion_gives_the_old_value(
    vault: Vault, clock: Clock, kind: Kind
) -> None:
    run = pending(vault, settled(vault, kind))
    before = clock.now
    clock.move()
    vault.rotations.promote(run, RunState.DONE)
    after = clock.now
    clock.move()
    put(vault, PATH, "three")
    clock.move()
    vault.restore_to(ParameterPath("/a"), before)
    assert value_of(vault, PATH) == "one"
    clock.move()
    vault.restore_to(ParameterPath("/a"), after)
    assert value_of(vault, PATH) == "two"
    assert_whole(vault)


@KINDS
def test_restoring_leaves_a_pending_version_pending(vault: Vault, clock: Clock, kind: Kind) -> None:
    rotation = settled(vault, kind)
    before = clock.now
    clock.move()
    run = pending(vault, rotation)
    assert [step.action for step in vault.restore_to(ParameterPath("/a"), before)] == ["same"]
    assert value_of(vault, PATH, label="AWSPENDING") == "two"
    vault.rotations.promote(run, RunState.DONE)
    assert value_of(vault, PATH) == "two"


# ------------------------------------------------------------------------------------------- random lives


class Life(NamedTuple):
    """A vault with one entry that rotates."""

    vault: Vault
    clock: Clock
    rotation: Rotation

    def do(self, verb: str, number: int) -> None:
        """One deed, at a time of its own; what the vault refuses changes nothing."""
        self.clock.move()
        with suppress(Refused):
            match verb:
                case "next step":
                    self._go_on()
                case "demote":
                    for run in self.vault.rotations.open_runs():
                        self.vault.rotations.demote(run, RunState.UNDONE)
                case _:
                    self._edit(verb, number)

    def _go_on(self) -> None:
        rotations, run = self.vault.rotations, self.vault.rotations.open_run(self.rotation.entry_id)
        if run is None:
            begun(self.vault, self.rotation)
        elif run.pending is None:
            rotations.put_pending(run, Secret.of_text(f"pending {self.clock.now}"), RunState.SET)
        elif run.state is RunState.SET:
            rotations.promote(run, RunState.PUSH)
        else:
            rotations.write(run._replace(state=RunState.DONE))

    def _edit(self, verb: str, number: int) -> None:
        entries = self.vault.entries
        match verb:
            case "put":
                put(self.vault, PATH, f"put {self.clock.now}")
            case "roll back to":
                entries.rollback(PATH, number)
            case "label":
                entries.label(PATH, number, ["prod"])
            case "unlabel":
                entries.unlabel(PATH, number, ["AWSPENDING", "AWSPREVIOUS", "prod"])
            case "stage":
                entries.move_stage(PATH, "AWSCURRENT", number, entries.find(PATH).current)
            case "to the trash and back":
                self.vault.trash.remove(PATH)
                self.vault.trash.restore(PATH)
            case "restore":
                ago = self.clock.now - timedelta(seconds=number)
                self.vault.restore_to(ParameterPath("/a"), max(ago, BEGIN))


DEEDS = st.just("next step") | st.sampled_from(
    ("demote", "put", "roll back to", "label", "unlabel", "stage", "to the trash and back", "restore")
)


@settings(max_examples=150)
@given(st.sampled_from(Kind), st.lists(st.tuples(DEEDS, st.integers(1, 6)), max_size=30))
def test_whatever_happens_the_current_version_is_there_and_the_former_one_is_previous(
    kind: Kind, deeds: list[tuple[str, int]]
) -> None:
    clock = Clock()
    with vault_for_example(clock) as vault:
        life = Life(vault, clock, settled(vault, kind))
        for verb, number in deeds:
            before, held = find(vault, PATH).current, stages(vault)
            life.do(verb, number)
            history = {version.number: version for version in vault.entries.history(PATH)}
            now = find(vault, PATH).current
            assert now in history
            assert value_of(vault, PATH) == value_of(vault, PATH, label="AWSCURRENT")
            if now != before and (kind is Kind.SECRET or "AWSPREVIOUS" in held or verb == "next step"):
                assert "AWSPREVIOUS" in history[before].labels
            runs = vault.rotations.open_runs()
            assert len(runs) <= 1
            for run in runs:
                assert run.base in history
                assert run.pending is None or run.pending in history
        assert_whole(vault)
