"""The sidebar: tags, saved searches, counts, parts that fold; and what is dragged and dropped there."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QCursor, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app import saved_searches
from tests.ui.conftest import LEFT, Person, draft
from ui import dragged
from ui.deeds.searches import NameBox
from ui.dialogs.import_box import ImportBox
from ui.dragged import ENTRIES, FOLDER
from ui.work import sidebar as sidebar_work
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QAbstractScrollArea

DB = "/shop/prod/db-password"
MOVE, COPY = Qt.DropAction.MoveAction, Qt.DropAction.CopyAction
NO_KEYS, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def at(text: str) -> ParameterPath:
    return ParameterPath(text)


def stored(person: Person) -> list[str]:
    return [str(entry.path) for entry in person.window.desk.session.vault.entries.below(ROOT)]


def open_all(person: Person) -> None:
    """Unfold the whole hierarchy, as far as it is read."""
    tree = person.window.sidebar.tree
    for _ in range(4):
        tree.expandAll()
        person.rest()


def drop(
    person: Person, view: QAbstractScrollArea, mime: QMimeData, where: QPoint, action: Qt.DropAction = MOVE
) -> bool:
    """Enter, move and drop with real events; whether it was taken."""
    both, keys = MOVE | COPY, CONTROL if action == COPY else NO_KEYS
    port = view.viewport()
    enter = QDragEnterEvent(where, both, mime, LEFT, keys)
    enter.setDropAction(action)
    QApplication.sendEvent(port, enter)
    move = QDragMoveEvent(where, both, mime, LEFT, keys)
    move.setDropAction(action)
    QApplication.sendEvent(port, move)
    if not move.isAccepted():
        return False
    dropped = QDropEvent(QPointF(where), both, mime, LEFT, keys)
    dropped.setDropAction(action)
    QApplication.sendEvent(port, dropped)
    person.rest()
    return dropped.isAccepted()


def onto(person: Person, mime: QMimeData, folder: str, action: Qt.DropAction = MOVE) -> bool:
    sidebar = person.window.sidebar
    index = sidebar.model.index_of(at(folder))
    assert sidebar.model.path_of(index) == folder
    sidebar.tree.scrollTo(index)
    return drop(person, sidebar.tree, mime, sidebar.tree.visualRect(index).center(), action)


def entries_of(person: Person, *paths: str) -> QMimeData:
    vault = person.window.desk.session.vault
    ids = [vault.entries.find(at(path)).id for path in paths]
    return dragged.packed(ENTRIES, dragged.mark_of(person.window.desk), ids)


def folder_of(person: Person, path: str) -> QMimeData:
    model = person.window.sidebar.model
    return model.mimeData([model.index_of(at(path))])


# ------------------------------------------------------------------------------- tags, searches, counts


def test_a_tag_is_listed_with_its_count_and_finds_its_entries(inside: Person) -> None:
    tags = inside.window.sidebar.tags
    assert [(row.title, row.number) for row in tags.rows] == [("team=shop", 1)]
    tags.setCurrentRow(0)
    inside.rest()
    assert inside.window.entries.search.text() == "tag:team=shop"
    assert inside.listed() == [DB]
    assert not inside.window.sidebar.tree.selectionModel().hasSelection()
    inside.press(inside.window.entries.search, Qt.Key.Key_Escape)
    inside.rest()
    assert tags.current == ""
    assert inside.window.sidebar.tree.selectionModel().hasSelection()


def test_a_search_is_saved_run_renamed_and_removed(inside: Person) -> None:
    window = inside.window
    inside.type_into(window.entries.search, "path:/shop/ password")
    inside.rest()
    inside.click(window.entries.bar.save)
    box = inside.box(NameBox)
    inside.type_into(box.name, "Passwords")
    inside.click(box.agree)
    searches = window.sidebar.searches
    inside.wait(lambda: [row.title for row in searches.rows] == ["Passwords"])
    inside.press(window.entries.search, Qt.Key.Key_Escape)
    inside.rest()
    assert len(inside.listed()) == 5
    searches.setFocus()
    inside.press(searches, Qt.Key.Key_Down)
    inside.wait(lambda: inside.listed() == ["/shop/dev/db-password", DB])
    inside.wait(lambda: not window.findChildren(NameBox))
    window.sidebar.rename_wanted.emit("Passwords")
    again = inside.box(NameBox)
    assert not again.agree.isEnabled()
    again.name.setText("Words")
    inside.press(again.name, Qt.Key.Key_Return)
    inside.wait(lambda: [row.title for row in searches.rows] == ["Words"])
    window.sidebar.remove_wanted.emit("Words")
    inside.wait(lambda: not searches.rows)


def test_a_search_that_is_not_understood_is_not_saved_and_the_box_says_why(inside: Person) -> None:
    inside.window.entries.save_wanted.emit("is:nonsense")
    box = inside.box(NameBox)
    inside.type_into(box.name, "Never")
    inside.click(box.agree)
    inside.wait(lambda: "nonsense" in box.banner.text)


def test_no_folder_is_marked_while_a_search_is_shown_and_a_click_on_it_leads_back(inside: Person) -> None:
    window, tree = inside.window, inside.window.sidebar.tree

    def steps() -> list[str]:
        crumbs = window.entries._crumbs.findChildren(QPushButton)
        return [crumb.accessibleName() for crumb in crumbs if not crumb.isHidden()]

    window.go_to_folder(ParameterPath("/shop"))
    inside.rest()
    inside.type_into(window.entries.search, "smtp")
    inside.wait_for_rows(1)
    assert tree.selectedIndexes() == []
    assert steps() == ["Go to /"]
    QTest.mouseClick(tree.viewport(), LEFT, pos=tree.visualRect(tree.currentIndex()).center())
    inside.wait_for_rows(4)
    assert tree.selectedIndexes() == [tree.currentIndex()]
    assert steps() == ["Go to /", "Go to /shop"]
    assert window.entries.search.text() == ""


def test_no_folder_is_marked_on_the_page_of_a_plan_and_a_click_on_it_leads_back(inside: Person) -> None:
    window, tree = inside.window, inside.window.sidebar.tree
    window.go_to_folder(ParameterPath("/shop"))
    inside.rest()
    window.show_page("sync")
    assert tree.selectedIndexes() == []
    window.entries.reload()  # as after something was written by another page
    window.sidebar.refresh()
    inside.rest()
    assert tree.selectedIndexes() == []
    QTest.mouseClick(tree.viewport(), LEFT, pos=tree.visualRect(tree.currentIndex()).center())
    inside.wait(lambda: window.page == "entries")
    assert tree.selectedIndexes() == [tree.currentIndex()]


def test_what_is_in_the_trash_and_what_expires_is_counted_beside_its_place(inside: Person) -> None:
    def counts() -> dict[str, int]:
        return {row.key: row.number for row in inside.window.sidebar.places.rows}

    assert (counts()["trash"], counts()["expiring"]) == (0, 0)
    inside.window.desk.session.vault.trash.remove(at(DB))
    inside.window.act("refresh")
    inside.wait(lambda: counts()["trash"] == 1)
    inside.window.sidebar.set_count("activity", 7)
    texts = [
        inside.window.sidebar.places.item(row).data(Qt.ItemDataRole.AccessibleTextRole)
        for row in range(inside.window.sidebar.places.count())
    ]
    assert {"Trash: 1", "Activity: 7", "Expiring"} <= set(texts)


def test_a_part_that_was_folded_by_keyboard_stays_folded_after_a_lock(inside: Person, place: str) -> None:
    fold = inside.window.sidebar._folds["tags"]
    fold.caption.setFocus()
    inside.press(fold.caption, Qt.Key.Key_Left)
    assert fold.is_folded
    assert "folded" in fold.caption.accessibleName()
    assert not inside.window.sidebar.tags.isVisible()
    inside.rest()
    inside.window.act("lock")
    inside.wait(lambda: not inside.window.keeper._closing)
    inside.unlock(place)
    inside.wait(lambda: inside.window.page == "entries" and inside.listed())
    inside.wait(lambda: fold.is_folded)


@pytest.mark.parametrize("text", [None, "", "{", "{}", "7", "[1]", '[["a"]]', "[" * 100_000])
def test_what_is_no_list_of_folded_parts_folds_nothing(text: str | None) -> None:
    assert sidebar_work.folded(text) == frozenset()


def test_a_lock_takes_tags_and_searches_off_the_sidebar(inside: Person) -> None:
    inside.window.act("lock")
    sidebar = inside.window.sidebar
    assert (sidebar.tags.rows, sidebar.searches.rows) == ([], [])


# --------------------------------------------------------------------------------------------- dragging


def test_entries_that_are_dropped_on_a_folder_move_there(inside: Person) -> None:
    open_all(inside)
    before = stored(inside)
    assert onto(inside, entries_of(inside, DB, "/shop/prod/api-token"), "/mail")
    inside.wait(lambda: "/mail/db-password" in stored(inside))
    assert "2 entries are moved" in inside.window.deeds.toast.text
    assert DB not in stored(inside)
    inside.window.act("undo")
    inside.wait(lambda: stored(inside) == before)


def test_with_control_they_are_copied(inside: Person) -> None:
    open_all(inside)
    assert onto(inside, entries_of(inside, DB), "/mail", COPY)
    inside.wait(lambda: "/mail/db-password" in stored(inside))
    assert DB in stored(inside)


def test_a_folder_that_is_dropped_on_another_moves_into_it(inside: Person) -> None:
    open_all(inside)
    assert onto(inside, folder_of(inside, "/shop/dev"), "/mail")
    inside.wait(lambda: "/mail/dev/deep/er/flag" in stored(inside))
    assert "/shop/dev/db-password" not in stored(inside)


@pytest.mark.parametrize(
    ("what", "folder"), [("/shop", "/shop"), ("/shop", "/shop/dev"), ("/shop/dev", "/shop")]
)
def test_a_folder_is_not_taken_by_itself_by_what_is_in_it_or_where_it_is(
    inside: Person, what: str, folder: str
) -> None:
    open_all(inside)
    assert not onto(inside, folder_of(inside, what), folder)


def test_a_path_that_is_taken_is_told_and_nothing_moves(inside: Person) -> None:
    inside.window.desk.session.vault.entries.put(draft("/mail/db-password", "theirs"))
    open_all(inside)
    before = stored(inside)
    assert onto(inside, entries_of(inside, DB), "/mail")
    inside.wait(lambda: "already exists" in inside.window.banner.text)
    assert stored(inside) == before
    assert inside.window.deeds.toast.text == ""


def test_what_another_window_or_an_older_drag_brings_is_not_taken(inside: Person) -> None:
    open_all(inside)
    vault = inside.window.desk.session.vault
    ids = [vault.entries.find(at(DB)).id]
    mark = dragged.mark_of(inside.window.desk)
    for foreign in ("", "other", mark + "0"):
        assert not onto(inside, dragged.packed(ENTRIES, foreign, ids), "/mail")
    broken = QMimeData()
    broken.setData(ENTRIES, mark.encode() + b":" + b"odd")
    assert not onto(inside, broken, "/mail")
    assert not onto(inside, dragged.packed(FOLDER, mark, [10**9]), "/mail")


def test_a_drag_holds_ids_and_neither_names_nor_values(inside: Person) -> None:
    mime = entries_of(inside, DB)
    assert mime.formats() == [ENTRIES]
    octets = bytes(mime.data(ENTRIES).data())
    assert b"shop" not in octets
    assert array("q", octets.partition(b":")[2])[0] > 0
    assert folder_of(inside, "/shop").formats() == [FOLDER]


def test_a_file_that_is_dropped_is_imported_after_its_plan(inside: Person, tmp_path: Path) -> None:
    env = tmp_path / "project.env"
    env.write_text("NEW=1\n", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(env))])
    open_all(inside)
    assert onto(inside, mime, "/shop/dev", COPY)
    box = inside.box(ImportBox)
    assert (box.under.text(), box.file.path) == ("/shop/dev", str(env))
    inside.wait(box.agree.isEnabled)
    box.reject()
    inside.wait(lambda: not inside.window.findChildren(ImportBox))
    inside.window.go_to_folder(at("/mail"))
    inside.rest()
    assert drop(inside, inside.window.entries.table, mime, QPoint(20, 20), COPY)
    assert inside.box(ImportBox).under.text() == "/mail"


def test_a_file_that_is_dropped_takes_away_why_the_deed_before_was_refused(
    inside: Person, tmp_path: Path
) -> None:
    env = tmp_path / "project.env"
    env.write_text("NEW=1\n", encoding="utf-8")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(env))])
    open_all(inside)
    inside.window.banner.refuse("Two entries would both become /shop/prod/url.", "Nothing was changed.")
    assert onto(inside, mime, "/shop/dev", COPY)
    inside.box(ImportBox)
    assert inside.window.banner.text == ""


def test_several_files_at_once_are_not_taken(inside: Person, tmp_path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.env", "b.env")])
    assert not onto(inside, mime, "/shop")
    assert not drop(inside, inside.window.entries.table, mime, QPoint(20, 20), COPY)


def test_a_folder_opens_when_something_is_held_over_it(inside: Person) -> None:
    sidebar = inside.window.sidebar
    inside.wait(lambda: sidebar.model.path_of(sidebar.model.index_of(at("/shop"))) == "/shop")
    index = sidebar.model.index_of(at("/shop"))
    assert not sidebar.tree.isExpanded(index)
    where = sidebar.tree.visualRect(index).center()
    mime = entries_of(inside, "/mail/smtp")
    port = sidebar.tree.viewport()
    QCursor.setPos(port.mapToGlobal(where))
    QApplication.sendEvent(port, QDragEnterEvent(where, MOVE, mime, LEFT, NO_KEYS))
    QApplication.sendEvent(port, QDragMoveEvent(where, MOVE, mime, LEFT, NO_KEYS))
    inside.wait(lambda: sidebar.tree.isExpanded(index))


def test_folders_are_found_behind_a_thousand_entries_of_their_level(inside: Person) -> None:
    vault = inside.window.desk.session.vault
    crowd = [draft(f"/many/a-{number:04}", "v") for number in range(1_000)]
    vault.entries.put_many([*crowd, draft("/many/deep/one", "v")])
    inside.window.sidebar.refresh()
    inside.rest()
    sidebar = inside.window.sidebar
    sidebar.model.fetchMore(sidebar.model.index_of(at("/many")))
    inside.rest()
    index = sidebar.model.index_of(at("/many"))
    assert [
        sidebar.model.path_of(sidebar.model.index(row, 0, index))
        for row in range(sidebar.model.rowCount(index))
    ] == ["/many/deep"]


def test_an_arrow_chooses_the_line_that_the_keyboard_is_on(inside: Person) -> None:
    saved_searches.save(inside.window.desk.session.vault, "Tokens", "token")
    inside.window.refresh()
    searches = inside.window.sidebar.searches
    inside.wait(lambda: searches.rows)
    inside.rest()
    searches.setFocus()
    searches.setCurrentItem(searches.item(0), QItemSelectionModel.SelectionFlag.NoUpdate)
    assert searches.current == ""
    inside.press(searches, Qt.Key.Key_Down)
    inside.wait(lambda: inside.window.entries.search.text() == "token")
