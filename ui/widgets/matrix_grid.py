"""The grid of folders side by side: names stay at the left while the rest scrolls; all of it goes by keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QPushButton, QTableView

from app.language import tr
from ui.models.tables import LEFT
from ui.widgets.parts import ENTER
from ui.widgets.record_view import ROW_HEIGHT

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from ui.models.matrix import MatrixTable

LEAST_COLUMN = 152  # pixels
NAMES = (160, 360)  # pixels, least and most
PADDING = 32  # of a name in its header


class MatrixGrid(QTableView):
    """Cells can be chosen one by one, or as rows by their names."""

    opened = Signal()  # Enter or a double click on the current cell
    menu_wanted = Signal(object)  # global position; the cell under it is the current one by then
    sort_wanted = Signal(int)  # a column; -1: by name

    def __init__(self, model: MatrixTable) -> None:
        """Show `model`."""
        super().__init__()
        self._corner = QPushButton(self)
        self._corner.setObjectName("corner")
        self._corner.setText(tr("Name"))
        self._corner.setAccessibleName(tr("Sort by name"))
        self._corner.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # by keys: the menu of a cell
        self._corner.clicked.connect(lambda: self.sort_wanted.emit(-1))
        self.setAccessibleName(tr("Environments side by side"))
        self.setModel(model)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        names, folders = self.verticalHeader(), self.horizontalHeader()
        names.setObjectName("names")
        names.setDefaultSectionSize(ROW_HEIGHT)
        names.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        names.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        # With the grid's own, each painting of a header asks every row whether all of its cells are chosen.
        for header in (names, folders):
            header.setSelectionModel(QItemSelectionModel(model, header))
            header.setHighlightSections(False)
        names.setFixedWidth(NAMES[0])
        folders.setDefaultAlignment(LEFT)
        folders.setSectionsClickable(True)
        folders.setMinimumSectionSize(LEAST_COLUMN)
        folders.sectionClicked.connect(self.sort_wanted)
        folders.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        folders.customContextMenuRequested.connect(self._ask_for_column)
        model.modelReset.connect(self._fit_columns)
        self.doubleClicked.connect(lambda _: self.opened.emit())

    def fit_names(self, widest: str) -> None:
        """Make room for the names, of which `widest` has the most characters."""
        least, most = NAMES
        wanted = QFontMetrics(self.font()).horizontalAdvance(widest) + PADDING
        self.verticalHeader().setFixedWidth(max(least, min(most, wanted, self.width() // 2)))
        self._fit_columns()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the current cell."""
        if event.key() in ENTER and self.currentIndex().isValid():
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu: under the pointer, or below the current cell if a key asked."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            at = event.globalPos()
        else:
            at = self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft() + QPoint(8, 0))
        if self.currentIndex().isValid():
            self.menu_wanted.emit(at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the folders as long as each has enough."""
        super().resizeEvent(event)
        self._fit_columns()

    def updateGeometries(self) -> None:
        """Keep the title of the names in its corner."""
        super().updateGeometries()
        frame, names, folders = self.frameWidth(), self.verticalHeader(), self.horizontalHeader()
        self._corner.setGeometry(frame, frame, names.width(), folders.height())

    def _ask_for_column(self, at: QPoint) -> None:
        header = self.horizontalHeader()
        column, row = header.logicalIndexAt(at), max(0, self.currentIndex().row())
        if column >= 0 and self.model().rowCount():
            self.setCurrentIndex(self.model().index(row, column))
            self.menu_wanted.emit(header.viewport().mapToGlobal(at))

    def _fit_columns(self) -> None:
        header, count = self.horizontalHeader(), self.model().columnCount()
        mode = QHeaderView.ResizeMode
        least = max(LEAST_COLUMN, *map(header.sectionSizeHint, range(count)), 0)
        roomy = count * least <= self.viewport().width()
        header.setSectionResizeMode(mode.Stretch if roomy else mode.Interactive)
        if not roomy:
            for column in range(count):
                self.setColumnWidth(column, least)
