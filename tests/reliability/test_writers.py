"""Several programs on one vault at once: nothing is lost, and each builds on what the others wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reliability import writers
from tests.reliability.journal import NOTHING, read_journal, seen, state_of
from tests.vault.furnished import Clock, assert_whole, new_vault, put, reopened, searched, value_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("count", [2, 3])
def test_writers_at_once_lose_nothing(tmp_path: Path, count: int) -> None:
    path = str(tmp_path / "vault")
    new_vault(path, Clock()).close()
    folders = [f"/w{number}" for number in range(count)]
    processes = [
        writers.start(
            writers.write_deeds, path, str(tmp_path / f"journal-{folder[1:]}"), folder, folder, NOTHING, 60
        )
        for folder in folders
    ]
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    with reopened(path) as vault:
        for folder in folders:
            acknowledged, under_way = read_journal(str(tmp_path / f"journal-{folder[1:]}"))
            assert (len(acknowledged), under_way) == (60, None)
            state = NOTHING
            for deed in acknowledged:
                state = state.after(deed)
            assert state_of(vault, folder, deep=True) == seen(state, deep=True)
        assert_whole(vault)


def test_expecting_a_version_makes_writers_take_turns(tmp_path: Path) -> None:
    path = str(tmp_path / "vault")
    with new_vault(path, Clock()) as vault:
        put(vault, "/sum", "0")
    processes = [writers.start(writers.add_up, path, 25) for _ in range(3)]
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    with reopened(path) as vault:
        assert value_of(vault, "/sum") == "75"
        assert vault.audit.verify().broken_at is None


def test_an_open_vault_goes_on_beside_a_writer(tmp_path: Path) -> None:
    path = str(tmp_path / "vault")
    with new_vault(path, Clock()) as vault:
        journal = str(tmp_path / "journal")
        process = writers.start(writers.write_deeds, path, journal, "/w", "w", NOTHING, 60)
        for number in range(60):
            put(vault, "/mine", f"value {number}")
            assert value_of(vault, "/mine") == f"value {number}"
            searched(vault, "mine")
        process.join(120)
        assert process.exitcode == 0
        assert len(read_journal(journal)[0]) == 60
        assert_whole(vault)
