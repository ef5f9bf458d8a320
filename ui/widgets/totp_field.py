"""The one-time code of now, with the ring that tells how long it holds. The seed is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from app import display
from app.language import tr
from ui.look import theme
from ui.look.theme import GRID
from ui.widgets import parts
from ui.widgets.countdown_ring import CountdownRing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.totp import Totp

SECOND = 1_000
POINTS = 18
TWO = 2  # codes that are shown at least: the one of now may be almost over


class TotpField(QWidget):
    """Hidden where there are no codes. It holds the seed while it is shown, and wipes it then."""

    copied = Signal(object)  # Secret: the code of now; the receiver wipes it

    def __init__(self, clock: Callable[[], datetime], seconds: Callable[[], int]) -> None:
        """Without codes.

        Args:
            clock: tells the time, UTC.
            seconds: tells how long codes are shown, but two of them at least; 0: until `clear`.
        """
        super().__init__()
        self._clock, self._seconds, self._left = clock, seconds, 0
        self._totp: Totp | None = None
        self._title = parts.label(tone="muted")
        self.code = parts.label()
        self.code.setFont(theme.monospace(POINTS))
        self.code.setAccessibleDescription(tr("One-time code"))
        self.ring = CountdownRing()
        copy = parts.button(tr("Cop&y the code"), "copy", clicked=self._copy)
        row = parts.row(self.ring, self.code, None, copy)
        self.setLayout(parts.column(self._title, parts.boxed(row), space=GRID // 2))
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND)
        self._timer.timeout.connect(self._tick)
        self.hide()

    def show_codes(self, totp: Totp | None) -> None:
        """Show the codes that `totp` makes, from now on; it is taken over. None: hide."""
        self.clear()
        if totp is None:
            return
        self._totp = totp
        self._left = max(self._seconds(), TWO * totp.period) if self._seconds() else -1
        whose = ", ".join(filter(None, (totp.issuer, totp.account)))
        said = (
            tr("One-time code of {whose}", whose=display.printable(whose)) if whose else tr("One-time code")
        )
        self._title.setText(said)
        self.show()
        self._tick()
        self._timer.start()

    def clear(self) -> None:
        """Wipe the seed, and hide."""
        self._timer.stop()
        if self._totp is not None:
            self._totp.seed.wipe()
        self._totp = None
        self.code.clear()
        self.hide()

    def _tick(self) -> None:
        if self._totp is None or self._left == 0:
            self.clear()
            return
        self._left -= 1
        now = self._clock()
        with self._totp.code(now) as code:
            digits = code.reveal_text()
        half = len(digits) // 2
        self.code.setText(f"{digits[:half]} {digits[half:]}")
        self.ring.show_left(self._totp.seconds_left(now), self._totp.period)

    def _copy(self) -> None:
        if self._totp is not None:
            self.copied.emit(self._totp.code(self._clock()))
