"""Where the keyboard is while a box works, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from app.errors import WrongUsage
from tests.ui import rooms
from ui.dialogs.box import Box
from ui.dialogs.generator import GeneratorBox

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person


@pytest.mark.parametrize("name", ["PaletteBox", "AboutBox", "Confirm"])
def test_the_window_has_the_keyboard_again_when_a_box_goes(
    inside: Person, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = rooms.open_box(inside, name)
    asked = list[QWidget]()
    monkeypatch.setattr(inside.window, "activateWindow", lambda: asked.append(inside.window))
    inside.press(box, Qt.Key.Key_Escape)
    inside.wait(lambda: not box.isVisible())
    assert asked == [inside.window]  # an X server without a window manager does not do it by itself


def test_after_work_and_after_a_failure_the_keyboard_is_where_it_was(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    box = Box(window, "A box")
    first, field = QLineEdit(), QLineEdit()
    box.add(first, field)
    box.close_with(cancel="Close")
    box.open()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    box.work("Saving…")
    assert not field.isEnabled()
    box.rest()
    assert field.hasFocus()
    box.work("Saving…")
    box.fail(WrongUsage("no"))
    assert field.hasFocus()
    box.close()


@pytest.mark.parametrize("name", ["PaletteBox", "EditBox", "UnderWayBox", "Confirm"])
def test_the_key_to_lock_is_heard_over_a_box(inside: Person, name: str) -> None:
    box = rooms.open_box(inside, name)
    inside.bot.waitUntil(box.isActiveWindow)
    QTest.keyClick(box, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not inside.window.keeper.is_open
    inside.wait(lambda: inside.window.page == "unlock" and not inside.window.findChildren(Box))


def test_the_key_to_lock_is_heard_over_a_box_over_a_box(inside: Person) -> None:
    inside.choose("/shop/prod/db-password")
    editor = rooms.open_box(inside, "EditBox")
    generator = GeneratorBox(editor, inside.window.desk)
    generator.open()
    inside.bot.waitUntil(generator.isActiveWindow)
    QTest.keyClick(generator, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert not inside.window.keeper.is_open
