"""The list of entries as a Qt model: every id, and the records of the rows that are looked at.

Its rows are all there at once, so that the scroll bar tells the truth. The model reads nothing itself: a cell
whose record is not here yet shows a dot-dot-dot, its stretch of rows is told as `wanted`, and is given later.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor

from app.language import marked, tr
from ui.look import theme
from ui.look.tips import plain
from ui.models import columns
from ui.models.list_layout import Layout, Place
from ui.models.tables import LEFT, RIGHT
from vault.records import Entry, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QIcon

Index = QModelIndex | QPersistentModelIndex

DISPLAY: Final = Qt.ItemDataRole.DisplayRole
TOOL_TIP: Final = Qt.ItemDataRole.ToolTipRole
DECORATION: Final = Qt.ItemDataRole.DecorationRole
ALIGNMENT: Final = Qt.ItemDataRole.TextAlignmentRole
FOREGROUND: Final = Qt.ItemDataRole.ForegroundRole
ACCESSIBLE: Final = Qt.ItemDataRole.AccessibleTextRole
HORIZONTAL: Final = Qt.Orientation.Horizontal
FLAGS: Final = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)
NO_FLAGS: Final = Qt.ItemFlag.NoItemFlags
NOWHERE: Final = QModelIndex()
NOTHING_READ: Final[Mapping[int, Sequence[Entry]]] = {}
STRETCH: Final = 200  # rows that are read at once
KEPT: Final = 30  # stretches whose records are kept
UNREAD: Final = "…"
GONE: Final = "–"  # removed since the ids were read


class ListColumn(NamedTuple):
    """One column of the list."""

    name: str  # stable: layouts are kept by it
    title: str
    text: Callable[[Entry], str]
    order: Order | None = None  # what the list is sorted by through it
    width: int = 120  # pixels at first; 0: takes what is left
    align: Qt.AlignmentFlag = LEFT
    least: int = 190  # pixels of a column of width 0
    rank: int = 0  # where there is no room the highest goes first; 0 always stays
    shown: bool = True  # until somebody says otherwise
    ends: bool = False  # a text that is too long keeps both of its ends


def _tags(entry: Entry) -> str:
    return ", ".join(f"{key}={value}" if value else key for key, value in entry.tags.items())


COLUMNS: Final = (
    ListColumn("name", marked("Name"), lambda entry: str(entry.path), Order.PATH, 0, least=200,
               ends=True),
    ListColumn("type", marked("Type"), lambda entry: entry.value_type.value, Order.TYPE, 110, rank=2),
    ListColumn("tier", marked("Tier"), columns.tier, Order.TIER, 84, rank=4, shown=False),
    ListColumn("version", marked("Ver."), lambda entry: str(entry.latest), Order.VERSION, 72, RIGHT, rank=5),
    ListColumn("tags", marked("Tags"), _tags, None, 160, rank=6, shown=False),
    ListColumn("created", marked("Created"), lambda entry: columns.day(entry.created_at), None, 100, rank=7,
               shown=False),
    ListColumn("modified", marked("Modified"), lambda entry: columns.day(entry.modified_at), Order.MODIFIED,
               100, rank=3),
    ListColumn("expires", marked("Expires"), columns.expires_soon, Order.EXPIRES, 128, rank=1),
)  # fmt: skip


def sorted_by(title: str, *, descending: bool) -> str:
    """The title of the column that a list is sorted by, with the way."""
    return (
        tr("{title}, sorted descending", title=title)
        if descending
        else tr("{title}, sorted ascending", title=title)
    )


DEFAULT: Final = Layout(tuple(Place(column.name, column.width, column.shown) for column in COLUMNS))


class EntryList(QAbstractTableModel):
    """Entries by id; a record is held only while it is among those looked at last."""

    wanted = Signal(object)  # tuple of the numbers of stretches whose records are missing
    given = Signal()  # records arrived
    missing = Signal()  # records may still be missing where somebody looks: paint again

    def __init__(self, name: Callable[[Entry], str], parent: QObject | None = None) -> None:
        """Without rows; `name` says how an entry is called in the first column."""
        super().__init__(parent)
        self.columns = (COLUMNS[0]._replace(text=name), *COLUMNS[1:])
        self._ids = array("q")
        self._known: dict[int, Entry | None] = {}  # by id; None: removed meanwhile
        self._stretches: dict[int, None] = {}  # those that are known, the oldest first
        self._missed: dict[int, None] = {}
        self._muted = QColor()
        self._sorted: tuple[str, bool] = ("", False)
        self._teller = QTimer(self)
        self._teller.setSingleShot(True)
        self._teller.setInterval(0)
        self._teller.timeout.connect(self._tell)

    @property
    def ids(self) -> array[int]:
        """The id of every row."""
        return self._ids

    @property
    def records(self) -> list[Entry]:
        """The records that are here, in the order of their rows."""
        return [entry for one in self._ids if (entry := self._known.get(one)) is not None]

    def record(self, row: int) -> Entry | None:
        """The record of a row; None where it is not here."""
        return self._known.get(self._ids[row]) if 0 <= row < len(self._ids) else None

    def replace(self, ids: array[int], read: Mapping[int, Sequence[Entry]] = NOTHING_READ) -> None:
        """List other ids, with the records of the stretches in `read`. The same ids again move nothing."""
        same = ids == self._ids
        if not same:
            self.beginResetModel()
        self._known, self._stretches, self._missed = {}, {}, {}
        self._ids = ids
        self._muted = QColor(theme.current().muted)
        for stretch, entries in read.items():
            self._take(stretch, entries)
        if not same:
            self.endResetModel()
        else:
            self._changed(0, len(ids))
        self.given.emit()

    def give(self, stretch: int, entries: Sequence[Entry]) -> None:
        """Take the records of a stretch; those of its rows that are not among them were removed."""
        rows = self._take(stretch, entries)
        self._changed(stretch * STRETCH, rows)
        self.given.emit()

    def show_sorted(self, name: str, *, descending: bool) -> None:
        """Tell by which column, and which way, the ids are sorted."""
        self._sorted = (name, descending)
        self.headerDataChanged.emit(HORIZONTAL, 0, len(self.columns) - 1)

    def ids_of(self, stretch: int) -> array[int]:
        """The ids of a stretch."""
        return self._ids[stretch * STRETCH : (stretch + 1) * STRETCH]

    def clear(self) -> None:
        """Forget everything."""
        self.replace(array("q"))

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many entries are listed."""
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many columns there are, shown or not."""
        return 0 if parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Every row can be chosen, and taken by the mouse."""
        return FLAGS if index.isValid() else NO_FLAGS

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401  Qt's variant
        """What one cell shows."""
        if role == ALIGNMENT:
            return self.columns[index.column()].align
        if role not in (DISPLAY, TOOL_TIP, DECORATION, FOREGROUND, ACCESSIBLE):
            return None
        row = index.row()
        if not 0 <= row < len(self._ids):
            return None
        entry = self._known.get(self._ids[row])
        if entry is None:
            return self._nothing(row, role)
        column = self.columns[index.column()]
        if role == DECORATION:
            return columns.kind_icon(entry) if index.column() == 0 else None
        if role == FOREGROUND:
            return None
        text = column.text(entry)
        if role == TOOL_TIP:
            return plain(text)
        return f"{tr(column.title)}: {text or tr('none')}" if role == ACCESSIBLE else text

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:  # noqa: ANN401
        """The titles; a screen reader hears what the list is sorted by."""
        if orientation != HORIZONTAL:
            return None
        title = tr(self.columns[section].title)
        if role == DISPLAY:
            return title
        if role == ACCESSIBLE and self.columns[section].name == self._sorted[0]:
            return sorted_by(title, descending=self._sorted[1])
        return self.columns[section].align if role == ALIGNMENT else None

    def _take(self, stretch: int, entries: Sequence[Entry]) -> int:
        """Keep the records of a stretch, and let go of the oldest; how many rows it has."""
        rows = self.ids_of(stretch)
        self._known.update(dict.fromkeys(rows))
        self._known.update((entry.id, entry) for entry in entries)
        self._stretches.pop(stretch, None)
        self._stretches[stretch] = None
        while len(self._stretches) > KEPT:
            oldest = next(iter(self._stretches))
            del self._stretches[oldest]
            for one in self.ids_of(oldest):
                self._known.pop(one, None)
        return len(rows)

    def _changed(self, first: int, rows: int) -> None:
        if rows:
            last = self.index(first + rows - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(first, 0), last)

    def _nothing(self, row: int, role: int) -> str | QColor | QIcon | None:
        """What a cell without a record shows; its stretch is wanted, unless the entry is gone."""
        gone = self._ids[row] in self._known
        if not gone:
            self._missed[row // STRETCH] = None
            if not self._teller.isActive():
                self._teller.start()
        if role in (DISPLAY, ACCESSIBLE):
            return GONE if gone else UNREAD
        return self._muted if role == FOREGROUND else None

    def _tell(self) -> None:
        missed, self._missed = tuple(self._missed), {}
        if missed:
            self.wanted.emit(missed)
