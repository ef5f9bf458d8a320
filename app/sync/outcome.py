"""What became of each step of a sync."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from app.sync.plan import Item


class Result(StrEnum):
    """How one step ended."""

    DONE = "done"
    LEFT = "left"  # on purpose: held, not confirmed, or not decided
    CONFLICT = "conflict"  # somebody wrote meanwhile; the next plan shows both
    FAILED = "failed"
    NOT_TRIED = "not-tried"  # the network was lost before


class Outcome(NamedTuple):
    """One entry's end."""

    item: Item
    act: str
    result: Result
    reason: str = ""


def counts(outcomes: list[Outcome]) -> dict[str, int]:
    """How many ended how."""
    found = dict.fromkeys((result.value for result in Result), 0)
    for outcome in outcomes:
        found[outcome.result.value] += 1
    return found
