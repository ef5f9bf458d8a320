"""Folders side by side as a table: a word and an icon a cell, the facts of it in full. Never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from app import display
from app.language import marked, plural, tr
from app.matrix import Remark, State
from ui.look import icons, theme
from ui.look.tips import plain
from ui.models.history import ORIGINS
from ui.models.tables import (
    ACCESSIBLE,
    ALIGNMENT,
    DECORATION,
    DISPLAY,
    HORIZONTAL,
    LEFT,
    NOWHERE,
    TOOL_TIP,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QIcon

    from app.matrix import Cell, Matrix, Row
    from ui.models.tables import Index
    from vault.matrix import Held
    from vault.paths import ParameterPath

LOOKS = {
    State.MISSING: ("missing", "danger", marked("Missing")),
    State.DIFFERENT: ("unlike", "warning", marked("Different")),
    State.AHEAD: ("push", "warning", marked("Ahead")),
    State.OLDER: ("history", "accent", marked("Older")),
    State.EXTRA: ("add", "muted", marked("Extra")),
    State.SAME: ("check", "good", marked("Same")),
    State.REFERENCE: ("label", "muted", ""),
}
"""The icon, its ink and the word of each state; the reference's own cells say their version."""
REMARKS = {
    Remark.EXPIRED: marked("expired"),
    Remark.RETYPED: marked("another type"),
    Remark.EMPTY: marked("no value"),
}
FILTERS = {
    "": marked("All names"),
    State.MISSING.value: marked("Missing"),
    State.DIFFERENT.value: marked("Different"),
    State.AHEAD.value: marked("Ahead"),
    State.OLDER.value: marked("Older"),
    State.EXTRA.value: marked("Extra"),
    Remark.EXPIRED.value: marked("Expired"),
    Remark.RETYPED.value: marked("Another type"),
    Remark.EMPTY.value: marked("No value"),
    State.SAME.value: marked("Same"),
}
"""What the filters of the page show, by the marks of `app.matrix.Row`."""


class MatrixTable(QAbstractTableModel):
    """Names are the titles of the rows; a column is a folder."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Without rows."""
        super().__init__(parent)
        self.matrix: Matrix | None = None
        self.rows: list[Row] = []
        self._titles: list[str] = []
        self._counts: list[str] = []

    def show(self, matrix: Matrix, rows: list[Row]) -> None:
        """Show these rows of `matrix`."""
        self.beginResetModel()
        if matrix is not self.matrix:
            self._titles = titles(matrix.folders)
            self._counts = [_counted(matrix, column) for column in range(len(matrix.folders))]
        self.matrix, self.rows = matrix, rows
        self.endResetModel()

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self.matrix, self.rows, self._titles, self._counts = None, [], [], []
        self.endResetModel()

    def title(self, column: int) -> str:
        """What a column is called: its folder, as short as tells it apart."""
        return self._titles[column]

    def cell(self, index: Index) -> tuple[Row, Cell] | None:
        """The row and the cell at an index."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        return row, row.cells[index.column()]

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """How many names are shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """How many folders stand side by side."""
        return 0 if parent.isValid() or self.matrix is None else len(self.matrix.folders)

    def data(self, index: Index, role: int = DISPLAY) -> Any:  # noqa: ANN401  Qt's variant
        """What one cell shows."""
        if role not in (DISPLAY, DECORATION, TOOL_TIP, ACCESSIBLE) or self.matrix is None:
            return None
        row = self.rows[index.row()]
        column = index.column()
        cell = row.cells[column]
        if role == DISPLAY:
            return said(cell)
        if role == DECORATION:
            return look(cell.state)
        if role == TOOL_TIP:
            return plain(in_full(self.matrix, row, column))
        return tr("{name} in {folder}: {state}", name=row.name, folder=self._titles[column], state=said(cell))

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:  # noqa: ANN401
        """The folders with their counts above, the names at the left."""
        if role == ALIGNMENT:
            return LEFT
        if self.matrix is None:
            return None
        if orientation != HORIZONTAL:
            name = self.rows[section].name
            return plain(name) if role == TOOL_TIP else name if role in (DISPLAY, ACCESSIBLE) else None
        if role == TOOL_TIP:
            return plain(self.matrix.folders[section])
        if role == ACCESSIBLE:
            return f"{self.matrix.folders[section]}: {self._counts[section]}"
        return f"{self._titles[section]}\n{self._counts[section]}" if role == DISPLAY else None


