"""Deleted entries until their recovery window ends: restore or purge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.language import tr
from ui.models import columns
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState
from vault.records import Entry

if TYPE_CHECKING:
    from ui.desk import Desk


class TrashPage(RegisterPage[Entry]):
    """Tells which entry is to be restored or purged."""

    restore_wanted = Signal(object)  # Entry
    purge_wanted = Signal(object)  # Entry
    empty_wanted = Signal(object)  # ids of all that are shown

    def __init__(self, desk: Desk) -> None:
        """Without rows."""
        empty = EmptyState(
            "trash",
            tr("The trash is empty"),
            tr("Deleted entries wait here until their recovery window ends."),
        )
        hint = tr(
            "Deleted entries with all their versions. They can be restored until they are gone for good."
        )
        super().__init__(desk, tr("Trash"), hint, columns.TRASH, empty)
        self.restore = parts.button(
            tr("&Restore"), "restore", "primary", clicked=lambda: self._tell(self.restore_wanted)
        )
        self.purge = parts.button(
            tr("&Delete for good…"), "trash", "danger", clicked=lambda: self._tell(self.purge_wanted)
        )
        self.empty = parts.button(tr("E&mpty the trash…"), "trash", clicked=self._empty)
        self.lay_out(self.empty, self.purge, self.restore)
        self.chosen_changed()

    def begin(self) -> None:
        """Read the trash."""
        self.read(lambda vault: vault.trash.listed(), self.show_rows)

    def chosen_changed(self) -> None:
        """What to do needs an entry."""
        for button in (self.restore, self.purge):
            button.setEnabled(self.chosen is not None)
        self.empty.setEnabled(bool(self.model.records))

    def _empty(self) -> None:
        self.empty_wanted.emit([entry.id for entry in self.model.records])

    def _tell(self, signal: object) -> None:
        if self.chosen is not None:
            signal.emit(self.chosen)  # type: ignore[attr-defined]
