"""Ways into a vault: added, changed, removed; and an older header put back is noticed."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, Clock, device, new_vault, put, reopened, value_of
from vault import header as headers
from vault import header_file
from vault.credentials import DeviceKey, Passphrase, RecoveryKey
from vault.errors import Damaged, NotFound, Refused, RolledBack, SlotError, StorageFailed, WrongCredential
from vault.file import read_id, read_slots
from vault.kdf import CHEAP
from vault.keyslots import MAX_SLOTS, KeySlotRecord
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vault.credentials import Credential
    from vault.slots import Slots
    from vault.vault import Vault

RECOVERY = RecoveryKey(Secret(b"r" * 32))
OTHER = DeviceKey(Secret(b"o" * 32))


def passphrase(text: str = "pass phrase") -> Passphrase:
    return Passphrase(Secret.of_text(text))


def labels(vault: Vault) -> list[str]:
    return [slot.label for slot in vault.slots.listed()]


def test_every_slot_opens_the_same_vault(vault: Vault) -> None:
    put(vault, "/a", "one")
    vault.slots.add(RECOVERY, "paper")
    vault.slots.add(passphrase(), "mine", CHEAP)
    vault.close()
    for credential in (device(), RECOVERY, passphrase()):
        with reopened(vault.path, credential=credential) as again:
            assert value_of(again, "/a") == "one"


def test_a_slot_tells_when_it_last_opened_the_vault(vault: Vault, clock: Clock) -> None:
    vault.slots.add(RECOVERY, "paper")
    later = clock.move(timedelta(hours=1))
    vault.close()
    reopened(vault.path, clock, RECOVERY).close()
    clock.move(timedelta(hours=1))
    with reopened(vault.path, clock) as again:
        used = {slot.label: slot.used_at for slot in again.slots.listed()}
    assert used == {"test": clock.now, "paper": later}
    assert [slot.used_at for slot in read_slots(vault.path)] == [None, None]
    assert read_id(vault.path) == vault.id


def test_a_changed_slot_opens_with_the_new_credential_alone(vault: Vault) -> None:
    (old,) = vault.slots.listed()
    new = vault.slots.change(old.id, OTHER)
    assert (new.label, new.created_at) == (old.label, BEGIN)
    vault.close()
    with pytest.raises(WrongCredential):
        reopened(vault.path)
    reopened(vault.path, credential=OTHER).close()


def test_a_removed_slot_no_longer_opens(vault: Vault) -> None:
    added = vault.slots.add(OTHER, "other")
    vault.slots.remove(added.id)
    assert labels(vault) == ["test"]
    vault.close()
    with pytest.raises(WrongCredential):
        reopened(vault.path, credential=OTHER)


def test_sixteen_slots_fit_and_the_last_one_stays(vault: Vault) -> None:
    for number in range(1, MAX_SLOTS):
        vault.slots.add(OTHER, f"slot {number}")
    with pytest.raises(SlotError):
        vault.slots.add(OTHER, "one too many")
    assert len(vault.slots.listed()) == MAX_SLOTS
    for slot in vault.slots.listed()[1:]:
        vault.slots.remove(slot.id)
    with pytest.raises(SlotError, match="last key slot"):
        vault.slots.remove(vault.slots.listed()[0].id)
    assert labels(vault) == ["test"]


NOT_THERE: dict[str, Callable[[Slots], object]] = {
    "remove": lambda slots: slots.remove(b"?" * 16),
    "change": lambda slots: slots.change(b"?" * 16, OTHER),
}


@pytest.mark.parametrize("verb", NOT_THERE.values(), ids=NOT_THERE)
def test_a_slot_that_is_not_there(vault: Vault, verb: Callable[[Slots], object]) -> None:
    with pytest.raises(NotFound):
        verb(vault.slots)


def test_a_label_with_a_line_break_is_refused(vault: Vault) -> None:
    with pytest.raises(Refused):
        vault.slots.add(OTHER, "two\nlines")
    assert labels(vault) == ["test"]


def test_slots_of_kinds_unknown_here_are_kept_byte_for_byte(vault: Vault) -> None:
    foreign = KeySlotRecord(b"k" * 16, "aws-kms", "cloud", BEGIN, b"\x07params", b"wrapped elsewhere")
    header = vault.slots.header()
    with vault.slots._change() as change:
        change.write(header._replace(slots=(foreign, *header.slots)))
    added = vault.slots.add(OTHER, "other")
    vault.slots.remove(added.id)
    assert labels(vault) == ["cloud", "test"]
    vault.close()
    with reopened(vault.path) as again:
        assert again.slots.header().slots[0] == foreign
        again.slots.change(again.slots.listed()[1].id, OTHER)
        assert again.slots.header().slots[0] == foreign
        again.slots.remove(foreign.id)
        assert labels(again) == ["test"]


def test_an_older_header_put_back_is_noticed(vault: Vault, tmp_path: Path) -> None:
    added = vault.slots.add(OTHER, "left the team")
    shutil.copy(tmp_path / "vault" / "header", tmp_path / "older")
    vault.slots.remove(added.id)
    vault.close()
    shutil.copy(tmp_path / "older", tmp_path / "vault" / "header")
    for credential in (device(), OTHER):
        with pytest.raises(RolledBack, match="older copy"):
            reopened(vault.path, credential=credential)


def test_the_header_of_another_vault_is_refused(vault: Vault, tmp_path: Path) -> None:
    with new_vault(str(tmp_path / "other"), Clock()):
        pass
    vault.close()
    shutil.copy(tmp_path / "other" / "header", tmp_path / "vault" / "header")
    with pytest.raises(Damaged):
        reopened(vault.path)


def test_a_header_newer_than_the_database_knows_is_taken(vault: Vault) -> None:
    """As after a kill between the writing of the header and the commit."""
    header = vault.slots.header()
    fresh = header._replace(generation=header.generation + 1)
    header_file.write_octets(vault.path, headers.encode(fresh, vault.slots._mac_key))
    vault.close()
    reopened(vault.path).close()
    with reopened(vault.path) as again:
        again.slots.add(OTHER, "other")
        assert again.slots.header().generation == header.generation + 2


def test_two_programs_change_slots_without_losing_each_others(vault: Vault) -> None:
    with reopened(vault.path) as other:
        vault.slots.add(OTHER, "first")
        other.slots.add(RECOVERY, "second")
        assert labels(vault) == labels(other) == ["test", "first", "second"]


CHANGES: dict[str, Callable[[Slots, bytes], object]] = {
    "add": lambda slots, _: slots.add(OTHER, "other"),
    "change": lambda slots, slot_id: slots.change(slot_id, OTHER),
    "remove": lambda slots, slot_id: slots.remove(slot_id),
}


def test_an_open_that_meets_a_change_of_slots_is_no_rollback(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlock = headers.unlock

    def slow(octets: bytes, credential: Credential) -> headers.Unlocked:
        found = unlock(octets, credential)
        vault.slots.add(OTHER, "meanwhile")
        return found

    monkeypatch.setattr(headers, "unlock", slow)
    with reopened(vault.path) as again:
        assert labels(again) == ["test", "meanwhile"]


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_that_cannot_be_committed_is_none(
    vault: Vault, change: Callable[[Slots, bytes], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = vault.slots.add(RECOVERY, "paper")
    before = vault.slots.header()
    end = vault.interior.database._end

    def full(*, good: bool) -> None:
        end(good=False)
        if good:
            raise StorageFailed("full", "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(vault.interior.database, "_end", full)
        with pytest.raises(StorageFailed):
            change(vault.slots, paper.id)
    assert vault.slots.header() == before
    assert not os.path.exists(os.path.join(vault.path, "header.old"))
    vault.close()
    with reopened(vault.path) as again:
        assert labels(again) == ["test", "paper"]
        again.slots.add(OTHER, "other")
