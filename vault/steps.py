"""Steps: how far a verb over very many entries is. Who is told may stop it, which undoes its transaction."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

EVERY: Final = 500  # steps between two tellings


class Steps:
    """Counts the steps of one verb and tells of them."""

    def __init__(
        self,
        told: Callable[[int, int], object] = lambda _done, _total: None,
        give_way: Callable[[], object] = lambda: None,
    ) -> None:
        """Nothing is done yet.

        Args:
            told: how many of how many steps are done; may raise `Cancelled`.
            give_way: called at every step: who has more urgent things to do may do them first.
        """
        self._told, self._give_way = told, give_way
        self._done, self._total = 0, 0

    @property
    def place(self) -> tuple[int, int]:
        """How many of how many steps are done."""
        return self._done, self._total

    def again(self, action: Callable[[], T]) -> Callable[[], T]:
        """`action`, which may run more than once, each time from its beginning; it is counted once."""
        begun = self.place

        def run() -> T:
            self._done, self._total = begun
            return action()

        return run

    def expect(self, number: int) -> None:
        """So many more steps are to come; less than 0: so many fewer."""
        self._total += number

    @contextmanager
    def at_most(self, number: int) -> Iterator[None]:
        """So many steps at most are taken inside; which of them were not is known at its end."""
        begun = self._done
        self._total += number
        yield
        self._total += self._done - begun - number

    def reach(self, done: int, total: int) -> None:
        """So many steps of so many are done, as somebody else has counted."""
        self._give_way()
        self._done, self._total = done, total
        self._told(done, total)

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """`items`, each of them a step."""
        for item in items:
            self.take()
            yield item

    def take(self) -> None:
        """One step more."""
        self._give_way()
        if self._done % EVERY == 0:
            self._told(self._done, self._total)
        self._done += 1
