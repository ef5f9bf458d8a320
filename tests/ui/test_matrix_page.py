"""Environments side by side, as a person uses the page: by mouse, by keys, and through what a reader says."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget

from app import environments, promotion
from app.environments import Environments, Kept
from tests.ui import window_speed
from tests.ui.conftest import MARKER, draft
from ui.dialogs import promote
from ui.dialogs.cell import CellBox
from ui.dialogs.editor import NewEntryBox
from ui.dialogs.environments import EnvironmentsBox
from ui.dialogs.promote import PromoteBox
from ui.models import matrix as models
from ui.models.tables import DISPLAY, NOWHERE
from ui.views.matrix import MatrixPage
from ui.widgets.matrix_grid import MatrixGrid
from vault.paths import ParameterPath, Selector

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.promotion import Promotion
    from tests.ui.conftest import Person
    from ui.models.tables import Index
    from vault.steps import Steps
    from vault.vault import Vault

STAGES = tuple(ParameterPath(f"/app/{stage}") for stage in ("dev", "staging", "prod"))
DEV, STAGING, PROD = range(3)
MANY = 2_000


def vault_of(person: Person) -> Vault:
    return person.window.desk.session.vault


def fill(vault: Vault) -> None:
    """What `/app` holds: dev went on, staging follows, prod lacks one name."""
    vault.entries.put_many(
        [
            draft(f"/app/{stage}/{name}", name)
            for stage in ("dev", "staging", "prod")
            for name in ("host", "url")
        ]
    )
    vault.entries.put_many(
        [
            draft("/app/dev/token", f"{MARKER} of dev"),
            draft("/app/staging/token", f"{MARKER} of staging"),
            draft("/app/dev/url", "url two", overwrite=True),
        ]
    )


@pytest.fixture
def page(inside: Person) -> MatrixPage:
    """The page over three stages, at rest, the first cell current."""
    vault = vault_of(inside)
    fill(vault)
    environments.save(vault, Kept().with_set(Environments("app", STAGES, STAGES[DEV])))
    inside.window.show_page("matrix")
    inside.rest()
    return inside.window.pages.of(MatrixPage)


def cells(page: MatrixPage) -> dict[str, list[str]]:
    model = page.model
    return {
        row.name: [str(model.index(at, column).data()) for column in range(model.columnCount())]
        for at, row in enumerate(model.rows)
    }


def go(person: Person, page: MatrixPage, name: str, column: int) -> None:
    """Make a cell the current one, with the keys in the grid."""
    at = [row.name for row in page.model.rows].index(name)
    page.grid.setFocus()
    page.grid.setCurrentIndex(page.model.index(at, column))
    person.rest()


def test_without_folders_the_page_says_what_to_do(inside: Person) -> None:
    inside.window.act("show-matrix")
    inside.rest()
    page = inside.window.pages.of(MatrixPage)
    assert not page.grid.isVisible()
    assert not page.promote_button.isVisible()
    assert "No folders stand side by side yet" in inside.sees()


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_folders_are_suggested_named_and_kept_in_the_vault(inside: Person) -> None:
    fill(vault_of(inside))
    inside.window.show_page("matrix")
    inside.rest()
    page = inside.window.pages.of(MatrixPage)
    page.new_set()
    box = inside.box(EnvironmentsBox)
    assert not box.save.isEnabled()
    inside.click(box.suggest_button)
    inside.rest()
    (menu,) = box.findChildren(QMenu)
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "/app: dev · staging · prod (3 shared names)"
    menu.actions()[0].trigger()
    menu.close()
    assert [item.text() for item in box.folders.selectedItems()] == ["/app/dev"]
    inside.click(box.save)
    inside.rest()
    assert list(cells(page)) == ["host", "token", "url"]
    assert environments.load(vault_of(inside)) == Kept((Environments("app", STAGES, STAGES[DEV]),), "app")


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_folders_are_typed_put_in_order_and_forgotten(inside: Person, page: MatrixPage) -> None:
    inside.click(page.change_button)
    box = inside.box(EnvironmentsBox)
    inside.type_into(box.folder, "/shop/")
    inside.rest()
    inside.type_into(box.folder, "prod")
    inside.press(box.folder, Qt.Key.Key_Return)
    assert [str(folder) for folder in box.chosen][-1] == "/shop/prod"
    assert [item.text() for item in box.folders.selectedItems()] == ["/shop/prod"]  # to be moved or removed
    inside.click(box._list_buttons[0])
    assert [folder.name for folder in box.chosen] == ["dev", "staging", "prod", "prod"]
    inside.press(box.folder, Qt.Key.Key_Return)
    assert not box.banner.isVisible(), "Enter in an empty line asks for nothing"
    inside.type_into(box.folder, "/shop/prod")
    inside.press(box.folder, Qt.Key.Key_Return)
    assert (box.banner.text, len(box.chosen)) == ("/shop/prod is in the list already.", 4)
    inside.type_into(box.folder, "not a folder")
    inside.press(box.folder, Qt.Key.Key_Return)
    assert box.banner.isVisible()
    assert len(box.chosen) == 4
    inside.click(box.save)
    inside.rest()
    assert page.model.columnCount() == 4
    assert page.model.title(2) == "shop/prod"
    kept = environments.load(vault_of(inside))
    assert [one.name for one in kept.sets] == ["app"]
    inside.click(page.change_button)
    box = inside.box(EnvironmentsBox)
    box._forget_set()
    inside.rest()
    assert environments.load(vault_of(inside)) == Kept()
    assert page.model.columnCount() == 0


def test_cells_say_in_words_and_icons_how_they_compare(inside: Person, page: MatrixPage) -> None:
    assert cells(page) == {
        "host": ["Version 1", "Same", "Same"],
        "token": ["Version 1", "Different", "Missing"],
        "url": ["Version 2", "Older", "Older"],
    }
    looks = [page.model.index(row, 1).data(Qt.ItemDataRole.DecorationRole).cacheKey() for row in range(3)]
    assert len(set(looks)) == 3
    header = page.model.headerData(PROD, Qt.Orientation.Horizontal)
    assert header == "prod\n1 differs, 1 missing"
    tip = page.model.index(2, PROD).data(Qt.ItemDataRole.ToolTipRole)
    assert "The value of version 1 in /app/dev." in tip
    assert "Made by: window" in tip
    go(inside, page, "token", PROD)
    assert "/app/prod/token: There is no such entry here." in page.detail.text()
    assert MARKER not in inside.sees()


TITLES = {
    "siblings": (("/shop/dev", "/shop/prod"), ["dev", "prod"]),
    "the same name at the end": (("/a/dev/web", "/a/prod/web"), ["dev", "prod"]),
    "only the end differs": (("/dev/web", "/dev/mail"), ["web", "mail"]),
    "one in the other": (("/shop", "/shop/dev"), ["shop", "shop/dev"]),
    "the root": (("/", "/shop"), ["/", "shop"]),
    "nothing in common": (("/a/x", "/b/y"), ["a/x", "b/y"]),
}


@pytest.mark.parametrize(("folders", "titles"), TITLES.values(), ids=TITLES)
def test_columns_are_called_by_what_tells_them_apart(folders: tuple[str, ...], titles: list[str]) -> None:
    assert models.titles([ParameterPath(folder) for folder in folders]) == titles


def test_a_screen_reader_hears_name_folder_and_state(page: MatrixPage) -> None:
    grid = QAccessible.queryAccessibleInterface(page.grid)
    said = {grid.child(at).text(QAccessible.Text.Name) for at in range(grid.childCount())}
    assert {"token", "token in prod: Missing"} <= said
    assert grid.role() is QAccessible.Role.Table
    assert page.grid.accessibleName() == "Environments side by side"


class Counted(models.MatrixTable):
    """As large as said, and counts how often Qt asks how large."""

    asked = 0

    def rowCount(self, parent: Index = NOWHERE) -> int:
        self.asked += 1
        return 0 if parent.isValid() else MANY

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(STAGES)

    def data(self, index: Index, role: int = DISPLAY) -> None:
        """No cell says anything."""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> None:
        """No title."""


def test_the_titles_are_painted_without_a_look_at_the_cells_that_are_chosen(qtbot: QtBot) -> None:
    model = Counted()
    grid = MatrixGrid(model)
    qtbot.addWidget(grid)
    grid.resize(800, 300)
    grid.selectAll()
    grid.grab()
    model.asked = 0
    grid.horizontalHeader().grab()
    assert model.asked < MANY


def test_rows_are_filtered_by_state_and_name_and_sorted_by_a_column(inside: Person, page: MatrixPage) -> None:
    inside.click(page.chips["older"])
    inside.rest()
    assert list(cells(page)) == ["url"]
    inside.click(page.chips[""])
    inside.type_into(page.names, "O")
    inside.rest()
    assert list(cells(page)) == ["host", "token"]
    inside.type_into(page.names, "zzz")
    inside.rest()
    assert not page.grid.isVisible()
    page.names.clear()
    inside.rest()
    header = page.grid.horizontalHeader()
    at = header.sectionViewportPosition(PROD) + 10
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, 5))
    inside.rest()
    assert list(cells(page)) == ["token", "url", "host"]
    QTest.mouseClick(page.grid._corner, Qt.MouseButton.LeftButton)
    inside.rest()
    assert list(cells(page)) == ["host", "token", "url"]


def test_another_column_becomes_the_reference_and_stays_it(inside: Person, page: MatrixPage) -> None:
    page.reference.setCurrentIndex(PROD)
    page.reference.activated.emit(PROD)
    inside.rest()
    assert cells(page)["url"] == ["Ahead", "Same", "Version 1"]
    assert cells(page)["token"] == ["Extra", "Extra", "Missing"]
    current = environments.load(vault_of(inside)).current
    assert current is not None
    assert current.reference == STAGES[PROD]


def test_enter_shows_both_sides_and_the_difference_masked(inside: Person, page: MatrixPage) -> None:
    go(inside, page, "token", STAGING)
    inside.press(page.grid, Qt.Key.Key_Return)
    box = inside.box(CellBox)
    assert not any(event.event == "value-opened" for event in vault_of(inside).audit.events())
    inside.click(box.look)
    inside.rest()
    assert box.comparison.isVisible()
    assert MARKER not in inside.sees()
    opened = [event.path for event in vault_of(inside).audit.events() if event.event == "value-opened"]
    assert sorted(opened) == ["/app/dev/token", "/app/staging/token"]


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_the_menu_key_offers_what_the_buttons_do(inside: Person, page: MatrixPage) -> None:
    go(inside, page, "token", PROD)
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(page.grid.viewport(), asked)
    (menu,) = page.findChildren(QMenu)
    texts = [action.text().replace("&", "") for action in menu.actions() if action.isVisible()]
    assert "New entry here…" in texts
    assert "Go to the entry" not in texts
    assert "Promote the whole column…" in texts
    next(action for action in menu.actions() if "paths" in action.text().replace("&", "")).trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == "/app/prod/token"


def test_the_names_of_what_is_missing_are_copied(inside: Person, page: MatrixPage) -> None:
    vault_of(inside).entries.put(draft("/app/dev/deep/er", "x"))
    inside.window.refresh()
    inside.rest()
    go(inside, page, "host", PROD)
    inside.click(page.copy_button)
    assert QGuiApplication.clipboard().text() == "deep/er\ntoken"
    go(inside, page, "host", DEV)
    assert not page.copy_button.isEnabled()


def test_a_new_entry_is_made_where_one_is_missing(inside: Person, page: MatrixPage) -> None:
    go(inside, page, "token", PROD)
    inside.click(page.add_button)
    box = inside.box(NewEntryBox)
    assert box.path.text() == "/app/prod/token"
    vault_of(inside).entries.put(draft("/app/prod/token", "x"))
    box.saved.emit(ParameterPath("/app/prod/token"))
    inside.rest()
    assert cells(page)["token"][PROD] == "Different"


def test_going_to_an_entry_leaves_the_page(inside: Person, page: MatrixPage) -> None:
    go(inside, page, "token", DEV)
    inside.click(page.entry_button)
    inside.rest()
    assert inside.window.page == "entries"


def promoting(
    person: Person, page: MatrixPage, name: str, column: int, *, everything: bool = False
) -> PromoteBox:
    go(person, page, name, column)
    page.promote(everything=everything)
    box = person.box(PromoteBox)
    person.rest()
    return box


def current_value(person: Person, path: str) -> str:
    return vault_of(person).values.open(Selector(ParameterPath(path))).value.reveal_text()


def test_what_the_space_bar_ticks_is_announced(
    inside: Person, page: MatrixPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def announce(source: QWidget, text: str) -> QAccessibleAnnouncementEvent:
        said.append(text)
        return QAccessibleAnnouncementEvent(source, text)

    monkeypatch.setattr(promote, "QAccessibleAnnouncementEvent", announce)
    box = promoting(inside, page, "host", PROD, everything=True)
    inside.press(box.table, Qt.Key.Key_Space)
    inside.press(box.table, Qt.Key.Key_Space)
    assert said == ["Promote 1", "Promote 2"]
    box.reject()


def test_a_column_is_promoted_after_its_plan_was_seen(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "host", PROD, everything=True)
    assert (box.source.currentText(), box.target.currentText()) == ("/app/dev", "/app/prod")
    rows = [(step.action.value, step.name) for step in box.model.records]
    assert rows == [("new version", "url"), ("create", "token"), ("unchanged", "host")]
    assert "1 to create, 1 new version, 1 unchanged" in box.summary.text()
    assert box.agree.text() == "&Promote 2"
    inside.click(box.agree)
    inside.rest()
    assert cells(page)["url"][PROD] == cells(page)["token"][PROD] == "Same"
    assert "2 values are promoted to /app/prod." in inside.sees()
    assert current_value(inside, "/app/prod/url") == "url two"


def test_names_whose_ticks_are_taken_away_are_left_out(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "host", PROD, everything=True)
    box.table.setFocus()
    box.table.selectRow(0)
    inside.press(box.table, Qt.Key.Key_Space)
    assert box.agree.text() == "&Promote 1"
    assert not box.everything.isChecked()
    inside.click(box.agree)
    inside.rest()
    assert cells(page)["url"][PROD] == "Older"
    assert cells(page)["token"][PROD] == "Same"


def test_ticks_are_all_taken_away_and_set_again(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "host", PROD, everything=True)
    box.everything.click()
    assert not box.agree.isEnabled()
    box.everything.click()
    assert box.agree.text() == "&Promote 2"


def test_a_cell_is_promoted_from_another_column(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "token", PROD)
    box.source.setCurrentText("/app/staging")
    inside.rest()
    assert [step.name for step in box.model.records] == ["token"]
    box.table.selectRow(0)
    inside.click(box.look)
    inside.rest()
    assert box.comparison.isVisible()
    assert MARKER not in inside.sees()
    inside.click(box.agree)
    inside.rest()
    assert current_value(inside, "/app/prod/token") == f"{MARKER} of staging"


def test_a_folder_is_not_promoted_to_itself(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "token", PROD)
    box.source.setCurrentText("/app/prod")
    inside.rest()
    assert box.summary.text() == "Choose two different folders."
    assert not box.agree.isEnabled()


def test_what_somebody_wrote_since_the_plan_is_told_and_nothing_written(
    inside: Person, page: MatrixPage
) -> None:
    box = promoting(inside, page, "host", PROD, everything=True)
    vault_of(inside).entries.put(draft("/app/prod/url", "theirs", overwrite=True))
    inside.click(box.agree)
    inside.rest()
    assert "Somebody wrote since the plan was made" in inside.sees()
    assert current_value(inside, "/app/prod/url") == "theirs"
    assert box.model.records[0].base == 2
    inside.click(box.agree)
    inside.rest()
    assert current_value(inside, "/app/prod/url") == "url two"


def test_a_promotion_that_is_stopped_writes_nothing_and_says_so(
    inside: Person, page: MatrixPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, stopped, apply = Event(), Event(), promotion.apply

    def slowly(vault: Vault, plan: Promotion, steps: Steps) -> int:
        begun.set()
        assert stopped.wait(30)
        return apply(vault, plan, steps)

    monkeypatch.setattr(promotion, "apply", slowly)
    box = promoting(inside, page, "host", PROD, everything=True)
    inside.click(box.agree)
    inside.wait(begun.is_set)
    inside.click(box.cancel_button)
    stopped.set()
    inside.rest()
    assert "The promotion was stopped; nothing was written." in inside.sees()
    assert box.isVisible()
    assert current_value(inside, "/app/prod/url") == "url"
    inside.click(box.cancel_button)
    inside.wait(lambda: not inside.window.findChildren(PromoteBox))


def test_the_keys_stay_where_the_source_is_chosen(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "host", PROD, everything=True)
    box.source.setFocus()
    inside.press(box.source, Qt.Key.Key_Down)
    inside.rest()
    assert box.source.currentText() == "/app/staging"
    assert box.focusWidget() is box.source
    assert [step.name for step in box.model.records] == ["token", "host", "url"]


def test_thousands_of_names_are_painted_by_the_screenful(inside: Person) -> None:
    vault = vault_of(inside)
    names = [f"service-{number % 7}/name-{number:04}" for number in range(MANY)]
    vault.entries.put_many(
        [draft(f"/app/{stage}/{name}", "x") for stage in ("dev", "prod") for name in names]
    )
    environments.save(vault, Kept().with_set(Environments("app", (STAGES[DEV], STAGES[PROD]), STAGES[DEV])))
    stall = window_speed.matrix_to_painted(inside.window)
    page = inside.window.pages.of(MatrixPage)
    assert page.model.rowCount() == MANY
    assert stall.seconds < 20  # a machine may be busy; the benchmarks measure
    asked: set[int] = set()
    said = page.model.data

    def counted(index: QModelIndex, role: int = 0) -> object:
        asked.add(index.row())
        return said(index, role)

    page.model.data = counted  # type: ignore[method-assign,assignment]
    assert len(window_speed.matrix_frames(inside.window, 2)) == 2
    assert 0 < len(asked) < 150


def test_after_a_lock_the_page_knows_no_name(inside: Person, page: MatrixPage) -> None:
    box = promoting(inside, page, "token", STAGING)
    box.table.selectRow(0)
    inside.click(box.look)
    inside.rest()
    inside.window.keeper.lock()
    inside.wait(lambda: not inside.window.findChildren(QDialog))
    assert page.model.rowCount() == page.sets.count() == page.reference.count() == 0
    seen = inside.sees()
    assert "token" not in seen
    assert "/app" not in seen
    assert MARKER not in seen
