"""The value of an entry: as text, as fields that are revealed one by one, or as octets a page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton

from app.fields import Form, hex_pages
from app.language import plural, tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.secret_field import SecretField
from ui.widgets.secret_rows import SecretRows

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.sight import Sight
    from vault.secret import Secret

HAS_FIELDS = (Form.OBJECT, Form.LIST)


class ValueField(SecretField):
    """Nothing is known of a value before it was opened: then names of fields stay, and values go again."""

    part_wanted = Signal(str)  # name of the field to reveal
    part_copy_wanted = Signal(str)

    def __init__(self, name: str, seconds: Callable[[], int]) -> None:
        """As `SecretField`."""
        super().__init__(name, seconds)
        self.rows = SecretRows()
        self.rows.reveal_wanted.connect(self.part_wanted)
        self.rows.copy_wanted.connect(self.part_copy_wanted)
        self.rows.copied.connect(self.copied)
        self.rows.concealed.connect(self._row_concealed)
        self.rows.hide()
        self.as_fields, self.as_raw = choice(tr("Fields")), choice(tr("Raw"))
        self._views = QButtonGroup(self)
        for button in (self.as_fields, self.as_raw):
            self._views.addButton(button)
            button.clicked.connect(self._turn)
        self._said = parts.label(tone="muted")
        self.head = parts.boxed(parts.row(self.as_fields, self.as_raw, self._said, None, space=GRID // 2))
        self.head.hide()
        self._page = 0
        self.earlier = parts.tool(tr("Page before"), "back", lambda: self._leaf(-1))
        self.later = parts.tool(tr("Next page"), "forward", lambda: self._leaf(1))
        self._where = parts.label(tone="muted")
        self.pager = parts.boxed(parts.row(self.earlier, self._where, self.later, None, space=GRID // 2))
        self.pager.hide()
        self._layout.insertWidget(0, self.head)
        self._layout.insertWidget(2, self.rows)
        self._layout.insertWidget(3, self.pager)

    @property
    def revealed(self) -> bool:
        """Whether any part of a value is shown."""
        return self._text.revealed or self.rows.revealed

    @property
    def page(self) -> int:
        """Which page of octets is shown, or wanted next; from 0."""
        return self._page

    def show_sight(self, sight: Sight, *, reveal: bool) -> None:
        """Show what a value is made of, and the value itself if `reveal`; `sight` stays the caller's."""
        fields = sight.form in HAS_FIELDS
        if fields:
            self.rows.show_names(sight.fields, numbered=sight.form is Form.LIST)
            some = plural("{n} item", "{n} items", len(sight.fields))
            if sight.form is Form.OBJECT:
                some = plural("{n} field", "{n} fields", len(sight.fields))
            self._said.setText(some)
            if self.head.isHidden():
                self.as_fields.setChecked(True)
        else:
            self.rows.clear()
        self.head.setVisible(fields)
        self._lay_out()
        if reveal:
            self._reveal_sight(sight)

    def reveal_part(self, name: str, value: Secret) -> None:
        """Show the value of one field for a while; it stays the caller's."""
        self.rows.reveal_one(name, value)
        self._begin()

    def forget(self) -> None:
        """Forget names and form too: another entry, or a lock."""
        self.conceal()
        self.rows.clear()
        self._page = 0
        self.head.hide()
        self._lay_out()

    def _reveal_sight(self, sight: Sight) -> None:
        if sight.form in HAS_FIELDS and self.as_fields.isChecked():
            self.rows.reveal(sight.fields)
            self.rows.rows[0].text.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            if sight.form is Form.BINARY:
                self._text.reveal_octets(sight.value, self._page)
                self._show_page(len(sight.value))
            else:
                self._text.reveal(sight.value)
            self._text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._begin()

    def _mask(self) -> None:
        self._text.conceal()
        self.rows.conceal()
        self.pager.hide()

    def _row_concealed(self) -> None:
        if not self.revealed:
            self._end()

    def _turn(self) -> None:
        """Show the other view; what was revealed is asked for again there."""
        again = self.revealed
        self.conceal()
        self._lay_out()
        if again:
            self.reveal_wanted.emit()

    def _lay_out(self) -> None:
        fields = not self.head.isHidden() and self.as_fields.isChecked()
        self.rows.setVisible(fields)
        self._text.setVisible(not fields)

    def _show_page(self, octets: int) -> None:
        pages = hex_pages(octets)
        self.pager.setVisible(pages > 1)
        self._where.setText(tr("Page {page} of {pages}", page=self._page + 1, pages=pages))
        self.earlier.setEnabled(self._page > 0)
        self.later.setEnabled(self._page < pages - 1)

    def _leaf(self, step: int) -> None:
        self._page += step
        self.reveal_wanted.emit()


def choice(text: str) -> QToolButton:
    """A button of several, one of which is down."""
    made = QToolButton()
    made.setText(text)
    made.setCheckable(True)
    made.setProperty("chip", True)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setAccessibleName(text)
    return made
