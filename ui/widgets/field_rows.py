"""Fields that are typed: the keys of a JSON object with their kinds, or the items of a StringList."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QScrollArea, QWidget

from app.fields import MOST, Field, Kind
from app.language import tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.guarded_text import GuardedText
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent

NAME_WIDTH, KIND_WIDTH = 20 * GRID, 15 * GRID
LEAST_HEIGHT = 32 * GRID
MOST_LINES = 4
SMALL = 10  # points
FIXED = {Kind.NULL: "null", Kind.TRUTH: "true"}  # what a kind begins with, whatever was typed before


class _Value(GuardedText):
    """As high as its text; tells when it is entered."""

    entered = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Value"), points=SMALL)
        self.textChanged.connect(self._fit)
        self._fit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.entered.emit()

    def _fit(self) -> None:
        lines = self.lines
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if lines > MOST_LINES else policy.ScrollBarAlwaysOff
        )
        self.setFixedHeight(self.fontMetrics().lineSpacing() * max(1, min(MOST_LINES, lines)) + 3 * GRID - 2)


class FieldRow(QWidget):
    """One field. An item of a list has a number and can be moved; a key has a name and a kind."""

    changed = Signal()
    entered = Signal()  # somebody types here now
    remove_wanted = Signal()
    move_wanted = Signal(int)  # -1: up, 1: down
    copied = Signal(object)  # Secret

    def __init__(self, *, item: bool) -> None:
        """Empty."""
        super().__init__()
        self.value = _Value()
        self.value.textChanged.connect(self.changed)
        self.value.entered.connect(self.entered)
        self.value.copied.connect(self.copied)
        self.name, self.kind, self._number = QLineEdit(), QComboBox(), parts.label(tone="muted")
        self.name.setPlaceholderText(tr("Key"))
        self.name.setFixedWidth(NAME_WIDTH)
        self.name.textChanged.connect(self._renamed)
        self.kind.setFixedWidth(KIND_WIDTH)
        for kind in Kind:
            self.kind.addItem(tr(kind.value), kind)
        self.kind.currentIndexChanged.connect(self._kind_changed)
        self.up = parts.tool(tr("Move up"), "up", lambda: self.move_wanted.emit(-1))
        self.down = parts.tool(tr("Move down"), "down", lambda: self.move_wanted.emit(1))
        self.remove = parts.tool(tr("Remove"), "minus", self.remove_wanted.emit)
        shown = (self._number, self.value, self.up, self.down, self.remove) if item else (
            self.name, self.value, self.kind, self.remove
        )  # fmt: skip
        row = parts.row(*shown, space=GRID // 2)
        for part in shown:
            row.setAlignment(part, Qt.AlignmentFlag.AlignTop)
            if part is not self.value:
                part.setFixedHeight(self.value.height())  # of one line
        row.setAlignment(self.value, Qt.AlignmentFlag(0))
        row.setStretch(1, 1)
        self.setLayout(row)

    @property
    def chosen_kind(self) -> Kind:
        """What it holds."""
        return Kind(self.kind.currentData())

    def put(self, field: Field) -> None:
        """Show a field; its value stays the caller's."""
        self.name.setText(field.name)
        self.kind.setCurrentIndex(list(Kind).index(field.kind))
        self.value.setPlainText(field.value.reveal_text())

    def field(self) -> Field:
        """What is typed; the caller wipes its value."""
        return Field(self.name.text(), self.chosen_kind, Secret.of_text(self.value.exact))

    def place(self, number: int, of: int) -> None:
        """Be the row of this number, from 1."""
        self._number.setText(f"{number}.")
        if self.name.parent() is None:
            self._call(tr("Item {number}", number=number))
        self.up.setEnabled(number > 1)
        self.down.setEnabled(number < of)

    def forget(self) -> None:
        """Empty it for good."""
        self.value.blockSignals(True)
        self.value.wipe()

    def _renamed(self, name: str) -> None:
        self._call(name)
        self.changed.emit()

    def _call(self, name: str) -> None:
        self.name.setAccessibleName(tr("Key {name}", name=name))
        self.value.setAccessibleName(tr("Value of {name}", name=name))
        parts.call(self.kind, tr("Kind of {name}", name=name))
        self.remove.setAccessibleName(tr("Remove {name}", name=name))

    def _kind_changed(self) -> None:
        kind = self.chosen_kind
        if kind in FIXED:
            self.value.setPlainText(FIXED[kind])
        self.value.setEnabled(kind is not Kind.NULL)
        self.changed.emit()


