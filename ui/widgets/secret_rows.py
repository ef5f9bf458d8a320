"""The fields of a value under each other, each revealed and copied by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app import display
from app.fields import Kind
from app.language import tr
from ui.look import icons
from ui.look.theme import GRID
from ui.look.tips import plain
from ui.widgets import parts
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.secret_text import SecretText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.fields import Field
    from vault.secret import Secret

MOST_LINES = 6


class SecretRow(QWidget):
    """One field: its name over its value, an eye and a copy button beside it."""

    reveal_wanted = Signal(str)  # name of the field
    copy_wanted = Signal(str)
    concealed = Signal()  # by its eye
    copied = Signal(object)  # Secret: what was selected

    def __init__(self, name: str, title: str, kind: Kind) -> None:
        """Concealed; `title` is how the name is shown."""
        super().__init__()
        self.name, self._title = name, title
        label = ElidedLabel("muted")
        label.show_text(title if kind is Kind.TEXT else f"{title} · {tr(kind.value)}")
        self.text = SecretText(title, MOST_LINES)
        self.text.copied.connect(self.copied)
        self.eye = parts.tool(tr("Reveal {name}", name=title), "reveal", self._toggle)
        copy = parts.tool(tr("Copy {name}", name=title), "copy", lambda: self.copy_wanted.emit(name))
        line = parts.row(self.text, self.eye, copy, space=2)
        line.setAlignment(self.eye, Qt.AlignmentFlag.AlignTop)
        line.setAlignment(copy, Qt.AlignmentFlag.AlignTop)
        line.setStretch(0, 1)
        self.setLayout(parts.column(label, parts.boxed(line), space=2))

    @property
    def revealed(self) -> bool:
        """Whether its value is shown."""
        return self.text.revealed

    def reveal(self, value: Secret) -> None:
        """Show `value`; it stays the caller's."""
        self.text.reveal(value)
        self._say(tr("Conceal {name}", name=self._title), "conceal")

    def conceal(self) -> None:
        """Show dots again."""
        self.text.conceal()
        self._say(tr("Reveal {name}", name=self._title), "reveal")

    def _toggle(self) -> None:
        if self.revealed:
            self.conceal()
            self.concealed.emit()
        else:
            self.reveal_wanted.emit(self.name)

    def _say(self, text: str, icon: str) -> None:
        self.eye.setToolTip(plain(text))
        self.eye.setAccessibleName(text)
        icons.wear(self.eye, icon)


class SecretRows(QWidget):
    """Empty until it is told of fields."""

    reveal_wanted = Signal(str)
    copy_wanted = Signal(str)
    concealed = Signal()  # one of them, by its eye
    copied = Signal(object)

    def __init__(self) -> None:
        """Without rows."""
        super().__init__()
        self.rows: list[SecretRow] = []
        self._column = parts.column(space=GRID)
        self.setLayout(self._column)

    @property
    def revealed(self) -> bool:
        """Whether any value is shown."""
        return any(row.revealed for row in self.rows)

    def show_names(self, fields: Sequence[Field], *, numbered: bool) -> None:
        """Make a concealed row for each field; items of a list are `numbered`."""
        if [row.name for row in self.rows] == [field.name for field in fields]:
            return
        self.clear()
        for field in fields:
            shown = display.printable(field.name)
            title = tr("Item {number}", number=shown) if numbered else shown
            row = SecretRow(field.name, title, field.kind)
            row.reveal_wanted.connect(self.reveal_wanted)
            row.copy_wanted.connect(self.copy_wanted)
            row.concealed.connect(self.concealed)
            row.copied.connect(self.copied)
            self._column.addWidget(row)
            self.rows.append(row)

    def reveal(self, fields: Sequence[Field]) -> None:
        """Show the values of some fields; they stay the caller's."""
        for field in fields:
            self.reveal_one(field.name, field.value)

    def reveal_one(self, name: str, value: Secret) -> None:
        """Show the value of one field; it stays the caller's."""
        for row in self.rows:
            if row.name == name:
                row.reveal(value)

    def conceal(self) -> None:
        """Show dots everywhere."""
        for row in self.rows:
            row.conceal()

    def clear(self) -> None:
        """Forget the names too."""
        for row in self.rows:
            row.conceal()
            row.hide()
            row.deleteLater()
        self.rows = []
