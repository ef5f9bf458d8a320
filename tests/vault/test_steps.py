"""How far a removal is, and that stopping it undoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vault.errors import Cancelled
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret
from vault.steps import EVERY, Steps

if TYPE_CHECKING:
    from vault.vault import Vault

MANY = 2 * EVERY
FOLDER = ParameterPath("/many")


@pytest.fixture
def filled(vault: Vault) -> Vault:
    """A vault with many entries below one folder."""
    drafts = [Draft(FOLDER.join(f"e{number}"), Secret(b"x")) for number in range(MANY)]
    vault.entries.put_many(drafts)
    return vault


def test_steps_are_told_up_to_their_number(filled: Vault) -> None:
    told: list[tuple[int, int]] = []
    paths = [entry.path for entry in filled.entries.below(FOLDER)]
    ids = filled.trash.remove_many(paths, steps=Steps(lambda *so_far: told.append(so_far)))
    assert told == [(done, 3 * MANY) for done in range(0, 3 * MANY, EVERY)]
    told.clear()
    filled.trash.bring_back(ids, Steps(lambda *so_far: told.append(so_far)))
    assert told == [(done, 5 * MANY) for done in range(0, 5 * MANY, EVERY)]


@pytest.mark.parametrize("at", range(0, 3 * MANY, EVERY))
def test_a_removal_that_is_stopped_removed_nothing(filled: Vault, at: int) -> None:
    def told(done: int, _total: int) -> None:
        if done == at:
            raise Cancelled("stop")

    paths = [entry.path for entry in filled.entries.below(FOLDER)]
    with pytest.raises(Cancelled):
        filled.trash.remove_many(paths, steps=Steps(told))
    assert filled.entries.count(FOLDER) == MANY
    assert filled.trash.listed() == []
    assert filled.check().findings == ()


def test_the_number_of_a_folder_is_known_once_it_was_read(filled: Vault) -> None:
    told: list[tuple[int, int]] = []
    filled.trash.remove_many([FOLDER], recursive=True, steps=Steps(lambda *so_far: told.append(so_far)))
    assert told[-1][1] == 2 * MANY + 1
