"""The page of settings as a person uses it: for me, for this vault, and the keys of actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
)

from app import settings, settings_file
from tests.ui.test_keyboard import menus, taken
from ui.dialogs.settings import SettingsBox
from ui.look import theme
from ui.views.settings import SettingsPage
from ui.widgets import parts
from ui.widgets.file_line import FileLine

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from tests.ui.conftest import Person
    from ui.views.settings import Sheet
    from ui.widgets.setting_line import SettingLine


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settings file of the test's own."""
    place = tmp_path / "config.toml"
    monkeypatch.setenv("STRONGROOM_CONFIG", str(place))
    return place


@pytest.fixture
def page(inside: Person) -> SettingsPage:
    inside.window.act("show-settings")
    inside.rest()
    return inside.window.pages.of(SettingsPage)


def line(sheet: Sheet, name: str) -> SettingLine:
    return next(line for line in sheet.lines if line.row.name == name)


def told(widget: QWidget) -> str:
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if not label.isHidden())


def retype(inside: Person, spin: QWidget, text: str) -> None:
    assert isinstance(spin, QSpinBox)
    spin.selectAll()
    inside.type_into(spin, text)
    inside.press(spin, Qt.Key.Key_Return)


def test_every_setting_has_the_control_that_its_type_asks_for(page: SettingsPage) -> None:
    wanted = {
        "vault": FileLine,
        "passphrase_file": FileLine,
        "recovery_days": QSpinBox,
        "kdf_seconds": QDoubleSpinBox,
        "keyring_anchor": QCheckBox,
        "theme": QComboBox,
        "kms_profile": QLineEdit,
        "kms_cache_bytes": QLineEdit,  # more than a spin box holds
    }
    assert {name: type(line(page.mine, name).control) for name in wanted} == wanted
    names = [row.name for row in settings.options()]
    assert [*(one.row.name for one in page.mine.lines), "shortcuts"] == sorted(
        names, key=lambda name: (name == "shortcuts", names.index(name))
    )
    assert {one.row.name for one in page.vaults.lines} == {
        row.name for row in settings.options() if row.about.per_vault
    }


def test_every_control_says_to_a_screen_reader_what_it_is_for_and_where_its_value_is_from(
    page: SettingsPage,
) -> None:
    for one in (*page.mine.lines, *page.vaults.lines):
        assert one.control.accessibleName() == one.row.about.help
        assert one.control.accessibleDescription()
        heard = QAccessible.queryAccessibleInterface(one.control)
        labels = heard.relations(QAccessible.RelationFlag.Label)
        assert [label.text(QAccessible.Text.Name) for label, _ in labels] == [one.row.about.help]


def test_a_number_that_is_typed_is_in_force_and_in_the_file_and_can_be_given_back(
    inside: Person, page: SettingsPage, config: Path
) -> None:
    one = line(page.mine, "clipboard_seconds")
    assert one.reset.isHidden()
    retype(inside, one.control, "25")
    inside.wait(lambda: "chosen by you" in told(one))
    assert inside.window.desk.settings.clipboard_seconds == 25
    assert config.read_text() == "clipboard_seconds = 25\n"
    inside.click(one.reset)
    inside.wait(lambda: "default" in told(one))
    assert inside.window.desk.settings.clipboard_seconds == 10
    assert config.read_text() == ""


def test_a_theme_that_is_chosen_is_seen_at_once(inside: Person, page: SettingsPage) -> None:
    control = line(page.mine, "theme").control
    assert isinstance(control, QComboBox)
    control.setFocus()
    inside.press(control, Qt.Key.Key_End)
    inside.press(control, Qt.Key.Key_Return)
    inside.wait(lambda: inside.window.desk.settings.theme == "dark")
    inside.wait(lambda: theme.current() is theme.DARK)
    control.setFocus()
    inside.press(control, Qt.Key.Key_Home)
    inside.wait(lambda: inside.window.desk.settings.theme == "system")


def test_the_list_of_a_box_opens_below_the_box(page: SettingsPage) -> None:
    control = line(page.mine, "theme").control
    option = QStyleOptionComboBox()
    option.initFrom(control)
    over_the_box = control.style().styleHint(QStyle.StyleHint.SH_ComboBox_Popup, option, control)
    assert not over_the_box, "a list over its box is cut, and hides the rows before the chosen one"


