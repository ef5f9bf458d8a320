"""Assessments: what was found out about values by opening them once, and the signs that health is told by.

The vault opens and keeps; how strong a value is, and what it looks like, somebody else says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from vault.audit import Event
from vault.errors import Cancelled, Said, VaultError
from vault.expiring import due_within
from vault.paths import ROOT
from vault.records import ValueType
from vault.storage import assessments as rows
from vault.storage import versions as version_rows
from vault.storage.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vault.expiring import Due
    from vault.interior import Interior
    from vault.opening import Values
    from vault.paths import ParameterPath
    from vault.secret import Secret

T = TypeVar("T")
SECURE: Final = (ValueType.SECURE_STRING, ValueType.SECRET_STRING, ValueType.SECRET_BINARY)
"""The types of values that are secrets."""
EXAMINED: Final = (ValueType.STRING, *SECURE)
"""The types of values that are examined."""
_BATCH: Final = 100  # values that are open at a time


class Assessment(NamedTuple):
    """What is kept of a value that was examined; nothing of the value itself."""

    bits: int  # the logarithm to the base 2 of the guesses that it stands against, rounded down
    looks: str  # a word such as "private-key"; "" for nothing in particular


class Round(NamedTuple):
    """What examining came to."""

    examined: int
    outside: int  # values that no enabled local key opens: they were left out
    unreadable: int  # values that do not open; `check` says why


class Weak(NamedTuple):
    """An entry whose current value has few bits."""

    entry_id: int
    path: ParameterPath
    number: int
    bits: int


class Shared(NamedTuple):
    """An entry whose current value another entry has too."""

    fingerprint: bytes  # equal for equal values
    entry_id: int
    path: ParameterPath
    number: int


class Full(NamedTuple):
    """An entry that keeps many versions."""

    entry_id: int
    path: ParameterPath
    kept: int
    held_by: str | None  # a label on the oldest, which therefore cannot go


class Plain(NamedTuple):
    """A String."""

    entry_id: int
    path: ParameterPath
    number: int
    looks: str  # as `Assessment.looks`; "" also while it was not examined


class Signs(NamedTuple):
    """All that findings are made from; what others write while it is read may be in a part of it."""

    due: Sequence[Due]  # all that policies say, the earliest first
    weak: Sequence[Weak]
    shared: Sequence[Shared]  # those with one fingerprint stand together
    full: Sequence[Full]
    plain: Sequence[Plain]
    waiting: int  # values that can be examined and were not yet
    outside: int  # values that no enabled local key opens


class Assessments:
    """Examines the current values, each version once, and gathers what is known of all."""

    def __init__(self, interior: Interior, values: Values) -> None:
        self._in = interior
        self._values = values

    def signs(self, bits: int, versions: int, within: ParameterPath = ROOT) -> Signs:
        """What there is to say of the live entries; opens nothing.

        Args:
            bits: values with fewer are weak.
            versions: entries that keep as many are full.
            within: an entry, or a folder with all below it, to count what waits and what does not open.
        """
        database, now = self._in.database, self._in.clock()

        def reads(read: Callable[[], T]) -> T:  # one at a time: others may have their turn between
            with database.reading():
                return read()

        found, outside = reads(lambda: rows.waiting(database, EXAMINED, now, within))
        weak = reads(lambda: rows.weak(database, SECURE, bits))
        shared = reads(lambda: rows.shared(database, SECURE))
        full = reads(lambda: rows.many_versions(database, versions))
        plain = reads(lambda: rows.of_type(database, ValueType.STRING))
        due = reads(lambda: due_within(database, now, timedelta.max))
        return Signs(
            due,
            [Weak(entry_id, path_of(path), number, few) for entry_id, path, number, few in weak],
            [Shared(mark, entry_id, path_of(path), number) for mark, entry_id, path, number in shared],
            [Full(entry_id, path_of(path), kept, label) for entry_id, path, kept, label in full],
            [Plain(entry_id, path_of(path), number, looks or "") for entry_id, path, number, looks in plain],
            len(found),
            outside,
        )

    def examine(
        self,
        judge: Callable[[ValueType, Secret], Assessment],
        progress: Callable[[int, int], object] = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
        within: ParameterPath = ROOT,
    ) -> Round:
        """Open every current value that has no assessment, and keep what `judge` says of it.

        The round is one audit event, with the number of values, written before the first is opened. No key
        outside the vault is asked. What was judged before it is stopped stays.

        Args:
            judge: is given one value at a time, which is wiped afterwards; outside of any transaction.
            progress: told how many of how many are done.
            cancelled: asked before each value.
            within: an entry, or a folder with all below it.

        Raises:
            Cancelled: `cancelled` said so.
            Locked: the vault was closed meanwhile.
        """
        database, now = self._in.database, self._in.clock()
        with database.reading():
            found, outside = rows.waiting(database, EXAMINED, now, within)
        if found:
            self._in.audit.append(Event("values-examined", detail={"count": len(found)}))
        examined = 0
        for at in range(0, len(found), _BATCH):
            batch = found[at : at + _BATCH]
            examined += self._examine(batch, judge, cancelled)
            progress(at + len(batch), len(found))
        return Round(examined, outside, len(found) - examined)

    def _examine(
        self,
        batch: Sequence[tuple[int, int, int]],
        judge: Callable[[ValueType, Secret], Assessment],
        cancelled: Callable[[], bool],
    ) -> int:
        """One batch; how many of it were judged."""
        opened = self._opened(batch)
        judged = []
        try:
            for version_id, entry_id, number in batch:
                if cancelled():
                    break
                if (entry_id, number) in opened:
                    value_type, value = opened[entry_id, number]
                    judged.append((version_id, entry_id, number, *judge(value_type, value)))
        finally:
            for _, value in opened.values():
                value.wipe()
        with self._in.database.writing():
            rows.keep(self._in.database, judged)
        if cancelled():
            raise Cancelled(Said("examining was stopped"))
        return len(judged)

    def _opened(
        self, batch: Sequence[tuple[int, int, int]]
    ) -> dict[tuple[int, int], tuple[ValueType, Secret]]:
        """The values of a batch, by entry id and number; what does not open is left out."""
        database, found = self._in.database, {}
        with database.reading():
            sealed = version_rows.sealed_current(
                database, (entry_id for _, entry_id, _ in batch), self._in.clock()
            )
            for path, *row in sealed:
                try:
                    one = self._values.opened(path_of(path), row)
                except VaultError:
                    continue
                found[one.entry_id, one.number] = (one.value_type, one.value)
        return found
