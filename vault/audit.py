"""The audit log: append-only, each row chained to the one before by a MAC under a key of the vault.

Layout: docs/format.md, section 6. Cutting off the newest rows is not visible from inside; the head,
kept outside the vault by whoever remembers it (`app.anchor`), shows that.
"""

from __future__ import annotations

import struct
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.errors import Said
from vault.records import AuditEvent
from vault.steps import Steps
from vault.storage import audit as rows
from vault.storage.codes import CODE_OF_ORIGIN, ORIGINS, milliseconds, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from vault.mac import Mac
    from vault.records import Origin
    from vault.storage.database import Database

EVENTS: Final = {
    1: "vault-created",
    2: "unlocked",
    3: "value-opened",
    4: "version-put",
    5: "entry-changed",
    6: "labels-changed",
    7: "entry-removed",
    8: "entry-restored",
    9: "entry-purged",
    10: "entry-expired",
    11: "entry-moved",
    12: "entry-copied",
    13: "folder-policies-set",
    14: "slot-added",
    15: "slot-removed",
    16: "slot-changed",
    17: "key-created",
    18: "key-rotated",
    19: "key-state-changed",
    20: "data-keys-rewrapped",
    21: "values-searched",
    22: "backup-made",
    23: "copy-checked",
    24: "version-dropped",
    25: "key-deleted",
    26: "kms-key-added",
    27: "kms-key-removed",
    28: "key-policy-set",
    29: "remote-added",
    30: "remote-changed",
    31: "remote-removed",
    32: "entry-pushed",
    33: "remote-entry-deleted",
    34: "conflict-found",
    35: "conflict-resolved",
    36: "rotation-set",
    37: "rotation-removed",
    38: "rotation-begun",
    39: "rotation-step",
    40: "rotation-ended",
    41: "on-expiry-set",
    42: "lease-made",
    43: "lease-ended",
    44: "values-examined",
    45: "access-granted",
    46: "access-refused",
}
"""Codes on disk; later parts append theirs, none is ever renumbered."""

_CODES: Final = {name: code for code, name in EVENTS.items()}
_QUARTER: Final = 900_000  # milliseconds
_BATCH: Final = 10_000  # rows that are read at a time
_BEFORE_ALL: Final = -(2**63)  # a number that no row comes before
_FIXED: Final = struct.Struct(">QQHBQQI")


class EventFilter(NamedTuple):
    """Which events are asked for; what is left as it is asks for all."""

    text: str = ""  # in the path, in any case
    named: tuple[str, ...] = ()  # names of events that `text` finds too, whatever their path
    events: tuple[str, ...] | None = None  # names
    origins: tuple[Origin, ...] | None = None
    since: datetime | None = None  # UTC, inclusive
    until: datetime | None = None  # UTC, exclusive


EVERYTHING: Final = EventFilter()


class Event(NamedTuple):
    """Something that is about to be logged."""

    event: str
    entry_id: int | None = None
    version: int | None = None
    detail: Mapping[str, object] | None = None


class Verdict(NamedTuple):
    """What verification of the chain found."""

    held: int  # rows that hold, from the first
    broken_at: int | None  # number of the first row that does not, None if all hold
    reason: str  # "" if all hold


