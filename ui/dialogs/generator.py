"""The generator over a dialog with a field to fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.language import tr
from ui.dialogs.box import Box
from ui.widgets import parts
from ui.widgets.generator import Generator

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.desk import Desk


class GeneratorBox(Box):
    """Makes values until one is used."""

    used = Signal(object)  # Secret; the receiver wipes it

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        """Over `parent`, whose field takes what is used."""
        super().__init__(parent, tr("Generate a value"), 480)
        self.generator = Generator(desk)
        self.add(self.generator)
        self.use = parts.button(tr("&Use this value"), "check", "primary", clicked=self._use)
        self.generator.made.connect(self.use.setEnabled)
        self.close_with(self.use)

    def forget(self) -> None:
        """Empty the value."""
        self.generator.forget()

    def _use(self) -> None:
        self.used.emit(self.generator.value())
        self.accept()
