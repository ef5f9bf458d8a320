"""What a window does with very much: nothing on the GUI thread grows with what nobody looks at."""

from __future__ import annotations

from threading import get_ident
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QPersistentModelIndex

from tests.ui.conftest import draft
from ui.dialogs.promote import PromoteBox
from ui.models.promotion import in_order
from ui.models.tables import spans_of
from ui.models.tree import MORE, HierarchyModel
from vault.paths import ROOT, ParameterPath
from vault.records import RotationDraft

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.modeltest import ModelTester

    from app.promotion import Promotion, Step
    from tests.ui.conftest import Person


def paths(*texts: str) -> list[ParameterPath]:
    return [ParameterPath(text) for text in texts]


class Counting(QObject):
    """Counts events of one kind, whoever they are for."""

    def __init__(self, kind: QEvent.Type) -> None:
        super().__init__()
        self._kind, self.number = kind, 0

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        self.number += event.type() == self._kind
        return False


# -------------------------------------------------------------------------------------------- the window


def test_a_change_of_theme_is_told_to_each_widget_a_few_times(person: Person, qapp: QApplication) -> None:
    theme, told = person.program.theme, Counting(QEvent.Type.PaletteChange)
    theme.choose("light")
    qapp.installEventFilter(told)
    theme.choose("dark")
    qapp.removeEventFilter(told)
    theme.choose("system")
    assert 0 < told.number < 8 * len(qapp.allWidgets())


# ------------------------------------------------------------------------------------------------ tables


@pytest.mark.parametrize(
    ("rows", "spans"),
    [([], ()), ([0], ((0, 0),)), ([4, 5, 6], ((4, 6),)), ([0, 2, 3, 9], ((0, 0), (2, 3), (9, 9)))],
)
def test_rows_side_by_side_are_one_span(rows: list[int], spans: tuple[tuple[int, int], ...]) -> None:
    assert spans_of(rows) == spans


def test_rotations_that_were_chosen_are_chosen_again_at_once(inside: Person) -> None:
    vault, page = inside.window.desk.session.vault, inside.window.upkeep.page
    vault.entries.put_many([draft(f"/bulk/e{number}", "x") for number in range(9)])
    for number in range(9):
        vault.rotations.set(ParameterPath(f"/bulk/e{number}"), RotationDraft("command"))
    inside.window.show_page("rotation")
    inside.rest()
    page.table.selectAll()
    told: list[object] = []
    page.table.selectionModel().selectionChanged.connect(lambda *_: told.append(len(page.chosen)))
    inside.window.refresh()
    inside.rest()
    assert told == [9]


def test_what_a_key_alone_opens_is_let_go_of_on_the_pool(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = inside.window.cloud.keys
    inside.window.show_page("keys")
    inside.wait(lambda: len(page.losses.records) == 5)
    held, gone = page.losses.records, list[object]()
    monkeypatch.setattr(inside.window.desk.runner, "let_go", gone.append)
    page.keys_table.clearSelection()
    assert gone == [held]
    assert not page.losses.records


def test_a_plan_of_a_promotion_is_put_in_order_on_the_pool(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorting: list[int] = []

    def noted(plan: Promotion) -> list[Step]:
        sorting.append(get_ident())
        return in_order(plan)

    monkeypatch.setattr("ui.dialogs.promote.in_order", noted)
    dev, prod = ParameterPath("/shop/dev"), ParameterPath("/shop/prod")
    box = PromoteBox(inside.window, inside.window.desk, (dev, prod), (dev, prod), None)
    box.open()
    inside.wait(lambda: box.model.records)
    assert sorting
    assert get_ident() not in sorting
    box.model.tick([0], on=False)
    assert box.agree.text().endswith(str(len(box.model.chosen)))


# ------------------------------------------------------------------------------------------ the hierarchy


def test_a_refresh_reads_every_page_again_that_was_read(
    qapp: QApplication, qtmodeltester: ModelTester
) -> None:
    model, asked = HierarchyModel(), []
    root = model.root_index
    model.fetchMore(root)
    model.give(ROOT, paths("/a", "/b-1", "/b"), "/c/x")
    model.ask_more(model.index(3, 0, root))
    model.give(ROOT, paths("/c", "/d"), "/e/x")
    model.wanted.connect(lambda folder, after: asked.append((str(folder), after)))
    stays = QPersistentModelIndex(model.index_of(ParameterPath("/d")))
    model.refresh()
    model.give(ROOT, paths("/a", "/aa", "/b"), "/c/y")
    assert asked == [("/", None), ("/", "/c/y")]
    model.give(ROOT, paths("/c", "/cc", "/d"), "/f")
    assert asked == [("/", None), ("/", "/c/y")], "what nobody has read yet is not read"
    shown = [model.index(row, 0, root).data() for row in range(model.rowCount(root))]
    assert shown == ["a", "aa", "b", "c", "cc", "d", MORE]
    assert stays.row() == 5
    assert model.path_of(stays) == "/d"
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_folders_side_by_side_come_and_go_in_one_step() -> None:
    model, steps = HierarchyModel(), []
    root = model.root_index
    model.fetchMore(root)
    many = [f"/f{number:03}" for number in range(100)]
    model.rowsInserted.connect(lambda _, first, last: steps.append(("come", first, last)))
    model.rowsRemoved.connect(lambda _, first, last: steps.append(("go", first, last)))
    model.give(ROOT, paths(*many), None)
    model.refresh()
    model.give(ROOT, paths(*many[:10], *many[60:]), None)
    assert steps == [("come", 0, 99), ("go", 10, 59)]
    assert model.index_of(ParameterPath("/f060")).row() == 10
