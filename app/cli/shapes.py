"""What `--json` prints. Scripts rely on these names (docs/cli.md); never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.display import iso

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from vault.expiring import Due
    from vault.inheritance import ExpiryChoice
    from vault.policies import Policy
    from vault.records import Entry, KmsKey, LocalKey, SlotInfo, Version


def policies(listed: Iterable[Policy]) -> list[dict[str, Any]]:
    """Policies in AWS's grammar."""
    return [
        {"Type": policy.kind, "Version": "1.0", "Attributes": dict(policy.attributes)} for policy in listed
    ]


def on_expiry(found: ExpiryChoice) -> dict[str, Any]:
    """What happens on expiry, and where that is set."""
    return {"on_expiry": found.choice.value, "on_expiry_from": found.path and str(found.path)}


def due(one: Due, now: datetime) -> dict[str, Any]:
    """What a policy says; the seconds are negative once it is overdue."""
    return {
        "path": str(one.entry.path),
        "what": one.what,
        "due_at": iso(one.due),
        "in_seconds": int((one.due - now).total_seconds()),
        "overdue": one.due <= now,
        "expires_at": iso(one.ends),
        "on_expiry": one.choice.value,
        "inherited_from": None if one.inherited_from is None else str(one.inherited_from),
    }


def entry(record: Entry) -> dict[str, Any]:
    """An entry; the two last names only while it is in the trash."""
    shape = {
        "path": str(record.path),
        "kind": record.kind.value,
        "type": record.value_type.value,
        "tier": record.tier.value if record.tier else None,
        "data_type": record.data_type,
        "description": record.description,
        "allowed_pattern": record.allowed_pattern,
        "tags": dict(record.tags),
        "policies": policies(record.policies),
        "expires_at": iso(record.expires_at),
        "version": record.latest,
        "created_at": iso(record.created_at),
        "modified_at": iso(record.modified_at),
    }
    if record.deleted_at is not None:
        shape |= {"deleted_at": iso(record.deleted_at), "purge_at": iso(record.purge_at)}
    return shape


def version(record: Version) -> dict[str, Any]:
    """A version, without its value."""
    return {
        "version": record.number,
        "version_id": record.token,
        "type": record.value_type.value,
        "tier": record.tier.value if record.tier else None,
        "size": record.size,
        "labels": list(record.labels),
        "origin": record.origin.value,
        "created_at": iso(record.created_at),
    }


def slot(record: SlotInfo) -> dict[str, Any]:
    """A key slot."""
    return {
        "id": record.id.hex(),
        "kind": record.kind,
        "label": record.label,
        "detail": record.detail,
        "created_at": iso(record.created_at),
        "used_at": iso(record.used_at),
    }


def key(record: LocalKey) -> dict[str, Any]:
    """A local key."""
    return {
        "alias": record.alias,
        "kind": "local",
        "state": record.state,
        "material": record.material,
        "wraps": record.wraps,
        "created_at": iso(record.created_at),
        "rotated_at": iso(record.rotated_at),
        "delete_at": iso(record.delete_at),
    }


def kms_key(record: KmsKey) -> dict[str, Any]:
    """A key of AWS KMS; its state is AWS's to tell (`key-policy who`)."""
    return {
        "alias": record.name,
        "kind": "aws-kms",
        "arn": record.arn,
        "wraps": record.wraps,
        "created_at": iso(record.created_at),
        "profile": record.connection.profile,
        "region": record.connection.region,
        "endpoint_url": record.connection.endpoint_url,
    }
