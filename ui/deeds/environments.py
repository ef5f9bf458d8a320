"""What is done from the page of environments: cells in full, new entries, promotions, names copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from app.language import plural, tr
from ui.dialogs.cell import CellBox
from ui.dialogs.editor import NewEntryBox
from ui.dialogs.promote import PromoteBox

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtWidgets import QWidget

    from app.matrix import Matrix, Row
    from ui.desk import Desk
    from vault.paths import ParameterPath


class MatrixWork(QObject):
    """Dialogs over the window, and what came of them."""

    entry_wanted = Signal(object)  # ParameterPath
    told = Signal(str, str, str)  # a sentence, a hint or "", a tone
    changed = Signal()  # entries were written

    def __init__(self, desk: Desk, page: QWidget) -> None:
        """For `page`; dialogs stand over its window."""
        super().__init__(page)
        self._desk, self._page = desk, page

    def open_cell(self, matrix: Matrix, row: Row, column: int) -> None:
        """Show a cell beside the reference."""
        box = CellBox(self._page.window(), self._desk, matrix, row, column)
        box.entry_wanted.connect(self.entry_wanted)
        box.new_wanted.connect(self.add)
        box.promote_wanted.connect(lambda: self.promote(matrix, column, [row.name]))
        box.open()

    def add(self, path: ParameterPath) -> None:
        """Store a new entry, with `path` to begin with."""
        box = NewEntryBox(self._page.window(), self._desk, path.parent)
        box.path.setText(path)
        box.saved.connect(self._stored)
        box.open()

    def copy_missing(self, matrix: Matrix, column: int, *, whole: bool) -> None:
        """Copy the names that a column has not, one a line; `whole`: as paths."""
        names = matrix.missing(column)
        lines = [str(matrix.path(name, column)) for name in names] if whole else names
        QGuiApplication.clipboard().setText("\n".join(lines))
        told = plural("{n} name is copied.", "{n} names are copied.", len(names))
        self.told.emit(told, tr("They are missing in {folder}.", folder=matrix.folders[column]), "good")

    def promote(self, matrix: Matrix, column: int, names: Collection[str] | None) -> None:
        """Plan the promotion of `names`, None: of everything, from the reference to a column.

        From the reference's own column it goes to its neighbour.
        """
        source, last = matrix.reference, len(matrix.folders) - 1
        target = column if column != source else source + 1 if source < last else source - 1
        way = (matrix.folders[source], matrix.folders[target])
        box = PromoteBox(self._page.window(), self._desk, matrix.folders, way, names)
        box.promoted.connect(self._promoted)
        box.open()

    def _stored(self, path: ParameterPath) -> None:
        self.told.emit(tr("{path} is stored.", path=path), "", "good")
        self.changed.emit()

    def _promoted(self, count: int, folder: ParameterPath) -> None:
        told = plural(
            "{n} value is promoted to {folder}.", "{n} values are promoted to {folder}.", count, folder=folder
        )
        self.told.emit(told, tr("What was there before is in the history of each."), "good")
        self.changed.emit()
