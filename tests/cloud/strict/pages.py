"""Tokens of pages: opaque, bound to the question they were given for; and lists that answer late."""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import json
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from tests.cloud.strict.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloud.strict.clock import Clock

T = TypeVar("T")
_serial = itertools.count()


def make_token(body: dict[str, Any], after: str) -> str:
    """A token that was never given before, also where a page was empty."""
    return base64.urlsafe_b64encode(json.dumps([_question(body), after, next(_serial)]).encode()).decode()


def read_token(body: dict[str, Any], error: str = "InvalidNextToken") -> str:
    """Where the last page ended; "" for the first page."""
    token = body.get("NextToken")
    if token is None:
        return ""
    try:
        question, after, _ = json.loads(base64.urlsafe_b64decode(token))
    except ValueError:
        question, after = "", ""
    if question != _question(body):
        raise Fault(error, "The specified token isn't valid.")
    return str(after)


def _question(body: dict[str, Any]) -> str:
    """What a token is for: the request without its page."""
    rest = {name: value for name, value in body.items() if name not in {"NextToken", "MaxResults"}}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, default=str).encode()).hexdigest()[:16]


class Late(Generic[T]):
    """What listings still show of entries as they were before a write: eventual consistency.

    `seconds` is how long a write stays unseen; 0 for at once.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.0
        self._before: dict[str, list[tuple[float, T | None]]] = {}

    def remember(self, name: str, before: T | None) -> None:
        """Keep an entry as it is just before a write; None if it is not there yet."""
        if self.seconds:
            kept = self._before.setdefault(name, [])
            kept.append((self._clock.now() + self.seconds, copy.deepcopy(before)))

    def seen(self, name: str, now_there: T | None) -> T | None:
        """One entry as a listing shows it."""
        for until, before in self._before.get(name, ()):
            if until > self._clock.now():
                return before
        return now_there

    def ghosts(self) -> Iterator[str]:
        """Names that may have to be shown though they are gone."""
        if self._before:
            now = self._clock.now()
            self._before = {
                name: kept for name, kept in self._before.items() if any(until > now for until, _ in kept)
            }
        return iter(self._before)
