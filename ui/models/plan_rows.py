"""A sync plan as it is shown: the rows of each filter, and what applying comes to. Made on the pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sync.forecast import Forecasts
from app.sync.plan import Action, Plan
from vault.records import Direction
from vault.steps import Steps

if TYPE_CHECKING:
    from app.sync.plan import Item

NOTHING = Plan(())
ATTENTION = (
    Action.CONFLICT,
    Action.DELETED_HERE,
    Action.DELETED_THERE,
    Action.MERGE,
    Action.PUSH,
    Action.PULL,
    Action.SAME,
)  # in the order in which they are shown


class PlanRows:
    """A plan, sorted once.

    Attributes:
        plan: as it was made.
        forecasts: what applying it comes to.
        conflicts: the items to decide, by name there.
    """

    def __init__(
        self,
        plan: Plan = NOTHING,
        direction: Direction = Direction.BOTH,
        steps: Steps | None = None,
    ) -> None:
        """Sort a plan.

        Args:
            plan: the plan.
            direction: which changes its remote lets through.
            steps: are told of each item.

        Raises:
            Cancelled: whoever is told of `steps` stopped it.
        """
        steps = steps or Steps()
        steps.expect(len(plan.items))
        self.plan = plan
        self.forecasts = Forecasts(plan.items, direction, steps)
        free: dict[Action, list[Item]] = {action: [] for action in ATTENTION}
        held: dict[Action, list[Item]] = {action: [] for action in ATTENTION}
        for item in plan.items:
            (held if item.held else free)[item.action].append(item)
        self.conflicts = {item.name: item for item in (*free[Action.CONFLICT], *held[Action.CONFLICT])}
        self._rows = {action.value: items for action, items in free.items()}
        self._rows["held"] = [item for items in held.values() for item in items]
        pending = ATTENTION[:-1]
        self._rows["all"] = [item for kind in (free, held) for action in pending for item in kind[action]]

    def rows(self, which: str) -> list[Item]:
        """The items that a filter shows, what wants attention first.

        Args:
            which: "all" but those that are the same, "held", or an action, of what is not held.
        """
        return self._rows[which]

    def tally(self) -> dict[str, int]:
        """How many rows each filter shows, and "skipped"."""
        return {which: len(items) for which, items in self._rows.items()} | {
            "skipped": len(self.plan.skipped)
        }
