"""Everything by keyboard, and everything told to a screen reader: mnemonics, Enter, what labels say."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QTabWidget,
    QWidget,
)

from app import sample
from tests.ui.conftest import PASSPHRASE, Person
from ui.actions import ENTRY_MENU, FOLDER_MENU
from ui.dialogs.confirm import Confirm
from ui.dialogs.editor import EditBox, NewEntryBox
from ui.dialogs.import_box import ImportBox
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LETTER = re.compile("&([^&])")
PAGES = (
    "entries",
    "expiring",
    "trash",
    "activity",
    "health",
    "remotes",
    "sync",
    "keys",
    "rotation",
    "settings",
)
BOXES = (
    "new-entry",
    "edit",
    "move",
    "import",
    "export",
    "key-slots",
    "folder-undelete",
    "palette",
    "shortcuts",
    "show-tour",
)


def letters(window: QWidget) -> Iterator[tuple[str, str]]:
    """Every Alt letter that works now, and whose it is."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not window:
            continue
        texts = []
        if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy() is not None):
            texts = [widget.text()]
        elif isinstance(widget, QTabWidget):
            texts = [widget.tabText(number) for number in range(widget.count())]
        for text in texts:
            if found := LETTER.search(text):
                yield found[1].upper(), text


def taken(window: QWidget, menus: list[str]) -> dict[str, list[str]]:
    """The letters that more than one thing answers to."""
    wanted: dict[str, list[str]] = {}
    for title in menus:
        if found := LETTER.search(title):
            wanted.setdefault(found[1].upper(), []).append(title)
    for letter, text in letters(window):
        wanted.setdefault(letter, []).append(text)
    return {letter: texts for letter, texts in wanted.items() if len(texts) > 1}


def menus(person: Person) -> list[str]:
    return [action.text() for action in person.window.menuBar().actions()]


def test_no_two_things_at_the_door_answer_to_one_letter(person: Person, place: str) -> None:
    assert taken(person.window, menus(person)) == {}
    person.window.act("create-vault")
    assert taken(person.window, menus(person)) == {}
    person.window.ask_to_unlock(place)
    for way in range(person.window.unlock_page.ways.count()):
        person.window.unlock_page.ways.setCurrentIndex(way)
        assert taken(person.window, menus(person)) == {}


@pytest.mark.parametrize("page", PAGES)
def test_no_two_things_on_a_page_answer_to_one_letter(inside: Person, page: str) -> None:
    inside.choose("/shop/prod/db-password")
    inside.window.show_page(page)
    inside.rest()
    tabs = inside.window.entries.detail.tabs
    for tab in range(tabs.count()):
        tabs.setCurrentIndex(tab)
        inside.rest()
        assert taken(inside.window, menus(inside)) == {}


@pytest.mark.parametrize("name", BOXES)
def test_no_two_things_in_a_box_answer_to_one_letter(inside: Person, name: str) -> None:
    inside.choose("/shop/prod/db-password")
    inside.window.act(name)
    box = inside.box(QDialog)
    for tabs in box.findChildren(QTabWidget):
        for tab in range(tabs.count()):
            tabs.setCurrentIndex(tab)
            assert taken(box, []) == {}
    assert taken(box, []) == {}
    box.reject()


def test_the_letter_of_a_label_leads_into_its_field(person: Person, place: str) -> None:
    for page in (person.window.create_page, person.window.unlock_page):
        for label in page.findChildren(QLabel):
            if label.buddy() is not None and LETTER.search(label.text()):
                assert label.buddy().focusPolicy() != Qt.FocusPolicy.NoFocus, label.text()


def test_enter_makes_a_vault(person: Person, tmp_path: Path) -> None:
    window = person.window
    window.act("create-vault")
    page = window.create_page
    page.place.line.setText(str(tmp_path / "new.vault"))
    person.type_into(page.passphrase.first.line, PASSPHRASE)
    person.press(page.passphrase.first.line, Qt.Key.Key_Return)  # too early: nothing happens
    person.type_into(page.passphrase.second.line, PASSPHRASE)
    person.press(page.passphrase.second.line, Qt.Key.Key_Return)
    again = page.sheet.findChild(QLineEdit)
    assert again is not None
    person.type_into(again, page.sheet.group(page.sheet.asked_group))
    person.press(again, Qt.Key.Key_Return)
    person.wait(lambda: window.page == "entries")


def test_a_place_where_no_vault_can_be_is_told_before_the_recovery_sheet(
    person: Person, tmp_path: Path
) -> None:
    page = person.window.create_page
    for where in (tmp_path, tmp_path / "nowhere" / "new.vault"):
        person.window.act("create-vault")
        page.place.line.setText(str(where))
        for line in (page.passphrase.first.line, page.passphrase.second.line):
            person.type_into(line, PASSPHRASE)
        person.click(page.go_on)
        assert str(where.parent if where != tmp_path else where) in page.banner.text
        assert page.sheet.asked_group == 0
        assert page.passphrase.complete  # nothing is to be typed again


