"""A table of whole rows that gives up its least important columns where it is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QResizeEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from ui.models.entry_list import EntryList
    from ui.models.tables import RecordTable

ROW_HEIGHT = 32
LETTER = 6  # pixels of an average letter that the widths of columns were chosen for


class _Sized(Protocol):
    """What a column says of its room."""

    @property
    def width(self) -> int: ...

    @property
    def least(self) -> int: ...

    @property
    def rank(self) -> int: ...

    @property
    def ends(self) -> bool: ...


class BothEnds(QStyledItemDelegate):
    """Takes what there is no room for out of the middle of a text: the end of a path says what it is."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """As every cell, but for where it is cut."""
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class RecordView(QTableView):
    """Columns are as wide as their model says; the one of width 0 takes the rest."""

    def __init__(self, model: RecordTable[Any] | EntryList, name: str) -> None:
        """Show `model`; `name` is what a screen reader calls the table."""
        super().__init__()
        self._columns: Sequence[_Sized] = model.columns
        self.setAccessibleName(name)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        rows, header = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setDefaultSectionSize(ROW_HEIGHT)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setHighlightSections(False)
        # With the table's own, each painting of the header asks every row whether its column is chosen.
        header.setSelectionModel(QItemSelectionModel(model, header))
        header.setMinimumSectionSize(ROW_HEIGHT)
        self._lay_out_columns()

    def moveCursor(
        self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Home and End lead to the first and the last row, since rows are what is chosen."""
        last = self.model().rowCount() - 1
        row = {QAbstractItemView.CursorAction.MoveHome: 0, QAbstractItemView.CursorAction.MoveEnd: last}.get(
            action
        )
        if row is None or last < 0:
            return super().moveCursor(action, modifiers)
        return self.model().index(row, max(0, self.currentIndex().column()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns into the new width."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Widen columns to their titles, and hide those that there is no room for, the highest rank first."""
        needed = [self._needed(number) for number in range(len(self._columns))]
        over = sum(needed) - self.viewport().width()
        for number in sorted(range(len(needed)), key=lambda number: -self._columns[number].rank):
            column = self._columns[number]
            hidden = over > 0 and column.rank > 0
            over -= needed[number] if hidden else 0
            if self.isColumnHidden(number) != hidden:
                self.setColumnHidden(number, hidden)
            if column.width and not hidden and self.columnWidth(number) < needed[number]:
                self.setColumnWidth(number, needed[number])

    def _lay_out_columns(self) -> None:
        both_ends = BothEnds(self)
        for number, column in enumerate(self._columns):
            if column.ends:
                self.setItemDelegateForColumn(number, both_ends)
            if column.width:
                self.setColumnWidth(number, column.width)
            else:
                self.horizontalHeader().setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)

    def _needed(self, number: int) -> int:
        """The room that a column needs: for its title in any language, and for larger letters."""
        column = self._columns[number]
        scale = max(1.0, self.fontMetrics().averageCharWidth() / LETTER)
        wide = round((column.width or column.least) * scale)
        return max(wide, self.horizontalHeader().sectionSizeHint(number)) if column.width else wide
