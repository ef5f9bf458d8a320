"""Two programs sync one vault with one remote: each edit goes there once."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from app.errors import SyncUnderWay
from app.sync import run
from app.sync.outcome import Result
from app.sync.run import Sync, plan_of
from tests.vault.furnished import put, reopened

if TYPE_CHECKING:
    from app.sync.outcome import Outcome
    from tests.app.sync.conftest import Pair


def test_what_the_other_has_pushed_is_not_pushed_again(ssm: Pair) -> None:
    put(ssm.vault, "/shop/a", "one")
    ssm.sync()
    put(ssm.vault, "/shop/a", "two")
    plan = ssm.plan()
    with reopened(ssm.vault.path) as other:
        assert [one.result for one in Sync(other, ssm.remote, ssm.store).apply(plan)] == [Result.DONE]
    (left,) = Sync(ssm.vault, ssm.remote, ssm.store).apply(plan)
    assert (left.result, "another program" in left.reason) == (Result.LEFT, True)
    assert ssm.actions() == {}
    versions = [one.version for one in ssm.store.history("/shop/a", with_values=False)]
    assert len(versions) == 2


def test_the_second_waits_for_the_first_and_then_says_who_is_at_it(
    ssm: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ssm.vault, "/shop/a", "one")
    plan = ssm.plan()
    inside, go_on = Event(), Event()
    create = ssm.store.create

    def slow(push: object) -> str:
        inside.set()
        go_on.wait(60)
        return create(push)  # type: ignore[arg-type]

    monkeypatch.setattr(ssm.store, "create", slow)
    monkeypatch.setattr(run, "PATIENCE", 0.1)
    done: list[Outcome] = []
    first = Thread(target=lambda: done.extend(Sync(ssm.vault, ssm.remote, ssm.store).apply(plan)))
    first.start()
    assert inside.wait(60)
    with reopened(ssm.vault.path) as other, pytest.raises(SyncUnderWay):
        Sync(other, ssm.remote, ssm.store).apply(plan_of(other, ssm.remote))
    go_on.set()
    first.join(60)
    assert [one.result for one in done] == [Result.DONE]
