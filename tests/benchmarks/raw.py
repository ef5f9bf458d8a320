"""The limit: plain sqlcipher3 with the same pragmas, and bare AES-GCM with key commitment."""

from __future__ import annotations

import os
from hmac import compare_digest
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlcipher3 import dbapi2

PRAGMAS = (
    "PRAGMA cache_size = -64000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)
_HASH = SHA512()
_INFO = b"strongroom/v1/envelope\x01"


def connect(path: str, raw_key: bytes) -> dbapi2.Connection:
    connection = dbapi2.connect(path, isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.set_key(bytearray(b"x'" + raw_key.hex().encode() + b"'"))
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


def bare_open(data_key: bytes, sealed: bytes, context: bytes) -> bytes:
    derived = HKDFExpand(_HASH, 64, _INFO).derive(data_key)
    if not compare_digest(sealed[1:33], derived[32:]):
        raise ValueError
    return AESGCM(derived[:32]).decrypt(sealed[33:45], sealed[45:], context)


def bare_seal(data_key: bytes, value: bytes, context: bytes) -> bytes:
    derived = HKDFExpand(_HASH, 64, _INFO).derive(data_key)
    nonce = os.urandom(12)
    return b"\x01" + derived[32:] + nonce + AESGCM(derived[:32]).encrypt(nonce, value, context)


class OneTable:
    """One table with a row an entry, as many rows as the vault has entries, found by path."""

    def __init__(self, path: str, rows: list[tuple[Any, ...]]) -> None:
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.unlink(path + end)
        self.connection = connect(path, os.urandom(32))
        self.connection.execute(
            "CREATE TABLE rows"
            " (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, sealed BLOB, wrapped BLOB) STRICT"
        )
        self.connection.execute("BEGIN")
        self._insert = "INSERT INTO rows (path, sealed, wrapped) VALUES (?, ?, ?)"
        self.connection.executemany(self._insert, rows)
        self.connection.execute("COMMIT")

    def insert(self, row: tuple[Any, ...]) -> None:
        """Durable when it returns."""
        self.connection.execute(self._insert, row)