def titles(folders: Sequence[ParameterPath]) -> list[str]:
    """What the folders are called without what they share: folders above, and the same names at the end."""
    parts = [list(folder.segments) for folder in folders]
    for end in (0, -1):
        while all(len(part) > 1 for part in parts) and len({part[end] for part in parts}) == 1:
            for part in parts:
                part.pop(end)
    return ["/".join(part) or "/" for part in parts]


def said(cell: Cell) -> str:
    """A cell in a word or two."""
    word = tr(LOOKS[cell.state][2])
    if cell.state is State.REFERENCE and cell.held is not None:
        word = tr("Version {number}", number=cell.held.current)
        if Remark.EMPTY in cell.remarks:
            word = ""
    remarks = [tr(REMARKS[remark]) for remark in cell.remarks]
    return ", ".join(part for part in (word, *remarks) if part)


def look(state: State) -> QIcon:
    """The icon of a state."""
    name, ink, _ = LOOKS[state]
    return icons.icon(name, getattr(theme.current(), ink))


def in_full(matrix: Matrix, row: Row, column: int) -> str:
    """Everything that is known of a cell without opening it, a line each."""
    cell = row.cells[column]
    lines = [str(matrix.path(row.name, column)), sentence(matrix, row, column)]
    if cell.held is not None:
        lines += [f"{title}: {text}" for title, text in facts(cell.held)]
    return "\n".join(lines)


def in_two_lines(matrix: Matrix, row: Row, column: int) -> str:
    """As `in_full`, for the foot of the page."""
    held = row.cells[column].held
    first = f"{matrix.path(row.name, column)}: {sentence(matrix, row, column)}"
    return "\n".join((first, " · ".join(f"{title}: {text}" for title, text in facts(held)) if held else ""))


def sentence(matrix: Matrix, row: Row, column: int) -> str:
    """What a cell's state means, with its numbers."""
    cell = row.cells[column]
    base = matrix.folders[matrix.reference]
    if cell.state is State.REFERENCE:
        return tr("What the other columns are compared with.")
    if cell.state is State.OLDER:
        return tr("The value of version {number} in {folder}.", number=cell.match, folder=base)
    if cell.state is State.AHEAD:
        return tr("{folder} has the value that was version {number} here.", number=cell.match, folder=base)
    template = {
        State.MISSING: tr("There is no such entry here."),
        State.EXTRA: tr("There is no such entry in {folder}."),
        State.SAME: tr("The same value as in {folder}."),
        State.DIFFERENT: tr("Another value than in {folder}; the kept versions do not tell which is newer."),
    }[cell.state]
    return template.format(folder=base)


def facts(held: Held) -> list[tuple[str, str]]:
    """The facts of an entry's current version: title and text."""
    found = [(tr("Type"), held.value_type.value)]
    if held.changed_at is not None and held.origin is not None:
        by = tr(ORIGINS[held.origin][1])
        found += [
            (tr("Version"), str(held.current)),
            (tr("Changed"), display.moment(held.changed_at)),
            (tr("Made by"), by),
        ]
    if held.expires_at is not None:
        found.append((tr("Expires"), display.moment(held.expires_at)))
    return found


def _counted(matrix: Matrix, column: int) -> str:
    """What is to be said of a column as a whole."""
    counts = matrix.tallies[column]
    if column == matrix.reference and not counts[State.MISSING.value]:
        return tr("reference")
    differ = sum(counts[state.value] for state in (State.DIFFERENT, State.AHEAD, State.OLDER))
    missing, extra = counts[State.MISSING.value], counts[State.EXTRA.value]
    told = [tr("reference")] if column == matrix.reference else []
    told += [plural("{n} differs", "{n} differ", differ)] if differ else []
    told += [plural("{n} missing", "{n} missing", missing)] if missing else []
    told += [plural("{n} extra", "{n} extra", extra)] if extra and not (differ and missing) else []
    return ", ".join(told) or tr("all the same")
