"""What the policies say: expired, about to expire, unchanged for too long."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox

from ui.models import columns
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState
from vault.expiring import Due

if TYPE_CHECKING:
    from ui.desk import Desk

DAYS = (7, 30, 90, 365)


class ExpiringPage(RegisterPage[Due]):
    """The earliest first; choosing one leads to its entry."""

    def __init__(self, desk: Desk) -> None:
        """Look as far ahead as the settings say."""
        hint = "Policies are set on an entry, or on a folder for everything below it."
        empty = EmptyState(
            "clock", "Nothing expires soon", "Set an Expiration policy on an entry to see it here in time."
        )
        super().__init__(desk, "Expiring", hint, columns.EXPIRING, empty)
        self.days = QComboBox()
        self.days.setAccessibleName("How far ahead")
        for days in sorted({*DAYS, desk.settings.expiring_days}):
            self.days.addItem(f"Within {days} days", days)
        self.days.setCurrentIndex(self.days.findData(desk.settings.expiring_days))
        self.days.activated.connect(self.begin)
        self.go = parts.button("&Go to the entry", "move", "primary", clicked=self._go)
        self.table.activated.connect(lambda _: self._go())
        self.lay_out(self.days, self.go)
        self.chosen_changed()

    def begin(self) -> None:
        """Read what is due."""
        within = timedelta(days=self.days.currentData())
        self.read(lambda vault: vault.expiring(within), self.show_rows)

    def chosen_changed(self) -> None:
        """The button needs an entry."""
        self.go.setEnabled(self.chosen is not None)

    def _go(self) -> None:
        if self.chosen is not None:
            self.entry_wanted.emit(self.chosen.entry.path)
