"""Saved searches: named, listed by name, renamed, forgotten; and what is read back strictly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import saved_searches
from app.errors import BadQuery
from app.saved_searches import LONGEST_NAME, MOST, PREFIX, SavedSearch
from tests.vault.furnished import Clock, new_vault, reopened
from vault.errors import AlreadyExists, NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "vault"), Clock()) as vault:
        yield vault


def names(vault: Vault) -> list[str]:
    return [one.name for one in saved_searches.listed(vault)]


def test_a_saved_search_is_there_after_the_vault_was_closed(vault: Vault) -> None:
    assert saved_searches.save(vault, "  Soon ", " is:expiring !tag:owner ") == (
        "Soon",
        "is:expiring !tag:owner",
    )
    vault.close()
    with reopened(vault.path) as again:
        assert saved_searches.listed(again) == [SavedSearch("Soon", "is:expiring !tag:owner")]
        assert saved_searches.find(again, "Soon").query == "is:expiring !tag:owner"


def test_they_are_listed_by_name_in_any_case(vault: Vault) -> None:
    for name in ("beta", "Alpha", "größe", "ALPHA", "gamma"):
        saved_searches.save(vault, name, "db")
    assert names(vault) == ["ALPHA", "Alpha", "beta", "gamma", "größe"]


def test_saving_under_a_name_again_replaces_the_query(vault: Vault) -> None:
    for query in ("db", "password"):
        saved_searches.save(vault, "mine", query)
    assert saved_searches.listed(vault) == [("mine", "password")]


def test_renaming_keeps_the_query_and_never_takes_anothers_place(vault: Vault) -> None:
    saved_searches.save(vault, "old", "db")
    saved_searches.save(vault, "other", "password")
    assert saved_searches.rename(vault, "old", "new") == ("new", "db")
    assert saved_searches.rename(vault, "new", " new ") == ("new", "db")
    with pytest.raises(AlreadyExists):
        saved_searches.rename(vault, "new", "other")
    with pytest.raises(Refused):
        saved_searches.rename(vault, "new", "")
    assert saved_searches.listed(vault) == [("new", "db"), ("other", "password")]


def test_removing_forgets_one_and_no_other_preference(vault: Vault) -> None:
    vault.preferences.set({"note": "kept"})
    for name in ("a", "b"):
        saved_searches.save(vault, name, "db")
    saved_searches.remove(vault, "a")
    assert names(vault) == ["b"]
    assert vault.preferences.get("note") == "kept"


def test_what_there_is_not_is_not_found(vault: Vault) -> None:
    for act in (saved_searches.find, saved_searches.remove):
        with pytest.raises(NotFound, match="nowhere"):
            act(vault, "nowhere")
    with pytest.raises(NotFound, match="nowhere"):
        saved_searches.rename(vault, "nowhere", "new")


@pytest.mark.parametrize("name", ["", "  ", "x" * (LONGEST_NAME + 1), "two\nlines", "\ud800"])
def test_a_name_that_does_not_fit_is_refused(vault: Vault, name: str) -> None:
    with pytest.raises(Refused):
        saved_searches.save(vault, name, "db")
    assert vault.preferences.all() == {}


@pytest.mark.parametrize("query", ["", "  !  ", "tag:", "is:old", "x" * 2_000])
def test_a_query_that_means_nothing_is_not_saved(vault: Vault, query: str) -> None:
    with pytest.raises(BadQuery):
        saved_searches.save(vault, "mine", query)
    assert vault.preferences.all() == {}


def test_beyond_the_most_only_those_that_are_there_are_saved(vault: Vault) -> None:
    vault.preferences.set({f"{PREFIX}{number}": "db" for number in range(MOST)})
    with pytest.raises(Refused, match="remove one"):
        saved_searches.save(vault, "one more", "db")
    saved_searches.save(vault, "7", "password")
    assert len(names(vault)) == MOST


def test_what_was_written_badly_is_left_out(vault: Vault) -> None:
    long = "x" * (LONGEST_NAME + 1)
    bad = {"old state": "is:old", "nothing": "", " blank": "db", long: "db"}
    vault.preferences.set({PREFIX + name: query for name, query in {**bad, "good": "db"}.items()})
    vault.preferences.set({"searching": "db", PREFIX: "db"})
    assert names(vault) == ["good"]
