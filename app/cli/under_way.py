"""How far a long command is: a line of the terminal that the next one overwrites, where somebody reads it."""

from __future__ import annotations

from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from app.pace import Pace
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.cli.context import Context

EVERY_SECONDS = 0.1


def _steps(count: int) -> str:
    from app import display

    return display.count(count, "step")


@contextmanager
def steps(context: Context, what: str, shown: Callable[[int], str] = _steps) -> Iterator[Steps]:
    """Steps that tell the person at the terminal how many are done, and about how long the rest takes.

    Args:
        context: of the command.
        what: goes on.
        shown: so many steps, in words.
    """
    if not context.is_interactive:
        yield Steps()
        return
    pace, told = Pace(monotonic), 0.0

    def tell(done: int, total: int) -> None:
        nonlocal told
        now = monotonic()
        if now - told < EVERY_SECONDS:
            return
        told = now
        seconds = pace.seconds_left(done, total)
        left = "" if seconds is None else f", about {seconds:.0f} s left"
        of = f": {shown(done)} of {shown(total)}" if total else ""
        context.console.say_in_place(f"{what}{of}{left}")

    try:
        yield Steps(tell)
    finally:
        if told:
            context.console.say_in_place("")  # before anything else is said
