"""Quotas of calls a second: a token bucket, a window that slides, a window that stands."""

from __future__ import annotations

import time
from collections import deque
from typing import NamedTuple, Protocol


class Limiter(Protocol):
    def admits(self) -> bool:
        """Whether one more call may pass now; if so, it is counted."""


class Bucket:
    """`rate` tokens a second, at most `burst` saved up."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, time.monotonic()

    def admits(self) -> bool:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Sliding:
    """At most `rate` calls in any one second."""

    def __init__(self, rate: float, burst: float) -> None:
        self._count = max(1, int(rate))
        self._span = self._count / rate
        self._passed: deque[float] = deque()

    def admits(self) -> bool:
        now = time.monotonic()
        while self._passed and self._passed[0] <= now - self._span:
            self._passed.popleft()
        if len(self._passed) >= self._count:
            return False
        self._passed.append(now)
        return True


class Fixed:
    """At most `rate` calls in each second of the clock."""

    def __init__(self, rate: float, burst: float) -> None:
        self._count = max(1, int(rate))
        self._span = self._count / rate
        self._window, self._passed = -1, 0

    def admits(self) -> bool:
        window = int(time.monotonic() / self._span)
        if window != self._window:
            self._window, self._passed = window, 0
        if self._passed >= self._count:
            return False
        self._passed += 1
        return True


KINDS: dict[str, type[Bucket | Sliding | Fixed]] = {"bucket": Bucket, "sliding": Sliding, "fixed": Fixed}


class Quota(NamedTuple):
    """A rate that some operations share, in each account and region for itself."""

    operations: frozenset[str]  # such as "ssm:PutParameter"
    rate: float  # calls a second
    kind: str = "bucket"
    burst: float | None = None  # of a bucket: how many at once; the rate, unless given


class Limits:
    def __init__(self) -> None:
        self._quotas: list[Quota] = []
        self._limiters: dict[tuple[str, str, int], Limiter] = {}

    def set(self, quotas: list[Quota]) -> None:
        self._quotas = quotas
        self._limiters = {}

    def add(self, quota: Quota) -> None:
        self._quotas.append(quota)

    def admits(self, account: str, region: str, operation: str) -> bool:
        for number, quota in enumerate(self._quotas):
            if operation in quota.operations:
                place = (account, region, number)
                limiter = self._limiters.get(place)
                if limiter is None:
                    burst = quota.burst if quota.burst is not None else max(1.0, quota.rate)
                    limiter = self._limiters[place] = KINDS[quota.kind](quota.rate, burst)
                if not limiter.admits():
                    return False
        return True


def parse_quota(text: str) -> Quota:
    """Read "PutParameter=3", "GetParameter,GetParameters=40:sliding" or "kms:Decrypt=100:bucket:20"."""
    names, _, rest = text.partition("=")
    rate, _, rest = rest.partition(":")
    kind, _, burst = rest.partition(":")
    return Quota(
        frozenset(_full(name) for name in names.split(",")),
        float(rate),
        kind or "bucket",
        float(burst) if burst else None,
    )


def _full(name: str) -> str:
    """Name the service too, where only one has such an operation; Parameter Store before the others."""
    from tests.cloud.strict.model import VERSIONS, operations

    if ":" in name:
        return name
    return next(f"{service}:{name}" for service in VERSIONS if name in operations(service))
