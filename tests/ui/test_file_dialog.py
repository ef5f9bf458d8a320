"""The dialog that asks for a file: a lock closes it, leaves no trace of it, and drops what it says later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from tests.ui import rooms
from ui.widgets.file_dialog import FileDialog

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.ui.conftest import Person


def save_a_value(person: Person) -> FileDialog:
    """The system's dialog that saves a value; Qt's own, where the platform has none."""
    person.choose("/shop/prod/db-password")
    person.window.entries.detail.value.save_wanted.emit()
    return person.box(FileDialog)


OPENERS: dict[str, Callable[[Person], object]] = {
    "save a value": save_a_value,
    "back up": lambda one: one.window.act("back-up"),
    "in a box": lambda one: rooms.open_box(one, "ImportBox").file._choose(),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("opener", OPENERS)
def test_the_key_that_locks_is_heard_over_it(inside: Person, opener: str) -> None:
    OPENERS[opener](inside)
    box = inside.box(FileDialog)
    inside.wait(box.isActiveWindow)
    QTest.keyClick(box, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not inside.window.keeper.is_open
    inside.wait(lambda: inside.window.page == "unlock" and not inside.window.findChildren(FileDialog))


def test_after_a_lock_it_holds_no_name_and_what_it_says_does_nothing(inside: Person, tmp_path: Path) -> None:
    box = save_a_value(inside)
    assert "db-password" in [line.text() for line in box.findChildren(QLineEdit)]
    inside.window.keeper.lock()
    box.fileSelected.emit(str(tmp_path / "late"))  # as the system's own may
    inside.wait(lambda: inside.window.page == "unlock" and not inside.window.findChildren(FileDialog))
    inside.rest()
    assert not (tmp_path / "late").exists()
    assert inside.window.banner.text == ""
    assert "db-password" not in inside.sees()


def test_a_backup_that_is_named_after_the_lock_is_not_made(inside: Person, tmp_path: Path) -> None:
    inside.window.act("back-up")
    box = inside.box(FileDialog)
    inside.window.keeper.lock()
    box.fileSelected.emit(str(tmp_path / "late"))
    inside.wait(lambda: inside.window.page == "unlock" and not inside.window.findChildren(FileDialog))
    inside.rest()
    assert not (tmp_path / "late").exists()
    assert inside.window.banner.text == ""


def test_what_is_chosen_in_it_is_done_and_it_is_gone(inside: Person, tmp_path: Path) -> None:
    box = save_a_value(inside)
    box.selectFile(str(tmp_path / "value.txt"))
    box.accept()
    inside.wait(lambda: "Saved" in inside.window.banner.text)
    assert (tmp_path / "value.txt").exists()
    inside.wait(lambda: not inside.window.findChildren(FileDialog))