class FieldRows(QWidget):
    """Rows that can be added and removed; those of a list also moved."""

    changed = Signal()  # by the person
    copied = Signal(object)

    def __init__(self) -> None:
        """Without rows."""
        super().__init__()
        self.rows: list[FieldRow] = []
        self.touched = False  # since `show_fields`
        self._items, self._at = False, 0
        self._column = parts.column(space=GRID // 2)
        self.add = parts.button(tr("Add a &key"), "add", "flat", clicked=self._add)
        inner = parts.column(parts.boxed(self._column), parts.boxed(parts.row(self.add, None)), None)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(parts.boxed(inner))
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(LEAST_HEIGHT)
        self.setLayout(parts.column(area))

    def show_fields(self, fields: Sequence[Field], *, items: bool) -> None:
        """Show fields, which stay the caller's; with `items` those of a list. One empty row for none."""
        self.forget()
        self._items = items
        for field in fields:
            self._make().put(field)
        if not fields:
            self._make()
        self.add.setText(tr("Add an &item") if items else tr("Add a &key"))
        self._number()
        self.touched = False

    def fields(self) -> list[Field]:
        """What is typed; the caller wipes the values."""
        return [row.field() for row in self.rows]

    def current(self) -> FieldRow | None:
        """The row that was typed in last."""
        return self.rows[self._at] if self._at < len(self.rows) else None

    def forget(self) -> None:
        """Empty every row for good."""
        for row in self.rows:
            row.forget()
            row.hide()
            row.deleteLater()
        self.rows, self._at = [], 0

    def _make(self) -> FieldRow:
        row = FieldRow(item=self._items)
        row.changed.connect(self._changed)
        row.copied.connect(self.copied)
        row.entered.connect(lambda: self._enter(row))
        row.remove_wanted.connect(lambda: self._remove(row))
        row.move_wanted.connect(lambda step: self._move(row, step))
        self._column.addWidget(row)
        row.show()  # at once: it may be given the focus before the layout would show it
        self.rows.append(row)
        return row

    def _add(self) -> None:
        row = self._make()
        self._number()
        (row.value if self._items else row.name).setFocus(Qt.FocusReason.OtherFocusReason)
        self._changed()

    def _remove(self, row: FieldRow) -> None:
        at = self.rows.index(row)
        self.rows.remove(row)
        row.forget()
        row.hide()
        row.deleteLater()
        if self.rows:
            self.rows[min(at, len(self.rows) - 1)].remove.setFocus(Qt.FocusReason.OtherFocusReason)
        self._at = 0
        self._number()
        self._changed()

    def _move(self, row: FieldRow, step: int) -> None:
        at = self.rows.index(row) + step
        self.rows.remove(row)
        self.rows.insert(at, row)
        self._column.removeWidget(row)
        self._column.insertWidget(at, row)
        self._number()
        (row.up if step < 0 else row.down).setFocus(Qt.FocusReason.OtherFocusReason)
        self._changed()

    def _enter(self, row: FieldRow) -> None:
        self._at = self.rows.index(row)

    def _number(self) -> None:
        for number, row in enumerate(self.rows, 1):
            row.place(number, len(self.rows))
        self.add.setEnabled(len(self.rows) < MOST)

    def _changed(self) -> None:
        self.touched = True
        self.changed.emit()
