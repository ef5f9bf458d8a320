"""Work that makes objects by the hundred thousand, none of them in a cycle: Python need not look for any.

It would do so again and again, each time at all of them at once, and no other thread runs meanwhile: the
window would stand still for a tenth of a second.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_lock = Lock()
_under_way = 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Leave cycles alone while this runs, on any number of threads; look for them afterwards as before."""
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(more: int) -> None:
    global _under_way  # noqa: PLW0603  the collector is one for the whole process, too
    with _lock:
        _under_way += more
        (gc.disable if _under_way else gc.enable)()
