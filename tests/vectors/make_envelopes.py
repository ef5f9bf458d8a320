"""Write tests/vectors/envelopes.json: section 5 and 6 of docs/format.md by the second reader's primitives.

Keys and nonces are the start of SHA-256 of a name, so the output is always the same. Run it from the root of
the repository: `python -m tests.vectors.make_envelopes`.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from tests.second_reader import primitives, reader

TARGET: Final = Path(__file__).parent / "envelopes.json"
VAULT_KEY: Final = hashlib.sha256(b"vault key").digest()
VAULT_ID: Final = hashlib.sha256(b"vault id").digest()[:16]
_VERSIONS: Final[tuple[tuple[int, int, dict[str, str], bytes], ...]] = (
    (1, 1, {}, b""),
    (1, 2, {}, b"x"),
    (12, 100, {}, "schlüssel 🔑".encode()),
    (7, 3, {"purpose": "test"}, bytes(range(256))),
    (7, 4, {"zweck": "prüfung", "Purpose": "", "🔑": "💡", "\uffee": "before the key"}, b"four pairs"),
    (2**63 - 1, 2**31, {"": "no name"}, b"\0" * 4096),
)
_ROWS: Final[tuple[tuple[int, int, int, int | None, int | None, str | None], ...]] = (
    (1_795_342_830_123, 1, 1, None, None, None),
    (1_795_342_830_123, 17, 1, None, None, '{"alias":"alias/strongroom/default"}'),
    (1_795_342_831_000, 4, 3, 1, 1, '{"path":"/app/größe"}'),
    (1_795_342_831_001, 3, 2, 1, 1, None),
    (1_795_342_831_001, 999, 7, 2**63 - 1, 100, ""),
    (253_402_300_799_999, 22, 1, None, None, "{}"),
)


def made_up(name: str, size: int) -> bytes:
    return hashlib.sha256(name.encode()).digest()[:size]


def envelope(index: int, entry_id: int, number: int, own: dict[str, str], value: bytes) -> dict[str, Any]:
    pairs = {
        **own,
        "strongroom:vault": VAULT_ID.hex(),
        "strongroom:entry": str(entry_id),
        "strongroom:version": str(number),
    }
    context = primitives.context_octets(pairs)
    data_key, material = made_up(f"data key {index}", 32), made_up(f"material {index}", 32)
    derived = primitives.expand_sha512(data_key, reader.ENVELOPE_INFO)
    nonce, wrap_nonce = made_up(f"nonce {index}", 12), made_up(f"wrap nonce {index}", 12)
    return {
        "entry": entry_id,
        "version": number,
        "pairs": own,
        "value": value.hex(),
        "data_key": data_key.hex(),
        "nonce": nonce.hex(),
        "context": context.hex(),
        "encryption_key": derived[:32].hex(),
        "commitment": derived[32:].hex(),
        "sealed": reader.seal(data_key, nonce, value, context).hex(),
        "material": material.hex(),
        "wrap_nonce": wrap_nonce.hex(),
        "wrapped_data_key": primitives.wrap(material, wrap_nonce, data_key, context).hex(),
        "fingerprint": primitives.hmac_sha256(subkey("fingerprint"), value)[:16].hex(),
    }


def subkey(use: str) -> bytes:
    return primitives.subkey(VAULT_KEY, VAULT_ID, use)


def material(key_id: int, number: int) -> dict[str, Any]:
    pairs = {
        "strongroom:vault": VAULT_ID.hex(),
        "strongroom:key": str(key_id),
        "strongroom:material": str(number),
    }
    octets, nonce = made_up(f"material {key_id} {number}", 32), made_up(f"nonce {key_id} {number}", 12)
    context = primitives.context_octets(pairs)
    return {
        "key": key_id,
        "number": number,
        "material": octets.hex(),
        "nonce": nonce.hex(),
        "context": context.hex(),
        "wrapped": primitives.wrap(subkey("local-root"), nonce, octets, context).hex(),
    }


def audit_rows() -> list[dict[str, Any]]:
    rows, previous = [], bytes(32)
    for seq, (at, event, origin, entry_id, version, detail) in enumerate(_ROWS, start=1):
        row: dict[str, Any] = {
            "seq": seq,
            "at": at,
            "event": event,
            "origin": origin,
            "entry_id": entry_id,
            "version": version,
            "detail": detail,
        }
        previous = reader.audit_mac(subkey("audit"), previous, row)
        rows.append({**row, "mac": previous.hex()})
    return rows


def vectors() -> dict[str, Any]:
    """The whole file."""
    return {
        "vault_key": VAULT_KEY.hex(),
        "vault_id": VAULT_ID.hex(),
        "envelopes": [envelope(index, *version) for index, version in enumerate(_VERSIONS)],
        "key_material": [material(1, 1), material(1, 2), material(31, 7)],
        "audit": audit_rows(),
    }


if __name__ == "__main__":
    text = json.dumps(vectors(), ensure_ascii=False, indent=1)
    TARGET.write_text(text + "\n", encoding="utf-8")
