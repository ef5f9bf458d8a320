"""Several moves at once, and the way back: exactly what moved goes back, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import assert_whole, every_value, find, put
from vault.errors import AlreadyExists, NotFound
from vault.inheritance import Choice
from vault.paths import ParameterPath
from vault.policies import parse_policies

if TYPE_CHECKING:
    from vault.vault import Vault

EXPIRES = parse_policies(
    '[{"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2099-01-01T00:00:00.000Z"}}]'
)


def at(text: str) -> ParameterPath:
    return ParameterPath(text)


def moves(*pairs: tuple[str, str]) -> list[tuple[ParameterPath, ParameterPath]]:
    return [(at(source), at(target)) for source, target in pairs]


def filled(vault: Vault, *paths: str) -> None:
    for path in paths:
        put(vault, path, f"of {path}")


def test_several_moves_are_one_step_and_one_step_back(vault: Vault) -> None:
    filled(vault, "/a/x", "/a/y", "/b/z")
    before = every_value(vault)
    moved = vault.entries.move_many(moves(("/a", "/c/a"), ("/b/z", "/c/z")))
    assert sorted(every_value(vault)) == ["/c/a/x", "/c/a/y", "/c/z"]
    vault.entries.move_back(moved)
    assert every_value(vault) == before
    assert_whole(vault)


def test_one_path_that_is_taken_leaves_all_where_they_are(vault: Vault) -> None:
    filled(vault, "/a/x", "/b/x")
    with pytest.raises(AlreadyExists):
        vault.entries.move_many(moves(("/a/x", "/c/x"), ("/b/x", "/c/x")))
    assert sorted(every_value(vault)) == ["/a/x", "/b/x"]


def test_two_of_one_name_are_named_when_they_would_meet_in_one_folder(vault: Vault) -> None:
    filled(vault, "/a/x", "/b/x")
    meeting = moves(("/a/x", "/c/x"), ("/b/x", "/c/x"))
    for verb in (vault.entries.move_many, vault.entries.copy_many):
        with pytest.raises(AlreadyExists, match=r"/a/x and /b/x would both become /c/x"):
            verb(meeting)
    assert sorted(every_value(vault)) == ["/a/x", "/b/x"]


def test_what_was_in_the_target_before_or_came_since_stays_there_on_the_way_back(vault: Vault) -> None:
    filled(vault, "/a/x", "/c/a/before")
    moved = vault.entries.move_many(moves(("/a", "/c/a")))
    filled(vault, "/c/a/since")
    vault.entries.move_back(moved)
    assert sorted(every_value(vault)) == ["/a/x", "/c/a/before", "/c/a/since"]


def test_what_a_folder_settles_goes_along_and_back(vault: Vault) -> None:
    filled(vault, "/a/x")
    vault.folders.set_policies(at("/a"), EXPIRES)
    vault.on_expiry.set(at("/a"), Choice.LOCK)
    before = find(vault, "/a/x").expires_at
    moved = vault.entries.move_many(moves(("/a", "/c/a")))
    assert vault.folders.policies(at("/a")) == ()
    assert find(vault, "/c/a/x").expires_at == before
    vault.entries.move_back(moved)
    assert vault.folders.policies(at("/a")) == EXPIRES
    assert vault.folders.policies(at("/c/a")) == ()
    assert find(vault, "/a/x").expires_at == before
    assert_whole(vault)


def test_a_path_that_was_taken_meanwhile_is_told_and_nothing_goes_back(vault: Vault) -> None:
    filled(vault, "/a/x", "/a/y")
    moved = vault.entries.move_many(moves(("/a/x", "/c/x"), ("/a/y", "/c/y")))
    put(vault, "/a/y", "another")
    with pytest.raises(AlreadyExists, match="/a/y"):
        vault.entries.move_back(moved)
    assert sorted(every_value(vault)) == ["/a/y", "/c/x", "/c/y"]


def test_what_was_removed_meanwhile_is_not_moved_back(vault: Vault) -> None:
    filled(vault, "/a/x")
    moved = vault.entries.move_many(moves(("/a/x", "/c/x")))
    vault.trash.remove(at("/c/x"))
    with pytest.raises(NotFound, match="removed after it had moved"):
        vault.entries.move_back(moved)


def test_several_copies_are_all_or_nothing(vault: Vault) -> None:
    filled(vault, "/a/x", "/b/y", "/c/y")
    with pytest.raises(AlreadyExists):
        vault.entries.copy_many(moves(("/a/x", "/c/x"), ("/b/y", "/c/y")))
    assert "/c/x" not in every_value(vault)
    assert len(vault.entries.copy_many(moves(("/a/x", "/c/x"), ("/b/y", "/c/z")))) == 2
    assert every_value(vault)["/c/z"] == "of /b/y"


def test_several_removed_at_once_come_back_by_their_ids(vault: Vault) -> None:
    filled(vault, "/a/x", "/a/y", "/b/z")
    vault.trash.remove(at("/a/y"))
    put(vault, "/a/y", "newer")
    before = every_value(vault)
    with pytest.raises(NotFound):
        vault.trash.remove_many([at("/b/z"), at("/gone")])
    assert every_value(vault) == before
    ids = vault.trash.remove_many([at("/a"), at("/b/z")], recursive=True)
    assert every_value(vault) == {}
    vault.trash.bring_back(ids)
    assert every_value(vault) == before
    assert len(vault.trash.listed()) == 1  # what was removed earlier stays removed
