"""A read-only table of records. Its columns are data: title, text of a record, alignment.

It holds records without values, a page at a time, and asks for more when the view comes to the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.display import printable
from app.language import tr
from ui.look.tips import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from PySide6.QtGui import QIcon

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
Span = tuple[int, int]  # the first and the last of rows that stand side by side

DISPLAY = Qt.ItemDataRole.DisplayRole
TOOL_TIP = Qt.ItemDataRole.ToolTipRole
DECORATION = Qt.ItemDataRole.DecorationRole
ALIGNMENT = Qt.ItemDataRole.TextAlignmentRole
ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
HORIZONTAL = Qt.Orientation.Horizontal
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NOWHERE = QModelIndex()


def spans_of(rows: Iterable[int]) -> tuple[Span, ...]:
    """Rows, which come in order, as spans with gaps between them."""
    there = list(rows)
    ends = [at for at in range(1, len(there)) if there[at] != there[at - 1] + 1]
    edges = zip([0, *ends], [*ends, len(there)], strict=True)
    return tuple((there[first], there[end - 1]) for first, end in edges) if there else ()


class Column(NamedTuple, Generic[R]):
    """One column of a table."""

    title: str
    text: Callable[[R], str]
    width: int = 120  # pixels at first; 0: takes what is left
    align: Qt.AlignmentFlag = LEFT
    icon: Callable[[R], QIcon | None] | None = None
    least: int = 190  # pixels of a column of width 0
    rank: int = 0  # where there is no room the highest goes first; 0 always stays
    ends: bool = False  # a text that is too long keeps both of its ends, as a path does


class RecordTable(QAbstractTableModel, Generic[R]):
    """Records as rows."""

    more_wanted = Signal()

    def __init__(self, columns: Sequence[Column[R]], parent: QObject | None = None) -> None:
        """An empty table of these columns."""
        super().__init__(parent)
        self.columns = tuple(columns)
        self._records: list[R] = []
        self._more = False

    @property
    def records(self) -> Sequence[R]:
        """What is loaded, in order."""
        return self._records

    def record(self, index: Index | int) -> R | None:
        """The record of a row; None outside the table."""
        row = index if isinstance(index, int) else index.row()
        return self._records[row] if 0 <= row < len(self._records) else None

    def replace(self, records: Iterable[R], *, more: bool = False) -> None:
        """Show these records only; `more`: there are further ones that were not loaded."""
        self.beginResetModel()
        self._records = list(records)
        self._more = more
        self.endResetModel()

    def append(self, records: Sequence[R], *, more: bool = False) -> None:
        """Add a further page."""
        self._more = more
        if records:
            first = len(self._records)
            self.beginInsertRows(NOWHERE, first, first + len(records) - 1)
            self._records.extend(records)
            self.endInsertRows()

    def clear(self) -> None:
        """Forget everything."""
        self.replace(())

    def release(self) -> list[R]:
        """Forget everything; gives what was held, for `Runner.let_go` where it may be very much."""
        held = self._records
        self.clear()
        return held

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many records are loaded."""
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401  Qt's variant
        """What one cell shows."""
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role in (DISPLAY, TOOL_TIP):
            text = self._text(index)
            return plain(text) if role == TOOL_TIP else text
        if role == ALIGNMENT:
            return column.align
        if role == DECORATION and column.icon is not None:
            return column.icon(self._records[index.row()])
        if role == ACCESSIBLE:
            return f"{tr(column.title)}: {self._text(index) or tr('none')}"
        return None

    def _text(self, index: Index) -> str:
        """The text of a cell: no stranger's sign turns the line around, hides what follows or ends it."""
        lines = self.columns[index.column()].text(self._records[index.row()]).split("\n")
        return "\n".join(map(printable, lines))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:  # noqa: ANN401
        """The titles."""
        if orientation != HORIZONTAL:
            return None
        if role == DISPLAY:
            return tr(self.columns[section].title)
        if role == ALIGNMENT:
            return self.columns[section].align
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Whether the store has further records."""
        return self._more and not parent.isValid()

    def fetchMore(self, parent: Index) -> None:
        """Ask for the next page; it arrives later through `append`."""
        if self.canFetchMore(parent):
            self._more = False
            self.more_wanted.emit()
