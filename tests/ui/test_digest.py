"""What the window tells at unlock and on demand, and what its buttons do; expiry as a person sets it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea

from app import language
from app.rotation.left import LEFT
from app.rotation.run import Rotating
from app.rotation.setting import save
from tests.ui import rotation_plugin
from tests.ui.conftest import PASSPHRASE, Person, secret
from tests.ui.test_keyboard import menus, taken
from ui.dialogs.confirm import Confirm
from ui.dialogs.digest import DigestBox
from ui.dialogs.policies import PoliciesBox
from ui.views import detail
from ui.work import ways_in
from vault import policies as rules
from vault.errors import StorageFailed
from vault.inheritance import Choice
from vault.lease import LeaseDraft
from vault.paths import ParameterPath
from vault.records import Cause, Draft, RotationDraft, RotationRules, RunState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def expire(person: Person, path: ParameterPath, within: timedelta) -> None:
    """Give an entry an Expiration."""
    vault = vault_of(person)
    policies = (rules.expiration(person.clock() + within),)
    vault.entries.put(Draft(path, None, policies=policies, overwrite=True))


def stop_a_rotation(person: Person, path: ParameterPath) -> None:
    save(vault_of(person), path, FAKE)
    rotation_plugin.fails_at.add("set")
    with pytest.raises(Exception, match="the server says no"):
        Rotating(vault_of(person), path).start()
    rotation_plugin.fails_at.clear()


def unlock_again(person: Person, place: str) -> None:
    person.window.act("lock")
    person.wait(lambda: not person.window.desk.session.is_open)
    person.window.keeper.unlock(ways_in.Unlocking(place, secret(PASSPHRASE)))
    person.wait(lambda: person.window.page == "entries" and person.listed())
    person.rest()


def press(box: DigestBox, text: str, about: str) -> None:
    """Press a button of the line that says this."""
    button = next(
        button
        for button in box.findChildren(QPushButton)
        if button.text() == text and about in button.accessibleName()
    )
    button.click()


def rest(person: Person) -> None:
    person.wait(lambda: not person.window.upkeep.rotator.is_busy)
    person.rest()


def test_the_digest_comes_at_unlock_once_a_day(inside: Person, place: str) -> None:
    expire(inside, TOKEN, timedelta(days=2))
    unlock_again(inside, place)
    box = inside.box(DigestBox)
    assert [text for text in box.texts if str(TOKEN) in text] == [f"{TOKEN} expires in 2 days"]
    inside.click(box.cancel_button)
    inside.wait(lambda: not inside.window.findChildren(DigestBox))
    unlock_again(inside, place)
    assert not inside.window.findChildren(DigestBox)
    inside.clock.ahead = timedelta(days=1)
    unlock_again(inside, place)
    inside.box(DigestBox).reject()


def test_nothing_to_tell_shows_nothing_at_unlock_and_says_so_when_asked(inside: Person, place: str) -> None:
    unlock_again(inside, place)
    assert not inside.window.findChildren(DigestBox)
    inside.window.act("show-digest")
    box = inside.box(DigestBox)
    assert "All is well" in "\n".join(label.text() for label in box.findChildren(QLabel))
    assert taken(box, []) == {}
    box.reject()


def test_a_rotation_that_stopped_is_resumed_from_the_digest(inside: Person) -> None:
    stop_a_rotation(inside, DB)
    inside.window.act("show-digest")
    box = inside.box(DigestBox)
    assert box.texts == [f"{DB} stopped at set: the server says no"]
    press(box, "Resume", str(DB))
    rest(inside)
    assert inside.window.page == "rotation"
    (run,) = vault_of(inside).rotations.runs(DB)
    assert run.state is RunState.DONE


def test_a_rotation_that_was_killed_is_told_at_each_unlock_until_it_is_over(
    inside: Person, place: str
) -> None:
    vault = vault_of(inside)
    vault.rotations.begin(save(vault, DB, FAKE), Cause.ASKED, "t" * 32)
    for _ in range(2):
        unlock_again(inside, place)
        box = inside.box(DigestBox)
        assert box.texts == [f"{DB} stopped at create: {LEFT}"]
        box.reject()
        inside.wait(lambda: not inside.window.findChildren(DigestBox))
    inside.window.act("show-digest")
    press(inside.box(DigestBox), "Show", str(DB))
    panel = inside.window.upkeep.page.panel
    inside.wait(panel.resume.isVisible)
    assert LEFT in panel.problem.text()
    inside.click(panel.resume)
    rest(inside)
    unlock_again(inside, place)
    assert not inside.window.findChildren(DigestBox)


def test_a_rotation_that_stopped_is_rolled_back_from_the_digest_after_a_question(inside: Person) -> None:
    stop_a_rotation(inside, DB)
    inside.window.act("show-digest")
    press(inside.box(DigestBox), "Roll back…", str(DB))
    inside.click(inside.box(Confirm).agree)
    rest(inside)
    (run,) = vault_of(inside).rotations.runs(DB)
    assert run.state is RunState.UNDONE


def miss_two(inside: Person, place: str) -> DigestBox:
    """Two rotations miss their window; the digest at the next unlock."""
    hour = inside.clock().hour
    rules_ = RotationRules(schedule=f"cron(0 {hour} * * ? *)", duration="1h")
    for path in (DB, TOKEN):
        save(vault_of(inside), path, RotationDraft("value", rules=rules_))
    inside.clock.ahead = timedelta(days=1, hours=2)  # the window of tomorrow has closed
    unlock_again(inside, place)
    rest(inside)
    return inside.box(DigestBox)


def test_what_a_missed_rotation_offers_is_said_in_the_language_of_the_window(
    inside: Person, place: str
) -> None:
    miss_two(inside, place).reject()
    inside.wait(lambda: not inside.window.findChildren(DigestBox))
    language.use("de")
    inside.window.act("show-digest")
    buttons = inside.box(DigestBox).findChildren(QPushButton)
    assert {"Jetzt rotieren", "Überspringen"} <= {button.text().replace("&", "") for button in buttons}


def test_a_missed_rotation_is_made_up_for_or_skipped(inside: Person, place: str) -> None:
    box = miss_two(inside, place)
    assert vault_of(inside).rotations.runs() == []
    assert {text.split(" was not")[0] for text in box.texts} == {str(TOKEN), str(DB)}
    press(box, "Skip", str(TOKEN))
    inside.wait(lambda: "waits for its next window" in inside.window.banner.text)
    inside.window.act("show-digest")
    inside.wait(lambda: len(inside.window.findChildren(DigestBox)) == 1)
    box = inside.box(DigestBox)
    (text,) = box.texts
    assert text.startswith(f"{DB} was not rotated in its window: it opened ")
    press(box, "Rotate now", str(DB))
    inside.wait(vault_of(inside).rotations.runs)
    rest(inside)
    (run,) = vault_of(inside).rotations.runs()
    assert (run.path, run.state) == (DB, RunState.DONE)


def test_a_missed_rotation_is_made_up_for_at_unlock_where_the_settings_say_so(
    inside: Person, place: str
) -> None:
    hour = inside.clock().hour
    rules_ = RotationRules(schedule=f"cron(0 {hour} * * ? *)", duration="1h")
    save(vault_of(inside), TOKEN, RotationDraft("value", rules=rules_))
    vault_of(inside).preferences.set({"setting.rotation_catch_up": "run"})
    inside.clock.ahead = timedelta(days=1, hours=2)
    unlock_again(inside, place)
    inside.wait(vault_of(inside).rotations.runs)
    rest(inside)
    (run,) = vault_of(inside).rotations.runs()
    assert (run.path, run.state) == (TOKEN, RunState.DONE)


def test_a_lease_that_was_not_revoked_is_told(inside: Person) -> None:
    now = vault_of(inside).now()
    draft = LeaseDraft(TOKEN, "postgresql", "lease_4711", "psql", {}, now + timedelta(seconds=1))
    vault_of(inside).leases.plan(draft)
    inside.clock.ahead = timedelta(seconds=5)
    inside.window.act("show-digest")
    box = inside.box(DigestBox)
    (text,) = box.texts
    assert text.startswith(f"lease_4711, lent from {TOKEN} to psql: its time was over")
    box.reject()


def test_renewing_leads_to_the_policies_of_the_entry(inside: Person) -> None:
    expire(inside, TOKEN, timedelta(days=1))
    inside.window.act("show-digest")
    press(inside.box(DigestBox), "Renew…", str(TOKEN))
    box = inside.box(PoliciesBox)
    assert "Expiration" in box.text.toPlainText()
    box.text.setPlainText("no JSON")
    assert box.text.accessibleDescription() == box.said.text()
    assert box.said.text().startswith("✗ ")
    box.reject()


def test_the_lines_of_a_digest_have_names_for_a_screen_reader(inside: Person) -> None:
    stop_a_rotation(inside, DB)
    expire(inside, TOKEN, timedelta(days=1))
    inside.window.act("show-digest")
    box = inside.box(DigestBox)
    names = [button.accessibleName() for button in box.findChildren(QPushButton)]
    assert f"Resume: {DB} stopped at set: the server says no" in names
    assert len(set(names)) == len(names)
    for area in box.findChildren(QScrollArea):
        assert area.focusPolicy() is Qt.FocusPolicy.NoFocus  # it has no name to be read when Tab comes by
    box.reject()


# ------------------------------------------------------------------------------- on expiry, and the entry


def test_what_happens_on_expiry_is_chosen_on_the_entry(inside: Person) -> None:
    inside.choose(str(DB))
    shown = inside.window.entries.detail
    shown.tabs.setCurrentIndex(detail.POLICIES)
    field = shown.policies.on_expiry
    assert field.currentText() == "Inherit: move to the trash"
    field.setCurrentIndex(field.findData(Choice.LOCK.value))
    field.activated.emit(field.currentIndex())
    inside.rest()
    assert vault_of(inside).on_expiry.effective(DB).choice is Choice.LOCK
    assert field.choice is Choice.LOCK
    field.setCurrentIndex(0)
    field.activated.emit(0)
    inside.rest()
    assert vault_of(inside).on_expiry.listed() == []
    assert taken(inside.window, menus(inside)) == {}


def test_what_has_expired_and_is_still_given_says_when(inside: Person) -> None:
    vault = vault_of(inside)
    vault.on_expiry.set(ParameterPath("/shop"), Choice.WARN)
    expire(inside, TOKEN, timedelta(days=-2))
    vault.folders.set_policies(DB.parent, (rules.expiration(inside.clock() - timedelta(days=1)),))
    inside.window.refresh()
    inside.rest()
    for path, when in ((TOKEN, "expired 2 days ago"), (DB, "expired 1 day ago")):
        inside.choose(str(path))
        inside.rest()
        shown = {label.accessibleDescription(): label.text() for label in inside.window.findChildren(QLabel)}
        assert when in shown["Expires"]


def test_a_folder_says_what_happens_on_expiry_to_all_below(inside: Person) -> None:
    inside.window.go_to_folder(ParameterPath("/shop/prod"))
    inside.rest()
    inside.window.act("folder-policies")
    box = inside.box(PoliciesBox)
    box.on_expiry.setCurrentIndex(box.on_expiry.findData(Choice.WARN.value))
    assert taken(box, []) == {}
    inside.click(box.save)
    inside.rest()
    assert vault_of(inside).on_expiry.effective(DB).choice is Choice.WARN
    inside.choose(str(DB))
    field = inside.window.entries.detail.policies.on_expiry
    assert field.currentText() == "Inherit: warn, and still give the value"


def test_policies_of_a_folder_and_its_choice_on_expiry_are_saved_both_or_not_at_all(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageFailed("full", "the disk is full; free some space and try again")

    monkeypatch.setattr("vault.storage.expiry.set_choice", full)
    folder = ParameterPath("/shop/prod")
    inside.window.deeds.folder_policies(folder)
    box = inside.box(PoliciesBox)
    box.chosen.emit((rules.expiration(inside.clock() + timedelta(days=1)),), Choice.WARN)
    inside.rest()
    assert "the disk is full" in inside.window.banner.text
    assert vault_of(inside).folders.policies(folder) == ()


def test_an_entry_that_rotates_says_so_and_its_stages_are_among_its_labels(inside: Person) -> None:
    inside.choose(str(DB))
    shown = inside.window.entries.detail
    assert shown.rotation.text == ""
    save(vault_of(inside), DB, RotationDraft("value", rules=RotationRules(after_days=30)))
    Rotating(vault_of(inside), DB).start()
    inside.window.refresh()
    inside.choose(str(DB))
    assert shown.rotation.text.startswith("Rotates: value · next 20")
    assert "last done, 20" in shown.rotation.text
    labels = {node.version.number: node.version.labels for node in shown.versions.timeline.nodes.records}
    assert labels == {1: (), 2: ("AWSPREVIOUS",), 3: ("AWSCURRENT", "AWSPENDING")}
    inside.click(shown.rotation.rotate)
    inside.wait(lambda: len(vault_of(inside).rotations.runs(DB)) == 2)
    rest(inside)
