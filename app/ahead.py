"""Ahead: what comes item by item, made on a thread of its own while the items before are used."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

T = TypeVar("T")


def ahead(source: Iterable[T], depth: int = 4) -> Iterator[T]:
    """The same items, with up to `depth` of them made beforehand; the first begins when it is asked for."""
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

    thread = Thread(target=make, name="ahead", daemon=True)
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


@contextmanager
def begun(source: Generator[T, None, None]) -> Iterator[Iterator[T]]:
    """The same items, of which the first is being made from now on; left early, the source is closed."""
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import closing

    def items() -> Iterator[T]:
        yield from first.result()
        yield from source

    with closing(source), ThreadPoolExecutor(1, "begun") as pool:
        first = pool.submit(lambda: list(islice(source, 1)))
        yield items()
