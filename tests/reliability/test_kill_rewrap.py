"""kill -9 in the middle of a rewrap loses no value, and the next rewrap ends what was begun."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.reliability import writers
from tests.vault.furnished import Clock, assert_whole, draft, every_value, new_vault, reopened
from tests.vault.memory_kms import connected, set_policy
from vault import rewrapping

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 400
POLICIES = (("kms", "one"), ("both", "two"), ("local", ""), ("kms", "two"), ("kms", "one"), ("both", "one"))


def rewrap_forever(path: str, journal: str, serial: int) -> None:
    """Set one policy after the other, and rewrap; tell the journal after each transaction."""
    rewrapping.BATCH = 10  # type: ignore[misc]
    with reopened(path) as vault, open(journal, "a", encoding="ascii", buffering=1) as told:
        connected(vault)
        for number in range(1_000_000):
            policy, name = POLICIES[(serial + number) % len(POLICIES)]
            set_policy(vault, "/", policy, name)
            vault.key_policies.rewrap(progress=lambda _: told.write("more\n"))


def kill_rewraps(folder: Path, rounds: int) -> None:
    path, random = str(folder / "vault"), Random(30)
    expected = {f"/n/{number:03}": f"value {number}" for number in range(COUNT)}
    with new_vault(path, Clock()) as vault:
        vault.entries.put_many([draft(name, value) for name, value in expected.items()])
    for number in range(rounds):
        journal = str(folder / f"journal-{number}")
        process = writers.start(rewrap_forever, path, journal, number)
        writers.kill_after(process, journal, random.randrange(60), random.uniform(0, 0.01))
        with reopened(path) as vault:
            connected(vault)
            assert every_value(vault) == expected
            assert_whole(vault)
            if number % 4 == 3:
                vault.key_policies.rewrap()
                assert vault.key_policies.waiting() == 0
                assert every_value(vault) == expected


def test_a_rewrap_that_is_killed_loses_nothing(tmp_path: Path) -> None:
    kill_rewraps(tmp_path, 12)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_rewrap_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    kill_rewraps(tmp_path, 300)
