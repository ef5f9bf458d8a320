"""Whose turn it is: work on the pool gives way to the GUI thread, from its first event until it waits again.

One thread of Python runs at a time. To paint a list, Qt calls hundreds of small functions of Python, and for
each of them the GUI thread would have to ask for its turn anew while the pool goes on: a frame of 10 ms then
takes 250. So who counts steps on the pool stands still between two of them while the GUI thread has something
to do.
"""

from __future__ import annotations

from threading import Event
from typing import Final

LONGEST_SECONDS: Final = 0.05  # that work stands still, if the GUI thread is busy for longer


class Turn:
    """The GUI thread's turn, or everybody's."""

    def __init__(self) -> None:
        """Everybody's."""
        self._free = Event()
        self._free.set()

    @property
    def is_taken(self) -> bool:
        """Whether it is the GUI thread's."""
        return not self._free.is_set()

    def take(self) -> None:
        """The GUI thread has something to do."""
        self._free.clear()

    def leave(self) -> None:
        """The GUI thread has done it."""
        self._free.set()

    def give_way(self) -> None:
        """Stand still until it is everybody's, `LONGEST_SECONDS` at most; work calls it between two steps."""
        if not self._free.wait(LONGEST_SECONDS):
            self._free.set()


TURN: Final = Turn()  # one, as Python's lock is one