def test_a_choice_for_this_vault_wins_and_is_told_beside_mine(
    inside: Person, page: SettingsPage, config: Path
) -> None:
    page.tabs.setCurrentWidget(page.vaults)
    one = line(page.vaults, "auto_lock_minutes")
    assert "as for me" in told(one)
    retype(inside, one.control, "3")
    inside.wait(lambda: "of this vault" in told(one))
    assert inside.window.desk.settings.auto_lock_minutes == 3
    assert not config.exists()
    assert "this vault has 3 of its own" in told(line(page.mine, "auto_lock_minutes"))
    inside.click(one.reset)
    inside.wait(lambda: "as for me" in told(one))
    assert inside.window.desk.settings.auto_lock_minutes == 10


def test_what_a_variable_says_cannot_be_changed_here(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRONGROOM_REVEAL_SECONDS", "7")
    person.window.desk.preferences.read()
    person.window.act("show-settings")
    one = line(person.box(SettingsBox).page.mine, "reveal_seconds")
    assert not one.control.isEnabled()
    assert "STRONGROOM_REVEAL_SECONDS" in told(one)
    monkeypatch.delenv("STRONGROOM_REVEAL_SECONDS")
    person.window.desk.preferences.read()
    person.wait(one.control.isEnabled)


def test_text_that_does_not_fit_is_told_at_its_line(inside: Person, page: SettingsPage, config: Path) -> None:
    one = line(page.mine, "kms_cache_bytes")
    assert isinstance(one.control, QLineEdit)
    one.control.selectAll()
    inside.type_into(one.control, "many")
    inside.press(one.control, Qt.Key.Key_Return)
    assert "whole number" in told(one)
    assert not config.exists()


def test_a_search_leaves_what_fits_and_counts_it(inside: Person, page: SettingsPage) -> None:
    inside.type_into(page.search, "clipboard")
    assert [one.row.name for one in page.mine.lines if not one.isHidden()] == ["clipboard_seconds"]
    assert "(1)" in page.tabs.tabText(0)
    assert [row.name for row in page.keys.model.records] == []
    page.search.clear()
    assert all(not one.isHidden() for one in page.mine.lines)


def test_what_the_terminal_sets_is_shown(inside: Person, page: SettingsPage) -> None:
    settings_file.save({"recovery_days": 9})
    control = line(page.mine, "recovery_days").control
    assert isinstance(control, QSpinBox)
    inside.wait(lambda: control.value() == 9)


# ---------------------------------------------------------------------------------------------------- keys


def choose_action(page: SettingsPage, name: str) -> None:
    page.show_keys()
    page.keys.table.selectRow([row.name for row in page.keys.model.records].index(name))


def test_a_key_that_is_pressed_leads_to_the_action_at_once(inside: Person, page: SettingsPage) -> None:
    choose_action(page, "refresh")
    page.keys.edit.setFocus()
    QTest.keyClick(page.keys.edit, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    inside.wait(lambda: inside.window.actions_["refresh"].shortcut() == QKeySequence("Ctrl+J"))
    assert inside.window.desk.settings.shortcuts == "refresh=Ctrl+J"
    inside.click(page.keys.usual)
    inside.wait(lambda: inside.window.actions_["refresh"].shortcut() == QKeySequence("F5"))
    assert inside.window.desk.settings.shortcuts == ""


def test_a_key_can_be_taken_away(inside: Person, page: SettingsPage) -> None:
    choose_action(page, "refresh")
    page.keys.edit.clear()  # as its button does
    inside.wait(lambda: inside.window.desk.settings.shortcuts == "refresh=")
    inside.wait(lambda: inside.window.actions_["refresh"].shortcut().isEmpty())
    assert page.keys.model.records[parts.chosen(page.keys.table)[0]].key == ""


@pytest.mark.parametrize("second", [Qt.Key.Key_L, None], ids=["a key that is taken", "nothing"])
def test_a_modifier_goes_down_before_its_key_and_takes_none_away(
    inside: Person, page: SettingsPage, second: Qt.Key | None
) -> None:
    choose_action(page, "refresh")
    edit, control = page.keys.edit, Qt.KeyboardModifier.ControlModifier
    edit.setFocus()
    QTest.keyPress(edit, Qt.Key.Key_Control)
    QTest.qWait(50)
    assert inside.window.desk.settings.shortcuts == ""
    if second is None:
        QTest.keyRelease(edit, Qt.Key.Key_Control)
        inside.wait(lambda: edit.keySequence() == QKeySequence("F5"))
    else:
        QTest.keyClick(edit, second, control)
        QTest.keyRelease(edit, Qt.Key.Key_Control)
        inside.wait(lambda: "Lock now" in page.keys.said.text())
    assert inside.window.desk.settings.shortcuts == ""


def test_a_key_that_is_taken_is_told_with_whose_it_is_and_changes_nothing(
    inside: Person, page: SettingsPage
) -> None:
    choose_action(page, "refresh")
    page.keys.edit.setFocus()
    QTest.keyClick(page.keys.edit, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    inside.wait(lambda: "Lock now" in page.keys.said.text())
    inside.window.refresh()  # as on coming back to the window
    assert "Lock now" in page.keys.said.text()
    assert inside.window.desk.settings.shortcuts == ""
    assert inside.window.keeper.is_open  # the key was not acted upon
    assert inside.window.actions_["refresh"].shortcut() == QKeySequence("F5")
    choose_action(page, "find")
    assert "Lock now" not in page.keys.said.text(), "it was said of another action"


def test_without_a_vault_the_settings_are_in_a_box_and_those_of_a_vault_are_not_offered(
    person: Person,
) -> None:
    person.window.act("show-settings")
    box = person.box(SettingsBox)
    assert not box.page.tabs.isTabEnabled(1)
    assert box.page.tabs.isTabEnabled(0)
    box.reject()


def test_a_wheel_that_only_passes_over_a_number_leaves_it(inside: Person, page: SettingsPage) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    page.search.setFocus()
    control = line(page.mine, "recovery_days").control
    at = QPointF(4, 4)
    turn = QWheelEvent(
        at,
        control.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(control, turn)
    assert inside.window.desk.settings.recovery_days == 30


def test_no_two_things_on_its_tabs_answer_to_one_letter(inside: Person, page: SettingsPage) -> None:
    for number in range(page.tabs.count()):
        page.tabs.setCurrentIndex(number)
        inside.rest()
        assert taken(inside.window, menus(inside)) == {}


def test_tab_leads_out_of_the_field_for_a_key(inside: Person, page: SettingsPage) -> None:
    choose_action(page, "refresh")
    page.keys.edit.setFocus()
    line_ = page.keys.edit.findChild(QLineEdit)
    assert line_ is not None
    inside.press(QApplication.focusWidget() or line_, Qt.Key.Key_Tab)
    assert not page.keys.edit.isAncestorOf(QApplication.focusWidget() or page.keys.edit)
    assert page.keys.edit is not QApplication.focusWidget()
    assert inside.window.actions_["refresh"].shortcut() == QKeySequence("F5")


def test_another_language_finds_the_settings_as_they_stood(page: SettingsPage, inside: Person) -> None:
    inside.type_into(page.search, "e")
    inside.wait(lambda: page.mine.verticalScrollBar().maximum() > 200)
    line(page.mine, "language").control.setFocus()
    page.mine.verticalScrollBar().setValue(120)
    inside.speak("de")
    fresh = inside.window.pages.of(SettingsPage)
    inside.wait(lambda: fresh.mine.verticalScrollBar().value() == 120)
    assert inside.window.page == "settings"
    assert fresh.search.text() == "e"
    assert inside.window.focusWidget() is line(fresh.mine, "language").control


def test_another_language_leaves_the_box_of_settings_open(person: Person) -> None:
    person.window.act("show-settings")
    person.type_into(person.box(SettingsBox).page.search, "lang")
    person.speak("de")
    assert person.box(SettingsBox).page.search.text() == "lang"
    assert person.box(SettingsBox).windowTitle() == "Einstellungen"
