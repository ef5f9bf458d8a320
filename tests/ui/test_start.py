"""The start page: the vaults that were open last, each with its whole name and place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget

from ui.look.theme import GRID

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ui.conftest import Person

NAMES = ("team.vault", "gypsy.vault")


def rows(person: Person, folder: Path) -> QListWidget:
    """The recent vaults of a window that is made when they are known already."""
    for name in reversed(NAMES):
        (folder / name).mkdir()
        person.window.desk.remembered.note(str(folder / name))
    person.window = person.program.new_window()
    person.window.show()
    return person.window.start_page.findChildren(QListWidget)[0]


def test_both_lines_of_a_recent_vault_have_room_around_them(person: Person, tmp_path: Path) -> None:
    found = rows(person, tmp_path)
    needed = 2 * found.fontMetrics().lineSpacing() + 2 * GRID
    for row in range(len(NAMES)):
        place = found.visualItemRect(found.item(row))
        assert place.height() >= needed
        assert found.viewport().rect().contains(place)


def test_enter_opens_the_vault_that_was_used_last(person: Person, tmp_path: Path) -> None:
    found = rows(person, tmp_path)
    person.wait(found.hasFocus)
    person.press(found, Qt.Key.Key_Return)
    assert person.window.page == "unlock"
    assert person.window.vault_path == str(tmp_path / NAMES[0])
