"""Codes of MFA devices: asked for by a pool thread that signs in, answered by the person at the window."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from ui.dialogs.mfa import MfaBox

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

LOOK_SECONDS = 0.2  # how often a waiting thread looks whether it still should


class _Question:
    """One code that is waited for."""

    def __init__(self, serial: str, epoch: int) -> None:
        self.serial, self.epoch = serial, epoch
        self.code = ""
        self.done = Event()


class CodeAsker(QObject):
    """Called by a pool thread with the serial of a device; gives the code, or "" if none is given."""

    _asked = Signal(object)  # _Question

    def __init__(self, window: QWidget, epoch: Callable[[], int]) -> None:
        """Boxes stand over `window`; once the `epoch` of the session is another one, nobody waits."""
        super().__init__(window)
        self._window, self._epoch = window, epoch
        self._shut = False
        self._asked.connect(self._ask, Qt.ConnectionType.QueuedConnection)

    def __call__(self, serial: str) -> str:
        """Wait for the code of the device `serial`; never called on the GUI thread."""
        question = _Question(serial, self._epoch())
        self._asked.emit(question)
        while not question.done.wait(LOOK_SECONDS):
            if self._is_over(question):
                return ""
        return question.code

    def shut(self) -> None:
        """Let nobody wait any more; the program ends."""
        self._shut = True

    def _is_over(self, question: _Question) -> bool:
        return self._shut or question.epoch != self._epoch()

    def _ask(self, question: _Question) -> None:
        if self._is_over(question):
            question.done.set()
            return
        box = MfaBox(self._window, question.serial)
        box.given.connect(lambda code: setattr(question, "code", code))
        box.finished.connect(lambda _: question.done.set())
        box.open()
