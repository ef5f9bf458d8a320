"""One unlock for window and terminal: listens while the vault is open, and has the person asked here.

The listener has threads of its own; questions come to the GUI thread as signals, one box at a time.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app.authority.grants import Span
from app.authority.listener import Listener
from app.language import tr
from app.session import Change
from ui.dialogs.caller import CallerBox
from ui.dialogs.terminal_access import TerminalAccessBox

if TYPE_CHECKING:
    from app.authority.grants import Grants
    from app.authority.listener import Question
    from app.session import SessionEvent
    from ui.desk import Desk
    from ui.main_window import MainWindow


class Callers(QObject):
    """The commands of the terminal that ask for the vault of one window."""

    _asked = Signal(object)  # Question; from the threads of the listener
    _withdrawn = Signal(object)
    _changed = Signal()

    def __init__(self, desk: Desk, window: MainWindow) -> None:
        """Nothing listens before a vault is open."""
        super().__init__(window)
        self._desk, self._window = desk, window
        self.listener = Listener(desk.session, self._asked.emit, self._withdrawn.emit, self._changed.emit)
        self._waiting: list[Question] = []
        self._kept: Grants | None = None
        self.box: CallerBox | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._asked.connect(self._ask, queued)
        self._withdrawn.connect(self._withdraw, queued)
        self._changed.connect(self._refresh, queued)
        # Later in the loop: a window that takes over from another one finds the place free by then.
        window.keeper.opened.connect(lambda _: QTimer.singleShot(0, self, self._open))
        window.keeper.closed.connect(lambda *_: self._cut())
        window.gone.connect(lambda _: self._end())
        self._unsubscribe = desk.session.subscribe(self._told)

    def show_programs(self) -> None:
        """Show what was granted and refused."""
        TerminalAccessBox(self._window, self._desk, self.listener).open()

    def take_over(self, other: Callers) -> None:
        """Keep what was granted in another window, whose vault this one is about to take over."""
        self._kept = other.listener.grants

    def _open(self) -> None:
        if self._window.keeper.is_open:
            kept, self._kept = self._kept, None
            self._desk.runner.run(self, lambda: self.listener.open(kept), lambda _: None, lambda _: None)

    def _cut(self) -> None:
        self.listener.cut()
        self._kept = None
        self._waiting.clear()

    def _end(self) -> None:
        self._unsubscribe()
        self._cut()

    def _told(self, event: SessionEvent) -> None:
        """Of the session, on any thread: the last moment at which something could still listen."""
        if event.change is Change.LOCKED:
            self.listener.cut()

    def _ask(self, question: Question) -> None:
        if not self._window.keeper.is_open:
            question.give(Span.REFUSED)
            return
        self._waiting.append(question)
        self._show_next()

    def _withdraw(self, question: Question) -> None:
        self._waiting = [one for one in self._waiting if one is not question]
        if self.box is not None and self.box.question is question:
            self.box.reject()

    def _show_next(self) -> None:
        if self.box is not None or not self._waiting:
            return
        question = self._waiting.pop(0)
        # Over a modal box, which would block it otherwise, and whose end it may not share.
        over = QApplication.activeModalWidget() or self._window
        self.box = CallerBox(over, question, os.path.basename(self._window.vault_path))
        self.box.given.connect(self._given)
        self.box.destroyed.connect(lambda: self._lost(question))
        self.box.show()
        self.box.raise_()
        QApplication.alert(self._window)
        self._notify(question)

    def _notify(self, question: Question) -> None:
        """Tell somebody who is not at the window, as far as notifications may."""
        wished = self._desk.settings.notifications
        if wished == "off" or self._window.isActiveWindow():
            return
        body = f"strongroom {question.word} {question.path}".strip() if wished == "paths" else ""
        title = tr("A program of the terminal asks for the vault")
        self._window.upkeep.alerts.send(title, body, (("show", tr("Show")),), lambda _: self._to_front())

    def _to_front(self) -> None:
        if self.box is not None:
            self.box.raise_()
            self.box.activateWindow()

    def _refresh(self) -> None:
        """Show what a command has changed, unless somebody is busy in a box."""
        if self._window.keeper.is_open and QApplication.activeModalWidget() is None:
            self._window.refresh()

    def _lost(self, question: Question) -> None:
        """The box went with the one that it stood over: ask again, unless it was answered."""
        if self.box is not None and self.box.question is question:
            self.box = None
            self._ask(question)

    def _given(self, span: Span) -> None:
        box, self.box = self.box, None
        if box is not None:
            box.question.give(span)
        QTimer.singleShot(0, self, self._show_next)
