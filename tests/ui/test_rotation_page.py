"""Rotation as a person does it in the window: set up, rotate, watch, stop, resume, roll back."""

from __future__ import annotations

from importlib.metadata import EntryPoints
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView

from app.errors import NotAllowed, TargetRefused
from app.rotation import registry
from app.rotation.rounds import Turn
from app.rotation.run import Rotating
from app.rotation.setting import save
from tests.ui import rotation_plugin
from tests.ui.conftest import MARKER, Person, draft
from tests.ui.test_keyboard import menus, taken
from ui.dialogs.confirm import Confirm
from ui.dialogs.rotation import OUTLINE, SCHEDULE, TARGET, RotationBox
from ui.views.rotation import LIST, RUN
from ui.views.run_panel import GONE
from ui.widgets.schedule_field import ASKED, DAYS, EXPRESSION
from ui.work import rotation as rotation_work
from vault.paths import ParameterPath
from vault.records import RotationDraft, RotationRules, RunState, Strategy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ui.views.rotation import RotationPage
    from ui.views.run_panel import RunPanel
    from vault.vault import Vault

DB = ParameterPath("/shop/prod/db-password")
TOKEN = ParameterPath("/shop/prod/api-token")
FAKE = RotationDraft("fake", options={"host": "db.internal"})


