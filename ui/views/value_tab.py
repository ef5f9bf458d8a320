"""The value of an entry, concealed, and the facts about its current version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QWidget

from app import display
from ui.models import columns
from ui.theme import GRID
from ui.widgets import parts
from ui.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from datetime import datetime

    from PySide6.QtWidgets import QLabel

    from vault.records import Entry, Version

NO_VALUE = "This secret has no value yet. Edit it to store one."


class ValueTab(QWidget):
    """Tells what is wanted with the value; is given it to show."""

    edit_wanted = Signal()

    def __init__(self, reveal_seconds: int) -> None:
        """For no entry yet."""
        super().__init__()
        self.field = SecretField("Value", reveal_seconds)
        self._none = parts.label(NO_VALUE, "muted", wrap=True)
        edit = parts.button("E&dit…", "edit", clicked=self.edit_wanted.emit)
        self.field.add_button(edit)
        self._edit_empty = parts.button("St&ore a value…", "edit", clicked=self.edit_wanted.emit)
        self._facts: dict[str, QLabel] = {}
        facts = QFormLayout()
        facts.setContentsMargins(0, 0, 0, 0)
        facts.setHorizontalSpacing(2 * GRID)
        for name in ("Version", "Labels", "Size", "Created", "Modified", "Expires", "Data type"):
            self._facts[name] = parts.label(wrap=True, selectable=True)
            self._facts[name].setAccessibleDescription(name)
            facts.addRow(parts.label(name, "muted"), self._facts[name])
        self.setLayout(
            parts.column(
                self.field,
                self._none,
                parts.boxed(parts.row(self._edit_empty, None)),
                GRID,
                parts.boxed(facts),
                None,
                margin=2 * GRID,
            )
        )

    def show_entry(self, entry: Entry | None) -> None:
        """Show the facts of an entry; its value stays concealed."""
        self.field.conceal()
        for fact in self._facts.values():
            fact.clear()
        if entry is None:
            return
        self.field.setVisible(entry.latest > 0)
        self._none.setVisible(entry.latest == 0)
        self._edit_empty.setVisible(entry.latest == 0)
        self._say("Version", str(entry.latest))
        self._say("Created", display.moment(entry.created_at))
        self._say("Modified", display.moment(entry.modified_at))
        self.show_expiry(columns.expires(entry))
        self._say("Data type", entry.data_type)

    def show_expiry(self, at: datetime | None) -> None:
        """Say when it expires, whatever happens then; None: never."""
        when = display.moment(at)
        self._say("Expires", f"{when} ({columns.expiry(at)})" if when else "never")

    def show_version(self, version: Version) -> None:
        """Add what only the current version knows."""
        self._say("Version", f"{version.number}, by {version.origin.value.replace('-', ' ')}")
        self._say("Labels", ", ".join(version.labels) or "none")
        self._say("Size", display.size(version.size))

    def _say(self, name: str, text: str) -> None:
        self._facts[name].setText(display.printable(text))
