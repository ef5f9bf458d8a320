"""What the window remembers between runs: its geometry, and where vaults are. Nothing from inside one."""

from __future__ import annotations

import os

from PySide6.QtCore import QByteArray, QSettings

MOST = 8  # recent vaults


class Remembered:
    """A small INI file in the user's configuration folder."""

    def __init__(self, file: str | None = None) -> None:
        """Read `file`, or the user's own."""
        if file is None:
            scope, form = QSettings.Scope.UserScope, QSettings.Format.IniFormat
            self._store = QSettings(form, scope, "strongroom", "window")
        else:
            self._store = QSettings(file, QSettings.Format.IniFormat)

    @property
    def recent(self) -> list[str]:
        """Paths of vaults, the last used first; those that are gone are left out."""
        stored = self._store.value("recent", [])
        paths = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return [path for path in paths if isinstance(path, str) and os.path.exists(path)]

    def note(self, path: str) -> None:
        """Put a vault's path first among the recent ones."""
        path = os.path.abspath(path)
        self._store.setValue("recent", [path, *(old for old in self.recent if old != path)][:MOST])

    def forget(self, path: str) -> None:
        """Take a vault's path off the list; the vault stays where it is."""
        self._store.setValue("recent", [old for old in self.recent if old != path])

    def has_seen(self, what: str) -> bool:
        """Whether something that is shown once was shown, such as the tour."""
        return self._store.value(f"seen/{what}") is not None

    def note_seen(self, what: str) -> None:
        """Remember that it was."""
        self._store.setValue(f"seen/{what}", 1)

    def geometry(self, part: str) -> QByteArray:
        """The remembered geometry of a part of the window; empty at first."""
        stored = self._store.value(f"geometry/{part}")
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def keep_geometry(self, part: str, state: QByteArray) -> None:
        """Remember the geometry of a part of the window."""
        self._store.setValue(f"geometry/{part}", state)
        self._store.sync()  # the window closes: nothing is left to be written when the program ends
