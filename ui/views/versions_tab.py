"""The history of an entry: every version, two of them compared, one of them restored or labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QSplitter, QWidget

from ui.models import columns
from ui.models.tables import RecordTable
from ui.theme import GRID
from ui.widgets import parts
from ui.widgets.comparison_view import ComparisonView
from ui.widgets.secret_field import SecretField

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vault.records import Version

TWO = 2


class VersionsTab(QWidget):
    """Newest first. One chosen version is compared with the one before it, two with each other."""

    compare_wanted = Signal(int, int)  # older, newer
    reveal_wanted = Signal(int)
    copy_wanted = Signal(int)
    restore_wanted = Signal(int)
    labels_wanted = Signal(int)

    def __init__(self, reveal_seconds: int) -> None:
        """Without versions."""
        super().__init__()
        self.model: RecordTable[Version] = RecordTable(columns.VERSIONS, self)
        self.table = parts.table(self.model, "Versions", framed=True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(self._chosen_changed)
        self.compare_button = parts.button("&Compare", "compare", clicked=self._compare)
        self.reveal_button = parts.button("&Reveal", "reveal", clicked=lambda: self._one(self.reveal_wanted))
        self.restore_button = parts.button("Rest&ore", clicked=lambda: self._one(self.restore_wanted))
        self.restore_button.setToolTip("Write its value as a new version; nothing is lost")
        self.labels_button = parts.button("L&abels…", clicked=lambda: self._one(self.labels_wanted))
        self.comparison = ComparisonView()
        self.field = SecretField("Value of the chosen version", reveal_seconds)
        self.field.reveal_wanted.connect(lambda: self._one(self.reveal_wanted))
        self.field.copy_wanted.connect(lambda: self._one(self.copy_wanted))
        self.field.concealed.connect(self.field.hide)
        self.field.hide()
        buttons = parts.row(
            self.compare_button, self.reveal_button, self.restore_button, self.labels_button, None
        )
        upper = parts.column(self.table, parts.boxed(buttons))
        lower = parts.column(self.field, self.comparison)
        lower.setStretch(1, 1)
        lower.setContentsMargins(0, GRID, 0, 0)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(parts.boxed(upper))
        splitter.addWidget(parts.boxed(lower))
        splitter.setChildrenCollapsible(False)
        self.setLayout(parts.column(splitter, margin=2 * GRID))
        self._chosen_changed()

    def show_versions(self, history: Sequence[Version]) -> None:
        """List a history, which comes oldest first."""
        self.clear()
        self.model.replace(reversed(history))
        if history:
            self.table.selectRow(0)

    def clear(self) -> None:
        """Forget every version and value."""
        self.comparison.clear()
        self.field.conceal()
        self.model.clear()
        self._chosen_changed()

    def chosen(self) -> list[int]:
        """The numbers of the chosen versions, oldest first."""
        records = (self.model.record(row) for row in parts.chosen(self.table))
        return sorted(record.number for record in records if record is not None)

    def _chosen_changed(self) -> None:
        numbers = self.chosen()
        one = len(numbers) == 1
        newest = self.model.record(0)
        self.compare_button.setEnabled(len(numbers) == TWO or (one and self._before(numbers[0]) is not None))
        tip = "the two chosen versions" if len(numbers) == TWO else "it with the version before"
        self.compare_button.setToolTip(f"Compare {tip}")
        self.compare_button.setAccessibleDescription(f"Compare {tip}")
        self.reveal_button.setEnabled(one)
        self.labels_button.setEnabled(one)
        self.restore_button.setEnabled(one and newest is not None and numbers[0] != newest.number)
        self.comparison.clear()
        self.field.conceal()

    def _before(self, number: int) -> int | None:
        return max((record.number for record in self.model.records if record.number < number), default=None)

    def _compare(self) -> None:
        numbers = self.chosen()
        older = numbers[0] if len(numbers) == TWO else self._before(numbers[0])
        if older is not None:
            self.compare_wanted.emit(older, numbers[-1])

    def _one(self, signal: object) -> None:
        numbers = self.chosen()
        if len(numbers) == 1:
            signal.emit(numbers[0])  # type: ignore[attr-defined]
