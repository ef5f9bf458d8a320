"""A second reader of the vault format, written from docs/format.md alone: sections 4 to 7.

It imports nothing of the program. It never writes: not even the new `seat` of a copy.
"""

from __future__ import annotations

import hmac
import json
import os
import struct
import urllib.parse
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import sqlcipher3

from tests.second_reader import clear_header, pages, primitives
from tests.second_reader.primitives import Refusal, damaged

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.second_reader.clear_header import Credential, Header
    from tests.second_reader.primitives import Decrypt

SCHEMA: Final = 4
STATES: Final = ("Enabled", "Disabled", "PendingDeletion")
SUITE: Final = b"\x01"
ENVELOPE_INFO: Final = b"strongroom/v1/envelope" + SUITE
SHORTEST_SEALED: Final = 1 + 32 + primitives.NONCE + primitives.TAG

JSON_COLUMNS: Final = {
    "entries": "tags, policies",
    "versions": "facts, context",
    "folders": "policies",
    "kms_keys": "connection",
    "remotes": "options",
    "remote_entries": "base, former, seen, overtaken, intent",
    "rotations": "options",
    "rotation_runs": "memo, log",
    "leases": "memo",
}

Row = dict[str, Any]


class Verdict(NamedTuple):
    """What the chain of the audit log says: rows that hold, and the first that does not."""

    held: int
    broken: int | None


def seal(data_key: bytes, nonce: bytes, value: bytes, context: bytes) -> bytes:
    """The writer's half of section 5, for vectors."""
    derived = primitives.expand_sha512(data_key, ENVELOPE_INFO)
    return SUITE + derived[32:] + nonce + primitives.gcm_seal(derived[:32], nonce, value, context)


def unseal(data_key: bytes, sealed: bytes, context: bytes) -> bytes:
    if sealed[:1] != SUITE or len(sealed) < SHORTEST_SEALED:
        raise damaged("suite or length of a sealed value")
    derived = primitives.expand_sha512(data_key, ENVELOPE_INFO)
    if not hmac.compare_digest(derived[32:], sealed[1:33]):
        raise damaged("commitment of a sealed value")
    value = primitives.gcm_open(derived[:32], sealed[33:45], sealed[45:], context)
    if value is None:
        raise damaged("tag of a sealed value")
    return value


def audit_mac(key: bytes, previous: bytes, row: Row) -> bytes:
    detail = (row["detail"] or "").encode()
    return hmac.digest(
        key,
        previous
        + struct.pack(
            ">QQHBQQI",
            row["seq"],
            row["at"],
            row["event"],
            row["origin"],
            row["entry_id"] or 0,
            row["version"] or 0,
            len(detail),
        )
        + detail,
        "sha256",
    )


def json_column(text: str | None) -> Any:  # noqa: ANN401  # whatever the column holds
    """The value of a JSON column, None for NULL."""
    if text is None:
        return None
    try:
        return json.loads(text)
    except ValueError:
        raise damaged("a JSON column") from None


