"""What the window has of AWS: the pages of remotes, sync and keys, and what their buttons do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import wording
from app.errors import AwsError, AwsOffline
from app.language import tr
from app.sync import status
from ui.bridge import Newest
from ui.deeds.mfa import CodeAsker
from ui.dialogs.confirm import Confirm
from ui.dialogs.connection_test import ConnectionTestBox
from ui.dialogs.key_policy import KeyPolicyBox
from ui.dialogs.remote import RemoteBox
from ui.dialogs.undelete import UndeleteBox
from ui.models.remotes import Trouble, standings
from ui.views.keys import KeysPage
from ui.views.remotes import RemotesPage
from ui.views.sync import SyncPage
from ui.work import sync as sync_work

if TYPE_CHECKING:
    from app.sync.status import Waiting
    from ui.desk import Desk
    from ui.main_window import MainWindow
    from vault.paths import ParameterPath
    from vault.records import Remote


class Cloud(QObject):
    """Keeps the three pages and the sidebar's remotes up to date with each other."""

    stood = Signal(object)  # Sequence[Standing]: how the remotes stand by now
    entries_changed = Signal()

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        """Boxes stand over `window`."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self._troubles: dict[int, Trouble] = {}  # by remote
        self._waiting: list[Waiting] = []
        self._newest = Newest(desk.runner, lambda: None, self)
        self.asker = CodeAsker(window, lambda: desk.session.epoch)
        desk.session.ask_mfa = self.asker
        self.remotes, self.sync, self.keys = RemotesPage(desk), SyncPage(desk), KeysPage(desk)
        self.pages: dict[str, RemotesPage | SyncPage | KeysPage] = {
            "remotes": self.remotes,
            "sync": self.sync,
            "keys": self.keys,
        }
        window.sidebar.remote_chosen.connect(self.show_remote)
        window.entries.detail.drift.sync_wanted.connect(self.show_remote)
        self.stood.connect(window.sidebar.remotes.show_standings)
        self.remotes.wanted.connect(self.refresh)
        self.remotes.add_wanted.connect(self.add)
        self.remotes.change_wanted.connect(self.change)
        self.remotes.test_wanted.connect(self.test)
        self.remotes.remove_wanted.connect(self.remove)
        self.remotes.sync_wanted.connect(self.show_remote)
        self.sync.add_wanted.connect(self.add)
        self.sync.reached.connect(self._reached)
        self.sync.turned.connect(lambda name: window.sidebar.show_place(window.page, name))
        self.keys.policy_wanted.connect(self.key_policy)

    def refresh(self) -> None:
        """Read again how the remotes stand; no network."""
        if self._desk.session.is_open:
            vault = self._desk.session.vault
            self._newest.ask(lambda steps: status.waiting(vault, steps), self._take)

    def clear(self) -> None:
        """Forget every name and value; on lock."""
        self._newest.forget()
        self._troubles, self._waiting = {}, []

    def show_remote(self, name: str) -> None:
        """Show the plan of a remote."""
        self.sync.show_remote(name)
        self._window.show_page("sync")

    def add(self, folder: ParameterPath | None = None) -> None:
        """Name a place in AWS as the counterpart of a folder."""
        box = RemoteBox(self._window, self._desk, folder or self._window.sidebar.folder)
        box.saved.connect(self._added)
        box.open()

    def change(self, remote: Remote) -> None:
        """Change what a remote is."""
        box = RemoteBox(self._window, self._desk, remote.folder, remote)
        box.saved.connect(lambda changed: self._saved(tr("“{name}” is changed.", name=changed.name)))
        box.open()

    def remove(self, remote: Remote) -> None:
        """Forget a remote; entries stay on both sides."""

        def forget() -> None:
            self._desk.ask(
                self,
                lambda vault: vault.remotes.remove(remote.name),
                lambda _: self._saved(tr("“{name}” is forgotten.", name=remote.name)),
            )

        Confirm(
            self._window,
            tr("Forget “{name}”?", name=remote.name),
            tr(
                "Entries stay as they are, here and there. What both agreed on last is forgotten: if "
                "you add it again, what differs by then will be a conflict."
            ),
            tr("&Forget"),
            forget,
        ).open()

    def test(self, remote: Remote) -> None:
        """See who signs in there, and what is permitted."""
        box = ConnectionTestBox(self._window, self._desk, remote)
        box.reached.connect(lambda error: self._reached(remote, error))
        box.open()

    def key_policy(self, folder: ParameterPath) -> None:
        """Ask which keys wrap a folder's values."""
        box = KeyPolicyBox(self._window, self._desk, folder)
        box.changed.connect(self._keys_changed)
        box.open()

    def undelete(self, folder: ParameterPath) -> None:
        """List what is gone at a folder's remotes and still here, to plan it again."""
        box = UndeleteBox(self._window, self._desk, folder)
        box.planned.connect(self._planned_again)
        box.open()

    def _take(self, waiting: list[Waiting]) -> None:
        self._waiting = waiting
        known = {each.remote.id for each in waiting}
        self._troubles = {number: one for number, one in self._troubles.items() if number in known}
        self._show()

    def _show(self) -> None:
        found = standings(self._waiting, self._troubles)
        self.remotes.show_standings(found)
        self.stood.emit(found)

    def _reached(self, remote: Remote, error: Exception | None) -> None:
        """Note since when a remote was not reached, or that it was."""
        if isinstance(error, AwsError):
            since = self._troubles[remote.id].since if remote.id in self._troubles else datetime.now(UTC)
            offline = isinstance(error, AwsOffline)
            self._troubles[remote.id] = Trouble(since, *wording.in_window(error), offline)
        elif error is None:
            self._troubles.pop(remote.id, None)
        self._show()

    def _added(self, remote: Remote) -> None:
        self._saved("")
        self.show_remote(remote.name)

    def _saved(self, told: str) -> None:
        if told:
            self._window.banner.tell(told, tone="good")
        self.refresh()
        self.sync.begin()

    def _planned_again(self, name: str, count: int) -> None:
        if self.sync.view.shows_outcomes and not self.sync.is_busy:
            self.sync.view.clear()
        self.show_remote(name)
        self._window.banner.tell(*sync_work.again_words(count), "good")
        self.entries_changed.emit()

    def _keys_changed(self, told: str) -> None:
        if told:
            self._window.banner.tell(told, tone="good")
        self.keys.begin()
        self.entries_changed.emit()
