"""Create, unlock, lock: what a person meets at the door."""

from __future__ import annotations

import os
import shutil
from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit

from app.session import Reason
from tests.ui.conftest import MARKER, PASSPHRASE, Person, secret
from ui.work import ways_in
from vault import file
from vault.credentials import Passphrase
from vault.storage import integrity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.steps import Steps
    from vault.storage.database import Database


def test_first_start_offers_three_ways(person: Person) -> None:
    assert person.window.page == "start"
    enabled = {
        name
        for name in ("create-vault", "open-vault", "sample-vault")
        if person.window.actions_[name].isEnabled()
    }
    assert enabled == {"create-vault", "open-vault", "sample-vault"}
    assert not person.window.actions_["lock"].isEnabled()


def test_a_vault_is_made_with_a_recovery_sheet_whose_group_must_be_typed(
    person: Person, tmp_path: Path
) -> None:
    window, where = person.window, str(tmp_path / "new.vault")
    window.act("create-vault")
    page = window.create_page
    page.place.line.setText(where)
    assert not page.go_on.isEnabled()
    person.type_into(page.passphrase.first.line, PASSPHRASE)
    person.type_into(page.passphrase.second.line, PASSPHRASE + "x")
    assert not page.go_on.isEnabled()
    person.press(page.passphrase.second.line, Qt.Key.Key_Backspace)
    person.wait(lambda: "bits" in page.passphrase.meter.word)
    person.click(page.go_on)
    assert not page.confirm.isEnabled()
    assert PASSPHRASE not in person.sees()
    code = secret("-".join(page.sheet.group(number) for number in range(1, 15)))
    again = page.sheet.findChild(QLineEdit)
    assert again is not None
    person.type_into(again, "WRONG")
    assert not page.confirm.isEnabled()
    again.clear()
    person.type_into(again, page.sheet.group(page.sheet.asked_group).lower())
    person.click(page.confirm)
    person.wait(lambda: window.page == "entries")
    person.rest()
    assert code.reveal_text()[:5] not in person.sees()
    assert [slot.kind for slot in file.read_slots(where)] == ["passphrase", "recovery"]
    assert window.desk.remembered.recent == [where]
    window.act("lock")
    person.wait(lambda: window.page == "unlock")
    window.unlock_page.ways.setCurrentIndex(1)
    person.type_into(window.unlock_page.code.line, code.reveal_text())
    person.click(window.unlock_page.go_on)
    person.wait(lambda: window.page == "entries")


def test_a_place_that_is_taken_is_told_and_nothing_is_made(person: Person, place: str) -> None:
    window = person.window
    window.act("create-vault")
    page = window.create_page
    page.place.line.setText(place)
    page.sheet_box.setChecked(False)
    for line in (page.passphrase.first.line, page.passphrase.second.line):
        person.type_into(line, PASSPHRASE)
    person.click(page.go_on)
    person.wait(lambda: page.banner.text)
    assert window.page == "create"
    assert place in page.banner.text
    assert page.place.path == place


def test_a_wrong_passphrase_is_refused_and_may_be_tried_again(person: Person, place: str) -> None:
    person.unlock(place, "not it")
    page = person.window.unlock_page
    person.wait(lambda: page.banner.text)
    assert "does not open" in page.banner.text
    assert person.window.page == "unlock"
    assert "not it" not in person.sees()
    person.type_into(page.passphrase.line, PASSPHRASE)
    person.click(page.go_on)
    person.wait(person.listed)
    assert person.listed()[0] == "/mail/smtp"


def test_no_vault_there_is_told(person: Person, tmp_path: Path) -> None:
    person.unlock(str(tmp_path / "nothing"))
    person.wait(lambda: person.window.unlock_page.banner.text)
    assert "no vault" in person.window.unlock_page.banner.text


def test_a_mistyped_recovery_code_is_told(person: Person, place: str) -> None:
    person.window.ask_to_unlock(place)
    page = person.window.unlock_page
    page.ways.setCurrentIndex(1)
    person.type_into(page.code.line, "AAAAA-BBBBB")
    person.click(page.go_on)
    person.wait(lambda: page.banner.text)
    assert "14 groups" in page.banner.text


def test_the_window_stays_alive_while_the_key_is_derived(person: Person, place: str) -> None:
    person.unlock(place)
    assert person.window.unlock_page.busy.isVisible()  # we are back before the derivation is over
    person.wait(person.listed)
    assert not person.window.unlock_page.busy.isVisible()


