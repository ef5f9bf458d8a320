"""The interpreter as a window needs it: the GUI thread has its turn soon, and garbage is looked for at rest.

One thread of Python runs at a time. Who waits for a turn asks for it after an interval; with the usual 5 ms
the threads of the pool would keep the GUI thread from a frame or two at each of its calls. And the
collector stops every thread while it looks at all objects that were ever made, at any moment: a tenth of a
second after work over a hundred thousand entries. Here it looks on the GUI thread alone, when no work is
under way and nobody types or clicks, and only at what is new; what is too much for that, such as a plan, is
set aside until the next lock, after which it looks at everything.
"""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from collections.abc import Callable

TURN_SECONDS = 0.0005  # that another thread goes on while one waits for its turn
LOOK_MILLISECONDS = 2_000
YOUNG = 1  # the generations up to this: what was there when it looked last is left for the next lock
REST_SECONDS = 2.0  # since somebody typed or clicked
MANY = 10_000  # objects that were made and are not gone, since the collector looked last
VERY_MANY = 200_000  # the same, when looking would take long


class Interpreter(QObject):
    """Decides when to look for garbage, once it has begun."""

    def __init__(self, is_busy: Callable[[], bool], parent: QObject) -> None:
        """Python decides by itself; `is_busy`: whether work is under way on the pool."""
        super().__init__(parent)
        self._is_busy = is_busy
        self._touched = 0.0  # seconds of a clock that only grows
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MILLISECONDS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Take over."""
        sys.setswitchinterval(TURN_SECONDS)
        gc.disable()
        gc.collect()
        gc.freeze()
        self._timer.start()

    def touch(self) -> None:
        """Somebody types or clicks."""
        self._touched = time.monotonic()

    def collect(self) -> None:
        """Look for garbage now: what a lock has let go of shall not stay in a cycle."""
        if self._timer.isActive():
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def _look(self) -> None:
        made, *_ = gc.get_count()
        if made >= VERY_MANY:
            gc.freeze()
        elif made >= MANY and not self._is_busy() and time.monotonic() - self._touched >= REST_SECONDS:
            gc.collect(YOUNG)
