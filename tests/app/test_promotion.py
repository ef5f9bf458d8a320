"""Promotion: what the plan says of each name, and that all of it is done or nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import promotion
from app.promotion import Action, Promotion, Step
from tests.vault.furnished import Clock, draft, find, new_vault, put, put_secret, value_of
from tests.vault.memory_kms import connected, set_policy
from vault.errors import Cancelled, Conflict, NotFound, Refused
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import expiration
from vault.records import Kind, Origin, RotationDraft, Tier, ValueType
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vault.vault import Vault

DEV, PROD = ParameterPath("/shop/dev"), ParameterPath("/shop/prod")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), clock) as vault:
        put(vault, "/shop/dev/same", "x")
        put(vault, "/shop/prod/same", "x")
        put(vault, "/shop/dev/changed", "new", description="of dev", tags={"stage": "dev"})
        put(vault, "/shop/prod/changed", "old", description="of prod", tags={"stage": "prod"})
        put(vault, "/shop/dev/web/fresh", "{}", tier=Tier.ADVANCED, data_type="json", description="d")
        yield vault


def planned(vault: Vault, *names: str) -> Promotion:
    return promotion.plan(vault, DEV, PROD, names or None)


def step(vault: Vault, name: str) -> Step:
    (found,) = planned(vault, name).steps
    return found


def opened(vault: Vault) -> list[str]:
    return [event.path for event in vault.audit.events() if event.event == "value-opened"]


def test_a_plan_says_what_becomes_of_each_name_and_opens_nothing(vault: Vault) -> None:
    made = planned(vault)
    assert {one.name: one.action for one in made.steps} == {
        "same": Action.SAME,
        "changed": Action.VERSION,
        "web/fresh": Action.CREATE,
    }
    assert made.counts == {Action.SAME: 1, Action.VERSION: 1, Action.CREATE: 1}
    assert opened(vault) == []


def test_what_is_written_is_the_value_and_what_stays_is_said_of_the_target(vault: Vault) -> None:
    steps = Steps()
    assert promotion.apply(vault, planned(vault), steps) == 2
    done, total = steps.place
    assert done == total > 2
    assert value_of(vault, "/shop/prod/changed") == "new"
    changed = find(vault, "/shop/prod/changed")
    assert (changed.latest, changed.description, changed.tags) == (2, "of prod", {"stage": "prod"})
    fresh = find(vault, "/shop/prod/web/fresh")
    assert (fresh.tier, fresh.data_type, fresh.description) == (Tier.ADVANCED, "json", "d")
    assert find(vault, "/shop/prod/same").latest == 1
    assert sorted(opened(vault))[:2] == ["/shop/dev/changed", "/shop/dev/web/fresh"]
    assert {one.action for one in planned(vault).steps} == {Action.SAME}


def test_policies_stay_where_they_are(vault: Vault, clock: Clock) -> None:
    put(vault, "/shop/dev/until", policies=(expiration(clock() + timedelta(days=1)),))
    promotion.apply(vault, planned(vault, "until"))
    assert find(vault, "/shop/prod/until").policies == ()


def test_versions_carry_the_mark_of_the_face_that_made_them(vault: Vault) -> None:
    promotion.apply(vault, planned(vault))
    assert vault.entries.history(PROD.join("changed"))[-1].origin is Origin.LIBRARY


def test_some_names_or_folders_of_names_can_be_meant(vault: Vault) -> None:
    assert [one.name for one in planned(vault, "web/").steps] == ["web/fresh"]
    assert [one.name for one in planned(vault, "same", "web").steps] == ["same", "web/fresh"]
    with pytest.raises(NotFound, match="/shop/dev/nothing"):
        planned(vault, "same", "nothing")
    with pytest.raises(NotFound, match="/shop/none"):
        promotion.plan(vault, ParameterPath("/shop/none"), PROD)
    with pytest.raises(Refused, match="itself"):
        promotion.plan(vault, DEV, DEV)


def expired(vault: Vault, clock: Clock) -> None:
    vault.on_expiry.set(DEV, Choice.LOCK)
    put(vault, "/shop/dev/it", policies=(expiration(clock() + timedelta(hours=1)),))
    clock.move(timedelta(hours=2))


def valueless(vault: Vault, _: Clock) -> None:
    vault.entries.put(draft("/shop/dev/it", None, kind=Kind.SECRET))


def rotating(vault: Vault, _: Clock) -> None:
    put(vault, "/shop/dev/it", "a")
    put(vault, "/shop/prod/it", "b")
    vault.rotations.set(PROD.join("it"), RotationDraft("value"))


def of_another_kind(vault: Vault, _: Clock) -> None:
    put(vault, "/shop/dev/it", "a")
    put_secret(vault, "/shop/prod/it", "b")


def of_another_type(vault: Vault, _: Clock) -> None:
    put(vault, "/shop/dev/it", "a")
    put(vault, "/shop/prod/it", "b", value_type=ValueType.STRING)


def too_large(vault: Vault, _: Clock) -> None:
    put(vault, "/shop/dev/it", "a" * 4097, tier=Tier.ADVANCED)
    put(vault, "/shop/prod/it", "b")


REFUSALS = {
    "it has expired": (expired, "", "expired"),
    "it has no value": (valueless, "", "no value"),
    "it rotates there": (rotating, "", "rotates there"),
    "it is of another kind there": (of_another_kind, "", "secret"),
    "it is of another type there": (of_another_type, "HierarchyTypeMismatchException", "SecureString"),
    "it is too large for the tier there": (too_large, "ValidationException", "4096"),
}


@pytest.mark.parametrize(("prepare", "aws", "why"), REFUSALS.values(), ids=REFUSALS)
def test_what_cannot_be_promoted_is_refused_with_the_reason(
    vault: Vault, clock: Clock, prepare: Callable[[Vault, Clock], None], aws: str, why: str
) -> None:
    prepare(vault, clock)
    found = step(vault, "it")
    assert (found.action, found.aws) == (Action.REFUSED, aws)
    assert why in found.why
    assert promotion.apply(vault, planned(vault, "it")) == 0


def test_a_path_that_is_too_deep_there_is_refused(vault: Vault) -> None:
    put(vault, "/shop/dev/" + "/".join("abcdefghijk"))
    deep = promotion.plan(vault, DEV, ParameterPath("/a/b/c/d/e/f"), ["a"])
    assert deep.steps[0].aws == "HierarchyLevelLimitExceededException"


def test_the_value_of_another_secret_type_goes_along_with_its_type(vault: Vault) -> None:
    put_secret(vault, "/shop/dev/it", b"\xff\x00", value_type=ValueType.SECRET_BINARY)
    put_secret(vault, "/shop/prod/it", "text")
    promotion.apply(vault, planned(vault, "it"))
    assert find(vault, "/shop/prod/it").value_type is ValueType.SECRET_BINARY


def test_what_is_noteworthy_there_is_remarked(vault: Vault, clock: Clock) -> None:
    connected(vault)
    vault.on_expiry.set(PROD, Choice.LOCK)
    put(vault, "/shop/dev/it", "a")
    put(vault, "/shop/prod/it", "b", policies=(expiration(clock() + timedelta(hours=1)),))
    clock.move(timedelta(hours=2))
    set_policy(vault, "/shop/prod", "both")
    assert step(vault, "it").why == "it has expired there, and stays so; under alias/one as well"
    set_policy(vault, "/shop/prod", "kms")
    assert step(vault, "changed").why == "under alias/one alone"


def test_a_value_that_was_replaced_there_is_told_before_it_comes_back(vault: Vault) -> None:
    put(vault, "/shop/dev/ahead", "first")
    for text in ("first", "mended", "mended again"):
        put(vault, "/shop/prod/ahead", text)
    assert step(vault, "ahead").why == "it goes back to the value of version 1 there"
    assert step(vault, "changed").why == ""
    assert promotion.apply(vault, planned(vault, "ahead")) == 1
    assert value_of(vault, "/shop/prod/ahead") == "first"


def written_there(vault: Vault) -> None:
    put(vault, "/shop/prod/changed", "theirs")


def made_there(vault: Vault) -> None:
    put(vault, "/shop/prod/web/fresh", "theirs")


def written_here(vault: Vault) -> None:
    put(vault, "/shop/dev/changed", "newer")


def removed_here(vault: Vault) -> None:
    vault.trash.remove(DEV.join("changed"), 7)


def rotating_by_now(vault: Vault) -> None:
    vault.rotations.set(PROD.join("changed"), RotationDraft("value"))


@pytest.mark.parametrize(
    "meanwhile", [written_there, made_there, written_here, removed_here, rotating_by_now]
)
def test_nothing_is_written_where_somebody_was_faster(
    vault: Vault, meanwhile: Callable[[Vault], None]
) -> None:
    made = planned(vault)
    meanwhile(vault)
    before = vault.entries.below(PROD)
    with pytest.raises(Conflict, match="plan"):
        promotion.apply(vault, made)
    assert vault.entries.below(PROD) == before
    assert opened(vault) == []


def test_a_rule_that_only_the_value_breaks_is_told_with_its_path(vault: Vault) -> None:
    put(vault, "/shop/prod/changed", "12", allowed_pattern="[0-9]+")
    with pytest.raises(Refused, match="/shop/prod/changed"):
        promotion.apply(vault, planned(vault))
    with pytest.raises(NotFound):
        find(vault, "/shop/prod/web/fresh")


def test_a_promotion_that_is_stopped_at_any_step_writes_nothing(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 1)
    for at in range(10):

        def told(done: int, _total: int, at: int = at) -> None:
            if done == at:
                raise Cancelled("stop")

        with pytest.raises(Cancelled):
            promotion.apply(vault, planned(vault), Steps(told))
        assert find(vault, "/shop/prod/changed").latest == 1


def test_only_the_chosen_names_of_a_plan_are_done(vault: Vault) -> None:
    assert promotion.apply(vault, planned(vault).only({"web/fresh"})) == 1
    assert value_of(vault, "/shop/prod/changed") == "old"
