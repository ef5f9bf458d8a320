"""One cell of the matrix beside the reference: the facts of both, and the values masked on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app import matrix as workflow
from app.language import tr
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.models import matrix as models
from ui.widgets import parts
from ui.widgets.comparison_view import ComparisonView

if TYPE_CHECKING:
    from app.compare import Comparison
    from app.matrix import Cell, Matrix, Row
    from ui.desk import Desk


class CellBox(Box):
    """What is known of a name in one folder and in the reference."""

    entry_wanted = Signal(object)  # ParameterPath
    promote_wanted = Signal()
    new_wanted = Signal(object)  # ParameterPath

    def __init__(self, parent: QWidget, desk: Desk, matrix: Matrix, row: Row, column: int) -> None:
        """Show the cell of `row` in `column`; nothing is opened yet."""
        super().__init__(parent, row.name, 680)
        self._desk = desk
        cell, base = row.cells[column], row.cells[matrix.reference]
        self._path = matrix.path(row.name, column)
        self._base = matrix.path(row.name, matrix.reference)
        alone = column == matrix.reference
        self.sentence = parts.label(models.sentence(matrix, row, column), wrap=True)
        self.comparison = ComparisonView(lambda: desk.settings.reveal_seconds)
        self.look = parts.button(tr("Show &difference"), "compare", clicked=self._compare)
        self.look.setToolTip(tr("Opens both values, which the audit log notes"))
        both = cell.held is not None and base.held is not None
        self.look.setVisible(not alone and both)
        sides = [(str(self._path), cell)] if alone else [(str(self._base), base), (str(self._path), cell)]
        self.add(self.sentence, _facts(sides), self.comparison)
        go = parts.button(tr("&Go to the entry"), "move", clicked=self._go)
        new = parts.button(tr("&New entry here…"), "add", clicked=self._new)
        promote = parts.button(tr("&Promote…"), "promote", clicked=self._promote)
        go.setVisible(cell.held is not None)
        new.setVisible(cell.held is None)
        promote.setVisible(not alone and base.held is not None)
        self.close_with(new, promote, go, self.look, cancel=tr("Close"))
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()

    def forget(self) -> None:
        """Empty both values."""
        self.comparison.clear()

    def _compare(self) -> None:
        old, new = self._base, self._path

        def show(found: Comparison) -> None:
            self.comparison.compare(found, str(old), str(new))

        self._desk.ask(self, lambda vault: workflow.difference(vault, old, new), show, self.fail)

    def _go(self) -> None:
        self.accept()
        self.entry_wanted.emit(self._path)

    def _new(self) -> None:
        self.accept()
        self.new_wanted.emit(self._path)

    def _promote(self) -> None:
        self.accept()
        self.promote_wanted.emit()


def _facts(sides: list[tuple[str, Cell]]) -> QGridLayout:
    """Facts under each other, a column a side."""
    layout = QGridLayout()
    layout.setHorizontalSpacing(3 * GRID)
    layout.setVerticalSpacing(GRID)
    told = [dict(models.facts(cell.held)) if cell.held else {} for _, cell in sides]
    titles = list(dict.fromkeys(title for facts in told for title in facts))
    for column, (path, cell) in enumerate(sides, 1):
        layout.addWidget(parts.label(path, "step", wrap=True), 0, column)
        layout.addWidget(parts.label(models.said(cell) or tr("Missing"), "muted"), 1, column)
        for row, title in enumerate(titles, 2):
            text = parts.label(told[column - 1].get(title, "–"), selectable=True)
            text.setAccessibleName(f"{title}: {text.text()}")
            layout.addWidget(text, row, column)
        layout.setColumnStretch(column, 1)
    for row, title in enumerate(titles, 2):
        layout.addWidget(parts.label(title, "muted"), row, 0)
    return layout
