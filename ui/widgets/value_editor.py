"""Where a value is typed: as text, as the fields of a JSON object or the items of a list; or loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QWidget

from app import display, fields, plain_file, wording
from app.credentials import read_stream
from app.fields import BadField, Form
from app.language import tr
from ui.desktop import places
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.cover import Cover
from ui.widgets.field_rows import FieldRows
from ui.widgets.file_dialog import FileDialog, Wanted
from ui.widgets.found_view import strength_words
from ui.widgets.guarded_text import GuardedText
from ui.widgets.secret_text import SecretText
from ui.widgets.value_field import choice
from vault.records import ValueType
from vault.secret import Secret
from vault.values import SECRET_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.strength import Strength

LINES = 6
REST_MILLISECONDS = 300
RAW, ROWS, OCTETS = range(3)


class ValueEditor(QWidget):
    """Holds the value only while it is open, concealed when the focus leaves; `forget` empties it."""

    generate_wanted = Signal()
    changed = Signal()
    rested = Signal()  # nothing was typed for a moment: `password` may be judged
    copied = Signal(object)  # Secret: what was selected; the receiver wipes it
    refused = Signal(str, str)  # a sentence and a hint: a file cannot be loaded

    def __init__(self, name: str = "", seconds: Callable[[], int] = lambda: 0) -> None:
        """Empty, for a text.

        Args:
            name: what a screen reader calls it.
            seconds: tells how long a value stays shown while nothing is typed; 0: until the focus leaves.
        """
        super().__init__()
        self.value_type = ValueType.SECURE_STRING
        self._ends, self._octets = "\n", Secret()
        self.text = GuardedText(name or tr("Value"))
        self.text.setMinimumHeight(self.text.fontMetrics().lineSpacing() * LINES + 2 * GRID)
        self.text.textChanged.connect(self._count)
        self.text.copied.connect(self.copied)
        self.rows = FieldRows()
        self.rows.changed.connect(self._count)
        self.rows.copied.connect(self.copied)
        self.dump = SecretText(tr("First bytes of the value"))
        self.as_rows, self.as_raw = choice(tr("Fields")), choice(tr("Raw"))
        views = QButtonGroup(self)
        for button in (self.as_rows, self.as_raw):
            views.addButton(button)
        self.as_rows.clicked.connect(self._to_rows)
        self.as_raw.clicked.connect(self._to_raw)
        self.as_raw.setChecked(True)
        self._note = parts.label(tone="muted", wrap=True)
        self._head = parts.boxed(parts.row(self.as_rows, self.as_raw, None, space=GRID // 2))
        self._views = QStackedWidget()
        for view in (self.text, self.rows, parts.boxed(parts.column(self._note, self.dump, None))):
            self._views.addWidget(view)
        self.cover = Cover(self, self._views, seconds, lambda: not self.empty)
        self._size = parts.label(tone="muted", wrap=True)
        self._size.setAccessibleDescription(tr("Size of the value"))
        self._load = parts.button(tr("&Load a file…"), "import", clicked=self._choose_file)
        self._generate = parts.button(tr("&Generate…"), "generate", clicked=self.generate_wanted.emit)
        foot = parts.row(self._size, self._load, self._generate)
        foot.setStretch(0, 1)
        layout = parts.column(self._head, self.cover, parts.boxed(foot), space=GRID // 2)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.setTabOrder(self._generate, self.as_raw)  # the tab key goes past it, to the text at once
        self.cover.currentChanged.connect(self._aim)
        self._aim()
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self.rested)
        self._count()

    @property
    def empty(self) -> bool:
        """Whether there is no value."""
        if self._view == ROWS:
            return not any(row.name.text() or not row.value.document().isEmpty() for row in self.rows.rows)
        return not len(self._octets) if self._view == OCTETS else self.text.document().isEmpty()

    @property
    def is_binary(self) -> bool:
        """Whether the value is octets that came from a file."""
        return self._view == OCTETS

    @property
    def problem(self) -> str:
        """Why there is no value to be had of what is typed; "" where there is."""
        try:
            self.value().wipe()
        except BadField as bad:
            return str(bad)
        return ""

    def set_type(self, value_type: ValueType) -> None:
        """Be for values of this type; what is typed stays, where the type can have it."""
        self.value_type = value_type
        lists = value_type is ValueType.STRING_LIST
        self.as_rows.setText(tr("Items") if lists else tr("Fields"))
        if value_type is ValueType.SECRET_BINARY:
            self._show_octets(tr("A binary value comes from a file."))
        elif self._view != RAW:
            self._to_raw()
        if lists:
            self._to_rows()
        self._count()

    def value(self) -> Secret:
        """What is typed, as UTF-8, or the octets that were loaded.

        Raises:
            BadField: a key or an item cannot be written.
        """
        if self._view == OCTETS:
            return Secret(self._octets.reveal())
        if self._view == RAW or not self.rows.touched:
            return Secret.of_text(self.text.exact.replace("\n", self._ends))
        typed = self.rows.fields()
        try:
            if self.value_type is ValueType.STRING_LIST:
                return fields.joined(typed)
            return fields.written(typed, self.text.exact)
        finally:
            for field in typed:
                field.value.wipe()

    def password(self) -> Secret | None:
        """What may be a password: a line of text, or the field that was typed in last; else None."""
        row = self.rows.current() if self._view == ROWS else None
        text = row.value.exact if row is not None else self.text.exact
        lone = self._view != OCTETS and "\n" not in text and text[:1] not in ("{", "[")
        return Secret.of_text(text) if lone and text else None

    def show_strength(self, strength: Strength | None) -> None:
        """Say how strong what `password` gave is."""
        self._count_only(strength_words(strength) if strength is not None else "")

    def put(self, value: Secret) -> None:
        """Replace what is there; `value` stays the caller's. Fields are shown as such."""
        form, found = fields.read(value, self.value_type)
        if form is Form.BINARY or self.value_type is ValueType.SECRET_BINARY:
            self._put_octets(value)
        elif not self._put_text(value.reveal_text()):
            self._put_octets(value)
            self._note.setText(tr("It has characters that typing would change. Load a file to replace it."))
        elif form is Form.TEXT:
            self._turn(RAW)
        else:
            self._to_rows()
        for field in found:
            field.value.wipe()

    def take(self, value: Secret) -> None:
        """Put a generated value in, into the field that was typed in last where there are fields; wipe it."""
        with value:
            row = self.rows.current() if self._view == ROWS else None
            if row is not None:
                row.value.setPlainText(value.reveal_text())
            else:
                self.put(value)

    def load(self, place: str) -> None:
        """Replace the value by the content of a file, byte for byte; `refused` tells why not."""
        try:
            with plain_file.opened(place) as file, read_stream(file, SECRET_BYTES + 1) as value:
                if len(value) > SECRET_BYTES:
                    too_much = tr("{place} has more than 64 KiB.", place=place)
                    self.refused.emit(too_much, tr("No value is that long. Choose a smaller file."))
                elif len(value):
                    self.put(value)
        except OSError as error:
            self.refused.emit(wording.in_window(error)[0], tr("Choose another file."))

    def conceal(self) -> None:
        """Show dots until somebody asks to see the value; what is to have the focus is what asks."""
        self.cover.cover()
        if self.cover.covered:
            self.cover.show_button.setFocus()

    def forget(self) -> None:
        """Empty it, the steps that could be undone as well."""
        self._rest.stop()
        self.rows.forget()
        self.dump.conceal()
        self._octets.wipe()
        self.text.wipe()
        self._turn(RAW)

    @property
    def _view(self) -> int:
        return self._views.currentIndex()

    def _put_text(self, text: str) -> bool:
        """Show a text, if the editor can give it back as it was."""
        self._ends = "\r\n" if "\r\n" in text else "\n"
        plain = text.replace("\r\n", "\n")
        self.text.setPlainText(plain)
        return self.text.exact == plain and plain.replace("\n", self._ends) == text

    def _put_octets(self, value: Secret) -> None:
        self._octets.wipe()
        self._octets = Secret(value.reveal())
        self.text.wipe()
        self.dump.reveal_octets(self._octets)
        self._show_octets(tr("This is binary. Load a file to replace it."))

    def _show_octets(self, note: str) -> None:
        self._note.setText(note)
        self.dump.setVisible(len(self._octets) > 0)
        self._turn(OCTETS)

    def _to_rows(self) -> None:
        """From the text to its fields; a text that has none stays a text."""
        with Secret.of_text(self.text.exact) as value:
            form, found = fields.read(value, self.value_type)
            if form in (Form.OBJECT, Form.LIST) or not len(value):
                lists = self.value_type is ValueType.STRING_LIST
                self.rows.show_fields(found if len(value) else (), items=lists)
                self._turn(ROWS)
            else:
                self._turn(RAW)
        for field in found:
            field.value.wipe()

    def _to_raw(self) -> None:
        """From fields to their text; fields that cannot be written stay as they are."""
        if self._view == ROWS and self.rows.touched and not self.empty:
            try:
                with self.value() as value:
                    self.text.setPlainText(value.reveal_text().replace("\r\n", "\n"))
            except BadField:
                self.as_rows.setChecked(True)
                return
        self.rows.forget()
        self._turn(RAW)

    def _turn(self, view: int) -> None:
        self._views.setCurrentIndex(view)
        (self.as_rows if view == ROWS else self.as_raw).setChecked(True)
        self._head.setVisible(view != OCTETS)
        self._generate.setVisible(view != OCTETS)
        self._aim()
        self._count()

    def _aim(self) -> None:
        """Let the focus of the whole be on what can be seen: under the cover it would be typed blindly."""
        first = self.rows.current()
        field: QWidget = {RAW: self.text, ROWS: first.value if first else self.rows, OCTETS: self._load}[
            self._view
        ]
        self.setFocusProxy(self.cover.show_button if self.cover.covered else field)

    def _count(self) -> None:
        self._count_only("")
        self.as_rows.setEnabled(self._view == ROWS or self._has_fields())
        self._rest.start()
        self.cover.touch()
        self.changed.emit()

    def _count_only(self, more: str) -> None:
        """Say how large the value is, and what is wrong with it."""
        tone, problem = "warning", self.problem
        if not problem:
            with self.value() as value:
                said = [display.size(len(value)), more]
                if self._view == RAW and (wrong := _wrong_json(self.text.exact)):
                    said.append(wrong)
                else:
                    tone = "muted"
            problem = " · ".join(filter(None, said))
        self._size.setText(problem)
        parts.retone(self._size, tone)

    def _has_fields(self) -> bool:
        text = self.text.exact
        if self.value_type is ValueType.STRING_LIST or not text:
            return True
        return text.lstrip()[:1] == "{" and fields.problem(text) is None

    def _choose_file(self) -> None:
        box = FileDialog(self, tr("Load a value"), places.home(), Wanted.FILE)
        box.chosen.connect(self.load)
        box.open()


def _wrong_json(text: str) -> str:
    """What keeps a text that looks like JSON from being it, with line and column; "" where nothing does."""
    if text.lstrip()[:1] not in ("{", "["):
        return ""
    problem = fields.problem(text)
    return tr("Not JSON: {problem}. It would be saved as it is.", problem=problem) if problem else ""
