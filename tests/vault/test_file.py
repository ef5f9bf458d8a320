"""Vaults as files: made, opened, copied, backed up, locked."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from errno import EACCES
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import (
    Clock,
    assert_whole,
    device,
    draft,
    every_value,
    new_vault,
    put,
    reopened,
    searched,
    value_of,
)
from vault import file
from vault.credentials import DeviceKey, RecoveryKey
from vault.errors import (
    AlreadyExists,
    Cancelled,
    Damaged,
    Locked,
    NotAVault,
    Refused,
    SlotError,
    StorageFailed,
    VaultError,
    WrongCredential,
)
from vault.kdf import CHEAP
from vault.paths import ROOT, ParameterPath, Selector
from vault.records import Origin
from vault.secret import Secret
from vault.steps import Steps
from vault.storage.database import PAGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vault.vault import Vault

OTHER = DeviceKey(Secret(b"o" * 32))
A = ParameterPath("/a")


def mode(path: str) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


# ---------------------------------------------------------------------------------------- made


def test_a_new_vault_is_its_owners_alone(vault: Vault) -> None:
    put(vault, "/a")
    vault.slots.add(OTHER, "other")
    assert mode(vault.path) == 0o700
    assert {name: mode(os.path.join(vault.path, name)) for name in os.listdir(vault.path)} == dict.fromkeys(
        ("header", "vault.db", "vault.db-wal", "vault.db-shm"), 0o600
    )
    vault.close()
    assert sorted(os.listdir(vault.path)) == ["header", "vault.db"]


@pytest.mark.parametrize("what", ["folder", "file", "link to nowhere"])
def test_a_name_that_is_taken_is_left_alone(tmp_path: Path, what: str) -> None:
    place = tmp_path / "taken"
    if what == "folder":
        place.mkdir()
    elif what == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path / "nowhere")
    with pytest.raises(AlreadyExists):
        new_vault(str(place), Clock())
    assert os.listdir(tmp_path) == ["taken"]
    assert not place.is_file() or place.read_text() == "mine"


def test_a_vault_without_a_way_in_is_not_made(tmp_path: Path) -> None:
    for ways in ([], [(device(), "x")] * 17):
        with pytest.raises(SlotError):
            file.create(str(tmp_path / "v"), ways, clock=Clock(), profile=CHEAP)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_hold_a_vault_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultError):
        new_vault(str(tmp_path / "no" / "such" / "place"), Clock())


def test_several_ways_in_are_made_at_once(tmp_path: Path) -> None:
    recovery = RecoveryKey(Secret(b"r" * 32))
    path = str(tmp_path / "v")
    file.create(path, [(device(), "one"), (recovery, "two")], clock=Clock(), profile=CHEAP).close()
    assert [slot.label for slot in file.read_slots(path)] == ["one", "two"]
    reopened(path, credential=recovery).close()


# --------------------------------------------------------------------------------------- opened


def test_a_wrong_credential_opens_nothing_and_is_not_logged(vault: Vault) -> None:
    head = vault.audit.head()
    with pytest.raises(WrongCredential):
        reopened(vault.path, credential=OTHER)
    assert vault.audit.head() == head


def emptied(path: str) -> None:
    shutil.rmtree(path)
    os.mkdir(path)


MISSING: dict[str, tuple[Callable[[str], object], type[VaultError]]] = {
    "the folder":          (shutil.rmtree, NotAVault),
    "the header":          (lambda path: os.unlink(os.path.join(path, "header")), Damaged),
    "the database":        (lambda path: os.unlink(os.path.join(path, "vault.db")), Damaged),
    "all of the header":   (lambda path: os.truncate(os.path.join(path, "header"), 0), Damaged),
    "both":                (emptied, NotAVault),
    "all of the database": (lambda path: os.truncate(os.path.join(path, "vault.db"), 0), Damaged),
}  # fmt: skip


@pytest.mark.parametrize(("remove", "error"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_told(
    vault: Vault, remove: Callable[[str], object], error: type[VaultError]
) -> None:
    put(vault, "/a")
    vault.close()
    remove(vault.path)
    left = os.listdir(vault.path) if os.path.isdir(vault.path) else []
    with pytest.raises(error) as caught:
        reopened(vault.path)
    assert type(caught.value) is error
    assert (os.listdir(vault.path) if os.path.isdir(vault.path) else []) == left


def test_a_file_where_a_vault_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(NotAVault):
        reopened(str(tmp_path / "file"))


def test_a_plain_sqlite_database_is_no_vault(vault: Vault) -> None:
    import sqlite3

    vault.close()
    place = os.path.join(vault.path, "vault.db")
    os.unlink(place)
    plain = sqlite3.connect(place)
    plain.execute("CREATE TABLE meta (name TEXT, value ANY)")
    plain.commit()
    plain.close()
    with pytest.raises(Damaged):
        reopened(vault.path)


def test_an_absurd_header_is_refused_before_it_is_read_whole(vault: Vault) -> None:
    vault.close()
    with open(os.path.join(vault.path, "header"), "ab") as header:
        header.truncate(2**40)
    with pytest.raises(Damaged):
        reopened(vault.path)


def test_the_faces_are_told_apart(vault: Vault) -> None:
    vault.close()
    with file.open_vault(vault.path, device(), clock=Clock(), origin=Origin.WINDOW) as again:
        assert put(again, "/a").origin is Origin.WINDOW
        assert again.audit.events(newest_first=True, limit=1)[0].origin is Origin.WINDOW


def test_two_open_vaults_see_each_others_writes(vault: Vault) -> None:
    with reopened(vault.path) as other:
        put(vault, "/a", "one")
        assert value_of(other, "/a") == "one"
        put(other, "/a", "two")
        assert value_of(vault, "/a") == "two"
        assert vault.audit.verify() == other.audit.verify()
    assert_whole(vault)


# --------------------------------------------------------------------------- copied and backed up


def test_a_backup_is_a_vault_of_that_moment(vault: Vault, tmp_path: Path) -> None:
    put(vault, "/a", "one")
    place = str(tmp_path / "backup")
    vault.backup(place)
    put(vault, "/a", "two")
    assert mode(place) == 0o700
    assert {name: mode(os.path.join(place, name)) for name in os.listdir(place)} == dict.fromkeys(
        ("header", "vault.db"), 0o600
    )
    with reopened(place) as copy:
        assert copy.id == vault.id
        assert every_value(copy) == {"/a": "one"}
        assert "copy-checked" not in {event.event for event in copy.audit.events()}
        assert_whole(copy)
        put(copy, "/only", "here")
    assert every_value(vault) == {"/a": "two"}
    assert sorted(os.listdir(tmp_path)) == ["backup", "vault"]


def test_a_backup_opens_with_the_ways_in_of_its_time(vault: Vault, tmp_path: Path) -> None:
    vault.slots.change(vault.slots.listed()[0].id, OTHER)
    vault.backup(str(tmp_path / "backup"))
    reopened(str(tmp_path / "backup"), credential=OTHER).close()


def test_a_backup_overwrites_nothing(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(AlreadyExists):
        vault.backup(str(tmp_path / "taken"))
    with pytest.raises(VaultError):
        vault.backup(str(tmp_path / "no" / "place"))
    assert sorted(os.listdir(tmp_path)) == ["taken", "vault"]


@pytest.mark.parametrize("at", [0, 1])
def test_a_backup_that_is_stopped_leaves_nothing(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    monkeypatch.setattr("vault.storage.database.PAGES_OF_A_STEP", 4)
    told: list[tuple[int, int]] = []
    head = vault.audit.head()

    def stop(*so_far: int) -> None:
        told.append(so_far)  # type: ignore[arg-type]
        if len(told) > at:
            raise Cancelled("stop")

    with pytest.raises(Cancelled):
        vault.backup(str(tmp_path / "backup"), Steps(stop))
    assert [done for done, _ in told] == [16 * number for number in range(1, at + 2)]
    assert os.listdir(tmp_path) == ["vault"]
    assert vault.audit.head() == head
    put(vault, "/a", "goes on")


def test_a_backup_that_gets_no_name_leaves_nothing(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = vault.audit.head()

    def refuse(*_: str) -> None:
        raise PermissionError(EACCES, "not here")

    monkeypatch.setattr("vault.vault.os.rename", refuse)
    with pytest.raises(StorageFailed):
        vault.backup(str(tmp_path / "backup"))
    assert os.listdir(tmp_path) == ["vault"]
    assert vault.audit.head() == head


def test_a_backup_that_cannot_be_logged_is_not_made(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, end = vault.audit.head(), vault.interior.database._end

    def refuse(*, good: bool) -> None:
        end(good=good and not (tmp_path / "backup").exists())
        if (tmp_path / "backup").exists():
            raise StorageFailed("full", "the disk is full")

    monkeypatch.setattr(vault.interior.database, "_end", refuse)
    with pytest.raises(StorageFailed):
        vault.backup(str(tmp_path / "backup"))
    assert os.listdir(tmp_path) == ["vault"]
    assert vault.audit.head() == head


def test_a_backup_is_of_one_moment_though_others_write_while_it_is_made(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.storage.database.PAGES_OF_A_STEP", 4)
    put(vault, "/a", "one")
    told: list[tuple[int, int]] = []

    def write(done: int, pages: int) -> None:
        told.append((done, pages))
        put(vault, f"/later/{done}")

    vault.backup(str(tmp_path / "backup"), Steps(write))
    assert told[-1][0] == told[-1][1]
    assert len(told) > 5
    assert len(every_value(vault)) == 1 + len(told)
    with reopened(str(tmp_path / "backup")) as copy:
        assert every_value(copy) == {"/a": "one"}
        assert copy.check().findings == ()


def test_what_a_killed_backup_left_is_in_nobodys_way(vault: Vault, tmp_path: Path) -> None:
    left = tmp_path / "backup.part"
    left.mkdir()
    (left / "vault.db").write_text("half")
    vault.backup(str(tmp_path / "backup"))
    assert (left / "vault.db").read_text() == "half"
    reopened(str(tmp_path / "backup")).close()


def test_a_copied_vault_is_checked_once(vault: Vault, tmp_path: Path) -> None:
    put(vault, "/a", "one")
    vault.close()
    shutil.copytree(vault.path, tmp_path / "copy")
    told: list[tuple[int, int]] = []
    for _ in range(2):
        steps = Steps(lambda *so_far: told.append(so_far))
        with file.open_vault(str(tmp_path / "copy"), device(), clock=Clock(), steps=steps) as copy:
            assert every_value(copy) == {"/a": "one"}
            events = [event.event for event in copy.audit.events()]
            assert events.count("copy-checked") == 1
    assert told.count((1, 1)) == 1


def test_a_copied_vault_whose_check_was_stopped_is_checked_the_next_time(
    vault: Vault, tmp_path: Path
) -> None:
    put(vault, "/a", "one")
    vault.close()
    shutil.copytree(vault.path, tmp_path / "copy")

    def stop(*_: int) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        file.open_vault(str(tmp_path / "copy"), device(), clock=Clock(), steps=Steps(stop))
    with reopened(str(tmp_path / "copy")) as copy:
        assert [event.event for event in copy.audit.events()].count("copy-checked") == 1


def test_a_moved_vault_is_no_copy(vault: Vault, tmp_path: Path) -> None:
    vault.close()
    os.rename(vault.path, tmp_path / "moved")
    told: list[int] = []
    steps = Steps(lambda done, _: told.append(done))
    file.open_vault(str(tmp_path / "moved"), device(), clock=Clock(), steps=steps).close()
    assert told == []


def test_a_copy_taken_while_the_vault_was_open_opens(vault: Vault, tmp_path: Path) -> None:
    put(vault, "/a", "one")
    shutil.copytree(vault.path, tmp_path / "copy")
    with reopened(str(tmp_path / "copy")) as copy:
        assert every_value(copy) == {"/a": "one"}


def test_a_copy_with_a_disabled_key_opens(vault: Vault, tmp_path: Path) -> None:
    put(vault, "/a", "one")
    vault.keys.disable("alias/strongroom/default")
    vault.close()
    shutil.copytree(vault.path, tmp_path / "copy")
    with reopened(str(tmp_path / "copy")) as copy:
        copy.keys.enable("alias/strongroom/default")
        assert every_value(copy) == {"/a": "one"}


def test_a_torn_copy_is_refused(vault: Vault, tmp_path: Path) -> None:
    """Each page of it is a page of the vault, some of before a write and some of after."""
    vault.entries.put_many([draft(f"/e/{number}", "x" * 400) for number in range(200)])
    vault.close()
    before = (tmp_path / "vault" / "vault.db").read_bytes()
    with reopened(vault.path) as again:
        again.entries.put_many([draft(f"/e/{number}", "y" * 400) for number in range(200)])
    after = (tmp_path / "vault" / "vault.db").read_bytes()
    refused = 0
    for cut in range(1, 10):
        at = len(before) * cut // 10 // PAGE_BYTES * PAGE_BYTES
        for name, torn in (("new-old", after[:at] + before[at:]), ("old-new", before[:at] + after[at:])):
            place = tmp_path / f"{name}-{cut}"
            shutil.copytree(vault.path, place)
            (place / "vault.db").write_bytes(torn)
            with pytest.raises(Damaged):
                reopened(str(place))
            refused += 1
    assert refused == 18


# ---------------------------------------------------------------------------------------- locked

VERBS: dict[str, Callable[[Vault], object]] = {
    "find": lambda v: v.entries.find(A),
    "listing": lambda v: v.entries.listing(),
    "below": lambda v: v.entries.below(),
    "ids below": lambda v: v.entries.ids_below(),
    "entries of ids": lambda v: v.entries.of_ids([1]),
    "search": lambda v: searched(v, "a"),
    "tags": lambda v: v.entries.tags(),
    "history": lambda v: v.entries.history(A),
    "version": lambda v: v.entries.version(Selector(A)),
    "put": lambda v: put(v, "/b"),
    "label": lambda v: v.entries.label(A, 1, ["x"]),
    "move": lambda v: v.entries.move(A, ParameterPath("/b")),
    "copy": lambda v: v.entries.copy(A, ParameterPath("/b")),
    "rollback": lambda v: v.entries.rollback(A, 1),
    "open": lambda v: v.values.open(A),
    "open many": lambda v: v.values.open_many([1]),
    "search values": lambda v: v.values.search(Secret(b"x")),
    "remove": lambda v: v.trash.remove(A),
    "restore": lambda v: v.trash.restore(A),
    "sweep": lambda v: v.trash.sweep(),
    "restore to a moment": lambda v: v.restore_to(ROOT, v.now()),
    "policies": lambda v: v.folders.set_policies(ROOT, ()),
    "keys": lambda v: v.keys.listed(),
    "rotate": lambda v: v.keys.rotate(),
    "rewrap": lambda v: v.keys.rewrap(),
    "slots": lambda v: v.slots.listed(),
    "add a slot": lambda v: v.slots.add(OTHER, "x"),
    "remove a slot": lambda v: v.slots.remove(b"?" * 16),
    "audit": lambda v: v.audit.events(),
    "verify": lambda v: v.audit.verify(),
    "expiring": lambda v: v.expiring(v.now() - v.now()),
    "check": lambda v: v.check(),
    "backup": lambda v: v.backup(v.path + "-backup"),
    "enter": lambda v: v.__enter__(),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
def test_a_locked_vault_does_nothing(vault: Vault, verb: Callable[[Vault], object]) -> None:
    put(vault, "/a")
    vault.close()
    vault.close()
    folder = os.path.dirname(vault.path)
    with pytest.raises(Locked):
        verb(vault)
    assert os.listdir(folder) == ["vault"]
    with reopened(vault.path) as again:
        assert every_value(again) == {"/a": "value"}


def test_locking_while_others_write_leaves_every_value_readable(tmp_path: Path) -> None:
    """The keys may not go while a transaction is using them."""
    for attempt in range(15):
        vault = new_vault(str(tmp_path / str(attempt)), Clock())
        begun = threading.Event()
        made: list[str] = []

        def write(vault: Vault = vault, begun: threading.Event = begun, made: list[str] = made) -> None:
            try:
                for number in range(1000):
                    path = f"/{threading.get_ident()}/{number}"
                    vault.entries.put_many([draft(f"{path}/{part}") for part in range(10)])
                    made.append(path)
                    begun.set()
            except Locked:
                pass

        threads = [threading.Thread(target=write) for _ in range(2)]
        for thread in threads:
            thread.start()
        begun.wait(30)
        vault.close()
        for thread in threads:
            thread.join(30)
        with reopened(vault.path) as again:
            assert len(every_value(again)) == 10 * len(made)
            assert_whole(again)


def test_many_threads_share_one_vault(vault: Vault) -> None:
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(20):
                put(vault, f"/{name}/{number}", name)
                assert value_of(vault, f"/{name}/{number}") == name
                searched(vault, name)
        except BaseException as error:  # noqa: BLE001  # told by the main thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert vault.entries.count() == 80
    assert_whole(vault)


def test_a_failed_transaction_leaves_the_vault_usable(vault: Vault) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            vault.entries.put_many([draft("/fine"), draft("/not fine")])
    put(vault, "/a")
    assert every_value(vault) == {"/a": "value"}
