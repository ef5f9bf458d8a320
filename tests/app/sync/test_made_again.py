"""What an independent judge found: things made again, told late, left out, or in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.sync import undo
from app.sync.choices import Choice
from app.sync.outcome import Result
from app.sync.run import Sync
from tests.vault.furnished import put, put_secret
from vault.paths import ParameterPath

if TYPE_CHECKING:
    import pytest

    from tests.app.sync.conftest import Pair
    from tests.cloud.handles import Strict
    from tests.vault.furnished import Clock


def make_again(strict: Strict, *values: str) -> None:
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    strict.do("ssm", "PutParameter", Name="/shop/a", Value=values[0], Type="SecureString")
    for value in values[1:]:
        strict.do("ssm", "PutParameter", Name="/shop/a", Value=value, Overwrite=True)


def test_what_is_made_again_at_once_with_our_number_is_not_taken_for_ours(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/a", "one")
    ssm.sync()
    make_again(strict, "theirs")
    assert ssm.actions() == {"/shop/a": "pull"}
    ssm.sync()
    assert ssm.value("/shop/a") == "theirs"


def test_what_was_just_made_is_asked_for_again_before_it_is_called_deleted(
    ssm: Pair, strict: Strict, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sync.observe.TOLD_LATE", (0.0, 0.0, 0.0))
    put(ssm.vault, "/shop/a", "one")
    ssm.sync()
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    strict.calls(reset=True)
    assert ssm.actions() == {"/shop/a": "deleted-there"}
    assert strict.calls()["ssm:GetParameters"] == 4
    undo_now(ssm)
    clock.move(timedelta(seconds=16))
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    strict.calls(reset=True)
    assert ssm.actions() == {"/shop/a": "deleted-there"}
    assert strict.calls()["ssm:GetParameters"] == 1


def undo_now(pair: Pair) -> None:
    found = undo.plan_undelete(pair.vault, pair.remote, ParameterPath("/"))
    Sync(pair.vault, pair.remote, pair.store).apply(undo.undelete(pair.vault, pair.remote, found))


def test_what_our_write_went_over_survives_what_is_made_again_with_its_number(
    ssm: Pair, strict: Strict
) -> None:
    put(ssm.vault, "/shop/a", "one")
    ssm.sync()
    put(ssm.vault, "/shop/a", "mine")
    plan = ssm.plan()
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="over", Overwrite=True)
    (outcome,) = Sync(ssm.vault, ssm.remote, ssm.store).apply(plan)
    assert outcome.result is Result.CONFLICT
    make_again(strict, "again 1", "again 2")  # version 2 again, with another value
    ssm.sync(Choice.MINE)
    ssm.sync(Choice.MINE)
    history = ssm.vault.entries.history(ParameterPath("/shop/a"))
    values = {ssm.value("/shop/a", number=version.number) for version in history}
    assert {"one", "mine", "over", "again 2"} <= values
    assert ssm.value("/shop/a") == "mine"
    assert ssm.actions() == {}


def test_a_path_of_the_other_kind_is_left_out_and_told(ssm: Pair, strict: Strict) -> None:
    put_secret(ssm.vault, "/shop/a", "secret")
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="parameter", Type="String")
    plan = ssm.plan()
    assert plan.items == ()
    assert [(each.name, each.reason) for each in plan.skipped] == [("/shop/a", "/shop/a is a secret here")]


def test_labels_of_what_is_gone_do_not_come_back_with_what_is_made_again(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/a", "one")
    ssm.vault.entries.label(ParameterPath("/shop/a"), 1, ["live"])
    ssm.sync()
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    ssm.sync(delete=True)
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="two", Type="SecureString")
    ssm.sync()
    history = ssm.vault.entries.history(ParameterPath("/shop/a"))
    assert [(version.number, version.labels) for version in history] == [(1, ()), (2, ())]
    assert [item.differs for item in ssm.plan().items] == [()]
