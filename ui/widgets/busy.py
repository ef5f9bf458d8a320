"""What a form shows while its work runs elsewhere: that it runs, and what of."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

from app.language import tr
from ui.theme import GRID
from ui.widgets import parts


class Busy(QWidget):
    """A bar without an end and a sentence."""

    def __init__(self, *, keeps_place: bool = False) -> None:
        """Not busy; `keeps_place`: nothing moves when it begins."""
        super().__init__()
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
        self._bar.setRange(0, 0)
        self._said.setText(what)
        self.setAccessibleName(what)
        self.show()

    def advance(self, done: int, total: int) -> None:
        """Show how far it is; `total` 0: nobody knows."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def say(self, what: str) -> None:
        """Say what is going on by now."""
        self._said.setText(what)
        self.setAccessibleName(what)

    def end(self) -> None:
        """Show nothing."""
        self._bar.setRange(0, 1)
        self.hide()
