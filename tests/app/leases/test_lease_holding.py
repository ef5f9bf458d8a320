"""Whether the program that holds a lease still runs."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from app import allowed
from app.leases.holding import LOCK, MADE, forget, holding, is_being_made, is_left
from app.leases.postgresql import PostgreSqlUsers
from app.leases.sweep import ask_to_revoke, sweep
from tests.app.leases.lending import HOUR, PATH, Lender
from vault.lease import LeaseDraft

if TYPE_CHECKING:
    from vault.lease import Lease


def planned(lender: Lender, memo: dict[str, object]) -> Lease:
    lender.put({})
    draft = LeaseDraft(PATH, "postgresql", "strongroom_lease_1", "psql", memo, lender.now() + HOUR)
    allowed.allow([allowed.of_lease(lender.vault, draft)])
    return lender.vault.leases.plan(draft)


def test_a_lease_is_left_when_its_holder_ends(lender: Lender) -> None:
    with ExitStack() as holder:
        lease = planned(lender, holder.enter_context(holding(lender.vault)))
        assert not is_left(lender.vault, lease)
    assert is_left(lender.vault, lease)
    assert is_left(lender.vault, lease)  # to look changes nothing


def test_in_a_copy_of_the_vault_nobody_can_tell(lender: Lender) -> None:
    with holding(lender.vault) as lock:
        lease = planned(lender, lock)
    locks = lender.folder / "vault" / "locks"
    shutil.copytree(locks, lender.folder / "copied")
    shutil.rmtree(locks)
    assert not is_left(lender.vault, lease)
    (lender.folder / "taken").touch()  # so that the next file has another number
    shutil.copytree(lender.folder / "copied", locks)
    assert not is_left(lender.vault, lease)
    assert not is_being_made(lender.vault, lease)


def test_what_is_being_made_is_taken_away_by_nobody_else(lender: Lender) -> None:
    """Else it would be gone for the vault before it is there, and stay there."""
    with holding(lender.vault) as lock:
        lease = planned(lender, lock)
        assert is_being_made(lender.vault, lease)
        asked = ask_to_revoke(lender.vault, lease)
        assert "ask again" in asked.problem
        lender.ahead = 3 * HOUR
        assert sweep(lender.vault) == []
        lease = lender.vault.leases.find(lease.id)
        assert (lease.ended_at, lease.problem) == (None, "")
        assert not is_being_made(lender.vault, lease._replace(memo={**lease.memo, MADE: True}))
    assert not is_being_made(lender.vault, lease)


def test_a_lock_that_is_forgotten_leaves_no_file(lender: Lender) -> None:
    with holding(lender.vault) as lock:
        lease = planned(lender, lock)
    forget(lender.vault, lease)
    forget(lender.vault, lease)
    assert list((lender.folder / "vault" / "locks").iterdir()) == []


@pytest.mark.parametrize("lock", [None, 7, "", "../vault.db", "lease-", "lease-0123456789abcdef/x"])
def test_a_name_that_is_no_lock_touches_no_file(lender: Lender, lock: object) -> None:
    lease = planned(lender, {LOCK: lock})
    assert not is_left(lender.vault, lease)
    before = sorted((lender.folder / "vault").rglob("*"))
    forget(lender.vault, lease)
    assert sorted((lender.folder / "vault").rglob("*")) == before


def test_an_error_of_a_driver_keeps_the_lease_open_and_the_vault_usable(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("quotes 'the password'")

    monkeypatch.setattr(PostgreSqlUsers, "revoke", fail)
    with holding(lender.vault) as lock:
        planned(lender, lock)
    (left,) = sweep(lender.vault)
    assert (left.ended_at, left.problem) == (None, "an error of the program, ValueError")
    assert sweep(lender.vault) == []  # a moment ago it was tried
