"""Work on the pool that a person may stop, and that a lock drops: at the next step that it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.bridge import Cancel
from vault.errors import Cancelled
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable


class Stoppable:
    """One piece of work.

    Attributes:
        stop: asked for by hand; the work fails with `Cancelled`.
        dropped: asked for by a lock; give it to the runner, which then brings no answer.
        steps: for the work to count.
    """

    def __init__(self, told: Callable[[int, int], object]) -> None:
        """Nobody has asked for anything; `told` hears how many of how many steps are done, on the pool."""
        self._told = told
        self.stop, self.dropped = Cancel(), Cancel()
        self.steps = Steps(self._tell)

    def _tell(self, done: int, total: int) -> None:
        if self.stop() or self.dropped():
            raise Cancelled("stopped")
        self._told(done, total)
