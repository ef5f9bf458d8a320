"""Steps: how far a verb over very many entries is. Who is told may stop it, which undoes its transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")

EVERY: Final = 500  # steps between two tellings


class Steps:
    """Counts the steps of one verb and tells of them."""

    def __init__(self, told: Callable[[int, int], object] = lambda _done, _total: None) -> None:
        """Nothing is done yet.

        Args:
            told: how many of how many steps are done; may raise `Cancelled`.
        """
        self._told, self._done, self._total = told, 0, 0

    def expect(self, number: int) -> None:
        """So many more steps are to come."""
        self._total += number

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """`items`, each of them a step."""
        for item in items:
            if self._done % EVERY == 0:
                self._told(self._done, self._total)
            self._done += 1
            yield item
