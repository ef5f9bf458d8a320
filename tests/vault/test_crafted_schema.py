"""A schema that somebody else changed: the vault is refused before a statement runs on it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.second_reader import vectors
from tests.second_reader.primitives import Refusal
from tests.second_reader.reader import SecondReader
from tests.vault.furnished import assert_whole, every_value, put, put_secret, reopened, searched
from vault.credentials import DeviceKey
from vault.errors import Damaged
from vault.secret import Secret
from vault.storage.database import Database

if TYPE_CHECKING:
    from vault.vault import Vault


def rewritten(name: str, old: str, new: str) -> tuple[str, ...]:
    return (
        "PRAGMA writable_schema = ON",
        f"UPDATE sqlite_master SET sql = replace(sql, '{old}', '{new}') WHERE name = '{name}'",
        "PRAGMA writable_schema = OFF",
    )


CRAFTED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "a trigger on every opened value": (
        ("CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM entries; END",),
        ("the trigger t does not belong there",),
    ),
    "a trigger under the name of ours": (
        (
            "DROP TRIGGER audit_is_append_only_on_delete",
            "CREATE TRIGGER audit_is_append_only_on_delete BEFORE DELETE ON audit BEGIN SELECT 1; END",
        ),
        ("the trigger audit_is_append_only_on_delete is not as it should be",),
    ),
    "a trigger that is gone": (
        ("DROP TRIGGER version_is_immutable",),
        ("the trigger version_is_immutable is missing",),
    ),
    "a view in a table's place": (
        ("DROP TABLE notices", "CREATE VIEW notices AS SELECT 1 AS entry_id, 2 AS what, 3 AS due_at"),
        ("the table notices is missing", "the view notices does not belong there"),
    ),
    "a column that is gone": (
        ("ALTER TABLE versions DROP COLUMN facts",),
        ("the table versions is not as it should be",),
    ),
    "a column more": (
        ("ALTER TABLE entries ADD COLUMN more TEXT DEFAULT 'x'",),
        ("the table entries is not as it should be",),
    ),
    "a computed column": (
        ("ALTER TABLE slot_uses ADD COLUMN more TEXT AS (hex(slot_id))",),
        ("the table slot_uses is not as it should be",),
    ),
    "an index whose expression fails": (
        ("CREATE INDEX i ON folders (abs(-9223372036854775807 - length(path)))",),
        ("the index i does not belong there",),
    ),
    "an index that is gone": (("DROP INDEX entry_by_path",), ("the index entry_by_path is missing",)),
    "a check that is gone": (
        rewritten("entries", " CHECK (kind IN (1, 2))", ""),
        ("the table entries is not as it should be",),
    ),
    "a table that is strict no more": (
        rewritten("leases", ") STRICT", ")"),
        ("the table leases is not as it should be",),
    ),
    "a search table of another kind": (
        (
            "DROP TABLE search_terms",
            "DROP TABLE search",
            "CREATE VIRTUAL TABLE search USING fts5 (text, path)",
        ),
        (
            "the table search is not as it should be",
            "the table search_content does not belong there",
            "the table search_terms is missing",
        ),
    ),
    "a table behind the search that computes": (
        rewritten("search_docsize", "sz BLOB", "sz BLOB AS (hex(id))"),
        ("the table search_docsize is not as it should be",),
    ),
    "a table behind the search that refuses": (
        rewritten("search_docsize", "sz BLOB", "sz BLOB CHECK (sz IS NULL)"),
        ("the table search_docsize is not as it should be",),
    ),
    "a table behind the search that hangs on another": (
        rewritten("search_docsize", "origin INTEGER", "origin INTEGER REFERENCES notices"),
        ("the table search_docsize is not as it should be",),
    ),
    "a table behind the search that is gone": (
        ("PRAGMA writable_schema = ON", "DELETE FROM sqlite_master WHERE name = 'search_config'"),
        ("the table search_config is missing",),
    ),
    "a name that moves a cursor, and is long": (
        (f'CREATE TABLE "\x1b[2J\u202e{"x" * 1_000}" (a)',),
        (f"the table \\x1b[2J\\u202e{'x' * 95} does not belong there",),
    ),
    "statistics for the planner": (
        ("ANALYZE",),
        tuple(f"the table sqlite_stat{n} does not belong there" for n in (1, 4)),
    ),
}


def crafted(vault: Vault, statements: tuple[str, ...]) -> None:
    """Change the schema, and leave it so."""
    with closing(Database(vault.interior.database.path, vault._database_key)) as database:
        for statement in statements:
            database.run(statement)


def furnish(vault: Vault) -> None:
    put(vault, "/a/b", "value of b")
    put_secret(vault, "/z", "value of z")


@pytest.mark.parametrize(("statements", "told"), CRAFTED.values(), ids=CRAFTED)
def test_a_vault_of_a_crafted_schema_is_refused_with_what_differs_and_nothing_is_written(
    vault: Vault, statements: tuple[str, ...], told: tuple[str, ...]
) -> None:
    furnish(vault)
    crafted(vault, statements)
    vault.close()
    before = Path(vault.path, "vault.db").read_bytes()
    with pytest.raises(Damaged) as caught:
        reopened(vault.path)
    assert str(caught.value) == (
        f"the database is not built as Strongroom builds it: {told[0]} (differences: {len(told)});"
        " take back what another program changed in it, or restore a backup"
    )
    assert Path(vault.path, "vault.db").read_bytes() == before


@pytest.mark.parametrize(("statements", "told"), CRAFTED.values(), ids=CRAFTED)
def test_the_check_of_an_open_vault_names_every_difference_and_reads_no_further(
    vault: Vault, statements: tuple[str, ...], told: tuple[str, ...]
) -> None:
    furnish(vault)
    crafted(vault, statements)
    report = vault.check()
    assert report.findings == tuple(f"schema: {each}; restore a backup" for each in told)
    assert (report.entries, report.versions, report.events) == (0, 0, 0)


def test_statistics_that_another_program_made_can_be_taken_away_again(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, ("PRAGMA optimize(0x10002)",))
    key = Secret(vault._database_key.reveal())
    vault.close()
    with pytest.raises(Damaged, match="sqlite_stat1 does not belong there"):
        reopened(vault.path)
    with closing(Database(vault.interior.database.path, key)) as database:
        database.run("DROP TABLE sqlite_stat1")
        database.run("DROP TABLE sqlite_stat4")
    with reopened(vault.path) as again:
        assert_whole(again)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("search_docsize", "sz BLOB, origin INTEGER", "sz, origin"),
        ("search_idx", "segid, term, pgno", "segid INTEGER NOT NULL, term ANY NOT NULL, pgno INTEGER"),
        ("search_config", "k PRIMARY KEY, v", "k TEXT PRIMARY KEY NOT NULL, v ANY"),
    ],
)
def test_a_vault_whose_fts5_said_its_own_tables_otherwise_opens_and_is_whole(
    vault: Vault, name: str, old: str, new: str
) -> None:
    furnish(vault)
    crafted(vault, rewritten(name, old, new))
    vault.close()
    with reopened(vault.path) as again:
        put(again, "/more", description="found by its words")
        assert searched(again, "found") == ["/more"]
        assert_whole(again)


@pytest.mark.parametrize("name", ["'meta'", "CAST(x'fffe' AS TEXT)"])
def test_what_sqlite_itself_cannot_read_is_damage(vault: Vault, name: str) -> None:
    crafted(
        vault,
        (
            "PRAGMA writable_schema = ON",
            f"INSERT INTO sqlite_master VALUES ('table', {name}, 'meta', 0, 'CREATE VIEW v AS SELECT 1')",
        ),
    )
    vault.close()
    with pytest.raises(Damaged, match="does not read back"):
        reopened(vault.path)


@pytest.mark.parametrize("number", vectors.OLDER)
def test_a_crafted_vault_of_an_older_schema_is_refused_before_it_is_brought_up_or_copied(
    tmp_path: Path, number: int
) -> None:
    told = vectors.facts(vectors.FOLDER / f"schema-{number}")
    folder = vectors.lay_out_older(tmp_path / "v", number)
    with vectors.connection(folder / "vault.db", vectors.database_key(told)) as opened:
        opened.execute("CREATE VIEW preferences AS SELECT 'theme' AS name, 'x' AS value")
    way = DeviceKey(Secret(bytes.fromhex(told["credentials"][3]["key"])))
    with pytest.raises(Damaged, match="the view preferences does not belong there"):
        reopened(str(folder), credential=way)
    assert [each.name for each in tmp_path.iterdir()] == ["v"]


@pytest.mark.parametrize(
    "statement",
    ["CREATE VIEW leases AS SELECT 1 AS id", "CREATE VIRTUAL TABLE leases USING fts5vocab ('search', 'row')"],
)
def test_another_reader_refuses_what_computes_its_rows(tmp_path: Path, statement: str) -> None:
    folder = vectors.lay_out(tmp_path / "v")
    with vectors.connection(folder / "vault.db", vectors.database_key()) as opened:
        opened.execute("DROP TABLE leases")
        opened.execute(statement)
    vectors.seat(folder / "vault.db", vectors.database_key())
    credential = vectors.credential(vectors.facts()["credentials"][3])
    with pytest.raises(Refusal, match="a view or a virtual table"), SecondReader(str(folder), credential):
        pass


def test_a_backup_is_built_as_its_vault_is(vault: Vault, tmp_path: Path) -> None:
    furnish(vault)
    vault.backup(str(tmp_path / "backup"))
    with reopened(str(tmp_path / "backup")) as copy:
        assert every_value(copy) == every_value(vault)
        assert_whole(copy)


def test_a_function_of_the_schema_is_not_trusted_and_pages_are_looked_at(vault: Vault) -> None:
    database = vault.interior.database
    with database.reading():
        asked = [database.row(f"PRAGMA {name}") for name in ("trusted_schema", "cell_size_check")]
    assert asked == [(0,), (1,)]
