"""The list of entries as a table: sorted by its header, its columns laid out and remembered by the person."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QActionGroup, QDrag
from PySide6.QtWidgets import QAbstractItemView, QMenu

from app.language import plural, tr
from ui.dragged import ENTRIES, file_of, packed
from ui.look import theme
from ui.models.columns import KIND_ICONS
from ui.models.entry_list import COLUMNS, DEFAULT, sorted_by
from ui.widgets.drag_picture import show_picture
from ui.widgets.record_view import RecordView

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

    from ui.models.entry_list import EntryList
    from ui.models.list_layout import Layout, Place

KEEP_MILLISECONDS = 400  # after the last change of a width
MOVE_OR_COPY = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction


class EntryTable(RecordView):
    """Whole rows, several of which can be chosen; the first column stays and takes the room that is left."""

    laid_out = Signal(object)  # Layout: by hand
    sorted_anew = Signal(object)  # Layout: another order is wanted
    file_dropped = Signal(str)  # its path

    def __init__(self, model: EntryList, mark: Callable[[], str]) -> None:
        """Show `model`; `mark` is what a drag is marked with."""
        super().__init__(model, tr("Entries"))
        self._list, self._mark = model, mark
        self._layout = DEFAULT
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setDragEnabled(True)
        self.setAcceptDrops(True)
        self.setAutoScroll(True)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(False)
        header.setSortIndicatorShown(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setToolTip(tr("Click to sort; right-click for more columns"))
        header.sectionClicked.connect(self._clicked)
        header.customContextMenuRequested.connect(lambda at: self.open_menu(header.mapToGlobal(at)))
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(self._moved)
        self._quiet = False  # widths and places change by us, not by hand
        self._keep = QTimer(self)
        self._keep.setSingleShot(True)
        self._keep.setInterval(KEEP_MILLISECONDS)
        self._keep.timeout.connect(self._tell)
        self.lay_out(DEFAULT)

    @property
    def layout_in_force(self) -> Layout:
        """How the columns are laid out, and what they are sorted by."""
        return self._layout

    @property
    def chosen_count(self) -> int:
        """How many rows are chosen; does not grow with the number."""
        return sum(span.height() for span in self.selectionModel().selection().toList())

    @property
    def chosen_ids(self) -> array[int]:
        """The ids of the chosen rows, from the top."""
        ids, chosen = self._list.ids, array("q")
        for top, bottom in self.chosen_spans:
            chosen.extend(ids[top : bottom + 1])
        return chosen

    def lay_out(self, layout: Layout) -> None:
        """Lay the columns out."""
        self._keep.stop()
        self._layout = layout
        self._quiet = True
        header = self.horizontalHeader()
        for at, place in enumerate(layout.places):
            number = _number(place.name)
            header.moveSection(header.visualIndex(number), at)
            if place.width:
                header.resizeSection(number, _wide(place))
        number = next(at for at, column in enumerate(COLUMNS) if column.order is layout.order)
        down = Qt.SortOrder.DescendingOrder if layout.descending else Qt.SortOrder.AscendingOrder
        header.setSortIndicator(number, down)
        self._list.show_sorted(COLUMNS[number].name, descending=layout.descending)
        self.setAccessibleDescription(sorted_by(tr(COLUMNS[number].title), descending=layout.descending))
        self._quiet = False
        self.fit()

    def sort_by(self, column: int) -> None:
        """Sort by a column; by the same one again: the other way round."""
        order = COLUMNS[column].order
        if order is not None:
            turned = order is self._layout.order and not self._layout.descending
            self._sort(self._layout._replace(order=order, descending=turned))

    def fit(self) -> None:
        """Show the columns that are wanted and that there is room for.

        The highest rank goes first; those that somebody has added go last.
        """
        places = {place.name: place for place in self._layout.places}
        wanted = [column for column in COLUMNS if places[column.name].shown or not column.width]
        wide = {column: _wide(places[column.name]) or theme.scaled(column.least) for column in wanted}
        over = sum(wide.values()) - self.viewport().width()
        kept = set(wanted)
        for column in sorted(wanted, key=lambda column: (not column.shown, -column.rank)):
            if over > 0 and column.rank:
                kept.discard(column)
                over -= wide[column]
        self._quiet = True
        for number, column in enumerate(COLUMNS):
            if self.isColumnHidden(number) == (column in kept):
                self.setColumnHidden(number, column not in kept)
        self._quiet = False

    def open_menu(self, at: QPoint | None = None) -> None:
        """Offer orders and columns, at a global position or below the header."""
        header = self.horizontalHeader()
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at or header.mapToGlobal(QPoint(0, header.height())))

    def make_menu(self) -> QMenu:
        """The menu of the header."""
        menu = QMenu(self)
        menu.setAccessibleName(tr("Order and columns"))
        menu.addAction(tr("Sort by")).setEnabled(False)
        orders, ways = QActionGroup(menu), QActionGroup(menu)
        for column in COLUMNS:
            if column.order is not None:
                action = menu.addAction(tr(column.title))
                action.setCheckable(True)
                action.setChecked(column.order is self._layout.order)
                orders.addAction(action)
                wanted = self._layout._replace(order=column.order)
                action.triggered.connect(lambda _=False, wanted=wanted: self._sort(wanted))
        menu.addSeparator()
        for text, descending in ((tr("Ascending"), False), (tr("Descending"), True)):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(descending is self._layout.descending)
            ways.addAction(action)
            wanted = self._layout._replace(descending=descending)
            action.triggered.connect(lambda _=False, wanted=wanted: self._sort(wanted))
        menu.addSeparator()
        menu.addAction(tr("Columns")).setEnabled(False)
        for place in self._layout.places:
            if place.width:
                action = menu.addAction(tr(COLUMNS[_number(place.name)].title))
                action.setCheckable(True)
                action.setChecked(place.shown)
                action.triggered.connect(lambda _=False, name=place.name: self._toggle(name))
        menu.addSeparator()
        menu.addAction(tr("&As they were at first")).triggered.connect(lambda: self._sort(DEFAULT))
        return menu

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the chosen rows by their ids; the model is not asked for every cell."""
        drag = self.make_drag()
        drag.exec(MOVE_OR_COPY, Qt.DropAction.MoveAction)

    def make_drag(self) -> QDrag:
        """What is taken by the mouse: the ids of the chosen rows; seen as one name, or as their number."""
        ids = self.chosen_ids
        drag = QDrag(self)
        drag.setMimeData(packed(ENTRIES, self._mark(), ids))
        entry = self._list.record(self.chosen_spans[0][0]) if len(ids) == 1 else None
        if entry is None:
            show_picture(drag, self, "entries", plural("{n} entry", "{n} entries", len(ids)))
        else:
            show_picture(drag, self, KIND_ICONS[entry.kind], entry.path.name)
        return drag

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a file."""
        event.setAccepted(bool(file_of(event.mimeData())))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """As it entered."""
        event.setAccepted(bool(file_of(event.mimeData())))

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell which file it is."""
        path = file_of(event.mimeData())
        event.setAccepted(bool(path))
        if path:
            event.setDropAction(Qt.DropAction.CopyAction)
            self.file_dropped.emit(path)

    def keyboardSearch(self, search: str) -> None:
        """Letters do not walk through the rows: most of them are not here."""

    def _clicked(self, column: int) -> None:
        if COLUMNS[column].order is None:
            self.lay_out(self._layout)  # the mark stays where the order is
        else:
            self.sort_by(column)

    def _sort(self, layout: Layout) -> None:
        self.lay_out(layout)
        self.sorted_anew.emit(layout)

    def _toggle(self, name: str) -> None:
        places = (
            place._replace(shown=not place.shown) if place.name == name else place
            for place in self._layout.places
        )
        self.lay_out(self._layout._replace(places=tuple(places)))
        self._tell()

    def _resized(self, number: int, _old: int, width: int) -> None:
        column = COLUMNS[number]
        if self._quiet or not width or not column.width:
            return
        places = (
            place._replace(width=width) if place.name == column.name else place
            for place in self._layout.places
        )
        self._layout = self._layout._replace(places=tuple(places))
        self._keep.start()

    def _moved(self) -> None:
        if not self._quiet:
            header = self.horizontalHeader()
            places = sorted(self._layout.places, key=lambda place: header.visualIndex(_number(place.name)))
            self._layout = self._layout._replace(places=tuple(places))
            self._keep.start()

    def _tell(self) -> None:
        self._keep.stop()
        self.laid_out.emit(self._layout)


def _wide(place: Place) -> int:
    """The pixels of a column: as it was drawn by hand, or as it is at first beside letters of this size."""
    return theme.scaled(place.width) if place.width == COLUMNS[_number(place.name)].width else place.width


def _number(name: str) -> int:
    return next(number for number, column in enumerate(COLUMNS) if column.name == name)
