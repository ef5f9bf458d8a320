"""Pace: when the next call of one group may go out. A state machine; the clock is the caller's.

Within the published rate calls go out at once. Beyond it one call (a tenth of the rate, where that is more)
is in flight at a time: if more of them than the rate itself are answered, the quota is not enforced here,
and the calls in flight are doubled. If one is throttled, the rate is kept to from then on, as calls in any
stretch of one second: that satisfies a bucket of tokens, a sliding and a fixed window alike. What a bucket
has gathered meanwhile is asked for by one early call.

Throttled below the published rate, others use the account too: the share is cut, grows back slowly, and
some headroom stays theirs.
"""

from __future__ import annotations

from bisect import insort
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

    from app.aws.quotas import Quota

_SECOND: Final = 1.0  # the stretch that AWS counts calls in
_MARGIN: Final = 1.006  # of a stretch: clocks and networks are not exact
_WIDEST_MARGIN: Final = 1.2
_JITTER: Final = 0.012  # seconds that a call may be on its way longer than the fastest one
_EARLY: Final = 0.47  # seconds after the first call of a rush that tell a bucket from a window
_UNBOUND: Final = 400  # calls a second that one program does not reach
_CUT, _GROWTH = 0.7, 0.05  # of the share: at each throttle by others' calls, and a second
_SMALLEST_SHARE: Final = 0.05
_HEADROOM: Final = 0.9  # of the rate, while others use the account too
_LONELY: Final = 60.0  # seconds without others' throttles until all of it is ours again
_QUIET: Final = 30.0  # seconds of keeping to the rate until it is probed again
_LONGEST_PAUSE: Final = 8.0
_LOOK_AGAIN: Final = 0.05  # seconds, where an answer is waited for
_LATE: Final = 0.25  # seconds after which a call may have been overtaken without telling anything
_MEASURED: Final = 2.0  # seconds of calls that tell a rate


class Phase(StrEnum):
    """What is known of the service's limit."""

    UNKNOWN = "unknown"
    FREE = "free"  # it does not enforce what is published
    TRIED = "tried"  # throttled once; one early call tells more
    PACED = "paced"


class Permit:
    """A call that may go out, and is in flight until it is answered."""

    __slots__ = ("beyond", "sent")

    def __init__(self, sent: float, *, beyond: bool) -> None:
        self.sent = sent
        self.beyond = beyond  # the published rate


