"""The language of the window: our catalogue, Qt's own for its boxes and menus, and the names of months."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator

from app import language

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


class QtTexts:
    """Speaks one language at a time."""

    def __init__(self, app: QApplication) -> None:
        """English, as the program is written."""
        self._app = app
        self._translator: QTranslator | None = None

    def speak(self, name: str) -> None:
        """Speak `name`, a key of `app.language.LANGUAGES`; what is made from now on is in it."""
        language.use(name)
        if self._translator is not None:
            self._app.removeTranslator(self._translator)
        QLocale.setDefault(QLocale.system() if name == "en" else QLocale(name))
        self._translator = QTranslator(self._app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if name != "en" and self._translator.load(QLocale(name), "qtbase", "_", folder):
            self._app.installTranslator(self._translator)
