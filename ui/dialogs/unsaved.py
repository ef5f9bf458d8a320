"""A box that somebody types into at length: what is typed is not thrown away by a key that was hit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

from app.language import tr
from ui.dialogs.box import Box
from ui.dialogs.confirm import Confirm

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QKeyEvent


class UnsavedBox(Box):
    """Asks before it is left with something unsaved; a lock, which rejects it, does not ask."""

    @property
    def unsaved(self) -> bool:
        """Whether something would be lost."""
        raise NotImplementedError

    def leave(self) -> None:
        """Close it, after a question where something would be lost."""
        if self.busy.isVisible() or not self.unsaved:
            self.reject()
            return
        title, follows = tr("Throw away what was typed?"), tr("Nothing of it is stored yet.")
        question = Confirm(self, title, follows, tr("&Throw away"), self.reject)
        question.open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves it."""
        if event.matches(QKeySequence.StandardKey.Cancel):
            self.leave()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """So does the button of its frame."""
        self.leave()
        event.setAccepted(not self.isVisible())
