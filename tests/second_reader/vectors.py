"""The vault vectors laid out in a folder of their own, changed as broken.json tells."""

from __future__ import annotations

import base64
import json
import os
import shutil
import struct
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlcipher3

from tests.second_reader import clear_header, primitives
from tests.second_reader.pages import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER: Final = Path(__file__).parent.parent / "vectors" / "vaults"


OLDER: Final = (1, 2, 3)
"""Schemas of which a vault is kept, as the program of its day wrote it."""


def facts(folder: Path = FOLDER) -> dict[str, Any]:
    """contents.json: what the good vault holds, and what opens it."""
    return dict(json.loads((folder / "contents.json").read_text()))


def broken() -> dict[str, Any]:
    """broken.json: the changes and the refusals."""
    return dict(json.loads((FOLDER / "broken.json").read_text()))


def kms(arn: str, wrapped: bytes, pairs: Mapping[str, str]) -> bytes | None:
    """The KMS of the vectors: AES-256-GCM under the last 32 characters of the ARN, nonce first."""
    return primitives.unwrap(arn.encode()[-32:], wrapped, primitives.context_octets(pairs))


def credential(told: Mapping[str, str]) -> clear_header.Credential:
    """A credential of contents.json."""
    if told["kind"] == "passphrase":
        key_file = told.get("key_file")
        return clear_header.Passphrase(told["text"], None if key_file is None else base64.b64decode(key_file))
    if told["kind"] == "aws-kms":
        return clear_header.KmsAccess(kms)
    if told["kind"] == "recovery":
        return clear_header.RecoveryKey(primitives.recovery_key(told["code"]))
    return clear_header.DeviceKey(bytes.fromhex(told["key"]))


def database_key(told: dict[str, Any] | None = None) -> bytes:
    """The raw key of the good vault's database, or of what else a contents.json tells."""
    told = told or facts()
    return primitives.subkey(bytes.fromhex(told["vault_key"]), bytes.fromhex(told["vault"]["id"]), "database")


@contextmanager
def connection(database: Path, key: bytes) -> Iterator[sqlcipher3.Connection]:
    """A connection for whoever has the key: one transaction, no triggers, everything in the one file."""
    opened = sqlcipher3.connect(str(database), isolation_level=None)
    try:
        opened.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        triggers = opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        opened.execute("BEGIN")
        for name, _ in triggers:
            opened.execute(f"DROP TRIGGER {name}")
        yield opened
        for _, sql in triggers:
            opened.execute(sql)
        opened.execute("COMMIT")
    finally:
        opened.close()


def seat(database: Path, key: bytes) -> None:
    """Make a copy look as if it had been checked: its new inode is its seat."""
    with connection(database, key) as opened:
        inode = os.stat(database).st_ino & (1 << 63) - 1
        opened.execute("UPDATE meta SET value = ? WHERE name = 'seat'", (inode,))


def lay_out_older(target: Path, schema: int) -> Path:
    """A copy of the vault of an older schema at `target`."""
    target.mkdir()
    for name in ("header", "vault.db"):
        shutil.copy(FOLDER / f"schema-{schema}" / name, target / name)
    return target


def lay_out(target: Path, changes: list[dict[str, Any]] | None = None, *, seated: bool = False) -> Path:
    """A fresh copy of the good vault at `target`, changed; its folder.

    What went through a SQLCipher connection comes first, then the seat, then what was done to the bytes.
    """
    shutil.copytree(FOLDER / "good", target)
    database = target / "vault.db"
    changes = changes or []
    for change in changes:
        if "pages" in change:
            _overwrite(database, (FOLDER / "broken" / change["pages"]).read_bytes())
    if seated:
        seat(database, database_key())
    for change in changes:
        _apply(target, change)
    return target


def _overwrite(database: Path, patch: bytes) -> None:
    with database.open("r+b") as file:
        for at in range(0, len(patch), 4 + PAGE):
            (number,) = struct.unpack(">I", patch[at : at + 4])
            file.seek((number - 1) * PAGE)
            file.write(patch[at + 4 : at + 4 + PAGE])


def _apply(folder: Path, change: Mapping[str, Any]) -> None:
    database = folder / "vault.db"
    match change:
        case {"header": name}:
            (folder / "header").write_bytes((FOLDER / "broken" / name).read_bytes())
        case {"flip_in_header": offset}:
            _flip(folder / "header", offset)
        case {"flip": offset}:
            _flip(database, offset)
        case {"zero_page": number}:
            _overwrite(database, struct.pack(">I", number) + bytes(PAGE))
        case {"swap_pages": [one, other]}:
            octets = database.read_bytes()
            first, second = (octets[(number - 1) * PAGE : number * PAGE] for number in (one, other))
            _overwrite(database, struct.pack(">I", one) + second + struct.pack(">I", other) + first)
        case {"cut_bytes": count}:
            os.truncate(database, database.stat().st_size - count)
        case {"empty": name}:
            os.truncate(folder / name, 0)
        case {"missing": name}:
            (folder / name).unlink()
        case {"pages": _}:
            pass
        case _:
            msg = f"broken.json tells a change that is not known: {change}"
            raise ValueError(msg)


def _flip(path: Path, offset: int) -> None:
    octets = bytearray(path.read_bytes())
    octets[offset] ^= 1
    path.write_bytes(octets)
