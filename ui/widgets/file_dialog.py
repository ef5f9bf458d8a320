"""The dialog that asks for a file or a folder: a lock closes it, and what it says later is dropped."""

from __future__ import annotations

import os
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog

from ui.widgets.lock_key import hear_lock

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Wanted(Enum):
    """What is asked for."""

    FILE = QFileDialog.FileMode.ExistingFile
    FOLDER = QFileDialog.FileMode.Directory
    NEW = QFileDialog.FileMode.AnyFile  # to be written; one that is there is replaced after a question


class FileDialog(QFileDialog):
    """Open it with `open`. It goes for good when it closes, with every name in it.

    The key that locks is heard in Qt's own dialog. In the system's it is the system that has the keyboard:
    there the vault locks by its time, with the screen and by the tray.
    """

    chosen = Signal(str)  # a path

    def __init__(self, parent: QWidget, title: str, place: str, wanted: Wanted) -> None:
        """Begin at `place`: a folder, or a file in it that is suggested."""
        super().__init__(parent, title, os.path.expanduser(place))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFileMode(wanted.value)
        if wanted is Wanted.NEW:
            self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        hear_lock(self, parent)
        self._turned_away = False
        self.fileSelected.connect(self._give)

    def reject(self) -> None:
        """Somebody turns away from it, or the vault is locked."""
        self._turned_away = True
        super().reject()

    def _give(self, path: str) -> None:
        if not self._turned_away:
            self.chosen.emit(path)
