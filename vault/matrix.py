"""Folders side by side: which entries they hold, told by fingerprints. Nothing is opened or logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.storage import matrix as rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.records import Kind, Origin, Tier, ValueType
    from vault.storage.database import Database


class Held(NamedTuple):
    """One entry of a folder, with the facts of its current version."""

    name: str  # path relative to the folder
    entry_id: int
    kind: Kind
    value_type: ValueType
    tier: Tier | None
    latest: int
    current: int  # 0: a secret without a value
    expires_at: datetime | None  # UTC
    fingerprint: bytes | None  # 16 bytes; None without a value
    size: int  # bytes of the value; 0 without one
    changed_at: datetime | None  # UTC; when the current version was made
    origin: Origin | None  # what made it


class Holdings(NamedTuple):
    """What several folders hold at one moment."""

    columns: tuple[tuple[Held, ...], ...]  # as the folders, each in path order
    former: Mapping[tuple[int, bytes], int]
    """(entry id, fingerprint) → the last version before the current one that had it; for entries of the
    reference with fingerprints of the others' current versions, and the other way round."""


def read(database: Database, folders: Sequence[ParameterPath], reference: int) -> Holdings:
    """What `folders` hold, the history looked at as far as it tells of `reference` (its place among them).

    Inside a transaction.
    """
    columns = tuple(tuple(map(Held._make, rows.below(database, folder))) for folder in folders)
    current = {held.entry_id: held.current for column in columns for held in column}
    found = rows.holders(database, dict.fromkeys(_asked(columns, reference)))
    former = {pair: number for pair, number in found if number < current[pair[0]]}
    return Holdings(columns, former)


def _asked(columns: Sequence[Sequence[Held]], reference: int) -> Iterator[tuple[int, bytes]]:
    """Which entry may have had which value before: both of every pair that differs now."""
    references = {held.name: held for held in columns[reference]}
    for held in (held for number, column in enumerate(columns) if number != reference for held in column):
        other = references.get(held.name)
        if other is None or other.fingerprint is None or held.fingerprint is None:
            continue
        if other.fingerprint != held.fingerprint:
            if other.latest > 1:
                yield other.entry_id, held.fingerprint
            if held.latest > 1:
                yield held.entry_id, other.fingerprint
