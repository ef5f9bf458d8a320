"""A part of the sidebar under a caption that folds it away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from app.language import tr
from ui.look import icons
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

SMALL = QSize(12, 12)


class _Caption(QToolButton):
    """Enter folds as the space bar does; left and right as in a tree."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Fold or unfold."""
        key = event.key()
        other = Qt.Key.Key_Left if self.isChecked() else Qt.Key.Key_Right
        if key == other or key in parts.ENTER:
            self.click()
        else:
            super().keyPressEvent(event)


class Fold(QWidget):
    """A caption button with what is under it."""

    folded = Signal(bool)  # by hand

    def __init__(self, title: str, inner: QWidget) -> None:
        """Open."""
        super().__init__()
        self._title, self._inner = title, inner
        self.caption = _Caption()
        self.caption.setText(title.upper())
        self.caption.setProperty("caption", True)
        self.caption.setCheckable(True)
        self.caption.setChecked(True)
        self.caption.setIconSize(SMALL)
        self.caption.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.caption.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.caption.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.caption.clicked.connect(self._clicked)
        layout = parts.column(self.caption, inner, space=GRID // 2)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.fold(away=False)

    @property
    def is_folded(self) -> bool:
        """Whether only the caption is seen."""
        return not self.caption.isChecked()

    def fold(self, *, away: bool) -> None:
        """Fold away or open, without telling of it."""
        self.caption.setChecked(not away)
        self._inner.setVisible(not away)
        icons.wear(self.caption, "right" if away else "down", "muted")
        state = tr("folded") if away else tr("open")
        self.caption.setAccessibleName(f"{self._title}, {state}")

    def _clicked(self) -> None:
        self.fold(away=self.is_folded)
        self.folded.emit(self.is_folded)
