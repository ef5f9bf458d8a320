"""A line that names a file, with a button that chooses one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.language import tr
from ui.desktop import places
from ui.widgets import parts
from ui.widgets.file_dialog import FileDialog, Wanted


class FileLine(QWidget):
    """The path of a file or folder, typed or chosen."""

    changed = Signal()
    chosen = Signal(str)  # the path, from the box for choosing

    def __init__(
        self, name: str, placeholder: str = "", *, saving: bool = False, folder: bool = False
    ) -> None:
        """Empty.

        Args:
            name: what a screen reader and the box for choosing call it.
            placeholder: shown while it is empty.
            saving: a new file may be named.
            folder: an existing folder is chosen instead of a file.
        """
        super().__init__()
        self._name, self._saving, self._folder = name, saving, folder
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.setPlaceholderText(placeholder)
        self.line.textChanged.connect(self.changed)
        choose = parts.button(tr("Choose…"), clicked=self._choose)
        choose.setAccessibleName(tr("Choose: {name}", name=name))
        layout = parts.row(self.line, choose)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.line)
        self.setAccessibleName(name)

    @property
    def path(self) -> str:
        """What is named, without blanks around it."""
        return self.line.text().strip()

    def _choose(self) -> None:
        wanted = Wanted.FOLDER if self._folder else Wanted.NEW if self._saving else Wanted.FILE
        box = FileDialog(self, self._name, self.path or places.home(), wanted)
        box.chosen.connect(self.line.setText)
        box.chosen.connect(self.chosen)
        box.open()
