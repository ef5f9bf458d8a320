"""The list as a person uses it: sorted, laid out, several chosen, searched, and all of it remembered."""

from __future__ import annotations

import json
from array import array
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QStyleOptionViewItem

from tests.ui.conftest import LEFT, Person, draft
from ui.dialogs.place import PlaceBox
from ui.dialogs.tag_box import TagBox
from ui.dragged import ENTRIES, FOLDER
from ui.look.theme import GRID
from ui.models.entry_list import COLUMNS, DEFAULT, GONE, KEPT, STRETCH, UNREAD, EntryList
from ui.models.list_layout import PREFERENCE, Layout, parsed, text_of
from ui.widgets.crumbs import Crumbs
from ui.widgets.entry_table import EntryTable
from vault.paths import ParameterPath
from vault.policies import expiration
from vault.records import Entry, Kind, Order, Tier, ValueType

if TYPE_CHECKING:
    from pytestqt.modeltest import ModelTester
    from pytestqt.qtbot import QtBot

    from ui.models.entry_list import Index


DB = "/shop/prod/db-password"
NAMES = [column.name for column in COLUMNS]
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def click_row(person: Person, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    table = person.window.entries.table
    at = table.visualRect(table.model().index(row, 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, keys, at)
    person.rest()


def click_header(person: Person, name: str) -> None:
    header = person.window.entries.table.horizontalHeader()
    number = NAMES.index(name)
    at = QPoint(
        header.sectionViewportPosition(number) + header.sectionSize(number) // 2, header.height() // 2
    )
    QTest.mouseClick(header.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    person.rest()


def kept(person: Person) -> dict[str, object]:
    text = person.window.desk.session.vault.preferences.get(PREFERENCE)
    stored: dict[str, object] = json.loads(text or "{}")
    return stored


# ------------------------------------------------------------------------------------------ where it stands


def test_cells_titles_crumbs_and_search_begin_at_one_line(inside: Person) -> None:
    page = inside.window.entries
    picture = page.grab().toImage()
    left = page.search.mapTo(page, QPoint()).x()
    table, header = page.table, page.table.horizontalHeader()
    first = table.viewport().mapTo(page, table.visualRect(table.model().index(0, 0)).center()).y()
    title = header.mapTo(page, QPoint(0, header.height() // 2)).y()
    crumb = page.findChildren(Crumbs)[0].mapTo(page, QPoint(0, GRID + GRID // 2)).y()
    for middle in (first, title, crumb):
        assert abs(first_ink(picture, middle) - left) <= 2  # pixels of an icon or a letter


def first_ink(picture: QImage, middle: int) -> int:
    """From the left, where something is drawn in the lines around `middle`."""
    ground = picture.pixel(2, middle)
    lines = range(middle - 4, middle + 5)
    return next(x for x in range(2, picture.width()) if any(picture.pixel(x, y) != ground for y in lines))


# -------------------------------------------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("key", "row"),
    [(Qt.Key.Key_Home, 0), (Qt.Key.Key_Down, 0), (Qt.Key.Key_PageDown, 4), (Qt.Key.Key_End, 4)],
)
def test_with_nothing_chosen_a_key_chooses_where_it_leads(inside: Person, key: Qt.Key, row: int) -> None:
    inside.window.sidebar.setFocus()
    inside.window.entries.table.setFocus()
    assert inside.window.entries.chosen_count == 0
    inside.press(inside.window.entries.table, key)
    assert inside.window.entries.table.chosen_spans == [(row, row)]


def test_where_one_row_is_listed_end_chooses_it(inside: Person) -> None:
    inside.window.show_folder(ParameterPath("/mail"))
    inside.wait_for_rows(1)
    inside.press(inside.window.entries.table, Qt.Key.Key_End)
    assert inside.window.entries.table.chosen_spans == [(0, 0)]


def test_with_control_a_key_moves_and_chooses_nothing(inside: Person) -> None:
    QTest.keyClick(inside.window.entries.table, Qt.Key.Key_End, CONTROL)
    assert inside.window.entries.table.currentIndex().row() == len(inside.listed()) - 1
    assert inside.window.entries.chosen_count == 0


# ------------------------------------------------------------------------------------------------- order


def test_a_click_on_a_header_sorts_and_another_one_turns_it_round(inside: Person) -> None:
    click_header(inside, "version")
    assert inside.listed()[-1] == DB
    click_header(inside, "version")
    assert inside.listed()[0] == DB
    assert inside.listed()[1:] == sorted(inside.listed()[1:])
    header = inside.window.entries.table.horizontalHeader()
    assert header.sortIndicatorSection() == NAMES.index("version")
    assert header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder


def test_what_is_chosen_stays_chosen_in_another_order(inside: Person) -> None:
    inside.choose(DB)
    click_header(inside, "type")
    assert inside.window.entries.entry is not None
    assert inside.window.entries.entry.path == DB
    assert inside.window.entries.detail.entry is not None


def test_a_search_is_sorted_as_the_list_is(inside: Person) -> None:
    click_header(inside, "version")
    click_header(inside, "version")
    inside.type_into(inside.window.entries.search, "password")
    inside.rest()
    assert inside.listed() == [DB, "/shop/dev/db-password"]


def test_order_and_columns_are_chosen_by_keyboard_and_remembered_in_the_vault(
    inside: Person, place: str
) -> None:
    table = inside.window.entries.table
    menu = table.make_menu()
    by_text = {action.text(): action for action in menu.actions() if action.isEnabled()}
    assert {"Name", "Modified", "Ascending", "Descending", "Tags", "Created"} <= by_text.keys()
    by_text["Descending"].trigger()
    by_text["Tags"].trigger()
    inside.rest()
    assert inside.listed()[0] == DB
    assert not table.isColumnHidden(NAMES.index("tags"))
    assert kept(inside)["descending"] is True
    inside.window.act("lock")
    inside.wait(lambda: inside.window.page == "unlock")
    inside.wait(lambda: not inside.window.keeper._closing)
    inside.unlock(place)
    inside.wait(lambda: inside.window.page == "entries" and inside.listed())
    inside.rest()
    assert inside.listed()[0] == DB
    assert not table.isColumnHidden(NAMES.index("tags"))


def test_a_width_that_was_pulled_is_remembered(inside: Person) -> None:
    table = inside.window.entries.table
    table.horizontalHeader().resizeSection(NAMES.index("type"), 150)
    inside.wait(lambda: {"name": "type", "width": 150, "shown": True} in kept(inside).get("columns", []))  # type: ignore[operator]


def test_a_narrow_window_hides_columns_without_forgetting_them(inside: Person) -> None:
    table = inside.window.entries.table
    inside.window.resize(860, 640)
    inside.wait(lambda: table.isColumnHidden(NAMES.index("modified")))
    assert not table.isColumnHidden(0)
    assert table.layout_in_force == DEFAULT
    inside.window.resize(1280, 800)
    inside.wait(lambda: not table.isColumnHidden(NAMES.index("modified")))


@pytest.mark.parametrize(
    "text",
    [
        None, "", "[", "[]", "{}", "null", "7", '{"order": "path"}',
        json.dumps({"order": "size", "descending": False, "columns": []}),
        json.dumps({"order": "path", "descending": 1, "columns": [one._asdict() for one in DEFAULT.places]}),
        json.dumps({"order": "path", "descending": False, "columns": [{"name": "name"}]}),
        json.dumps({"order": "path", "descending": False,
                    "columns": [one._asdict() | {"width": 10**9} for one in DEFAULT.places]}),
        json.dumps({"order": "path", "descending": False,
                    "columns": [one._asdict() | {"width": 0} for one in DEFAULT.places]}),
        json.dumps({"order": "path", "descending": False,
                    "columns": [DEFAULT.places[0]._asdict()] * len(DEFAULT.places)}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_a_layout_that_is_none_is_as_at_first(text: str | None) -> None:
    assert parsed(text, DEFAULT) == DEFAULT


def test_a_layout_is_read_as_it_was_written() -> None:
    places = tuple(place._replace(shown=not place.shown) for place in reversed(DEFAULT.places))
    layout = Layout(places, Order.EXPIRES, descending=True)
    assert parsed(text_of(layout), DEFAULT) == layout


# ------------------------------------------------------------------------------------------------- model


def entry_of(number: int) -> Entry:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry(
        number, ParameterPath(f"/e{number:06}"), Kind.PARAMETER, ValueType.STRING, Tier.STANDARD, "text", "",
        None, {}, (), None, 1, 1, at, at, None, None,
    )  # fmt: skip


def test_rows_that_are_not_here_are_wanted_once_for_all_their_cells(qtmodeltester: ModelTester) -> None:
    model, wanted = EntryList(lambda entry: str(entry.path)), list[tuple[int, ...]]()
    model.wanted.connect(wanted.append)
    model.replace(array("q", range(1, 5 * STRETCH + 1)), {0: [entry_of(n) for n in range(1, STRETCH + 1)]})
    assert model.index(0, 0).data() == "/e000001"
    for row in (STRETCH, STRETCH + 1, 3 * STRETCH):
        for column in range(model.columnCount()):
            assert model.index(row, column).data() == UNREAD
    model._tell()
    assert wanted == [(1, 3)]
    model.give(1, [entry_of(n) for n in range(STRETCH + 2, 2 * STRETCH + 1)])
    assert model.index(STRETCH, 0).data() == GONE  # removed meanwhile
    assert model.index(STRETCH + 1, 0).data() == f"/e{STRETCH + 2:06}"
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_only_the_records_that_were_looked_at_last_are_held() -> None:
    model = EntryList(lambda entry: str(entry.path))
    model.replace(array("q", range((KEPT + 5) * STRETCH)))
    for stretch in range(KEPT + 5):
        model.give(stretch, [entry_of(n) for n in model.ids_of(stretch)])
    assert len(model.records) == KEPT * STRETCH
    assert model.record(0) is None
    model.clear()
    assert (model.rowCount(), model.records, model._known) == (0, [], {})


class Counted(EntryList):
    """Counts how often Qt asks whether a cell may be chosen."""

    asked = 0

    def flags(self, index: Index) -> Qt.ItemFlag:
        self.asked += 1
        return super().flags(index)


def test_the_header_is_painted_without_a_look_at_the_rows_that_are_chosen(qtbot: QtBot) -> None:
    model = Counted(lambda entry: str(entry.path))
    model.replace(array("q", range(1000)))
    table = EntryTable(model, str)
    qtbot.addWidget(table)
    table.resize(800, 300)
    table.selectAll()
    table.grab()
    model.asked = 0
    table.horizontalHeader().grab()
    assert model.asked < table.model().columnCount() * 4
    assert table.chosen_count == 1000


# ----------------------------------------------------------------------------------------------- several


def test_several_are_chosen_with_control_and_shift_and_told_of_in_a_summary(inside: Person) -> None:
    entries = inside.window.entries
    click_row(inside, 0)
    assert entries.detail.isVisible()
    click_row(inside, 2, CONTROL)
    assert entries.several.text == "2 entries chosen"
    assert entries.several.isVisible()
    assert entries.detail.entry is None  # no value of the one before is left
    click_row(inside, 4, SHIFT)
    assert entries.chosen_count == 4
    QTest.keyClick(entries.table, Qt.Key.Key_A, CONTROL)
    assert entries.several.text == "5 entries chosen"
    assert not inside.window.actions_["edit"].isEnabled()
    assert inside.window.actions_["remove"].isEnabled()
    click_row(inside, 1)
    assert entries.detail.isVisible()


def test_a_refresh_keeps_what_is_chosen_where_the_list_stands(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    entries = inside.window.entries
    vault.entries.put_many([draft(f"/bulk/e{number:04}", "x") for number in range(600)])
    inside.window.act("refresh")
    inside.rest()
    entries.table.verticalScrollBar().setValue(300)
    inside.rest()
    chosen = entries.table.selectionModel()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    for row in (302, 305):
        chosen.select(entries.model.index(row, 0), flags)
    ids = entries.chosen_ids
    vault.entries.put(draft("/a/first", "x"))
    inside.window.act("refresh")
    inside.rest()
    assert entries.model.rowCount() == 606
    assert entries.chosen_ids == ids
    assert entries.table.verticalScrollBar().value() == 301  # what was on top, now one row further


def test_several_are_tagged_at_once_and_the_tag_is_taken_off_again(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    QTest.keyClick(inside.window.entries.table, Qt.Key.Key_A, CONTROL)
    for off in (False, True):
        inside.click(inside.window.entries.several.buttons["tag"])
        box = inside.box(TagBox)
        inside.type_into(box.key, "owner")
        if off:
            inside.click(box.take_off)
        else:
            inside.type_into(box.value, "ops")
        inside.click(box.agree)
        inside.wait(lambda: "5 entries are changed" in inside.window.deeds.toast.text)
        inside.rest()
        tags = [entry.tags.get("owner") for entry in vault.entries.below()]
        assert tags == [None if off else "ops"] * 5
        inside.wait(lambda: not inside.window.findChildren(TagBox))
        inside.window.deeds.toast.clear()
    assert vault.entries.find(ParameterPath(DB)).tags == {"team": "shop"}


def test_several_move_to_a_folder_under_their_names(inside: Person) -> None:
    click_row(inside, 0)
    click_row(inside, 1, CONTROL)
    inside.window.act("move")
    box = inside.box(PlaceBox)
    inside.rest()
    QTest.keyClicks(box.path, "/moved")  # the folder that is offered is selected
    inside.click(box.agree)
    inside.wait(lambda: "2 entries are moved" in inside.window.deeds.toast.text)
    inside.rest()
    assert {"/moved/smtp", "/moved/db-password"} <= set(inside.listed())


def test_the_paths_of_several_are_copied_a_line_each(inside: Person) -> None:
    QTest.keyClick(inside.window.entries.table, Qt.Key.Key_A, CONTROL)
    inside.window.act("copy-path")
    inside.rest()
    assert QGuiApplication.clipboard().text().split("\n") == inside.listed()


def test_rotating_several_of_which_none_rotates_says_so(inside: Person) -> None:
    QTest.keyClick(inside.window.entries.table, Qt.Key.Key_A, CONTROL)
    inside.window.act("rotate")
    inside.wait(lambda: "None of the chosen" in inside.window.banner.text)
    assert inside.window.page == "entries"


# ------------------------------------------------------------------------------------------------ search


def test_a_search_that_is_not_understood_is_told_under_the_field_and_the_list_stays(inside: Person) -> None:
    entries = inside.window.entries
    before = inside.listed()
    inside.type_into(entries.search, "is:nonsense")
    inside.wait(lambda: "nonsense" in entries.bar.problem)
    inside.rest()
    assert inside.listed() == before
    inside.press(entries.search, Qt.Key.Key_Escape)
    inside.rest()
    assert entries.bar.problem == ""


def test_the_examples_can_be_put_into_the_field(inside: Person) -> None:
    inside.window.go_to_folder(ParameterPath("/shop/prod"))
    inside.rest()
    entries = inside.window.entries
    offered = {action.text().split("\t")[0]: action for action in entries.bar.make_help().actions()}
    assert {"path:/shop/prod/", "is:reused", "tag:team=payments"} <= offered.keys()
    offered["path:/shop/prod/"].trigger()
    inside.rest()
    assert entries.search.text() == "path:/shop/prod/"
    assert inside.listed() == ["/shop/prod/api-token", DB]


def test_down_leads_from_the_field_into_the_list(inside: Person) -> None:
    entries = inside.window.entries
    inside.type_into(entries.search, "smtp")
    inside.rest()
    inside.press(entries.search, Qt.Key.Key_Down)
    assert entries.table.hasFocus()
    assert entries.entry is not None


def test_nothing_found_offers_to_clear_the_search(inside: Person) -> None:
    entries = inside.window.entries
    inside.type_into(entries.search, "no such thing")
    inside.rest()
    assert entries._no_match.isVisible()
    clear = next(each for each in entries._no_match.findChildren(QPushButton) if "Clear" in each.text())
    inside.click(clear)
    inside.rest()
    assert len(inside.listed()) == 5


def test_the_way_to_a_deep_folder_gives_way_in_the_middle(inside: Person) -> None:
    crumbs = inside.window.entries._crumbs
    deep = ParameterPath("/" + "/".join(f"a-rather-long-folder-{number}" for number in range(12)))
    width = crumbs.width()
    crumbs.show_folder(deep)
    assert crumbs.width() == width
    inside.wait(lambda: sum(each.isVisible() for each in crumbs.findChildren(QPushButton)) > 2)
    shown = [each for each in crumbs.findChildren(QPushButton) if each.isVisible()]
    names = [each.accessibleName() for each in shown]
    assert names[0] == "Go to /"
    assert "Folders between" in names
    assert names[-1] == f"Go to {deep}"
    assert sum(each.sizeHint().width() for each in shown) <= width
    slashes = [each for each in crumbs.findChildren(QLabel) if each.isVisible()]
    assert len(slashes) == len(shown) - 1


def test_a_lock_forgets_ids_records_and_what_is_searched(inside: Person) -> None:
    QTest.keyClick(inside.window.entries.table, Qt.Key.Key_A, CONTROL)
    inside.type_into(inside.window.entries.search, "pass")
    inside.rest()
    inside.window.act("lock")
    entries = inside.window.entries
    assert entries.model.rowCount() == 0
    assert entries.model._known == {}
    assert "db-password" not in inside.sees()


# ------------------------------------------------------------------------------------------- what is read


@pytest.mark.parametrize("days", [-3, 0.01, 1, 45, 364, 3_000])
def test_when_an_entry_expires_is_read_in_full(inside: Person, days: float) -> None:
    vault, later = inside.window.desk.session.vault, datetime.now(UTC) + timedelta(days=days)
    vault.entries.put(draft("/mail/smtp", "x", policies=(expiration(later),), overwrite=True))
    inside.window.go_to_folder(ParameterPath("/mail"))
    inside.wait_for_rows(1)
    table, number = inside.window.entries.table, NAMES.index("expires")
    inside.wait(lambda: table.model().index(0, number).data())
    assert table.sizeHintForIndex(table.model().index(0, number)).width() <= table.columnWidth(number)


def test_a_path_keeps_both_ends_and_other_texts_their_beginning(inside: Person) -> None:
    table = inside.window.entries.table

    def cut(column: int) -> Qt.TextElideMode:
        option = QStyleOptionViewItem()
        table.initViewItemOption(option)
        index = table.model().index(0, column)
        table.itemDelegateForIndex(index).initStyleOption(option, index)  # type: ignore[attr-defined]
        return option.textElideMode

    assert cut(0) is Qt.TextElideMode.ElideMiddle
    assert {cut(number) for number in range(1, len(COLUMNS))} == {Qt.TextElideMode.ElideRight}


def test_a_screen_reader_hears_what_the_list_is_sorted_by(inside: Person) -> None:
    table = inside.window.entries.table

    def heard() -> list[str]:
        cells = (QAccessible.queryAccessibleInterface(table).child(at) for at in range(len(COLUMNS)))
        return [cell.text(QAccessible.Text.Name) for cell in cells]

    table.sort_by(0)
    assert table.accessibleDescription() == "Name, sorted descending"
    assert "Name, sorted descending" in heard()
    modified = NAMES.index("modified")
    table.sort_by(modified)
    assert "Modified, sorted ascending" in heard()
    assert "Name" in heard()
    inside.rest()


def test_what_is_dragged_is_seen_by_its_name_or_its_number_and_never_by_a_value(inside: Person) -> None:
    inside.window.go_to_folder(ParameterPath("/shop/prod"))
    inside.wait_for_rows(2)
    table, one = inside.window.entries.table, QLabel("api-token")
    table.choose_spans([(0, 0)])
    single = table.make_drag()
    table.choose_spans([(0, 1)])
    several = table.make_drag()
    assert single.pixmap().width() > one.fontMetrics().horizontalAdvance("api-token")
    assert several.pixmap().toImage() != single.pixmap().toImage()
    for drag in (single, several, inside.window.sidebar.tree.make_drag()):
        assert not drag.pixmap().isNull()
        assert drag.mimeData().formats() in ([ENTRIES], [FOLDER])