@pytest.fixture(autouse=True)
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plug-in is installed, and fails nowhere."""
    installed = tmp_path / "installed"
    installed.mkdir()
    rotation_plugin.install(installed)
    monkeypatch.syspath_prepend(str(installed))
    yield
    rotation_plugin.fails_at.clear()
    for event in rotation_plugin.gate:
        event.set()
    rotation_plugin.gate.clear()


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def page_of(person: Person) -> RotationPage:
    return person.window.upkeep.page


def panel_of(person: Person) -> RunPanel:
    return page_of(person).panel


def show(person: Person) -> RotationPage:
    person.window.act("show-rotation")
    person.rest()
    return page_of(person)


def rest(person: Person) -> None:
    """Until no rotation runs, and every answer has come."""
    person.wait(lambda: not person.window.upkeep.rotator.is_busy)
    person.rest()


def rotate(person: Person, *rows: int) -> None:
    page = show(person)
    page.table.clearSelection()
    mode = page.table.selectionMode()
    page.table.setSelectionMode(QAbstractItemView.SelectionMode.MultiSelection)
    for row in rows or (0,):
        page.table.selectRow(row)
    page.table.setSelectionMode(mode)
    person.click(page.rotate_button)


def words_of(person: Person) -> dict[str, str]:
    """What each light that is shown says."""
    lights = panel_of(person).lights.lights
    return {step.value: light.word for step, light in lights.items() if not light.isHidden()}


def outcomes(person: Person) -> list[str]:
    page = page_of(person)
    return [page.runs.columns[0].text(run) for run in page.runs.records]


def test_a_vault_where_nothing_rotates_says_what_to_do(inside: Person) -> None:
    page = show(inside)
    assert "Nothing rotates yet" in page.empty.accessibleName()
    assert page.empty.isVisible()
    assert not page.rotate_button.isVisible()
    inside.click(page.first_button)
    inside.box(RotationBox).reject()


def test_a_rotation_is_set_up_from_the_entry_and_listed_with_its_next_date(inside: Person) -> None:
    inside.choose(str(DB))
    inside.window.act("set-up-rotation")
    box = inside.box(RotationBox)
    inside.rest()
    assert box.entry.currentText() == str(DB)
    assert {"fake", "value"} <= {box.target.itemData(row) for row in range(box.target.count())}
    box.target.setCurrentIndex(box.target.findData("value"))
    assert "nothing is changed elsewhere" in box.summary.text()
    assert not box.strategy.isVisible()
    assert not box.admin.isVisible()
    inside.type_into(box.lines["length"], "24")
    box.tabs.setCurrentIndex(SCHEDULE)
    box.schedule.choice.setCurrentIndex(EXPRESSION)
    inside.type_into(box.schedule.expression, "rate(10 d")
    assert box.schedule.expression.accessibleDescription().startswith("✗ ")
    inside.type_into(box.schedule.expression, "ays)")
    inside.type_into(box.schedule.duration, "3h")
    assert box.schedule.said.text().startswith("✓ Next: ")
    inside.click(box.agree)
    inside.wait(lambda: not inside.window.findChildren(RotationBox))
    kept = vault_of(inside).rotations.find(DB)
    assert (kept.target, kept.options) == ("value", {"length": "24"})
    assert kept.rules == RotationRules(schedule="rate(10 days)", duration="3h")
    page = show(inside)
    (listed,) = page.rotations.records
    assert listed.window is not None
    shown = {column.title: column.text(listed) for column in page.rotations.columns}
    assert shown["Schedule"] == "rate(10 days), for 3h"
    assert shown["Last run"] == "never"
    assert listed.window.start.astimezone().strftime("%Y-%m-%d %H:%M") == shown["Next run"]


def test_the_fields_follow_the_target_and_what_is_required_is_asked_for(inside: Person) -> None:
    show(inside)
    inside.click(page_of(inside).first_button)
    box = inside.box(RotationBox)
    inside.rest()
    box.entry.setCurrentText(str(DB))
    box.target.setCurrentIndex(box.target.findData("fake"))
    assert list(box.lines) == ["host", "port"]
    assert box.lines["port"].placeholderText() == "7000"
    assert box.lines["host"].accessibleDescription() == "where it listens; required"
    assert box.strategy.isVisible()
    assert box.admin.isVisible()
    assert not box.agree.isEnabled()
    inside.type_into(box.lines["host"], "db.internal")
    assert box.agree.isEnabled()
    box.reject()


def test_the_tab_key_goes_from_the_target_through_its_fields_to_the_buttons(inside: Person) -> None:
    inside.window.upkeep.set_up(DB)
    box = inside.box(RotationBox)
    inside.rest()
    for target in ("fake", "value"):
        box.target.setCurrentIndex(box.target.findData(target))
        box.target.setFocus()
        wanted = [box.strategy, box.admin] if target == "fake" else []
        for field in (*wanted, *box.lines.values(), box.cancel_button):
            QTest.keyClick(box.focusWidget(), Qt.Key.Key_Tab)
            assert box.focusWidget() is field
    box.reject()


def test_a_new_setting_begins_with_the_target_that_fits_the_value(inside: Person) -> None:
    login = ParameterPath("/shop/prod/login")
    vault_of(inside).entries.put(draft(str(login), '{"engine": "mariadb", "password": "p"}'))
    for path, target in ((login, "mysql"), (DB, "value")):
        inside.window.upkeep.set_up(path)
        box = inside.box(RotationBox)
        inside.rest()
        assert box.target.currentData() == target
        assert box.summary.text()
        box.reject()
        inside.wait(lambda: not inside.window.findChildren(RotationBox))


def test_where_no_entry_is_chosen_the_target_is_asked_for(inside: Person) -> None:
    show(inside)
    inside.click(page_of(inside).first_button)
    box = inside.box(RotationBox)
    inside.rest()
    box.entry.setCurrentText(str(DB))
    assert box.target.currentIndex() == -1
    assert box.target.placeholderText() == "Choose what is changed"
    assert not box.strategy.isVisible()
    assert not box.agree.isEnabled()
    box.target.setCurrentIndex(box.target.findData("value"))
    assert box.agree.isEnabled()
    box.reject()


def test_what_is_wrong_is_told_in_the_box_and_nothing_typed_is_lost(inside: Person) -> None:
    inside.window.upkeep.set_up(DB)
    box = inside.box(RotationBox)
    inside.rest()
    box.target.setCurrentIndex(box.target.findData("value"))
    inside.type_into(box.lines["kind"], "sonnet")
    inside.click(box.agree)
    inside.wait(lambda: box.banner.text)
    assert "sonnet" in box.banner.text
    assert box.lines["kind"].text() == "sonnet"
    assert vault_of(inside).rotations.listed() == []
    box.tabs.setCurrentIndex(SCHEDULE)
    box.schedule.choice.setCurrentIndex(EXPRESSION)
    inside.type_into(box.schedule.expression, "every week")
    assert box.schedule.said.text().startswith("✗ ScheduleExpression is rate(N hours)")
    assert not box.agree.isEnabled()
    box.schedule.choice.setCurrentIndex(DAYS)
    assert box.agree.isEnabled()
    box.schedule.choice.setCurrentIndex(ASKED)
    assert box.schedule.rules == RotationRules()
    box.reject()


def test_what_it_will_do_is_told_before_anything_is_kept(inside: Person) -> None:
    inside.window.upkeep.set_up(DB)
    box = inside.box(RotationBox)
    inside.rest()
    box.target.setCurrentIndex(box.target.findData("fake"))
    inside.type_into(box.lines["host"], "db.internal")
    inside.click(box.show_button)
    inside.wait(lambda: box.tabs.currentIndex() == OUTLINE)
    told = [label.text() for label in box.findChildren(type(box.summary)) if label.isVisible()]
    assert "finish" in told
    assert any("it becomes AWSCURRENT" in text for text in told)
    assert vault_of(inside).rotations.listed() == []
    box.tabs.setCurrentIndex(TARGET)
    inside.type_into(box.lines["host"], "db2.internal")
    assert box.outline.rowCount() == 0  # it told of another host
    box.reject()


def test_the_fields_of_the_set_up_stand_below_each_other(inside: Person) -> None:
    inside.window.upkeep.set_up(DB)
    box = inside.box(RotationBox)
    inside.rest()
    for target in ("fake", "postgresql", "webhook"):
        box.target.setCurrentIndex(box.target.findData(target))
        inside.rest()
        left = {line.mapTo(box, line.rect().topLeft()).x() for line in box.lines.values()}
        assert left == {box.target.mapTo(box, box.target.rect().topLeft()).x()}
    box.reject()


def test_one_click_rotates_and_the_four_steps_light_up(inside: Person) -> None:
    save(vault_of(inside), DB, FAKE)
    released = Event()
    rotation_plugin.gate.append(released)
    rotate(inside)
    inside.wait(lambda: words_of(inside).get("set") == "running")
    assert words_of(inside) == {"create": "done", "set": "running", "test": "waiting", "finish": "waiting"}
    panel = panel_of(inside)
    inside.wait(lambda: "waiting for the test" in panel.log.toPlainText())
    assert panel.stop.isVisible()
    assert not panel.resume.isVisible()
    assert panel.lights.lights[RunState.SET].accessibleName() == "Set: running"
    assert "One of AWSCURRENT and AWSPENDING works" in panel.holds.text()
    released.set()
    rest(inside)
    assert set(words_of(inside).values()) == {"done"}
    assert "Done: AWSCURRENT is the new credential" in panel.holds.text()
    assert panel.gap.text().startswith("For at most ")
    assert panel.gap.text().endswith("ms the target took the new credential alone.")
    assert not panel.stop.isVisible()
    assert MARKER not in inside.sees()
    assert "made for" not in inside.sees()
    inside.click(page_of(inside).back_button)
    inside.rest()
    assert outcomes(inside) == ["done"]


def test_a_rotation_that_stops_says_why_and_is_resumed(inside: Person) -> None:
    save(vault_of(inside), DB, FAKE)
    rotation_plugin.fails_at.add("test")
    rotate(inside)
    rest(inside)
    panel = panel_of(inside)
    assert words_of(inside) == {"create": "done", "set": "done", "test": "stopped", "finish": "waiting"}
    assert "the new credential is refused" in panel.problem.text()
    assert "Resume goes on from here" in panel.next.text()
    assert panel.resume.isVisible()
    assert panel.roll_back.isVisible()
    rotation_plugin.fails_at.clear()
    inside.click(panel.resume)
    rest(inside)
    assert set(words_of(inside).values()) == {"done"}
    assert not panel.resume.isVisible()


def test_rolling_back_says_what_it_does_and_is_asked_for(inside: Person) -> None:
    save(vault_of(inside), DB, FAKE)
    rotation_plugin.fails_at.add("set")
    rotate(inside)
    rest(inside)
    before = vault_of(inside).entries.find(DB).current
    inside.click(panel_of(inside).roll_back)
    box = inside.box(Confirm)
    assert "old credential again" in "".join(label.text() for label in box.findChildren(type(box._heading)))
    inside.click(box.agree)
    rest(inside)
    undone = {"create": "undone", "set": "undone", "test": "not run", "finish": "not run"}
    assert words_of(inside) == undone | {"undo": "done"}
    assert "Rolled back" in panel_of(inside).holds.text()
    assert "undo: the old credential is in force again" in panel_of(inside).log.toPlainText()
    assert vault_of(inside).entries.find(DB).current == before
    inside.click(page_of(inside).back_button)
    inside.rest()
    assert outcomes(inside) == ["rolled back"]


def test_a_run_is_given_up_after_a_question_though_its_plug_in_is_gone(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    rotation_plugin.fails_at.add("set")
    with pytest.raises(TargetRefused):
        Rotating(vault, DB).start()
    monkeypatch.setattr(registry, "entry_points", lambda **_: EntryPoints())
    page, panel = show(inside), panel_of(inside)
    inside.click(page.show_button)
    inside.wait(lambda: panel.next.text() == GONE)
    assert not panel.resume.isVisible()
    assert not panel.roll_back.isVisible()
    inside.click(panel.give_up)
    box = inside.box(Confirm)
    told = "".join(label.text() for label in box.findChildren(type(box._heading)))
    assert "the target is not asked" in told
    assert "the pending value stays in the history" in told
    assert len(vault.rotations.open_runs()) == 1
    inside.click(box.agree)
    rest(inside)
    assert vault.rotations.open_runs() == []
    assert not panel.give_up.isVisible()
    assert "given up at set; the target was not asked" in panel.log.toPlainText()
    assert "given up" in panel.about.text()
    assert words_of(inside) == {"create": "done", "set": "stopped", "test": "waiting", "finish": "waiting"}


def test_a_run_that_cannot_be_given_up_says_why(inside: Person) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    rotation_plugin.fails_at.add("set")
    rotate(inside)
    rest(inside)
    vault.trash.remove(DB)
    inside.click(panel_of(inside).give_up)
    inside.click(inside.box(Confirm).agree)
    rest(inside)
    assert str(DB) in page_of(inside).banner.text
    assert panel_of(inside).give_up.isVisible()


def test_a_run_that_stopped_weeks_ago_is_opened_from_the_history_and_resumed(inside: Person) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    rotation_plugin.fails_at.add("set")
    with pytest.raises(Exception, match="the server says no"):
        Rotating(vault, DB).start()
    rotation_plugin.fails_at.clear()
    save(vault, TOKEN, RotationDraft("value"))
    Rotating(vault, TOKEN).start()
    page = show(inside)
    assert sorted(outcomes(inside)) == ["done", "stopped at set"]
    inside.click(page.only_open)
    assert outcomes(inside) == ["stopped at set"]
    inside.click(page.show_button)
    inside.wait(lambda: page.pages.currentIndex() == RUN)
    assert panel_of(inside).resume.isVisible()
    inside.click(panel_of(inside).resume)
    rest(inside)
    assert set(words_of(inside).values()) == {"done"}


def test_a_run_that_is_open_is_listed_however_many_came_after_it(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation_work, "HISTORY", 2)
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    rotation_plugin.fails_at.add("set")
    rotate(inside)
    rest(inside)
    save(vault, TOKEN, RotationDraft("value"))
    for _ in range(3):
        Rotating(vault, TOKEN).start()
    inside.click(page_of(inside).back_button)
    inside.rest()
    assert outcomes(inside) == ["done", "done", "stopped at set"]
    page_of(inside).only_open.setChecked(True)
    assert outcomes(inside) == ["stopped at set"]


def test_several_are_rotated_at_once(inside: Person) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    save(vault, TOKEN, RotationDraft("value"))
    rotate(inside, 0, 1)
    rest(inside)
    page = page_of(inside)
    assert {str(run.path): run.state for run in page.turns.records} == {
        str(DB): RunState.DONE,
        str(TOKEN): RunState.DONE,
    }
    assert "2 rotations done" in page.banner.text


def test_of_several_one_that_stopped_is_resumed_while_the_others_go_on(inside: Person) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    save(vault, TOKEN, RotationDraft("command", options={"run": "/bin/false"}))
    rotation_plugin.gate.append(Event())
    rotate(inside, 0, 1)
    page, panel, rotator = page_of(inside), panel_of(inside), inside.window.upkeep.rotator
    inside.wait(lambda: rotator.works_on(DB) and not rotator.works_on(TOKEN))
    page._turns_table.selectRow([run.path for run in page.turns.records].index(TOKEN))
    inside.wait(panel.resume.isVisible)
    assert words_of(inside)["create"] == "stopped"
    assert "running" not in panel.about.text()
    assert not panel.stop.isVisible()
    inside.click(panel.resume)
    inside.wait(lambda: not rotator.works_on(TOKEN) and panel.resume.isVisible())
    assert page._turns_table.isVisible()
    page._turns_table.selectRow([run.path for run in page.turns.records].index(DB))
    inside.wait(lambda: "waiting for the test" in panel.log.toPlainText())  # told, not kept in the vault yet
    assert panel.stop.isVisible()
    rotation_plugin.gate[0].set()
    rest(inside)
    assert vault.rotations.runs(DB)[0].state is RunState.DONE


def test_stopping_leaves_a_run_that_can_be_resumed(inside: Person) -> None:
    save(vault_of(inside), DB, FAKE)
    rotation_plugin.gate.append(Event())
    rotate(inside)
    panel = panel_of(inside)
    inside.wait(lambda: "waiting for the test" in panel.log.toPlainText())
    inside.click(panel.stop)
    rest(inside)
    assert words_of(inside)["set"] == "stopped"
    assert panel.resume.isVisible()
    assert panel.roll_back.isVisible()


def test_a_lock_during_a_run_empties_the_window_and_the_run_goes_on_after_unlock(
    inside: Person, place: str
) -> None:
    save(vault_of(inside), DB, FAKE)
    rotation_plugin.gate.append(Event())
    rotate(inside)
    inside.wait(lambda: "waiting for the test" in panel_of(inside).log.toPlainText())
    inside.window.act("lock")
    inside.wait(lambda: inside.window.page == "unlock")
    assert "db-password" not in inside.sees()
    assert page_of(inside).pages.currentIndex() == LIST
    inside.wait(lambda: not inside.window.desk.session.is_open)
    assert "db-password" not in inside.sees()
    rotation_plugin.gate.clear()
    inside.unlock(place)
    inside.wait(lambda: inside.window.page == "entries" and inside.listed())
    inside.rest()
    (run,) = vault_of(inside).rotations.open_runs()
    inside.window.upkeep.show_run(run.id)
    inside.wait(panel_of(inside).resume.isVisible)
    inside.click(panel_of(inside).resume)
    rest(inside)
    assert set(words_of(inside).values()) == {"done"}


def test_a_rotation_is_changed_and_removed_and_its_history_stays(inside: Person) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    Rotating(vault, DB).start()
    page = show(inside)
    inside.click(page.change_button)
    box = inside.box(RotationBox)
    inside.rest()
    assert box.lines["host"].text() == "db.internal"
    box.strategy.setCurrentIndex(box.strategy.findData(Strategy.ALTERNATING))
    inside.click(box.agree)
    inside.wait(lambda: not inside.window.findChildren(RotationBox))
    inside.rest()
    assert vault.rotations.find(DB).strategy is Strategy.ALTERNATING
    inside.click(page.remove_button)
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: not page.rotations.records)
    inside.rest()
    assert vault.rotations.listed() == []
    assert outcomes(inside) == ["done"]


def test_an_entry_that_does_not_rotate_is_set_up_before_it_is_rotated(inside: Person) -> None:
    inside.choose(str(DB))
    inside.window.act("rotate")
    box = inside.box(RotationBox)
    assert box.entry.currentText() == str(DB)
    box.reject()
    save(vault_of(inside), DB, RotationDraft("value"))
    inside.window.act("rotate")
    rest(inside)
    inside.wait(lambda: set(words_of(inside).values()) == {"done"})
    assert inside.window.page == "rotation"


def test_what_stands_in_the_way_of_a_rotation_is_told_and_shown_to_be_resumed(inside: Person) -> None:
    vault = vault_of(inside)
    save(vault, DB, FAKE)
    rotation_plugin.fails_at.add("set")
    rotate(inside)
    rest(inside)
    inside.click(page_of(inside).back_button)
    rotate(inside)  # while the one before is open
    rest(inside)
    assert "stopped at set" in page_of(inside).banner.text
    assert "strongroom rotate" not in page_of(inside).banner.text
    assert words_of(inside)["set"] == "stopped"
    rotation_plugin.fails_at.clear()
    inside.click(panel_of(inside).resume)
    rest(inside)
    assert set(words_of(inside).values()) == {"done"}
    assert len(vault_of(inside).rotations.runs()) == 1


def test_letters_and_sizes_of_the_rotation_page(inside: Person) -> None:
    save(vault_of(inside), DB, FAKE)
    rotation_plugin.fails_at.add("set")
    inside.window.resize(800, 600)
    page = show(inside)
    assert taken(inside.window, menus(inside)) == {}
    rotate(inside)
    rest(inside)
    assert taken(inside.window, menus(inside)) == {}
    assert (inside.window.width(), inside.window.height()) == (800, 600)
    page.show_list()
    inside.window.upkeep.set_up(TOKEN)
    box = inside.box(RotationBox)
    inside.rest()
    box.target.setCurrentIndex(box.target.findData("fake"))
    for tab in (TARGET, SCHEDULE, OUTLINE):
        box.tabs.setCurrentIndex(tab)
        box.schedule.choice.setCurrentIndex(EXPRESSION)
        assert taken(box, []) == {}
    box.reject()


def test_what_nobody_allowed_here_is_told_once(inside: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Turn(DB, None, NotAllowed("not here"))
    monkeypatch.setattr(rotation_work, "run_due", lambda *_, **__: [held])
    told: list[object] = []
    monkeypatch.setattr(inside.window.upkeep.alerts, "tell", lambda _, turns: told.extend(turns))
    inside.window.upkeep.tick()
    rest(inside)
    banner = inside.window.banner
    assert banner.text.startswith(f"{DB} is due, and nobody allowed on this computer")
    banner.hide()
    inside.window.upkeep.tick()
    rest(inside)
    assert banner.text == ""
    assert told == []


def test_nothing_rotates_behind_a_lock(inside: Person) -> None:
    vault = vault_of(inside)
    vault.entries.put(draft("/later", "value"))
    inside.window.act("lock")
    inside.wait(lambda: inside.window.page == "unlock")
    inside.window.upkeep.tick()
    assert not inside.window.upkeep.rotator.is_busy
