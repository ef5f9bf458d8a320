"""What the policies say: a year of it drawn, and what is due soon as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtWidgets import QComboBox

from app import timeline
from app.language import plural, tr
from ui.look.theme import GRID
from ui.models import columns
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.empty_state import EmptyState
from ui.widgets.expiry_timeline import ExpiryTimeline
from ui.widgets.fold import Fold
from vault.expiring import Due

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.timeline import Day, Lane, Mark
    from ui.desk import Desk
    from vault.vault import Vault

DAYS = (7, 30, 90, 365)
PAGE = 500  # rows that are shown at a time


class Outlook(NamedTuple):
    """What is due."""

    now: datetime  # UTC
    lanes: tuple[Lane, ...]  # a year
    dues: Sequence[Due]  # a year, or further where that was asked for


class ExpiringPage(RegisterPage[Due]):
    """The earliest first; choosing one leads to its entry."""

    def __init__(self, desk: Desk) -> None:
        """Look as far ahead as the settings say."""
        hint = tr("Policies are set on an entry, or on a folder for everything below it.")
        empty = EmptyState(
            "clock",
            tr("Nothing expires soon"),
            tr("Set an Expiration policy on an entry to see it here in time."),
        )
        super().__init__(desk, tr("Expiring"), hint, columns.EXPIRING, empty)
        self._outlook: Outlook | None = None
        self._chosen: tuple[Mark, ...] = ()  # marks of the timeline that the table is narrowed to
        self._shown: Sequence[Due] = ()
        self.days = QComboBox()
        parts.call(self.days, tr("How far ahead"))
        self._near = 0  # days that the choices were made for
        self._offer(desk.settings.expiring_days)
        self.days.activated.connect(self._all)
        self.go = parts.button(tr("&Go to the entry"), "move", "primary", clicked=self._go)
        self.all = parts.button(tr("Show &all"), "entries", clicked=self._all)
        self.all.hide()
        self.model.more_wanted.connect(self._show_more)
        self.table.activated.connect(lambda _: self._go())
        self.timeline = ExpiryTimeline()
        self.timeline.chosen.connect(self._days_chosen)
        self.fold = Fold(tr("A year from today"), self.timeline)
        self.fold.setContentsMargins(0, 0, 0, GRID)
        self.lay_out(self.all, self.days, self.go, under=(self.fold,))
        self.chosen_changed()

    def begin(self) -> None:
        """Read what is due."""
        self._offer(self.desk.settings.expiring_days)
        days = max(timeline.YEAR, self.days.currentData())
        self.read(lambda vault: _outlook(vault, days), self._take)

    def clear(self) -> None:
        """Forget every name; on lock."""
        super().clear()
        self.timeline.clear()
        self._outlook, self._chosen, self._shown = None, (), ()
        self.all.hide()

    def chosen_changed(self) -> None:
        """The button needs an entry."""
        self.go.setEnabled(self.chosen is not None)

    def _offer(self, near: int) -> None:
        """Choices of how far ahead; `near` days are what the settings say, and chosen at first."""
        if near != self._near:
            self._near = near
            self.days.clear()
            for days in sorted({*DAYS, near}):
                self.days.addItem(plural("Within {n} day", "Within {n} days", days), days)
            self.days.setCurrentIndex(self.days.findData(near))

    def _take(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self.timeline.show_lanes(outlook.lanes, outlook.now)
        self._fill()

    def _fill(self) -> None:
        """Show what is due soon, or what the chosen marks stand for."""
        if self._outlook is None:
            return
        if self._chosen:
            marks = {(mark.at, mark.what, mark.path) for mark in self._chosen}
            found = [one for one in self._outlook.dues if (one.due, one.what, one.entry.path) in marks]
        else:
            until = self._outlook.now + timedelta(days=self.days.currentData())
            found = [one for one in self._outlook.dues if one.due <= until]
        self._shown = found
        self.all.setVisible(bool(self._chosen))
        self.show_rows(found[:PAGE], more=len(found) > PAGE)

    def _show_more(self) -> None:
        held = len(self.model.records)
        self.model.append(self._shown[held : held + PAGE], more=len(self._shown) > held + PAGE)

    def _days_chosen(self, days: tuple[Day, ...]) -> None:
        """What leads to one entry goes there; several are listed."""
        marks = tuple(mark for day in days for mark in day.marks)
        if len({mark.path for mark in marks}) == 1:
            self.entry_wanted.emit(marks[0].path)
            return
        self._chosen = marks
        told = tr("Only what was chosen above: {counts}.", counts=timeline.counted(days))
        self.tell(told)
        self._fill()
        self.table.setFocus()

    def _all(self) -> None:
        self._chosen = ()
        self.tell("")
        self._fill()

    def _go(self) -> None:
        if self.chosen is not None:
            self.entry_wanted.emit(self.chosen.entry.path)


def _outlook(vault: Vault, days: int) -> Outlook:
    """Everything due within so many days, and the year as lanes."""
    now, dues = vault.now(), vault.expiring(timedelta(days=days))
    marks = timeline.marks_of(dues, vault.rotations.listed())
    return Outlook(now, timeline.lanes(marks, now), dues)