@pytest.fixture
def held_copy(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Event]]:
    """A copy of the vault, whose check waits in its middle until the event is set."""
    copy, goes_on = str(tmp_path / "copy.vault"), Event()
    shutil.copytree(place, copy)
    file_findings = integrity.file_findings

    def wait(database: Database, steps: Steps) -> Iterator[str]:
        goes_on.wait(5)
        return file_findings(database, steps)

    monkeypatch.setattr(integrity, "file_findings", wait)
    yield copy, goes_on
    goes_on.set()


@pytest.mark.parametrize("by", ["mouse", "Escape"])
def test_the_check_of_a_copy_says_so_and_can_be_stopped(
    person: Person, held_copy: tuple[str, Event], by: str
) -> None:
    copy, goes_on = held_copy
    page = person.window.unlock_page
    person.window.ask_to_unlock(copy)
    person.type_into(page.passphrase.line, PASSPHRASE)
    person.click(page.go_on)
    person.wait(page.stop.isVisible)
    assert "Checking this copy…" in person.sees()
    if by == "mouse":
        person.click(page.stop)
    else:
        person.press(page.stop, Qt.Key.Key_Escape)
    assert "Stopping" in person.sees()
    goes_on.set()
    person.wait(page.go_on.isVisible)
    person.wait(page.passphrase.line.hasFocus)
    assert "The check was stopped" in page.banner.text
    assert not page.stop.isVisible()
    person.unlock(copy)
    person.wait(lambda: person.window.keeper.is_open)
    with file.open_vault(copy, Passphrase(secret(PASSPHRASE)), clock=person.clock) as vault:
        assert [event.event for event in vault.audit.events()].count("copy-checked") == 1


