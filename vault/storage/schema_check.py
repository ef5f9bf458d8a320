"""Compares a database's schema with the one that the migrations make.

Whoever has the key can write any schema: a view in a table's place, a trigger on every write, a table without
its checks. A statement does what it says only on the schema that it was written for.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from re import fullmatch
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlcipher3 import dbapi2

from vault.errors import Damaged, Said
from vault.storage import schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.storage.database import Database

_READ: Final = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_SHOWN: Final = 100  # characters of a name that somebody else gave
_COLUMN: Final = r"\w+( (INTEGER|BLOB|TEXT|ANY))?( PRIMARY KEY)?( NOT NULL)?"
_PLAIN: Final = rf"\({_COLUMN}(, {_COLUMN})*(, PRIMARY KEY\(\w+(, \w+)*\))?\)( WITHOUT ROWID)?"


class _Part(NamedTuple):
    """A row of the schema."""

    kind: str
    name: str
    table: str
    statement: str


def refuse_crafted(database: Database) -> None:
    """Refuse a schema that is not the one of its number. Takes about 2 ms.

    Raises:
        Damaged: it differs.
        FormatTooNew: a newer program wrote this database.
    """
    if found := findings(database):
        msg = Said(
            "the database is not built as Strongroom builds it: {first} (differences: {count}); "
            "take back what another program changed in it, or restore a backup",
            first=found[0],
            count=len(found),
        )
        raise Damaged(msg)


def findings(database: Database) -> list[Said]:
    """One sentence for each part that is not as the migrations up to the database's number make it.

    Raises:
        FormatTooNew: a newer program wrote this database.
    """
    with database.reading():
        number = schema.schema_number(database)
        found = _parts(database.rows(_READ))
    right = _parts(_made(number))
    if found != right:
        found, right = _without_fts5s(found), _without_fts5s(right)
    strange, lacking = {part[:2] for part in found - right}, {part[:2] for part in right - found}
    return [_sentence(*part, part in strange, part in lacking) for part in sorted(strange | lacking)]


class _Blank:
    """An empty database in memory, for migrations."""

    def __init__(self, connection: dbapi2.Connection) -> None:
        self._connection = connection

    def run(self, sql: str) -> int:
        """Run a statement; the number of rows it changed."""
        return int(self._connection.execute(sql).rowcount)


def _made(number: int) -> list[tuple[object, ...]]:
    with closing(dbapi2.connect(":memory:", isolation_level=None)) as connection:
        blank = _Blank(connection)
        for migration in schema.MIGRATIONS[:number]:
            migration(blank)
        return connection.execute(_READ).fetchall()


def _parts(rows: Iterable[Sequence[object]]) -> Counter[_Part]:
    return Counter(_todays(_Part(*map(str, row))) for row in rows)


def _todays(part: _Part) -> _Part:
    """The first vaults let the number of a deleted key be given again: that is right, too."""
    if part.name != "wrapping_keys":
        return part
    first = "id INTEGER PRIMARY KEY,"
    return part._replace(statement=part.statement.replace(first, "id INTEGER PRIMARY KEY AUTOINCREMENT,"))


def _without_fts5s(parts: Counter[_Part]) -> Counter[_Part]:
    """The same without the columns of the tables behind the index, where they are plain ones.

    The FTS5 that made a vault may spell them otherwise than the one that opens it.
    """
    return Counter(part._replace(statement="") if _is_fts5s(part) else part for part in parts.elements())


def _is_fts5s(part: _Part) -> bool:
    begin, _, columns = part.statement.partition("(")
    return (
        part.name.startswith("search_")
        and begin in (f"CREATE TABLE '{part.name}'", f'CREATE TABLE "{part.name}"')
        and fullmatch(_PLAIN, f"({columns}") is not None
    )


def _sentence(kind: str, name: str, is_strange: bool, is_lacking: bool) -> Said:  # noqa: FBT001
    shown = " ".join(repr(text[:_SHOWN])[1:-1] for text in (kind, name))
    if not is_lacking:
        return Said("the {part} does not belong there", part=shown)
    if is_strange:
        return Said("the {part} is not as it should be", part=shown)
    return Said("the {part} is missing", part=shown)
