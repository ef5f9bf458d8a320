"""What an empty page says: what would stand here, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from ui.look import icons
from ui.look.theme import GRID
from ui.widgets import parts

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon, QPixmap
    from PySide6.QtWidgets import QPushButton

SIZE = 48


class EmptyState(QWidget):
    """An icon, a sentence, a hint and the buttons that lead on, in the middle of the page."""

    def __init__(self, icon: str, sentence: str, hint: str, *buttons: QPushButton) -> None:
        """Lay it out."""
        super().__init__()
        self._picture = QLabel()
        icons.wear(self, icon, "muted")
        self._sentence = parts.label(sentence, "heading", wrap=True)
        self._hint = parts.label(hint, "muted", wrap=True)
        for part in (self._picture, self._sentence, self._hint):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout = parts.column(None, self._picture, self._sentence, self._hint, margin=3 * GRID)
        if buttons:
            layout.addSpacing(GRID)
            layout.addLayout(parts.row(None, *buttons, None))
        layout.addStretch(1)
        self.setLayout(layout)
        self.tell(sentence, hint)

    def tell(self, sentence: str, hint: str) -> None:
        """Say something else."""
        self._sentence.setText(sentence)
        self._hint.setText(hint)
        self.setAccessibleName(sentence)
        self.setAccessibleDescription(hint)

    def setIcon(self, icon: QIcon | QPixmap) -> None:
        """Show the icon; called again when the theme changes."""
        self._picture.setPixmap(icon.pixmap(SIZE, SIZE) if hasattr(icon, "pixmap") else icon)
