"""What callers were told: for how long they may use the unlocked vault, and who may never.

A grant lives in memory and ends with the lock. That a caller may never is kept in the vault's preferences:
it outlives the session, and names the person's programs and folders.
"""

from __future__ import annotations

import json
from enum import StrEnum
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault import json_text
from vault.preferences import LONGEST_VALUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.authority.callers import Caller

PREFERENCE: Final = "callers.never"
TEN_MINUTES: Final = 600.0  # seconds
MOST_KEPT: Final = 200  # callers that may never; the oldest is forgotten first
_FIELDS: Final = ("program", "parents", "folder", "identity")


class Span(StrEnum):
    """What a person answers."""

    ONCE = "once"
    TEN_MINUTES = "ten-minutes"
    SESSION = "session"
    REFUSED = "refused"  # this time
    NEVER = "never"


class Grant(NamedTuple):
    """What holds for a caller without a question."""

    caller: Caller
    span: Span  # TEN_MINUTES, SESSION or NEVER
    writes: bool  # whether it covers what changes the vault
    until: float = 0.0  # of TEN_MINUTES: the moment of the clock


class Grants:
    """The answers that hold for more than one command; any thread may ask."""

    def __init__(self, never: Iterable[Caller] = (), clock: Callable[[], float] = monotonic) -> None:
        """Begin with nothing granted.

        Args:
            never: the callers that the vault remembers.
            clock: seconds that only grow.
        """
        self._clock, self._guard = clock, Lock()
        self._held = {one.identity: Grant(one, Span.NEVER, writes=True) for one in never}

    def answer(self, caller: Caller, *, writes: bool) -> Span | None:
        """What holds for a caller; None where a person is to be asked."""
        with self._guard:
            grant = self._held.get(caller.identity)
            if grant is None or (writes and not grant.writes):
                return None
            if grant.span is Span.TEN_MINUTES and self._clock() >= grant.until:
                del self._held[caller.identity]
                return None
            return grant.span

    def keep(self, caller: Caller, span: Span, *, writes: bool) -> None:
        """Remember an answer, if it holds for more than one command."""
        if span in {Span.ONCE, Span.REFUSED}:
            return
        with self._guard:
            until = self._clock() + TEN_MINUTES if span is Span.TEN_MINUTES else 0.0
            self._held[caller.identity] = Grant(caller, span, writes or span is Span.NEVER, until)

    def forget(self, identity: str) -> None:
        """Let a caller be asked about again."""
        with self._guard:
            self._held.pop(identity, None)

    def listed(self) -> list[Grant]:
        """What holds now, the newest last."""
        with self._guard:
            now = self._clock()
            return [
                grant
                for grant in self._held.values()
                if grant.span is not Span.TEN_MINUTES or now < grant.until
            ]

    def never(self) -> list[Caller]:
        """Who may never."""
        return [grant.caller for grant in self.listed() if grant.span is Span.NEVER]


def written(never: Iterable[Caller]) -> str:
    """Callers as the vault keeps them: the newest, as many as there is room for."""
    rows: list[str] = []
    room = LONGEST_VALUE - len("[]")
    for one in list(never)[: -MOST_KEPT - 1 : -1]:
        row = json.dumps(one._asdict())
        room -= len(row) + len(", ")
        if room < 0:
            break
        rows.insert(0, row)
    return f"[{', '.join(rows)}]"


def parsed(text: str | None) -> list[Caller]:
    """The callers that the vault keeps; a row that is none is passed over."""
    from app.authority.callers import Caller

    try:
        rows = json_text.parsed(text or "[]")
    except ValueError:
        return []
    found = []
    for row in rows[-MOST_KEPT:] if isinstance(rows, list) else ():
        if _is_caller(row):
            facts = {**row, "parents": tuple(row["parents"])}
            found.append(Caller(**facts))
    return found


def _is_caller(row: Any) -> bool:  # noqa: ANN401  # whatever JSON can say
    return (
        isinstance(row, dict)
        and sorted(row) == sorted(_FIELDS)
        and isinstance(row["parents"], list)
        and all(isinstance(text, str) for name in _FIELDS for text in _texts(row[name]))
    )


def _texts(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else [value]