class SecondReader:
    """An open vault. Use as a context manager."""

    def __init__(self, folder: str, credential: Credential, kms: Decrypt | None = None) -> None:
        self._kms = kms
        try:
            with open(os.path.join(folder, "header"), "rb") as file:
                octets = file.read()
        except FileNotFoundError:
            octets = b""
        self._path = os.path.join(folder, "vault.db")
        if not octets.startswith(clear_header.MAGIC) and os.path.exists(self._path):
            raise Refusal("damaged", "no header")
        self.header: Header = clear_header.parse(octets)
        self._vault_key = clear_header.unlock(self.header, credential)
        self._materials: dict[tuple[int, int], bytes] = {}
        self._open_database()
        try:
            self._check_opening()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def _subkey(self, use: str) -> bytes:
        return primitives.subkey(self._vault_key, self.header.vault_id, use)

    # ------------------------------------------------------------------------------------------- the file

    def _open_database(self) -> None:
        key = self._subkey("database")
        has_wal = os.path.exists(self._path + "-wal")
        if not os.path.exists(self._path):
            raise damaged("no vault.db")
        if not has_wal:
            self._check_length(key)
        address = "file:" + urllib.parse.quote(os.path.abspath(self._path))
        address += "?mode=ro" if has_wal else "?mode=ro&immutable=1"
        self._connection = sqlcipher3.connect(address, uri=True, isolation_level=None)
        self._connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        self._connection.row_factory = sqlcipher3.Row

    def _check_length(self, key: bytes) -> None:
        size = os.path.getsize(self._path)
        with open(self._path, "rb") as file:
            first = file.read(pages.PAGE)
        if size < pages.PAGE or pages.bad_pages(first, key):
            raise damaged("the first page")
        if size < pages.PAGE * pages.counted_pages(first, key):
            raise damaged("a cut end")

    def rows(self, sql: str, *values: int | str) -> list[Row]:
        try:
            return [dict(zip(row.keys(), row, strict=True)) for row in self._connection.execute(sql, values)]
        except sqlcipher3.DatabaseError as error:
            raise damaged(f"the database: {error}") from error

    def _check_opening(self) -> None:
        (schema,) = self.rows("PRAGMA user_version")
        if schema["user_version"] > SCHEMA:
            raise Refusal("format-too-new", "schema")
        if schema["user_version"] < 1:
            raise damaged("schema")
        self.schema: int = schema["user_version"]
        if self.rows(
            "SELECT 1 FROM sqlite_master WHERE type = 'view' OR type = 'table' AND rootpage = 0"
            " AND name NOT IN ('search', 'search_terms')"
        ):
            raise damaged("a view or a virtual table")
        meta = {row["name"]: row["value"] for row in self.rows("SELECT name, value FROM meta")}
        if meta.get("vault_id") != self.header.vault_id:
            raise damaged("the header is of another vault")
        if self.header.generation < meta.get("header_generation", 0):
            raise Refusal("rolled-back", "an older copy of the header")
        if meta.get("seat") != os.stat(self._path).st_ino & (1 << 63) - 1:
            self.check()

    def check(self) -> None:
        """Every page, row, link and envelope."""
        with open(self._path, "rb") as file:
            if bad := pages.bad_pages(file.read(), self._subkey("database")):
                raise damaged(f"pages {bad}")
        if [row["integrity_check"] for row in self.rows("PRAGMA integrity_check")] != ["ok"]:
            raise damaged("SQLite's own check")
        if self.rows("PRAGMA foreign_key_check"):
            raise damaged("a row that points nowhere")
        if self.schema > 1:
            self._check_kms_keys()
        self._check_json()
        for entry in self.rows("SELECT * FROM entries"):
            numbers = [version["number"] for version in self.versions(entry["id"])]
            if entry["latest"] != max(numbers, default=0) or entry["current"] not in {0, *numbers}:
                raise damaged("an entry points to a version that is not there")
            if not self._named(entry["id"]) <= {0, *numbers}:
                raise damaged("a label or an open rotation names a version that is not there")
            for version in self.versions(entry["id"]):
                self._check_version(version)
        if self.verify_audit().broken is not None:
            raise damaged("the audit log")

    def _check_json(self) -> None:
        for table, columns in JSON_COLUMNS.items():
            if self.rows("SELECT 1 FROM sqlite_master WHERE name = ?", table):
                for row in self.rows(f"SELECT {columns} FROM {table}"):
                    for text in row.values():
                        json_column(text)

    def _named(self, entry_id: int) -> set[int]:
        """Numbers that labels and an open rotation go by."""
        named = {row["number"] for row in self.rows("SELECT number FROM labels WHERE entry_id = ?", entry_id)}
        runs = self.rotation_runs() if self.schema > 2 else []
        going = [run for run in runs if run["entry_id"] == entry_id and run["ended_at"] is None]
        return named | {number for run in going for number in (run["base"], run["pending"]) if number}

    def _check_version(self, version: Row) -> None:
        """By every key that wraps it, but for KMS keys where there is no KMS to ask."""
        wraps = self._wraps(version)
        if not wraps:
            raise damaged("a version without a data key")
        for wrap in wraps:
            if wrap["kind"] == "aws-kms" and self._kms is None:
                continue
            data_key = self._unwrapped(version, wrap)
            value = unseal(data_key, version["sealed"], self.context(version))
            if len(value) != version["size"] or self.fingerprint(value) != version["fingerprint"]:
                raise damaged("size or fingerprint of a version")

    # ----------------------------------------------------------------------------------------- the values

    def versions(self, entry_id: int) -> list[Row]:
        return self.rows("SELECT * FROM versions WHERE entry_id = ? ORDER BY number", entry_id)

    def fingerprint(self, value: bytes) -> bytes:
        return hmac.digest(self._subkey("fingerprint"), value, "sha256")[:16]

    def _vault_pair(self) -> dict[str, str]:
        return {"strongroom:vault": self.header.vault_id.hex()}

    def pairs(self, version: Row) -> dict[str, str]:
        """The encryption context of a version."""
        own = json_column(version["context"]) or {}
        if any(name.startswith("strongroom:") for name in own):
            raise damaged("a user's pair with a reserved name")
        ours = {"strongroom:entry": str(version["entry_id"]), "strongroom:version": str(version["number"])}
        return {**own, **ours, **self._vault_pair()}

    def context(self, version: Row) -> bytes:
        return primitives.context_octets(self.pairs(version))

    def material(self, key_id: int, number: int) -> bytes:
        if (key_id, number) not in self._materials:
            found = self.rows(
                "SELECT wrapped FROM key_material WHERE key_id = ? AND number = ?", key_id, number
            )
            pairs = {"strongroom:key": str(key_id), "strongroom:material": str(number), **self._vault_pair()}
            aad = primitives.context_octets(pairs)
            material = (
                primitives.unwrap(self._subkey("local-root"), found[0]["wrapped"], aad) if found else None
            )
            if material is None:
                raise damaged("key material")
            self._materials[key_id, number] = material
        return self._materials[key_id, number]

    def data_key(self, version: Row, states: tuple[str, ...] = STATES[:1]) -> bytes:
        """The data key of one row of `versions`, by a wrapping key that is in one of `states`."""
        wraps = self._wraps(version)
        if not wraps:
            raise damaged("a version without a data key")
        kinds = ("local",) if self._kms is None else ("local", "aws-kms")
        usable = [row for row in wraps if row["state"] in states and row["kind"] in kinds]
        if not usable:
            raise Refusal("key-unavailable", "no wrapping key is enabled")
        return self._unwrapped(version, min(usable, key=lambda row: kinds.index(row["kind"])))

    def _wraps(self, version: Row) -> list[Row]:
        return self.rows(
            "SELECT w.key_id, w.material, w.wrapped, k.state, k.kind, k.alias FROM wrapped_keys w"
            " LEFT JOIN wrapping_keys k ON k.id = w.key_id WHERE w.version_id = ? ORDER BY w.key_id",
            version["id"],
        )

    def _check_kms_keys(self, *key_ids: int) -> None:
        known = {row["key_id"]: row["connection"] for row in self.rows("SELECT * FROM kms_keys")}
        for key_id in key_ids or tuple(known):
            if not isinstance(json_column(known.get(key_id)), dict):
                raise damaged("how a KMS key is reached")

    def _unwrapped(self, version: Row, wrap: Row) -> bytes:
        if wrap["kind"] == "aws-kms" and self._kms is not None:
            self._check_kms_keys(wrap["key_id"])
            data_key = self._kms(wrap["alias"], wrap["wrapped"], self.pairs(version))
        else:
            material = self.material(wrap["key_id"], wrap["material"])
            data_key = primitives.unwrap(material, wrap["wrapped"], self.context(version))
        if data_key is None or len(data_key) != 32:
            raise damaged("a wrapped data key")
        return data_key

    def value(self, version: Row, states: tuple[str, ...] = STATES[:1]) -> bytes:
        """The octets of one row of `versions`."""
        return unseal(self.data_key(version, states), version["sealed"], self.context(version))

    # ----------------------------------------------------------------------------- rotations and leases

    def rotations(self) -> list[Row]:
        """How entries rotate."""
        rows = self.rows("SELECT * FROM rotations ORDER BY entry_id")
        return [{**row, "options": json_column(row["options"])} for row in rows]

    def rotation_runs(self) -> list[Row]:
        """Every run, the first begun first."""
        rows = self.rows("SELECT * FROM rotation_runs ORDER BY id")
        return [{**row, "memo": json_column(row["memo"]), "log": json_column(row["log"])} for row in rows]

    def leases(self) -> list[Row]:
        """Every lease, the first made first."""
        rows = self.rows("SELECT * FROM leases ORDER BY id")
        return [{**row, "memo": json_column(row["memo"])} for row in rows]

    # -------------------------------------------------------------------------------------- the audit log

    def audit_rows(self) -> Iterator[Row]:
        yield from self.rows("SELECT * FROM audit ORDER BY seq")

    def verify_audit(self) -> Verdict:
        key, previous, held = self._subkey("audit"), bytes(32), 0
        for row in self.audit_rows():
            fits = row["seq"] == held + 1 and hmac.compare_digest(audit_mac(key, previous, row), row["mac"])
            if not fits:
                return Verdict(held, held + 1)
            previous, held = row["mac"], held + 1
        return Verdict(held, None)
