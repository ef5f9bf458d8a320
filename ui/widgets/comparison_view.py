"""What differs between two values: masked at first, shown on demand, concealed again on blur."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QTextBrowser, QWidget

from app import display
from app.compare import Form, Kind
from ui import icons, theme
from ui.widgets import parts
from ui.widgets.wiped_text import wipe_text

if TYPE_CHECKING:
    from app.compare import Comparison, Row, Segment

SIGNS = {Kind.SAME: "&nbsp;", Kind.REMOVED: "−", Kind.ADDED: "+", Kind.CHANGED: "~"}


class ComparisonView(QWidget):
    """Signs, underlines and strikes say what colours say."""

    revealed = Signal()

    def __init__(self) -> None:
        """Nothing to compare yet."""
        super().__init__()
        self._comparison: Comparison | None = None
        self._plain = False
        self._said = parts.label(wrap=True)
        self._text = QTextBrowser()
        self._text.setUndoRedoEnabled(False)
        self._text.setAccessibleName("Difference between the two values")
        self._text.setFont(theme.monospace(10))
        self._text.setMinimumHeight(80)
        self._show = parts.button("Show the val&ues", "reveal", "flat", clicked=self._toggle)
        layout = parts.column(parts.boxed(parts.row(self._said, None, self._show)), self._text)
        layout.setStretch(1, 1)
        self.setLayout(layout)
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
            old: what the first is called, such as "version 3".
            new: what the second is called.
        """
        self.clear()
        self._comparison = comparison
        changes = sum(row.kind is not Kind.SAME for row in comparison.rows)
        sizes = f"{display.size(comparison.old_bytes)} → {display.size(comparison.new_bytes)}"
        if comparison.equal:
            self._said.setText(f"{old} and {new} hold the same value.")
        else:
            noun = "key" if comparison.form is Form.JSON else "line"
            told = (
                "binary values differ"
                if comparison.form is Form.BINARY
                else f"{display.count(changes, noun)} changed"
            )
            self._said.setText(f"{old} → {new}: {told}, {sizes}")
        self._show.setVisible(comparison.form is not Form.BINARY)
        self._render()
        self.show()

    def clear(self) -> None:
        """Forget both values."""
        if self._comparison is not None:
            self._comparison.wipe()
        self._comparison, self._plain = None, False
        self._empty()
        self.hide()

    def conceal(self) -> None:
        """Mask the values again."""
        if self._plain:
            self._plain = False
            self._render()

    def _toggle(self) -> None:
        self._plain = not self._plain
        self._render()
        if self._plain:
            self._text.setFocus()
            self.revealed.emit()

    def _render(self) -> None:
        if self._comparison is None:
            return
        self._show.setText("Conceal the val&ues" if self._plain else "Show the val&ues")
        icons.wear(self._show, "conceal" if self._plain else "reveal", "accent")
        self._empty()
        rows = "".join(map(self._row, self._comparison.rows))
        self._text.setHtml(f"<table cellspacing='0' cellpadding='2'>{rows}</table>")

    def _empty(self) -> None:
        wipe_text(self._text)

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
        shown = piece.masked
        if self._plain and piece.text is not None:
            shown = piece.text.reveal_text()
        text = escape(shown)
        if piece.kind is Kind.REMOVED:
            return f"<span style='color:{colours.danger};text-decoration:line-through'>{text}</span> "
        if piece.kind is Kind.ADDED:
            return f"<span style='color:{colours.good};text-decoration:underline'>{text}</span>"
        return f"<span>{text}</span>"

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._plain and (new is None or not self.isAncestorOf(new)):
            self.conceal()
