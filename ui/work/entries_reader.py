"""Asks for the list of entries, and for the records of its rows that somebody looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ui.bridge import Newest
from ui.work import entries as entries_work

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.desk import Desk
    from ui.models.entry_list import EntryList
    from ui.work.entries import Listing, Question
    from vault.records import Entry


class EntriesReader(QObject):
    """Of lists asked for in quick succession the newest is read; of records one lot at a time.

    Attributes:
        following: the path that is to be chosen in the list that is on its way; "" for none.
    """

    def __init__(self, desk: Desk, model: EntryList, parent: QObject) -> None:
        """Give `model` the records that it wants."""
        super().__init__(parent)
        self._desk, self._model = desk, model
        self._loading, self.following = False, ""
        self._newest = Newest(desk.runner, self._interrupt, self)
        model.wanted.connect(self._load)

    def ask(
        self, question: Question, done: Callable[[Question, Listing], None], *, ahead: bool = False
    ) -> None:
        """Read a list, unless another is asked for first; `ahead` as in `Runner.run`."""
        vault, self.following = self._desk.session.vault, question.follow

        def answered(listing: Listing | None) -> None:
            if listing is None:  # a search elsewhere in the window has stopped it
                self.ask(question, done)
            else:
                self.following = ""
                done(question, listing)

        self._newest.ask(lambda steps: entries_work.read(vault, question, steps), answered, ahead=ahead)

    def forget(self) -> None:
        """Drop what is read; after the runner dropped its own."""
        self._loading, self.following = False, ""
        self._newest.forget()

    def _load(self, stretches: tuple[int, ...]) -> None:
        """Read missing records. What is missed meanwhile is told again, when the view is painted next."""
        if self._loading or not self._desk.session.is_open:
            return
        self._loading = True
        ids = self._model.ids
        wanted = {number: self._model.ids_of(number) for number in stretches}

        def loaded(read: dict[int, list[Entry]]) -> None:
            self._loading = False
            if ids is self._model.ids:
                for number, entries in read.items():
                    self._model.give(number, entries)
            self._model.missing.emit()

        def failed(error: Exception) -> None:
            self._loading = False
            self._desk.runner.failed.emit(error)

        self._desk.ask(
            self,
            lambda vault: {number: vault.entries.of_ids(each) for number, each in wanted.items()},
            loaded,
            failed,
        )

    def _interrupt(self) -> None:
        if self._desk.session.is_open:
            self._desk.session.vault.entries.interrupt()
