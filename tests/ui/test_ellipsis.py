"""An ellipsis after the name of an action: exactly where more is asked before something happens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from tests.ui import rooms
from ui.actions import BY_NAME

if TYPE_CHECKING:
    from tests.ui.conftest import Person

TELLING = {"AboutBox", "KeySlotsBox", "ShortcutsBox", "TerminalAccessBox", "UnaskedBox", "WelcomeBox"}
"""Boxes that are there to be read: to show them is what the action does."""


def test_a_box_that_asks_is_announced_by_an_ellipsis_and_one_that_tells_is_not() -> None:
    dotted = {name for name in rooms.BY_ACTION if BY_NAME[name].text.endswith("…")}
    assert dotted == {name for name, box in rooms.BY_ACTION.items() if box not in TELLING}


def test_checking_the_vault_asks_nothing(inside: Person) -> None:
    assert not inside.window.actions_["check-vault"].text().endswith("…")
    inside.window.actions_["check-vault"].trigger()
    inside.wait(lambda: "whole" in inside.window.banner.text)
    assert not inside.window.findChildren(QDialog)


def test_what_wants_attention_is_told_at_once(inside: Person) -> None:
    assert not inside.window.actions_["show-digest"].text().endswith("…")
    inside.window.actions_["show-digest"].trigger()
    inside.rest()
    boxes = [type(box).__name__ for box in inside.window.findChildren(QDialog)]
    assert boxes in ([], ["DigestBox"])
