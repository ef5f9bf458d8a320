"""A table of whole rows that gives up its least important columns where it is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, Qt
    from PySide6.QtGui import QResizeEvent

    from ui.models.entry_list import EntryList
    from ui.models.tables import RecordTable

ROW_HEIGHT = 32


class _Sized(Protocol):
    """What a column says of its room."""

    @property
    def width(self) -> int: ...

    @property
    def least(self) -> int: ...

    @property
    def rank(self) -> int: ...


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
        header.setMinimumSectionSize(ROW_HEIGHT)
        for number, width in enumerate(column.width for column in model.columns):
            if width:
                self.setColumnWidth(number, width)
            else:
                header.setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)

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
        """Hide the columns that there is no room for, the highest rank first."""
        wanted = sum(column.width or column.least for column in self._columns)
        over = wanted - self.viewport().width()
        for column in sorted(self._columns, key=lambda column: -column.rank):
            number = self._columns.index(column)
            hidden = over > 0 and column.rank > 0
            over -= column.width if hidden else 0
            if self.isColumnHidden(number) != hidden:
                self.setColumnHidden(number, hidden)
