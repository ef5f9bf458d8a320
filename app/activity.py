"""The audit log as a person looks at it: kinds of events, spans of days, a count for each day, and export."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app import display, private_file
from app.language import marked, tr
from vault.audit import EVENTS
from vault.errors import Cancelled, Said
from vault.records import Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, tzinfo

    from vault.audit import EventFilter
    from vault.records import AuditEvent
    from vault.vault import Vault

_PAGE: Final = 1_000
_COLUMNS: Final = ("seq", "at", "event", "origin", "path", "version", "detail")


class Group(StrEnum):
    """Events that are looked for together."""

    OPENED = "opened"
    CHANGED = "changed"
    REMOVED = "removed"
    AWS = "aws"
    ROTATION = "rotation"
    KEYS = "keys"
    VAULT = "vault"


TITLES: Final = {
    Group.OPENED: marked("Values opened"),
    Group.CHANGED: marked("Entries changed"),
    Group.REMOVED: marked("Removed and restored"),
    Group.AWS: marked("Exchange with AWS"),
    Group.ROTATION: marked("Rotation and leases"),
    Group.KEYS: marked("Keys and ways in"),
    Group.VAULT: marked("The vault itself"),
}
_MEMBERS: Final = {
    Group.OPENED: ("value-opened", "values-searched", "values-examined"),
    Group.CHANGED: (
        "version-put", "version-dropped", "entry-changed", "labels-changed", "entry-moved", "entry-copied",
        "folder-policies-set", "on-expiry-set",
    ),
    Group.REMOVED: ("entry-removed", "entry-restored", "entry-purged", "entry-expired"),
    Group.AWS: (
        "remote-added", "remote-changed", "remote-removed", "entry-pushed", "remote-entry-deleted",
        "conflict-found", "conflict-resolved",
    ),
    Group.ROTATION: (
        "rotation-set", "rotation-removed", "rotation-begun", "rotation-step", "rotation-ended", "lease-made",
        "lease-ended",
    ),
    Group.KEYS: (
        "slot-added", "slot-removed", "slot-changed", "key-created", "key-rotated", "key-state-changed",
        "key-deleted", "data-keys-rewrapped", "kms-key-added", "kms-key-removed", "key-policy-set",
        "access-granted", "access-refused",
    ),
}  # fmt: skip


EVENT_NAMES: Final = {
    "vault-created": marked("Vault created"),
    "unlocked": marked("Unlocked"),
    "value-opened": marked("Value opened"),
    "version-put": marked("Version put"),
    "entry-changed": marked("Entry changed"),
    "labels-changed": marked("Labels changed"),
    "entry-removed": marked("Entry removed"),
    "entry-restored": marked("Entry restored"),
    "entry-purged": marked("Entry purged"),
    "entry-expired": marked("Entry expired"),
    "entry-moved": marked("Entry moved"),
    "entry-copied": marked("Entry copied"),
    "folder-policies-set": marked("Policies of a folder set"),
    "slot-added": marked("Key slot added"),
    "slot-removed": marked("Key slot removed"),
    "slot-changed": marked("Key slot changed"),
    "key-created": marked("Key created"),
    "key-rotated": marked("Key rotated"),
    "key-state-changed": marked("Key state changed"),
    "data-keys-rewrapped": marked("Data keys rewrapped"),
    "values-searched": marked("Values searched"),
    "backup-made": marked("Backup made"),
    "copy-checked": marked("Copy of the vault checked"),
    "version-dropped": marked("Version dropped"),
    "key-deleted": marked("Key deleted"),
    "kms-key-added": marked("KMS key added"),
    "kms-key-removed": marked("KMS key removed"),
    "key-policy-set": marked("Key policy set"),
    "remote-added": marked("Remote added"),
    "remote-changed": marked("Remote changed"),
    "remote-removed": marked("Remote removed"),
    "entry-pushed": marked("Entry pushed"),
    "remote-entry-deleted": marked("Remote entry deleted"),
    "conflict-found": marked("Conflict found"),
    "conflict-resolved": marked("Conflict resolved"),
    "rotation-set": marked("Rotation set"),
    "rotation-removed": marked("Rotation removed"),
    "rotation-begun": marked("Rotation begun"),
    "rotation-step": marked("Rotation step"),
    "rotation-ended": marked("Rotation ended"),
    "on-expiry-set": marked("Choice on expiry set"),
    "lease-made": marked("Lease made"),
    "lease-ended": marked("Lease ended"),
    "values-examined": marked("Values examined"),
    "access-granted": marked("Access granted"),
    "access-refused": marked("Access refused"),
}
WHO: Final = {
    Origin.WINDOW: marked("Window"),
    Origin.COMMAND_LINE: marked("Command line"),
    Origin.IMPORT: marked("Import"),
    Origin.SYNC: marked("Sync"),
    Origin.ROTATION: marked("Rotation"),
    Origin.ENDPOINT: marked("Endpoint"),
    Origin.LIBRARY: marked("Library"),
}
"""Who caused an event."""


class Form(StrEnum):
    """What events are exported as."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class Bar(NamedTuple):
    """How many events there were on one day of the user's zone."""

    day: date
    events: int


