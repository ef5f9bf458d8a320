"""Ready lines that use the entry elsewhere, each with a button that copies it. None holds a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QScrollArea, QWidget

from app import display, use_lines
from app.language import tr
from app.use_lines import Pin
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.wrapped_text import WrappedText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QShowEvent

    from app.use_lines import Line
    from vault.records import Entry, Version

CLIENTS = {"postgresql": "psql", "mysql": "mysql", "iam": "aws sts get-caller-identity"}
"""A program to lend to, by the target of a rotation."""
MOST_VERSIONS = 20  # in the choice, from the newest


class UseTab(QWidget):
    """For the current version, or one that is chosen by number or label."""

    copy_wanted = Signal(str)  # a line

    def __init__(self) -> None:
        """Without lines."""
        super().__init__()
        self._entry: Entry | None = None
        self._tokens: dict[int, str] = {}
        self._target = ""
        self.rows: list[LineRow] = []
        self.version = QComboBox()
        parts.call(self.version, tr("Version that the lines name"))
        self.version.currentIndexChanged.connect(self._render)
        note = parts.label(
            tr("No line holds the value. Where a remote has another prefix, AWS knows another path."),
            "muted",
            wrap=True,
        )
        self._column = parts.column(space=2 * GRID)
        choice = parts.boxed(parts.form((tr("Version:"), self.version)))
        inner = parts.column(choice, parts.boxed(self._column), note, None, margin=2 * GRID)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(parts.boxed(inner))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(parts.column(area))

    def show_entry(self, entry: Entry | None) -> None:
        """Show the lines of another entry, or none."""
        self._entry, self._tokens, self._target = entry, {}, ""
        self._offer([])

    def show_versions(self, versions: Sequence[Version]) -> None:
        """Offer its versions and labels; they come oldest first."""
        self._tokens = {version.number: version.token for version in versions}
        self._offer(versions)

    def show_target(self, target: str) -> None:
        """Say on what it rotates, "" for not at all: some of that can be lent."""
        self._target = target
        self._render()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the lines only now: while one goes through a list nobody looks at them."""
        super().showEvent(event)
        self._render()

    def _offer(self, versions: Sequence[Version]) -> None:
        self.version.blockSignals(True)
        self.version.clear()
        self.version.addItem(tr("Always the current one"), Pin())
        for version in versions[: -MOST_VERSIONS - 1 : -1]:
            for label in version.labels:
                title = tr(
                    "{label} (now version {number})", label=display.printable(label), number=version.number
                )
                self.version.addItem(title, Pin(label=label))
        for version in versions[: -MOST_VERSIONS - 1 : -1]:
            self.version.addItem(tr("Version {number}", number=version.number), Pin(number=version.number))
        self.version.blockSignals(False)
        self._render()

    def _render(self) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        pin = self.version.currentData()
        if self._entry is None or pin is None or not self.isVisible():
            return
        pin = Pin(*pin)  # Qt hands a tuple back as a list
        client = CLIENTS.get(self._target, "")
        for line in use_lines.lines(self._entry, pin, self._tokens.get(pin.number or 0, ""), lent_to=client):
            row = LineRow(line)
            row.copy.clicked.connect(lambda _checked, text=line.text: self.copy_wanted.emit(text))
            self._column.addWidget(row)
            self.rows.append(row)
        parts.chain(self.version, *(stop for row in self.rows for stop in (row.text, row.copy)))


class LineRow(QWidget):
    """One line under its title."""

    def __init__(self, line: Line) -> None:
        """Show it."""
        super().__init__()
        self.text = WrappedText(line.title, line.text)
        self.copy = parts.tool(tr("Copy: {title}", title=line.title), "copy")
        row = parts.row(self.text, self.copy, space=GRID // 2)
        row.setAlignment(self.copy, Qt.AlignmentFlag.AlignTop)
        row.setStretch(0, 1)
        self.setLayout(parts.column(parts.label(line.title, "muted"), parts.boxed(row), space=2))
