"""The value of an entry, concealed; what it is, once that was asked; the facts about its current version."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QScrollArea, QWidget

from app import display
from app.language import marked, plural, tr
from ui.look import theme
from ui.look.theme import GRID
from ui.models import columns
from ui.models.history import ORIGINS
from ui.widgets import parts
from ui.widgets.found_view import FoundView
from ui.widgets.totp_field import TotpField
from ui.widgets.value_field import ValueField
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from PySide6.QtWidgets import QLabel

    from app.sight import Sight
    from vault.records import Entry, Version

FACTS = (
    marked("Version"), marked("Labels"), marked("Size"), marked("Created"), marked("Modified"),
    marked("Expires"), marked("Data type"),
)  # fmt: skip
MOST_PATHS = 5


class ValueTab(QWidget):
    """Tells what is wanted with the value; is given it to show."""

    edit_wanted = Signal()
    look_wanted = Signal()  # tell what it is, without showing it
    save_wanted = Signal()  # to a file
    entry_wanted = Signal(object)  # ParameterPath

    def __init__(self, seconds: Callable[[], int], clock: Callable[[], datetime]) -> None:
        """For no entry yet; `seconds` tells how long a value stays revealed, `clock` the time, UTC."""
        super().__init__()
        self.field = ValueField(tr("Value"), seconds)
        self.field.concealed.connect(self._concealed)
        self.field.add_button(parts.button(tr("E&dit…"), "edit", clicked=self.edit_wanted.emit))
        self.look = parts.button(tr("Loo&k what it is"), "info", "flat", self.look_wanted.emit)
        self.save = parts.button(tr("Save &as…"), "export", "flat", self.save_wanted.emit)
        self._further = parts.boxed(parts.row(self.look, self.save, None))
        self.codes = TotpField(clock, seconds)
        self.found = FoundView()
        self._shared = parts.label(wrap=True)
        self._shared.setTextFormat(Qt.TextFormat.RichText)
        self._shared.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByKeyboard | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self._shared.linkActivated.connect(lambda path: self.entry_wanted.emit(ParameterPath(path)))
        self._none = parts.label(
            tr("This secret has no value yet. Edit it to store one."), "muted", wrap=True
        )
        self._edit_empty = parts.button(tr("St&ore a value…"), "edit", clicked=self.edit_wanted.emit)
        self._facts: dict[str, QLabel] = {}
        inner = parts.column(
            self.field, self._further, self._none, parts.boxed(parts.row(self._edit_empty, None)),
            self.codes, self.found, self._shared, GRID, parts.boxed(self._fact_lines()), None,
            margin=2 * GRID,
        )  # fmt: skip
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(parts.boxed(inner))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setLayout(parts.column(area))

    def show_entry(self, entry: Entry | None) -> None:
        """Show the facts of an entry; its value stays concealed, and what was known of it is forgotten."""
        self.conceal()
        self.field.forget()
        self.found.clear()
        self.show_shared(())
        for fact in self._facts.values():
            fact.clear()
        if entry is None:
            return
        for part in (self.field, self._further):
            part.setVisible(entry.latest > 0)
        for part in (self._none, self._edit_empty):
            part.setVisible(entry.latest == 0)
        self._say("Version", str(entry.latest))
        self._say("Created", display.moment(entry.created_at))
        self._say("Modified", display.moment(entry.modified_at))
        self.show_expiry(columns.expires(entry))
        self._say("Data type", entry.data_type)

    def show_expiry(self, at: datetime | None) -> None:
        """Say when it expires, whatever happens then; None: never."""
        when = display.moment(at)
        self._say("Expires", f"{when} ({columns.expiry(at)})" if when else tr("never"))

    def show_version(self, version: Version) -> None:
        """Add what only the current version knows."""
        origin = tr(ORIGINS[version.origin][1])
        self._say("Version", tr("{number}, by {origin}", number=version.number, origin=origin))
        self._say("Labels", ", ".join(version.labels) or tr("none"))
        self._say("Size", display.size(version.size))

    def show_sight(self, sight: Sight, *, reveal: bool) -> None:
        """Tell what an opened value is, and show it if `reveal`; all but its codes stays the caller's."""
        self.field.show_sight(sight, reveal=reveal)
        self.found.show_found(sight.found, sight.strength)
        self.codes.show_codes(sight.totp)
        if not (reveal or sight.fields or sight.found or sight.totp):
            self.found.show_nothing()

    def show_shared(self, paths: Sequence[ParameterPath]) -> None:
        """Say which other entries have the same value now; none: say nothing."""
        ink = theme.current().accent
        links = [_link(str(path), ink) for path in paths[:MOST_PATHS]]
        more = len(paths) - MOST_PATHS
        if more > 0:
            links.append(escape(plural("{n} more", "{n} more", more)))
        self._shared.setText(tr("Also the value of: {paths}", paths=", ".join(links)) if links else "")
        self._shared.setAccessibleName(
            tr("Also the value of: {paths}", paths=", ".join(map(str, paths[:MOST_PATHS]))) if links else ""
        )
        self._shared.setVisible(bool(links))

    def conceal(self) -> None:
        """Conceal the value and its codes."""
        self.field.conceal()
        self.codes.clear()

    def _concealed(self) -> None:
        self.found.clear_strength()

    def _fact_lines(self) -> QFormLayout:
        lines = QFormLayout()
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setHorizontalSpacing(2 * GRID)
        for name in FACTS:
            self._facts[name] = parts.label(wrap=True, selectable=True)
            self._facts[name].setAccessibleDescription(tr(name))
            lines.addRow(parts.label(tr(name), "muted"), self._facts[name])
        return lines

    def _say(self, name: str, text: str) -> None:
        self._facts[name].setText(display.printable(text))


def _link(path: str, ink: str) -> str:
    """HTML that may go on in the next line after each slash."""
    shown = escape(display.printable(path)).replace("/", "/&#8203;")
    return f'<a href="{escape(path)}" style="color:{ink}">{shown}</a>'