def test_where_there_is_no_folder_for_documents_the_home_folder_is_suggested(
    person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    person.window.act("create-vault")
    assert os.path.isdir(os.path.dirname(person.window.create_page.place.path))


def test_enter_presses_the_button_that_has_the_focus_and_no_other(inside: Person) -> None:
    inside.choose("/shop/prod/db-password")
    inside.window.act("remove")
    box = inside.box(Confirm)
    inside.press(box.cancel_button, Qt.Key.Key_Return)
    inside.rest()
    assert "/shop/prod/db-password" in inside.listed()
    inside.wait(lambda: not inside.window.findChildren(Confirm))
    inside.window.act("remove")
    inside.press(inside.box(Confirm).agree, Qt.Key.Key_Return)
    inside.wait(lambda: "/shop/prod/db-password" not in inside.listed())


def test_in_the_list_enter_edits_and_delete_asks_to_remove(inside: Person) -> None:
    inside.choose("/shop/prod/db-password")
    inside.press(inside.window.entries.table, Qt.Key.Key_Return)
    inside.box(EditBox).reject()
    inside.press(inside.window.entries.table, Qt.Key.Key_Delete)
    inside.box(Confirm).reject()


def test_in_the_list_control_c_copies_the_value_and_of_several_their_paths(inside: Person) -> None:
    table, board = inside.window.entries.table, QGuiApplication.clipboard()
    board.setText("before")
    inside.choose("/shop/prod/db-password")
    inside.rest()
    with inside.window.desk.session.vault.values.open(ParameterPath("/shop/prod/db-password")).value as value:
        stored = value.reveal_text()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    inside.wait(lambda: board.text() == stored)
    assert inside.window.desk.clipboard.seconds_left > 0
    table.choose_spans([(0, 1)])
    inside.rest()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    inside.wait(lambda: board.text().splitlines() == inside.listed()[:2])


def test_control_enter_saves(inside: Person) -> None:
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    box.path.setText("/by/keys")
    inside.type_into(box.value.text, "one")
    inside.wait(box.isActiveWindow)
    QTest.keyClick(box.value.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    inside.wait(lambda: "/by/keys" in inside.listed())


def test_enter_in_the_import_box_shows_the_plan_and_its_first_remark(inside: Person, tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("EMPTY=\nGOOD=1\n", encoding="utf-8")
    inside.window.act("import")
    box = inside.box(ImportBox)
    inside.type_into(box.file.line, str(env))
    inside.press(box.file.line, Qt.Key.Key_Return)
    inside.wait(box.agree.isEnabled)
    assert "empty" in box.remark.text()


def test_showing_a_folder_empties_the_search(inside: Person) -> None:
    search = inside.window.entries.search
    inside.type_into(search, "db")
    inside.rest()
    inside.window.entries.show_folder(inside.window.entries.folder)
    inside.rest()
    assert search.text() == ""
    assert len(inside.listed()) == 5


def test_what_a_label_says_reaches_a_screen_reader(inside: Person) -> None:
    inside.choose("/shop/prod/db-password")
    for label in inside.window.findChildren(QLabel):
        if label.text() and label.isVisible():
            told = QAccessible.queryAccessibleInterface(label).text(QAccessible.Text.Name)
            said = label.text().replace("&", "")
            assert said in told or "…" in said, label.accessibleName()


def test_end_and_home_lead_to_the_last_and_the_first_row(inside: Person) -> None:
    table = inside.window.entries.table
    table.selectRow(0)
    inside.press(table, Qt.Key.Key_End)
    assert inside.window.entries.entry == inside.window.entries.model.records[-1]
    inside.press(table, Qt.Key.Key_Home)
    assert inside.window.entries.entry == inside.window.entries.model.records[0]


def test_tab_leads_through_the_places_and_only_a_choice_leads_to_one(inside: Person) -> None:
    window = inside.window
    window.sidebar.places.setFocus(Qt.FocusReason.TabFocusReason)
    assert window.page == "entries"
    inside.press(window.sidebar.places, Qt.Key.Key_Down)
    assert window.page != "entries"
    window.sidebar.tree.setFocus()
    inside.press(window.sidebar.tree, Qt.Key.Key_Return)
    assert window.page == "entries"


def test_a_box_grows_when_more_is_shown_than_there_is_room_for(inside: Person) -> None:
    inside.choose("/shop/prod/db-password")
    inside.window.act("edit")
    box = inside.box(EditBox)
    inside.rest()
    box.resize(box.width(), box.minimumHeight())
    inside.type_into(box.value.text, "another")
    inside.click(box.preview)
    inside.wait(box.comparison.isVisible)
    layout = box.layout()
    assert layout is not None
    inside.wait(lambda: box.height() >= layout.totalMinimumHeightForWidth(box.width()))
    box.reject()


@pytest.mark.parametrize("names", [ENTRY_MENU, FOLDER_MENU], ids=["of an entry", "of a folder"])
def test_a_context_menu_is_grouped_as_the_menus_above_are(person: Person, names: tuple[str, ...]) -> None:
    def groups(menu: QMenu) -> list[set[str]]:
        found: list[set[str]] = [set()]
        for action in menu.actions():
            if action.isSeparator():
                found.append(set())
            else:
                found[-1].add(action.objectName())
        return found

    above = [group for menu in person.window.menuBar().findChildren(QMenu) for group in groups(menu)]
    wanted = [group & {*names} for group in above if group & {*names}]
    menu = QMenu(person.window)
    person.window.actions_.fill(menu, names)
    assert len(wanted) > 2
    assert sorted(map(sorted, groups(menu))) == sorted(map(sorted, wanted))


def test_a_small_window_stays_small(inside: Person) -> None:
    inside.window.resize(800, 600)
    inside.window.entries.show_folder(ParameterPath("/shop/dev/deep"))
    inside.choose("/shop/dev/deep/er/flag")
    for tab in range(inside.window.entries.detail.tabs.count()):
        inside.window.entries.detail.tabs.setCurrentIndex(tab)
        inside.rest()
        assert inside.window.width() == 800


def test_a_locked_sample_says_how_it_opens(person: Person, tmp_path: Path) -> None:
    person.window.keeper.explore_sample(str(tmp_path / "sample.vault"))
    person.wait(lambda: person.window.page == "entries")
    person.window.act("lock")
    assert sample.PASSPHRASE in person.window.unlock_page.banner.text
