"""Migrations: a copy beside the vault first, then each step whole or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.second_reader import vectors
from tests.vault.furnished import Clock, assert_whole, every_value, put, raw, reopened, value_of
from vault.credentials import DeviceKey
from vault.errors import FormatTooNew, StorageFailed
from vault.paths import ParameterPath
from vault.records import Cause, RotationDraft
from vault.secret import Secret
from vault.storage import schema

if TYPE_CHECKING:
    from pathlib import Path

    from vault.storage.database import Database
    from vault.vault import Vault

NOW = len(schema.MIGRATIONS)


def add_colours(database: Database) -> None:
    database.run("CREATE TABLE colours (name TEXT PRIMARY KEY) STRICT")
    database.run("INSERT INTO colours VALUES ('red')")


def fail_halfway(database: Database) -> None:
    add_colours(database)
    database.run("INSERT INTO nowhere VALUES (1)")


def fail(database: Database) -> None:
    database.run("INSERT INTO nowhere VALUES (1)")


@pytest.fixture
def closed(vault: Vault) -> Vault:
    """A vault of today's schema with something in it, closed."""
    put(vault, "/a", "one")
    vault.close()
    return vault


def tables(vault: Vault) -> set[str]:
    with vault.interior.database.reading():
        return {row[0] for row in vault.interior.database.rows("SELECT name FROM sqlite_master")}


def copies(vault: Vault) -> list[str]:
    folder, name = os.path.split(vault.path)
    return sorted(each for each in os.listdir(folder) if each != name)


def test_a_vault_of_today_is_opened_without_a_copy(closed: Vault) -> None:
    reopened(closed.path).close()
    assert copies(closed) == []


def test_an_older_vault_is_brought_up_with_a_copy_beside(
    closed: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, add_colours))
        with reopened(closed.path) as vault:
            assert schema.schema_number(vault.interior.database) == NOW + 1
            assert "colours" in tables(vault)
            assert every_value(vault) == {"/a": "one"}
            assert_whole(vault)
        reopened(closed.path).close()
        assert copies(closed) == [f"vault.schema-{NOW}"]
    with reopened(f"{closed.path}.schema-{NOW}") as copy:
        assert "colours" not in tables(copy)
        assert every_value(copy) == {"/a": "one"}
        assert_whole(copy)


@pytest.mark.parametrize("number", vectors.OLDER)
def test_a_vault_of_an_older_schema_is_brought_up_with_its_backup_beside(tmp_path: Path, number: int) -> None:
    told = vectors.facts(vectors.FOLDER / f"schema-{number}")
    way = DeviceKey(Secret(bytes.fromhex(told["credentials"][3]["key"])))
    folder = vectors.lay_out_older(tmp_path / "v", number)
    live = {entry["path"] for entry in told["entries"] if entry["deleted_at"] is None}
    with reopened(str(folder), credential=way) as vault:
        assert schema.schema_number(vault.interior.database) == NOW
        assert {entry.path for entry in vault.entries.below()} == live
        assert value_of(vault, "/app/db/url", number=1) == "postgres://db.example:5432/app"
        assert vault.key_policies.waiting() == len(told.get("key_policies", [])[:1])
        assert len(vault.rotations.listed()) == len(told.get("rotations", []))
        assert len(vault.rotations.runs()) == len(told.get("rotation_runs", []))
        assert vault.preferences.all() == {}
        put(vault, "/new", "of today")
        rotation = vault.rotations.set(ParameterPath("/new"), RotationDraft("value"))
        vault.rotations.begin(rotation, Cause.ASKED, "t" * 36)
        vault.preferences.set({"note": "of today"})
        assert_whole(vault)
    assert sorted(os.listdir(tmp_path)) == ["v", f"v.schema-{number}"]
    backup = tmp_path / f"v.schema-{number}"
    with vectors.connection(backup / "vault.db", vectors.database_key(told)) as old:
        assert old.execute("PRAGMA user_version").fetchone() == (number,)
        assert old.execute("SELECT count(*) FROM entries").fetchone() == (len(told["entries"]),)
    assert (backup / "header").read_bytes() == (folder / "header").read_bytes()


def test_each_step_stands_alone_and_the_next_try_goes_on(
    closed: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, add_colours, fail))
    for _ in range(2):
        with pytest.raises(StorageFailed):
            reopened(closed.path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS[:-1], lambda _: None))
    with reopened(closed.path) as vault:
        assert schema.schema_number(vault.interior.database) == NOW + 2
        assert every_value(vault) == {"/a": "one"}
    assert copies(closed) == [f"vault.schema-{NOW}", f"vault.schema-{NOW + 1}", f"vault.schema-{NOW + 1}-2"]


def test_a_step_that_fails_leaves_nothing_of_itself(closed: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, fail_halfway))
        with pytest.raises(StorageFailed):
            reopened(closed.path)
    with reopened(closed.path) as vault:
        assert "colours" not in tables(vault)
        assert every_value(vault) == {"/a": "one"}


def test_a_newer_schema_is_refused_and_left_alone(closed: Vault) -> None:
    with reopened(closed.path) as vault, raw(vault) as database:
        database.run(f"PRAGMA user_version = {NOW + 1}")
    file = os.path.join(closed.path, "vault.db")
    with open(file, "rb") as before:
        octets = before.read()
    with pytest.raises(FormatTooNew) as caught:
        reopened(closed.path)
    assert (caught.value.found, caught.value.supported) == (NOW + 1, NOW)
    with open(file, "rb") as after:
        assert after.read() == octets
    assert copies(closed) == []


def test_two_programs_that_open_an_older_vault_at_once_migrate_it_once(
    closed: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []

    def step(database: Database) -> None:
        runs.append(1)
        add_colours(database)

    def other_program(database: Database, keep_copy: object = None) -> None:
        del keep_copy
        monkeypatch.setattr(schema, "migrate", migrate)
        migrate(database, lambda: reopened(closed.path, Clock()).close())

    migrate = schema.migrate
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    monkeypatch.setattr(schema, "migrate", other_program)
    with reopened(closed.path) as vault:
        assert schema.schema_number(vault.interior.database) == NOW + 1
    assert runs == [1]
