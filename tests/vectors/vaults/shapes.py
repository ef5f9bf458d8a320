"""A version and an entry as contents.json has them."""

from __future__ import annotations

from typing import Any

from tests.second_reader import contents
from tests.vectors.vaults.made_up import at


def version(number: int, value: str | bytes, second: int, material: int, **other: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    octets = value.encode() if isinstance(value, str) else value
    told: dict[str, Any] = {
        "number": number,
        "token": None,
        "value_type": "SecureString",
        "tier": "Standard",
        "facts": None,
        "context": None,
        "size": len(octets),
        "created_at": at(second),
        "origin": "window",
        "wrapped_under": [[1, material]],
        "fingerprint_fits": True,
        **contents.plain(octets),
    }
    return told | other


def entry(entry_id: int, path: str, *versions: dict[str, Any], **other: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """An entry as its newest version has it, unless told otherwise."""
    newest = versions[-1] if versions else {}
    told: dict[str, Any] = {
        "id": entry_id,
        "path": path,
        "kind": "parameter",
        "value_type": newest.get("value_type"),
        "tier": newest.get("tier"),
        "data_type": "text",
        "description": "",
        "allowed_pattern": None,
        "tags": None,
        "policies": None,
        "expires_at": None,
        "latest": len(versions),
        "current": len(versions),
        "created_at": versions[0]["created_at"] if versions else None,
        "modified_at": newest.get("created_at"),
        "deleted_at": None,
        "purge_at": None,
        "labels": {},
        "versions": list(versions),
    }
    return told | other
