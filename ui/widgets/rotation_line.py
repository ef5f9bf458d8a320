"""How the entry that is shown rotates, in a line: target, next date, last run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from app import display
from app.language import tr
from app.rotation import words
from app.rotation.words import Outcome
from ui.look import icons
from ui.look.theme import GRID
from ui.models import rotation as models
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon, QPixmap

    from ui.work.rotation import Standing

PICTURE = 18


class RotationLine(QWidget):
    """Not there for an entry that does not rotate."""

    rotate_wanted = Signal()
    run_wanted = Signal(int)  # the run's id

    def __init__(self) -> None:
        """Hidden."""
        super().__init__()
        self._standing: Standing | None = None
        self._picture = QLabel()
        self._said = parts.label(wrap=True)
        self.rotate = parts.button(tr("Rotate now"), tone="flat", clicked=self.rotate_wanted.emit)
        self.show_run = parts.button(tr("Show the run"), tone="flat", clicked=self._show_run)
        row = parts.row(self._picture, self._said, self.rotate, self.show_run, space=GRID)
        row.setStretch(1, 1)
        self.setLayout(row)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; "" while it is hidden."""
        return "" if self.isHidden() else self._said.text()

    def show_standing(self, standing: Standing | None) -> None:
        """Show how an entry rotates; nothing for None."""
        self._standing = standing
        self.setVisible(standing is not None)
        if standing is None:
            self._said.clear()
            return
        name, ink = ("rotate", "muted")
        if standing.last is not None:
            name, ink = models.LOOKS[words.outcome(standing.last)]
        icons.wear(self, name, ink)
        said = [tr("Rotates: {target}", target=display.printable(standing.rotation.target))]
        if standing.window is not None:
            said.append(tr("next {moment}", moment=display.moment(standing.window.start)))
        said.append(tr("last {last_words}", last_words=models.last_words(standing)))
        self._said.setText(" · ".join(said))
        is_open = standing.last is not None and standing.last.ended_at is None
        stopped = standing.last is not None and words.outcome(standing.last) is Outcome.STOPPED
        parts.retone(self._said, "danger" if stopped else "muted")
        self.rotate.setVisible(not is_open)
        self.show_run.setVisible(is_open)

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon of the last outcome; called again when the theme changes."""
        self._picture.setPixmap(icon.pixmap(PICTURE, PICTURE) if hasattr(icon, "pixmap") else icon)

    def _show_run(self) -> None:
        if self._standing is not None and self._standing.last is not None:
            self.run_wanted.emit(self._standing.last.id)
