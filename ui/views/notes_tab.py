"""Description and tags of an entry, edited in place and saved together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QAbstractItemView, QPlainTextEdit, QTableWidget, QTableWidgetItem, QWidget

from app.language import tr
from ui.look.theme import GRID
from ui.models.tables import LEFT
from ui.widgets import parts
from ui.widgets.chips import flowing
from ui.widgets.fitting_area import FittingArea

if TYPE_CHECKING:
    from vault.records import Entry

    Typed = tuple[str, list[tuple[str, str]]]  # description, tags


class NotesTab(QWidget):
    """Emits what is to be saved; a new version is not made of it."""

    save_wanted = Signal(str, dict)  # description, tags

    def __init__(self) -> None:
        """For no entry yet."""
        super().__init__()
        self._entry: Entry | None = None
        self._typed: dict[int, Typed] = {}  # and not saved, by entry, of those that are not shown
        self.description = QPlainTextEdit()
        self.description.setAccessibleName(tr("Description"))
        self.description.setPlaceholderText(
            tr("What it is for, who owns it, where it is used. Never the value itself.")
        )
        self.description.setTabChangesFocus(True)
        self.description.setMaximumHeight(14 * GRID)
        self.description.textChanged.connect(self._edited)
        self.tags = QTableWidget(0, 2)
        self.tags.setAccessibleName(tr("Tags"))
        self.tags.setHorizontalHeaderLabels([tr("Tag"), tr("Value")])
        self.tags.setProperty("framed", True)
        self.tags.verticalHeader().hide()
        self.tags.horizontalHeader().setStretchLastSection(True)
        self.tags.horizontalHeader().setDefaultAlignment(LEFT)
        self.tags.setColumnWidth(0, 160)
        self.tags.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.tags.setShowGrid(False)
        self.tags.setTabKeyNavigation(False)
        self.tags.itemChanged.connect(self._edited)
        self.twice = parts.label(tone="danger", wrap=True)
        self.twice.hide()
        self.save = parts.button(tr("S&ave"), "check", "primary", clicked=self._save)
        self.revert = parts.button(tr("&Revert"), clicked=lambda: self._show(self._entry))
        layout = parts.column(
            parts.label(tr("DESCRIPTION"), "caption"),
            self.description,
            GRID,
            parts.label(tr("TAGS"), "caption"),
            self.tags,
            self.twice,
            flowing(
                parts.button(tr("Add ta&g"), "add", clicked=self.add_tag),
                parts.button(tr("Re&move"), clicked=self._remove_tag),
                self.revert,
                self.save,
            ),
            margin=2 * GRID,
        )
        layout.setStretch(4, 1)
        self.setLayout(parts.column(FittingArea(parts.boxed(layout))))

    @property
    def edited(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.revert.isEnabled()

    def show_entry(self, entry: Entry | None) -> None:
        """Show the notes of an entry; what was typed there before and not saved is there again."""
        if self._entry is not None and self.edited:
            self._typed[self._entry.id] = self.description.toPlainText(), self._typed_tags()
        self._show(entry, self._typed.pop(entry.id, None) if entry else None)

    def note_saved(self, entry: Entry) -> None:
        """What was typed of this entry is what it has by now."""
        self._typed.pop(entry.id, None)
        if self._entry is not None and self._entry.id == entry.id:
            self._show(entry)

    def take_over(self, other: NotesTab) -> None:
        """Have what was typed and not saved in another window on the same vault."""
        other.show_entry(None)
        self._typed = other._typed

    def clear(self) -> None:
        """Forget the entry and all that was typed; on lock."""
        self._typed = {}
        self._show(None)

    def add_tag(self, key: str = "", value: str = "") -> None:
        """Add a row and begin to edit it."""
        at = self.tags.rowCount()
        self.tags.insertRow(at)
        name = QTableWidgetItem(key)
        self.tags.setItem(at, 0, name)
        self.tags.setItem(at, 1, QTableWidgetItem(value))
        self.tags.setCurrentCell(at, 0)
        if not key:
            self.tags.setFocus()
            self.tags.editItem(name)

    def _show(self, entry: Entry | None, typed: Typed | None = None) -> None:
        self._entry = entry
        saved = (entry.description, list(entry.tags.items())) if entry else ("", [])
        description, tags = typed or saved
        self.description.setPlainText(description)
        self.tags.setRowCount(0)
        for key, value in tags:
            self.add_tag(key, value)
        self._edited()

    def _typed_tags(self) -> list[tuple[str, str]]:
        """Key and value of every row with a key."""
        rows = range(self.tags.rowCount())
        pairs = ((self.tags.item(row, 0), self.tags.item(row, 1)) for row in rows)
        typed = ((key.text().strip(), value.text() if value else "") for key, value in pairs if key)
        return [(key, value) for key, value in typed if key]

    def _edited(self) -> None:
        entry, typed = self._entry, self._typed_tags()
        changed = entry is not None and (
            self.description.toPlainText() != entry.description or sorted(typed) != sorted(entry.tags.items())
        )
        keys = [key for key, _ in typed]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        self.twice.setText(tr("The tag {key} is there twice.", key=twice) if twice else "")
        self.twice.setVisible(twice is not None)
        self.save.setEnabled(changed and twice is None)
        self.revert.setEnabled(changed)

    def _remove_tag(self) -> None:
        row = self.tags.currentRow()
        if row >= 0:
            self.tags.removeRow(row)
            self._edited()

    def _save(self) -> None:
        self.tags.setCurrentCell(-1, -1)  # what is still being typed in a cell is taken too
        if self.save.isEnabled():
            self.save_wanted.emit(self.description.toPlainText(), dict(self._typed_tags()))
