"""Data keys from outside the vault, kept within limits so that nobody is asked for them again."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from vault.secret import wipe

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_KEPT = 100_000  # data keys; the oldest goes first


class CacheLimits(NamedTuple):
    """How long a data key is kept. Any 0: none is."""

    seconds: int = 0  # since it came from outside
    messages: int = 0  # values opened with it
    octets: int = 0  # bytes of those values, sealed


class _Kept:
    __slots__ = ("data_key", "messages", "octets", "since")

    def __init__(self, data_key: bytearray, since: datetime) -> None:
        self.data_key = data_key
        self.since = since
        self.messages, self.octets = 1, 0  # it was fetched for one


class DataKeyCache:
    """Data keys by what tells them apart: wrapping key, wrapped data key, context. Any thread may call it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._kept: dict[tuple[int, bytes, bytes], _Kept] = {}
        self._closed = False
        self.limits = CacheLimits()

    def __len__(self) -> int:
        """How many data keys are kept now."""
        with self._lock:
            self._drop_old()
            return len(self._kept)

    def add(self, what: tuple[int, bytes, bytes], data_key: bytearray) -> None:
        """Keep a copy of a data key, if the limits allow any."""
        if not all(self.limits):
            return
        with self._lock:
            if self._closed:
                return
            self._drop(what)
            while len(self._kept) >= MAX_KEPT:
                self._drop(next(iter(self._kept)))
            self._kept[what] = _Kept(bytearray(data_key), self._clock())

    def take(self, what: tuple[int, bytes, bytes], octets: int) -> bytearray | None:
        """A copy for one value of `octets` bytes, that the caller wipes; None if it is not kept."""
        if not self._kept:
            return None
        with self._lock:
            found = self._kept.get(what)
            if found is None:
                return None
            found.messages += 1
            found.octets += octets
            good = (
                self._is_fresh(found)
                and found.messages <= self.limits.messages
                and found.octets <= self.limits.octets
            )
            if not good:
                self._drop(what)
                return None
            return bytearray(found.data_key)

    def clear(self) -> None:
        """Wipe every data key that is kept."""
        with self._lock:
            for what in tuple(self._kept):
                self._drop(what)

    def close(self) -> None:
        """As `clear`, and keep none any more."""
        with self._lock:
            self._closed = True
        self.clear()

    def _is_fresh(self, kept: _Kept) -> bool:
        age = (self._clock() - kept.since).total_seconds()
        return 0 <= age < self.limits.seconds  # a clock that was set back makes none younger

    def _drop_old(self) -> None:
        for what in [what for what, kept in self._kept.items() if not self._is_fresh(kept)]:
            self._drop(what)

    def _drop(self, what: tuple[int, bytes, bytes]) -> None:
        found = self._kept.pop(what, None)
        if found is not None:
            wipe(found.data_key)
