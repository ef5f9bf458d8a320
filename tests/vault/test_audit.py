"""The audit log: what happened, in order, and the first link that was tampered with."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, draft, put, put_secret, raw, reopened, searched, value_of
from vault.audit import EVENTS, EventFilter
from vault.credentials import DeviceKey
from vault.errors import Cancelled, NotFound, Refused, StorageFailed
from vault.keys import DEFAULT_ALIAS
from vault.labels import CURRENT
from vault.paths import ROOT, ParameterPath, Selector
from vault.policies import expiration
from vault.records import Origin
from vault.secret import Secret
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.vault.furnished import Clock
    from vault.records import AuditEvent
    from vault.vault import Vault

A = ParameterPath("/a")


def events_since(vault: Vault, seq: int) -> list[tuple[str, str, int | None]]:
    return [(event.event, event.path, event.version) for event in vault.audit.events(seq)]


def test_a_new_vault_begins_its_log(vault: Vault) -> None:
    events = vault.audit.events()
    assert [event.event for event in events][:2] == ["vault-created", "key-created"]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert {(event.at, event.origin) for event in events} == {(BEGIN, Origin.LIBRARY)}
    assert vault.audit.verify() == (len(events), None, "")


def prepared(vault: Vault) -> None:
    put(vault, "/a", "one", stages=("prod",))
    put(vault, "/a", "two")
    put_secret(vault, "/s", "one")
    put_secret(vault, "/s", "two")
    vault.keys.create("alias/other")


VERBS: dict[str, tuple[Callable[[Vault], object], list[tuple[str, str, int | None]]]] = {
    "opening": (lambda v: value_of(v, "/a"), [("value-opened", "/a", 2)]),
    "opening a version": (lambda v: value_of(v, "/a", number=1), [("value-opened", "/a", 1)]),
    "opening many": (
        lambda v: v.values.open_many([entry.id for entry in v.entries.below()]),
        [("value-opened", "/a", 2), ("value-opened", "/s", 2)],
    ),
    "putting anew": (lambda v: put(v, "/n"), [("version-put", "/n", 1)]),
    "putting over": (lambda v: put(v, "/a"), [("version-put", "/a", 3)]),
    "describing": (
        lambda v: v.entries.put(draft("/a", None, description="x")),
        [("entry-changed", "/a", None)],
    ),
    "labelling": (lambda v: v.entries.label(A, 2, ["prod"]), [("labels-changed", "/a", 2)]),
    "labelling as it is": (lambda v: v.entries.label(A, 1, ["prod"]), []),
    "moving a stage": (
        lambda v: v.entries.move_stage(ParameterPath("/s"), CURRENT, 1, 2),
        [("labels-changed", "/s", 1)],
    ),
    "moving": (lambda v: v.entries.move(A, ParameterPath("/b")), [("entry-moved", "/b", None)]),
    "copying": (
        lambda v: v.entries.copy(A, ParameterPath("/b")),
        [("version-put", "/b", 1), ("entry-copied", "/b", 2)],
    ),
    "rolling back": (lambda v: v.entries.rollback(A, 1), [("version-put", "/a", 3)]),
    "removing": (lambda v: v.trash.remove(A), [("entry-removed", "/a", None)]),
    "restoring": (
        lambda v: (v.trash.remove(A), v.trash.restore(A)),
        [("entry-removed", "/a", None), ("entry-restored", "/a", None)],
    ),
    "purging": (
        lambda v: (v.trash.remove(A), v.trash.purge(A)),
        [("entry-removed", "/a", None), ("entry-purged", "/a", None)],
    ),
    "policies of a folder": (
        lambda v: v.folders.set_policies(ROOT, (expiration(BEGIN + timedelta(1)),)),
        [("folder-policies-set", "/", None)],
    ),
    "searching values": (lambda v: v.values.search(Secret(b"x")), [("values-searched", "/", None)]),
    "a new key": (lambda v: v.keys.create("alias/new"), [("key-created", "", None)]),
    "a rotated key": (lambda v: v.keys.rotate(), [("key-rotated", "", None)]),
    "a disabled key": (lambda v: v.keys.disable("alias/other"), [("key-state-changed", "", None)]),
    "rewrapping": (
        lambda v: (v.keys.rotate(), v.keys.rewrap()),
        [("key-rotated", "", None), ("data-keys-rewrapped", "", None)],
    ),
    "rewrapping nothing": (lambda v: v.keys.rewrap(DEFAULT_ALIAS), []),
    "a new slot": (lambda v: v.slots.add(DeviceKey(Secret(b"o" * 32)), "o"), [("slot-added", "", None)]),
    "a changed slot": (
        lambda v: v.slots.change(v.slots.listed()[0].id, DeviceKey(Secret(b"o" * 32))),
        [("slot-changed", "", None)],
    ),
    "a backup": (lambda v: v.backup(v.path + "-copy"), [("backup-made", "", None)]),
    "a check": (lambda v: v.check(), []),
    "listing and searching": (lambda v: (v.entries.listing(), v.entries.below(), searched(v, "a")), []),
}


@pytest.mark.parametrize(("verb", "logged"), VERBS.values(), ids=VERBS)
def test_what_is_logged(
    vault: Vault, verb: Callable[[Vault], object], logged: list[tuple[str, str, int | None]]
) -> None:
    prepared(vault)
    seq, _ = vault.audit.head()
    verb(vault)
    assert events_since(vault, seq) == logged
    assert vault.audit.verify().broken_at is None


def test_what_fails_is_not_logged(vault: Vault) -> None:
    prepared(vault)
    head = vault.audit.head()
    attempts: list[Callable[[], object]] = [
        lambda: value_of(vault, "/no"),
        lambda: put(vault, "/a b"),
        lambda: vault.entries.put_many([draft("/fine"), draft("/not fine")]),
        lambda: vault.trash.purge(A),
        lambda: vault.entries.version(Selector(A, number=7)),
    ]
    for attempt in attempts:
        with pytest.raises((Refused, NotFound)):
            attempt()
    assert vault.audit.head() == head


def test_no_value_is_opened_that_could_not_be_logged(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    put(vault, "/a", "one")
    end = vault.interior.database._end

    def refuse(*, good: bool) -> None:
        end(good=False)
        raise StorageFailed("full", "the disk is full")

    monkeypatch.setattr(vault.interior.database, "_end", refuse)
    with pytest.raises(StorageFailed):
        value_of(vault, "/a")


def test_unlocking_is_logged_with_the_slot_and_the_face(vault: Vault, clock: Clock) -> None:
    vault.close()
    later = clock.move()
    with reopened(vault.path, clock) as again:
        event = again.audit.events(newest_first=True, limit=1)[0]
    assert (event.event, event.at) == ("unlocked", later)
    assert event.detail == {"kind": "keyring", "slot": "test"}


def test_pages_of_the_log_join(vault: Vault) -> None:
    prepared(vault)
    whole = vault.audit.events()
    forward: list[AuditEvent] = []
    backward: list[AuditEvent] = []
    while page := vault.audit.events(forward[-1].seq if forward else 0, 3):
        forward += page
    while page := vault.audit.events(backward[-1].seq if backward else 0, 3, newest_first=True):
        backward += page
    assert forward == whole == backward[::-1]
    of_entry = vault.audit.events(entry_id=vault.entries.find(A).id)
    assert of_entry == [event for event in whole if event.path == "/a"]


def test_events_keep_the_path_of_their_time_where_it_changed(vault: Vault) -> None:
    seq, _ = vault.audit.head()
    put(vault, "/a")
    vault.entries.move(A, ParameterPath("/b"))
    assert [event.path for event in vault.audit.events(seq)] == ["/a", "/b"]


def test_codes_on_disk_are_never_renumbered() -> None:
    assert EVENTS[1] == "vault-created"
    assert EVENTS[3] == "value-opened"
    assert EVENTS[25] == "key-deleted"
    assert len(set(EVENTS.values())) == len(EVENTS)


# ---------------------------------------------------------------------------------- tampering

REST = "at, event, origin, entry_id, version, detail, mac FROM audit"
TAMPERED: dict[str, tuple[str, int]] = {
    # what somebody with the database key did to row 5 of 8: the first link that does not hold
    "the time":               ("UPDATE audit SET at = at + 1 WHERE seq = 5", 5),
    "a time before 1970":     ("UPDATE audit SET at = -1 WHERE seq = 5", 5),
    "the event":              ("UPDATE audit SET event = 3 WHERE seq = 5", 5),
    "an event of no code":    ("UPDATE audit SET event = 70000 WHERE seq = 5", 5),
    "the face":               ("UPDATE audit SET origin = 2 WHERE seq = 5", 5),
    "a face of no code":      ("UPDATE audit SET origin = 300 WHERE seq = 5", 5),
    "the entry":              ("UPDATE audit SET entry_id = 9 WHERE seq = 5", 5),
    "an entry below zero":    ("UPDATE audit SET entry_id = -9 WHERE seq = 5", 5),
    "the version":            ("UPDATE audit SET version = 9 WHERE seq = 5", 5),
    "the detail":             ("UPDATE audit SET detail = '{\"path\":\"/b\"}' WHERE seq = 5", 5),
    "no detail":              ("UPDATE audit SET detail = NULL WHERE seq = 5", 5),
    "the code":               ("UPDATE audit SET mac = zeroblob(32) WHERE seq = 5", 5),
    "a shorter code":         ("UPDATE audit SET mac = x'00' WHERE seq = 5", 5),
    "taken out":              ("DELETE FROM audit WHERE seq = 5", 5),
    "the first taken out":    ("DELETE FROM audit WHERE seq = 1", 1),
    "taken out and closed up": (
        "DELETE FROM audit WHERE seq = 5; UPDATE audit SET seq = seq - 1 WHERE seq > 5", 5),
    "changed places": (
        "UPDATE audit SET seq = 99 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6", 5),
    "made up at the end": (
        f"INSERT INTO audit SELECT seq + 1, {REST} WHERE seq = 8", 9),
    "made up before the first": (
        f"INSERT INTO audit SELECT 0, {REST} WHERE seq = 8", 1),
}  # fmt: skip


@pytest.mark.parametrize(("statements", "broken_at"), TAMPERED.values(), ids=TAMPERED)
def test_the_first_broken_link_is_named(vault: Vault, statements: str, broken_at: int) -> None:
    while vault.audit.head()[0] < 8:
        put(vault, f"/x/{vault.audit.head()[0]}")
    with raw(vault) as database, database.writing():
        for statement in statements.split(";"):
            database.run(statement)
    verdict = vault.audit.verify()
    assert (verdict.held, verdict.broken_at) == (broken_at - 1, broken_at)
    assert f"row {broken_at}" in verdict.reason
    assert any(verdict.reason in finding for finding in vault.check().findings)


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_a_broken_link_is_found_wherever_the_reading_is_parted(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("vault.audit._BATCH", batch)
    while vault.audit.head()[0] < 8:
        put(vault, f"/x/{vault.audit.head()[0]}")
    assert vault.audit.verify() == (8, None, "")
    with raw(vault) as database, database.writing():
        database.run("DELETE FROM audit WHERE seq = 4")
    assert vault.audit.verify()[:2] == (3, 4)


def test_verifying_can_be_stopped_at_every_row(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vault.steps.EVERY", 1)
    prepared(vault)
    number, _ = vault.audit.head()
    told: list[tuple[int, int]] = []

    def stop(*so_far: int) -> None:
        told.append(so_far)  # type: ignore[arg-type]
        if len(told) > at:
            raise Cancelled("stop")

    for at in range(number):
        told.clear()
        with pytest.raises(Cancelled):
            vault.audit.verify(Steps(stop))
        assert told == [(done, number) for done in range(at + 1)]


def test_rows_cut_off_the_end_are_seen_by_who_remembers_the_head(vault: Vault) -> None:
    prepared(vault)
    seq, mac = vault.audit.head()
    with raw(vault) as database, database.writing():
        database.run("DELETE FROM audit WHERE seq > ?", (seq - 2,))
    assert vault.audit.verify() == (seq - 2, None, "")
    assert vault.audit.mac_at(seq) is None
    put(vault, "/x")
    put(vault, "/y")
    assert vault.audit.mac_at(seq) not in (None, mac)


@pytest.mark.parametrize("statement", ["UPDATE audit SET at = 0", "DELETE FROM audit"])
def test_the_program_itself_cannot_change_the_log(vault: Vault, statement: str) -> None:
    with pytest.raises(StorageFailed), vault.interior.database.writing():
        vault.interior.database.run(statement)
    assert vault.audit.verify().broken_at is None


def test_a_row_that_was_copied_does_not_follow_itself(vault: Vault) -> None:
    seq, _ = vault.audit.head()
    with raw(vault) as database, database.writing():
        database.run(
            "INSERT INTO audit SELECT seq + 1, at, event, origin, entry_id, version, detail, mac FROM audit"
            " WHERE seq = (SELECT max(seq) FROM audit)"
        )
    assert vault.audit.verify().broken_at == seq + 1


def filled(vault: Vault, clock: Clock) -> None:
    """Openings, puts and a removal on three days."""
    put(vault, "/shop/a", "one")
    value_of(vault, "/shop/a")
    clock.move(timedelta(days=1))
    put(vault, "/mail/b", "two")
    vault.entries.move(ParameterPath("/mail/b"), ParameterPath("/post/b"))
    clock.move(timedelta(days=1))
    value_of(vault, "/post/b")
    vault.trash.remove(ParameterPath("/post/b"))


CHOSEN: dict[str, tuple[EventFilter, list[tuple[str, str]]]] = {
    "by the path": (EventFilter("SHOP"), [("version-put", "/shop/a"), ("value-opened", "/shop/a")]),
    "by the name of the event": (
        EventFilter("value op", named=("value-opened",)),
        [("value-opened", "/shop/a"), ("value-opened", "/post/b")],
    ),
    "by kinds": (EventFilter(events=("entry-removed",)), [("entry-removed", "/post/b")]),
    "by no kind": (EventFilter(events=()), []),
    "by who did it": (EventFilter(origins=(Origin.WINDOW,)), []),
    "from a moment": (
        EventFilter(since=BEGIN + timedelta(days=2)),
        [("value-opened", "/post/b"), ("entry-removed", "/post/b")],
    ),
    "up to a moment": (EventFilter("/", until=BEGIN), []),
    "by two things": (
        EventFilter("post", events=("value-opened",)), [("value-opened", "/post/b")],
    ),
    "by a sign that SQL knows": (EventFilter("%"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CHOSEN)
def test_events_are_chosen(vault: Vault, clock: Clock, case: str) -> None:
    chosen, expected = CHOSEN[case]
    filled(vault, clock)
    found = vault.audit.events(chosen=chosen)
    assert [(event.event, event.path) for event in found] == expected
    backwards = vault.audit.events(chosen=chosen, newest_first=True)
    assert backwards == found[::-1]
    assert sum(vault.audit.tally(chosen).values()) == len(found)


VALUE_OPENED = EventFilter("value op", named=("value-opened",))


def test_pages_of_chosen_events_follow_each_other(vault: Vault, clock: Clock) -> None:
    filled(vault, clock)
    (first,) = vault.audit.events(limit=1, chosen=VALUE_OPENED)
    (second,) = vault.audit.events(first.seq, 1, chosen=VALUE_OPENED)
    assert (first.path, second.path) == ("/shop/a", "/post/b")


def test_events_are_counted_by_quarters_of_an_hour(vault: Vault, clock: Clock) -> None:
    value_before, _ = vault.audit.head()
    for minutes in (0, 5, 10):
        clock.move(timedelta(minutes=minutes))
        put(vault, "/a", f"value {minutes}")
    quarter = BEGIN.replace(minute=15, second=0)
    found = vault.audit.tally()
    assert found == {quarter: value_before + 2, quarter + timedelta(minutes=15): 1}
