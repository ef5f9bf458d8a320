"""SQL for folders side by side: bare rows and fingerprints, never a sealed value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vault.paths import subtree_range
from vault.storage.codes import KINDS, ORIGINS, TIERS, VALUE_TYPES, moment
from vault.storage.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vault.paths import ParameterPath
    from vault.storage.database import Database

_CHUNK: Final = 400  # pairs in one query


def below(database: Database, folder: ParameterPath) -> Iterator[tuple[Any, ...]]:
    """The fields of `vault.matrix.Held` of every entry below `folder`, in path order."""
    low, high = subtree_range(folder)
    found = database.cursor(
        "SELECT e.path, e.id, e.kind, e.value_type, e.tier, e.latest, e.current, e.expires_at,"
        " v.fingerprint, v.size, v.created_at, v.origin"
        " FROM entries e LEFT JOIN versions v ON v.entry_id = e.id AND v.number = e.current"
        " WHERE e.deleted_at IS NULL AND e.path >= ? AND e.path < ? ORDER BY e.path",
        (low, high),
    )
    for row in found:
        yield (
            path_of(row[0])[len(low) - 1 :],
            row[1],
            KINDS[row[2]],
            VALUE_TYPES[row[3]],
            TIERS[row[4]],
            row[5],
            row[6],
            None if row[7] is None else moment(row[7]),
            row[8],
            row[9] or 0,
            None if row[10] is None else moment(row[10]),
            None if row[11] is None else ORIGINS[row[11]],
        )


def holders(
    database: Database, asked: Iterable[tuple[int, bytes]]
) -> Iterator[tuple[tuple[int, bytes], int]]:
    """Which kept versions of an entry had a fingerprint: (entry id, fingerprint), number; index alone."""
    pairs = list(asked)
    for at in range(0, len(pairs), _CHUNK):
        chunk = pairs[at : at + _CHUNK]
        marks = ", ".join(["(?, ?)"] * len(chunk))
        for entry_id, fingerprint, number in database.cursor(
            f"WITH asked (entry_id, fingerprint) AS (VALUES {marks})"
            " SELECT v.entry_id, v.fingerprint, v.number FROM asked a CROSS JOIN versions v"
            " ON v.fingerprint = a.fingerprint AND v.entry_id = a.entry_id ORDER BY v.number",
            [part for pair in chunk for part in pair],
        ):
            yield (entry_id, fingerprint), number


def paths(database: Database, folder: ParameterPath) -> list[str]:
    """The paths of all entries below `folder`, in order."""
    low, high = subtree_range(folder)
    found = database.rows(
        "SELECT path FROM entries WHERE deleted_at IS NULL AND path >= ? AND path < ? ORDER BY path",
        (low, high),
    )
    return [path_of(path) for (path,) in found]
