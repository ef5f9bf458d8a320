"""What a person chose, live: read from file, vault and environment, written at once, told to who listens."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, Signal

from app import settings_file
from app.errors import AppError
from app.session import Change
from app.settings_file import Layers
from app.settings_place import config_path
from vault.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.session import Session, SessionEvent
    from app.settings import Value
    from ui.bridge import Runner


class Preferences(QObject):
    """Keeps a session's settings up to date.

    Attributes:
        user: the settings without those of an open vault. What the program was started with stays, but for
            what the file says otherwise than before.
    """

    changed = Signal(object)  # Settings: those in force from now on, the open vault's own among them
    user_changed = Signal(object)  # Settings: `user`
    failed = Signal(Exception)  # the file cannot be used; what was in force stays
    mended = Signal()  # it can be used again

    _moved = Signal()

    def __init__(self, session: Session, runner: Runner) -> None:
        """Read file and environment, and watch the file; the settings of `session` stay as they are."""
        super().__init__()
        self.user = session.settings
        self._session, self._runner = session, runner
        self._guard = Lock()  # the session tells on the thread that opened or closed the vault
        self._layers = Layers({}, {}, {})
        self._is_broken = False
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self.read)
        self._watcher.directoryChanged.connect(self.read)
        with suppress(AppError):  # who started the program read them first, and told it
            self._layers = settings_file.layers()
        self._watch()
        self._moved.connect(lambda: self.changed.emit(session.settings), Qt.ConnectionType.QueuedConnection)
        session.subscribe(self._session_changed)

    @property
    def layers(self) -> Layers:
        """What each place says now."""
        return self._layers

    def read(self) -> None:
        """Read the file again; somebody may have written it."""
        self._watch()
        try:
            found = settings_file.layers()
        except AppError as error:
            self._is_broken = True
            self.failed.emit(error)
            return
        if self._is_broken:
            self._is_broken = False
            self.mended.emit()
        before, after = self._layers.of_vault({}).settings, found.settings._asdict()
        said = {name: value for name, value in after.items() if getattr(before, name) != value}
        with self._guard:
            self.user = self.user._replace(**said)
            own = self._layers.vault.items()
            self._take(found._replace(vault={name: one for name, one in own if found.allows(name, one)}))
        if said:
            self.user_changed.emit(self.user)

    def read_vault(self) -> None:
        """Read what the open vault chose itself again; another program may have written it."""
        if self._session.is_open:
            vault = self._session.vault
            self._runner.run(self, vault.preferences.all, self._take_vault, lambda _: None)

    def choose(self, name: str, value: Value | None, failed: Callable[[Exception], None]) -> None:
        """Write a setting into the file; None takes it out.

        Args:
            name: of the setting.
            value: what it shall be.
            failed: told why nothing was written.
        """
        try:
            settings_file.save({name: value})
        except (AppError, OSError) as error:
            failed(error)
            return
        self.read()

    def choose_for_vault(self, name: str, value: Value | None, failed: Callable[[Exception], None]) -> None:
        """Write a setting into the open vault; None takes it out. Arguments as of `choose`."""
        try:
            change = settings_file.in_vault(name, value, self._layers)
        except AppError as error:
            failed(error)
            return
        vault = self._session.vault

        def work() -> dict[str, str]:
            vault.preferences.set(change)
            return vault.preferences.all()

        self._runner.run(self, work, self._take_vault, failed)

    def _session_changed(self, event: SessionEvent) -> None:
        """Lay the vault's own choices over before anybody acts on the unlock; take them off after a lock."""
        own: dict[str, str] = {}
        if event.change is Change.UNLOCKED:
            with suppress(VaultError):
                own = self._session.vault.preferences.all()
        self._take_vault(own)

    def _take_vault(self, preferences: dict[str, str]) -> None:
        with self._guard:
            self._take(self._layers.of_vault(preferences))

    def _take(self, found: Layers) -> None:
        if found == self._layers:
            return
        self._layers = found
        own = {name: value for name, value in found.vault.items() if name not in found.environment}
        self._session.settings = self.user._replace(**own)  # type: ignore[arg-type]  # each was checked
        self._moved.emit()

    def _watch(self) -> None:
        """Watch the file and its folder, or the nearest folder above that is there."""
        path = config_path()
        folder = os.path.dirname(path)
        while folder and not os.path.isdir(folder) and folder != os.path.dirname(folder):
            folder = os.path.dirname(folder)
        watched = {*self._watcher.files(), *self._watcher.directories()}
        missing = [place for place in (path, folder) if os.path.exists(place) and place not in watched]
        if missing:
            self._watcher.addPaths(missing)
