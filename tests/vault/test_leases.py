"""Leases: written before their credential is made, open until it is gone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, Clock, put, raw
from vault.errors import Damaged, NotFound, Refused
from vault.lease import Lease, LeaseDraft
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from vault.vault import Vault

PATH = ParameterPath("/shop/db")
HOUR = timedelta(hours=1)
DRAFT = LeaseDraft(PATH, "postgresql", "strongroom_lease_1", "psql", {"admin": 7}, BEGIN + HOUR)


@pytest.fixture
def planned(vault: Vault) -> Lease:
    put(vault, PATH, "{}")
    return vault.leases.plan(DRAFT)


def test_a_planned_lease_is_open_and_logged(vault: Vault, planned: Lease) -> None:
    assert LeaseDraft(*planned[2:7], planned.ends_at) == DRAFT
    assert (planned.made_at, planned.ended_at, planned.problem) == (BEGIN, None, "")
    assert vault.leases.any_open()
    assert vault.leases.find(planned.id) == planned
    assert vault.leases.open_ones() == vault.leases.history() == [planned]
    (event,) = vault.audit.events(newest_first=True, limit=1)
    assert (event.event, event.entry_id, event.path) == ("lease-made", planned.entry_id, PATH)
    assert event.detail == {"target": "postgresql", "holder": "strongroom_lease_1", "program": "psql"}


def test_the_first_to_end_is_the_first_of_the_open_ones(vault: Vault, planned: Lease) -> None:
    sooner = vault.leases.plan(DRAFT._replace(ends_at=BEGIN + HOUR / 2))
    assert [each.id for each in vault.leases.open_ones()] == [sooner.id, planned.id]
    assert [each.id for each in vault.leases.history()] == [sooner.id, planned.id]
    assert vault.leases.history(limit=1) == [sooner]


def test_a_problem_is_kept_until_the_lease_ends(vault: Vault, planned: Lease, clock: Clock) -> None:
    stuck = vault.leases.write(planned._replace(problem="no route to db.example" * 100, memo={"tried": 1}))
    assert stuck.problem.startswith("no route")
    assert len(stuck.problem) == 512
    assert stuck.memo == {"tried": 1}
    ended = vault.leases.end(stuck)
    assert (ended.ended_at, ended.problem) == (clock.now, "")
    assert not vault.leases.any_open()
    assert vault.leases.open_ones() == []


def test_a_lease_ends_once_whoever_ends_it(vault: Vault, planned: Lease, clock: Clock) -> None:
    first = vault.leases.end(planned)
    clock.move()
    assert vault.leases.end(planned) == first
    assert vault.leases.write(planned._replace(problem="late")) == first
    events = [event.event for event in vault.audit.events()]
    assert events.count("lease-ended") == 1


def test_what_cannot_be_planned_leaves_nothing(vault: Vault) -> None:
    with pytest.raises(NotFound):
        vault.leases.plan(DRAFT)
    put(vault, PATH, "{}")
    with pytest.raises(Refused):
        vault.leases.plan(DRAFT._replace(ends_at=BEGIN))
    with pytest.raises(NotFound):
        vault.leases.find(1)
    assert vault.leases.history() == []


def test_leases_outlive_their_entry(vault: Vault, planned: Lease) -> None:
    vault.trash.remove(PATH)
    vault.trash.purge(PATH)
    assert vault.leases.open_ones() == [planned]
    assert vault.leases.end(planned).ended_at == BEGIN


def test_a_memo_that_does_not_read_back_is_told(vault: Vault, planned: Lease) -> None:
    with raw(vault) as database:
        database.run("UPDATE leases SET memo = '{' WHERE id = ?", (planned.id,))
    with pytest.raises(Damaged):
        vault.leases.open_ones()
