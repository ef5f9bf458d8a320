"""The remotes: what waits at each, and adding, changing, testing and forgetting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.language import tr
from ui.models.remotes import REMOTES, Standing
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.chips import flowing
from ui.widgets.empty_state import EmptyState
from ui.widgets.head_row import head_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ui.desk import Desk


class RemotesPage(RegisterPage[Standing]):
    """Tells which remote is meant; is given what stands."""

    wanted = Signal()  # what stands
    add_wanted = Signal()
    change_wanted = Signal(object)  # Remote
    test_wanted = Signal(object)  # Remote
    remove_wanted = Signal(object)  # Remote
    sync_wanted = Signal(str)  # the remote's name

    def __init__(self, desk: Desk) -> None:
        """Without rows."""
        empty = EmptyState(
            "cloud",
            tr("No remote yet"),
            tr(
                "A remote is a folder of the vault and its counterpart in Parameter Store or Secrets "
                "Manager. Adding one asks nothing of AWS."
            ),
            parts.button(tr("Add a &remote…"), "add", "primary", clicked=self._add),
        )
        hint = tr("Folders and their counterparts in AWS. Edits wait here until you sync them.")
        super().__init__(desk, tr("Remotes"), hint, REMOTES, empty)
        self.add = parts.button(tr("&Add…"), "add", clicked=self.add_wanted.emit)
        self.change = parts.button(tr("&Change…"), "edit", clicked=lambda: self._tell(self.change_wanted))
        self.test = parts.button(tr("Te&st"), "check", clicked=lambda: self._tell(self.test_wanted))
        self.test.setToolTip(tr("Who signs in, what is permitted, and the IAM policy that is needed"))
        self.remove = parts.button(
            tr("F&orget…"), "trash", "danger", clicked=lambda: self._tell(self.remove_wanted)
        )
        self.sync = parts.button(tr("S&ync…"), "refresh", "primary", clicked=self._sync)
        self.table.activated.connect(lambda _: self._sync())
        buttons = flowing(self.add, self.change, self.test, self.remove)
        self.lay_out(under=(head_row(buttons, self.sync),))
        self.chosen_changed()

    def begin(self) -> None:
        """Want what stands."""
        self.wanted.emit()

    def show_standings(self, standings: Sequence[Standing]) -> None:
        """Show the remotes; the chosen one stays chosen."""
        chosen = self.chosen.remote.id if self.chosen else None
        self.show_rows(standings)
        for row, standing in enumerate(standings):
            if standing.remote.id == chosen:
                self.table.selectRow(row)

    def chosen_changed(self) -> None:
        """All but adding need a remote."""
        for button in (self.change, self.test, self.remove, self.sync):
            button.setVisible(bool(self.model.records))
            button.setEnabled(self.chosen is not None)
        self.add.setVisible(bool(self.model.records))

    def _tell(self, signal: object) -> None:
        if self.chosen is not None:
            signal.emit(self.chosen.remote)  # type: ignore[attr-defined]

    def _add(self) -> None:
        self.add_wanted.emit()

    def _sync(self) -> None:
        if self.chosen is not None:
            self.sync_wanted.emit(self.chosen.remote.name)
