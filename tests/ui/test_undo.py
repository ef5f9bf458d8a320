"""After every move and every removal a note with the way back: exactly what moved comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.ui.conftest import Person, draft
from ui.dialogs.confirm import Confirm
from ui.dialogs.place import PlaceBox
from ui.dialogs.tag_box import TagBox
from ui.models.tables import spans_of
from ui.widgets.toast import SHOWN_MILLISECONDS
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from ui.widgets.toast import Toast

DB = "/shop/prod/db-password"
CONTROL = Qt.KeyboardModifier.ControlModifier


def at(text: str) -> ParameterPath:
    return ParameterPath(text)


def stored(person: Person) -> list[str]:
    return [str(entry.path) for entry in person.window.desk.session.vault.entries.below(ROOT)]


def toast_of(person: Person) -> Toast:
    return person.window.deeds.toast


def remove(person: Person, *paths: str) -> None:
    for path in paths:
        person.wait(lambda path=path: path in person.listed())  # type: ignore[misc]
    rows = sorted(person.listed().index(path) for path in paths)
    person.window.entries.table.choose_spans(spans_of(rows))
    person.rest()
    person.window.act("remove")
    person.click(person.box(Confirm).agree)
    person.wait(lambda: "trash" in toast_of(person).text)
    person.rest()


@pytest.mark.parametrize("way", ["key", "button"])
def test_a_removed_entry_comes_back_by_key_or_button(inside: Person, way: str) -> None:
    before = stored(inside)
    remove(inside, DB)
    assert DB in toast_of(inside).text
    assert DB not in stored(inside)
    if way == "key":
        inside.window.activateWindow()
        inside.wait(inside.window.isActiveWindow)
        inside.window.entries.table.setFocus()
        QTest.keyClick(inside.window.entries.table, Qt.Key.Key_Z, CONTROL)
    else:
        inside.press(toast_of(inside).undo_button, Qt.Key.Key_Return)
    inside.wait(lambda: stored(inside) == before)
    inside.rest()
    assert DB in inside.listed()
    assert toast_of(inside).text == ""
    assert not inside.window.actions_["undo"].isEnabled()


def test_what_came_back_is_chosen_and_told_no_longer_than_until_the_next_deed(inside: Person) -> None:
    remove(inside, DB)
    inside.window.act("undo")
    inside.wait(lambda: inside.window.entries.entry is not None)
    inside.rest()
    assert inside.window.entries.entry is not None
    assert inside.window.entries.entry.path == DB
    assert f"{DB} is restored" in inside.window.banner.text
    remove(inside, DB)
    assert inside.window.banner.text == ""


def test_several_that_were_removed_come_back_together(inside: Person) -> None:
    before = stored(inside)
    remove(inside, *before[:3])
    assert "3 entries are in the trash" in toast_of(inside).text
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == before)


def test_a_removed_folder_comes_back_without_what_was_in_the_trash_before(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.trash.remove(at("/shop/dev/db-password"))
    before = stored(inside)
    inside.window.go_to_folder(at("/shop/dev"))
    inside.rest()
    inside.window.act("remove-folder")
    inside.click(inside.box(Confirm).agree)
    inside.wait(lambda: "/shop/dev is in the trash" in toast_of(inside).text)
    inside.rest()
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == before)
    assert [str(entry.path) for entry in vault.trash.listed()] == ["/shop/dev/db-password"]


def test_a_moved_folder_goes_back_and_what_was_there_stays(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    vault.entries.put(draft("/mail/dev/own", "x"))
    before = stored(inside)
    inside.window.go_to_folder(at("/shop/dev"))
    inside.rest()
    inside.window.act("move-folder")
    box = inside.box(PlaceBox)
    box.path.setText("/mail/dev")
    inside.click(box.agree)
    inside.wait(lambda: "Moved to /mail/dev" in toast_of(inside).text)
    inside.rest()
    assert "/mail/dev/deep/er/flag" in stored(inside)
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == before)


def test_a_copy_that_is_taken_back_waits_in_the_trash(inside: Person) -> None:
    before = stored(inside)
    inside.window.go_to_folder(at("/shop/dev"))
    inside.rest()
    inside.window.act("copy-folder")
    box = inside.box(PlaceBox)
    box.path.setText("/shop/new")
    inside.click(box.agree)
    inside.wait(lambda: "Copied to /shop/new" in toast_of(inside).text)
    inside.rest()
    assert "/shop/new/deep/er/flag" in stored(inside)
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == before)
    inside.rest()
    assert "2 copies are in the trash" in inside.window.banner.text
    trashed = [str(entry.path) for entry in inside.window.desk.session.vault.trash.listed()]
    assert sorted(trashed) == ["/shop/new/db-password", "/shop/new/deep/er/flag"]


def test_a_tag_is_taken_back_and_one_that_changed_nothing_offers_no_way_back(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    inside.choose(DB)
    for _ in range(2):
        inside.window.act("tag")
        box = inside.box(TagBox)
        inside.type_into(box.key, "team")
        inside.type_into(box.value, "mail")
        inside.click(box.agree)
        inside.wait(lambda: not inside.window.findChildren(TagBox))
        inside.rest()
        assert vault.entries.find(at(DB)).tags == {"team": "mail"}
    inside.window.act("undo")
    inside.wait(lambda: vault.entries.find(at(DB)).tags == {"team": "shop"})
    inside.rest()
    assert not toast_of(inside).offers


def test_what_follows_a_removal_is_said_of_one_and_of_several(inside: Person) -> None:
    for last, words in ((0, "It can be restored"), (1, "They can be restored")):
        inside.window.entries.table.choose_spans([(0, last)])
        inside.rest()
        inside.window.act("remove")
        box = inside.box(Confirm)
        assert any(words in label.text() for label in box.findChildren(QLabel))
        inside.click(box.cancel_button)
        inside.wait(lambda: not inside.window.findChildren(Confirm))


def test_a_path_that_was_taken_meanwhile_is_told_and_not_overwritten(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    remove(inside, DB)
    vault.entries.put(draft(DB, "another"))
    inside.window.act("undo")
    inside.wait(lambda: DB in inside.window.banner.text)
    assert "taken" in inside.window.banner.text
    assert len(vault.trash.listed()) == 1


def test_the_note_waits_while_somebody_is_at_it(inside: Person) -> None:
    remove(inside, DB)
    toast = toast_of(inside)
    inside.window.activateWindow()
    inside.wait(inside.window.isActiveWindow)
    assert toast._timer.isActive()
    assert toast._timer.interval() == SHOWN_MILLISECONDS
    here = QPointF(4, 4)
    QApplication.sendEvent(toast, QEnterEvent(here, here, here))
    assert not toast._timer.isActive()
    QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))
    inside.wait(toast._timer.isActive)
    toast.undo_button.setFocus()
    inside.wait(lambda: not toast._timer.isActive())
    inside.window.entries.table.setFocus()
    inside.wait(toast._timer.isActive)
    toast._timer.timeout.emit()
    assert toast.text == ""
    assert not toast.isVisible()


def test_what_was_done_is_taken_back_step_by_step_after_the_notes_are_gone(inside: Person) -> None:
    before = stored(inside)
    remove(inside, before[0])
    once = stored(inside)
    remove(inside, before[1])
    toast_of(inside)._timer.timeout.emit()
    assert toast_of(inside).text == ""
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == once)
    inside.rest()
    assert inside.window.actions_["undo"].isEnabled()
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == before)
    assert not inside.window.actions_["undo"].isEnabled()


def test_the_note_is_read_whole_and_stands_inside_a_small_window(inside: Person) -> None:
    inside.window.resize(800, 600)
    long = "/shop/prod/" + "a-long-name" * 12
    inside.window.desk.session.vault.entries.put(draft(long, "x"))
    inside.window.act("refresh")
    inside.rest()
    remove(inside, long)
    toast = toast_of(inside)
    assert inside.window.rect().contains(toast.geometry())
    assert long in toast.accessibleName()
    assert inside.window.width() == 800


def test_a_lock_forgets_what_could_be_undone(inside: Person) -> None:
    remove(inside, DB)
    toast_of(inside)._timer.timeout.emit()
    inside.window.act("lock")
    assert toast_of(inside).text == ""
    assert not toast_of(inside).offers
    assert "db-password" not in inside.sees()
