"""The committed vectors of docs/format.md, sections 1 to 3, and the credentials they name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vault.keyslots import DeviceKey, Passphrase, RecoveryKey
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.keyslots import Credential

FOLDER = Path(__file__).parents[1] / "vectors" / "headers"
VECTORS: dict[str, Any] = json.loads((FOLDER / "vectors.json").read_text(encoding="ascii"))
PUBLISHED: dict[str, Any] = json.loads((FOLDER / "published.json").read_text(encoding="ascii"))


def header_octets(folder: str, name: str) -> bytes:
    return (FOLDER / folder / f"{name}.header").read_bytes()


def credential_of(told: dict[str, str]) -> Credential:
    if told["kind"] == "passphrase":
        key_file = told.get("key_file")
        return Passphrase(
            Secret.of_text(told["text"]), None if key_file is None else Secret(bytes.fromhex(key_file))
        )
    key = Secret(bytes.fromhex(told["key"]))
    return RecoveryKey(key) if told["kind"] == "recovery" else DeviceKey(key)
