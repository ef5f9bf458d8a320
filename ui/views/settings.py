"""The settings, made from their table: for this person, of this vault, and the keys of actions."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLineEdit, QScrollArea, QTabWidget, QWidget

from app import settings, wording
from app.language import plural, tr
from app.settings_file import ENVIRONMENT_PREFIX, Source
from app.settings_place import config_path
from ui.desktop import places
from ui.look.theme import GRID
from ui.views.page import Page
from ui.widgets import parts
from ui.widgets.elided_label import ElidedLabel
from ui.widgets.head_row import head_row
from ui.widgets.key_sheet import KeySheet
from ui.widgets.setting_line import SettingLine, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.settings import Option, Value
    from ui.desk import Desk

KEYS = "shortcuts"  # the setting that has a tab of its own


class Sheet(QScrollArea):
    """Settings in their groups."""

    def __init__(self, rows: Sequence[Option], give_back: str) -> None:
        """Without values; `give_back` is what the buttons say that take a choice back."""
        super().__init__()
        self.lines = [SettingLine(row, give_back) for row in rows]
        self._groups: list[tuple[QWidget, list[SettingLine]]] = []
        layout = parts.column(margin=2 * GRID, space=2 * GRID)
        for group, lines in groupby(self.lines, lambda line: line.row.about.group):
            members = list(lines)
            heading = parts.label(tr(group), "heading")
            layout.addWidget(heading)
            for line in members:
                layout.addWidget(line)
            self._groups.append((heading, members))
        layout.addStretch(1)
        self.setWidget(parts.boxed(layout))
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def search(self, words: list[str]) -> int:
        """Show the settings that hold every one of `words`, which are casefolded; how many there are."""
        for heading, lines in self._groups:
            for line in lines:
                line.setVisible(line.fits(words))
            heading.setVisible(any(line.fits(words) for line in lines))
        return sum(line.fits(words) for line in self.lines)

    def stand_as(self, other: Sheet) -> None:
        """Scroll as far as another sheet of the same settings, and put the focus where it is there."""
        far = other.verticalScrollBar().value()
        for line, before in zip(self.lines, other.lines, strict=True):
            if before.control.hasFocus():
                line.control.setFocus()
        QTimer.singleShot(0, self, lambda: self.verticalScrollBar().setValue(far))  # once it is laid out


class SettingsPage(Page):
    """Writes what is chosen at once, and shows what is in force and where it is from."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is made until `begin`: there are hundreds of parts."""
        super().__init__()
        self.setObjectName("page")
        self._desk, self._preferences, self._is_made = desk, desk.preferences, False

    def begin(self) -> None:
        """Show what is in force."""
        if not self._is_made:
            self._is_made = True
            self._make()
        self._preferences.read_vault()
        self._show()

    def clear(self) -> None:
        """Forget what was searched for."""
        if self._is_made:
            self.search.clear()

    def show_keys(self) -> None:
        """Lead to the keys of actions."""
        self.tabs.setCurrentWidget(self.keys)
        self.keys.table.setFocus()

    def stand_as(self, other: SettingsPage) -> None:
        """Take over what was searched for, the tab, the focus, and how far each list was scrolled."""
        self.search.setText(other.search.text())
        self.tabs.setCurrentIndex(other.tabs.currentIndex())
        for sheet, before in ((self.mine, other.mine), (self.vaults, other.vaults)):
            sheet.stand_as(before)

    def _make(self) -> None:
        self.heading = parts.label(tr("Settings"), "heading")
        self._place = ElidedLabel("muted")
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search settings and keys"))
        self.search.setAccessibleName(tr("Search settings and keys"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedWidth(34 * GRID)
        self.search.textChanged.connect(self._filter)
        rows = [row for row in settings.options() if row.name != KEYS]
        self.mine = Sheet(rows, tr("Default"))
        self.vaults = Sheet([row for row in rows if row.about.per_vault], tr("As for me"))
        self.keys = KeySheet()
        self.keys.chosen.connect(self._choose_keys)
        self.tabs = QTabWidget()
        self.tabs.addTab(self.mine, "")
        self.tabs.addTab(self.vaults, "")
        self.tabs.addTab(self.keys, "")
        for sheet, choose in (
            (self.mine, self._preferences.choose),
            (self.vaults, self._preferences.choose_for_vault),
        ):
            for line in sheet.lines:
                write: Callable[[Value | None], None] = partial(_write, choose, line)
                line.chosen.connect(write)
                line.given_back.connect(partial(write, None))
        self._preferences.changed.connect(self._show)
        self._lay_out()
        self._filter()

    def _lay_out(self) -> None:
        words = parts.boxed(parts.column(self.heading, self._place, space=4))
        head = parts.column(head_row(words, self.search), margin=2 * GRID)
        layout = parts.column(parts.boxed(head), self.tabs, space=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def _filter(self) -> None:
        words = self.search.text().casefold().split()
        counts = (self.mine.search(words), self.vaults.search(words), self.keys.search(words))
        for number, title in enumerate((tr("For &me"), tr("For this va&ult"), tr("&Keyboard"))):
            self.tabs.setTabText(number, f"{title} ({counts[number]})" if words else title)
        found = plural("{n} is found", "{n} are found", sum(counts)) if words else ""
        self.search.setAccessibleDescription(found)

    def _show(self, _: object = None) -> None:
        open_ = self._desk.session.is_open
        self._place.show_text(
            tr("Kept in {path}, and in the vault what is its own.", path=places.shown(config_path()))
        )
        self.tabs.setTabEnabled(1, open_)
        self.tabs.setTabToolTip(1, "" if open_ else tr("Unlock a vault to choose for it."))
        for line in self.mine.lines:
            line.show_standing(self._of_mine(line.row))
        for line in self.vaults.lines:
            line.show_standing(self._of_vault(line.row))
        fixed = KEYS in self._preferences.layers.environment
        self.keys.show_setting(self._desk.settings.shortcuts, _by_environment(KEYS) if fixed else "")

    def _of_mine(self, row: Option) -> Standing:
        layers = self._preferences.layers
        source = layers.of_vault({}).source(row.name)
        value = self._preferences.user._asdict()[row.name]
        if source is Source.ENVIRONMENT:
            return Standing(value, _by_environment(row.name), own=False, fixed=True)
        origin = tr("default") if source is Source.DEFAULT else tr("chosen by you")
        if row.name in layers.vault:
            own = settings.written(layers.vault[row.name])
            origin = tr("{origin}; this vault has {value} of its own", origin=origin, value=own)
        return Standing(value, origin, own=source is Source.FILE)

    def _of_vault(self, row: Option) -> Standing:
        source = self._preferences.layers.source(row.name)
        value = self._desk.settings._asdict()[row.name]
        if source is Source.ENVIRONMENT:
            return Standing(value, _by_environment(row.name), own=False, fixed=True)
        origin = tr("of this vault") if source is Source.VAULT else tr("as for me")
        return Standing(value, origin, own=source is Source.VAULT)

    def _choose_keys(self, setting: str) -> None:
        def fail(error: Exception) -> None:
            self.keys.tell(wording.in_window(error)[0], "danger")

        self._preferences.choose(KEYS, setting or None, fail)


def _by_environment(name: str) -> str:
    return tr("set by the variable {name}", name=ENVIRONMENT_PREFIX + name.upper())


def _write(
    choose: Callable[[str, Value | None, Callable[[Exception], None]], None],
    line: SettingLine,
    value: Value | None = None,
) -> None:
    choose(line.row.name, value, line.fail)
