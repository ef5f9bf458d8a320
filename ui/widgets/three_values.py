"""Base, mine and theirs of one value, masked until they are asked for, and masked again soon.

Values that are JSON objects are shown key by key, with whose key is taken; others as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QApplication, QPlainTextEdit, QStackedWidget, QWidget

from app import display
from app.compare import MASK
from app.language import marked, plural, tr
from app.sync import merge
from app.sync.merge import Key, Side, Verdict
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.models.tables import Column, RecordTable
from ui.widgets import parts
from ui.widgets.wiped_text import wipe_text

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex
    from PySide6.QtGui import QIcon

    from app.sync.three import Three
    from vault.secret import Secret

NAMES = (marked("Base"), marked("Mine"), marked("Theirs"))
NOT_THERE = "–"
LOOKS = {
    Verdict.TORN: ("conflict", "danger"),
    Verdict.MINE: ("push", "accent"),
    Verdict.THEIRS: ("pull", "good"),
    Verdict.ALIKE: ("check", "muted"),
    Verdict.SAME: ("check", "muted"),
}
SECOND = 1_000


class ThreeValues(QWidget):
    """Shows what it is given; it opens nothing."""

    changed = Signal()  # whose key is taken

    def __init__(self, seconds: int) -> None:
        """Without values; revealed ones are masked again after `seconds` (0: only on blur)."""
        super().__init__()
        self._three: Three | None = None
        self._keys: tuple[Key, ...] = ()
        self._take: dict[tuple[str, ...], Side] = {}
        self._plain, self._missing = False, ("", "", "")
        self.said = parts.label(tone="muted", wrap=True)
        self.reveal = parts.button(tr("&Reveal"), "reveal", clicked=self._toggle)
        self.model: RecordTable[Key] = RecordTable(self._columns(), self)
        self.table = parts.table(self.model, tr("Keys of the value"), framed=True)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.doubleClicked.connect(self._turn)
        self.table.activated.connect(self._turn)
        self.mine = parts.button(tr("Take mine here"), clicked=lambda: self._choose(Side.MINE))
        self.theirs = parts.button(tr("Take theirs here"), clicked=lambda: self._choose(Side.THEIRS))
        keys = parts.column(self.table, parts.boxed(parts.row(self.mine, self.theirs, None)))
        self._texts = tuple(self._text(name) for name in NAMES)
        panes = parts.row(*(self._pane(name, text) for name, text in zip(NAMES, self._texts, strict=True)))
        self._stack = QStackedWidget()
        self._stack.addWidget(parts.boxed(panes))
        self._stack.addWidget(parts.boxed(keys))
        head = parts.row(self.said, self.reveal)
        head.setStretch(0, 1)
        layout = parts.column(parts.boxed(head), self._stack)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(seconds * SECOND)
        self._timer.timeout.connect(self.conceal)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]

    @property
    def is_by_keys(self) -> bool:
        """Whether the values can be merged key by key."""
        return bool(self._keys)

    @property
    def undecided(self) -> int:
        """How many keys wait for whose is taken."""
        return sum(self._side(key) is None for key in self._keys)

    def show_three(self, three: Three, missing: str, no_base: str) -> None:
        """Show three values, masked; they are taken over.

        Args:
            three: the values.
            missing: stands for mine or theirs where it is not there.
            no_base: stands for a base that is not there.
        """
        self.clear()
        self._three, self._missing = three, (no_base, missing, missing)
        if three.mine is not None and three.theirs is not None:
            self._keys = merge.keys_of(three.base, three.mine, three.theirs) or ()
        order = list(LOOKS)
        self.model.replace(sorted(self._keys, key=lambda key: order.index(key.verdict)))
        self._stack.setCurrentIndex(1 if self._keys else 0)
        self._render()
        self._tell()
        if self._keys:
            self.table.selectRow(0)

    def merged(self) -> Secret:
        """The value as the keys are taken; the caller's.

        Raises:
            ValueError: a key waits.
        """
        three = self._three
        if three is None or three.mine is None or three.theirs is None:
            msg = tr("there is nothing to merge")
            raise ValueError(msg)
        return merge.merged(three.base, three.mine, three.theirs, self._take)

    def clear(self) -> None:
        """Forget every value."""
        self.conceal()
        self.model.clear()
        for key in self._keys:
            key.wipe()
        if self._three is not None:
            self._three.wipe()
        self._three, self._keys, self._take = None, (), {}
        for text in self._texts:
            wipe_text(text)

    def conceal(self) -> None:
        """Mask the values again."""
        self._timer.stop()
        if self._plain:
            self._plain = False
            self._render()

    def _columns(self) -> tuple[Column[Key], ...]:
        return (
            Column(tr("Key"), lambda key: display.printable(key.label), 150, icon=self._look),
            Column(tr("Changed"), lambda key: tr(key.verdict.value), 128, rank=1),
            Column(tr("Base"), lambda key: self._shown(key.base), 110, rank=2),
            Column(tr("Mine"), lambda key: self._shown(key.mine), 130),
            Column(tr("Theirs"), lambda key: self._shown(key.theirs), 0, least=110),
            Column(tr("Taken"), self._taken, 92),
        )

    def _look(self, key: Key) -> QIcon:
        name, ink = LOOKS[key.verdict]
        return icons.icon(name, getattr(theme.current(), ink))

    def _shown(self, value: Secret | None) -> str:
        if value is None:
            return NOT_THERE
        return display.printable(value.reveal_text()) if self._plain else MASK

    def _side(self, key: Key) -> Side | None:
        return self._take.get(key.path) or key.side

    def _taken(self, key: Key) -> str:
        side = self._side(key)
        if side is None:
            return tr("choose")
        chosen = key.mine if side is Side.MINE else key.theirs
        if key.verdict in (Verdict.SAME, Verdict.ALIKE):
            return tr("both alike")
        whose = tr("mine") if side is Side.MINE else tr("theirs")
        return tr("{value}: none", value=whose) if chosen is None else whose

    def _choose(self, side: Side) -> None:
        rows = parts.chosen(self.table)
        for row in rows:
            key = self.model.record(row)
            if key is not None and key.verdict not in (Verdict.SAME, Verdict.ALIKE):
                self._take[key.path] = side
        self._told_anew()

    def _turn(self, index: QModelIndex) -> None:
        key = self.model.record(index)
        if key is not None:
            self._choose(Side.THEIRS if self._side(key) is Side.MINE else Side.MINE)

    def _told_anew(self) -> None:
        last = self.model.index(self.model.rowCount() - 1, self.model.columnCount() - 1)
        self.model.dataChanged.emit(self.model.index(0, 0), last)
        self._tell()
        self.changed.emit()

    def _tell(self) -> None:
        if self._three is None:
            return
        if not self._keys:
            sizes = [NOT_THERE if value is None else display.size(len(value)) for value in self._three]
            named = (f"{tr(name)}: {size}" for name, size in zip(NAMES, sizes, strict=True))
            whole = "" if None in self._three else tr("No JSON objects, so one side is taken whole. ")
            self.said.setText(tr("{whole}Sizes: {named}.", whole=whole, named=", ".join(named)))
            return
        changed = sum(key.verdict not in (Verdict.SAME, Verdict.ALIKE) for key in self._keys)
        waits = self.undecided
        rest = (
            tr("{waits} changed on both sides: choose.", waits=waits)
            if waits
            else tr("Every key is decided.")
        )
        self.said.setText(
            tr(
                "{count} of {keys} changed. {rest}",
                count=plural("{n} key", "{n} keys", changed),
                keys=len(self._keys),
                rest=rest,
            )
        )

    def _text(self, name: str) -> QPlainTextEdit:
        made = QPlainTextEdit()
        made.setReadOnly(True)
        made.setUndoRedoEnabled(False)
        made.setFont(theme.monospace(10))
        made.setAccessibleName(tr(name))
        made.setTabChangesFocus(True)
        made.setMinimumHeight(9 * GRID)
        return made

    def _pane(self, name: str, text: QPlainTextEdit) -> QWidget:
        layout = parts.column(parts.label(tr(name), "muted"), text, space=4)
        return parts.boxed(layout)

    def _toggle(self) -> None:
        self._plain = not self._plain and self._three is not None
        self._render()
        if self._plain:
            (self.table if self._keys else self._texts[1]).setFocus(Qt.FocusReason.OtherFocusReason)
            if self._timer.interval():
                self._timer.start()

    def _render(self) -> None:
        self.reveal.setText(tr("Conceal") if self._plain else tr("&Reveal"))
        self.reveal.setAccessibleName(tr("Conceal the values") if self._plain else tr("Reveal the values"))
        icons.wear(self.reveal, "conceal" if self._plain else "reveal")
        self.reveal.setEnabled(self._three is not None)
        values = self._three or (None,) * len(NAMES)
        for text, value, missing in zip(self._texts, values, self._missing, strict=True):
            wipe_text(text)
            if self._keys or self._three is None:
                continue
            text.setPlainText(missing if value is None else _plain(value) if self._plain else MASK * 3)
        if self._keys:
            self._told_anew()

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._plain and (new is None or not self.isAncestorOf(new)):
            self.conceal()


def _plain(value: Secret) -> str:
    try:
        return value.reveal_text()
    except UnicodeDecodeError:
        return value.reveal().hex(" ")
