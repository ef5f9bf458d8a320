"""SQL of the audit log: append, page, read for verification. Rows never change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from vault.errors import Said
from vault.storage.codes import ORIGINS, milliseconds, moment
from vault.storage.unreadable import findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from vault.storage.database import Database

_NAMES = "seq, at, event, origin, entry_id, version, detail, mac"
NO_HEAD = (0, bytes(32))
_ODD = (  # a million rows are looked at in a second
    "SELECT seq, at, origin, detail FROM audit WHERE at NOT BETWEEN 0 AND 253402300799999"
    " OR origin NOT BETWEEN 1 AND 7 OR iif(json_valid(detail), json_type(detail) <> 'object', detail NOTNULL)"
)


class Where(NamedTuple):
    """Which rows are asked for."""

    text: str = ""  # lower case, in the path
    named: tuple[int, ...] = ()  # codes of events that `text` means too
    events: tuple[int, ...] | None = None  # codes; None: all
    origins: tuple[int, ...] | None = None  # codes; None: all
    since: int | None = None  # milliseconds since 1970, inclusive
    until: int | None = None  # exclusive
    entry_id: int | None = None


def head(database: Database) -> tuple[int, bytes]:
    """The newest row's number and MAC; (0, 32 zeros) for an empty log."""
    row = database.row("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1")
    return NO_HEAD if row is None else (row[0], row[1])


def mac_at(database: Database, seq: int) -> bytes | None:
    """The MAC of one row."""
    row = database.row("SELECT mac FROM audit WHERE seq = ?", (seq,))
    return None if row is None else row[0]


def leapt_over(
    database: Database, moments: Iterable[datetime], now: datetime, most: timedelta
) -> set[datetime]:
    """Those moments around which the log has nothing for more than `most`, up to `now`.

    What counts is where the log went past each for the last time. It is walked back once for all of them.
    """
    left = sorted((milliseconds(when), when) for when in moments)
    found, after, longest = set(), milliseconds(now), most // timedelta(milliseconds=1)
    for (at,) in database.cursor("SELECT at FROM audit ORDER BY seq DESC"):
        while left and left[-1][0] > at:
            _, when = left.pop()
            if after - at > longest:
                found.add(when)
        if not left:
            break
        after = at
    return found


def unreadable(database: Database) -> Iterator[Said]:
    """Rows that whatever reads them refuses, one sentence each; their chain may hold all the same."""
    return findings(database, Said("event"), _ODD, _read)


def _read(row: tuple[Any, ...]) -> None:
    from vault.storage.json_text import parsed

    _, at, origin, detail = row
    moment(at)
    ORIGINS[origin]
    if detail is not None:
        parsed(detail)


def append(database: Database, rows: Iterable[tuple[object, ...]]) -> None:
    """Add rows: (seq, at, event, origin, entry_id, version, detail, mac)."""
    database.run_many(f"INSERT INTO audit ({_NAMES}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def rows_after(database: Database, seq: int, limit: int) -> list[tuple[Any, ...]]:
    """Rows as they were appended, behind the number `seq`, lowest number first."""
    return database.rows(f"SELECT {_NAMES} FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", (seq, limit))


def page(
    database: Database, after: int, limit: int, where: Where, *, newest_first: bool
) -> list[tuple[Any, ...]]:
    """Rows with the path that their entry has now: after (or, newest first, before) the row `after`."""
    direction, compare = ("DESC", "<") if newest_first else ("ASC", ">")
    condition, parameters = _condition(where, [(f"a.seq {compare} ?", (after,))] if after else [])
    return database.rows(
        "SELECT a.seq, a.at, a.event, a.origin, a.entry_id, a.version, a.detail, e.path"
        f" FROM audit a LEFT JOIN entries e ON e.id = a.entry_id{condition}"
        f" ORDER BY a.seq {direction} LIMIT ?",
        (*parameters, limit),
    )


def tally(database: Database, where: Where, span: int) -> list[tuple[int, int]]:
    """How many rows there are in each span of so many milliseconds since 1970: (number of the span, rows)."""
    condition, parameters = _condition(where, [])
    joined = " LEFT JOIN entries e ON e.id = a.entry_id" if where.text else ""
    found = database.rows(
        f"SELECT a.at / {span:d}, count(*) FROM audit a{joined}{condition} GROUP BY 1 ORDER BY 1", parameters
    )
    return [(number, count) for number, count in found]


def _condition(where: Where, first: list[tuple[str, tuple[object, ...]]]) -> tuple[str, list[object]]:
    """A WHERE clause and its parameters; the numbers in lists are ours."""
    conditions = list(first)
    if where.entry_id is not None:
        conditions.append(("a.entry_id = ?", (where.entry_id,)))
    if where.since is not None:
        conditions.append(("a.at >= ?", (where.since,)))
    if where.until is not None:
        conditions.append(("a.at < ?", (where.until,)))
    for column, codes in (("event", where.events), ("origin", where.origins)):
        if codes is not None:
            conditions.append((f"a.{column} IN ({_list(codes)})", ()))
    if where.text:
        path = "lower(coalesce(a.detail ->> '$.path', e.path, ''))"
        conditions.append((f"(a.event IN ({_list(where.named)}) OR instr({path}, ?))", (where.text,)))
    clause = " AND ".join(sql for sql, _ in conditions)
    return (f" WHERE {clause}" if clause else ""), [one for _, held in conditions for one in held]


def _list(codes: Iterable[int]) -> str:
    return ", ".join(str(int(code)) for code in codes)
