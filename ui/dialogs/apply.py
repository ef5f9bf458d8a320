"""The last question before a sync writes: where, and what, counted in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox

from app.language import plural, tr
from app.sync import words
from ui.dialogs.box import Box
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.sync.forecast import Forecast
    from vault.records import Remote


class ApplyBox(Box):
    """What is done on a yes, side by side with what is not."""

    agreed = Signal(bool)  # whether the whole history is wanted

    def __init__(self, parent: QWidget, remote: Remote, forecast: Forecast) -> None:
        """Show what `forecast` comes to at `remote`."""
        entries = plural("{n} entry", "{n} entries", forecast.entries)
        super().__init__(parent, tr("Apply the plan to {entries}?", entries=entries), 520)
        self.add(parts.label(words.place(remote), "muted", wrap=True))
        lines = parts.column(space=GRID)
        there, here, *left = words.said(forecast)
        for line in (there, here):
            lines.addWidget(parts.label(line, wrap=True))
        for line in left:
            lines.addWidget(parts.label(line, "muted", wrap=True))
        deleted = forecast.delete_there + forecast.delete_here
        if deleted:
            told = plural("{n} entry will be deleted.", "{n} entries will be deleted.", deleted)
            lines.addWidget(parts.label(told, "danger", wrap=True))
        self.add(lines)
        self.history = QCheckBox(tr("Bring along every &older version that AWS keeps of what is pulled"))
        self.history.setVisible(bool(forecast.create_here or forecast.change_here))
        self.add(self.history)
        tone = "danger" if deleted else "primary"
        self.agree = parts.button(
            tr("&Apply to {entries}", entries=entries), "check", tone, clicked=self._agree
        )
        self.close_with(self.agree)
        chosen = self.cancel_button if deleted else self.agree
        chosen.setDefault(True)
        chosen.setFocus()

    def _agree(self) -> None:
        self.accept()
        self.agreed.emit(self.history.isChecked())
