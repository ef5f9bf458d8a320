"""Settings that are applied without a restart: from the file, from the vault, and taken off at a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from app import settings_file
from app.errors import BadSetting
from tests.ui.conftest import PASSPHRASE, SETTINGS, Clock, Person, secret
from ui.desktop.remembered import Remembered
from ui.look import theme
from ui.program import Program
from vault import file
from vault.credentials import Passphrase

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of the test's own; its folder is not there yet."""
    place = tmp_path / "deep" / "config.toml"
    monkeypatch.setenv("STRONGROOM_CONFIG", str(place))
    return place


def refuse(error: Exception) -> None:
    raise error


def own_choice(place: str, **chosen: int) -> None:
    """What another program writes into the vault."""
    with file.open_vault(place, Passphrase(secret(PASSPHRASE)), clock=Clock()) as vault:
        for name, value in chosen.items():
            vault.preferences.set(settings_file.in_vault(name, value))


def test_what_the_terminal_writes_is_in_force_at_once(person: Person) -> None:
    settings_file.save({"clipboard_seconds": 7})  # the folder is made by this
    person.wait(lambda: person.window.desk.settings.clipboard_seconds == 7)
    settings_file.save({"clipboard_seconds": 8, "theme": "dark"})
    person.wait(lambda: person.window.desk.settings.clipboard_seconds == 8)
    person.wait(lambda: theme.current() is theme.DARK)
    settings_file.save({"clipboard_seconds": None, "theme": None})
    person.wait(lambda: person.window.desk.settings.clipboard_seconds == 10)
    assert person.window.desk.settings.notifications == "off"  # as it was started with


def test_keys_are_bound_anew_while_the_window_is_open(person: Person) -> None:
    quit_ = person.window.actions_["quit"]
    person.window.desk.preferences.choose("shortcuts", "quit=Ctrl+Shift+Q", refuse)
    person.wait(lambda: quit_.shortcut() == QKeySequence("Ctrl+Shift+Q"))
    person.window.desk.preferences.choose("shortcuts", None, refuse)
    person.wait(lambda: quit_.shortcut() == QKeySequence("Ctrl+Q"))


def test_keys_that_clash_are_told_and_the_tables_are_in_force(inside: Person) -> None:
    settings_file.save({"shortcuts": "edit=Ctrl+L"})
    inside.wait(lambda: "Edit value" in inside.window.banner.text)
    assert "Lock now" in inside.window.banner.text
    assert inside.window.actions_["lock"].shortcut() == QKeySequence("Ctrl+L")
    assert inside.window.actions_["edit"].shortcut() == QKeySequence("Ctrl+E")


def test_a_file_that_is_broken_is_told_and_changes_nothing(inside: Person, config: Path) -> None:
    settings_file.save({"clipboard_seconds": 7})
    inside.wait(lambda: inside.window.desk.settings.clipboard_seconds == 7)
    config.write_text("clipboard_seconds = 'soon'\n", encoding="utf-8")
    inside.wait(lambda: "clipboard_seconds" in inside.window.banner.text)
    assert inside.window.desk.settings.clipboard_seconds == 7


def test_a_file_that_is_mended_is_complained_of_no_more(inside: Person, config: Path) -> None:
    settings_file.save({"clipboard_seconds": 7})
    config.write_text("clipboard_seconds = 'soon'\n", encoding="utf-8")
    inside.wait(lambda: "clipboard_seconds" in inside.window.banner.text)
    config.write_text("clipboard_seconds = 7\n", encoding="utf-8")
    inside.wait(lambda: not inside.window.banner.text)
    assert inside.window.desk.settings.clipboard_seconds == 7


def test_what_another_program_sets_for_the_open_vault_is_in_force_within_a_minute(
    inside: Person, place: str
) -> None:
    own_choice(place, auto_lock_minutes=3)
    inside.window.upkeep.tick()  # it comes every minute
    inside.wait(lambda: inside.window.desk.settings.auto_lock_minutes == 3)


def test_a_vaults_own_choice_is_in_force_from_the_unlock_to_the_lock(person: Person, place: str) -> None:
    own_choice(place, auto_lock_minutes=3)
    told: list[int] = []
    person.window.keeper.opened.connect(lambda _: told.append(person.window.desk.settings.auto_lock_minutes))
    person.unlock(place)
    person.wait(lambda: told)
    assert told == [3]  # nothing acts on the unlock before the vault's own are in force
    person.rest()
    person.window.act("lock")
    person.wait(lambda: person.window.desk.settings.auto_lock_minutes == 10)


def test_a_choice_for_the_vault_is_kept_in_it_and_not_in_the_file(
    inside: Person, place: str, config: Path
) -> None:
    preferences = inside.window.desk.preferences
    preferences.choose_for_vault("auto_lock_minutes", 2, refuse)
    inside.wait(lambda: inside.window.desk.settings.auto_lock_minutes == 2)
    assert inside.window.desk.session.vault.preferences.get("setting.auto_lock_minutes") == "2"
    assert not config.exists()
    preferences.choose("auto_lock_minutes", 5, refuse)
    assert inside.window.desk.settings.auto_lock_minutes == 2  # the vault's own still wins
    preferences.choose_for_vault("auto_lock_minutes", None, refuse)
    inside.wait(lambda: inside.window.desk.settings.auto_lock_minutes == 5)


def test_what_cannot_be_written_is_told_to_who_asked(inside: Person, config: Path) -> None:
    preferences = inside.window.desk.preferences
    told: list[Exception] = []
    preferences.choose("auto_lock_minutes", -1, told.append)
    preferences.choose_for_vault("theme", "dark", told.append)
    config.parent.write_text("a file where the folder should be", encoding="utf-8")
    preferences.choose("auto_lock_minutes", 5, told.append)
    assert [isinstance(error, BadSetting) for error in told] == [True, True, True]
    assert inside.window.desk.settings.auto_lock_minutes == 10


def test_keys_that_clash_at_the_start_are_told_and_the_tables_are_in_force(
    qtbot: QtBot, tmp_path: Path, clock: Clock, place: str
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    remembered = Remembered(str(tmp_path / "start.ini"))
    remembered.note_seen("tour")
    program = Program(app, SETTINGS._replace(shortcuts="edit=Ctrl+L"), remembered)
    window = program.new_window()
    window.show()
    person = Person(program, window, qtbot, clock)
    assert window.actions_["lock"].shortcut() == QKeySequence("Ctrl+L")
    person.unlock(place)
    person.wait(lambda: window.page == "entries")
    assert "Edit value" in window.banner.text
    window.close()
    window.deleteLater()
    QApplication.sendPostedEvents(window, 0)


def test_a_vault_is_not_told_to_do_without_a_protection_that_the_person_has(inside: Person) -> None:
    refused: list[Exception] = []
    preferences = inside.window.desk.preferences
    preferences.choose_for_vault("auto_lock_minutes", 0, refused.append)
    inside.rest()
    assert "choose it for yourself first" in str(refused)
    assert inside.window.desk.settings.auto_lock_minutes == 10


def test_what_the_person_switches_off_is_off_whatever_the_vault_says(inside: Person) -> None:
    preferences = inside.window.desk.preferences
    preferences.choose_for_vault("terminal_access", "ask", refuse)
    inside.rest()
    assert preferences.layers.vault == {"terminal_access": "ask"}
    preferences.choose("terminal_access", "off", refuse)
    inside.rest()
    assert inside.window.desk.settings.terminal_access == "off"
