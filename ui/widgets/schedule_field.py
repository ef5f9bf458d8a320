"""When an entry rotates, in AWS's terms; checked while it is typed, with the next three dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QSpinBox, QWidget

from app import display
from app.language import marked, told, tr
from app.rotation import schedule
from ui.widgets import parts
from vault.errors import Refused
from vault.records import RotationRules

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

ASKED, DAYS, EXPRESSION = range(3)
CHOICES = (marked("Only when asked"), marked("Every so many days"), marked("By an AWS schedule expression"))
SHOWN = 3  # dates
DEFAULT_DAYS = 30
EXAMPLE = marked("rate(10 days) or cron(0 3 ? * SUN *)")


class ScheduleField(QWidget):
    """AWS's RotationRules."""

    changed = Signal()

    def __init__(self, rules: RotationRules, clock: Callable[[], datetime]) -> None:
        """Begin with `rules`; dates are counted from the `clock`."""
        super().__init__()
        self._clock = clock
        self._valid = True
        self.choice = QComboBox()
        self.choice.addItems([tr(choice) for choice in CHOICES])
        self.days = QSpinBox()
        self.days.setRange(1, schedule.MAX_AFTER_DAYS)
        self.days.setValue(rules.after_days or DEFAULT_DAYS)
        self.days.setSuffix(tr(" days after the last rotation"))
        self.expression = QLineEdit(rules.schedule or "")
        self.expression.setPlaceholderText(tr(EXAMPLE))
        self.expression.setMaxLength(schedule.MAX_EXPRESSION)
        self.duration = QLineEdit(rules.duration or "")
        self.duration.setPlaceholderText(tr("Length of the window, such as 3h; AWS's own if empty"))
        self.said = parts.label(wrap=True)
        self.said.setAccessibleDescription(tr("The next dates"))
        self._form = parts.form(
            (tr("&When:"), self.choice), (tr("Da&ys:"), self.days), (tr("E&xpression:"), self.expression),
            (tr("&Duration:"), self.duration),
        )  # fmt: skip
        self.setLayout(parts.column(parts.boxed(self._form), self.said))
        kind = EXPRESSION if rules.schedule else DAYS if rules.after_days else ASKED
        self.choice.setCurrentIndex(kind)
        self.choice.currentIndexChanged.connect(self._check)
        self.days.valueChanged.connect(self._check)
        for line in (self.expression, self.duration):
            line.textChanged.connect(self._check)
        self._check()

    @property
    def rules(self) -> RotationRules:
        """What was said, checked or not."""
        kind = self.choice.currentIndex()
        if kind == ASKED:
            return RotationRules()
        duration = self.duration.text().strip() or None
        if kind == DAYS:
            return RotationRules(after_days=self.days.value(), duration=duration)
        return RotationRules(schedule=self.expression.text().strip(), duration=duration)

    @property
    def is_valid(self) -> bool:
        """Whether AWS would take it."""
        return self._valid

    def _check(self) -> None:
        kind = self.choice.currentIndex()
        self._form.setRowVisible(self.days, kind == DAYS)
        self._form.setRowVisible(self.expression, kind == EXPRESSION)
        self._form.setRowVisible(self.duration, kind != ASKED)
        rules = self.rules
        if kind == EXPRESSION and not rules.schedule:
            self._say(tr("✗ Give an expression such as {example}.", example=tr(EXAMPLE)), "danger")
        else:
            try:
                self._say(self._dates(rules), "muted")
            except Refused as error:
                self._say(f"✗ {told(error.message)}", "danger")
        self.changed.emit()

    def _say(self, text: str, tone: str) -> None:
        self._valid = tone != "danger"
        parts.retone(self.said, tone)
        self.said.setText(text)
        for field in (self.choice, self.days, self.expression, self.duration):
            field.setAccessibleDescription(text)  # heard where the focus is

    def _dates(self, rules: RotationRules) -> str:
        """The next openings of its window, in the user's zone.

        Raises:
            Refused: AWS would not take the rules.
        """
        found: list[schedule.Window] = []
        since = self._clock()
        while len(found) < SHOWN and (window := schedule.following(rules, since)) is not None:
            found.append(window)
            since = window.start
        if not found:
            return tr("✓ It rotates when you say so.")
        length = display.span(found[0].end - found[0].start)
        dates = ", ".join(display.moment(window.start) for window in found)
        return tr("✓ Next: {dates}; each window is open for {length}.", dates=dates, length=length)
