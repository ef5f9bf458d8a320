"""Calls side by side: a bounded window of them in flight, answers as they come, stopped between calls."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, TypeVar

from vault.errors import Cancelled

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
    with ThreadPoolExecutor(width, "sync") as pool:
        try:
            more = True
            while more or pending:
                while more and len(pending) < 2 * width:
                    if cancelled():
                        raise Cancelled("the sync was stopped; run it again to go on")
                    try:
                        each = next(stream)
                    except StopIteration:
                        more = False
                        break
                    pending[pool.submit(act, each)] = each
                    if any(future.done() for future in pending):
                        break
                if not pending:
                    continue
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    each = pending.pop(future)
                    error = future.exception()
                    if error is not None and not isinstance(error, Exception):
                        raise error
                    yield each, error or future.result()
                if cancelled():
                    raise Cancelled("the sync was stopped; run it again to go on")
        finally:
            for future in pending:
                future.cancel()


def ahead(source: Iterable[T], depth: int = 4) -> Iterator[T]:
    """The same items, with up to `depth` of them made beforehand on a thread of their own."""
    from queue import Full, Queue
    from threading import Event, Thread

    queue: Queue[tuple[bool, T | BaseException | None]] = Queue(depth)
    left = Event()

    def offer(item: tuple[bool, T | BaseException | None]) -> None:
        while not left.is_set():
            try:
                queue.put(item, timeout=0.1)
            except Full:
                continue
            return

    def make() -> None:
        try:
            for each in source:
                offer((True, each))
                if left.is_set():
                    return
            offer((False, None))
        except BaseException as error:  # noqa: BLE001  # raised again where the items are taken
            offer((False, error))

    thread = Thread(target=make, name="sync-listing", daemon=True)
    thread.start()
    try:
        while True:
            good, item = queue.get()
            if not good:
                if isinstance(item, BaseException):
                    raise item
                return
            yield item  # type: ignore[misc]  # good items are of type T
    finally:
        left.set()
        thread.join()
