"""The limit: plain sqlcipher3 with the same pragmas, and bare AES-GCM with key commitment."""

from __future__ import annotations

import os
import shutil
from hmac import compare_digest
from time import perf_counter
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from sqlcipher3 import dbapi2

from vault.header_file import DATABASE_NAME

if TYPE_CHECKING:
    from vault.records import Draft
    from vault.vault import Vault

PRAGMAS = (
    "PRAGMA cache_size = -64000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
)
_NOW = 1_790_000_000_000
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


class Plain:
    """A copy of a vault's own database: the same tables, filled alike, and bare statements."""

    def __init__(self, vault: Vault, path: str) -> None:
        """Copy the database of an open vault to `path`."""
        for end in ("", "-wal", "-shm"):
            if os.path.exists(path + end):
                os.unlink(path + end)
        vault.interior.database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(os.path.join(vault.path, DATABASE_NAME), path)
        self.connection = connect(path, bytes(vault._database_key.reveal()))
        self.execute = self.connection.execute
        (self.entry,) = self.execute("SELECT max(id) FROM entries").fetchone()
        (self.version,) = self.execute("SELECT max(id) FROM versions").fetchone()
        (self.seq,) = self.execute("SELECT max(seq) FROM audit").fetchone()

    def log(self) -> None:
        """One audit row, durable when it returns."""
        self.seq += 1
        self.execute("INSERT INTO audit VALUES (?, ?, 3, 1, 1, 1, NULL, ?)", (self.seq, _NOW, bytes(32)))

    def put(self, path: str, value: bytes) -> None:
        """The rows of one more version, durable when it returns, its value sealed."""
        sealed = bare_seal(os.urandom(32), value, bytes(90))
        self.execute("BEGIN IMMEDIATE")
        entry, latest = self.execute(
            "SELECT id, latest FROM entries WHERE path = ? AND deleted_at IS NULL", (path,)
        ).fetchone()
        self.execute(
            "UPDATE entries SET latest = ?, current = ?, modified_at = ? WHERE id = ?",
            (latest + 1, latest + 1, _NOW, entry),
        )
        self.version += 1
        self.execute(
            f"INSERT INTO versions VALUES ({', '.join('?' * 13)})",
            (self.version, entry, latest + 1, None, 3, 1, None, None, 64, bytes(16), _NOW, 1, sealed),
        )
        self.execute("INSERT INTO wrapped_keys VALUES (?, 1, 1, ?)", (self.version, bytes(60)))
        self.seq += 1
        self.execute(
            "INSERT INTO audit VALUES (?, ?, 4, 1, ?, ?, NULL, ?)",
            (self.seq, _NOW, entry, latest + 1, bytes(32)),
        )
        self.execute("COMMIT")

    def import_new(self, drafts: list[Draft]) -> float:
        """The rows of new entries, one statement a table, their values sealed; the seconds it took."""
        values = [bytes(draft.value.reveal()) for draft in drafts if draft.value]
        context, wrapped, mac = bytes(90), os.urandom(60), os.urandom(32)
        count = len(drafts)
        ids = range(self.entry + 1, self.entry + count + 1)
        versions = range(self.version + 1, self.version + count + 1)
        seqs = range(self.seq + 1, self.seq + count + 1)
        entries = [
            (n, d.path, 1, 3, 1, "text", d.description, None, None, None, None, 1, 1, _NOW, _NOW, None, None)
            for n, d in zip(ids, drafts, strict=True)
        ]
        facts = [f'{{"description":"{draft.description}"}}' for draft in drafts]
        texts = [(n, f"{d.path}\n{d.description}\n\n\n\n") for n, d in zip(ids, drafts, strict=True)]
        events = [
            (seq, _NOW, 4, 1, n, 1, f'{{"path":"{d.path}"}}', mac)
            for seq, n, d in zip(seqs, ids, drafts, strict=True)
        ]
        many = self.connection.executemany
        started = perf_counter()
        sealed = [bare_seal(os.urandom(32), value, context) for value in values]
        self.execute("BEGIN IMMEDIATE")
        many(f"INSERT INTO entries VALUES ({', '.join('?' * 17)})", entries)
        many(
            f"INSERT INTO versions VALUES ({', '.join('?' * 13)})",
            (
                (v, n, 1, None, 3, 1, fact, None, 64, mac[:16], _NOW, 1, one)
                for v, n, fact, one in zip(versions, ids, facts, sealed, strict=True)
            ),
        )
        many("INSERT INTO wrapped_keys VALUES (?, 1, 1, ?)", ((v, wrapped) for v in versions))
        many("INSERT INTO search (rowid, text) VALUES (?, ?)", texts)
        many("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", events)
        self.execute("COMMIT")
        seconds = perf_counter() - started
        self.entry, self.version, self.seq = ids[-1], versions[-1], seqs[-1]
        return seconds
