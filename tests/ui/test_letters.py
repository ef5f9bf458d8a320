"""Letters with Alt: in every language, no two things of a page, a dialog or a menu answer to one."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QMenu, QTabWidget, QWidget

from app import language
from tests.ui import conftest
from tests.ui.rooms import BOXES, DOORS, INSIDE, TABS, open_box, show_door, show_tab
from ui.actions import ACTIONS, ENTRY_MENU, FOLDER_MENU

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.ui.conftest import Person


def told_apart(texts: Iterable[str]) -> dict[str, list[str]]:
    """What answers to a letter, by the letter."""
    found: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        if key := QKeySequence.mnemonic(text).toString():
            found[key].append(text)
    return found


def shown(top: QWidget) -> Iterator[str]:
    """Every text that is to be seen and may answer to a letter."""
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or widget.window() is not top:
            continue
        if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy() is not None):
            yield widget.text()
        elif isinstance(widget, QTabWidget):
            yield from (widget.tabText(at) for at in range(widget.count()))


def clashes(texts: Iterable[str]) -> list[list[str]]:
    return [those for those in told_apart(texts).values() if len(those) > 1]


def clashes_of(top: QWidget) -> list[list[str]]:
    """The same of all that is to be seen, and of each menu that buttons there open."""
    found = clashes(shown(top))
    for button in top.findChildren(QAbstractButton):
        menu = button.menu() if hasattr(button, "menu") else None
        if isinstance(menu, QMenu):
            found += clashes(action.text() for action in menu.actions())
    return found


def titles(person: Person) -> list[str]:
    """What the menus of the bar are called."""
    return [action.text() for action in person.window.menuBar().actions() if action.text()]


@pytest.fixture(params=list(language.LANGUAGES))
def reader(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Person:
    """Somebody in front of an unlocked vault, in each language."""
    monkeypatch.setattr(conftest, "SETTINGS", conftest.SETTINGS._replace(language=request.param))
    reader: Person = request.getfixturevalue("inside")
    return reader


def test_letters_of_a_page_are_told_apart_and_from_the_menus(reader: Person) -> None:
    menus = titles(reader)
    assert not clashes(menus)
    for page in INSIDE:
        reader.window.show_page(page)
        reader.rest()
        assert not clashes_of(reader.window), page
        assert not {*told_apart(shown(reader.window))} & {*told_apart(menus)}, page


def test_letters_beside_the_details_of_an_entry_are_told_apart(reader: Person) -> None:
    for tab in TABS:
        show_tab(reader, tab)
        assert not clashes_of(reader.window), tab
        assert not {*told_apart(shown(reader.window))} & {*told_apart(titles(reader))}, tab


@pytest.mark.parametrize("door", DOORS)
def test_letters_of_a_door_are_told_apart(reader: Person, place: str, door: str) -> None:
    reader.window.keeper.lock()
    reader.wait(lambda: not reader.window.keeper.is_open)
    show_door(reader, door, place)
    assert not clashes_of(reader.window)


def test_letters_of_a_dialog_are_told_apart(reader: Person) -> None:
    remotes = reader.window.desk.session.vault.remotes
    for name in BOXES:
        box = open_box(reader, name)
        assert not clashes_of(box), name
        box.done(QDialog.DialogCode.Rejected)
        reader.rest()
        for remote in remotes.listed():
            remotes.remove(remote.name)


def every_letter(texts: list[str]) -> None:
    """Each of `texts` answers to a letter, and to its own."""
    assert all(QKeySequence.mnemonic(text).toString() for text in texts), texts
    assert not clashes(texts), texts


@pytest.mark.parametrize("names", [ENTRY_MENU, FOLDER_MENU], ids=["of an entry", "of a folder"])
def test_letters_of_a_context_menu_are_told_apart(reader: Person, names: tuple[str, ...]) -> None:
    every_letter([reader.window.actions_[name].text() for name in names])


def test_letters_of_a_menu_are_told_apart(reader: Person) -> None:
    for menu in dict.fromkeys(row.menu for row in ACTIONS):
        every_letter([reader.window.actions_[row.name].text() for row in ACTIONS if row.menu == menu])


def test_letters_of_menus_that_are_there_from_the_start_are_told_apart(reader: Person) -> None:
    for menu in reader.window.findChildren(QMenu):
        actions = [one for one in menu.actions() if not one.isSeparator()]
        assert not clashes(action.text() for action in actions), menu.title()
