"""Limiters as services have them, and callers against them, in virtual time."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple, Protocol

from app.aws.pace import Permit

if TYPE_CHECKING:
    from app.aws.pace import Pace


class Limiter(Protocol):
    def admits(self, at: float) -> bool: ...

    def bound(self, calls: int) -> float:
        """When the last of so many calls can be admitted at the soonest, the first being at 0."""


class Bucket:
    """Tokens gather at the rate, up to as many as a second gives (or `burst`)."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self.rate, self.burst = rate, burst or rate
        self.tokens, self.at = self.burst, 0.0

    def admits(self, at: float) -> bool:
        self.tokens = min(self.burst, self.tokens + self.rate * (at - self.at))
        self.at = at
        if self.tokens < 1 - 1e-9:
            return False
        self.tokens -= 1
        return True

    def bound(self, calls: int) -> float:
        return max(0.0, (calls - self.burst) / self.rate)


class Sliding:
    """At most `rate` calls in any second."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.admitted: list[float] = []

    def admits(self, at: float) -> bool:
        self.admitted = [one for one in self.admitted if one > at - 1]
        if len(self.admitted) >= self.rate:
            return False
        self.admitted.append(at)
        return True

    def bound(self, calls: int) -> float:
        return float((calls - 1) // self.rate)


class Fixed:
    """At most `rate` calls in each second of the service's clock, whose next one begins at `turn`."""

    def __init__(self, rate: int, turn: float) -> None:
        self.rate, self.turn = rate, turn
        self.window, self.count = -1, 0

    def admits(self, at: float) -> bool:
        window = int(at - self.turn + 1)
        if window != self.window:
            self.window, self.count = window, 0
        if self.count >= self.rate:
            return False
        self.count += 1
        return True

    def bound(self, calls: int) -> float:
        windows = (calls - 1) // self.rate
        return 0.0 if windows == 0 else windows - 1 + self.turn


class Unlimited:
    def admits(self, at: float) -> bool:
        return True

    def bound(self, calls: int) -> float:
        return 0.0


class Shared:
    """A limiter that others use too: so many calls of theirs a second, from `since` to `until`."""

    def __init__(self, inner: Limiter, theirs: float, since: float = 0.0, until: float = 1e9) -> None:
        self.inner, self.every, self.next, self.until = inner, 1 / theirs, since, until

    def admits(self, at: float) -> bool:
        while self.next <= min(at, self.until):
            self.inner.admits(self.next)
            self.next += self.every
        return self.inner.admits(at)

    def bound(self, calls: int) -> float:
        return self.inner.bound(calls)


class Run(NamedTuple):
    seconds: float  # until the last answer
    throttled: int
    admitted: list[float]  # when


def run(pace: Pace, limiter: Limiter, calls: int, *, callers: int = 16, latency: float = 0.025) -> Run:
    """So many callers make the calls, each its next one when one was answered; throttled ones are repeated.

    The limiter sees a call when half of its latency has passed.
    """
    now, left, throttled, flying = 0.0, calls, 0, 0
    admitted: list[float] = []
    events: list[tuple[float, int, int, Permit | None]] = [(0.0, 0, 0, None)]
    number = 0

    def at(moment: float, kind: int, permit: Permit | None = None) -> None:
        nonlocal number
        number += 1
        heapq.heappush(events, (moment, kind, number, permit))

    while len(admitted) < calls or flying:
        now, kind, _, permit = heapq.heappop(events)
        if kind == 1 and permit is not None:
            at(now + latency / 2, 2 if limiter.admits(now) else 3, permit)
            continue
        if kind == 2 and permit is not None:
            pace.answered(permit, now)
            admitted.append(now)
            flying -= 1
        elif kind == 3 and permit is not None:
            pace.refused(permit, now)
            throttled, left, flying = throttled + 1, left + 1, flying - 1
        while left and flying < callers:
            said = pace.ask(now)
            if isinstance(said, Permit):
                left, flying = left - 1, flying + 1
                at(now + latency / 2, 1, said)
            else:
                at(now + max(said, 1e-6), 0)
                break
    return Run(now, throttled, admitted)
