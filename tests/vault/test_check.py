"""The check finds what was changed behind the vault's back; and opening gives no wrong value for it."""

from __future__ import annotations

from _thread import interrupt_main
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import assert_whole, draft, put, put_secret, raw, reopened, searched, value_of
from vault.errors import Cancelled, Damaged, NotFound
from vault.header_file import HEADER_NAME
from vault.paths import ParameterPath
from vault.records import Kind
from vault.steps import Steps

if TYPE_CHECKING:
    from tests.vault.furnished import Clock
    from vault.vault import Vault


def furnish(vault: Vault) -> None:
    """/a with ids 1 (two versions), /b with id 2, /s a secret with id 3."""
    put(vault, "/a", "old of a", stages=("prod",))
    put(vault, "/a", "value of a")
    put(vault, "/b", "value of b")
    put_secret(vault, "/s", "value of s")


def test_a_whole_vault_has_nothing_to_tell_but_its_size(vault: Vault) -> None:
    furnish(vault)
    put(vault, "/gone")
    vault.trash.remove(ParameterPath("/gone"))
    vault.entries.put(draft("/empty", None, kind=Kind.SECRET))
    steps = Steps()
    report = vault.check(steps)
    assert (report.entries, report.versions, report.findings, report.stopped_after) == (5, 5, (), None)
    assert report.events == vault.audit.head()[0]
    assert steps.place == (5, 5)


@pytest.mark.parametrize("harm", ["zeroed", "changed", "missing"])
def test_a_header_that_was_lost_while_the_vault_is_open_is_found_and_no_backup_is_made_of_it(
    vault: Vault, tmp_path: Path, harm: str
) -> None:
    furnish(vault)
    header = Path(vault.path, HEADER_NAME)
    octets = header.read_bytes()
    if harm == "missing":
        header.unlink()
    else:
        header.write_bytes(octets[:-8] + (bytes(8) if harm == "zeroed" else octets[:8]))
    (found,) = vault.check().findings
    assert found.startswith("header: ")
    with pytest.raises(Damaged):
        vault.backup(str(tmp_path / "backup"))
    assert not (tmp_path / "backup").exists()


