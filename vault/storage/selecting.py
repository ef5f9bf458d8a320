"""SQL that gives ids of entries in an order, for lists that are as long as the vault.

The index of trigrams gives candidates, as long as they are few; every condition is then asked of the rows
themselves, so that what is found does not depend on the way to it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Final, assert_never

from vault.conditions import Among, Condition, Holds, Is, IsOf, Matches, Place, Term, literal_parts
from vault.paths import subtree_range
from vault.records import Order
from vault.storage.codes import CODE_OF_VALUE_TYPE, milliseconds
from vault.storage.search import candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.storage.database import Database

FEW: Final = 50_000  # candidates up to which asking them is faster than asking every row
FEW_OF_PAGE: Final = 10_000  # the same where the rows are in order already and the first page is enough
WALK: Final = 2_000  # entries looked at in path order before the index is asked for a page
_COLUMNS: Final = {
    Order.PATH: "path",
    Order.TYPE: "value_type",
    Order.TIER: "tier",
    Order.VERSION: "latest",
    Order.MODIFIED: "modified_at",
    Order.EXPIRES: "expires_at",
}
_FIRST: Final = (
    "(SELECT * FROM entries WHERE deleted_at IS NULL AND path > '/' ORDER BY path LIMIT ?) AS entries"
)
_FEW: Final = "json_each(?) AS few CROSS JOIN entries ON entries.id = few.value"


def ids_below(database: Database, folder: ParameterPath, order: Order, *, descending: bool) -> array[int]:
    """Ids of the live entries anywhere below `folder`."""
    low, high = subtree_range(folder)
    return _ids(
        database,
        "SELECT id FROM entries WHERE deleted_at IS NULL AND path >= ? AND path < ?"
        f" ORDER BY {_sorting(order, descending=descending)}",
        (low, high),
    )


def ids_with_value_of(database: Database, entry_id: int, number: int) -> array[int]:
    """Ids of the other live entries whose current value is that of a version, in path order."""
    return _ids(
        database,
        "SELECT e.id FROM versions v JOIN entries e ON e.id = v.entry_id AND e.current = v.number"
        " WHERE v.fingerprint = (SELECT fingerprint FROM versions WHERE entry_id = ?1 AND number = ?2)"
        " AND e.id <> ?1 AND e.deleted_at IS NULL ORDER BY e.path",
        (entry_id, number),
    )


def tags(database: Database, limit: int) -> list[tuple[str, str, int]]:
    """The tags that most live entries have, each with how many have it, by key and value."""
    rows = database.rows(
        "SELECT tag.key, tag.value, count(*) FROM entries, json_each(entries.tags) AS tag"
        " WHERE entries.deleted_at IS NULL GROUP BY tag.key, tag.value"
        " ORDER BY count(*) DESC, tag.key, tag.value LIMIT ?",
        (limit,),
    )
    return sorted((key, value, count) for key, value, count in rows)


def ids_expiring(database: Database, after: datetime | None, until: datetime) -> set[int]:
    """Ids of the live entries whose values are not given from some moment on, after `after` up to `until`."""
    rows = database.rows(
        "SELECT id FROM entries WHERE deleted_at IS NULL AND expires_at > ? AND expires_at <= ?",
        (-1 if after is None else milliseconds(after), milliseconds(until)),
    )
    return {entry_id for (entry_id,) in rows}


def ids_where(
    database: Database, terms: Sequence[Term], order: Order, limit: int | None, *, descending: bool
) -> array[int]:
    """Ids of the live entries that all `terms` hold for, the first `limit` of them."""
    asked = _Question(terms)
    end = f" ORDER BY {_sorting(order, descending=descending)} LIMIT {-1 if limit is None else limit:d}"
    is_page = limit is not None and order is Order.PATH
    if is_page and not descending:
        found = asked.ids(database, _FIRST, end, WALK)
        if len(found) == limit:
            return found
    texts = [text for term in terms if not term.excluded for text in _texts(term.condition)]
    few = candidates(database, texts, FEW_OF_PAGE if is_page else FEW)
    if few is None:
        return asked.ids(database, "entries INDEXED BY entry_by_path" if is_page else "entries", end)
    return asked.ids(database, _FEW, end, _json(few))


def _ids(database: Database, sql: str, bound: Sequence[object]) -> array[int]:
    """The ids that a query gives, in its order.

    They come in one row. With a row each, a hundred thousand would hand the interpreter's lock to and fro.
    """
    from vault import json_text  # most commands list nothing

    ((found,),) = database.rows(f"SELECT group_concat(id) FROM ({sql})", bound)
    return array("q", json_text.parsed(f"[{found or ''}]"))


class _Question:
    """Terms as SQL, with what is bound to it."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._bound: list[object] = []
        parts = [f" AND {'NOT ' * term.excluded}({self._sql(term.condition)})" for term in terms]
        self._where = "entries.deleted_at IS NULL" + "".join(parts)

    def ids(self, database: Database, source: str, end: str, *bound: object) -> array[int]:
        """Ids of the rows of `source`, to which `bound` belongs, that every term holds for."""
        sql = f"SELECT entries.id FROM {source} WHERE {self._where}{end}"
        return _ids(database, sql, (*bound, *self._bound))

    def _sql(self, condition: Condition) -> str:
        match condition:
            case Holds(text):
                self._bound += [text] * 4
                test = "instr({}, ?)"
                path, tag, label = (_at(place, test) for place in Place)
                description = test.format(_folded("entries.description"))
                return f"{path} OR {description} OR {tag} OR {label}"  # what costs more comes later
            case Matches(place, pattern):
                self._bound.append(pattern)
                return _at(place, "{} GLOB ?")
            case IsOf(types):
                return f"entries.value_type IN ({', '.join(str(CODE_OF_VALUE_TYPE[one]) for one in types)})"
            case Among(ids):
                self._bound.append(_json(ids))
                return "entries.id IN (SELECT value FROM json_each(?))"
            case Is(state):
                msg = f"{state} is not told by the rows alone"
                raise ValueError(msg)
            case _:
                assert_never(condition)


def _at(place: Place, test: str) -> str:
    """SQL that tells whether `test` holds for a text of an entry at `place`."""
    match place:
        case Place.PATH:
            return test.format(_folded("entries.path"))
        case Place.TAG:
            lines = "SELECT key || '=' || value AS line FROM json_each(entries.tags)"
        case Place.LABEL:
            lines = "SELECT label AS line FROM labels WHERE entry_id = entries.id"
        case _:
            assert_never(place)
    return f"EXISTS (SELECT 1 FROM ({lines}) WHERE {test.format(_folded('line'))})"


def _folded(text: str) -> str:
    """SQL that folds case as Python does. SQLite folds ASCII alone: enough where there is nothing else."""
    is_ascii = f"length(CAST({text} AS BLOB)) = length({text})"
    return f"(CASE WHEN {is_ascii} THEN lower({text}) ELSE folded({text}) END)"


def _texts(condition: Condition) -> list[str]:
    """What must be in the indexed text of every entry that the condition holds for."""
    match condition:
        case Holds(text):
            return [text]
        case Matches(_, pattern):
            return literal_parts(pattern)
        case _:
            return []


def _sorting(order: Order, *, descending: bool) -> str:
    """What stands after ORDER BY: what is not set comes last either way, and equal ones in path order."""
    way = "DESC" if descending else "ASC"
    if order is Order.PATH:
        return f"entries.path {way}"
    return f"entries.{_COLUMNS[order]} {way} NULLS LAST, entries.path"


def _json(ids: Iterable[int]) -> str:
    return f"[{','.join(map(str, ids))}]"
