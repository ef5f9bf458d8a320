"""Policies of folders reach everything below, and what expires follows every change of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, find, put, put_secret, value_of
from vault.errors import NotFound, Refused
from vault.paths import ROOT, ParameterPath
from vault.policies import Policy, expiration

if TYPE_CHECKING:
    from tests.vault.furnished import Clock
    from vault.vault import Vault

DAY = timedelta(days=1)
SOON, LATER, LATEST = BEGIN + DAY, BEGIN + 5 * DAY, BEGIN + 9 * DAY
BEFORE = Policy("ExpirationNotification", amount="12", unit="Hours")
UNCHANGED = Policy("NoChangeNotification", amount="3", unit="Days")

LEVELS: dict[str, tuple[dict[str, datetime], datetime | None, datetime | None]] = {
    # situation:                    folders,                          own,    expires at
    "nothing anywhere":            ({},                               None,   None),
    "its own":                     ({},                               SOON,   SOON),
    "its folder's":                ({"/a/b": SOON},                   None,   SOON),
    "the root's":                  ({"/": SOON},                      None,   SOON),
    "the nearest folder's":        ({"/": SOON, "/a": LATER},         None,   LATER),
    "its own over its folder's":   ({"/": SOON, "/a/b": SOON},        LATER,  LATER),
    "not its own path's":          ({"/a/b/c": SOON},                 None,   None),
    "not a neighbour's":           ({"/a/bb": SOON, "/b": SOON},      None,   None),
}  # fmt: skip


@pytest.mark.parametrize("order", ["folders first", "entry first"])
@pytest.mark.parametrize(("folders", "own", "expected"), LEVELS.values(), ids=LEVELS)
def test_which_expiration_holds(
    vault: Vault, folders: dict[str, datetime], own: datetime | None, expected: datetime | None, order: str
) -> None:
    policies = () if own is None else (expiration(own),)
    if order == "entry first":
        put(vault, "/a/b/c", policies=policies)
    for folder, at in folders.items():
        vault.folders.set_policies(ParameterPath(folder), (expiration(at),))
    if order == "folders first":
        put(vault, "/a/b/c", policies=policies)
    assert find(vault, "/a/b/c").expires_at == expected
    assert find(vault, "/a/b/c").policies == policies


def test_each_kind_of_policy_is_inherited_by_itself(vault: Vault) -> None:
    vault.folders.set_policies(ROOT, (expiration(LATER), UNCHANGED))
    vault.folders.set_policies(ParameterPath("/a"), (BEFORE,))
    put(vault, "/a/b", policies=(expiration(SOON),))
    assert set(vault.folders.effective(find(vault, "/a/b"))) == {expiration(SOON), BEFORE, UNCHANGED}


def test_setting_says_how_many_entries_expire_otherwise(vault: Vault) -> None:
    for path in ("/a/x", "/a/y", "/b/z"):
        put(vault, path)
    put(vault, "/a/own", policies=(expiration(LATEST),))
    assert vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),)) == 2
    assert vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON), BEFORE)) == 0
    assert vault.folders.set_policies(ParameterPath("/a"), ()) == 2
    assert vault.folders.with_policies() == {}


def test_policies_act_on_secrets_and_every_tier(vault: Vault, clock: Clock) -> None:
    put_secret(vault, "/a/secret")
    put(vault, "/a/standard")
    vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),))
    clock.move(DAY)
    assert vault.trash.sweep() == (2, 0)


def test_a_moved_entry_takes_on_the_policies_of_its_new_place(vault: Vault) -> None:
    vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),))
    vault.folders.set_policies(ParameterPath("/b"), (expiration(LATER),))
    put(vault, "/a/x")
    vault.entries.move(ParameterPath("/a/x"), ParameterPath("/b/x"))
    assert find(vault, "/b/x").expires_at == LATER
    vault.entries.move(ParameterPath("/b/x"), ParameterPath("/c/x"))
    assert find(vault, "/c/x").expires_at is None
    vault.entries.copy(ParameterPath("/c/x"), ParameterPath("/a/x"))
    assert find(vault, "/a/x").expires_at == SOON


def test_a_moved_folder_takes_its_policies_along(vault: Vault) -> None:
    vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),))
    vault.folders.set_policies(ParameterPath("/a/deep"), (expiration(LATER),))
    put(vault, "/a/x")
    put(vault, "/a/deep/y")
    vault.entries.move(ParameterPath("/a"), ParameterPath("/b"))
    assert vault.folders.with_policies() == {"/b": (expiration(SOON),), "/b/deep": (expiration(LATER),)}
    assert [find(vault, path).expires_at for path in ("/b/x", "/b/deep/y")] == [SOON, LATER]


def test_what_was_in_the_folder_before_inherits_from_the_one_moved_there(vault: Vault) -> None:
    put(vault, "/b/old")
    put(vault, "/a/x")
    vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),))
    vault.entries.move(ParameterPath("/a"), ParameterPath("/b"))
    entry = find(vault, "/b/old")
    assert vault.folders.effective(entry) == (expiration(SOON),)
    assert entry.expires_at == SOON


def test_a_folder_with_policies_of_its_own_keeps_them_when_another_is_moved_there(vault: Vault) -> None:
    put(vault, "/b/old")
    put(vault, "/a/x")
    vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),))
    vault.folders.set_policies(ParameterPath("/b"), (expiration(LATER),))
    vault.entries.move(ParameterPath("/a"), ParameterPath("/b"))
    assert vault.folders.with_policies() == {"/b": (expiration(LATER),)}
    assert [find(vault, path).expires_at for path in ("/b/old", "/b/x")] == [LATER, LATER]


def test_a_restored_entry_takes_on_the_policies_of_its_place(vault: Vault) -> None:
    put(vault, "/a/x")
    vault.trash.remove(ParameterPath("/a/x"))
    vault.folders.set_policies(ParameterPath("/a"), (expiration(SOON),))
    vault.trash.restore(ParameterPath("/a/x"))
    assert find(vault, "/a/x").expires_at == SOON


def test_an_expired_value_is_not_given_by_any_selector(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", stages=("prod",), policies=(expiration(SOON),))
    clock.now = SOON - timedelta(milliseconds=1)
    assert value_of(vault, "/a") == "value"
    clock.now = SOON
    for selector in ({}, {"number": 1}, {"label": "prod"}):
        with pytest.raises(NotFound, match="expired") as caught:
            value_of(vault, "/a", **selector)
        assert caught.value.aws == "ParameterNotFound"


def test_policies_that_contradict_each_other_are_refused_on_folders_too(vault: Vault) -> None:
    with pytest.raises(Refused) as caught:
        vault.folders.set_policies(ROOT, (expiration(SOON), expiration(LATER)))
    assert caught.value.aws == "IncompatiblePolicyException"
    assert vault.folders.policies(ROOT) == ()


def test_what_is_due_comes_earliest_first_and_tells_why(vault: Vault) -> None:
    put(vault, "/soon", policies=(expiration(SOON), BEFORE))
    put(vault, "/stale", policies=(UNCHANGED,))
    vault.folders.set_policies(ParameterPath("/f"), (expiration(LATER),))
    put(vault, "/f/x")
    put(vault, "/later", policies=(expiration(LATEST),))
    due = [(one.entry.path, one.what, one.due - BEGIN) for one in vault.expiring(timedelta(days=6))]
    assert due == [
        ("/soon", "ExpirationNotification", timedelta(hours=12)),
        ("/soon", "Expiration", DAY),
        ("/stale", "NoChangeNotification", 3 * DAY),
        ("/f/x", "Expiration", 5 * DAY),
    ]
