"""Opens and closes the vault for the window: everything slow on the pool, everything shown emptied at once.

On lock the order is: drop every answer, empty the clipboard, tell the window (which empties its widgets), and
only then wait elsewhere for the vault to close. A lock is never dropped: it has a runner of its own.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app import sample
from app.language import marked, tr
from app.session import Reason
from ui.bridge import Cancel, Reporter, Runner, Stoppable
from ui.work import ways_in
from vault.errors import Locked

if TYPE_CHECKING:
    from collections.abc import Callable

    from ui.desk import Desk

CHECK_MILLISECONDS = 1_000
NOTES = {
    Reason.IDLE: marked("Locked, because nobody was there for a while."),
    Reason.SUSPEND: marked("Locked, because the computer went to sleep."),
    Reason.SCREEN_LOCK: marked("Locked with the screen."),
}
SAMPLE_NOTE = marked("The sample vault opens with “{passphrase}”.")


class Keeper(QObject):
    """One session's door."""

    opened = Signal(str)  # the vault's path
    closed = Signal(str, str)  # the vault's path, why: a sentence or ""
    settled = Signal()  # what was closed is closed: its keys are gone
    refused = Signal(Exception)  # the vault was not opened or made
    checking = Signal(int, int)  # how many of how many values of a copy are checked, which is being opened
    keyring_refused = Signal(Exception)  # the vault was made, but is not in the keyring

    def __init__(self, desk: Desk, parent: QObject) -> None:
        """Locked."""
        super().__init__(parent)
        self._desk = desk
        self._closer = Runner(self)
        self._reporter = Reporter(self)
        self._reporter.progressed.connect(self._tell_checking)
        self._unlocking = Stoppable(self._reporter)
        self._opening = self._closing = False
        self._sample = ""  # the path of the sample vault, once it is made
        self._next: Callable[[], None] | None = None
        self.is_open = False
        self._timer = QTimer(self)
        self._timer.setInterval(CHECK_MILLISECONDS)
        self._timer.timeout.connect(self.lock_if_idle)

    @property
    def is_opening(self) -> bool:
        """Whether a vault is being opened or made, or waits for that."""
        return self._opening or self._next is not None

    @property
    def is_closing(self) -> bool:
        """Whether a vault that is shown no more is still being closed."""
        return self._closing

    def unlock(self, asked: ways_in.Unlocking) -> None:
        """Open a vault."""
        session = self._desk.session
        self._unlocking = begun = Stoppable(self._reporter)
        self._start(
            lambda: ways_in.unlock(session, asked, begun.steps),
            lambda vault: self._opened(vault.path),
            begun.dropped,
        )

    def stop(self) -> None:
        """Stop checking the copy that is being opened; it stays locked."""
        self._unlocking.stop.ask()

    def create(self, asked: ways_in.Creating) -> None:
        """Make a vault and leave it open."""
        session = self._desk.session
        self._start(lambda: ways_in.create(session, asked), self._created)

    def explore_sample(self, path: str) -> None:
        """Make the sample vault at `path` and leave it open."""
        session = self._desk.session
        self._start(lambda: ways_in.explore_sample(session, path), lambda vault: self._explored(vault.path))

    def lock(self, reason: Reason = Reason.ASKED) -> None:
        """Close the vault now; one that is being opened stays closed."""
        self._desk.runner.drop_all()
        self._desk.clipboard.clear()
        stopped = self.is_opening
        self._opening, self._next = False, None
        if self.is_open:
            self.is_open = False
            self._timer.stop()
            path = self._desk.session.vault.path
            note = tr(NOTES.get(reason, ""))
            told = tr(SAMPLE_NOTE, passphrase=sample.PASSPHRASE)
            self.closed.emit(path, f"{note} {told}".strip() if path == self._sample else note)
            self._close(reason)
        elif stopped:
            self._close(reason)  # as soon as it is there: its answer was dropped
            self.refused.emit(Locked(tr("it was locked while it was being opened")))

    def hand_over(self) -> None:
        """Leave the open vault to the keeper of another window; what was asked here is answered no more."""
        self._desk.runner.drop_all()
        self._timer.stop()
        self.is_open = False

    def take_over(self, path: str) -> None:
        """Keep the vault that is open already, from `hand_over`."""
        self._opened(path, note=False)

    def lock_if_idle(self) -> None:
        """Close the vault when nobody has touched it for too long; a time asleep counts."""
        if self.is_open and self._desk.session.is_idle:
            self.lock(Reason.IDLE)

    def shut(self) -> None:
        """Close the vault and wait for it; the program ends."""
        self._desk.runner.stop()
        self._desk.clipboard.clear()
        self._timer.stop()
        self._closer.run(self, lambda: self._desk.session.lock(Reason.QUIT), lambda _: None)
        self.wait()

    def wait(self) -> None:
        """Return when what was locked is closed."""
        self._closer.wait()

    def _start(
        self, work: Callable[[], object], done: Callable[..., None], cancel: Cancel | None = None
    ) -> None:
        def end(answer: Callable[..., object], what: object) -> None:
            self._opening = False
            answer(what)

        def begin() -> None:
            self._opening = True
            self._desk.runner.run(self, work, partial(end, done), partial(end, self.refused.emit), cancel)

        if self._closing:
            self._next = begin  # the vault before must be closed first
        else:
            begin()

    def _close(self, reason: Reason) -> None:
        if self._closing:
            return
        self._closing = True
        session = self._desk.session
        self._closer.run(
            self, lambda: session.lock(reason), lambda _: self._closed(), lambda _: self._closed()
        )

    def _tell_checking(self, done: int, total: int) -> None:
        if self._opening and not self._unlocking.stop():
            self.checking.emit(done, total)

    def _explored(self, path: str) -> None:
        self._sample = path
        self._opened(path, note=False)

    def _created(self, created: ways_in.Created) -> None:
        self._opened(created.vault.path)
        if created.keyring_failure is not None:
            self.keyring_refused.emit(created.keyring_failure)

    def _opened(self, path: str, *, note: bool = True) -> None:
        self.is_open = True
        self._timer.start()
        if note:
            self._desk.remembered.note(path)
        self.opened.emit(path)

    def _closed(self) -> None:
        self._closing = False
        self.settled.emit()
        if self._next is not None:
            begin, self._next = self._next, None
            begin()
