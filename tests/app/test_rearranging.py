"""Where things go that are put into a folder, and what is done to several entries at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import rearranging
from tests.vault.furnished import Clock, new_vault, put, reopened, value_of
from tests.vault.memory_kms import connected, set_policy
from vault.errors import AlreadyExists, Refused, StorageFailed
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from vault.records import Entry
    from vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        yield vault


def at(text: str) -> ParameterPath:
    return ParameterPath(text)


@pytest.mark.parametrize(
    ("source", "folder", "target"),
    [
        ("/a/x", "/b", "/b/x"),
        ("/a/x", "/", "/x"),
        ("/a/x", "/a/deep", "/a/deep/x"),
        ("/a/x", "/a", None),  # it is there already
        ("/x", "/", None),
    ],
)
def test_what_is_put_into_a_folder_keeps_its_name(source: str, folder: str, target: str | None) -> None:
    expected = [(at(source), at(target))] if target else []
    assert rearranging.into([at(source)], at(folder)) == expected


@pytest.mark.parametrize(
    ("source", "folder", "may"),
    [
        ("/a", "/b", True),
        ("/a/b", "/", True),
        ("/a/b", "/c/d", True),
        ("/a", "/ab", True),  # another name that begins alike
        ("/a", "/a", False),
        ("/a", "/a/b", False),
        ("/a/b", "/a", False),
        ("/", "/a", False),
    ],
)
def test_a_folder_goes_neither_into_itself_nor_where_it_is(source: str, folder: str, may: bool) -> None:
    assert rearranging.may_go(at(source), at(folder)) is may


def ids_of(vault: Vault, *paths: str) -> list[int]:
    return [vault.entries.find(at(path)).id for path in paths]


def tags(vault: Vault) -> dict[str, dict[str, str]]:
    return {str(entry.path): dict(entry.tags) for entry in vault.entries.below(ROOT)}


def test_a_tag_is_set_and_taken_off_where_it_differs(vault: Vault) -> None:
    put(vault, "/a", tags={"team": "shop", "tier": "1"})
    put(vault, "/b")
    ids = ids_of(vault, "/a", "/b")
    assert len(rearranging.tag(vault, ids, "team", "shop").former) == 1
    assert tags(vault) == {"/a": {"team": "shop", "tier": "1"}, "/b": {"team": "shop"}}
    assert len(rearranging.tag(vault, ids, "tier", None).former) == 1
    assert tags(vault) == {"/a": {"team": "shop"}, "/b": {"team": "shop"}}
    assert vault.entries.find(at("/a")).latest == 1


def test_a_tag_goes_back_to_what_it_was_where_nobody_changed_it_since(vault: Vault) -> None:
    put(vault, "/a", tags={"team": "mail", "tier": "1"})
    put(vault, "/b")
    put(vault, "/c", tags={"team": "shop"})
    put(vault, "/d", tags={"team": "mail"})
    tagged = rearranging.tag(vault, ids_of(vault, "/a", "/b", "/c", "/d"), "team", "shop")
    rearranging.tag(vault, ids_of(vault, "/d"), "team", "later")
    rearranging.tag(vault, ids_of(vault, "/a"), "other", "stays")
    assert rearranging.untag(vault, tagged) == 2
    assert tags(vault) == {
        "/a": {"team": "mail", "tier": "1", "other": "stays"},
        "/b": {},
        "/c": {"team": "shop"},
        "/d": {"team": "later"},
    }


def test_a_tag_that_was_taken_off_comes_back(vault: Vault) -> None:
    put(vault, "/a", tags={"team": "mail"})
    put(vault, "/b")
    tagged = rearranging.tag(vault, ids_of(vault, "/a", "/b"), "team", None)
    assert rearranging.untag(vault, tagged) == 1
    assert tags(vault) == {"/a": {"team": "mail"}, "/b": {}}


def test_copies_go_to_the_trash_but_for_those_that_were_removed_already(vault: Vault) -> None:
    put(vault, "/a/x")
    put(vault, "/a/y")
    made = rearranging.copy_into(vault, at("/a"), at("/b"))
    assert len(made) == 2
    vault.trash.remove(at("/b/a/y"))
    assert rearranging.take_back_copies(vault, made, 30) == 1
    assert sorted(tags(vault)) == ["/a/x", "/a/y"]
    assert len(vault.trash.listed()) == 2


def test_what_a_key_outside_wraps_alone_is_copied_into_a_folder(vault: Vault) -> None:
    kms = connected(vault)
    set_policy(vault, "/a", "kms")
    put(vault, "/a/x", "one")
    vault.outside.cache.clear()
    ids = ids_of(vault, "/a/x")
    assert len(rearranging.copy_into(vault, ids, at("/a/b"))) == 1
    assert value_of(vault, "/a/b/x") == "one"
    assert kms.calls["unwrap"] > 0


@pytest.mark.parametrize("deed", ["tag", "untag", "take_back_copies", "move_into", "copy_into"])
def test_nobody_writes_between_the_reading_and_the_writing(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    put(vault, "/a")
    ids = ids_of(vault, "/a")
    tagged = rearranging.Tagged("team", None, dict.fromkeys(ids, "shop"))
    deeds: dict[str, Callable[[], object]] = {
        "tag": lambda: rearranging.tag(vault, ids, "team", "shop"),
        "untag": lambda: rearranging.untag(vault, tagged),
        "take_back_copies": lambda: rearranging.take_back_copies(vault, ids, 30),
        "move_into": lambda: rearranging.move_into(vault, ids, at("/b")),
        "copy_into": lambda: rearranging.copy_into(vault, ids, at("/b")),
    }
    refused: list[StorageFailed] = []
    with reopened(vault.path) as other:
        other.interior.database.rows("PRAGMA busy_timeout = 0")
        of_ids = vault.entries.of_ids

        def read(asked: Sequence[int]) -> list[Entry]:
            found = of_ids(asked)
            with pytest.raises(StorageFailed) as told:
                put(other, "/a", "another")
            refused.append(told.value)
            return found

        monkeypatch.setattr(vault.entries, "of_ids", read)
        deeds[deed]()
    assert {error.reason for error in refused} == {"busy"}


def test_a_tag_that_aws_would_refuse_changes_none_of_them(vault: Vault) -> None:
    put(vault, "/a")
    put(vault, "/b")
    with pytest.raises(Refused):
        rearranging.tag(vault, ids_of(vault, "/a", "/b"), "aws:team", "x")
    assert tags(vault) == {"/a": {}, "/b": {}}


def test_two_of_one_name_do_not_fit_into_one_folder(vault: Vault) -> None:
    put(vault, "/a/x")
    put(vault, "/b/x")
    with pytest.raises(AlreadyExists):
        rearranging.move_into(vault, ids_of(vault, "/a/x", "/b/x"), at("/c"))
    assert sorted(tags(vault)) == ["/a/x", "/b/x"]


def test_what_was_removed_comes_back_where_it_was(vault: Vault) -> None:
    put(vault, "/a/x")
    put(vault, "/a/y")
    ids = vault.trash.remove_many([at("/a")], recursive=True)
    vault.trash.bring_back(ids)
    assert sorted(tags(vault)) == ["/a/x", "/a/y"]
    assert rearranging.paths_of(vault, [*ids, 10**6]) == [at("/a/x"), at("/a/y")]
