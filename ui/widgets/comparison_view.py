"""What differs between two values: masked, shown on demand, and masked again soon: after a while, on blur."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget

from app import display
from app.compare import Form, Kind
from app.language import grouped, marked, plural, tr
from ui.look import icons, theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.wiped_text import wipe_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.compare import Comparison, Row, Segment

SIGNS = {Kind.SAME: "&nbsp;", Kind.REMOVED: "−", Kind.ADDED: "+", Kind.CHANGED: "~"}
NOUNS = {Form.JSON: marked("keys"), Form.LIST: marked("items"), Form.TEXT: marked("lines")}
VERBS = {
    Kind.CHANGED: marked("{n} changed"),
    Kind.ADDED: marked("{n} added"),
    Kind.REMOVED: marked("{n} removed"),
}
PIECES = {
    Kind.SAME: marked("the same: {text}"),
    Kind.REMOVED: marked("removed: {text}"),
    Kind.ADDED: marked("added: {text}"),
}
AROUND = 2  # rows alike that are shown before and after one that is not
MOST_ROWS = 500
MOST_TOLD = 20  # rows that differ that a screen reader tells at once; it reads the others in the text
SECOND = 1_000


class ComparisonView(QWidget):
    """Signs, underlines and strikes say what colours say, and words tell it to a screen reader."""

    revealed = Signal()

    def __init__(self, seconds: Callable[[], int]) -> None:
        """Nothing to compare yet.

        Args:
            seconds: until shown values are masked again; 0: only on blur and lock.
        """
        super().__init__()
        self._comparison: Comparison | None = None
        self._plain = False
        self._seconds, self._left = seconds, 0
        self._said = parts.label(wrap=True)
        self._note = parts.label(tone="muted")
        self._text = QTextBrowser()
        self._text.setUndoRedoEnabled(False)
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.NoTextInteraction
        )  # nothing to copy from it
        self._text.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._text.setAccessibleName(tr("Difference between the two values"))
        self._text.setFont(theme.monospace(10))
        self._text.setMinimumHeight(80)
        self._show = parts.button(tr("Show the val&ues"), "reveal", "flat", clicked=self._toggle)
        head = parts.row(self._note, None, self._show)
        layout = parts.column(self._said, self._text, parts.boxed(head), space=GRID // 2)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND)
        self._timer.timeout.connect(self._tick)
        QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]
        self.hide()

    @property
    def shown_text(self) -> str:
        """What is shown, as plain text."""
        return self._text.toPlainText()

    @property
    def headline(self) -> str:
        """The sentence above the rows."""
        return self._said.text()

    def compare(self, comparison: Comparison, old: str, new: str) -> None:
        """Show a comparison, masked; it is taken over and wiped.

        Args:
            comparison: the two values.
            old: what the first is called, such as "Version 3".
            new: what the second is called, such as "version 4".
        """
        self.clear()
        self._comparison = comparison
        if comparison.equal:
            self._said.setText(tr("{old} and {new} hold the same value.", old=old, new=new))
        else:
            sizes = f"{display.size(comparison.old_bytes)} → {display.size(comparison.new_bytes)}"
            self._said.setText(f"{old} → {new}: {_changes(comparison)}; {sizes}")
        self._show.setVisible(comparison.form is not Form.BINARY)
        self._render()
        self.show()

    def clear(self) -> None:
        """Forget both values."""
        if self._comparison is not None:
            self._comparison.wipe()
        self._comparison = None
        self._rest()
        self._empty()
        self.hide()

    def conceal(self) -> None:
        """Mask the values again."""
        if self._plain:
            self._rest()
            self._render()

    def _rest(self) -> None:
        self._plain, self._left = False, 0
        self._timer.stop()
        self._note.clear()

    def _toggle(self) -> None:
        if self._plain:
            self.conceal()
            return
        self._plain, self._left = True, self._seconds()
        self._render()
        self._text.setFocus()
        if self._left:
            self._timer.start()
            self._count()
        self.revealed.emit()

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.conceal()
        else:
            self._count()

    def _count(self) -> None:
        self._note.setText(tr("for {seconds} s", seconds=self._left))
        self._note.setAccessibleName(
            plural("Masked again in {n} second", "Masked again in {n} seconds", self._left)
        )

    def _render(self) -> None:
        if self._comparison is None:
            return
        self._show.setText(tr("Mask the val&ues") if self._plain else tr("Show the val&ues"))
        self._show.setAccessibleName(self._show.text().replace("&", ""))
        icons.wear(self._show, "conceal" if self._plain else "reveal", "accent")
        self._empty()
        rows = "".join(self._rows(self._comparison.rows))
        self._text.setHtml(f"<table cellspacing='0' cellpadding='2'>{rows}</table>")
        self._text.setAccessibleDescription(self._told(self._comparison.rows))

    def _empty(self) -> None:
        wipe_text(self._text)
        self._text.setAccessibleDescription("")

    def _told(self, rows: Sequence[Row]) -> str:
        """What differs, in words; values are concealed in it as they are in the text."""
        different = [row for row in rows if row.kind is not Kind.SAME]
        said = [self._row_told(row) for row in different[:MOST_TOLD]]
        more = len(different) - len(said)
        if more:
            said.append(plural("{n} more row is not shown", "{n} more rows are not shown", more))
        return " ".join(said)

    def _row_told(self, row: Row) -> str:
        name = row.label or tr("line {number}", number=row.new_line or row.old_line)
        pieces = (
            tr(PIECES[piece.kind], text=self._shown(piece, tr("concealed")))
            for piece in row.segments
            if self._plain or piece.kind is not Kind.SAME
        )
        return f"{name}: {', '.join(pieces)}."

    def _shown(self, piece: Segment, masked: str) -> str:
        """The text of a piece, or `masked` in its place."""
        return piece.text.reveal_text() if self._plain and piece.text is not None else masked

    def _rows(self, rows: Sequence[Row]) -> Iterator[str]:
        """The rows that differ with what stands around them; what is alike and far from them is counted."""
        shown, skipped = 0, 0
        for row, near in zip(rows, _near(rows), strict=True):
            if not near or shown == MOST_ROWS:
                skipped += 1
                continue
            if skipped:
                yield self._gap(skipped)
            shown, skipped = shown + 1, 0
            yield self._row(row)
        if skipped and shown == MOST_ROWS:
            yield self._note_row(plural("{n} more row is not shown", "{n} more rows are not shown", skipped))
        elif skipped:
            yield self._gap(skipped)

    def _gap(self, count: int) -> str:
        return self._note_row(plural("{n} the same", "{n} the same", count))

    def _note_row(self, text: str) -> str:
        ink = theme.current().muted
        return f"<tr><td></td><td></td><td style='color:{ink}'>⋯ {escape(text)}</td></tr>"

    def _row(self, row: Row) -> str:
        colours = theme.current()
        ink = {Kind.REMOVED: colours.danger, Kind.ADDED: colours.good}.get(row.kind, colours.muted)
        name = escape(row.label or str(row.new_line or row.old_line or ""))
        pieces = "".join(map(self._piece, row.segments))
        return (
            f"<tr><td style='color:{ink}'><b>{SIGNS[row.kind]}</b></td>"
            f"<td style='color:{colours.muted}' align='right'>{name}&nbsp;</td>"
            f"<td style='white-space:pre-wrap'>{pieces}</td></tr>"
        )

    def _piece(self, piece: Segment) -> str:
        colours = theme.current()
        text = escape(self._shown(piece, piece.masked))
        if piece.kind is Kind.REMOVED:
            return f"<span style='color:{colours.danger};text-decoration:line-through'>{text}</span> "
        if piece.kind is Kind.ADDED:
            return f"<span style='color:{colours.good};text-decoration:underline'>{text}</span>"
        return f"<span>{text}</span>"

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._plain and (new is None or not self.isAncestorOf(new)):
            self.conceal()


def _changes(comparison: Comparison) -> str:
    """How much differs, such as "keys: 1 changed, 2 added"."""
    if comparison.form is Form.BINARY:
        at = (comparison.differs_at or 0) + 1
        return tr("binary values, the first difference is at byte {at}", at=grouped(at))
    counts = ((verb, comparison.count(kind)) for kind, verb in VERBS.items())
    said = ", ".join(tr(verb, n=grouped(count)) for verb, count in counts if count)
    return f"{tr(NOUNS[comparison.form])}: {said}"


def _near(rows: Sequence[Row]) -> list[bool]:
    """Which rows differ or stand within `AROUND` rows of one that does; all of them where none differs."""
    different = [at for at, row in enumerate(rows) if row.kind is not Kind.SAME]
    near = [not different] * len(rows)
    for at in different:
        for beside in range(max(0, at - AROUND), min(len(rows), at + AROUND + 1)):
            near[beside] = True
    return near
