"""How far a long command is: a line of the terminal that the next one overwrites, where somebody reads it."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from app.cli import streams
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.cli.context import Context

EVERY_SECONDS = 0.1


@contextmanager
def steps(context: Context, what: str, shown: Callable[[int], str]) -> Iterator[Steps]:
    """Steps that tell the person at the terminal how many are done, and about how long the rest takes.

    Args:
        context: of the command.
        what: goes on.
        shown: so many steps, in words.
    """
    if not context.is_interactive:
        yield Steps()
        return
    begun: float | None = None  # seconds of a clock that only grows, at the first telling
    told = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal begun, told
        now = monotonic()
        if begun is None:
            begun = now
        elif now - told < EVERY_SECONDS:
            return
        told = now
        left = f", about {(now - begun) / done * (total - done):.0f} s left" if done else ""
        of = f": {shown(done)} of {shown(total)}" if total else ""
        streams.say_in_place(f"{what}{of}{left}")

    try:
        yield Steps(tell)
    finally:
        if begun is not None:
            streams.say_in_place("")  # before anything else is said