class Pace:
    """When calls of one group may go out. Times are seconds of a clock that never goes back.

    Attributes:
        throttled: how many calls were, so far.
    """

    def __init__(self, quota: Quota, pool: int, random: Random) -> None:
        self.throttled = 0
        self._published = quota.rate
        self._pool = min(pool, quota.width)
        self._random = random
        self._rate = float(quota.rate or 1)  # what PACED keeps to
        self._probes = max(1, int(self._rate) // 10)
        self._phase = Phase.UNKNOWN
        self._width = self._probes  # calls in flight while FREE
        self._proofs = 0  # calls beyond the rate that were answered
        self._freed = (0.0, 0)  # since when FREE, and calls answered since
        self._flying: set[Permit] = set()
        self._recent: list[float] = []  # when the service got the answered calls, ascending
        self._latency = float("inf")  # least so far
        self._share, self._ceiling, self._margin = 1.0, 1.0, _MARGIN
        self._turned = self._grown = self._others_at = float("-inf")
        self._resume = float("-inf")  # nothing goes out before
        self._streak = 0  # throttles in a row
        self._quiet = _QUIET
        if quota.rate is None or quota.rate >= _UNBOUND:
            self._phase = Phase.FREE
            self._width = min(self._pool, 2) if quota.rate is None else self._pool

    @property
    def phase(self) -> Phase:
        """What is known of the limit now."""
        return self._phase

    def ask(self, now: float) -> Permit | float:
        """A permit for a call to go out at once; or after how many seconds to ask again.

        An answer to another call may make it sooner.
        """
        self._forget_old(now)
        if len(self._flying) >= self._pool:
            return _LOOK_AGAIN
        if now < self._resume:
            return self._resume - now
        if self._phase is Phase.PACED and now - self._turned > self._quiet and self._share >= 1:
            self._phase, self._proofs, self._turned = Phase.UNKNOWN, 0, now
            self._quiet *= 2
        if self._phase is Phase.FREE:
            return self._permit(now) if len(self._flying) < self._width else _LOOK_AGAIN
        if self._phase is Phase.UNKNOWN:
            return self._ask_unknown(now)
        if self._flying and (self._phase is Phase.TRIED or self._streak):
            return _LOOK_AGAIN
        if self._phase is Phase.PACED and (wait := self._wait(now)):
            return wait
        return self._permit(now)

    def answered(self, permit: Permit, now: float) -> None:
        """The service did what the call asked, or refused it for another reason than the rate."""
        self._flying.discard(permit)
        self._latency = min(self._latency, now - permit.sent)
        insort(self._recent, max(permit.sent, now - self._latency))
        if self._phase is Phase.UNKNOWN and permit.beyond:
            self._proofs += 1
            if self._proofs > self._rate:
                self._phase, self._width, self._freed = Phase.FREE, 2 * self._probes, (now, 0)
        elif self._phase is Phase.FREE:
            since, count = self._freed
            self._freed = (since or now, count + 1)
            if count > 4 * self._probes:
                self._width = min(self._width + 1, self._pool)
        elif self._phase is not Phase.UNKNOWN and permit.sent >= self._turned:
            self._phase, self._streak = Phase.PACED, 0
            self._grow(now)

    def refused(self, permit: Permit, now: float, pause: float = 0.0) -> None:
        """The service throttled the call; it asks for a `pause` of so many seconds."""
        self.throttled += 1
        self._flying.discard(permit)
        self._forget_old(now)
        if pause:
            self._resume = max(self._resume, now + pause)
        if permit.sent < self._turned:
            return  # it went out before the last change of mind
        self._turned = now
        if self._phase is Phase.FREE:
            self._learn(now)
        elif self._phase is Phase.UNKNOWN and self._is_own_doing(permit):
            self._try(permit.sent)
        elif self._phase is Phase.TRIED:
            self._phase = Phase.PACED
        else:
            self._slow_down(permit, now)

    def lost(self, permit: Permit, now: float) -> None:
        """No answer came; whether the service counted the call is not known."""
        self._flying.discard(permit)
        insort(self._recent, now)

    def seconds(self, calls: int) -> float:
        """About how long so many calls will take from now on."""
        if self._phase in {Phase.TRIED, Phase.PACED}:
            return calls * self._margin / (self._rate * self._share)
        latency = 0.1 if self._latency == float("inf") else self._latency
        return calls * latency / max(1, self._width if self._phase is Phase.FREE else self._pool)

    # -------------------------------------------------------------------------------------- asking

    def _ask_unknown(self, now: float) -> Permit | float:
        if not self._recent and not self._flying:
            self._proofs = 0
        if len(self._recent) + len(self._flying) < self._rate:
            return self._permit(now)
        beyond = sum(permit.beyond for permit in self._flying)
        overtaken = any(not permit.beyond and now - permit.sent < _LATE for permit in self._flying)
        if beyond < self._probes and not (self._proofs and overtaken):
            return self._permit(now, beyond=True)
        return _LOOK_AGAIN

    def _permit(self, now: float, *, beyond: bool = False) -> Permit:
        permit = Permit(now, beyond=beyond)
        self._flying.add(permit)
        return permit

    def _wait(self, now: float) -> float:
        """Seconds until one more call fits into the rate; calls in flight may count at any moment."""
        allowed = int(self._rate)
        if len(self._flying) >= allowed:
            return _LOOK_AGAIN
        excess = len(self._recent) + len(self._flying) - allowed
        if excess < 0:
            return 0.0
        return max(0.0, self._recent[excess] + self._stretch - now)

    def _forget_old(self, now: float) -> None:
        recent, stretch = self._recent, self._stretch
        kept = 0
        while kept < len(recent) and recent[kept] + stretch <= now:
            kept += 1
        del recent[:kept]

    @property
    def _stretch(self) -> float:
        return _SECOND * self._margin / self._share

    @property
    def _gap(self) -> float:
        return self._stretch / self._rate

    # ------------------------------------------------------------------------------------- learning

    def _try(self, sent: float) -> None:
        """Throttled beyond the rate: one early call tells whether tokens gather meanwhile."""
        first = self._recent[0] if self._recent else sent
        self._recent = [at + _JITTER for at in self._recent]
        self._phase = Phase.TRIED
        self._resume = max(self._resume, sent + self._gap, first + _EARLY)

    def _learn(self, now: float) -> None:
        """Throttled while FREE: what went through, for long enough to tell, is the rate; else a guess."""
        since, count = self._freed
        if now - since >= _MEASURED and count:
            rate = _HEADROOM * count / (now - since)
        else:
            rate = len(self._recent) / 4  # a bucket may have been full
        self._rate = max(float(self._published or 1), rate)
        self._phase = Phase.PACED
        self._pause(now)

    def _is_own_doing(self, permit: Permit) -> bool:
        """Whether our own calls use up the rate, without those of others."""
        return permit.beyond or len(self._recent) + len(self._flying) >= int(self._rate)

    def _slow_down(self, permit: Permit, now: float) -> None:
        own_doing = self._is_own_doing(permit)
        self._phase = Phase.PACED
        if own_doing and self._rate > (self._published or 1):
            self._rate = max(self._published or 1, self._rate * _CUT)
        elif own_doing and self._margin < _WIDEST_MARGIN:
            self._margin += 0.01
            self._pause(now, 0.2 if self._streak == 0 else 1.0)  # it was a matter of milliseconds
            return
        else:
            self._share = max(_SMALLEST_SHARE, self._share * _CUT)
            self._ceiling, self._others_at = _HEADROOM, now
        self._pause(now)

    def _pause(self, now: float, part: float = 1.0) -> None:
        pause = part * min(_LONGEST_PAUSE, self._gap * 2**self._streak) * self._random.uniform(0.5, 1)
        self._resume = max(self._resume, now + pause)
        self._streak += 1
        self._grown = now

    def _grow(self, now: float) -> None:
        if now - self._others_at > _LONELY:
            self._ceiling = 1.0
        passed = min(1.0, now - self._grown)
        if self._rate > (self._published or 1):
            self._rate *= 1 + 2 * _GROWTH * passed
        self._share = max(self._share, min(self._ceiling, self._share + _GROWTH * passed))
        self._grown = now
