"""Lists as long as the vault: ids in an order, and the entries that belong to a stretch of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, draft, find, put, put_secret
from vault.labels import PENDING
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration
from vault.records import Kind, Order, Tier, ValueType

if TYPE_CHECKING:
    from vault.vault import Vault


def listed(vault: Vault, order: Order, *, descending: bool = False, folder: ParameterPath = ROOT) -> str:
    """Names of the entries in this order, one letter each."""
    ids = vault.entries.ids_below(folder, order, descending=descending)
    return "".join(entry.path.name for entry in vault.entries.of_ids(ids))


@pytest.fixture
def furnished(vault: Vault, clock: Clock) -> Vault:
    """Entries "a" to "e" in two folders and one more in the trash."""
    soon, late = clock() + timedelta(days=1), clock() + timedelta(days=9)
    put(vault, "/x/d", value_type=ValueType.STRING)
    clock.move()
    put(vault, "/x/b", tier=Tier.ADVANCED, policies=(expiration(late),))
    clock.move()
    put_secret(vault, "/x/c")
    clock.move()
    put(vault, "/x/deep/e", value_type=ValueType.STRING_LIST)
    put(vault, "/x/deep/e", "again")
    clock.move()
    put(vault, "/a", tier=Tier.ADVANCED, policies=(expiration(soon),))
    put(vault, "/x/t")
    vault.trash.remove(ParameterPath("/x/t"))
    return vault


ORDERS = {
    Order.PATH: ("abcde", "edcba"),
    Order.TYPE: ("deabc", "cabed"),
    Order.TIER: ("deabc", "abdec"),  # a secret has none
    Order.VERSION: ("abcde", "eabcd"),
    Order.MODIFIED: ("dbcea", "aecbd"),
    Order.EXPIRES: ("abcde", "bacde"),
}


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_list_is_in_the_order_asked_for_with_equal_ones_by_path(furnished: Vault, order: Order) -> None:
    rising, falling = ORDERS[order]
    assert listed(furnished, order) == rising
    assert listed(furnished, order, descending=True) == falling


def test_a_list_of_a_folder_has_what_is_anywhere_below_it(furnished: Vault) -> None:
    assert listed(furnished, Order.PATH, folder=ParameterPath("/x")) == "bcde"
    assert listed(furnished, Order.MODIFIED, folder=ParameterPath("/x/deep")) == "e"
    assert listed(furnished, Order.PATH, folder=ParameterPath("/x/d")) == ""


def test_entries_of_ids_come_as_asked_for_without_those_that_are_gone(vault: Vault) -> None:
    vault.entries.put_many([draft(f"/e{number:04}") for number in range(1200)])
    ids = vault.entries.ids_below()
    vault.trash.remove(ParameterPath("/e0007"))
    asked = [*reversed(ids), 99_999, ids[3]]
    names = [f"/e{number:04}" for number in reversed(range(1200)) if number != 7] + ["/e0003"]
    assert [entry.path for entry in vault.entries.of_ids(asked)] == names
    assert vault.entries.of_ids([]) == []


def test_entries_of_ids_are_whole(furnished: Vault) -> None:
    (entry,) = furnished.entries.of_ids([find(furnished, "/a").id])
    assert entry == find(furnished, "/a")


# --------------------------------------------------------------------------- who has the same value, and tags


def also(vault: Vault, path: str) -> list[str]:
    return [entry.path for entry in vault.entries.same_value(find(vault, path))]


def test_the_others_with_the_same_current_value_are_told_by_path(vault: Vault) -> None:
    put(vault, "/z", "shared")
    put_secret(vault, "/a", "shared")
    put(vault, "/m", "shared", value_type=ValueType.STRING)
    put(vault, "/other", "other")
    assert also(vault, "/z") == ["/a", "/m"]
    assert also(vault, "/a") == ["/m", "/z"]
    assert also(vault, "/other") == []


def test_what_had_the_value_once_or_lies_in_the_trash_does_not_count(vault: Vault) -> None:
    put(vault, "/now", "shared")
    put(vault, "/once", "shared")
    put(vault, "/once", "newer")
    put(vault, "/gone", "shared")
    vault.trash.remove(ParameterPath("/gone"))
    put_secret(vault, "/pending", "its own")
    put_secret(vault, "/pending", "shared", stages=(PENDING,))
    assert also(vault, "/now") == []
    assert also(vault, "/pending") == []


def test_a_secret_without_a_value_shares_none(vault: Vault) -> None:
    for path in ("/one", "/two"):
        vault.entries.put(draft(path, None, kind=Kind.SECRET))
    assert also(vault, "/one") == []


def test_tags_are_counted_over_live_entries(vault: Vault) -> None:
    put(vault, "/a", tags={"owner": "ops", "stage": "prod"})
    put(vault, "/b", tags={"owner": "ops"})
    put(vault, "/c", tags={"owner": "größer"})
    put(vault, "/plain")
    put(vault, "/gone", tags={"owner": "ops"})
    vault.trash.remove(ParameterPath("/gone"))
    assert vault.entries.tags() == [("owner", "größer", 1), ("owner", "ops", 2), ("stage", "prod", 1)]


def test_of_many_tags_those_that_most_entries_have_are_told(vault: Vault) -> None:
    put(vault, "/a", tags={"z": "often", "b": "once"})
    put(vault, "/b", tags={"z": "often", "c": "once"})
    assert vault.entries.tags(limit=2) == [("b", "once", 1), ("z", "often", 2)]
