"""The collector of cycles waits while very many objects are made, and goes on afterwards in any case."""

from __future__ import annotations

import gc
from threading import Event, Thread

import pytest

from ui.work.uncollected import uncollected


def test_cycles_are_looked_for_again_when_the_last_of_several_threads_is_done() -> None:
    begun, go_on = Event(), Event()

    def other() -> None:
        with uncollected():
            begun.set()
            go_on.wait(30)

    thread = Thread(target=other)
    with uncollected():
        thread.start()
        assert begun.wait(30)
        assert not gc.isenabled()
    assert not gc.isenabled()
    go_on.set()
    thread.join(30)
    assert gc.isenabled()


def test_cycles_are_looked_for_again_after_an_error() -> None:
    with pytest.raises(LookupError), uncollected():
        raise LookupError
    assert gc.isenabled()
