"""Progress of a sync: what is under way, how far it is, how long it may take, and whether to stop."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from app.pace import Pace
from vault.errors import Cancelled, Said

if TYPE_CHECKING:
    from collections.abc import Callable


class Step(NamedTuple):
    """How far a sync is."""

    what: str  # "listing", "reading", "writing"
    done: int
    expected: int  # 0 where it is not known yet
    seconds_left: float | None  # an estimate; None where there is none yet


class Progress:
    """Told of every call by one thread; tells a face at most ten times a second."""

    def __init__(
        self,
        tell: Callable[[Step], object] = lambda _: None,
        cancelled: Callable[[], bool] = lambda: False,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """Nothing is under way.

        Args:
            tell: the face.
            cancelled: whether the person wants it to stop.
            seconds: a clock that only goes forward.
        """
        self.cancelled = cancelled
        self._tell, self._seconds = tell, seconds
        self._told = 0.0
        self.begin("listing")

    def begin(self, what: str, expected: int = 0) -> None:
        """Something new is under way."""
        self._what, self._done, self._expected, self._listed = what, 0, expected, 0
        self._pace = Pace(self._seconds)
        self._report(now=True)

    def listed(self, count: int) -> None:
        """So many more entries were listed."""
        self._listed += count
        self._report()

    def expect(self, count: int) -> None:
        """So many more calls are to come."""
        self._expected += count

    def advance(self, count: int) -> None:
        """So many calls were answered."""
        self._done += count
        self._report(now=self._done == self._expected)

    def check(self) -> None:
        """Stop here if the person wants it.

        Raises:
            Cancelled: they do.
        """
        if self.cancelled():
            raise Cancelled(Said("the sync was stopped; run it again to go on"))

    def _report(self, *, now: bool = False) -> None:
        at = self._seconds()
        if now or at - self._told >= 0.1:  # noqa: PLR2004  # seconds
            self._told = at
            done = self._done or self._listed
            left = self._pace.seconds_left(self._done, self._expected)
            self._tell(Step(self._what, done, self._expected, left))
