"""Rows that whatever reads them refuses, for the check: found by the very readers that the program has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vault.errors import Damaged, Said, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vault.storage.database import Database

_SHOWN: Final = 100  # characters of what tells a row from others


def findings(
    database: Database, what: Said, query: str, read: Callable[[tuple[Any, ...]], object]
) -> Iterator[Said]:
    """One sentence for each row of `query` that `read` refuses; the first column tells which it is."""
    for row in database.cursor(query):
        try:
            read(row)
        except Damaged as error:
            which = ascii(row[0])[:_SHOWN]
            yield Said("{what} {which}: {why}", what=what, which=which, why=said_by(error))
