"""How long work still takes, told by how fast it went since its steps are counted."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Pace:
    """Of one piece of work. What comes before its steps are counted, or are as many, has no pace."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        """Nothing is counted yet; `seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._since: tuple[float, int] | None = None  # when the count began, and at how many steps
        self._done = 0

    def seconds_left(self, done: int, total: int) -> float | None:
        """What the rest takes; None while there is no pace.

        Args:
            done: steps so far. Fewer than before: they are counted anew.
            total: of so many; 0: nobody knows.
        """
        if not total:
            self._since = None
            return None
        now = self._seconds()
        if self._since is None or done < self._done:
            self._since = now, done
        self._done = done
        began, first = self._since
        if done == first:
            return None
        return (now - began) / (done - first) * max(0, total - done)
