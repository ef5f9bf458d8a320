"""Environments side by side: the names below several folders, and how each cell compares with the reference.

Told by fingerprints, version numbers and moments; no value is opened but by `difference`. One column is the
reference; every other cell is compared with the cell of its row there. docs/environments.md has the rules.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import WrongUsage
from vault.errors import NotFound, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from app.compare import Comparison
    from vault.matrix import Held, Holdings
    from vault.paths import ParameterPath
    from vault.vault import Vault

FEWEST: Final = 2
MOST: Final = 12  # folders


class State(StrEnum):
    """How a cell compares with the reference; what asks for attention first comes first."""

    MISSING = "missing"  # not here, but in some other column
    DIFFERENT = "different"
    AHEAD = "ahead"  # the reference holds a value that this entry held before
    OLDER = "older"  # it holds a value that the reference held before
    EXTRA = "extra"  # here, and not in the reference
    SAME = "same"  # the same value
    REFERENCE = "reference"  # the reference's own cell


class Remark(StrEnum):
    """What there is to say of a cell beside its state."""

    EXPIRED = "expired"
    RETYPED = "another type"  # than the reference's: of the value, or of the entry
    EMPTY = "no value"  # a secret that has none yet


class Cell(NamedTuple):
    """One name in one folder."""

    state: State
    held: Held | None  # None where it is missing
    remarks: tuple[Remark, ...] = ()
    match: int | None = None
    """OLDER: the version of the reference with this value. AHEAD: the version here with the reference's."""


class Row(NamedTuple):
    """One name in every folder."""

    name: str  # relative to the folders
    cells: tuple[Cell, ...]
    marks: frozenset[str]  # values of State and Remark: what filters go by

    @property
    def state(self) -> State:
        """The one state of the row: the first in the order of `State` that a cell has."""
        return next(state for state in State if state.value in self.marks)


class Matrix(NamedTuple):
    """Several folders side by side at one moment."""

    folders: tuple[ParameterPath, ...]
    reference: int  # its place in `folders`
    rows: tuple[Row, ...]  # by name
    tallies: tuple[Counter[str], ...]  # of each column: how many cells are in a state, or have a remark

    def path(self, name: str, column: int) -> ParameterPath:
        """Where a name stands, or would stand, in a column."""
        return self.folders[column].join(name)

    def missing(self, column: int) -> list[str]:
        """The names that a column has not, and some other has."""
        return [row.name for row in self.rows if row.cells[column].held is None]

    def counts(self) -> Counter[str]:
        """How many rows each filter of `shown` has."""
        found: Counter[str] = Counter()
        for row in self.rows:
            found.update(row.marks)
        return found


def checked(folders: Sequence[ParameterPath]) -> tuple[ParameterPath, ...]:
    """The folders, if they can stand side by side.

    Raises:
        WrongUsage: they are fewer than 2 or more than 12, or one comes twice.
    """
    if not FEWEST <= len(folders) <= MOST:
        raise WrongUsage(
            Said("choose {fewest} to {most} folders to stand side by side", fewest=FEWEST, most=MOST)
        )
    if len(set(folders)) < len(folders):
        raise WrongUsage(Said("a folder is chosen twice"))
    return tuple(folders)


def read(vault: Vault, folders: Sequence[ParameterPath], reference: ParameterPath | None = None) -> Matrix:
    """Compare what is below `folders` now; `reference` is one of them, the first if None.

    Raises:
        WrongUsage: as `checked`; or `reference` is none of them.
    """
    folders = checked(folders)
    if reference is not None and reference not in folders:
        raise WrongUsage(Said("the reference {folder} is none of the folders", folder=reference))
    at = 0 if reference is None else folders.index(reference)
    return compare(folders, vault.holdings(folders, at), at, vault.now())


