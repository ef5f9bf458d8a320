"""What a vault has looser than its person's settings: told beside what it may do, and given back there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from app import settings_file
from tests.ui.conftest import PASSPHRASE, Clock, Person, secret
from ui.dialogs.unasked import UnaskedBox
from vault import file
from vault.credentials import Passphrase

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Value

LOOSE: dict[str, Value] = {"auto_lock_minutes": 60, "clipboard_seconds": 600, "reveal_seconds": 5}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person has no settings but the defaults."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


@pytest.fixture
def foreign(place: str) -> str:
    """A vault that locks later and keeps the clipboard for longer than its person wants."""
    with file.open_vault(place, Passphrase(secret(PASSPHRASE)), clock=Clock()) as vault:
        for name, value in LOOSE.items():
            vault.preferences.set(settings_file.in_vault(name, value))
    return place


def shown(box: UnaskedBox) -> list[list[str]]:
    model = box.looser.model
    return [[column.text(row) for column in model.columns] for row in model.records]


def go_in(person: Person, place: str) -> None:
    person.unlock(place)
    person.wait(lambda: person.window.page == "entries" and person.listed())
    person.rest()


def look(person: Person) -> UnaskedBox:
    person.window.act("allowed")
    box = person.box(UnaskedBox)
    person.rest()
    return box


def test_what_is_looser_stands_there_and_can_be_given_back(person: Person, foreign: str) -> None:
    go_in(person, foreign)
    box = look(person)
    assert shown(box) == [
        ["Minutes of idleness until it locks; 0 never.", "60", "10"],
        ["Seconds until a copied value leaves the clipboard; 0 never.", "600", "10"],
    ]
    assert person.window.desk.settings.auto_lock_minutes == 60
    person.press(box.looser.give_back, Qt.Key.Key_Space)
    person.wait(lambda: len(box.looser.model.records) == 1)
    assert person.window.desk.settings.auto_lock_minutes == 10
    assert "setting.auto_lock_minutes" not in person.window.desk.session.vault.preferences.all()
    box.looser.table.selectAll()
    person.click(box.looser.give_back)
    person.wait(box.looser.isHidden)
    assert person.window.desk.settings.reveal_seconds == 5
    box.reject()


def test_a_vault_without_such_settings_has_no_place_for_them(inside: Person) -> None:
    box = look(inside)
    assert box.looser.isHidden()
    box.reject()


def test_what_another_program_writes_into_the_vault_is_seen_when_the_box_opens(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.preferences.set(settings_file.in_vault("recovery_days", 7))
    box = look(inside)
    inside.wait(lambda: shown(box) == [["Days a deleted entry can be restored.", "7", "30"]])
    box.reject()


def test_a_screen_reader_is_told_what_the_table_is(person: Person, foreign: str) -> None:
    go_in(person, foreign)
    box = look(person)
    table = QAccessible.queryAccessibleInterface(box.looser.table)
    assert table.text(QAccessible.Text.Name) == "Settings of this vault that protect less"
    assert box.looser.give_back.text() == "As for &me"
    box.reject()


def test_a_lock_empties_it(person: Person, foreign: str) -> None:
    go_in(person, foreign)
    look(person)
    person.window.keeper.lock()
    person.wait(lambda: person.window.page == "unlock")
    assert not any(box.isVisible() for box in person.window.findChildren(UnaskedBox))
    person.wait(lambda: person.window.desk.settings.auto_lock_minutes == 10)
