"""Values as a person types them: fields and raw text of JSON, lists, octets; nothing is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget

from app.fields import Kind
from app.strength import Strength
from tests.ui.conftest import MARKER, draft, secret
from ui.dialogs.editor import EditBox, NewEntryBox
from ui.widgets.found_view import strength_words
from ui.widgets.value_editor import ValueEditor
from vault.paths import ParameterPath
from vault.records import Kind as EntryKind
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.ui.conftest import Person

TEXT = '{"user": "app",  "port": 5432.10, "on": true, "none": null, "in": {"a": [1]}, "password": "hunter2"}'


@pytest.fixture
def editor(qtbot: QtBot) -> ValueEditor:
    made = ValueEditor()
    qtbot.addWidget(made)
    made.set_type(ValueType.SECRET_STRING)
    made.resize(640, 400)
    made.show()
    return made


def put(editor: ValueEditor, text: str) -> None:
    with secret(text) as value:
        editor.put(value)


def typed(editor: ValueEditor) -> str:
    with editor.value() as value:
        return value.reveal_text()


def click(button: object) -> None:
    QApplication.processEvents()  # a row that was just made has its place only then
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)  # type: ignore[call-overload]


def said(editor: ValueEditor) -> str:
    return editor._size.text()


# ------------------------------------------------------------------------------------------- fields and raw


def test_an_object_opens_as_fields_and_goes_to_raw_and_back_unchanged(editor: ValueEditor) -> None:
    put(editor, TEXT)
    assert [row.name.text() for row in editor.rows.rows] == ["user", "port", "on", "none", "in", "password"]
    kinds = [row.chosen_kind for row in editor.rows.rows]
    assert kinds == [Kind.TEXT, Kind.NUMBER, Kind.TRUTH, Kind.NULL, Kind.JSON, Kind.TEXT]
    for _ in range(2):
        assert typed(editor) == TEXT  # two blanks and all
        click(editor.as_raw)
        assert editor.text.exact == TEXT
        click(editor.as_rows)


def test_a_changed_field_changes_nothing_else(editor: ValueEditor) -> None:
    put(editor, TEXT)
    row = editor.rows.rows[5]
    row.value.selectAll()
    row.value.insertPlainText("nächstes")
    found = json.loads(typed(editor), parse_float=str)
    assert list(found) == ["user", "port", "on", "none", "in", "password"]
    assert (found["port"], found["in"], found["password"]) == ("5432.10", {"a": [1]}, "nächstes")
    click(editor.as_raw)
    assert '"password": "nächstes"' in editor.text.exact


def test_keys_are_added_renamed_and_removed(editor: ValueEditor) -> None:
    put(editor, '{"a": "1", "b": "2"}')
    click(editor.rows.add)
    added = editor.rows.rows[2]
    assert editor.problem == "A key has no name."
    QTest.keyClicks(added.name, "b")
    assert "b is there twice" in editor.problem
    assert "b is there twice" in said(editor)
    QTest.keyClicks(added.name, "c")
    added.kind.setCurrentIndex(list(Kind).index(Kind.TRUTH))
    click(editor.rows.rows[0].remove)
    assert json.loads(typed(editor)) == {"b": "2", "bc": True}


def test_what_is_not_of_its_kind_is_told_and_never_quoted(editor: ValueEditor) -> None:
    put(editor, '{"port": 5432}')
    row = editor.rows.rows[0]
    row.value.selectAll()
    QTest.keyClicks(row.value, "hunter2")
    assert "port is not a number" in said(editor)
    click(editor.as_raw)
    assert editor.as_rows.isChecked(), "what cannot be written is not lost by turning the view"
    row.kind.setCurrentIndex(list(Kind).index(Kind.TEXT))
    assert typed(editor) == '{"port": "hunter2"}'


def test_the_raw_view_tells_line_and_column_as_one_types(editor: ValueEditor) -> None:
    QTest.keyClicks(editor.text, '{"a": 1')
    QTest.keyClick(editor.text, Qt.Key.Key_Return)
    QTest.keyClicks(editor.text, '"b": hunter2}')
    assert "line 2, column 1: a comma" in said(editor)
    assert "hunter2" not in said(editor)
    assert not editor.as_rows.isEnabled()
    assert not editor.problem, "a text is a text: it can be saved"
    editor.text.setPlainText('{"a": 1}')
    assert "JSON" not in said(editor)
    assert editor.as_rows.isEnabled()


@pytest.mark.parametrize(
    "text", ["two\r\nlines\r\n", "a no-break\u00a0space", "tab\there", " blanks ", "\n\n"]
)
def test_a_text_comes_back_as_it_was(editor: ValueEditor, text: str) -> None:
    put(editor, text)
    assert typed(editor) == text


@pytest.mark.parametrize(
    "text", ["mixed\r\nline\nends", "a lone \r return", "a paragraph \u2029 sign", "a \0 zero"]
)
def test_what_typing_would_change_is_not_offered_for_typing(editor: ValueEditor, text: str) -> None:
    put(editor, text)
    assert editor.is_binary
    assert typed(editor) == text


# ------------------------------------------------------------------------------------------ lists and octets


def test_items_are_added_moved_and_removed_and_a_comma_is_refused(editor: ValueEditor) -> None:
    editor.set_type(ValueType.STRING_LIST)
    put(editor, "card,invoice")
    click(editor.rows.rows[1].up)
    assert typed(editor) == "invoice,card"
    click(editor.rows.add)
    QTest.keyClicks(editor.rows.rows[2].value, "a,b")
    assert "Item 3 has a comma" in editor.problem
    click(editor.rows.rows[2].remove)
    click(editor.rows.rows[0].remove)
    assert typed(editor) == "card"
    assert not editor.rows.rows[0].up.isEnabled()
    assert not editor.rows.rows[0].down.isEnabled()


def test_a_file_is_loaded_byte_for_byte_and_too_large_a_one_refused(
    editor: ValueEditor, tmp_path: Path
) -> None:
    refused: list[str] = []
    editor.refused.connect(lambda sentence, hint: refused.append(f"{sentence} {hint}"))
    octets = tmp_path / "octets"
    octets.write_bytes(bytes(range(256)))
    editor.load(str(octets))
    assert editor.is_binary
    assert editor.value() == Secret(bytes(range(256)))
    octets.write_bytes(b"-----BEGIN X-----\r\n")
    editor.load(str(octets))
    assert typed(editor) == "-----BEGIN X-----\r\n"
    octets.write_bytes(bytes(65_537))
    editor.load(str(octets))
    editor.load(str(tmp_path / "none"))
    assert "more than 64 KiB" in refused[0]
    assert "Choose another file" in refused[1]
    assert typed(editor) == "-----BEGIN X-----\r\n"


def test_forgetting_leaves_nothing(editor: ValueEditor) -> None:
    put(editor, TEXT)
    row = editor.rows.rows[5]
    QTest.keyClicks(row.value, "more")
    editor.forget()
    assert editor.empty
    assert editor.rows.rows == []
    assert row.value.toPlainText() == ""
    assert not row.value.document().isUndoAvailable()
    assert not editor.text.document().isUndoAvailable()


# -------------------------------------------------------------------------------------------- in the dialogs


def edit(person: Person, path: str) -> EditBox:
    person.choose(path)
    person.window.act("edit")
    box = person.box(EditBox)
    person.rest()
    return box


def test_a_password_within_a_secret_is_generated_anew_and_saved(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put(draft("/mail/login", '{"user": "app", "password": "old"}', kind=EntryKind.SECRET))
    inside.window.act("refresh")
    inside.rest()
    box = edit(inside, "/mail/login")
    assert not box.save.isEnabled()
    row = box.value.rows.rows[1]
    row.value.entered.emit()
    box.value.take(secret("made-anew"))
    inside.click(box.save)
    inside.wait(lambda: "is stored" in inside.window.banner.text)
    with vault.values.open(ParameterPath("/mail/login")).value as value:
        assert json.loads(value.reveal()) == {"user": "app", "password": "made-anew"}


def test_strength_is_rounded_down_as_health_counts_it() -> None:
    assert strength_words(Strength(9.97, 3.0, 0, "very weak", ())) == "Strength: 9 bits, very weak"


def test_strength_is_told_as_one_types_and_copying_goes_by_our_clipboard(inside: Person) -> None:
    box = edit(inside, "/shop/prod/api-token")
    box.value.text.selectAll()
    inside.type_into(box.value.text, "password1")
    inside.wait(lambda: "very weak" in said(box.value))
    box.value.text.selectAll()
    QTest.keyClick(box.value.text, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "password1"
    assert inside.window.desk.clipboard.seconds_left > 0
    assert box.value.empty
    box.reject()
    assert "password1" not in inside.sees()


def test_a_binary_secret_is_stored_from_a_file(inside: Person, tmp_path: Path) -> None:
    place = tmp_path / "store.jks"
    place.write_bytes(b"\xfe\xed\xfe\xed\x00")
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    box.path.setText("/shop/keystore")
    box.kind.setCurrentIndex(1)
    box.value_type.setCurrentIndex(1)
    assert not box.save.isEnabled()
    box.value.load(str(place))
    inside.click(box.save)
    inside.wait(lambda: "is stored" in inside.window.banner.text)
    opened = inside.window.desk.session.vault.values.open(ParameterPath("/shop/keystore"))
    assert (opened.value_type, opened.value) == (ValueType.SECRET_BINARY, Secret(b"\xfe\xed\xfe\xed\x00"))


def test_a_value_is_edited_concealed_until_it_is_asked_for_and_again_once_it_is_left(inside: Person) -> None:
    box = edit(inside, "/shop/prod/api-token")
    cover, text = box.value.cover, box.value.text
    inside.wait(box.isActiveWindow)
    assert cover.covered
    assert not text.isVisible()
    inside.wait(cover.show_button.hasFocus)
    inside.press(cover.show_button, Qt.Key.Key_Return)
    assert text.isVisible()
    inside.wait(text.hasFocus)
    QTest.keyClicks(text, "new ")
    box.cancel_button.setFocus()
    inside.wait(lambda: cover.covered)
    assert box.save.isEnabled()
    assert text.exact.startswith("new ")
    inside.click(cover.show_button)
    inside.wait(text.hasFocus)
    assert cover._timer.interval() == inside.window.desk.settings.reveal_seconds * 1000
    cover._timer.timeout.emit()
    assert cover.covered
    inside.wait(cover.show_button.hasFocus)


def test_a_new_value_is_concealed_when_the_focus_goes_on(inside: Person) -> None:
    inside.window.act("new-entry")
    box = inside.box(NewEntryBox)
    inside.wait(box.isActiveWindow)
    box.value.text.setFocus()
    box.description.setFocus()
    assert not box.value.cover.covered  # there is nothing yet
    box.value.setFocus()
    QTest.keyClicks(box.value.text, '{"user": "app"}')
    click(box.value.as_rows)
    box.value.rows.rows[0].kind.setFocus()
    assert not box.value.cover.covered
    box.description.setFocus()
    inside.wait(lambda: box.value.cover.covered)


def test_a_lock_empties_the_editor(inside: Person) -> None:
    box = edit(inside, "/shop/prod/db-password")
    assert MARKER in box.value.text.exact
    inside.window.act("lock")
    inside.wait(lambda: not inside.window.findChildren(EditBox))
    assert MARKER not in inside.sees()


def test_the_tab_key_comes_to_nothing_that_lies_under_the_cover(qtbot: QtBot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    editor, last = ValueEditor(), QPushButton("Save")
    layout = QVBoxLayout(box)
    layout.addWidget(editor)
    layout.addWidget(last)
    box.show()
    box.activateWindow()
    put(editor, "hunter2")
    editor.conceal()
    last.setFocus()
    qtbot.waitUntil(last.hasFocus)
    seen: set[QWidget] = set()
    for _ in range(8):
        focus = QApplication.focusWidget()
        assert focus is not None
        QTest.keyClicks(focus, "z")
        seen.add(focus)
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    assert all(one.isVisible() for one in seen)
    assert {editor.cover.show_button, last} <= seen
    assert typed(editor) == "hunter2"
    editor.setFocus()
    assert editor.cover.show_button.hasFocus()
    click(editor.cover.show_button)
    assert editor.text.hasFocus()
