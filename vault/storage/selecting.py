"""SQL that gives ids of entries in an order, for lists that are as long as the vault."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from vault.paths import subtree_range
from vault.records import Order

if TYPE_CHECKING:
    from vault.paths import ParameterPath
    from vault.storage.database import Database

_COLUMNS = {
    Order.PATH: "path",
    Order.TYPE: "value_type",
    Order.TIER: "tier",
    Order.VERSION: "latest",
    Order.MODIFIED: "modified_at",
    Order.EXPIRES: "expires_at",
}


def ids_below(database: Database, folder: ParameterPath, order: Order, *, descending: bool) -> array[int]:
    """Ids of the live entries anywhere below `folder`."""
    low, high = subtree_range(folder)
    rows = database.rows(
        "SELECT id FROM entries WHERE deleted_at IS NULL AND path >= ? AND path < ?"
        f" ORDER BY {sorting(order, descending=descending)}",
        (low, high),
    )
    return array("q", [entry_id for (entry_id,) in rows])


def sorting(order: Order, *, descending: bool) -> str:
    """What stands after ORDER BY: what is not set comes last either way, and equal ones in path order."""
    way = "DESC" if descending else "ASC"
    if order is Order.PATH:
        return f"path {way}"
    return f"{_COLUMNS[order]} {way} NULLS LAST, path"