class AuditLog:
    """Appends within the caller's transaction; reads and verifies."""

    def __init__(self, database: Database, mac: Mac, clock: Callable[[], datetime], origin: Origin) -> None:
        self._database = database
        self._mac = mac
        self._clock = clock
        self.origin = origin

    def append(self, *events: Event) -> None:
        """Log events, in order, inside the transaction that did what they tell."""
        self.append_many(events)

    def append_many(self, events: Iterable[Event], at: datetime | None = None) -> None:
        """As `append`, for any number of events; `at` is their moment if it is not now."""
        with self._database.writing():
            seq, mac = rows.head(self._database)
            moment_ms = milliseconds(at or self._clock())
            origin = CODE_OF_ORIGIN[self.origin]
            new: list[tuple[object, ...]] = []
            add, chain = new.append, self._mac.of  # many thousands of events at a time
            for event, entry_id, version, detail in events:
                seq += 1
                text = None if detail is None else _json(detail)
                code = _CODES[event]
                mac = chain(mac + _octets(seq, moment_ms, code, origin, entry_id, version, text))
                add((seq, moment_ms, code, origin, entry_id, version, text, mac))
            rows.append(self._database, new)

    def wipe(self) -> None:
        """Drop the key of the chain."""
        self._mac.wipe()

    def head(self) -> tuple[int, bytes]:
        """Number and MAC (32 bytes) of the newest row."""
        with self._database.reading():
            return rows.head(self._database)

    def mac_at(self, seq: int) -> bytes | None:
        """The MAC of one row, or None if there is no such row."""
        with self._database.reading():
            return rows.mac_at(self._database, seq)

    def events(
        self,
        after_seq: int = 0,
        limit: int = 1000,
        *,
        newest_first: bool = False,
        entry_id: int | None = None,
        chosen: EventFilter = EVERYTHING,
    ) -> list[AuditEvent]:
        """A page of the log.

        Args:
            after_seq: go on behind this row (with `newest_first`: before it); 0 begins.
            limit: rows at most.
            newest_first: from the newest back.
            entry_id: only events of this entry.
            chosen: only these events.
        """
        where = _where(chosen)._replace(entry_id=entry_id)
        with self._database.reading():
            found = rows.page(self._database, after_seq, limit, where, newest_first=newest_first)
        return [_event(row) for row in found]

    def tally(self, chosen: EventFilter = EVERYTHING) -> dict[datetime, int]:
        """How many of these events there are, by the quarter of an hour (UTC) that they fall in.

        The days of every time zone are made of whole quarters.
        """
        with self._database.reading():
            found = rows.tally(self._database, _where(chosen), _QUARTER)
        return {moment(number * _QUARTER): count for number, count in found}

    def verify(self, steps: Steps | None = None) -> Verdict:
        """Walk the chain from the first row; stop at the first one that does not follow from the last.

        Others may read and write meanwhile; what they append is walked too.

        Raises:
            Cancelled: whoever is told of `steps`, one for each row, stopped it.
        """
        count, mac = rows.NO_HEAD
        counted, after = steps or Steps(), _BEFORE_ALL
        counted.expect(self.head()[0])
        while batch := self._rows_after(after):
            for row in counted.each(batch):
                if row[0] != count + 1:
                    return Verdict(count, count + 1, Said("row {count} is missing", count=count + 1))
                if not self._follows(mac, row):
                    return Verdict(
                        count, count + 1, Said("row {count} was changed, or a row before it", count=count + 1)
                    )
                count, mac = row[0], row[7]
            after = count
        return Verdict(count, None, "")

    def _rows_after(self, seq: int) -> list[tuple[Any, ...]]:
        with self._database.reading():
            return rows.rows_after(self._database, seq, _BATCH)

    def _follows(self, previous: bytes, row: tuple[Any, ...]) -> bool:
        """Whether a row's MAC is of its columns and the MAC before it."""
        try:
            return compare_digest(self._mac.of(previous + _octets(*row[:7])), row[7])
        except struct.error:  # a number that no row of ours has
            return False


def _octets(  # a row has as many columns
    seq: int, at: int, event: int, origin: int, entry_id: int | None, version: int | None, detail: str | None
) -> bytes:
    """What the MAC of a row covers: fixed fields, 0 for an absent one, then the detail."""
    if detail is None:
        return _FIXED.pack(seq, at, event, origin, entry_id or 0, version or 0, 0)
    text = detail.encode()
    return _FIXED.pack(seq, at, event, origin, entry_id or 0, version or 0, len(text)) + text


def _where(chosen: EventFilter) -> rows.Where:
    """A filter in the numbers that are on disk."""
    return rows.Where(
        chosen.text.casefold().strip(),
        tuple(_CODES[name] for name in chosen.named),
        None if chosen.events is None else tuple(_CODES[name] for name in chosen.events),
        None if chosen.origins is None else tuple(CODE_OF_ORIGIN[origin] for origin in chosen.origins),
        None if chosen.since is None else milliseconds(chosen.since),
        None if chosen.until is None else milliseconds(chosen.until),
    )


def _json(detail: Mapping[str, object]) -> str:
    from vault.storage.json_text import text_of  # opening a value logs no detail, and starts sooner

    return text_of(dict(detail))


def _event(row: tuple[Any, ...]) -> AuditEvent:
    from vault.storage.json_text import parsed

    seq, at, event, origin, entry_id, version, text, path = row
    detail = {} if text is None else parsed(text)
    return AuditEvent(
        seq,
        moment(at),
        EVENTS.get(event, f"event-{event}"),
        ORIGINS[origin],
        entry_id,
        version,
        str(detail.get("path") or path or ""),
        detail,
    )
