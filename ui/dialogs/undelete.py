"""*Undelete in AWS*: what is gone at a folder's remotes and still here, chosen before it is planned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView

from app.language import grouped, marked, plural, tr
from app.sync import words
from ui.dialogs.long_box import LongBox
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from ui.work import sync as sync_work

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk
    from ui.work.sync import Gone
    from vault.paths import ParameterPath

HINT = marked(
    "As the last look at each remote tells. Each comes back as it is here: value, type, "
    "tier, tags, labels. Nothing is written there before you apply the plan."
)
NONE = marked("Nothing is gone there that the vault still has. Look at the remote first, if you did not yet.")
GONE: tuple[Column[Gone], ...] = (
    Column(marked("Path here"), lambda one: str(one.entry.path), 0, least=200, ends=True),
    Column(marked("Gone at"), lambda one: one.remote.name, 130),
    Column(marked("There"), lambda one: words.place(one.remote), 200, rank=1, ends=True),
    Column(
        marked("Is here"),
        lambda one: tr("in the vault") if one.entry.trashed is None else tr("in the trash"),
        110,
    ),
)


class UndeleteBox(LongBox):
    """Lists when opened; a yes changes the plans of the remotes, and takes the chosen out of the trash."""

    planned = Signal(str, int)  # the name of the first remote whose plan changed, and how many entries

    def __init__(self, parent: QWidget, desk: Desk, folder: ParameterPath) -> None:
        """Look for what is gone below `folder`; no network."""
        super().__init__(parent, desk, tr("Make again in AWS what is gone of {folder}", folder=folder), 760)
        self.model: RecordTable[Gone] = RecordTable(GONE, self)
        self.table = parts.table(self.model, tr("What is gone there and still here"), framed=True)
        self.table.setMinimumHeight(28 * GRID)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(self._tell)
        self.said = parts.label(wrap=True)
        self.said.setAccessibleDescription(tr("What was found"))
        self.add(parts.label(tr(HINT), "muted", wrap=True), self.table, self.said)
        self.agree = parts.button(tr("&Plan it"), "restore", "primary", clicked=self._agree)
        self.close_with(self.agree)
        self.run(
            tr("Looking for what is gone…"),
            lambda vault, steps: sync_work.gone(vault, folder, steps),
            self._show,
            self.fail,
            tr("Stopped; what is gone is not known."),
        )

    def rest(self) -> None:
        """The work is over; only what is chosen can be planned."""
        super().rest()
        self.agree.setEnabled(bool(self._chosen()))

    def _show(self, found: list[Gone]) -> None:
        self.rest()
        self.model.replace(found)
        self.table.selectAll()
        self.table.setFocus()
        self._tell()

    def _chosen(self) -> list[Gone]:
        return [self.model.records[row] for row in parts.chosen(self.table)]

    def _tell(self) -> None:
        found, chosen = len(self.model.records), len(self._chosen())
        entries = plural("{n} entry can be made again", "{n} entries can be made again", found)
        count = tr("all chosen") if chosen == found else tr("{count} chosen", count=grouped(chosen))
        self.said.setText(f"{entries}; {count}." if found else tr(NONE))
        self.agree.setEnabled(chosen > 0)

    def _agree(self) -> None:
        found = self._chosen()
        self.run(
            tr("Planning it…"),
            lambda vault, steps: sync_work.make_all_again(vault, found, steps),
            lambda count: self._planned(found[0].remote.name, count),
            self.fail,
            tr("Stopped; nothing was planned."),
        )

    def _planned(self, name: str, count: int) -> None:
        self.accept()
        self.planned.emit(name, count)
