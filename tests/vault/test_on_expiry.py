"""On expiry: delete, warn, lock or rotate, for entries and folders, on every tier and on secrets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, assert_whole, draft, every_value, find, put, put_secret, value_of
from vault.errors import Cancelled, NotFound, Refused
from vault.inheritance import Choice, ExpiryChoice
from vault.paths import ROOT, ParameterPath, Selector
from vault.policies import Policy, expiration
from vault.records import Kind, Tier
from vault.secret import Secret
from vault.steps import Steps

if TYPE_CHECKING:
    from datetime import datetime

    from tests.vault.furnished import Clock
    from vault.records import Draft
    from vault.vault import Vault

DAY = timedelta(days=1)
SOON, LATER = BEGIN + DAY, BEGIN + 5 * DAY
A, FOLDER = ParameterPath("/f/a"), ParameterPath("/f")
DELETE, WARN, LOCK, ROTATE = Choice
TAKEN = {DELETE: SOON, WARN: None, LOCK: SOON, ROTATE: None}  # when values are no longer given

HOLDS: dict[str, tuple[dict[str, Choice], ParameterPath | None, Choice]] = {
    # situation:                 what is set,                       where from,              what holds
    "nothing anywhere":         ({},                                None,                    DELETE),
    "its own":                  ({"/f/a": WARN},                    A,                       WARN),
    "its folder's":             ({"/f": LOCK},                      FOLDER,                  LOCK),
    "the root's":               ({"/": ROTATE},                     ROOT,                    ROTATE),
    "the nearest":              ({"/": ROTATE, "/f": LOCK},         FOLDER,                  LOCK),
    "its own over all":         ({"/": LOCK, "/f/a": DELETE},       A,                       DELETE),
    "not a neighbour's":        ({"/f/aa": LOCK, "/g": LOCK},       None,                    DELETE),
    "not one below it":         ({"/f/a/b": LOCK},                  None,                    DELETE),
}  # fmt: skip


@pytest.mark.parametrize("order", ["choices first", "entry first"])
@pytest.mark.parametrize(("choices", "source", "choice"), HOLDS.values(), ids=HOLDS)
def test_which_choice_holds(
    vault: Vault, choices: dict[str, Choice], source: ParameterPath | None, choice: Choice, order: str
) -> None:
    if order == "entry first":
        put(vault, A, policies=(expiration(SOON),))
    for path, one in choices.items():
        vault.on_expiry.set(ParameterPath(path), one)
    if order == "choices first":
        put(vault, A, policies=(expiration(SOON),))
    found = vault.on_expiry.effective(A)
    assert found == ExpiryChoice(source, choice, BEGIN if source else None)
    assert find(vault, A).expires_at == TAKEN[choice]
    assert {str(one.path): one.choice for one in vault.on_expiry.listed()} == choices


ENTRIES: dict[str, Draft] = {
    "a standard parameter": draft(A, tier=Tier.STANDARD),
    "an advanced parameter": draft(A, tier=Tier.ADVANCED),
    "a secret": draft(A, kind=Kind.SECRET),
}


def made(vault: Vault, which: str, by: str, at: datetime = SOON) -> None:
    """An entry that expires by itself or by its folder."""
    made_of = ENTRIES[which]._replace(value=Secret(b"value"))
    if by == "folder":
        vault.folders.set_policies(FOLDER, (expiration(at),))
    else:
        made_of = made_of._replace(policies=(expiration(at),))
    vault.entries.put(made_of)


@pytest.mark.parametrize("by", ["itself", "folder"])
@pytest.mark.parametrize("which", ENTRIES)
@pytest.mark.parametrize("choice", Choice)
def test_what_happens_when_it_is_due(vault: Vault, clock: Clock, choice: Choice, which: str, by: str) -> None:
    made(vault, which, by)
    vault.on_expiry.set(FOLDER, choice)
    clock.now = SOON - timedelta(milliseconds=1)
    assert (value_of(vault, A), vault.trash.sweep()) == ("value", (0, 0))
    clock.now = SOON
    if choice in (WARN, ROTATE):
        assert (value_of(vault, A), every_value(vault)) == ("value", {A: "value"})
    else:
        with pytest.raises(Refused) as refusal:
            vault.values.open(A)
        assert isinstance(refusal.value, NotFound) == (choice is DELETE)
        assert every_value(vault) == {}
    assert vault.trash.sweep() == (1 if choice is DELETE else 0, 0)
    assert [entry.path for entry in vault.entries.below()] == ([] if choice is DELETE else [A])
    assert [(one.entry.path, one.choice) for one in vault.notices.untold()] == [(A, choice)]
    assert_whole(vault)


@pytest.mark.parametrize("selector", [{}, {"number": 1}, {"label": "live"}])
def test_what_is_locked_says_so_and_how_to_unlock_it(
    vault: Vault, clock: Clock, selector: dict[str, object]
) -> None:
    put(vault, A, stages=("live",), policies=(expiration(SOON),))
    vault.on_expiry.set(A, LOCK)
    clock.now = LATER
    with pytest.raises(Refused, match=r"/f/a is locked: .*; to unlock it, set another") as refusal:
        vault.values.open(Selector(A, **selector))  # type: ignore[arg-type]
    assert refusal.value.aws == "AccessDeniedException"
    vault.entries.put(draft(A, None, policies=(expiration(LATER + DAY),)))
    assert value_of(vault, A) == "value"


def test_what_is_locked_takes_new_values_and_gives_none_to_a_copy(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(expiration(SOON),))
    vault.on_expiry.set(A, LOCK)
    clock.now = SOON
    put(vault, A, "new")
    with pytest.raises(Refused, match="locked"):
        value_of(vault, A)
    with pytest.raises(Refused, match="locked"):
        vault.entries.copy(FOLDER, ParameterPath("/g"))
    vault.trash.remove(A)
    assert vault.entries.count() == 0


def test_changing_the_choice_gives_the_value_again_and_takes_it_away(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(expiration(SOON),))
    put(vault, "/f/b", policies=(expiration(SOON),))
    put(vault, "/f/never")
    assert [vault.on_expiry.set(FOLDER, choice) for choice in (LOCK, WARN, WARN, ROTATE)] == [0, 2, 0, 0]
    clock.now = SOON
    assert value_of(vault, A) == "value"
    assert vault.on_expiry.set(A, LOCK) == 1
    with pytest.raises(Refused, match="locked"):
        value_of(vault, A)
    assert [vault.on_expiry.remove(A) for _ in range(2)] == [1, 0]
    assert value_of(vault, A) == "value"


def test_every_change_of_a_choice_is_in_the_log(vault: Vault) -> None:
    seq, _ = vault.audit.head()
    for choice in (WARN, WARN, LOCK):
        vault.on_expiry.set(FOLDER, choice)
    vault.on_expiry.remove(FOLDER)
    vault.on_expiry.remove(FOLDER)
    logged = [(event.event, dict(event.detail)) for event in vault.audit.events(seq)]
    assert logged == [
        ("on-expiry-set", {"path": "/f", "choice": choice}) for choice in ("warn", "lock", None)
    ]


def test_a_moved_folder_takes_its_choices_along(vault: Vault) -> None:
    put(vault, A, policies=(expiration(SOON),))
    put(vault, "/f/deep/b", policies=(expiration(SOON),))
    put(vault, "/g/old", policies=(expiration(SOON),))
    vault.on_expiry.set(FOLDER, WARN)
    vault.on_expiry.set(ParameterPath("/f/deep"), LOCK)
    vault.on_expiry.set(ParameterPath("/g/deep"), ROTATE)
    vault.entries.move(FOLDER, ParameterPath("/g"))
    choices = {str(one.path): one.choice for one in vault.on_expiry.listed()}
    assert choices == {"/g": WARN, "/g/deep": ROTATE}
    assert [find(vault, path).expires_at for path in ("/g/a", "/g/deep/b", "/g/old")] == [None, None, None]


def test_an_entry_takes_on_the_choice_of_its_new_place(vault: Vault) -> None:
    vault.on_expiry.set(FOLDER, WARN)
    put(vault, A, policies=(expiration(SOON),))
    vault.entries.copy(A, ParameterPath("/g/copied"))
    vault.entries.move(A, ParameterPath("/g/moved"))
    vault.trash.remove(ParameterPath("/g/moved"))
    assert find(vault, "/g/copied").expires_at == SOON
    vault.trash.restore(ParameterPath("/g/moved"), A)
    assert find(vault, A).expires_at is None


def test_an_entry_that_expired_is_restored_without_its_expiration(vault: Vault, clock: Clock) -> None:
    unchanged = Policy("NoChangeNotification", amount="9", unit="Days")
    put(vault, A, policies=(expiration(SOON), unchanged))
    clock.now = SOON
    assert vault.trash.sweep() == (1, 0)
    vault.trash.restore(A)
    assert vault.trash.sweep() == (0, 0)
    assert (find(vault, A).policies, value_of(vault, A)) == ((unchanged,), "value")


def test_what_is_locked_stays_so_in_the_trash_and_out_of_it(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(expiration(SOON),))
    vault.on_expiry.set(A, LOCK)
    clock.now = SOON
    vault.trash.remove(A)
    vault.trash.restore(A)
    with pytest.raises(Refused, match="is locked"):
        vault.values.open(A)


def test_an_entry_that_expired_by_its_folder_is_restored_when_that_expires_later(
    vault: Vault, clock: Clock
) -> None:
    put_secret(vault, A)
    vault.folders.set_policies(FOLDER, (expiration(SOON),))
    clock.now = SOON
    vault.trash.sweep()
    with pytest.raises(Refused, match="by its folder"):
        vault.trash.restore(A)
    assert [entry.path for entry in vault.trash.listed()] == [A]
    vault.folders.set_policies(FOLDER, (expiration(LATER),))
    vault.trash.restore(A)
    assert value_of(vault, A) == "value"


@pytest.mark.parametrize("edited", [False, True])
def test_a_folder_is_brought_back_to_before_its_entries_expired(
    vault: Vault, clock: Clock, edited: bool
) -> None:
    put(vault, A, policies=(expiration(LATER),))
    before = clock.move()
    clock.move()
    if edited:
        put(vault, A, "edited")
    clock.now = LATER
    vault.trash.sweep()
    vault.restore_to(FOLDER, before)
    assert vault.trash.sweep() == (0, 0)
    assert (find(vault, A).policies, value_of(vault, A)) == ((), "value")


def test_bringing_a_folder_back_unlocks_nothing(vault: Vault, clock: Clock) -> None:
    put(vault, A, policies=(expiration(LATER),))
    before = clock.move()
    clock.move()
    put(vault, A, "edited")
    vault.on_expiry.set(FOLDER, LOCK)
    clock.now = LATER
    vault.restore_to(FOLDER, before)
    with pytest.raises(Refused, match="locked"):
        value_of(vault, A)


def test_an_entry_that_was_removed_before_it_expired_keeps_its_expiration(vault: Vault) -> None:
    put(vault, A, policies=(expiration(SOON),))
    vault.trash.remove(A)
    vault.trash.restore(A)
    assert find(vault, A).expires_at == SOON


def test_what_a_folder_says_is_told_with_the_folder(vault: Vault) -> None:
    before = Policy("ExpirationNotification", amount="2", unit="Hours")
    vault.folders.set_policies(ROOT, (before,))
    vault.folders.set_policies(FOLDER, (expiration(SOON),))
    put(vault, A)
    put(vault, "/f/b", policies=(expiration(LATER),))
    due = [(one.entry.path, one.what, one.inherited_from) for one in vault.expiring(9 * DAY)]
    assert due == [
        (A, "ExpirationNotification", ROOT),
        (A, "Expiration", FOLDER),
        ("/f/b", "ExpirationNotification", ROOT),
        ("/f/b", "Expiration", None),
    ]


@pytest.mark.parametrize("so_many", [0, 500, 1000])
def test_policies_and_choice_of_a_folder_are_set_together_and_a_stop_undoes_both(
    vault: Vault, so_many: int
) -> None:
    vault.entries.put_many(draft(ParameterPath(f"/f/{number}")) for number in range(600))
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        if done >= so_many:
            raise Cancelled("stopped")

    policies = (expiration(SOON),)
    with pytest.raises(Cancelled):
        vault.on_expiry.set_with_policies(FOLDER, policies, LOCK, Steps(stop))
    assert (vault.folders.policies(FOLDER), vault.on_expiry.listed()) == ((), [])
    vault.on_expiry.set_with_policies(FOLDER, policies, LOCK, Steps(lambda *place: told.append(place)))
    assert vault.folders.policies(FOLDER) == policies
    assert vault.on_expiry.effective(A).choice is LOCK
    assert told == [(0, 600), (500, 600), (1000, 1200)]
