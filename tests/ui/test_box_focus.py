"""Where the keyboard is while a box works, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from app.errors import WrongUsage
from ui.dialogs.box import Box

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


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