def events_of(group: Group) -> tuple[str, ...]:
    """The names of a group's events; what is in no other group is about the vault itself."""
    if group is not Group.VAULT:
        return _MEMBERS[group]
    elsewhere = {name for names in _MEMBERS.values() for name in names}
    return tuple(name for name in EVENTS.values() if name not in elsewhere)


def name_of(event: str) -> str:
    """What an event is called, in the language in force; one of a newer program as it is written."""
    known = EVENT_NAMES.get(event)
    return tr(known) if known else event.replace("-", " ").capitalize()


def meant(text: str) -> tuple[str, ...]:
    """The events whose names hold a text, as they are written or as they are called; none for no text."""
    sought = text.casefold().strip()
    names = ((name, f"{name}\n{name.replace('-', ' ')}\n{name_of(name)}") for name in EVENTS.values())
    return tuple(name for name, called in names if sought and sought in called.casefold())


def begins(day: date, zone: tzinfo | None = None) -> datetime:
    """The moment at which a day begins in `zone`, or in the user's, in UTC."""
    return datetime.combine(day, time_of_day(), zone).astimezone(UTC)


def by_day(
    tally: Mapping[datetime, int], last: date, days: int, zone: tzinfo | None = None
) -> tuple[Bar, ...]:
    """So many days up to `last`, each with its count.

    Args:
        tally: counts by quarters of an hour, as `AuditLog.tally` gives them.
        last: the last day.
        days: how many.
        zone: whose days; None: the user's.
    """
    counts: dict[date, int] = {}
    for quarter, count in tally.items():
        day = quarter.astimezone(zone).date()
        counts[day] = counts.get(day, 0) + count
    listed = (last - timedelta(days=back) for back in reversed(range(days)))
    return tuple(Bar(day, counts.get(day, 0)) for day in listed)


def export(
    vault: Vault,
    chosen: EventFilter,
    path: str,
    form: Form,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Write events, oldest first, to a new file that only its owner may read; how many there are.

    What is written holds paths and names, and no value.

    Args:
        vault: whose log.
        chosen: which events.
        path: of the file, which must not be there.
        form: its form.
        progress: told how many of how many are done.
        cancelled: asked before each page; then nothing is written.

    Raises:
        Cancelled: `cancelled` said so.
        FileFailed: the file is there already, or cannot be written.
    """
    total = sum(vault.audit.tally(chosen).values())
    text = io.StringIO()
    write = _csv_writer(text) if form is Form.CSV else _json_writer(text)
    done, after = 0, 0
    while events := vault.audit.events(after, _PAGE, chosen=chosen):
        if cancelled():
            raise Cancelled(Said("the export was stopped"))
        for event in events:
            write(event)
        done, after = done + len(events), events[-1].seq
        progress(done, max(done, total))
    private_file.write(path, text.getvalue().encode())
    return done


def shape(event: AuditEvent) -> dict[str, Any]:
    """An event as JSON; the same as `strongroom audit list --json` prints."""
    return {
        "seq": event.seq,
        "at": display.iso(event.at),
        "event": event.event,
        "origin": event.origin.value,
        "path": event.path,
        "version": event.version,
        "detail": dict(event.detail),
    }


def _json_writer(text: io.StringIO) -> Callable[[AuditEvent], object]:
    return lambda event: text.write(json.dumps(shape(event)) + "\n")


def _csv_writer(text: io.StringIO) -> Callable[[AuditEvent], object]:
    writer = csv.DictWriter(text, _COLUMNS)
    writer.writeheader()

    def write(event: AuditEvent) -> None:
        detail = json.dumps(dict(event.detail)) if event.detail else ""
        writer.writerow({**shape(event), "detail": detail, "version": event.version or ""})

    return write
