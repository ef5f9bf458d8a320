"""Ways to break the good vault: by bytes, or through rows for whoever has the key."""

from __future__ import annotations

import hmac
import shutil
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.second_reader import clear_header, pages, primitives, reader, vectors
from tests.vectors.vaults.made_up import DEVICE

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlcipher3

HERE: Final = Path(__file__).parent


class Broken:
    """Collects broken.json, and writes the files that it names."""

    def __init__(self, good: Path, key: bytes) -> None:
        self.good, self.key = good, key
        self.told: dict[str, Any] = {}

    def add(
        self,
        name: str,
        why: str,
        *change: dict[str, Any],
        copied: str | None,
        seated: str | None = None,
        where: str = "opening",
    ) -> None:
        """One case. `copied`: the refusal on opening a fresh copy, None if it opens.

        `seated`: the refusal where the vault's `seat` fits, so that nobody checks it whole first, and `where`
        it shows: on opening, "path:number" of a value, or "audit N".
        """
        self.told[name] = {
            "why": why,
            "change": list(change),
            "copied": copied,
            "seated": {"refusal": copied if seated is None else seated, "where": where},
        }

    def header(self, name: str, octets: bytes) -> dict[str, Any]:
        (HERE / "broken" / f"{name}.header").write_bytes(octets)
        return {"header": f"{name}.header"}

    def rows(self, name: str, change: Callable[[sqlcipher3.Connection], object]) -> dict[str, Any]:
        """Change rows as somebody with the key would; the pages that differ from the good file's."""
        with tempfile.TemporaryDirectory() as folder:
            database = Path(folder) / "vault.db"
            shutil.copy(self.good / "vault.db", database)
            with vectors.connection(database, self.key) as connection:
                change(connection)
            new, old = database.read_bytes(), (self.good / "vault.db").read_bytes()
        patch = b""
        for number in range(1, len(new) // pages.PAGE + 1):
            span = slice((number - 1) * pages.PAGE, number * pages.PAGE)
            if new[span] != old[span]:
                patch += struct.pack(">I", number) + new[span]
        (HERE / "broken" / f"{name}.pages").write_bytes(patch)
        return {"pages": f"{name}.pages"}

    def by_rows(
        self,
        name: str,
        why: str,
        sql: str,
        *,
        seated: str = "damaged",
        where: str,
        copied: str | None = "damaged",
    ) -> None:
        """A case that one or more SQL statements make."""

        def run(connection: sqlcipher3.Connection) -> None:
            for statement in sql.split(";"):
                connection.execute(statement)

        self.add(name, why, self.rows(name, run), copied=copied, seated=seated, where=where)


def break_header(broken: Broken, older: bytes, foreign: bytes, vault_key: bytes) -> None:
    octets = (broken.good / "header").read_bytes()
    newer = octets[:8] + b"\0\x02" + octets[10:-32]
    mac_key = primitives.subkey(vault_key, octets[14:30], "header-mac")
    newer += hmac.digest(mac_key, newer, "sha256")
    broken.add(
        "header-of-another-vault",
        "a good header of another vault with the same credentials: its key does not open this database",
        broken.header("header-of-another-vault", foreign),
        copied="damaged",
    )
    broken.add(
        "header-older",
        "the vault's own header of generation 2, with a slot that was removed since",
        broken.header("header-older", older),
        copied="rolled-back",
    )
    broken.add(
        "format-2",
        "format version 2, with a right MAC",
        broken.header("format-2", newer),
        copied="format-too-new",
    )
    broken.add(
        "header-flipped", "one bit of the header's creation time", {"flip_in_header": 37}, copied="damaged"
    )
    broken.add("header-missing", "no header", {"missing": "header"}, copied="damaged")


def break_file(broken: Broken) -> None:
    octets = (broken.good / "vault.db").read_bytes()
    with reader.SecondReader(str(broken.good), clear_header.DeviceKey(DEVICE)) as vault:
        roots = {row["name"]: row["rootpage"] for row in vault.rows("SELECT * FROM sqlite_master")}
    versions, audit, count = roots["versions"], roots["audit"], len(octets) // pages.PAGE
    end_of_chain = bytes(4)  # an overflow page begins with the number of the next
    bodies = {number: pages.plain_body(octets, broken.key, number) for number in range(2, count + 1)}
    texts = [number for number, body in bodies.items() if body[:4] == end_of_chain and b"t" * 250 in body]
    value = "/app/db/url:1"
    broken.add("first-page-flipped", "a bit of the first page", {"flip": 2000}, copied="damaged")
    broken.add(
        "page-flipped",
        "a bit of the root page of `versions`",
        {"flip": (versions - 1) * pages.PAGE + 1234},
        copied="damaged",
        where=value,
    )
    broken.add(
        "page-mac-flipped",
        "a bit of the HMAC of the root page of `versions`",
        {"flip": versions * pages.PAGE - 1},
        copied="damaged",
        where=value,
    )
    broken.add(
        "pages-swapped",
        "the root pages of `versions` and `audit` in each other's place",
        {"swap_pages": [versions, audit]},
        copied="damaged",
        where=value,
    )
    broken.add(
        "page-zeroed",
        "the root page of `versions` is zeros: no HMAC is looked at then",
        {"zero_page": versions},
        copied="damaged",
        where=value,
    )
    broken.add(
        "text-zeroed",
        "the last overflow page with tags of /app/big is zeros: SQLCipher reads zeros, and no error",
        {"zero_page": texts[0]},
        copied="damaged",
        where="/app/big",
    )
    broken.add("cut-pages", "the last three pages are gone", {"cut_bytes": 3 * 4096}, copied="damaged")
    broken.add("cut-bytes", "the last 100 bytes are gone", {"cut_bytes": 100}, copied="damaged")
    broken.add("database-empty", "vault.db has no bytes", {"empty": "vault.db"}, copied="damaged")
    broken.add("database-missing", "no vault.db", {"missing": "vault.db"}, copied="damaged")
    broken.by_rows("schema-5", "a schema of a newer program", "PRAGMA user_version = 5", **_ON_OPENING)
    broken.told["schema-5"]["copied"] = broken.told["schema-5"]["seated"]["refusal"] = "format-too-new"
    broken.by_rows("schema-0", "a schema that never was", "PRAGMA user_version = 0", **_ON_OPENING)
    broken.by_rows(
        "vault-id-changed",
        "`meta.vault_id` of another vault",
        "UPDATE meta SET value = x'00112233445566778899aabbccddeeff' WHERE name = 'vault_id'",
        **_ON_OPENING,
    )


_ON_OPENING: Final[dict[str, str]] = {"where": "opening"}
