"""The command palette and the help on keys, by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app import saved_searches
from tests.ui.conftest import MARKER, Person
from ui.dialogs.help import AboutBox, ShortcutsBox
from ui.dialogs.palette import PaletteBox
from ui.models.tables import ACCESSIBLE
from ui.views.settings import SettingsPage

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTROL = Qt.KeyboardModifier.ControlModifier


def opened(person: Person, typed: str = "") -> PaletteBox:
    """The palette, with something typed and answered."""
    person.window.act("palette")
    box = person.box(PaletteBox)
    person.type_into(box.field, typed)
    person.rest()
    return box


def texts(box: PaletteBox) -> Sequence[str]:
    return [offer.text for offer in box.model.records]


def said(box: PaletteBox) -> str:
    (hint,) = box.findChildren(QLabel)
    return hint.text()


def closed(person: Person) -> None:
    person.wait(lambda: not person.window.findChildren(PaletteBox))


def test_a_few_letters_and_enter_do_an_action(person: Person) -> None:
    box = opened(person, "abou")
    assert texts(box)[0] == "About Strongroom"
    person.press(box.field, Qt.Key.Key_Return)
    person.box(AboutBox).reject()


def test_where_nothing_fits_it_says_so_and_what_else_searches(inside: Person) -> None:
    box = opened(inside, "zzqq")
    assert texts(box) == []
    assert said(box).startswith("Nothing fits. Ctrl+F searches tags")
    box.field.clear()
    assert said(box).startswith("Enter goes there")
    box.reject()


def test_only_what_can_be_done_now_is_offered(person: Person) -> None:
    box = opened(person)
    assert "Open a vault" in texts(box)
    assert "Lock now" not in texts(box)
    assert "Command palette" not in texts(box)
    box.reject()


def test_enter_leads_to_an_entry(inside: Person) -> None:
    box = opened(inside, "smtp")
    assert texts(box) == ["/mail/smtp"]
    inside.press(box.field, Qt.Key.Key_Return)
    inside.wait(lambda: inside.window.entries.entry and inside.window.entries.entry.path == "/mail/smtp")


def test_control_enter_copies_the_value_of_an_entry_and_stays(inside: Person) -> None:
    box = opened(inside, "prod db-p")
    assert texts(box) == ["/shop/prod/db-password"]
    QTest.keyClick(box.field, Qt.Key.Key_Return, CONTROL)
    inside.wait(lambda: QGuiApplication.clipboard().text() == f"{MARKER} second")
    assert inside.window.desk.clipboard.seconds_left > 0


def test_control_enter_on_an_action_does_nothing(inside: Person) -> None:
    box = opened(inside, "lock now")
    QTest.keyClick(box.field, Qt.Key.Key_Return, CONTROL)
    assert inside.window.keeper.is_open
    assert box.isVisible()
    box.reject()


def test_folders_and_saved_searches_are_offered_and_lead_there(inside: Person) -> None:
    saved_searches.save(inside.window.desk.session.vault, "Deep things", "path:/shop/dev/deep/")
    box = opened(inside, "dee")
    assert texts(box)[:2] == ["Deep things", "/shop/dev/deep"]
    inside.press(box.field, Qt.Key.Key_Down)
    inside.press(box.field, Qt.Key.Key_Return)
    inside.wait(lambda: inside.listed() == ["/shop/dev/deep/er/flag"])
    assert str(inside.window.entries.folder) == "/shop/dev/deep"


def test_arrows_and_tab_go_through_the_list_and_around(inside: Person) -> None:
    box = opened(inside, "prod")
    count = len(box.model.records)
    assert count > 2
    for key, row in (
        (Qt.Key.Key_Down, 1),
        (Qt.Key.Key_Tab, 2),
        (Qt.Key.Key_Up, 1),
        (Qt.Key.Key_Backtab, 0),
        (Qt.Key.Key_Up, count - 1),
        (Qt.Key.Key_Down, 0),
        (Qt.Key.Key_PageDown, min(11, count - 1)),
    ):
        inside.press(box.field, key)
        assert box.list.currentIndex().row() == row
        assert box.field.hasFocus()
    box.reject()


def test_what_was_done_last_is_offered_first_and_paths_are_forgotten_on_lock(
    inside: Person, place: str
) -> None:
    inside.press(opened(inside, "smtp").field, Qt.Key.Key_Return)
    closed(inside)
    inside.press(opened(inside, "refresh").field, Qt.Key.Key_Return)
    closed(inside)
    inside.rest()
    box = opened(inside)
    assert texts(box)[:2] == ["Refresh", "/mail/smtp"]
    box.reject()
    closed(inside)
    inside.window.act("lock")
    box = opened(inside)
    assert "/mail/smtp" not in texts(box)
    box.reject()


def test_a_lock_closes_it_and_empties_it(inside: Person) -> None:
    box = opened(inside, "smtp")
    model = box.model
    inside.window.keeper.lock()
    assert list(model.records) == []
    closed(inside)


def test_a_query_that_is_not_finished_is_no_fault(inside: Person) -> None:
    box = opened(inside, "is:nothing")
    assert texts(box) == []
    assert inside.window.banner.text == ""
    box.reject()


def test_every_row_says_to_a_screen_reader_what_it_is(inside: Person) -> None:
    box = opened(inside, "smtp")
    assert box.model.index(0, 0).data(ACCESSIBLE) == "/mail/smtp, entry"
    told = QAccessible.queryAccessibleInterface(box.list)
    assert told.role() == QAccessible.Role.List
    assert told.text(QAccessible.Text.Name)
    box.reject()


# ---------------------------------------------------------------------------------------------------- help


def test_the_keys_in_force_are_told_and_can_be_searched(person: Person) -> None:
    person.window.desk.session.settings = person.window.desk.settings._replace(shortcuts="about=Ctrl+J")
    person.window.act("shortcuts")
    box = person.box(ShortcutsBox)
    person.type_into(box.search, "about strong")
    assert [(one.keys, one.text) for one in box.model.records] == [("Ctrl+J", "About Strongroom")]
    box.reject()


def test_the_help_on_keys_leads_to_where_they_are_changed(inside: Person) -> None:
    inside.window.act("shortcuts")
    box = inside.box(ShortcutsBox)
    box.change_wanted.emit()
    assert inside.window.page == "settings"
    page = inside.window.pages.of(SettingsPage)
    assert page.tabs.currentWidget() is page.keys
    box.reject()
