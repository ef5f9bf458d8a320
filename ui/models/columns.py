"""The columns of the window's tables: every row is title, text of a record, width, alignment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app import activity, display
from app.language import marked, told, tr
from ui.look import icons, theme
from ui.models.tables import RIGHT, Column
from vault.policies import expires_at
from vault.records import Kind

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from vault.expiring import Due
    from vault.records import AuditEvent, Entry, SlotInfo

NOTICES = {
    "Expiration": marked("Expires"),
    "ExpirationNotification": marked("Warning before it expires"),
    "NoChangeNotification": marked("Not changed for long"),
}
SLOT_KINDS = {
    "passphrase": marked("Passphrase"),
    "recovery": marked("Recovery sheet"),
    "keyring": marked("This computer's keyring"),
    "aws-kms": marked("AWS KMS key"),
}
DATE = 10  # characters of a moment that are its date
DETAILS = {
    "alias": marked("alias {what}"),
    "attached": marked("attached {what}"),
    "choice": marked("choice {what}"),
    "count": marked("count {what}"),
    "from": marked("from {what}"),
    "key": marked("key {what}"),
    "kind": marked("kind {what}"),
    "kms": marked("kms {what}"),
    "label": marked("label {what}"),
    "material": marked("material {what}"),
    "name": marked("name {what}"),
    "remote": marked("remote {what}"),
    "removed": marked("removed {what}"),
    "rotation_days": marked("rotation days {what}"),
    "slot": marked("slot {what}"),
    "state": marked("state {what}"),
    "taken": marked("taken {what}"),
}
"""What the log says beside path and version."""
FLAGS = {"problem": marked("with a problem")}
"""What it says by a name alone."""
UNTOLD = frozenset({"path", "policies"})  # in a column of their own, or too long for a line
KIND_ICONS = {Kind.PARAMETER: "parameter", Kind.SECRET: "secret"}
EVENT_ICONS = (
    ("opened", "reveal"), ("put", "edit"), ("changed", "edit"), ("created", "add"), ("removed", "trash"),
    ("restored", "restore"), ("purged", "trash"), ("expired", "clock"), ("unlocked", "unlock"),
    ("slot", "key"), ("key", "key"), ("moved", "move"), ("copied", "copy"), ("policies", "clock"),
    ("backup", "save"), ("searched", "search"),
)  # fmt: skip


def expiry(at: datetime | None) -> str:
    """When something expires, in a word and not by colour alone: "expired 2 days ago"."""
    if at is None:
        return ""
    now = datetime.now(UTC)
    when = display.relative(at, now)
    return tr("expired {when}", when=when) if at <= now else when


def expires(entry: Entry) -> datetime | None:
    """When an entry expires by its own policies, or is given no more; None: neither is known."""
    return entry.expires_at or expires_at(entry.policies)


def expires_soon(entry: Entry) -> str:
    """The same in as few words as the list has room for."""
    at = expires(entry)
    return tr("expired") if at is not None and at <= datetime.now(UTC) else expiry(at)


def day(at: datetime | None) -> str:
    """The date of a moment in the user's zone."""
    return display.moment(at)[:DATE]


def kind_icon(entry: Entry) -> QIcon:
    """The icon of the entry's kind."""
    return icons.icon(KIND_ICONS[entry.kind], theme.current().muted)


def event_icon(event: AuditEvent) -> QIcon:
    """The icon of what happened."""
    name = next((name for part, name in EVENT_ICONS if part in event.event), "info")
    return icons.icon(name, theme.current().muted)


def tier(entry: Entry) -> str:
    """The tier of a parameter; a secret has none."""
    return entry.tier.value if entry.tier else "–"


def event_detail(event: AuditEvent) -> str:
    """What else is known of the event."""
    said = [tr("version {number}", number=event.version)] if event.version else []
    for key, value in event.detail.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        if value is True:
            said.append(tr(FLAGS.get(key, key)))
        elif shown and key not in UNTOLD:
            said.append(tr(DETAILS[key], what=shown) if key in DETAILS else f"{key} {shown}")
    return "; ".join(said)


TRASH: tuple[Column[Entry], ...] = (
    Column(marked("Path"), lambda entry: str(entry.path), 0, icon=kind_icon, ends=True),
    Column(marked("Type"), lambda entry: entry.value_type.value, 120),
    Column(marked("Deleted"), lambda entry: display.moment(entry.deleted_at), 144),
    Column(
        marked("Gone for good"),
        lambda entry: display.relative(entry.purge_at, datetime.now(UTC)) if entry.purge_at else "",
        144,
    ),
)
EXPIRING: tuple[Column[Due], ...] = (
    Column(
        marked("Path"), lambda due: str(due.entry.path), 0, icon=lambda due: kind_icon(due.entry), ends=True
    ),
    Column(marked("What"), lambda due: tr(NOTICES.get(due.what, due.what)), 220),
    Column(marked("Due"), lambda due: display.moment(due.due), 144),
    Column(marked("When"), lambda due: display.relative(due.due, datetime.now(UTC)), 160),
)
ACTIVITY: tuple[Column[AuditEvent], ...] = (
    Column(marked("No."), lambda event: str(event.seq), 72, RIGHT, rank=3),
    Column(marked("Time"), lambda event: display.moment(event.at, seconds=True), 168),
    Column(marked("What"), lambda event: activity.name_of(event.event), 192, icon=event_icon),
    Column(marked("By"), lambda event: tr(activity.WHO[event.origin]), 112, rank=2),
    Column(marked("Path"), lambda event: event.path, 0, least=160, ends=True),
    Column(marked("Detail"), event_detail, 0, least=160, rank=1),
)
SLOTS: tuple[Column[SlotInfo], ...] = (
    Column(marked("Way in"), lambda slot: tr(SLOT_KINDS.get(slot.kind, slot.kind)), 168),
    Column(marked("Slot label"), lambda slot: slot.label, 150),
    Column(marked("Last used"), lambda slot: display.moment(slot.used_at) or tr("never"), 136),
    Column(marked("Created"), lambda slot: display.moment(slot.created_at), 136),
    Column(marked("Detail"), lambda slot: told(slot.detail), 0),
)
