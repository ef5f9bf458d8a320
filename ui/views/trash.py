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
        self.lay_out(self.purge, self.restore)
        self.chosen_changed()

    def begin(self) -> None:
        """Read the trash."""
        self.read(lambda vault: vault.trash.listed(), self.show_rows)

    def chosen_changed(self) -> None:
        """Both buttons need an entry."""
        for button in (self.restore, self.purge):
            button.setEnabled(self.chosen is not None)

    def _tell(self, signal: object) -> None:
        if self.chosen is not None:
            signal.emit(self.chosen)  # type: ignore[attr-defined]
