"""What expired, what is in the trash, and what is locked is not given by any way."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, device, draft, find, put, raw, reopened, value_of
from vault.credentials import DeviceKey
from vault.errors import Damaged, Locked, StorageFailed
from vault.paths import ParameterPath
from vault.policies import Policy, expiration
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.vault import Vault


def test_many_values_leave_out_what_expired_and_what_is_in_the_trash(vault: Vault, clock: Clock) -> None:
    put(vault, "/brief", policies=(expiration(clock.now + timedelta(days=1)),))
    put(vault, "/gone")
    put(vault, "/here")
    ids = [entry.id for entry in vault.entries.below()]
    vault.trash.remove(ParameterPath("/gone"))
    assert [one.path for one in vault.values.open_many(ids)] == ["/brief", "/here"]
    clock.move(timedelta(days=1))
    seq, _ = vault.audit.head()
    assert [one.path for one in vault.values.open_many(ids)] == ["/here"]
    assert [event.path for event in vault.audit.events(seq)] == ["/here"]
    assert [entry.path for entry in vault.values.search(Secret(b"value"))] == ["/here"]


def test_the_last_moment_of_the_calendar_does_not_hide_the_vault(vault: Vault) -> None:
    put(vault, "/end", policies=(Policy("Expiration", timestamp="9999-12-31T23:59:59.999999Z"),))
    assert [entry.path for entry in vault.entries.below()] == ["/end"]
    assert value_of(vault, "/end") == "value"
    assert vault.expiring(timedelta.max)[0].due == find(vault, "/end").expires_at


def test_a_policy_finer_than_a_millisecond_is_no_change_when_set_again(vault: Vault) -> None:
    put(vault, "/f/a")
    policies = (Policy("Expiration", timestamp="2031-01-02T03:04:05.678901Z"),)
    assert [vault.folders.set_policies(ParameterPath("/f"), policies) for _ in range(2)] == [1, 0]


def test_a_value_whose_row_is_gone_is_damage_not_absence(vault: Vault) -> None:
    put(vault, "/a")
    with raw(vault) as database:
        database.run("DELETE FROM wrapped_keys")
    with pytest.raises(Damaged, match="/a"):
        vault.values.open(ParameterPath("/a"))


def test_a_locked_vault_computes_no_fingerprint_and_changes_no_slot(vault: Vault) -> None:
    slot = vault.slots.listed()[0].id
    vault.close()
    with pytest.raises(Locked):
        vault.values.fingerprint(Secret(b"guess"))
    with pytest.raises(Locked):
        vault.slots.change(slot, device())
    with pytest.raises(Locked):
        vault.slots.header()


def test_stopping_a_search_stops_no_write(vault: Vault) -> None:
    finished = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(30):
                vault.entries.put_many([draft(f"/{number}/{part}") for part in range(40)])
        except BaseException as error:  # noqa: BLE001  # told in the test's own thread
            failures.append(error)
        finished.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not finished.wait(0.0003):
        vault.entries.interrupt()
    writer.join()
    assert (failures, vault.entries.count()) == ([], 1200)


def test_an_interrupt_as_a_transaction_begins_leaves_the_vault_usable(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = vault.interior.database
    execute = database._execute

    def begun(sql: str, *parameters: object) -> object:
        result = execute(sql, *parameters)  # type: ignore[arg-type]
        if sql.startswith("BEGIN"):
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(database, "_execute", begun)
    with pytest.raises(KeyboardInterrupt):
        put(vault, "/a")
    monkeypatch.undo()
    other = threading.Thread(target=put, args=(vault, "/b"), daemon=True)
    other.start()
    other.join(20)
    assert [entry.path for entry in vault.entries.below()] == ["/b"]


def test_the_buffer_of_a_secret_that_is_gone_is_zeroed_unless_somebody_reads_it() -> None:
    octets = bytearray(b"marker")
    view = memoryview(octets)
    secret = Secret.adopt(octets)
    del octets
    del secret
    assert bytes(view) == b"marker"  # whoever holds a view may go on reading

    kept = Secret(b"marker").reveal()
    assert kept == b"marker"

    class Watched(Secret):
        __slots__ = ()

    zeroed: list[bytes] = []
    watched = Watched(b"marker")
    Watched.__del__(watched, lambda buffer: zeroed.append(bytes(buffer)))
    assert zeroed == [b"marker"]


def test_a_key_s_number_is_not_used_again(vault: Vault, clock: Clock) -> None:
    """Another program may still have the material of the deleted key at hand."""
    vault.keys.create("alias/first")
    first = vault.keys.newest("alias/first")
    vault.keys.schedule_deletion("alias/first", 7)
    clock.move(timedelta(days=7))
    vault.keys.sweep()
    vault.keys.create("alias/second")
    assert vault.keys.newest("alias/second")[0] != first[0]


def test_an_interrupt_at_the_commit_leaves_nothing_half_done(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = vault.interior.database
    execute = database._execute

    def interrupted(sql: str, *parameters: object) -> object:
        if sql == "COMMIT":
            raise KeyboardInterrupt
        return execute(sql, *parameters)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(database, "_execute", interrupted)
        with pytest.raises(KeyboardInterrupt):
            put(vault, "/a")
    put(vault, "/b")
    assert [entry.path for entry in vault.entries.below()] == ["/b"]


def test_a_slot_change_that_failed_is_taken_back_though_another_program_tidied_up(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = vault.slots.header()
    database = vault.interior.database
    end = database._end

    def full(*, good: bool) -> None:
        end(good=False)
        if good:
            os.unlink(os.path.join(vault.path, "header.old"))
            raise StorageFailed("full", "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(database, "_end", full)
        with pytest.raises(StorageFailed):
            vault.slots.add(DeviceKey(Secret(b"e" * 32)), "other")
    assert vault.slots.header() == before


CONTRADICTIONS = {
    "a version after the newest": "UPDATE entries SET latest = 1, current = 1",
    "a parameter at an older version": "UPDATE entries SET current = 1",
    "tags": "UPDATE entries SET tags = '[['",
    "policies": "UPDATE entries SET policies = 'x'",
    "what a version was like": "UPDATE versions SET facts = 'x' WHERE number = 1",
    "policies of a folder": "INSERT INTO folders VALUES ('/f', '{', 0)",
}


@pytest.mark.parametrize("harm", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_the_check_finds_rows_that_would_stop_a_verb(vault: Vault, harm: str) -> None:
    put(vault, "/a")
    put(vault, "/a")
    assert vault.check().findings == ()
    with raw(vault) as database:
        database.run(harm)
    assert len(vault.check().findings) == 1


@pytest.mark.parametrize("number", [-1, 0])
def test_a_schema_below_one_is_refused_and_copied_nowhere(vault: Vault, number: int) -> None:
    with raw(vault) as database:
        database.run(f"PRAGMA user_version = {number}")
    vault.close()
    with pytest.raises(Damaged):
        reopened(vault.path)


def test_policies_that_are_none_are_damage(vault: Vault) -> None:
    put(vault, "/f/a", policies=(expiration(vault.now()),))
    with raw(vault) as database:
        database.run("UPDATE entries SET policies = 'no JSON'")
        database.run("INSERT INTO folders VALUES ('/f', '[]]', 0)")
    with pytest.raises(Damaged):
        find(vault, "/f/a")
    with pytest.raises(Damaged):
        vault.folders.with_policies()
