"""kill -9 at any moment leaves what was acknowledged, and at most the one deed that was under way."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.reliability import writers
from tests.reliability.journal import NOTHING, State, read_journal, seen, state_of
from tests.vault.furnished import Clock, assert_whole, draft, every_value, new_vault, put, reopened
from vault.errors import NotAVault, WrongCredential

if TYPE_CHECKING:
    from pathlib import Path


LINES = 20  # of the journal, two a deed, that a writer is let write at most
PAUSE = 0.004  # seconds, about what a deed takes


def kill_writers(folder: Path, rounds: int, deep_every: int) -> int:
    """Kill a writer `rounds` times; how many deeds were acknowledged in all."""
    random = Random(20)
    path = str(folder / "vault")
    new_vault(path, Clock()).close()
    state, total = NOTHING, 0
    for number in range(rounds):
        journal = str(folder / f"journal-{number}")
        process = writers.start(writers.write_deeds, path, journal, "/w", f"r{number}", state, 100_000)
        writers.kill_after(process, journal, random.randrange(LINES), random.uniform(0, PAUSE))
        acknowledged, under_way = read_journal(journal)
        total += len(acknowledged)
        for deed in acknowledged:
            state = state.after(deed)
        deep = number % deep_every == deep_every - 1
        with reopened(path) as vault:
            found = state_of(vault, deep=deep)
            if found != seen(state, deep=deep):
                assert under_way is not None
                state = state.after(under_way)
                assert found == seen(state, deep=deep), (
                    f"round {number}: neither before nor after {under_way}"
                )
            if deep:
                assert_whole(vault)
    with reopened(path) as vault:
        assert state_of(vault, deep=True) == seen(state, deep=True)
        assert_whole(vault)
    return total


@pytest.mark.timeout(300)
def test_a_writer_killed_a_hundred_times_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    assert kill_writers(tmp_path, rounds=100, deep_every=20) > 300


@pytest.mark.soak
def test_a_writer_killed_a_thousand_times_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    assert kill_writers(tmp_path, rounds=1000, deep_every=50) > 3000


def test_two_writers_killed_together_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    random = Random(21)
    path = str(tmp_path / "vault")
    new_vault(path, Clock()).close()
    states: dict[str, State] = {"/one": NOTHING, "/two": NOTHING}
    for number in range(15):
        journals = {folder: str(tmp_path / f"journal{folder[1:]}-{number}") for folder in states}
        processes = {
            folder: writers.start(
                writers.write_deeds, path, journals[folder], folder, f"r{number}", states[folder], 100_000
            )
            for folder in states
        }
        for folder, process in processes.items():
            writers.kill_after(process, journals[folder], random.randrange(LINES), random.uniform(0, PAUSE))
        with reopened(path) as vault:
            for folder, journal in journals.items():
                acknowledged, under_way = read_journal(journal)
                for deed in acknowledged:
                    states[folder] = states[folder].after(deed)
                found = state_of(vault, folder)
                if found != seen(states[folder]):
                    assert under_way is not None
                    states[folder] = states[folder].after(under_way)
                assert found == seen(states[folder])
            assert vault.audit.verify().broken_at is None
    with reopened(path) as vault:
        assert_whole(vault)


def test_a_large_transaction_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    random = Random(22)
    path = str(tmp_path / "vault")
    new_vault(path, Clock()).close()
    for number in range(15):
        journal = str(tmp_path / f"journal-{number}")
        process = writers.start(writers.import_forever, path, journal)
        writers.kill_after(process, journal, random.randrange(8), random.uniform(0, 0.02))
        acknowledged, under_way = read_journal(journal)
        with reopened(path) as vault:
            values = every_value(vault)
            if acknowledged or under_way or values:
                assert len(values) in ({100} if acknowledged else {0, 100})
                assert len(set(values.values())) <= 1
            if acknowledged:
                possible = {f"round {deed[1]}" for deed in (acknowledged[-1], under_way) if deed}
                assert set(values.values()) <= possible
            vault.trash.remove(vault.entries.below()[0].path.parent, recursive=True) if values else None
            vault.trash.purge(vault.trash.listed()[0].path.parent) if values else None
    with reopened(path) as vault:
        assert_whole(vault)


def test_slots_killed_while_they_change_open_with_the_old_or_the_new_credential(tmp_path: Path) -> None:
    random = Random(23)
    path = str(tmp_path / "vault")
    last = 1
    with new_vault(path, Clock()) as vault:
        vault.slots.add(writers.device_number(last), "changing")
        put(vault, "/a", "kept")
    for number in range(25):
        journal = str(tmp_path / f"journal-{number}")
        process = writers.start(writers.change_slots, path, journal, last)
        writers.kill_after(process, journal, random.randrange(LINES), random.uniform(0, PAUSE))
        acknowledged, under_way = read_journal(journal)
        last = acknowledged[-1][1] if acknowledged else last
        possible = [last] if under_way is None else [last, under_way[1]]
        opened = []
        for candidate in possible:
            try:
                with reopened(path, credential=writers.device_number(candidate)) as vault:
                    assert every_value(vault) == {"/a": "kept"}
                    opened.append(candidate)
            except WrongCredential:
                continue
        assert len(opened) == 1
        (last,) = opened
        with reopened(path) as vault:
            for slot in vault.slots.listed()[2:]:
                vault.slots.remove(slot.id)
            assert [slot.label for slot in vault.slots.listed()] == ["test", "changing"]
    assert sorted(os.listdir(path)) == ["header", "vault.db"]
    with reopened(path) as vault:
        assert_whole(vault)


def test_rewrapping_that_was_killed_goes_on(tmp_path: Path) -> None:
    random = Random(24)
    path = str(tmp_path / "vault")
    with new_vault(path, Clock()) as vault:
        vault.entries.put_many([draft(f"/e/{number}", f"value {number}") for number in range(200)])
    truth = {f"/e/{number}": f"value {number}" for number in range(200)}
    for number in range(12):
        journal = str(tmp_path / f"journal-{number}")
        process = writers.start(writers.rewrap_forever, path, journal)
        writers.kill_after(process, journal, random.randrange(8), random.uniform(0, 0.03))
        with reopened(path) as vault:
            assert every_value(vault) == truth
    with reopened(path) as vault:
        vault.keys.rewrap()
        (key,) = vault.keys.listed()
        database = vault.interior.database
        with database.reading():
            assert database.rows("SELECT DISTINCT material FROM wrapped_keys") == [(key.material,)]
        assert every_value(vault) == truth
        assert_whole(vault)


def test_a_backup_that_was_killed_is_none_and_hurts_nobody(tmp_path: Path) -> None:
    random = Random(25)
    path = str(tmp_path / "vault")
    with new_vault(path, Clock()) as vault:
        vault.entries.put_many([draft(f"/e/{number}", "x" * 1000) for number in range(100)])
    whole = 0
    for number in range(12):
        journal = str(tmp_path / f"journal-{number}")
        process = writers.start(writers.back_up_forever, path, journal, str(tmp_path / f"b{number}"))
        writers.kill_after(process, journal, random.randrange(8), random.uniform(0, 0.02))
        acknowledged, under_way = read_journal(journal)
        for _, target in acknowledged[-1:] + (
            [under_way] if under_way and os.path.exists(under_way[1]) else []
        ):
            with reopened(target) as vault:
                assert every_value(vault)["/serial"] == target
                assert_whole(vault)
                whole += 1
        with reopened(path) as vault:
            assert len(every_value(vault)) in (100, 101)
    assert whole
    with reopened(path) as vault:
        assert_whole(vault)


def test_a_vault_whose_making_was_killed_is_whole_or_no_vault(tmp_path: Path) -> None:
    random = Random(26)
    for number in range(15):
        journal = str(tmp_path / f"journal-{number}")
        process = writers.start(writers.create_forever, journal, str(tmp_path / f"v{number}"))
        writers.kill_after(process, journal, random.randrange(8), random.uniform(0, 0.02))
        acknowledged, under_way = read_journal(journal)
        for _, target in acknowledged[-2:]:
            with reopened(target) as vault:
                assert_whole(vault)
        if under_way is not None:
            try:
                with reopened(under_way[1]) as vault:
                    assert_whole(vault)
            except NotAVault:
                pass
