"""Every action and its key, and the field that gives it another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, QKeyCombination, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QKeySequenceEdit, QLabel, QWidget

from app.language import tr
from ui.actions import ACTIONS, BY_NAME
from ui.keymap import BadShortcut, bindings, changed, native, title
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from ui.widgets.head_row import head_row

if TYPE_CHECKING:
    from collections.abc import Sequence


class KeyRow(NamedTuple):
    """An action and its keys, as this system writes them."""

    name: str
    title: str
    menu: str
    key: str
    usual: str


def key_rows(setting: str) -> Sequence[KeyRow]:
    """Every action in the order of the menus; with the table's keys where the setting makes no sense."""
    try:
        keys = bindings(setting)
    except BadShortcut:
        keys = bindings("")
    return [
        KeyRow(
            row.name, title(row.name), tr(row.menu).replace("&", ""), native(keys[row.name]), native(row.keys)
        )
        for row in ACTIONS
    ]


class KeySheet(QWidget):
    """Tells the whole setting `shortcuts` as it shall be; what clashes is told here at once."""

    chosen = Signal(str)  # the setting

    def __init__(self) -> None:
        """Without rows."""
        super().__init__()
        self._setting, self._rows, self._words = "", list[KeyRow](), list[str]()
        self._fixed: str | None = None  # not shown yet
        columns: tuple[Column[KeyRow], ...] = (
            Column(tr("Action"), lambda row: row.title, 0),
            Column(tr("Menu"), lambda row: row.menu, 120, rank=1),
            Column(tr("Shortcut"), lambda row: row.key, 170),
            Column(tr("Usually"), lambda row: row.usual, 170, rank=2),
        )
        self.model: RecordTable[KeyRow] = RecordTable(columns, self)
        self.table = parts.table(self.model, tr("Keys of actions"), framed=True)
        self.table.selectionModel().selectionChanged.connect(self._choose)
        self.edit = QKeySequenceEdit()
        self.table.activated.connect(lambda _: self.edit.setFocus())
        self.edit.setMaximumSequenceLength(1)
        self.edit.setClearButtonEnabled(True)
        self.edit.setFinishingKeyCombinations(
            [
                QKeyCombination(Qt.Key.Key_Tab),
                QKeyCombination(Qt.KeyboardModifier.ShiftModifier, Qt.Key.Key_Backtab),
            ]
        )
        self.edit.setFixedWidth(26 * GRID)
        self.edit.installEventFilter(self)
        self._pressing = False  # whether the field is empty only until the key that is being pressed is known
        self._settled = QTimer(self)  # a new key is told after an empty one, which is none that was chosen
        self._settled.setSingleShot(True)
        self._settled.timeout.connect(self._typed)
        self.edit.keySequenceChanged.connect(self._take)
        self.edit.editingFinished.connect(self._finish)
        self._label = QLabel()
        self._label.setBuddy(self.edit)
        self.said = parts.label(tone="muted", wrap=True)
        self.usual = parts.button(tr("&As usual"), "restore", clicked=self._give_back)
        self.all_usual = parts.button(tr("A&ll as usual"), clicked=lambda: self.chosen.emit(""))
        field = parts.boxed(parts.row(self._label, self.edit, None))
        foot = head_row(field, self.usual, self.all_usual)
        layout = parts.column(self.table, foot, self.said, margin=2 * GRID)
        layout.setStretch(0, 1)
        self.setLayout(layout)

    def show_setting(self, setting: str, fixed: str = "") -> None:
        """Show the keys that the setting means; `fixed` says why they cannot be changed here."""
        if (setting, fixed) == (self._setting, self._fixed):
            return  # what was told of a key that was refused stays
        self._setting, self._fixed = setting, fixed
        self._rows = list(key_rows(setting))
        self._show_rows()
        self.edit.setEnabled(not fixed)
        self.usual.setVisible(not fixed)
        self.all_usual.setEnabled(bool(setting) and not fixed)
        self._hint()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The field empties itself with the first key that goes down, be it Ctrl alone."""
        if watched is self.edit and event.type() == QEvent.Type.KeyPress:
            self._pressing = True
        elif watched is self.edit and event.type() == QEvent.Type.FocusOut:
            self._finish()
        return super().eventFilter(watched, event)

    def search(self, words: list[str]) -> int:
        """Show the actions that hold every one of `words`, which are casefolded; how many there are."""
        self._words = words
        self._show_rows()
        return len(self.model.records)

    def tell(self, text: str, tone: str = "muted") -> None:
        """Say something below the table."""
        self.said.setText(text)
        parts.retone(self.said, tone)

    @property
    def action(self) -> str:
        """The name of the chosen action; "" without one."""
        rows = parts.chosen(self.table)
        record = self.model.record(rows[0]) if rows else None
        return record.name if record else ""

    def _show_rows(self) -> None:
        name = self.action
        shown = [
            row for row in self._rows if all(word in " ".join(row[1:]).casefold() for word in self._words)
        ]
        self.model.replace(shown)
        if shown:
            self.table.selectRow(next((at for at, row in enumerate(shown) if row.name == name), 0))
        self._show_key()

    def _show_key(self) -> None:
        name = self.action
        row = next((row for row in self._rows if row.name == name), None)
        self.edit.blockSignals(True)
        self.edit.setKeySequence(
            QKeySequence(row.key, QKeySequence.SequenceFormat.NativeText) if row else QKeySequence()
        )
        self.edit.blockSignals(False)
        text = tr("Key of “{action}”:", action=row.title) if row else ""
        self._label.setText(text)
        self.edit.setAccessibleName(text.rstrip(":"))
        self.usual.setEnabled(row is not None and row.key != row.usual)

    def _choose(self) -> None:
        self._show_key()
        self._hint()  # what was refused was for another action

    def _hint(self) -> None:
        self.tell(self._fixed or tr("Choose an action, then press its new key in the field."))

    def _take(self, keys: QKeySequence) -> None:
        if not (keys.isEmpty() and self._pressing):
            self._settled.start()

    def _finish(self) -> None:
        self._pressing = False
        if self.edit.keySequence().isEmpty() and not self._settled.isActive():
            self._show_key()  # Ctrl alone, say, is no key and takes none away

    def _typed(self) -> None:
        if self.action:
            self._change(self.action, self.edit.keySequence().toString())

    def _give_back(self) -> None:
        if self.action:
            self._change(self.action, QKeySequence(BY_NAME[self.action].keys).toString())

    def _change(self, name: str, key: str) -> None:
        try:
            made = changed(self._setting, name, key)
        except BadShortcut as error:
            self.tell(f"{error.reason}.", "danger")
            return
        if made != self._setting:
            self.chosen.emit(made)
