"""Timing: medians of interleaved runs, so that a busy moment hits both sides alike."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Times(NamedTuple):
    """Seconds, sorted."""

    sorted: tuple[float, ...]

    @property
    def median(self) -> float:
        return self.sorted[len(self.sorted) // 2]

    @property
    def p95(self) -> float:
        return self.sorted[int(len(self.sorted) * 0.95)]


def timed(action: Callable[[], object]) -> float:
    started = perf_counter()
    action()
    return perf_counter() - started


@contextmanager
def steady() -> Iterator[None]:
    """No garbage collection in between, as `timeit` does it."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def alone(action: Callable[[], object], runs: int) -> Times:
    with steady():
        action()
        return Times(tuple(sorted(timed(action) for _ in range(runs))))


def beside(ours: Callable[[], object], raw: Callable[[], object], runs: int) -> tuple[Times, Times]:
    """Both in turn."""
    with steady():
        ours(), raw()
        pairs = [(timed(ours), timed(raw)) for _ in range(runs)]
    return tuple(Times(tuple(sorted(side))) for side in zip(*pairs, strict=True))  # type: ignore[return-value]
