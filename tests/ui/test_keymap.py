"""Which key leads to which action: the setting is read strictly, and no two actions share a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from ui.actions import ACTIONS, ActionSet
from ui.keymap import BadShortcut, bindings, changed, spelled

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.mark.parametrize("row", [row for row in ACTIONS if row.keys], ids=lambda row: row.name)
def test_every_key_of_the_table_may_be_given_to_an_action(qtbot: QtBot, row: object) -> None:
    if row.name != "undo":  # type: ignore[attr-defined]  # which fields have too, and take first
        assert spelled(row.name, row.keys)  # type: ignore[attr-defined]


def test_pages_have_alt_and_a_digit_and_nothing_else_has(qtbot: QtBot) -> None:
    for row in ACTIONS:
        digit = row.keys[-1:].isdigit() and row.keys[:-1] in ("Alt+", "Alt+Shift+")
        assert not digit or row.name.startswith("show-"), row.name


def test_a_setting_gives_an_action_another_key_and_leaves_the_rest(qtbot: QtBot) -> None:
    before, after = bindings(""), bindings("edit=ctrl+j; about=Ctrl+;; lock=")
    assert (after["edit"], after["about"], after["lock"]) == ("Ctrl+J", "Ctrl+;", "")
    assert {name for name in after if after[name] != before[name]} == {"edit", "about", "lock"}


def test_two_actions_may_exchange_their_keys(qtbot: QtBot) -> None:
    swapped = bindings("edit=Ctrl+L; lock=Ctrl+E")
    assert (swapped["edit"], swapped["lock"]) == ("Ctrl+L", "Ctrl+E")


REFUSED = {
    "no key": ("edit", "read like"),
    "an action that there is not": ("edti=Ctrl+J", "edti"),
    "an action named twice": ("edit=Ctrl+J; edit=Ctrl+M", "Edit value"),
    "a letter alone": ("edit=J", "typed into fields"),
    "a capital letter": ("edit=Shift+J", "typed into fields"),
    "Alt and a letter": ("edit=Alt+J", "menus and fields"),
    "what copies": ("edit=Ctrl+C", "every field"),
    "what deletes a word": ("edit=Ctrl+Delete", "every field"),
    "what undoes": ("edit=Ctrl+Z", "every field"),
    "what saves in a box": ("edit=Ctrl+Return", "every field or window"),
    "two keys": ("edit=Ctrl+K, Ctrl+B", "one key"),
    "half a key": ("edit=Ctrl+", "one key"),
    "a modifier that there is not": ("edit=Hyper+Q", "one key"),
    "no text": ("edit=Ctrl+\udc80", "Edit value"),
}


@pytest.mark.parametrize(("setting", "told"), REFUSED.values(), ids=REFUSED)
def test_a_setting_that_makes_no_sense_is_refused_with_its_reason(
    qtbot: QtBot, setting: str, told: str
) -> None:
    with pytest.raises(BadShortcut) as refused:
        bindings(setting)
    assert told in str(refused.value)


def test_a_clash_names_both_actions_and_the_key(qtbot: QtBot) -> None:
    with pytest.raises(BadShortcut) as refused:
        bindings("edit=Ctrl+L")
    assert all(word in str(refused.value) for word in ("Edit value", "Lock now", "Ctrl+L"))


def test_a_change_is_written_shortly_and_the_tables_key_is_not_written_at_all(qtbot: QtBot) -> None:
    first = changed("", "lock", "Ctrl+Shift+L")
    assert first == "lock=Ctrl+Shift+L"
    second = changed(first, "about", "Ctrl+;")
    assert second == "about=Ctrl+;; lock=Ctrl+Shift+L"
    assert bindings(second)["about"] == "Ctrl+;"
    assert changed(second, "about", None) == first
    assert changed(first, "lock", "Ctrl+L") == ""
    with pytest.raises(BadShortcut):
        changed(first, "edit", "Ctrl+Shift+L")


def test_keys_are_bound_anew_and_told_in_the_tool_tip(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = ActionSet(window)
    actions.bind(bindings("edit=Ctrl+J; find="))
    assert actions["edit"].shortcut() == QKeySequence("Ctrl+J")
    assert "Ctrl+J" in actions["edit"].toolTip()
    assert actions["find"].shortcut().isEmpty()
    assert "(" not in actions["find"].toolTip()
