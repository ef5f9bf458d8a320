"""How far a verb over many entries is; and that stopping it, wherever it is, leaves everything as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, draft
from tests.vault.memory_kms import connected, set_policy
from vault.errors import Cancelled
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration
from vault.records import Draft
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.vault import Vault

    Verb = Callable[[Vault, Steps], object]

MANY = 7
FOLDER, ELSEWHERE = ParameterPath("/many"), ParameterPath("/elsewhere")


def paths(vault: Vault) -> list[ParameterPath]:
    return [entry.path for entry in vault.entries.below(FOLDER)]


def removal(vault: Vault) -> Verb:
    gone = paths(vault)
    return lambda vault, steps: vault.trash.remove_many(gone, steps=steps)


def removal_of_the_folder(_: Vault) -> Verb:
    return lambda vault, steps: vault.trash.remove_many([FOLDER], recursive=True, steps=steps)


def bringing_back(vault: Vault) -> Verb:
    ids = vault.trash.remove_many(paths(vault))
    return lambda vault, steps: vault.trash.bring_back(ids, steps)


def emptying(vault: Vault) -> Verb:
    ids = vault.trash.remove_many(paths(vault))
    return lambda vault, steps: vault.trash.purge_many(ids, steps)


def moving(_: Vault) -> Verb:
    return lambda vault, steps: vault.entries.move_many([(FOLDER, ELSEWHERE)], steps)


def moving_back(vault: Vault) -> Verb:
    moved = vault.entries.move_many([(FOLDER, ELSEWHERE)])
    return lambda vault, steps: vault.entries.move_back(moved, steps)


def moving_what_has_policies(vault: Vault) -> Verb:
    """To where others are already: they inherit then, too."""
    vault.entries.put_many([draft(f"{ELSEWHERE}/there{number}") for number in range(MANY)])
    vault.folders.set_policies(FOLDER, (expiration(BEGIN + timedelta(days=1)),))
    return moving(vault)


def moving_back_what_has_policies(vault: Vault) -> Verb:
    vault.folders.set_policies(FOLDER, (expiration(BEGIN + timedelta(days=1)),))
    return moving_back(vault)


def copying(_: Vault) -> Verb:
    return lambda vault, steps: vault.entries.copy_many([(FOLDER, ELSEWHERE)], steps)


def new_entries(_: Vault) -> Verb:
    drafts = [draft(f"/new/e{number}") for number in range(MANY)]
    return lambda vault, steps: vault.entries.put_many(drafts, steps=steps)


def new_versions(vault: Vault) -> Verb:
    drafts = [draft(path, "another") for path in paths(vault)]
    return lambda vault, steps: vault.entries.put_many(drafts, steps=steps)


def tags(vault: Vault) -> Verb:
    drafts = [Draft(path, None, tags={"team": "shop"}, overwrite=True) for path in paths(vault)]
    return lambda vault, steps: vault.entries.put_many(drafts, steps=steps)


def folder_policies(_: Vault) -> Verb:
    policies = (expiration(BEGIN + timedelta(days=1)),)
    return lambda vault, steps: vault.folders.set_policies(FOLDER, policies, steps)


def coming_back(vault: Vault) -> Verb:
    vault.trash.remove(FOLDER, recursive=True)
    return lambda vault, steps: vault.trash.restore(FOLDER, None, steps)


def purging(vault: Vault) -> Verb:
    vault.trash.remove(FOLDER, recursive=True)
    return lambda vault, steps: vault.trash.purge(FOLDER, steps)


def going_back_in_time(vault: Vault) -> Verb:
    """To when nothing was moved, removed, added, labelled or written anew."""
    first, second, third, fourth, *_ = paths(vault)
    when = vault.now()
    vault.interior.clock.move()  # type: ignore[attr-defined]
    vault.entries.move(first, ELSEWHERE)
    vault.trash.remove(second)
    vault.entries.label(third, None, ["new"])
    vault.entries.put(draft(fourth, "another"))
    vault.entries.put(draft(f"{FOLDER}/more"))
    return lambda vault, steps: vault.restore_to(FOLDER, when, steps)


def opening(vault: Vault) -> Verb:
    ids = [entry.id for entry in vault.entries.below(FOLDER)]
    return lambda vault, steps: vault.values.open_many(ids, steps)


VERBS = [
    removal, removal_of_the_folder, bringing_back, emptying, moving, moving_back,
    moving_what_has_policies, moving_back_what_has_policies, coming_back, purging, going_back_in_time,
    copying, new_entries, new_versions, tags, folder_policies, opening,
]  # fmt: skip


@pytest.fixture(autouse=True)
def every_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 1)


@pytest.fixture
def filled(vault: Vault) -> Vault:
    """A vault with several entries below one folder."""
    vault.entries.put_many([draft(f"{FOLDER}/e{number}", f"value {number}") for number in range(MANY)])
    return vault


def held(vault: Vault) -> object:
    """All that a stopped verb may not change, the log among it."""
    entries = [
        (entry.path, entry.latest, dict(entry.tags), entry.expires_at) for entry in vault.entries.below(ROOT)
    ]
    return entries, vault.trash.listed(), vault.entries.tags(), vault.audit.head()


def is_stopped(vault: Vault, act: Verb, step: int) -> bool:
    """Whether the verb came to this step, where it is stopped."""

    def told(done: int, _total: int) -> None:
        if done == step:
            raise Cancelled("stop")

    try:
        act(vault, Steps(told))
    except Cancelled:
        return True
    return False


@pytest.mark.parametrize("verb", VERBS)
def test_each_step_is_told_once_and_at_the_end_all_are_done(
    filled: Vault, verb: Callable[[Vault], Verb]
) -> None:
    told: list[tuple[int, int]] = []
    steps = Steps(lambda *so_far: told.append(so_far))
    verb(filled)(filled, steps)
    done, total = steps.place
    assert done == total >= MANY
    assert [done for done, _ in told] == list(range(total))
    assert all(done <= total for done, total in told)


@pytest.mark.parametrize("verb", VERBS)
def test_whatever_is_stopped_at_any_step_changed_nothing(
    filled: Vault, verb: Callable[[Vault], Verb]
) -> None:
    act = verb(filled)
    before, at = held(filled), 0
    while is_stopped(filled, act, at):
        assert held(filled) == before
        at += 1
    assert at >= MANY
    assert held(filled) != before
    assert filled.check().findings == ()


def test_after_a_move_all_that_inherits_anew_is_counted_as_well(filled: Vault) -> None:
    steps = Steps()
    moving_what_has_policies(filled)(filled, steps)
    found_moved_expiring_indexed_logged, inheriting = 5 * MANY, 2 * MANY
    assert steps.place == (found_moved_expiring_indexed_logged + inheriting,) * 2


def test_what_runs_again_for_a_key_outside_is_counted_once(filled: Vault) -> None:
    kms = connected(filled)
    set_policy(filled, str(ELSEWHERE), "kms")
    kms.calls.clear()
    steps = Steps()
    copying(filled)(filled, steps)
    assert kms.calls["generate"] == MANY
    done, total = steps.place
    assert done == total == 7 * MANY


def test_steps_that_somebody_else_counts_are_told_as_they_come() -> None:
    told: list[tuple[int, int]] = []
    steps = Steps(lambda *so_far: told.append(so_far))
    steps.reach(3, 10)
    steps.reach(10, 10)
    assert told == [(3, 10), (10, 10)]
