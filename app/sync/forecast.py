"""What applying a plan comes to, in entries, under any answers to its conflicts. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from app.sync.choices import Act, Answer, Choice, steps_of
from app.sync.sightings import lies_beneath
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.sync.choices import Step
    from app.sync.plan import Item
    from vault.records import Direction

_THERE: Final = frozenset({Act.PUSH, Act.MERGE, Act.MINE, Act.BOTH})
_HERE: Final = frozenset({Act.PULL, Act.MERGE, Act.BOTH})


class Forecast(NamedTuple):
    """What applying comes to, in entries. An entry that both sides get something of counts on both."""

    create_there: int = 0
    change_there: int = 0
    delete_there: int = 0
    create_here: int = 0
    change_here: int = 0
    delete_here: int = 0
    left: tuple[tuple[str, int], ...] = ()  # why how many are left alone
    entries: int = 0  # with which anything is done

    @property
    def writes_there(self) -> bool:
        """Whether anything changes in AWS."""
        return bool(self.create_there or self.change_there or self.delete_there)


class Forecasts:
    """The forecasts of one plan: its items are counted once, what is decided later by itself."""

    def __init__(self, items: Iterable[Item], direction: Direction, steps: Steps | None = None) -> None:
        """Count the items of a plan with no conflict decided.

        Args:
            items: of the plan.
            direction: which changes its remote lets through.
            steps: are told of each item; the caller expects them.

        Raises:
            Cancelled: whoever is told of `steps` stopped it.
        """
        self._direction = direction
        self._undecided = {delete: _Count(Counter(), Counter()) for delete in (False, True)}
        for item in (steps or Steps()).each(items):
            for delete, count in self._undecided.items():
                count.add(self._steps(item, Answer(Choice.STOP), delete=delete))

    def of(self, answers: Iterable[tuple[Item, Answer]], *, delete: bool) -> Forecast:
        """What applying comes to.

        Args:
            answers: to conflicts among the items; those without one are left alone.
            delete: deletions are confirmed.
        """
        undecided = self._undecided[delete]
        count = _Count(Counter(undecided.done), Counter(undecided.left))
        for item, answer in answers:
            count.add(self._steps(item, Answer(Choice.STOP), delete=delete), -1)
            count.add(self._steps(item, answer, delete=delete))
        return count.forecast()

    def _steps(self, item: Item, answer: Answer, *, delete: bool) -> Iterable[Step]:
        return steps_of((item,), lambda _: answer, self._direction, delete=delete)


class _Count(NamedTuple):
    """How many entries get what, and how many are left alone why."""

    done: Counter[str]  # by the fields of a forecast
    left: Counter[str]  # by reason

    def add(self, steps: Iterable[Step], times: int = 1) -> None:
        for step in steps:
            if step.act is Act.LEAVE:
                self.left[step.reason] += times
            else:
                for field, number in _effects(step).items():
                    self.done[field] += times * number

    def forecast(self) -> Forecast:
        left = tuple(sorted((why, number) for why, number in self.left.items() if number))
        return Forecast(**self.done, left=left)


def _effects(step: Step) -> Mapping[str, int]:
    """What doing a step adds to the fields of a forecast."""
    item, act = step.item, step.act
    if act is Act.AGREE:
        return {}
    new_there = item.link is None or item.link.seen is None
    beneath = lies_beneath(item.link) and act in (Act.PULL, Act.BOTH)
    return {
        "create_there": (act in _THERE and new_there) or act is Act.BOTH,
        "change_there": (act in (Act.PUSH, Act.MERGE, Act.MINE) and not new_there) or beneath,
        "delete_there": act is Act.DELETE_THERE,
        "create_here": (act is Act.PULL and item.local is None) or act is Act.BOTH,
        "change_here": (act in _HERE and item.local is not None)
        + (act is Act.MINE and step.merged is not None),
        "delete_here": act is Act.DELETE_HERE,
        "entries": 1,
    }
