"""A page of its own with a title, a table and buttons; what trash, activity and expiring have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from app.language import tr
from ui.look.theme import GRID
from ui.models.tables import RecordTable
from ui.views.page import Page
from ui.widgets import parts
from ui.widgets.head_row import head_row
from ui.widgets.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtWidgets import QWidget

    from ui.bridge import Cancel
    from ui.desk import Desk
    from ui.models.tables import Column
    from ui.widgets.empty_state import EmptyState
    from vault.vault import Vault

R = TypeVar("R")
T = TypeVar("T")


class RegisterPage(Page, Generic[R]):
    """Title, hint, buttons, table; or an empty state."""

    def __init__(
        self, desk: Desk, title: str, hint: str, columns: Sequence[Column[Any]], empty: EmptyState
    ) -> None:
        """Without rows."""
        super().__init__()
        self.setObjectName("page")
        self.desk = desk
        self._asked: Cancel | None = None
        self.model: RecordTable[R] = RecordTable(columns, self)
        self.table = parts.table(self.model, title)
        self.table.selectionModel().selectionChanged.connect(self.chosen_changed)
        self.model.modelReset.connect(self.chosen_changed)
        self.said = parts.label(tone="muted", wrap=True)
        self.said.setAccessibleDescription(tr("Result"))
        self.said.hide()
        self._title, self._hint = parts.label(title, "heading"), parts.label(hint, "muted", wrap=True)
        self._stack = Stack(self.table, empty)

    def lay_out(self, *buttons: QWidget, under: Sequence[QWidget | None] = ()) -> None:
        """Put the parts together, with `buttons` at the right of the title, and more of them `under` it."""
        head = head_row(parts.boxed(parts.column(self._title, self._hint, space=4)), *buttons)
        top = parts.column(head, self.said, margin=2 * GRID)
        if under:
            top.addWidget(parts.boxed(parts.row(*under)))
        layout = parts.column(parts.boxed(top), self._stack, space=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    @property
    def chosen(self) -> R | None:
        """The chosen record."""
        rows = parts.chosen(self.table)
        return self.model.record(rows[0]) if rows else None

    def show_rows(self, rows: Sequence[R], *, more: bool = False) -> None:
        """Show these rows."""
        self.model.replace(rows, more=more)
        self._stack.setCurrentIndex(0 if rows else 1)
        if rows:
            self.table.selectRow(0)

    def clear(self) -> None:
        """Forget every row; on lock."""
        self.model.clear()
        self.tell("")

    def tell(self, text: str, tone: str = "muted") -> None:
        """Say something below the title; "" says nothing."""
        self.said.setText(text)
        parts.retone(self.said, tone)
        self.said.setVisible(bool(text))

    def read(self, work: Callable[[Vault], T], done: Callable[[T], None]) -> None:
        """Ask the vault for rows; what was asked before and has not come yet is dropped."""
        if self._asked is not None:
            self._asked.ask()
        self._asked = self.desk.ask(self, work, done)

    def chosen_changed(self) -> None:
        """Enable what makes sense for the chosen row."""