def compare(folders: Sequence[ParameterPath], holdings: Holdings, reference: int, now: datetime) -> Matrix:
    """Put what was read next to each other."""
    columns = [{held.name: held for held in column} for column in holdings.columns]
    rows = []
    for name in sorted({name for column in columns for name in column}):
        base = columns[reference].get(name)
        cells = tuple(
            _cell(column.get(name), base, holdings.former, now, is_reference=number == reference)
            for number, column in enumerate(columns)
        )
        rows.append(Row(name, cells, _marks(cells)))
    tallies = tuple(_tally(row.cells[number] for row in rows) for number in range(len(folders)))
    return Matrix(tuple(folders), reference, tuple(rows), tallies)


def shown(matrix: Matrix, which: str = "", text: str = "", column: int | None = None) -> list[Row]:
    """The rows that a filter leaves.

    Args:
        matrix: of which.
        which: a value of `State` or `Remark` that some cell has; "same": that all cells have; "": any.
        text: words that the name holds, in any case.
        column: sort by the states of this column, what asks for attention first; None: by name.
    """
    words = text.casefold().split()
    rows = [
        row
        for row in matrix.rows
        if (not which or which in row.marks) and all(word in row.name.casefold() for word in words)
    ]
    if column is not None:
        rows.sort(key=lambda row: ORDER[row.cells[column].state])
    return rows


def difference(vault: Vault, old: ParameterPath, new: ParameterPath) -> Comparison:
    """What differs between the current values at two paths, masked; both are opened, which is logged.

    One without an entry or a value counts as empty.

    Raises:
        Refused, KeyUnavailable, Damaged: as `vault.values.open`; NotFound: one has expired.
    """
    from app.compare import compare as compare_values
    from vault.secret import Secret

    def opened(path: ParameterPath) -> Secret:
        try:
            has_value = vault.entries.find(path).current > 0
        except NotFound:
            has_value = False
        return vault.values.open(path).value if has_value else Secret()

    with opened(old) as before, opened(new) as after:
        return compare_values(before, after)


ORDER: Final = {state: number for number, state in enumerate(State)}


def _tally(cells: Iterable[Cell]) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell in cells:
        found[cell.state.value] += 1
        found.update(remark.value for remark in cell.remarks)
    return found


def _marks(cells: Iterable[Cell]) -> frozenset[str]:
    """What is said of a row; "same" is said only where there is nothing else to say."""
    found = {cell.state.value for cell in cells} | {said.value for cell in cells for said in cell.remarks}
    found.discard(State.REFERENCE.value)
    if len(found) > 1:
        found.discard(State.SAME.value)
    return frozenset(found)


def _cell(
    held: Held | None,
    base: Held | None,
    former: Mapping[tuple[int, bytes], int],
    now: datetime,
    *,
    is_reference: bool,
) -> Cell:
    if held is None:
        return Cell(State.MISSING, None)
    remarks = []
    if held.expires_at is not None and held.expires_at <= now:
        remarks.append(Remark.EXPIRED)
    if held.fingerprint is None:
        remarks.append(Remark.EMPTY)
    if is_reference:
        return Cell(State.REFERENCE, held, tuple(remarks))
    if base is None:
        return Cell(State.EXTRA, held, tuple(remarks))
    if (held.kind, held.value_type) != (base.kind, base.value_type):
        remarks.append(Remark.RETYPED)
    state, match = _compared(held, base, former)
    return Cell(state, held, tuple(remarks), match)


def _compared(held: Held, base: Held, former: Mapping[tuple[int, bytes], int]) -> tuple[State, int | None]:
    if held.fingerprint == base.fingerprint:
        return State.SAME, None
    behind = former.get((base.entry_id, held.fingerprint)) if held.fingerprint else None
    ahead = former.get((held.entry_id, base.fingerprint)) if base.fingerprint else None
    if behind and not ahead:
        return State.OLDER, behind
    if ahead and not behind:
        return State.AHEAD, ahead
    return State.DIFFERENT, None  # also where each held the other's value before
