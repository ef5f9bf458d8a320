"""The window that is measured: as a person has it, without a keyring, at rest."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from app.settings import Settings
from tests.benchmarks import filling
from ui.desktop.remembered import Remembered
from ui.program import Program

if TYPE_CHECKING:
    from ui.main_window import MainWindow

SETTINGS = Settings(keyring_anchor=False)


def standing(settings: Settings = SETTINGS) -> tuple[QApplication, MainWindow]:
    """A window on the screen; keep the application as long as it."""
    app = QApplication(["benchmark"])
    remembered = Remembered(os.path.join(filling.FOLDER, "window.ini"))
    remembered.note_seen("tour")
    program = Program(app, settings, remembered)
    window = program.new_window()
    window.resize(1280, 800)
    window.show()
    program.interpreter.begin()
    return app, window