def test_a_stopped_check_tells_what_it_saw_and_how_far_it_came(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.check._BATCH", 2)
    furnish(vault)
    with raw(vault) as database:
        database.run("UPDATE versions SET sealed = x'' WHERE id IN (2, 4)")

    def told(done: int, _total: int) -> None:
        if done == 2:
            raise Cancelled("stop")

    report = vault.check(Steps(told))
    assert (report.versions, report.stopped_after) == (4, 2)
    assert len(report.findings) == 1
    assert "entry 1, version 2" in report.findings[0]


def test_a_check_that_is_stopped_at_once_has_seen_nothing(vault: Vault) -> None:
    def told(_done: int, _total: int) -> None:
        raise Cancelled("stop")

    furnish(vault)
    report = vault.check(Steps(told))
    assert (report.stopped_after, report.versions, report.findings) == (0, 0, ())


def test_a_check_can_be_stopped_while_a_long_statement_runs(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(vault)
    monkeypatch.setattr("vault.storage.database._INSTRUCTIONS", 5)
    asked = 0

    def stop_after(number: int) -> Steps:
        def told(_done: int, _total: int) -> None:
            nonlocal asked
            asked += 1
            if asked == number:
                raise Cancelled("stop")

        return Steps(told)

    assert vault.check(stop_after(0)).stopped_after is None
    whole, step = asked, max(1, asked // 50)
    assert whole > 100
    for number in range(1, whole, step):
        asked = 0
        assert vault.check(stop_after(number)).stopped_after is not None
    assert_whole(vault)


@pytest.mark.parametrize("stopping", [KeyboardInterrupt, BrokenPipeError])
def test_a_check_ends_with_what_was_raised_while_a_long_statement_ran(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, stopping: type[BaseException]
) -> None:
    furnish(vault)
    monkeypatch.setattr("vault.storage.database._INSTRUCTIONS", 5)
    asked = 0

    def check(number: int) -> None:
        nonlocal asked
        asked = 0

        def told(_done: int, _total: int) -> None:
            nonlocal asked
            asked += 1
            if asked == number:
                raise stopping

        vault.check(Steps(told))

    check(0)
    whole = asked
    for number in range(1, whole, max(1, whole // 50)):
        with pytest.raises(stopping):
            check(number)
    assert_whole(vault)


@pytest.mark.parametrize("stopping", [KeyboardInterrupt, BrokenPipeError])
def test_what_was_raised_within_a_statement_comes_through_a_transaction_inside(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, stopping: type[BaseException]
) -> None:
    def told(_done: int, _total: int) -> None:
        raise stopping

    furnish(vault)
    monkeypatch.setattr("vault.storage.database._INSTRUCTIONS", 5)
    database = vault.interior.database
    with pytest.raises(stopping), database.checking(Steps(told)), database.reading():
        database.rows("SELECT * FROM entries ORDER BY description")
    assert not database.is_in_transaction
    assert_whole(vault)


def test_an_interrupt_from_the_keyboard_is_not_lost_while_a_statement_runs(vault: Vault) -> None:
    runs = Event()

    def press() -> None:
        runs.wait()
        interrupt_main()

    presser = Thread(target=press)
    presser.start()
    database = vault.interior.database
    with (
        pytest.raises(KeyboardInterrupt),
        database.checking(Steps(lambda *_: runs.set())),
        database.reading(),
    ):
        database.rows(
            "WITH RECURSIVE one (n) AS (SELECT 1 UNION ALL SELECT 1 FROM one) SELECT sum(n) FROM one"
        )
    presser.join()
    assert not database.is_in_transaction


# Each swap is what somebody who has the database key could do; none gives the value of something else.
SWAPS = {
    "the sealed values of two entries": """
        UPDATE versions SET sealed = (SELECT sealed FROM versions WHERE entry_id = 2)
        WHERE entry_id = 1 AND number = 2""",
    "the sealed value of an older version": """
        UPDATE versions SET sealed = (SELECT sealed FROM versions WHERE entry_id = 1 AND number = 1)
        WHERE entry_id = 1 AND number = 2""",
    "the data keys of two entries": """
        UPDATE wrapped_keys SET wrapped = (SELECT w.wrapped FROM wrapped_keys w JOIN versions v
        ON v.id = w.version_id WHERE v.entry_id = 2) WHERE version_id = 2""",
    "value and data key together": """
        UPDATE versions SET sealed = (SELECT sealed FROM versions WHERE entry_id = 2)
        WHERE entry_id = 1 AND number = 2;
        UPDATE wrapped_keys SET wrapped = (SELECT w.wrapped FROM wrapped_keys w JOIN versions v
        ON v.id = w.version_id WHERE v.entry_id = 2) WHERE version_id = 2""",
    "the whole rows of two versions": """
        UPDATE versions SET number = 9 WHERE id = 2; UPDATE versions SET number = 2 WHERE id = 1;
        UPDATE versions SET number = 1 WHERE id = 2""",
    "the rows of two entries": """
        UPDATE versions SET entry_id = 2, number = 9 WHERE id = 2;
        UPDATE versions SET entry_id = 1, number = 2 WHERE id = 3;
        UPDATE versions SET number = 1 WHERE id = 2""",
    "a data key to another version": """
        DELETE FROM wrapped_keys WHERE version_id = 2;
        UPDATE wrapped_keys SET version_id = 2 WHERE version_id = 3""",
    "the last bytes of the sealed value": """
        UPDATE versions SET sealed = CAST(substr(sealed, 1, length(sealed) - 8) || zeroblob(8) AS BLOB)
        WHERE id = 2""",
    "the first byte of the sealed value": """
        UPDATE versions SET sealed = CAST(x'02' || substr(sealed, 2) AS BLOB) WHERE id = 2""",
    "the commitment": """
        UPDATE versions SET sealed = CAST(substr(sealed, 1, 1) || zeroblob(32) || substr(sealed, 34) AS BLOB)
        WHERE id = 2""",
    "a cut end of the sealed value": "UPDATE versions SET sealed = substr(sealed, 1, 20) WHERE id = 2",
    "an empty sealed value": "UPDATE versions SET sealed = x'' WHERE id = 2",
    "a cut data key": "UPDATE wrapped_keys SET wrapped = substr(wrapped, 1, 59) WHERE version_id = 2",
    "an encryption context of its own": 'UPDATE versions SET context = \'{"team":"x"}\' WHERE id = 2',
    "the material that wraps it": "UPDATE wrapped_keys SET material = 7 WHERE version_id = 2",
    "the material itself": "UPDATE key_material SET wrapped = zeroblob(60)",
}


@pytest.mark.parametrize("statements", SWAPS.values(), ids=SWAPS)
def test_what_was_swapped_is_never_served_and_is_found(vault: Vault, statements: str) -> None:
    furnish(vault)
    vault.keys._material.clear()  # as in a program that opens nothing else before
    with raw(vault) as database, database.writing():
        for statement in statements.split(";"):
            database.run(statement)
    with pytest.raises((Damaged, NotFound)) as caught:
        value_of(vault, "/a")
    assert "value of" not in str(caught.value)
    findings = vault.check().findings
    assert findings
    assert "value of" not in " ".join(findings)


CONTRADICTIONS = {
    "no current version": (
        "UPDATE entries SET current = 7 WHERE id = 1",
        "the current version of /a is missing",
    ),
    "no newest version": (
        "UPDATE entries SET latest = 7 WHERE id = 1",
        "the newest version of /a is missing",
    ),
    "a label on nothing": ("UPDATE labels SET number = 7 WHERE entry_id = 1", "a label of /a"),
    "no data key": ("DELETE FROM wrapped_keys WHERE version_id = 2", "a version of /a has no data key"),
    "another fingerprint": (
        "UPDATE versions SET fingerprint = zeroblob(16) WHERE id = 2",
        "entry 1, version 2: the fingerprint",
    ),
}


@pytest.mark.parametrize(("statement", "finding"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_rows_that_contradict_each_other_are_found(vault: Vault, statement: str, finding: str) -> None:
    furnish(vault)
    with raw(vault) as database, database.writing():
        database.run(statement)
    assert any(finding in each for each in vault.check().findings)


def test_a_row_that_refers_to_nothing_is_found(vault: Vault) -> None:
    furnish(vault)
    with raw(vault) as database:
        database.run("PRAGMA foreign_keys = OFF")
        database.run("DELETE FROM entries WHERE id = 2")
    assert any("refers to nothing" in finding for finding in vault.check().findings)


def test_the_check_changes_nothing(vault: Vault, clock: Clock) -> None:
    furnish(vault)
    before = vault.audit.head()
    clock.move()
    assert_whole(vault)
    assert vault.audit.head() == before


def test_what_another_program_wrote_is_no_damage(vault: Vault) -> None:
    """SQLite's own check of the search index goes by what this connection saw of it last."""
    with reopened(vault.path) as other:
        for number in range(30):
            put(vault if number % 2 else other, f"/e/{number}", description=f"words {number}")
        searched(vault, "words")
        for number in range(25):
            put(other, f"/e/{number}", description=f"other {number}")
            assert_whole(vault)
