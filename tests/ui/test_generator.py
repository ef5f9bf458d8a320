"""The generator at the side of the window and over a field: what it makes, shows, copies and forgets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessibleAnnouncementEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from app.recipes import PRESETS, Form
from tests.ui import conftest
from tests.ui.test_keyboard import menus, taken
from ui.dialogs.editor import NewEntryBox
from ui.dialogs.generator import GeneratorBox
from ui.views import detail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.ui.conftest import Person
    from ui.generator_dock import GeneratorDock
    from ui.widgets.generator import Generator

CONTROL = Qt.KeyboardModifier.ControlModifier


def dock_of(person: Person) -> GeneratorDock:
    """The generator, opened by its action."""
    person.window.act("generator")
    dock = person.window.errands.generator
    assert dock is not None
    assert dock.isVisible()
    return dock


def made(generator: Generator) -> str:
    return generator.shown.toPlainText()


def choose(generator: Generator, name: str) -> None:
    generator.preset.setFocus()
    at = generator.preset.findData(name)
    generator.preset.setCurrentIndex(at)
    generator.preset.activated.emit(at)


def field(generator: Generator, name: str) -> QLineEdit:
    found = generator.fields[name]
    assert isinstance(found, QLineEdit)
    return found


def check(person: Person, generator: Generator, name: str) -> None:
    box = generator.fields[name]
    assert isinstance(box, QCheckBox)
    box.click()


SHAPES = {
    "default": r"[!-~]{20}",
    "aws": r"[!-~]{32}",
    "rds": r"[^/@\"' ]{20}",
    "url": r"[A-Za-z0-9._~-]{20}",
    "shell": r"[A-Za-z0-9_.:+]{20}",
    "passphrase": r"([a-z]+-){6,}[a-z]+",
    "hex": r"[0-9a-f]{64}",
    "base64": r"[A-Za-z0-9+/]{43}=",
    "base64url": r"[A-Za-z0-9_-]{43}=",
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
}


@pytest.fixture(params=[("en", 1.0), ("en", 1.5), ("de", 1.0), ("de", 1.5)], ids=str)
def reader(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Person]:
    """Somebody in front of a window in each language, with letters of 100 % and 150 %."""
    language, letters = request.param
    monkeypatch.setattr(conftest, "SETTINGS", conftest.SETTINGS._replace(language=language))
    font, larger = qapp.font(), qapp.font()
    larger.setPointSizeF(font.pointSizeF() * letters)
    qapp.setFont(larger)
    yield request.getfixturevalue("person")
    qapp.setFont(font)


@pytest.mark.parametrize("width", [1280, 1000], ids=["at the side", "floating"])
def test_every_preset_is_read_whole_in_the_dock(reader: Person, width: int) -> None:
    reader.window.resize(width, 640)
    dock = dock_of(reader)
    preset, area = dock.generator.preset, dock.widget()
    assert isinstance(area, QScrollArea)
    for at in range(preset.count()):
        choose(dock.generator, preset.itemData(at))
        QApplication.processEvents()
        look = QStyleOptionComboBox()
        preset.initStyleOption(look)
        room = preset.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, look, QStyle.SubControl.SC_ComboBoxEditField, preset
        )
        assert preset.fontMetrics().horizontalAdvance(preset.itemText(at)) <= room.width()
        assert area.horizontalScrollBar().maximum() == 0


def test_every_preset_makes_what_it_is_named_after_and_offers_its_options(person: Person) -> None:
    generator = dock_of(person).generator
    assert set(SHAPES) == {preset.name for preset in PRESETS}
    for preset in PRESETS:
        choose(generator, preset.name)
        assert re.fullmatch(SHAPES[preset.name], made(generator)), preset.name
        assert re.match(r"\d+ bits of entropy, \d+ characters", generator.said.text())
        offered = {name for name, one in generator.fields.items() if one.isVisible()}
        assert ("length" in offered) == (preset.recipe.form is not Form.UUID)
        assert ("separator" in offered) == (preset.recipe.form is Form.WORDS)
        assert ("exclude" in offered) == (preset.recipe.form is Form.CHARACTERS)


def test_an_option_makes_a_new_value_at_once(person: Person) -> None:
    generator = dock_of(person).generator
    for name in ("uppercase", "lowercase", "digits", "exclude_lookalikes"):
        check(person, generator, name)
    field(generator, "punctuation").selectAll()
    person.type_into(field(generator, "punctuation"), "+-")
    length = generator.fields["length"]
    assert isinstance(length, QSpinBox)
    length.setValue(12)
    assert re.fullmatch(r"[+-]{12}", made(generator))
    assert generator.said.text() == "12 bits of entropy, 12 characters"
    person.type_into(field(generator, "exclude"), "+")
    assert made(generator) == "-" * 12
    assert generator.said.text() == "0 bits of entropy, 12 characters"


def test_what_cannot_be_made_is_told_and_nothing_is_shown(person: Person) -> None:
    generator = dock_of(person).generator
    length = generator.fields["length"]
    assert isinstance(length, QSpinBox)
    length.setValue(3)
    assert "Password length is too short" in generator.said.text()
    assert made(generator) == ""
    assert not generator.copy.isEnabled()
    length.setValue(8)
    assert len(made(generator)) == 8
    assert generator.copy.isEnabled()


def test_each_press_makes_another_and_the_one_before_is_gone(person: Person) -> None:
    generator = dock_of(person).generator
    seen = set()
    for _ in range(5):
        seen.add(made(generator))
        before = generator._made
        person.click(generator.again)
        assert len(before) == 0
        assert not any(one in person.sees() for one in seen)
    assert len(seen) == 5


# ------------------------------------------------------------------------------------------------- forgetting


def test_it_is_emptied_when_its_time_is_over(person: Person) -> None:
    generator = dock_of(person).generator
    for _ in range(person.window.desk.settings.reveal_seconds):
        assert made(generator)
        generator._tick()
    assert made(generator) == ""
    assert generator.said.text() == "Emptied. Make a new one."
    assert len(generator.value()) == 0


def test_it_is_emptied_when_it_is_hidden_and_begins_anew_when_it_is_shown(person: Person) -> None:
    dock = dock_of(person)
    first = made(dock.generator)
    person.window.act("generator")
    assert not dock.isVisible()
    assert made(dock.generator) == ""
    person.window.act("generator")
    assert made(dock.generator) not in {"", first}


def test_escape_hides_it(person: Person) -> None:
    dock = dock_of(person)
    person.window.activateWindow()
    person.press(dock.generator.again, Qt.Key.Key_Escape)
    assert not dock.isVisible()


@pytest.mark.parametrize("left_by", ["Escape", "its action"])
def test_hidden_it_gives_the_focus_back_to_where_it_came_from(inside: Person, left_by: str) -> None:
    inside.choose("/shop/prod/db-password")
    table = inside.window.entries.table
    table.setFocus()
    inside.wait(table.hasFocus)
    dock = dock_of(inside)
    inside.wait(dock.generator.again.hasFocus)
    if left_by == "Escape":
        inside.press(dock.generator.again, Qt.Key.Key_Escape)
    else:
        inside.window.act("generator")
    assert not dock.isVisible()
    assert table.hasFocus()


def test_a_lock_empties_it(inside: Person) -> None:
    generator = dock_of(inside).generator
    shown = made(generator)
    inside.window.act("lock")
    inside.wait(lambda: inside.window.page == "unlock")
    assert made(generator) == ""
    assert shown not in inside.sees()


# ---------------------------------------------------------------------------------------------------- using


def test_it_is_copied_for_a_while(inside: Person) -> None:
    generator = dock_of(inside).generator
    inside.click(generator.copy)
    assert QGuiApplication.clipboard().text() == made(generator)
    assert "the generated value is on the clipboard for 10" in inside.window.status_corner.countdown.text()


def test_a_selection_is_copied_by_key_for_a_while_too(inside: Person) -> None:
    generator = dock_of(inside).generator
    generator.shown.selectAll()
    QTest.keyClick(generator.shown, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == made(generator)
    assert inside.window.desk.clipboard.seconds_left == 10


def test_what_is_used_goes_into_the_field_that_asked_and_leaves_the_box(inside: Person) -> None:
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    box.value.generate_wanted.emit()
    over = inside.box(GeneratorBox)
    shown = made(over.generator)
    inside.click(over.use)
    with box.value.value() as typed:
        assert typed.reveal_text() == shown
    assert made(over.generator) == ""


def test_nothing_can_be_used_while_nothing_is_generated(inside: Person) -> None:
    inside.window.act("new-entry")
    inside.box(NewEntryBox).value.generate_wanted.emit()
    over = inside.box(GeneratorBox)
    assert over.use.isEnabled()
    over.generator.forget()
    assert not over.use.isEnabled()
    inside.click(over.generator.again)
    assert over.use.isEnabled()


@pytest.mark.parametrize("tab", [detail.VALUE, detail.VERSIONS])
def test_beside_an_entry_no_two_things_answer_to_one_letter(inside: Person, tab: int) -> None:
    inside.choose("/shop/prod/db-password")
    inside.window.entries.detail.tabs.setCurrentIndex(tab)
    inside.rest()
    generator = dock_of(inside).generator
    for name in ("default", "passphrase", "hex"):
        choose(generator, name)
        assert taken(inside.window, menus(inside)) == {}


def test_it_floats_over_a_window_that_has_no_room_for_it(person: Person) -> None:
    person.window.resize(1000, 640)
    dock = dock_of(person)
    assert dock.isFloating()
    assert person.window.width() == 1000
    person.wait(dock.generator.again.hasFocus)
    person.press(dock.generator.again, Qt.Key.Key_Escape)
    assert not dock.isVisible()
    person.wait(person.window.isActiveWindow)


def test_a_lock_takes_it_away_from_where_the_passphrase_is_typed(inside: Person) -> None:
    inside.window.resize(1000, 640)
    dock = dock_of(inside)
    inside.wait(dock.generator.again.hasFocus)
    inside.window.act("lock")
    assert not dock.isVisible()
    inside.wait(inside.window.unlock_page.passphrase.line.hasFocus)


def test_why_nothing_was_made_is_announced_and_told_at_the_field_until_something_is(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    announced = []

    def announce(source: QWidget, text: str) -> QAccessibleAnnouncementEvent:
        announced.append(text)
        return QAccessibleAnnouncementEvent(source, text)

    monkeypatch.setattr("ui.widgets.generator.QAccessibleAnnouncementEvent", announce)
    generator = dock_of(person).generator
    length = generator.fields["length"]
    assert isinstance(length, QSpinBox)
    before = length.accessibleDescription()
    length.setFocus()
    length.setValue(3)
    (why,) = announced
    assert "too short" in why
    assert why in length.accessibleDescription()
    assert before in length.accessibleDescription()
    assert generator.said.property("tone") == "danger"
    length.setValue(20)
    assert length.accessibleDescription() == before
    assert generator.said.property("tone") == "muted"
    choose(generator, "passphrase")
    separator = field(generator, "separator")
    separator.setFocus()
    separator.selectAll()
    person.press(separator, Qt.Key.Key_Delete)
    assert "separator" in announced[-1]
    assert announced[-1] in separator.accessibleDescription()
    assert length.accessibleDescription() == before
