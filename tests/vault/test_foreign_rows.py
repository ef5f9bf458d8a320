"""Rows of somebody else who may write the database: a path is one by the rules, or the row is damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import environments, health
from app.settings import Settings
from tests.vault.furnished import put, put_secret, raw, reopened, value_of
from vault import audit
from vault.errors import Damaged, Refused
from vault.paths import ROOT, ParameterPath, Selector
from vault.records import RemoteDraft, RotationDraft, Service, ValueType
from vault.storage.paths import path_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.storage.database import Database
    from vault.vault import Vault

DEEPEST = "/l" * 256  # of a secret; a parameter has 15 levels
NO_PATHS = {
    "nothing": "",
    "no slash": "a",
    "an empty level": "/a//b",
    "a slash at the end": "/a/",
    "a line end": "/a\n",
    "what moves a cursor": "/a/\x1b[2J",
    "what turns a line around": "/a/\u202egpj",
    "40,000 levels": "/l" * 40_000,
    "a level more than any name has": DEEPEST + "/l",
    "a character more than any name has": "/" + "x" * 962,
}


@pytest.mark.parametrize("text", ["/", "/a", "/a@b/c!", DEEPEST, "/" + "x" * 961, "/" + "s" * 512])
def test_what_an_entry_or_a_folder_may_be_called_reads_back(text: str) -> None:
    assert path_of(text) == text


@pytest.mark.parametrize("text", NO_PATHS.values(), ids=NO_PATHS)
def test_what_is_no_path_is_damage_and_is_shown_cut_and_escaped(text: str) -> None:
    with pytest.raises(Damaged) as caught:
        path_of(text)
    said = str(caught.value)
    assert said.endswith("for a path, where nothing can stand; restore a backup")
    assert said.isascii() or "…" in said
    assert said.replace("…", "").isprintable()
    assert len(said) < 300


@given(st.text(alphabet="/ab@! é\n", max_size=12) | st.text() | st.integers(250, 260).map("/l".__mul__))
def test_a_stored_path_is_exactly_what_the_rules_give(text: str) -> None:
    try:
        rightly = ParameterPath.parse_folder(text) == text
    except Refused:
        rightly = False
    if rightly:
        assert path_of(text) == text
    else:
        with pytest.raises(Damaged):
            path_of(text)


def furnish(vault: Vault) -> None:
    put(vault, "/a/b", "value of b")
    put_secret(vault, "/z", "value of z")


def crafted(vault: Vault, statement: str, *values: object) -> None:
    with raw(vault) as database, database.writing():
        database.run(statement, values)


READS: dict[str, Callable[[Vault], object]] = {
    "a list": lambda vault: vault.entries.below(ROOT, limit=100),
    "the whole history": lambda vault: vault.plan_restore(ROOT, vault.now()),
    "health": lambda vault: health.findings(vault, Settings(), vault.now()),
    "what looks like an environment": environments.suggest,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("text", ["/a//b", "/l" * 40_000])
def test_what_reads_such_a_row_says_that_it_is_damaged(
    vault: Vault, read: Callable[[Vault], object], text: str
) -> None:
    furnish(vault)
    put(vault, "/c", "value of c", value_type=ValueType.STRING)
    crafted(vault, "UPDATE entries SET path = ? WHERE id = 3", text)
    with pytest.raises(Damaged, match="where nothing can stand"):
        read(vault)
    assert value_of(vault, "/a/b") == "value of b"


@pytest.mark.parametrize("column", ["path", "description", "tags"])
def test_a_text_that_is_no_utf8_is_damage_and_not_a_failure_of_the_disk(vault: Vault, column: str) -> None:
    furnish(vault)
    crafted(vault, f"UPDATE entries SET {column} = CAST(x'2f61ff' AS TEXT) WHERE id = 1")
    with pytest.raises(Damaged, match="does not read back as it was written"):
        vault.entries.below(ROOT, limit=100)


def test_the_check_tells_of_a_path_and_of_an_event_that_are_no_utf8(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, "UPDATE entries SET path = CAST(x'2f61ff' AS TEXT) WHERE id = 1")
    (found,) = vault.check().findings
    assert found == "database: the database does not read back as it was written; restore a backup"
    crafted(vault, "UPDATE audit SET detail = CAST(x'7bff7d' AS TEXT) WHERE seq = 1")
    (found,) = vault.check().findings
    assert found.startswith("database: ")


def test_an_empty_path_is_damage_to_health(vault: Vault) -> None:
    put(vault, "/a", value_type=ValueType.STRING)
    crafted(vault, "UPDATE entries SET path = '' WHERE id = 1")
    with pytest.raises(Damaged, match="has '' for a path"):
        health.findings(vault, Settings(), vault.now())


def test_a_level_of_the_list_shows_no_folder_that_nothing_can_stand_in(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, "UPDATE entries SET path = '/b\u202e/c' WHERE id = 1")
    with pytest.raises(Damaged, match="for a path"):
        vault.entries.listing(ROOT, None, 100)


def test_the_check_names_every_row_without_a_path_and_goes_on(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, "UPDATE entries SET path = '/a//b' WHERE id = 1")
    crafted(vault, "INSERT INTO folders VALUES ('/f/', '[]', 0)")
    crafted(vault, "INSERT INTO on_expiry VALUES (?, 'warn', 0)", "/l" * 40_000)
    crafted(vault, "INSERT INTO key_policies VALUES ('k', 1, NULL, 0)")
    crafted(vault, "UPDATE versions SET fingerprint = zeroblob(16) WHERE entry_id = 2")
    findings = vault.check().findings
    assert [each.partition(": ")[0][:24] for each in findings] == [
        "entry 1", "folder '/f/'", "on_expiry '/l/l/l/l/l/l/", "key policy of 'k'", "entry 2, version 1",
    ]  # fmt: skip
    assert all(len(each) < 400 for each in findings)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE entries SET tags = '{\"a\": 5}' WHERE id = 1", "entry 1: a column that holds JSON"),
        ("UPDATE entries SET tags = '{' WHERE id = 1", "entry 1: a column that holds JSON"),
        ("UPDATE entries SET policies = '[1]' WHERE id = 1", "entry 1: a column that holds policies"),
        ("UPDATE entries SET created_at = 999999999999999999 WHERE id = 2", "entry 2: a time lies outside"),
        ("UPDATE entries SET description = CAST(x'ff' AS TEXT) WHERE id = 1", "database: the database does"),
        (
            "UPDATE versions SET facts = '[1]' WHERE entry_id = 2",
            "entry 2, version 1: a column that holds JSON",
        ),
    ],
)
def test_the_check_names_what_every_reader_refuses(vault: Vault, statement: str, told: str) -> None:
    furnish(vault)
    crafted(vault, statement)
    (found,) = vault.check().findings
    assert found.startswith(told)


def test_a_finding_on_a_row_with_an_endless_path_is_short(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, "UPDATE entries SET path = ?, current = 7 WHERE id = 1", "/l" * 40_000)
    assert max(map(len, vault.check().findings)) < 1_100


def read_runs(vault: Vault) -> object:
    return vault.rotations.open_runs()


RUN = (
    "INSERT INTO rotation_runs VALUES"
    " (1, 1, {}, '', 'asked', '', {}, 1, 2, '{{}}', {}, '', NULL, 0, 0, NULL, NULL)"
)
ODD: dict[str, tuple[str, Callable[[Vault], object]]] = {
    "a tag that is a number": ("UPDATE entries SET tags = '{\"a\": 5}' WHERE id = 1", READS["a list"]),
    "tags that are a list": ("UPDATE entries SET tags = '[1]' WHERE id = 1", READS["a list"]),
    "what a version was like, with a tag that is a number": (
        'UPDATE versions SET facts = \'{"tags": {"a": 5}}\'',
        lambda vault: vault.entries.history(ParameterPath("/z")),
    ),
    "an option of a rotation that is a list": (
        "UPDATE rotations SET options = '{\"run\": [1]}'",
        lambda vault: vault.rotations.listed(),
    ),
    "a rotation of nothing": (RUN.format("''", "'set'", "'{}'"), read_runs),
    "a step that is none": (RUN.format("'/a'", "'jump'", "'{}'"), read_runs),
    "a log without lines": (RUN.format("'/a'", "'set'", "'{\"lines\": 5}'"), read_runs),
    "a log without times": (RUN.format("'/a'", "'set'", '\'{"lines": [["x", "y"]]}\''), read_runs),
    "a lease of nothing": (
        "INSERT INTO leases VALUES (1, 1, 'a', '', '', '', '{}', 0, 0, NULL, '')",
        lambda vault: vault.leases.open_ones(),
    ),
    "a remote of no folder": ("UPDATE remotes SET folder = 'x/'", lambda vault: vault.remotes.listed()),
    "a remote that is reached by a number": (
        "UPDATE remotes SET options = '{\"region\": 5}'",
        lambda vault: vault.remotes.listed(),
    ),
    "a remote of a tier that is none": (
        'UPDATE remotes SET options = \'{"tier": "gold"}\'',
        lambda vault: vault.remotes.listed(),
    ),
    "a link that tells nothing": (
        "INSERT INTO remote_entries (remote_id, name, seen) VALUES (1, 'a', '{}')",
        lambda vault: vault.remotes.links(vault.remotes.listed()[0]),
    ),
    "a write that was begun and tells nothing": (
        "INSERT INTO remote_entries (remote_id, name, intent) VALUES (1, 'a', '{\"act\": 1}')",
        lambda vault: vault.remotes.links(vault.remotes.listed()[0]),
    ),
}


@pytest.mark.parametrize(("statement", "read"), ODD.values(), ids=ODD)
def test_a_column_that_says_something_else_is_damage(
    vault: Vault, statement: str, read: Callable[[Vault], object]
) -> None:
    furnish(vault)
    vault.rotations.set(ParameterPath("/z"), RotationDraft("command", options={"run": "true"}))
    vault.remotes.add(RemoteDraft("team", Service.PARAMETER_STORE, ParameterPath("/a"), "/a"))
    read(vault)
    crafted(vault, statement)
    with pytest.raises(Damaged):
        read(vault)


ENDED = RUN.replace("1, 2, '{{}}'", "0, NULL, '{{}}'")
UNREADABLE: dict[str, tuple[str, str]] = {
    "a rotation with an option that is a list": (
        "UPDATE rotations SET options = '{\"run\": [1]}'",
        "rotation of entry 2: a column that holds JSON",
    ),
    "a rotation of what is in the trash, whose options are none": (
        "UPDATE rotations SET options = '5'",
        "rotation of entry 2: a column that holds JSON",
    ),
    "a rotation that changed in another age": (
        "UPDATE rotations SET changed_at = 999999999999999999",
        "rotation of entry 2: a time lies outside",
    ),
    "a run at a step that is none": (
        ENDED.format("'/a'", "'jump'", "'{}'"),
        "rotation run 1: how far a rotation came does not read back",
    ),
    "a run with a log without lines": (
        ENDED.format("'/a'", "'set'", "'{\"lines\": 5}'"),
        "rotation run 1: how far a rotation came does not read back",
    ),
    "a run of nothing": (
        ENDED.format("'a'", "'set'", "'{}'"),
        "rotation run 1: the vault has 'a' for a path",
    ),
    "a lease whose memo is a list": (
        "INSERT INTO leases VALUES (7, 1, '/a', '', '', '', '[[]]', 0, 0, 0, '')",
        "lease 7: a column that holds JSON",
    ),
    "a lease that ended after the last year": (
        "INSERT INTO leases VALUES (7, 1, '/a', '', '', '', '{}', 0, 0, 999999999999999999, '')",
        "lease 7: a time lies outside",
    ),
    "policies of a folder that are JSON and no policies": (
        "INSERT INTO folders VALUES ('/f', '[{\"Type\": \"Burn\"}]', 0)",
        "folder '/f': a column that holds policies",
    ),
    "a choice on expiry that was made in another age": (
        "INSERT INTO on_expiry VALUES ('/f', 'warn', 999999999999999999)",
        "on_expiry '/f': a time lies outside",
    ),
    "a key policy that was made in another age": (
        "INSERT INTO key_policies VALUES ('/f', 1, NULL, 999999999999999999)",
        "key policy of '/f': a time lies outside",
    ),
    "a notice of what is due in another age": (
        "INSERT INTO notices VALUES (1, 'Expiration', 999999999999999999, 0)",
        "notice of entry 1: a time lies outside",
    ),
    "a local key that was made in another age": (
        "UPDATE wrapping_keys SET created_at = 999999999999999999",
        "local key 1: a time lies outside",
    ),
    "material of a key that was made in another age": (
        "UPDATE key_material SET created_at = 999999999999999999",
        "local key 1: a time lies outside",
    ),
    "a key slot that was used in another age": (
        "INSERT INTO slot_uses VALUES (x'0011', 999999999999999999)",
        "use of a key slot b'\\x00\\x11': a time lies outside",
    ),
    "a remote that is reached by a number": (
        "UPDATE remotes SET options = '{\"region\": 5}'",
        "remote 1: a column that holds JSON",
    ),
    "a version of an origin that is none": (
        "UPDATE versions SET origin = 99 WHERE entry_id = 1",
        "entry 1, version 1: a number stands for nothing",
    ),
}


@pytest.mark.parametrize(("statement", "told"), UNREADABLE.values(), ids=UNREADABLE)
def test_the_check_names_what_a_rotation_a_lease_or_a_folder_could_not_be_read_from(
    vault: Vault, statement: str, told: str
) -> None:
    furnish(vault)
    vault.rotations.set(ParameterPath("/z"), RotationDraft("command", options={"run": "true"}))
    vault.remotes.add(RemoteDraft("team", Service.PARAMETER_STORE, ParameterPath("/a"), "/a"))
    vault.trash.remove(ParameterPath("/z"))
    assert vault.check().findings == ()
    crafted(vault, statement)
    (found,) = vault.check().findings
    assert found.startswith(told)
    assert found.endswith("restore a backup")


UNCHECKED: dict[str, tuple[str, Callable[[Vault], object]]] = {
    "a kind that is none": ("UPDATE entries SET kind = 3 WHERE id = 1", READS["a list"]),
    "a type that is none": ("UPDATE entries SET value_type = 9 WHERE id = 1", READS["a list"]),
    "a path that is a number": (
        "UPDATE entries SET path = x'2f61' WHERE id = 1",
        lambda vault: vault.entries.of_ids([1]),
    ),
    "a time that is a text": ("UPDATE entries SET created_at = 'now' WHERE id = 1", READS["a list"]),
    "a strategy that is none": (
        "UPDATE rotations SET strategy = 'both'",
        lambda vault: vault.rotations.listed(),
    ),
    "a cause that is none": (
        RUN.format("'/a'", "'set'", "'{}'").replace("'asked'", "'moon'"),
        lambda vault: vault.rotations.runs(),
    ),
    "a choice that is none": (
        "INSERT INTO on_expiry VALUES ('/f', 'burn', 0)",
        lambda vault: vault.on_expiry.listed(),
    ),
    "a service that is none": ("UPDATE remotes SET service = 9", lambda vault: vault.remotes.listed()),
}


def strict(database: Database, made: str) -> None:
    """Change how strict `entries` is, for whoever may write the schema."""
    database.run("PRAGMA writable_schema = ON")
    database.run(f"UPDATE sqlite_master SET sql = {made} WHERE type = 'table' AND name = 'entries'")
    database.run("PRAGMA writable_schema = RESET")


@pytest.mark.parametrize(("statement", "read"), UNCHECKED.values(), ids=UNCHECKED)
def test_what_a_right_schema_would_never_have_taken_is_damage_and_the_check_says_so(
    vault: Vault, statement: str, read: Callable[[Vault], object]
) -> None:
    furnish(vault)
    vault.rotations.set(ParameterPath("/z"), RotationDraft("command", options={"run": "true"}))
    vault.remotes.add(RemoteDraft("team", Service.PARAMETER_STORE, ParameterPath("/a"), "/a"))
    with raw(vault) as database:
        database.run("PRAGMA ignore_check_constraints = ON")
        strict(database, "replace(sql, ') STRICT', ')')")
        database.run(statement)
        strict(database, "sql || ' STRICT'")
    assert vault.check().findings
    with pytest.raises(Damaged):
        read(vault)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("at", 2**63 - 1, "event 3: a time lies outside"),
        ("origin", 99, "event 3: a number stands for nothing"),
        ("detail", "[1]", "event 3: a column that holds JSON"),
        ("detail", "{", "event 3: a column that holds JSON"),
    ],
)
def test_the_check_names_an_event_that_the_log_cannot_show_although_its_chain_holds(
    vault: Vault, column: str, value: object, told: str
) -> None:
    furnish(vault)
    names = ("seq", "at", "event", "origin", "entry_id", "version", "detail")
    with raw(vault) as database, database.writing():
        (row,) = database.rows(f"SELECT {', '.join(names)} FROM audit WHERE seq = 3")
        database.run("DELETE FROM audit WHERE seq >= 3")
        forged = tuple((dict(zip(names, row, strict=True)) | {column: value}).values())
        mac = vault.audit._mac.of((vault.audit.mac_at(2) or b"") + audit._octets(*forged))
        database.run("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*forged, mac))
    (found,) = vault.check().findings
    assert found.startswith(told)
    with pytest.raises(Damaged):
        vault.audit.events()


def test_a_version_that_its_entry_names_and_that_is_gone_is_damage(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, "UPDATE versions SET number = 7 WHERE entry_id = 1")
    with pytest.raises(Damaged, match="version 1 of /a/b is missing"):
        vault.entries.version(Selector(ParameterPath("/a/b")))


@pytest.mark.parametrize("value", ["x", b"x", 1.5])
def test_a_database_that_does_not_tell_its_headers_generation_is_damaged(vault: Vault, value: object) -> None:
    crafted(vault, "UPDATE meta SET value = ? WHERE name = 'header_generation'", value)
    vault.close()
    with pytest.raises(Damaged, match="a number stands for nothing"):
        reopened(vault.path)


def test_an_index_of_the_search_in_a_format_of_its_own_is_damage_and_the_check_says_so(vault: Vault) -> None:
    furnish(vault)
    crafted(vault, "UPDATE search_config SET v = 99")
    vault.close()
    with reopened(vault.path) as again:
        (found,) = again.check().findings
        assert found == "database: the database does not read back as it was written; restore a backup"
        assert value_of(again, "/a/b") == "value of b"
        with pytest.raises(Damaged):
            put(again, "/c")
