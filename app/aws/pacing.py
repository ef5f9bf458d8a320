"""Pacer: calls of many threads go out in turn, as fast as the service's quotas allow and no faster."""

from __future__ import annotations

from collections import deque
from random import SystemRandom
from threading import Condition, Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from app.aws.pace import Pace, Permit
from app.aws.quotas import quota_of
from vault.errors import Cancelled, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from random import Random

IN_FLIGHT: Final = 16  # calls of one service at a time: a client keeps as many connections
_GLANCE: Final = 0.1  # seconds between two looks at whether the call was cancelled


class _Lane:
    """The calls of one group: first come, first served."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.changed = Condition()
        self.queue: deque[object] = deque()

    def enter(self, clock: Callable[[], float], cancelled: Callable[[], bool]) -> Permit:
        ticket = object()
        with self.changed:
            self.queue.append(ticket)
            try:
                while True:
                    if cancelled():
                        raise Cancelled(Said("stopped between two calls"))
                    wait: float = _GLANCE
                    if self.queue[0] is ticket:
                        said = self.pace.ask(clock())
                        if isinstance(said, Permit):
                            return said
                        wait = min(said, _GLANCE)
                    self.changed.wait(wait)
            finally:
                self.queue.remove(ticket)
                self.changed.notify_all()


class Pacer:
    """The pace of one service in one account and region. Any thread may use it; clients share it."""

    def __init__(
        self,
        service: str,
        clock: Callable[[], float] = monotonic,
        random: Random | None = None,
    ) -> None:
        self._service, self._clock, self._random = service, clock, random or SystemRandom()
        self._lanes: dict[str, _Lane] = {}
        self._guard = Lock()

    def enter(self, operation: str, cancelled: Callable[[], bool] = lambda: False) -> Permit:
        """Wait for the turn of a call; it is in flight from then on. Tell its end with the permit.

        Raises:
            Cancelled: `cancelled` said so while it waited.
        """
        return self._lane(operation).enter(self._clock, cancelled)

    def answered(self, operation: str, permit: Permit) -> None:
        """The service answered, whatever it said but "too fast"."""
        lane = self._lane(operation)
        with lane.changed:
            lane.pace.answered(permit, self._clock())
            lane.changed.notify_all()

    def refused(self, operation: str, permit: Permit, pause: float = 0.0) -> None:
        """The service throttled the call, and may have asked for a pause of so many seconds."""
        lane = self._lane(operation)
        with lane.changed:
            lane.pace.refused(permit, self._clock(), pause)
            lane.changed.notify_all()

    def lost(self, operation: str, permit: Permit) -> None:
        """No answer came."""
        lane = self._lane(operation)
        with lane.changed:
            lane.pace.lost(permit, self._clock())
            lane.changed.notify_all()

    def seconds(self, operation: str, calls: int) -> float:
        """About how long so many calls of an operation will take, by what is known of the limit now."""
        lane = self._lane(operation)
        with lane.changed:
            return lane.pace.seconds(calls)

    @property
    def throttled(self) -> int:
        """How many calls were throttled so far."""
        with self._guard:
            lanes = list(self._lanes.values())
        return sum(lane.pace.throttled for lane in lanes)

    def _lane(self, operation: str) -> _Lane:
        quota = quota_of(self._service, operation)
        with self._guard:
            lane = self._lanes.get(quota.group)
            if lane is None:
                lane = self._lanes[quota.group] = _Lane(Pace(quota, IN_FLIGHT, self._random))
            return lane


_PACERS: dict[tuple[Hashable, str], Pacer] = {}
_PACERS_GUARD = Lock()


def pacer_of(place: Hashable, service: str) -> Pacer:
    """The pacer that all clients of a service share at one `place`: an account, a region, an endpoint."""
    with _PACERS_GUARD:
        return _PACERS.setdefault((place, service), Pacer(service))
