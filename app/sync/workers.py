"""Calls side by side: a bounded window of them in flight, answers as they come, stopped between calls."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from vault.errors import Cancelled, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")

WIDTH = 16
"""Calls in flight; as many as a client keeps connections."""


def spread(
    act: Callable[[T], R],
    inputs: Iterable[T],
    cancelled: Callable[[], bool],
    width: int = WIDTH,
) -> Iterator[tuple[T, R | Exception]]:
    """Do `act` for every input, up to `width` at once; yields each with its answer or its error.

    Inputs are taken as they are needed: no more than twice `width` are on their way, so that memory
    is bounded by the window and not by the count.

    Raises:
        Cancelled: `cancelled` said so; what was under way has ended.
    """
    stream = iter(inputs)
    pending: dict[Future[R], T] = {}
    done: SimpleQueue[Future[R]] = SimpleQueue()
    with ThreadPoolExecutor(width, "sync") as pool:
        try:
            more = True
            while more or pending:
                while more and len(pending) < 2 * width and done.empty():
                    if cancelled():
                        raise Cancelled(Said("the sync was stopped; run it again to go on"))
                    try:
                        each = next(stream)
                    except StopIteration:
                        more = False
                        break
                    future = pool.submit(act, each)
                    pending[future] = each
                    future.add_done_callback(done.put)
                if not pending:
                    continue
                future = done.get()
                each = pending.pop(future)
                error = future.exception()
                if error is not None and not isinstance(error, Exception):
                    raise error
                yield each, error or future.result()
                if cancelled():
                    raise Cancelled(Said("the sync was stopped; run it again to go on"))
        finally:
            for future in pending:
                future.cancel()
