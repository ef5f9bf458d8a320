"""What is locked by its expiry is no deletion: it stays part of the sync, and its value stays here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.sync.outcome import Result
from tests.vault.furnished import put
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import expiration

if TYPE_CHECKING:
    from tests.app.sync.conftest import Pair
    from tests.cloud.handles import Strict
    from tests.vault.furnished import Clock

FOLDER, A = ParameterPath("/shop"), ParameterPath("/shop/a")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("choice", "seen"), [(Choice.DELETE, {"/shop/a": "deleted-here"}), (Choice.LOCK, {}), (Choice.WARN, {})]
)
def test_after_expiry_only_what_goes_to_the_trash_is_gone(
    ssm: Pair, clock: Clock, choice: Choice, seen: dict[str, str]
) -> None:
    ssm.vault.on_expiry.set(FOLDER, choice)
    put(ssm.vault, A, "v1")
    ssm.sync()
    ssm.vault.folders.set_policies(FOLDER, (expiration(clock.now + DAY),))
    clock.move(DAY)
    assert ssm.actions() == seen


def test_an_edit_of_what_is_locked_is_not_pushed_until_it_is_unlocked(
    ssm: Pair, strict: Strict, clock: Clock
) -> None:
    ssm.vault.on_expiry.set(FOLDER, Choice.LOCK)
    put(ssm.vault, A, "v1")
    put(ssm.vault, "/shop/b", "v1")
    ssm.sync()
    ssm.vault.folders.set_policies(FOLDER, (expiration(clock.now + DAY),))
    ssm.vault.on_expiry.set(ParameterPath("/shop/b"), Choice.WARN)
    clock.move(DAY)
    put(ssm.vault, A, "v2")
    put(ssm.vault, "/shop/b", "v2")
    outcomes = {str(outcome.item.path): (outcome.result, outcome.reason) for outcome in ssm.sync()}
    assert outcomes["/shop/b"][0] is Result.DONE
    assert outcomes["/shop/a"][0] is Result.FAILED
    assert "locked" in outcomes["/shop/a"][1]
    aws = strict.client("ssm")
    assert aws.get_parameter(Name="/shop/a", WithDecryption=True)["Parameter"]["Value"] == "v1"
    ssm.vault.on_expiry.remove(FOLDER)
    ssm.vault.folders.set_policies(FOLDER, ())
    ssm.sync()
    assert aws.get_parameter(Name="/shop/a", WithDecryption=True)["Parameter"]["Value"] == "v2"
