"""Environments: folders side by side, what differs between them, and the ways on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu

from app import environments, matrix
from app.environments import Kept
from app.language import plural, tr
from app.matrix import State
from ui.deeds.environments import MatrixWork
from ui.dialogs.environments import EnvironmentsBox
from ui.look import icons
from ui.look.theme import GRID
from ui.models import matrix as models
from ui.models.matrix import MatrixTable
from ui.views.page import Page
from ui.widgets import parts
from ui.widgets.chips import Chips
from ui.widgets.empty_state import EmptyState
from ui.widgets.head_row import head_row
from ui.widgets.matrix_grid import MatrixGrid
from ui.widgets.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QAction

    from app.environments import Environments
    from app.matrix import Cell, Matrix, Row
    from ui.bridge import Cancel
    from ui.desk import Desk
    from vault.paths import ParameterPath
    from vault.vault import Vault

EMPTY, NO_ROWS, ROWS = range(3)
ALWAYS = ("", "missing", "different", "older", "same")
BY_NAME = -1


class _Read(NamedTuple):
    """What came from the vault."""

    kept: Kept
    matrix: Matrix | None
    counts: dict[str, int]
    widest: str  # the name with the most characters


class MatrixPage(Page):
    """Shows, filters and sorts; promotes by `PromoteBox`."""

    def __init__(self, desk: Desk) -> None:
        """Without folders."""
        super().__init__()
        self.setObjectName("page")
        self._desk = desk
        self._kept = Kept()
        self._asked: Cancel | None = None
        self._filtering: Cancel | None = None
        self._sorted = BY_NAME
        self._work = MatrixWork(desk, self)
        self._work.entry_wanted.connect(self.entry_wanted)
        self._work.told.connect(self.told)
        self._work.changed.connect(self._written)
        self.model = MatrixTable(self)
        self.grid = MatrixGrid(self.model)
        self._make_parts()
        self._lay_out()
        self._show(_Read(Kept(), None, {}, ""))

    def begin(self) -> None:
        """Read the folders of the chosen set again."""
        self._read(environments.load)

    def clear(self) -> None:
        """Forget every name."""
        self._kept = Kept()
        self.names.clear()
        self.chips.choose("")
        self._sorted = BY_NAME
        self._show(_Read(Kept(), None, {}, ""))

    def _make_parts(self) -> None:
        self.sets, self.reference = QComboBox(), QComboBox()
        parts.call(self.sets, tr("Set of folders"))
        parts.call(self.reference, tr("Reference: what the others are compared with"))
        self.sets.activated.connect(
            lambda row: self._keep(self._kept._replace(shown=self.sets.itemText(row)))
        )
        self.reference.activated.connect(self._refer_to)
        self.new_button = parts.button(tr("&New set…"), "add", clicked=self.new_set)
        self.change_button = parts.button(tr("Chan&ge…"), "edit", clicked=self._change_set)
        self.promote_button = parts.button(tr("&Promote…"), "promote", "primary", clicked=self.promote)
        self.names = QLineEdit()
        self.names.setPlaceholderText(tr("Filter names"))
        self.names.setAccessibleName(tr("Filter names"))
        self.names.setClearButtonEnabled(True)
        self.names.textChanged.connect(lambda _: self._filter())
        filters = {mark: tr(title) for mark, title in models.FILTERS.items()}
        self.chips = Chips(tr("Which rows are shown"), filters, ALWAYS)
        self.chips.chosen.connect(lambda _: self._filter())
        self.detail = parts.label(wrap=True, selectable=True)
        self.detail.setAccessibleDescription(tr("The chosen cell in full"))
        self.detail.setMinimumHeight(2 * self.detail.fontMetrics().lineSpacing())
        self.details_button = parts.button(tr("&Details"), "compare", clicked=self.open_cell)
        self.copy_button = parts.button(tr("&Copy missing names"), "copy", clicked=self.copy_missing)
        self.entry_button = parts.button(tr("Go to the entr&y"), "move", clicked=self._go)
        self.add_button = parts.button(tr("Ne&w entry here…"), "add", clicked=self._new_here)
        self.grid.selectionModel().currentChanged.connect(lambda *_: self._check())
        self.grid.selectionModel().selectionChanged.connect(lambda *_: self._check())
        self.model.modelReset.connect(self._check)
        self.grid.opened.connect(self.open_cell)
        self.grid.menu_wanted.connect(self._menu)
        self.grid.sort_wanted.connect(self._sort)

    def _lay_out(self) -> None:
        title = parts.row(parts.label(tr("Environments"), "heading"), self.sets, self.change_button, None)
        head = head_row(parts.boxed(title), self.new_button, self.promote_button)
        caption = parts.label(tr("&Reference:"), "muted")
        caption.setBuddy(self.reference)
        self._line = parts.boxed(parts.row(caption, self.reference, self.names, None))
        self.names.setMinimumWidth(30 * GRID)
        top = parts.column(head, self._line, self.chips)
        top.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        first = parts.button(tr("&New set…"), "add", "primary", clicked=self.new_set)
        self._empty = EmptyState(
            "matrix",
            tr("No folders stand side by side yet"),
            tr("Choose two or more, such as /shop/dev and /shop/prod, to see what differs between them."),
            first,
        )
        self._no_rows = EmptyState("check", tr("No such names"), tr("Choose another filter above."))
        self._stack = Stack(self._empty, self._no_rows, self.grid)
        buttons = parts.row(None, self.copy_button, self.add_button, self.entry_button, self.details_button)
        foot = parts.column(self.detail, parts.boxed(buttons))
        foot.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        self._foot = parts.boxed(foot)
        layout = parts.column(parts.boxed(top), self._stack, self._foot, space=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    # ---------------------------------------------------------------------------------------------- reading

    def _read(self, kept_of: Callable[[Vault], Kept]) -> None:
        """Read what `kept_of` chooses; what was asked before and has not come yet is dropped."""
        if self._asked is not None:
            self._asked.ask()
        self._asked = self._desk.ask(self, lambda vault: _read(vault, kept_of(vault)), self._show)

    def _keep(self, kept: Kept) -> None:
        """Remember other sets, and show the one that is chosen."""

        def saved(vault: Vault) -> Kept:
            environments.save(vault, kept)
            return kept

        self._sorted = BY_NAME
        self._read(saved)

    def _refer(self, folder: ParameterPath) -> None:
        current = self._kept.current
        if current is not None:
            self._keep(self._kept.with_set(current._replace(reference=folder)))

    def _show(self, read: _Read) -> None:
        self._kept, made = read.kept, read.matrix
        current = self._kept.current
        self.sets.clear()
        self.sets.addItems([one.name for one in self._kept.sets])
        self.sets.setCurrentText(current.name if current else "")
        self.reference.clear()
        for folder in made.folders if made else ():
            self.reference.addItem(str(folder), folder)
        self.reference.setCurrentIndex(made.reference if made else -1)
        for part in (self.sets, self.change_button, self.promote_button, self._line, self.chips, self._foot):
            part.setVisible(made is not None)
        self.new_button.setVisible(made is not None)
        self.chips.count(read.counts)
        if made is None:
            self.model.clear()
            self._stack.setCurrentIndex(EMPTY)
            return
        self._filter(made)
        self.grid.fit_names(read.widest)

    def _filter(self, made: Matrix | None = None) -> None:
        """Show the rows that filter and words leave, on the pool: there may be many."""
        made = made or self.model.matrix
        if made is None:
            return
        if self._filtering is not None:
            self._filtering.ask()
        which, text = self.chips.current, self.names.text()
        column = self._sorted if 0 <= self._sorted < len(made.folders) else None
        self._filtering = self._desk.runner.run(
            self,
            lambda: matrix.shown(made, which, text, column),
            lambda rows: self._show_rows(made, rows),
        )

    def _show_rows(self, made: Matrix, rows: list[Row]) -> None:
        before, index = self._current(), self.grid.currentIndex()
        name, column = (before[0].name if before else ""), max(0, index.column())
        self.model.show(made, rows)
        self._stack.setCurrentIndex(ROWS if rows else NO_ROWS)
        at = next((at for at, row in enumerate(rows) if row.name == name), 0)
        if rows:
            self.grid.setCurrentIndex(self.model.index(at, min(column, len(made.folders) - 1)))
        self._check()

    def _sort(self, column: int) -> None:
        self._sorted = column
        self._filter()

    # --------------------------------------------------------------------------------------- the chosen cell

    def _current(self) -> tuple[Row, Cell] | None:
        return self.model.cell(self.grid.currentIndex())

    def _path(self) -> ParameterPath | None:
        current, made = self._current(), self.model.matrix
        if current is None or made is None:
            return None
        return made.path(current[0].name, self.grid.currentIndex().column())

    def _check(self) -> None:
        """Offer what makes sense for the chosen cells."""
        current, made = self._current(), self.model.matrix
        is_there = current is not None and current[1].held is not None
        self.entry_button.setVisible(is_there)
        self.add_button.setVisible(current is not None and not is_there)
        self.details_button.setEnabled(current is not None)
        self.promote_button.setEnabled(made is not None and bool(made.rows))
        chosen = len(self._names())
        text = ""
        if current is not None and made is not None:
            column = self.grid.currentIndex().column()
            text = models.in_two_lines(made, current[0], column)
            self.copy_button.setEnabled(made.tallies[column][State.MISSING.value] > 0)
        if chosen > 1:
            text = plural("{n} name is chosen.", "{n} names are chosen.", chosen)
        self.detail.setText(text)

    def _names(self) -> list[str]:
        """The names of the chosen cells."""
        return [self.model.rows[row].name for row in parts.chosen(self.grid)]

    def open_cell(self) -> None:
        """Show the current cell beside the reference."""
        current, made = self._current(), self.model.matrix
        if current is not None and made is not None:
            self._work.open_cell(made, current[0], self.grid.currentIndex().column())

    def _go(self) -> None:
        path = self._path()
        if path is not None:
            self.entry_wanted.emit(path)

    def _new_here(self) -> None:
        path = self._path()
        if path is not None:
            self._work.add(path)

    def copy_missing(self, *, whole: bool = False) -> None:
        """Copy the names that the current column has not, one a line; `whole`: as paths."""
        made, column = self.model.matrix, self.grid.currentIndex().column()
        if made is not None and column >= 0:
            self._work.copy_missing(made, column, whole=whole)

    def promote(self, *, everything: bool = False) -> None:
        """Plan the promotion of the chosen names, or of all, to the current column."""
        made, column = self.model.matrix, self.grid.currentIndex().column()
        if made is not None:
            names = None if everything else self._names() or None
            self._work.promote(made, max(0, column), names)

    def _written(self) -> None:
        self.changed.emit()
        self.begin()

    # ------------------------------------------------------------------------------------------------- menus

    def _menu(self, at: QPoint) -> None:
        current, made = self._current(), self.model.matrix
        if current is None or made is None:
            return
        column = self.grid.currentIndex().column()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_there = current[1].held is not None
        self._offer(menu, tr("&Details"), "compare", self.open_cell)
        self._offer(menu, tr("Go to the entr&y"), "move", self._go).setVisible(is_there)
        self._offer(menu, tr("Ne&w entry here…"), "add", self._new_here).setVisible(not is_there)
        menu.addSeparator()
        self._offer(menu, tr("&Promote the chosen…"), "promote", self.promote)
        self._offer(menu, tr("Promote the whole co&lumn…"), "promote", lambda: self.promote(everything=True))
        menu.addSeparator()
        copied = self._offer(menu, tr("&Copy the names that are missing here"), "copy", self.copy_missing)
        paths = self._offer(menu, tr("Copy them as p&aths"), "copy", lambda: self.copy_missing(whole=True))
        for action in (copied, paths):
            action.setEnabled(made.tallies[column][State.MISSING.value] > 0)
        menu.addSeparator()
        self._offer(menu, tr("Make this column the &reference"), "label", lambda: self._refer_to(column))
        self._offer(menu, tr("&Sort by this column"), "entries", lambda: self._sort(column))
        self._offer(menu, tr("Sort &by name"), "entries", lambda: self._sort(BY_NAME))
        menu.popup(at)

    def _offer(self, menu: QMenu, text: str, icon: str, act: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        icons.wear(action, icon)
        action.triggered.connect(lambda _=False: act())
        return action

    def _refer_to(self, column: int) -> None:
        if self.model.matrix is not None:
            self._refer(self.model.matrix.folders[column])

    def new_set(self) -> None:
        """Choose folders for another set."""
        self._open(EnvironmentsBox(self.window(), self._desk))

    def _change_set(self) -> None:
        self._open(EnvironmentsBox(self.window(), self._desk, self._kept.current))

    def _open(self, box: EnvironmentsBox) -> None:
        box.saved.connect(self._saved)
        box.forgotten.connect(lambda name: self._keep(self._kept.without(name)))
        box.open()

    def _saved(self, made: Environments, before: str) -> None:
        self._keep(self._kept.with_set(made, before))


def _read(vault: Vault, kept: Kept) -> _Read:
    current = kept.current
    if current is None:
        return _Read(kept, None, {}, "")
    made = matrix.read(vault, current.folders, current.reference)
    counts = {**made.counts(), "": len(made.rows)}
    return _Read(kept, made, counts, max((row.name for row in made.rows), key=len, default=""))
