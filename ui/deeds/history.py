"""What the tab Versions wants, asked of the vault and given back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import history
from app.language import tr
from ui.dialogs.confirm import Confirm
from ui.dialogs.restore import RestoreBox
from ui.models.history import move_sentence
from vault.errors import Refused
from vault.labels import CURRENT
from vault.paths import Selector

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.desk import Desk
    from ui.views.versions_tab import VersionsTab
    from vault.records import Entry, Opened, Version
    from vault.vault import Vault


class HistoryWork(QObject):
    """Answers that come when another entry is shown are dropped."""

    changed = Signal()  # the entry was changed from here
    told = Signal(str)  # a sentence for the banner
    copied = Signal(object, str)  # Opened, what it is called: for the clipboard
    labels_wanted = Signal(object, object)  # entry, version

    def __init__(self, desk: Desk, tab: VersionsTab) -> None:
        """Serve `tab`."""
        super().__init__(tab)
        self._desk, self._tab = desk, tab
        self._entry: Entry | None = None
        self._versions: list[Version] = []
        self._chosen: tuple[int, list[int]] = (0, [])  # id of the entry shown last, numbers chosen there
        tab.reveal_wanted.connect(self._reveal)
        tab.copy_wanted.connect(self._copy)
        tab.compare_wanted.connect(self._compare)
        tab.restore_wanted.connect(self._restore)
        tab.move_wanted.connect(self._move)
        tab.labels_wanted.connect(self._labels)

    def show(self, entry: Entry, versions: list[Version], shown: list[Version]) -> None:
        """Have the history of an entry drawn.

        Args:
            entry: whose it is.
            versions: as the vault has them, oldest first.
            shown: the same with the labels that a person shall see.
        """
        self._entry, self._versions = entry, versions
        self._tab.show_versions(entry, shown)
        known, numbers = self._chosen
        if known == entry.id and numbers:
            self._tab.choose(*numbers)

    def clear(self) -> None:
        """Forget the entry; what was chosen is chosen again where the same one is read anew."""
        if self._entry is not None:
            self._chosen = (self._entry.id, self._tab.chosen())
        self._entry, self._versions = None, []
        self._tab.clear()

    def _ask(self, work: Callable[[Vault, Entry], object], done: Callable[..., object]) -> None:
        entry = self._entry
        if entry is None:
            return

        def answer(result: object) -> None:
            if self._entry is entry:
                done(result)

        self._desk.ask(self, lambda vault: work(vault, entry), answer)

    def _reveal(self, number: int) -> None:
        def show(opened: Opened) -> None:
            with opened.value:
                self._tab.show_value(opened.value)

        self._ask(lambda vault, entry: vault.values.open(Selector(entry.path, number=number)), show)

    def _copy(self, number: int) -> None:
        def copy(opened: Opened) -> None:
            with opened.value:
                self.copied.emit(opened, f"{opened.path}:{number}")

        self._ask(lambda vault, entry: vault.values.open(Selector(entry.path, number=number)), copy)

    def _compare(self, older: int, newer: int) -> None:
        self._ask(
            lambda vault, entry: history.compare_versions(
                vault, Selector(entry.path, number=older), Selector(entry.path, number=newer)
            ),
            lambda found: self._tab.show_comparison(found, older, newer),
        )

    def _restore(self, number: int) -> None:
        if self._entry is None:
            return
        box = RestoreBox(self._tab.window(), self._desk, self._entry, number)
        box.restored.connect(self._restored)
        box.open()

    def _restored(self, made: int, number: int) -> None:
        self._tab.choose()  # the new one then is
        self.told.emit(
            tr("Version {made} now holds the value of version {number}.", made=made, number=number)
        )
        self.changed.emit()

    def _labels(self, number: int) -> None:
        version = next((one for one in self._versions if one.number == number), None)
        if self._entry is not None and version is not None:
            self.labels_wanted.emit(self._entry, version)

    def _move(self, label: str, number: int) -> None:
        entry = self._entry
        if entry is None:
            return
        try:
            move = history.plan_move(entry.kind, self._versions, label, number)
        except Refused as error:
            self._desk.runner.failed.emit(error)
            return
        if label == CURRENT:
            follows = tr("Who asks for the secret is given version {number} from then on.", number=number)
            question = tr("{move}?", move=move_sentence(move))
            Confirm(
                self._tab.window(), question, follows, tr("&Move it"), lambda: self._moved(move), "primary"
            ).open()
        else:
            self._moved(move)

    def _moved(self, move: history.Move) -> None:
        label, number = move.asked.label, move.asked.target

        def done(_: object) -> None:
            self.told.emit(tr("{label} is on version {number}.", label=label, number=number))
            self.changed.emit()

        self._ask(lambda vault, entry: history.move_label(vault, entry, move.asked), done)
