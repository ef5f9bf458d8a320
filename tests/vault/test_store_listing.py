"""One level of the hierarchy and whole subtrees, page by page: the pages joined are the sorted truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.vault.furnished import draft, put, put_secret, vault_for_example
from vault.paths import ROOT, ParameterPath
from vault.records import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.vault import Vault

# characters that sort before, between and after "/" in ASCII, and the lowest and highest ones of a name
NAMES = st.text("!+-.0=@A_az", min_size=1, max_size=3)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(lambda names: ParameterPath("/" + "/".join(names)))
FOLDERS = st.one_of(st.just(ROOT), PATHS)


def level(paths: Iterable[ParameterPath], folder: ParameterPath) -> tuple[list[str], list[str]]:
    """The folders and the entries directly in `folder`, worked out from every path."""
    inside = [path for path in paths if path.is_below(folder)]
    deep = {
        folder.join(path[len(folder) :].strip("/").split("/")[0]) for path in inside if path.parent != folder
    }
    return sorted(deep), sorted(path for path in inside if path.parent == folder)


def pages(vault: Vault, folder: ParameterPath, limit: int) -> tuple[list[str], list[str]]:
    """The same from the vault, `limit` at a time."""
    folders: list[str] = []
    entries: list[str] = []
    after: str | None = None
    while True:
        page = vault.entries.listing(folder, after, limit)
        assert len(page.folders) + len(page.entries) <= limit
        folders += page.folders
        entries += [entry.path for entry in page.entries]
        after = page.next
        if after is None:
            return folders, entries
        assert len(page.folders) + len(page.entries) == limit


@settings(max_examples=60)
@given(st.lists(PATHS, min_size=1, max_size=25, unique=True), FOLDERS, st.integers(1, 5))
@example([ParameterPath(path) for path in ("/a", "/a/b", "/a-b", "/a.b", "/a0", "/a/b/c")], ROOT, 1)
@example([ParameterPath(path) for path in ("/!", "/a/!", "/a/!/!")], ParameterPath("/a"), 2)
def test_pages_joined_are_the_level(paths: list[ParameterPath], folder: ParameterPath, limit: int) -> None:
    with vault_for_example() as vault:
        vault.entries.put_many([draft(path, kind=Kind.SECRET) for path in paths])
        folders, entries = level(paths, folder)
        found_folders, found_entries = pages(vault, folder, limit)
        assert sorted(found_folders) == folders
        assert len(set(found_folders)) == len(found_folders)
        assert found_entries == entries


@settings(max_examples=60)
@given(st.lists(PATHS, min_size=1, max_size=25, unique=True), FOLDERS, st.integers(1, 5))
@example([ParameterPath(path) for path in ("/!", "/a/!", "/a/!/!")], ParameterPath("/a"), 2)
def test_pages_joined_are_the_subtree(paths: list[ParameterPath], folder: ParameterPath, limit: int) -> None:
    with vault_for_example() as vault:
        vault.entries.put_many([draft(path, kind=Kind.SECRET) for path in paths])
        found: list[str] = []
        while page := vault.entries.below(folder, found[-1] if found else None, limit):
            assert len(page) <= limit
            found += [entry.path for entry in page]
        assert found == sorted(path for path in paths if path.is_below(folder))
        assert vault.entries.count(folder) == len(found)


def test_a_folder_that_is_also_an_entry_is_listed_as_both(vault: Vault) -> None:
    for path in ("/shop", "/shop/db", "/shop/db/password", "/shop-2"):
        put(vault, path)
    top = vault.entries.listing()
    assert top.folders == ("/shop",)
    assert [entry.path for entry in top.entries] == ["/shop", "/shop-2"]
    inside = vault.entries.listing(ParameterPath("/shop"))
    assert (inside.folders, [entry.path for entry in inside.entries]) == (("/shop/db",), ["/shop/db"])


def test_folders_alone_are_found_behind_any_number_of_entries(vault: Vault) -> None:
    vault.entries.put_many([draft(f"/a/{number:03}") for number in range(50)])
    for path in ("/a/x/1", "/a/x/2", "/a/y/1", "/a/z", "/a/z/1", "/b/1"):
        put(vault, path)
    folder = ParameterPath("/a")
    first = vault.entries.listing(folder, None, 2, whole=False)
    assert (first.folders, first.entries) == (("/a/x", "/a/y"), ())
    assert vault.entries.listing(folder, first.next, 2, whole=False) == (("/a/z",), (), None)
    assert vault.entries.listing(ROOT, whole=False).folders == ("/a", "/b")


@pytest.mark.parametrize("folder", ["/nowhere", "/sho", "/shop/db/password"])
def test_a_folder_with_nothing_in_it_is_empty(vault: Vault, folder: str) -> None:
    put(vault, "/shop/db/password")
    assert vault.entries.listing(ParameterPath(folder)) == ((), (), None)
    assert vault.entries.below(ParameterPath(folder)) == []


def test_a_large_subfolder_costs_one_step_of_its_level(vault: Vault) -> None:
    vault.entries.put_many([draft(f"/a/{number:04}") for number in range(3000)])
    put_secret(vault, "/b")
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    vault.interior.database._connection.set_progress_handler(count, 100)
    top = vault.entries.listing()
    vault.interior.database._connection.set_progress_handler(None, 0)
    assert (top.folders, [entry.path for entry in top.entries]) == (("/a",), ["/b"])
    assert steps < 20
