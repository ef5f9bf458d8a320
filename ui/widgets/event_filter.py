"""What narrows the audit log down: a text, a kind of event, who did it, and when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit, QWidget

from app.activity import TITLES, WHO, Group, begins, events_of, meant
from app.language import plural, tr
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.head_row import head_row
from vault.audit import EventFilter
from vault.records import Origin

if TYPE_CHECKING:
    from datetime import datetime

PAUSE_MILLISECONDS = 250  # of typing
ALL, FROM_TO = 0, -1
SPANS = (1, 7, 30, ALL, FROM_TO)  # days back, today included


class EventFilterBar(QWidget):
    """Tells when something else is asked for; text after a pause of typing."""

    changed = Signal()

    def __init__(self) -> None:
        """Asks for everything."""
        super().__init__()
        self.text = QLineEdit()
        self.text.setPlaceholderText(tr("Path or event"))
        self.text.setAccessibleName(tr("Text in the path or the event"))
        self.text.setClearButtonEnabled(True)
        self.kind = _choices(
            tr("Kind of event"), tr("Every event"), {group: TITLES[group] for group in Group}
        )
        self.who = _choices(tr("Who did it"), tr("By anyone"), WHO)
        self.span = QComboBox()
        parts.call(self.span, tr("Time span"))
        for days in SPANS:
            self.span.addItem(_span(days), days)
        self.span.setCurrentIndex(self.span.findData(ALL))
        today = QDate.currentDate()
        self.first, self.last = QDateEdit(today.addDays(-7)), QDateEdit(today)
        self._dates = parts.boxed(
            parts.row(parts.label(tr("From")), self.first, parts.label(tr("to")), self.last, None)
        )
        for field, name in ((self.first, tr("From this day")), (self.last, tr("To this day"))):
            field.setAccessibleName(name)
            field.setCalendarPopup(True)
            field.setDisplayFormat("yyyy-MM-dd")
            field.dateChanged.connect(lambda _: self.changed.emit())
        self._dates.hide()
        fields = head_row(self.text, self.kind, self.who, self.span)
        self.setLayout(parts.column(fields, self._dates, space=GRID))
        self._typed = QTimer(self)
        self._typed.setSingleShot(True)
        self._typed.setInterval(PAUSE_MILLISECONDS)
        self._typed.timeout.connect(self.changed)
        self.text.textChanged.connect(lambda _: self._typed.start())
        self.kind.activated.connect(lambda _: self.changed.emit())
        self.who.activated.connect(lambda _: self.changed.emit())
        self.span.activated.connect(self._span_chosen)

    def chosen(self, day: date | None = None) -> EventFilter:
        """What is asked for; with `day`, of that day instead of the time span."""
        since, until = (begins(day), begins(day + timedelta(days=1))) if day else self._times()
        return self.at_any_time()._replace(since=since, until=until)

    def at_any_time(self) -> EventFilter:
        """What is asked for, but for the time."""
        text, group, who = self.text.text(), self.kind.currentData(), self.who.currentData()
        return EventFilter(
            text,
            meant(text),
            None if group is None else events_of(Group(group)),
            None if who is None else (Origin(who),),
        )

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return self.chosen() != EventFilter()

    def clear(self) -> None:
        """Ask for everything, without telling of it."""
        self.blockSignals(True)
        self.text.setText("")  # unlike `clear`, it leaves nothing to undo
        self._typed.stop()
        self.kind.setCurrentIndex(0)
        self.who.setCurrentIndex(0)
        self.span.setCurrentIndex(self.span.findData(ALL))
        self._dates.hide()
        self.blockSignals(False)

    def _times(self) -> tuple[datetime | None, datetime | None]:
        days = self.span.currentData()
        if days == ALL:
            return None, None
        if days == FROM_TO:
            first, last = sorted((_day(self.first), _day(self.last)))
            return begins(first), begins(last + timedelta(days=1))
        return begins(_day(QDate.currentDate()) - timedelta(days=days - 1)), None

    def _span_chosen(self) -> None:
        self._dates.setVisible(self.span.currentData() == FROM_TO)
        self.changed.emit()


def _choices(name: str, everything: str, titles: dict[Group, str] | dict[Origin, str]) -> QComboBox:
    made = QComboBox()
    parts.call(made, name)
    made.addItem(everything, None)
    for key, title in titles.items():
        made.addItem(tr(title), key.value)
    return made


def _span(days: int) -> str:
    if days == ALL:
        return tr("Any time")
    if days == FROM_TO:
        return tr("From … to")
    return tr("Today") if days == 1 else plural("Last {n} day", "Last {n} days", days)


def _day(field: QDateEdit | QDate) -> date:
    at = field if isinstance(field, QDate) else field.date()
    return date(at.year(), at.month(), at.day())
