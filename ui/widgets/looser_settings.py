"""What an open vault has looser than its person, side by side, to be given back to the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QWidget

from app.language import grouped, marked, tr
from ui.models.tables import RIGHT, Column, RecordTable
from ui.widgets import parts
from ui.widgets.record_view import ROW_HEIGHT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.settings import Value
    from app.settings_file import Looser

MOST: Final = 5  # rows without a scroll bar


def _shown(value: Value) -> str:
    """A value beside its setting's sentence, which names the unit."""
    if isinstance(value, bool):
        return tr("On") if value else tr("Off")
    return tr(value) if isinstance(value, str) else grouped(int(value))


COLUMNS: Final[tuple[Column[Looser], ...]] = (
    Column(marked("Setting"), lambda one: tr(one.option.about.help), 0),
    Column(marked("This vault"), lambda one: _shown(one.vault), 104, RIGHT),
    Column(marked("Yours"), lambda one: _shown(one.mine), 88, RIGHT),
)


class LooserSettings(QWidget):
    """Not there while the vault has nothing looser."""

    given_back = Signal(list)  # names of settings that shall be as the person has them

    def __init__(self) -> None:
        """Hidden."""
        super().__init__()
        self.model: RecordTable[Looser] = RecordTable(COLUMNS, self)
        self.table = parts.table(self.model, tr("Settings of this vault that protect less"), framed=True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._check())
        said = tr("It also has settings of its own that protect less than yours, or that do more unasked.")
        self.give_back = parts.button(tr("As for &me"), "restore", clicked=self._give_back)
        self.setLayout(
            parts.column(
                parts.label(said, "muted", wrap=True),
                self.table,
                parts.boxed(parts.row(None, self.give_back)),
            )
        )
        self.hide()

    def show_settings(self, found: Sequence[Looser]) -> None:
        """Show these and no others."""
        self.model.replace(found)
        self.setVisible(bool(found))
        rows = 1 + min(len(found), MOST)
        self.table.setFixedHeight(rows * ROW_HEIGHT + 2 * self.table.frameWidth())
        if found:
            self.table.selectRow(0)
        self._check()

    def _check(self) -> None:
        self.give_back.setEnabled(bool(parts.chosen(self.table)))

    def _give_back(self) -> None:
        self.given_back.emit([self.model.records[row].option.name for row in parts.chosen(self.table)])
