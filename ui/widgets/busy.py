"""What a form shows while its work runs elsewhere: that it runs, and what of."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from app.language import plural, tr
from app.pace import Pace
from ui.look.theme import GRID
from ui.widgets import parts

SECONDS_OF_A_MINUTE = 60


class Busy(QWidget):
    """A bar without an end and a sentence."""

    def __init__(self, *, keeps_place: bool = False) -> None:
        """Not busy; `keeps_place`: nothing moves when it begins."""
        super().__init__()
        self._pace = Pace()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Working"))
        self._said = parts.label(tone="muted")
        self.setLayout(parts.column(self._bar, self._said, space=GRID // 2))
        policy = self.sizePolicy()
        policy.setRetainSizeWhenHidden(keeps_place)
        self.setSizePolicy(policy)
        self.hide()

    def begin(self, what: str) -> None:
        """Show that `what` is going on."""
        self._pace = Pace()
        self._bar.setRange(0, 0)
        self._said.setText(what)
        self.setAccessibleName(what)
        self.show()

    def advance(self, done: int, total: int) -> None:
        """Show how far it is; `total` 0: nobody knows."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def tell(self, what: str, done: int, total: int) -> None:
        """Show how far it is, and say what goes on and how long it will still take."""
        self.advance(done, total)
        self.say(f"{what} {self.estimate(done, total)}".rstrip())

    def estimate(self, done: int, total: int) -> str:
        """How long it will still take, in words; "" before there is a pace."""
        left = self._pace.seconds_left(done, total)
        if left is None:
            return ""
        if left < SECONDS_OF_A_MINUTE:
            return plural("about {n} second left", "about {n} seconds left", max(1, round(left)))
        return plural("about {n} minute left", "about {n} minutes left", round(left / SECONDS_OF_A_MINUTE))

    def say(self, what: str) -> None:
        """Say what is going on by now."""
        self._said.setText(what)
        self.setAccessibleName(what)

    def end(self) -> None:
        """Show nothing."""
        self._bar.setRange(0, 1)
        self.hide()
