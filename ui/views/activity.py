"""The audit log, newest first, a page at a time, with filters, a bar for each day, export and the check."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QComboBox

from app.activity import begins, by_day
from app.language import grouped, plural, told, tr
from ui.dialogs.export_log import ExportLogBox
from ui.look.theme import GRID
from ui.models import columns
from ui.views.register import RegisterPage
from ui.widgets import parts
from ui.widgets.day_bars import DayBars
from ui.widgets.empty_state import EmptyState
from ui.widgets.event_filter import EventFilterBar
from ui.widgets.under_way_bar import UnderWayBar
from vault.errors import Cancelled
from vault.records import AuditEvent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ui.bridge import Cancel
    from ui.desk import Desk
    from vault.audit import Verdict

PAGE = 200  # events that are read at a time
CHARTS = (30, 90)  # days that are drawn


class ActivityPage(RegisterPage[AuditEvent]):
    """Every opening of a value is here, and everything else that was done."""

    def __init__(self, desk: Desk) -> None:
        """Without rows."""
        hint = tr(
            "Every value opened, every change, every unlock. The log is chained: a change to it is detected."
        )
        self._empty = EmptyState("activity", "", "")
        super().__init__(desk, tr("Activity"), hint, columns.ACTIVITY, self._empty)
        self._day: date | None = None  # the bar that is chosen
        self._counting: Cancel | None = None
        self.model.more_wanted.connect(self._read_more)
        self.filters = EventFilterBar()
        self.filters.changed.connect(self._filter)
        self.bars = DayBars()
        self.bars.chosen.connect(self._day_chosen)
        self.chart = QComboBox()
        parts.call(self.chart, tr("Days that are drawn"))
        for days in CHARTS:
            self.chart.addItem(plural("Chart: {n} day", "Chart: {n} days", days), days)
        self.chart.activated.connect(self._count)
        self.export = parts.button(tr("Ex&port…"), "export", clicked=self._export)
        self.verify = parts.button(tr("Verify the &log"), "check", clicked=self._verify)
        self.verifying = UnderWayBar(desk, tr("Stop the check"))
        under = parts.column(self.verifying, self.bars, self.filters, space=GRID)
        self.lay_out(self.chart, self.export, self.verify, under=(parts.boxed(under),))
        self._tell_empty()

    def begin(self) -> None:
        """Read the newest events."""
        self.tell("")
        self._read()
        self._count()

    def clear(self) -> None:
        """Forget every event, and what was looked for; on lock."""
        super().clear()
        self._day = None
        self.filters.clear()
        self.bars.clear()
        self.verifying.clear()
        self.verify.setEnabled(True)

    def _read(self) -> None:
        chosen = self.filters.chosen(self._day)
        self.read(lambda vault: vault.audit.events(0, PAGE, newest_first=True, chosen=chosen), self._take)

    def _take(self, page: Sequence[AuditEvent]) -> None:
        self._tell_empty()
        self.show_rows(page, more=len(page) == PAGE)

    def _read_more(self) -> None:
        last, chosen = self.model.records[-1].seq, self.filters.chosen(self._day)
        if last > 1:
            self.read(
                lambda vault: vault.audit.events(last, PAGE, newest_first=True, chosen=chosen),
                lambda page: self.model.append(page, more=len(page) == PAGE),
            )

    def _count(self) -> None:
        """Count the events of each day that the filters but that of time let through."""
        if self._counting is not None:
            self._counting.ask()
        now, days = QDate.currentDate(), self.chart.currentData()
        last = date(now.year(), now.month(), now.day())
        chosen = self.filters.at_any_time()._replace(since=begins(last - timedelta(days=days - 1)))

        def take(tally: dict[datetime, int]) -> None:
            self.bars.show_bars(by_day(tally, last, days))

        self._counting = self.desk.ask(self, lambda vault: vault.audit.tally(chosen), take)

    def _filter(self) -> None:
        """Something else is asked for: a chosen day gives way to the time span."""
        if not self.desk.session.is_open:
            return
        self._day = None
        self.bars.mark(-1)
        self.begin()

    def _day_chosen(self, day: date | None) -> None:
        self._day = day
        self.tell(tr("Only {day}. Press it again for all days.", day=day.isoformat()) if day else "")
        self._read()

    def _tell_empty(self) -> None:
        if self._day is not None or self.filters.is_narrow:
            self._empty.tell(tr("Nothing is found"), tr("No event fits the filters."))
        else:
            self._empty.tell(
                tr("Nothing happened yet"), tr("Whatever is done with the vault is written down here.")
            )

    def _export(self) -> None:
        narrow = self._day is not None or self.filters.is_narrow
        box = ExportLogBox(self.window(), self.desk, self.filters.chosen(self._day), narrow=narrow)
        box.exported.connect(
            lambda told: self.told.emit(told, tr("It holds paths. Delete it when it has served."), "good")
        )
        box.open()

    def _verify(self) -> None:
        self.tell("")
        self.verify.setEnabled(False)
        self.verifying.run(
            tr("Verifying every link…"),
            lambda vault, steps: vault.audit.verify(steps),
            self._verified,
            self._failed,
        )

    def _verified(self, verdict: Verdict) -> None:
        self.verify.setEnabled(True)
        if verdict.broken_at is None:
            said = plural(
                "✓ {n} event holds: nobody has changed the log.",
                "✓ All {n} events hold: nobody has changed the log.",
                verdict.held,
            )
            self.tell(said, "good")
        else:
            at, why = grouped(verdict.broken_at), told(verdict.reason)
            self.tell(tr("✗ The log is broken at event {at}: {why}.", at=at, why=why), "danger")

    def _failed(self, error: Exception) -> None:
        self.verify.setEnabled(True)
        if isinstance(error, Cancelled):
            self.tell(tr("The check of the log was stopped."), "warning")
        else:
            self.desk.runner.failed.emit(error)