@pytest.mark.parametrize("by", ["the screen", "Ctrl+L"])
def test_a_lock_stops_the_check_of_a_copy(person: Person, held_copy: tuple[str, Event], by: str) -> None:
    copy, goes_on = held_copy
    page = person.window.unlock_page
    person.window.ask_to_unlock(copy)
    person.type_into(page.passphrase.line, PASSPHRASE)
    person.click(page.go_on)
    person.wait(page.stop.isVisible)
    if by == "Ctrl+L":
        QTest.keyClick(page.stop, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    else:
        person.window.keeper.lock(Reason.SCREEN_LOCK)
    assert not person.window.actions_["lock"].isEnabled()
    assert "locked while it was being opened" in page.banner.text
    assert not page.stop.isVisible()
    goes_on.set()
    person.window.keeper.wait()
    person.window.desk.runner.wait()
    with file.open_vault(copy, Passphrase(secret(PASSPHRASE)), clock=person.clock) as vault:
        events = [event.event for event in vault.audit.events()]
    assert events.count("copy-checked") == 1
    assert events[-2:] == ["copy-checked", "unlocked"]  # by the test alone


def test_lock_empties_every_widget_the_models_and_the_clipboard(inside: Person) -> None:
    window = inside.window
    inside.choose("/shop/prod/db-password")
    window.act("reveal")
    inside.wait(lambda: window.entries.detail.value.field.revealed)
    assert MARKER in inside.sees()
    window.act("copy-value")
    inside.wait(window.status_corner.countdown.text)
    window.act("edit")
    inside.rest()
    assert inside.window.findChildren(QDialog)
    window.act("lock")
    inside.wait(lambda: not window.desk.session.is_open and not window.findChildren(QDialog))
    seen = inside.sees()
    assert window.page == "unlock"
    for name in (MARKER, "db-password", "smtp", "orders database"):
        assert name not in seen
    assert MARKER not in QGuiApplication.clipboard().text()


def test_an_answer_that_comes_after_the_lock_is_dropped(inside: Person) -> None:
    got: list[object] = []
    window, hold = inside.window, Event()

    def slow() -> str:
        hold.wait(10)
        return MARKER

    window.desk.runner.run(window, slow, got.append, got.append)
    window.act("lock")
    hold.set()
    inside.wait(lambda: not window.desk.session.is_open)
    window.desk.runner.wait()
    inside.bot.wait(1)
    assert got == []


def test_nobody_there_for_ten_minutes_locks(inside: Person) -> None:
    window, passed = inside.window, [inside.window.desk.session.seconds()]
    window.desk.session.seconds = lambda: passed[0]
    passed[0] += 9 * 60 + 59
    window.keeper.lock_if_idle()
    assert window.page == "entries"
    inside.press(window, Qt.Key.Key_Shift)  # somebody is there
    passed[0] += 9 * 60
    window.keeper.lock_if_idle()
    assert window.page == "entries"
    passed[0] += 2 * 60
    window.keeper.lock_if_idle()
    assert window.page == "unlock"
    assert "nobody was there" in window.unlock_page.banner.text


def test_unlocking_at_once_after_a_lock_works(inside: Person, place: str) -> None:
    inside.window.act("lock")
    inside.unlock(place)
    inside.wait(inside.listed)
    assert inside.window.page == "entries"


def test_a_folder_that_is_no_vault_is_told_before_a_passphrase_is_typed(
    person: Person, tmp_path: Path
) -> None:
    person.window.ask_to_unlock(str(tmp_path))
    person.wait(lambda: "no vault" in person.window.unlock_page.banner.text)


def test_the_door_is_as_wide_as_its_buttons_in_any_language(
    person: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_in, "offered", lambda _: ways_in.Offered(keyring=True, kms=False))
    page = person.window.unlock_page
    page.keyring.setText("Mit dem Schlüsselbund dieses Rechners entsperren")
    person.window.ask_to_unlock(place)
    person.wait(page.keyring.isVisible)
    person.wait(lambda: page.keyring.width() >= page.keyring.sizeHint().width())


def test_recent_vaults_are_offered_and_nothing_else_is_remembered(inside: Person, place: str) -> None:
    inside.window.desk.remembered._store.sync()
    with open(inside.window.desk.remembered._store.fileName(), encoding="utf-8") as kept:
        remembered = kept.read()
    assert os.path.basename(place) in remembered
    assert "db-password" not in remembered
    assert inside.window.desk.remembered.recent == [place]


def test_a_key_file_is_needed_where_the_slot_says_so(person: Person, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"0123456789abcdef")
    where = str(tmp_path / "keyed.vault")
    session = person.window.desk.session
    made = ways_in.create(session, ways_in.Creating(where, secret(PASSPHRASE), str(key)))
    made.vault.close()
    session.lock()
    person.unlock(where)
    person.wait(lambda: person.window.unlock_page.banner.text)
    person.window.unlock_page.key_file.line.setText(str(key))
    person.type_into(person.window.unlock_page.passphrase.line, PASSPHRASE)
    person.click(person.window.unlock_page.go_on)
    person.wait(lambda: person.window.page == "entries")


def test_enter_without_a_passphrase_opens_by_the_keyring(
    person: Person, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ways_in, "offered", lambda _: ways_in.Offered(keyring=True, kms=False))
    page, asked = person.window.unlock_page, list[ways_in.Unlocking]()
    page.unlock_wanted.disconnect()
    page.unlock_wanted.connect(asked.append)
    person.window.ask_to_unlock(place)
    person.wait(page.keyring.isVisible)
    assert (page.keyring.isDefault(), page.go_on.isDefault()) == (True, False)
    person.type_into(page.passphrase.line, "p")
    assert (page.keyring.isDefault(), page.go_on.isDefault()) == (False, True)
    person.press(page.passphrase.line, Qt.Key.Key_Backspace)
    person.press(page.passphrase.line, Qt.Key.Key_Return)
    assert asked == [ways_in.Unlocking(place)]


def test_enter_without_a_passphrase_does_nothing_where_no_keyring_opens_it(
    person: Person, place: str
) -> None:
    page, asked = person.window.unlock_page, list[object]()
    page.unlock_wanted.connect(asked.append)
    person.window.ask_to_unlock(place)
    person.rest()
    person.press(page.passphrase.line, Qt.Key.Key_Return)
    assert asked == []


def test_escape_goes_back_from_a_new_vault_and_from_a_door(person: Person, place: str) -> None:
    window = person.window
    window.act("create-vault")
    person.type_into(window.create_page.passphrase.first.line, PASSPHRASE)
    person.type_into(window.create_page.passphrase.second.line, PASSPHRASE)
    person.wait(window.create_page.go_on.isEnabled)
    person.click(window.create_page.go_on)
    assert window.create_page.sheet.isVisible()
    person.press(window.create_page.sheet, Qt.Key.Key_Escape)
    assert window.create_page.go_on.isVisible()
    person.press(window.create_page.passphrase.first.line, Qt.Key.Key_Escape)
    assert window.page == "start"
    window.ask_to_unlock(place)
    person.type_into(window.unlock_page.passphrase.line, MARKER)
    person.press(window.unlock_page.passphrase.line, Qt.Key.Key_Escape)
    assert window.page == "start"
    assert window.unlock_page.passphrase.line.text() == ""


def test_the_corner_tells_whether_there_is_a_vault_and_whether_it_is_open(person: Person, place: str) -> None:
    def told() -> str:
        return person.window.status_corner.findChildren(QLabel)[-1].text()

    assert told() == "No vault is open"
    person.unlock(place)
    assert told() == "Locked"
    person.wait(lambda: told() == "Unlocked")
