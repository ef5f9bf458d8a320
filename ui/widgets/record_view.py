"""A table of whole rows that gives up its least important columns where it is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QTableView

from ui.look import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from ui.models.entry_list import EntryList
    from ui.models.tables import RecordTable, Span

Key, Cursor = Qt.Key, QAbstractItemView.CursorAction
LEADING = (Key.Key_Home, Key.Key_End, Key.Key_PageUp, Key.Key_PageDown, Key.Key_Up, Key.Key_Down)
ARROWS = (Cursor.MoveUp, Cursor.MoveDown)
CHOOSE = QItemSelectionModel.SelectionFlag.ClearAndSelect
LEAVE = QItemSelectionModel.SelectionFlag.NoUpdate
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
        self.setProperty("rows", True)
        self.setAccessibleName(name)
        self.setModel(model)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.selectionModel().currentChanged.connect(lambda *_: self.viewport().update())
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
        """Home and End lead to the first and the last row, since rows are what is chosen.

        Where none is, an arrow chooses the row that it would begin from.
        """
        last = self.model().rowCount() - 1
        here = self.currentIndex()
        if action in ARROWS and here.isValid() and not _holds(modifiers) and not self._is_chosen:
            return here
        row = {Cursor.MoveHome: 0, Cursor.MoveEnd: last}.get(action)
        if row is None or last < 0:
            return super().moveCursor(action, modifiers)
        return self.model().index(row, max(0, here.column()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that leads to a row chooses it, also where it is the current one and nothing is chosen."""
        super().keyPressEvent(event)
        here, leads = self.currentIndex(), event.key() in LEADING and not _holds(event.modifiers())
        if leads and here.isValid() and not self._is_chosen:
            self.selectRow(here.row())

    @property
    def chosen_spans(self) -> list[Span]:
        """The chosen rows, from the top."""
        spans = self.selectionModel().selection().toList()
        return sorted((span.top(), span.bottom()) for span in spans)

    def choose_spans(self, spans: Sequence[Span]) -> None:
        """Choose these rows, in order, and no others; nothing scrolls."""
        chosen, rows, last = self.selectionModel(), self.model(), len(self._columns) - 1
        wanted = QItemSelection()
        for (
            top,
            bottom,
        ) in spans:  # `select` would hold each against all before; `index` asks the model thrice
            first, end = rows.createIndex(top, 0), rows.createIndex(bottom, last)
            wanted.append(QItemSelectionRange(first, end))
        scrolls = self.hasAutoScroll()
        self.setAutoScroll(False)
        chosen.select(wanted, CHOOSE)
        if spans:
            chosen.setCurrentIndex(rows.index(spans[0][0], 0), LEAVE)
        self.setAutoScroll(scrolls)

    @property
    def _is_chosen(self) -> bool:
        """Whether any row is."""
        return self.selectionModel().hasSelection()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, and a frame around the one that the keyboard is on."""
        super().paintEvent(event)
        row = self.currentIndex().row()
        if self.hasFocus() and row >= 0:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().accent))
            right, bottom = self.viewport().width() - 1, self.rowHeight(row) - 1
            painter.drawRect(0, self.rowViewportPosition(row), right, bottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the columns into the new width."""
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Widen columns to their titles, and hide those that there is no room for, the highest rank first.

        Where there is too little even for those that stay, all of them share it: nothing scrolls sideways.
        """
        room = self.viewport().width()
        needed = [self._needed(number) for number in range(len(self._columns))]
        over = sum(needed) - room
        for number in sorted(range(len(needed)), key=lambda number: -self._columns[number].rank):
            column = self._columns[number]
            hidden = over > 0 and column.rank > 0
            over -= needed[number] if hidden else 0
            if self.isColumnHidden(number) != hidden:
                self.setColumnHidden(number, hidden)
        share = min(1.0, room / (room + over)) if room + over else 1.0
        for number, column in enumerate(self._columns):
            wide = int(needed[number] * share)
            if column.width and (share < 1 or self.columnWidth(number) < wide):
                self.setColumnWidth(number, wide)

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


def _holds(modifiers: Qt.KeyboardModifier) -> bool:
    """Whether a key is held that moves without choosing."""
    return bool(modifiers & Qt.KeyboardModifier.ControlModifier)
