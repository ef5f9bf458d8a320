"""The machine, on a server in memory that may lie: what each outcome leaves, and what goes on from there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import (
    BadRotation,
    ProofFailed,
    RotationError,
    RotationUnfinished,
    TargetRefused,
    TargetUnanswered,
)
from app.language import told
from app.rotation import setting
from app.rotation.giving_up import give_up
from app.rotation.outline import outline
from app.rotation.rounds import each
from app.rotation.run import Rotating
from app.rotation.steps import explain
from app.rotation.target import Overlap
from app.rotation.words import Outcome, outcome
from app.wording import sentence_and_hint
from tests.app.rotation.bank import Bank, Doom, bank_target, plug_in
from tests.vault.furnished import Clock, draft, new_vault, value_of
from vault.errors import Cancelled, NotFound, Refused, said_by
from vault.paths import ParameterPath
from vault.records import Cause, Kind, RotationDraft, RotationRules, RunState
from vault.secret import Secret
from vault.storage.said import kept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.rotation.target import Attempt
    from vault.records import RotationRun
    from vault.vault import Vault

PATH = ParameterPath("/app/db")
FIRST = '{"username": "app", "password": "first", "host": "bank"}'
OVERLAPS = list(Overlap)


class Branch:
    """A vault with an entry that is a credential of a bank."""

    def __init__(self, folder: str, overlap: Overlap, kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = Clock()
        self.vault: Vault = new_vault(folder, self.clock)
        self.bank = Bank(overlap, Doom())
        plug_in(monkeypatch, bank_target(self.bank))
        self.vault.entries.put(draft(PATH, FIRST, kind=kind))
        setting.save(self.vault, PATH, RotationDraft("bank"))
        self.seen: list[RotationRun] = []

    def rotating(self, **options: Any) -> Rotating:  # noqa: ANN401
        return Rotating(self.vault, PATH, told=self.seen.append, **options)

    def value(self, label: str = "") -> str:
        return value_of(self.vault, PATH, label=label or None)

    def works(self, label: str = "") -> bool:
        return self.bank.takes(self.value(label))

    def labels(self) -> dict[str, int]:
        return {
            label: version.number for version in self.vault.entries.history(PATH) for label in version.labels
        }


@pytest.fixture(params=list(Kind), ids=[kind.value for kind in Kind])
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture(params=OVERLAPS, ids=[overlap.value for overlap in OVERLAPS])
def branch(
    request: pytest.FixtureRequest, tmp_path: Path, kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Branch]:
    made = Branch(str(tmp_path / "v"), request.param, kind, monkeypatch)
    yield made
    made.vault.close()


def test_after_a_rotation_the_current_value_is_new_and_works(branch: Branch) -> None:
    run = branch.rotating().start()
    assert run.state is RunState.DONE
    assert run.ended_at is not None
    assert branch.value() != FIRST
    assert branch.works()
    assert branch.value("AWSCURRENT") == branch.value("AWSPENDING") == branch.value()
    assert branch.value("AWSPREVIOUS") == FIRST
    assert branch.works("AWSPREVIOUS") is (branch.bank.overlap is not Overlap.NONE)


def test_the_log_tells_the_steps_and_no_secret(branch: Branch) -> None:
    run = branch.rotating().start()
    text = "\n".join(line.text for line in run.log)
    for step in ("create", "set", "test", "finish", "done"):
        assert step in text
    for value in (FIRST, branch.value()):
        assert value.split('"password": "')[1].split('"')[0] not in text
    assert branch.vault.rotations.run(run.id) == run


def test_only_one_credential_has_a_gap_and_it_is_measured(branch: Branch) -> None:
    change = branch.bank.change

    def slow(user: str, passwords: list[str]) -> None:
        change(user, passwords)
        branch.clock.move(timedelta(milliseconds=250))

    branch.bank.change = slow  # type: ignore[method-assign]
    run = branch.rotating().start()
    assert run.gap == (250 if branch.bank.overlap is Overlap.NONE else None)


@pytest.mark.parametrize(
    ("lie", "error", "state"),
    [
        ("refuse", TargetRefused, RunState.SET),
        ("ignore", ProofFailed, RunState.TEST),
        ("late", TargetUnanswered, RunState.SET),
        ("deaf", TargetUnanswered, RunState.SET),
    ],
)
@pytest.mark.parametrize("way", ["resume", "roll back"])
def test_a_target_that_lies_stops_the_run_and_either_way_out_works(
    branch: Branch, lie: str, error: type[RotationError], state: RunState, way: str
) -> None:
    branch.bank.users["app_clone"] = ["older"]
    branch.bank.lie = lie
    with pytest.raises(error):
        branch.rotating().start()
    run = branch.rotating().open_run()
    assert run is not None
    assert (run.state, bool(run.problem)) == (state, True)
    assert branch.value() == FIRST
    assert branch.works() or branch.works("AWSPENDING")
    with pytest.raises(RotationUnfinished, match="roll back"):
        branch.rotating().start()
    if way == "roll back":
        assert branch.rotating().roll_back().state is RunState.UNDONE
        assert branch.value() == FIRST
        assert "AWSPENDING" not in branch.labels()
    elif lie == "ignore":  # `test` tries again, `set` is not repeated: it said that it was done
        with pytest.raises(ProofFailed):
            branch.rotating().resume()
        branch.rotating().roll_back()
    else:
        assert branch.rotating().resume().state is RunState.DONE
        assert branch.value() != FIRST
    assert branch.works()
    assert branch.rotating().open_run() is None


def test_what_stopped_tells_what_holds_in_plain_words(branch: Branch) -> None:
    branch.bank.lie = "late"
    with pytest.raises(TargetUnanswered):
        branch.rotating().start()
    run = branch.rotating().open_run()
    assert run is not None
    one = branch.bank.overlap is Overlap.NONE
    expected = "One of AWSCURRENT and AWSPENDING works" if one else "AWSCURRENT works"
    assert expected in explain(run, branch.bank.overlap)
    assert run.problem in run.log[-1].text


def test_what_stopped_and_its_log_are_told_in_the_language_of_the_window(
    branch: Branch, german: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused) as caught:
        branch.rotating().start()
    run = branch.rotating().open_run()
    assert run is not None
    assert (run.problem, kept(run.problem)) == (str(caught.value), kept(said_by(caught.value)))
    lines = [told(line.text) for line in run.log]
    assert lines[:2] == [
        "Anlegen: Die neuen Zugangsdaten werden erzeugt",
        "Anlegen: Version 2 ist AWSPENDING",
    ]
    assert lines[-1] == f"Angehalten: {told(run.problem)}"
    plug_in(monkeypatch)
    assert explain(give_up(branch.vault, PATH), branch.bank.overlap) == (
        "Aufgegeben bei „Setzen“; das Ziel wurde nicht gefragt und nimmt vielleicht Version 2 an,"
        " die im Verlauf bleibt. AWSCURRENT ist, was es war."
    )


def test_a_person_may_stop_before_the_target_is_changed(branch: Branch) -> None:
    stop: list[bool] = []
    rotating = Rotating(branch.vault, PATH, told=lambda run: stop.append(True), cancelled=lambda: bool(stop))
    with pytest.raises(Cancelled):
        rotating.start()
    assert branch.bank.users["app"] == ["first"]
    assert branch.works()
    assert branch.rotating().roll_back().state is RunState.UNDONE


def test_a_bug_of_a_plug_in_stops_the_run_without_its_text(branch: Branch) -> None:
    def broken(attempt: object) -> None:
        raise KeyError("first")

    rotating = branch.rotating()
    rotating.target.set = broken  # type: ignore[method-assign]
    with pytest.raises(RotationError, match="KeyError") as caught:
        rotating.start()
    assert "first" not in str(caught.value)
    run = branch.rotating().open_run()
    assert run is not None
    assert "first" not in run.problem
    assert branch.rotating().resume().state is RunState.DONE


def test_a_value_put_by_hand_while_the_rotation_waited_stays_in_the_history(branch: Branch) -> None:
    branch.bank.lie = "late"
    with pytest.raises(TargetUnanswered):
        branch.rotating().start()
    branch.vault.entries.put(draft(PATH, '{"username": "app", "password": "by hand"}'))
    run = branch.rotating().resume()
    assert branch.works()
    assert run.pending is not None
    assert any("meanwhile" in line.text for line in run.log)
    assert any('"by hand"' in value_of(branch.vault, PATH, number=n) for n in (2, 3))


def test_nothing_is_begun_with_a_value_that_cannot_work(branch: Branch) -> None:
    branch.vault.entries.put(draft(PATH, "just a password"))
    with pytest.raises(BadRotation, match="JSON object"):
        branch.rotating().start()
    assert branch.vault.rotations.runs() == []


def test_an_old_credential_is_left_alone_for_its_grace_time(branch: Branch) -> None:
    setting.save(branch.vault, PATH, RotationDraft("bank", options={"grace": "10m"}))
    branch.rotating().start()
    with pytest.raises(RotationUnfinished, match=r"1[01] minutes"):
        branch.rotating().start()
    branch.clock.move(timedelta(minutes=9, seconds=30))
    slept: list[float] = []

    def pause(seconds: float) -> None:
        slept.append(seconds)
        branch.clock.move(timedelta(seconds=seconds))

    branch.rotating(pause=pause).start()
    assert sum(slept) == pytest.approx(30)
    assert branch.works()
    branch.rotating().start(end_grace=True)
    assert branch.works()


def test_a_clock_that_was_put_back_does_not_make_the_grace_time_longer(branch: Branch) -> None:
    setting.save(branch.vault, PATH, RotationDraft("bank", options={"grace": "20s"}))
    branch.rotating().start()
    branch.clock.move(-timedelta(days=400))
    slept: list[float] = []
    branch.rotating(pause=slept.append).start()
    assert sum(slept) == pytest.approx(20)


def test_what_is_dropped_later_is_dropped_when_it_is_due(branch: Branch) -> None:
    setting.save(branch.vault, PATH, RotationDraft("bank", options={"grace": "1h"}))
    run = branch.rotating().start()
    if branch.bank.overlap is not Overlap.UNTIL_DROPPED:
        assert run.follow_at is None
        return
    assert run.follow_at == branch.clock.now + timedelta(hours=1)
    branch.rotating().follow()
    assert len(branch.bank.users["app"]) == 2
    branch.clock.move(timedelta(hours=1))
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused):
        branch.rotating().follow()
    (done,) = branch.rotating().follow()
    assert done.follow_at is None
    assert len(branch.bank.users["app"]) == 1
    assert branch.works()


def test_nobody_else_rotates_the_entry_at_the_same_time(branch: Branch) -> None:
    def meanwhile(run: RotationRun) -> None:
        if run.state is RunState.SET and not refused:
            with pytest.raises(RotationUnfinished, match="another program"):
                Rotating(branch.vault, PATH).resume()
            refused.append(True)

    refused: list[bool] = []
    Rotating(branch.vault, PATH, told=meanwhile).start()
    assert refused


def test_there_is_nothing_to_resume_or_roll_back_after_the_end(branch: Branch) -> None:
    branch.rotating().start()
    with pytest.raises(RotationUnfinished, match="nothing to resume"):
        branch.rotating().resume()
    with pytest.raises(RotationUnfinished, match="rotate once more"):
        branch.rotating().roll_back()


def test_a_full_history_leaves_room_for_rotations(branch: Branch) -> None:
    branch.vault.entries.put_many([draft(PATH, FIRST)] * 99)
    for _ in range(3):
        branch.rotating().start()
    assert branch.works()
    assert len(branch.vault.entries.history(PATH)) == 100


def test_the_cause_is_in_the_history_and_the_audit_log(branch: Branch) -> None:
    branch.rotating().start(Cause.SCHEDULE)
    (run,) = branch.vault.rotations.runs(PATH)
    assert run.cause is Cause.SCHEDULE
    events = [event.event for event in branch.vault.audit.events()]
    assert {"rotation-set", "rotation-begun", "rotation-step", "rotation-ended"} <= set(events)


def test_several_rotate_at_once_and_one_that_fails_stops_no_other(branch: Branch) -> None:
    others = [ParameterPath(f"/app/other{n}") for n in range(5)]
    for other in others:
        branch.vault.entries.put(draft(other, "words"))
        setting.save(branch.vault, other, RotationDraft("value"))
    branch.bank.lie = "refuse"
    turns = each([PATH, *others], lambda path: Rotating(branch.vault, path).start())
    assert [turn.path for turn in turns] == [PATH, *others]
    assert isinstance(turns[0].error, TargetRefused)
    assert all(turn.run and turn.run.state is RunState.DONE for turn in turns[1:])


def test_the_outline_tells_what_would_be_done_and_does_nothing(branch: Branch) -> None:
    steps = [step.step for step in outline(branch.vault, PATH).steps]
    assert steps == ["create", "set", "test", "finish"]
    assert branch.vault.rotations.runs() == []
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused):
        branch.rotating().start()
    (step,) = outline(branch.vault, PATH).steps
    assert step.step == "set"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (RotationDraft("nonsense"), "no target"),
        (RotationDraft("bank", options={"color": "red"}), "no option color"),
        (RotationDraft("bank", options={"grace": "soon"}), "length of time"),
        (RotationDraft("bank", options={"push": "maybe"}), "yes or no"),
        (RotationDraft("value", admin=ParameterPath("/admin")), "--admin"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_and_the_old_one_stays(
    branch: Branch, asked: RotationDraft, why: str
) -> None:
    before = branch.vault.rotations.find(PATH)
    with pytest.raises(BadRotation, match=why):
        setting.save(branch.vault, PATH, asked)
    assert branch.vault.rotations.find(PATH) == before


def test_a_schedule_that_aws_would_refuse_is_refused(branch: Branch) -> None:
    with pytest.raises(Refused):
        setting.save(branch.vault, PATH, RotationDraft("bank", rules=RotationRules(schedule="rate(1 hour)")))


def test_an_entry_that_does_not_rotate_says_how_it_would(branch: Branch) -> None:
    branch.vault.rotations.remove(PATH)
    with pytest.raises(NotFound, match="no rotation is set") as caught:
        Rotating(branch.vault, PATH)
    assert "rotation set" in sentence_and_hint(caught.value)[1]
    with pytest.raises(NotFound):
        Rotating(branch.vault, ParameterPath("/nowhere"))


def test_an_admin_that_was_removed_is_told_and_nothing_begins(branch: Branch) -> None:
    admin = ParameterPath("/app/admin")
    branch.vault.entries.put(draft(admin, FIRST))
    setting.save(branch.vault, PATH, RotationDraft("bank", admin=admin))
    branch.vault.trash.remove(admin)
    with pytest.raises(BadRotation, match="admin credential was removed"):
        branch.rotating().start()
    branch.vault.trash.purge(admin)
    with pytest.raises(BadRotation, match="admin credential was removed"):
        branch.rotating().start()
    branch.vault.entries.put(draft(admin, FIRST))  # another entry, though at the same path
    with pytest.raises(BadRotation, match="admin credential was removed"):
        branch.rotating().start()
    assert branch.vault.rotations.runs() == []


def test_a_purged_entry_leaves_no_open_run(branch: Branch) -> None:
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused):
        branch.rotating().start()
    branch.vault.trash.remove(PATH)
    assert len(branch.vault.rotations.open_runs()) == 1
    branch.vault.trash.purge(PATH)
    assert branch.vault.rotations.open_runs() == []
    (run,) = branch.vault.rotations.runs()
    assert "purged" in run.problem


def test_a_run_whose_target_is_gone_for_good_can_be_given_up(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RotationUnfinished, match="no rotation"):
        give_up(branch.vault, PATH)
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused):
        branch.rotating().start()
    plug_in(monkeypatch)  # and its plug-in is gone as well
    with pytest.raises(BadRotation, match="no target"):
        branch.rotating()
    run = give_up(branch.vault, PATH)
    assert run.state is RunState.UNDONE
    assert "given up at set" in run.log[-1].text
    assert "version 2, which stays" in run.log[-1].text
    assert outcome(run) is Outcome.GIVEN_UP
    assert explain(run, branch.bank.overlap) == (
        "Given up at set; the target was not asked, and may take version 2, which stays in the history."
        " AWSCURRENT is what it was."
    )
    assert branch.value() == FIRST
    assert "AWSPENDING" not in branch.labels()
    plug_in(monkeypatch, bank_target(branch.bank))
    branch.rotating().start()
    assert branch.works()


def test_a_setting_stays_while_an_old_credential_is_to_be_taken_away(branch: Branch) -> None:
    setting.save(branch.vault, PATH, RotationDraft("bank", options={"grace": "1h"}))
    branch.rotating().start()
    if branch.bank.overlap is Overlap.UNTIL_DROPPED:
        with pytest.raises(Refused, match="taken away"):
            branch.vault.rotations.remove(PATH)
        with pytest.raises(Refused, match="taken away"):
            setting.save(branch.vault, PATH, RotationDraft("value"))
        setting.save(branch.vault, PATH, RotationDraft("bank", options={"grace": "2h"}))
        branch.rotating().follow(end_grace=True)
        assert len(branch.bank.users["app"]) == 1
    branch.vault.rotations.remove(PATH)
    assert branch.works()


def test_before_there_is_a_pending_version_no_other_is_taken_for_it(branch: Branch) -> None:
    def broken(attempt: Attempt) -> Secret:
        with attempt.pending().secret as value:
            return Secret(value.reveal())

    rotating = branch.rotating()
    rotating.target.create = broken  # type: ignore[method-assign]
    with pytest.raises(BadRotation, match="no pending version"):
        rotating.start()
    assert branch.rotating().roll_back().state is RunState.UNDONE


def test_after_a_roll_back_the_next_rotation_waits_for_clients_that_look_once_more(branch: Branch) -> None:
    setting.save(branch.vault, PATH, RotationDraft("bank", options={"grace": "1h"}))
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused):
        branch.rotating().start()
    branch.rotating().roll_back()
    slept: list[float] = []
    branch.rotating(pause=slept.append).start()
    assert sum(slept) == pytest.approx(2)
    assert branch.works()


@pytest.mark.parametrize(
    ("grace", "rules", "good"),
    [
        ("1d", RotationRules(schedule="rate(4 hours)"), False),
        ("2h", RotationRules(schedule="rate(4 hours)"), True),
        ("7d", RotationRules(after_days=7), True),
        ("8d", RotationRules(after_days=7), False),
        ("365d", RotationRules(), True),
    ],
)
def test_a_grace_time_longer_than_from_one_rotation_to_the_next_is_refused(
    branch: Branch, grace: str, rules: RotationRules, good: bool
) -> None:
    asked = RotationDraft("bank", options={"grace": grace}, rules=rules)
    if good:
        assert setting.save(branch.vault, PATH, asked).rules == rules
    else:
        with pytest.raises(BadRotation, match="longer than from one rotation"):
            setting.save(branch.vault, PATH, asked)


def test_what_is_too_short_to_go_on_with_is_mended_while_the_run_is_open(branch: Branch) -> None:
    branch.bank.lie = "refuse"
    with pytest.raises(TargetRefused):
        branch.rotating().start()
    setting.save(branch.vault, PATH, RotationDraft("bank", options={"colour": "blue"}))
    with pytest.raises(Refused, match="not finished"):
        setting.save(branch.vault, PATH, RotationDraft("value"))
    assert branch.rotating().resume().state is RunState.DONE
    assert branch.works()
