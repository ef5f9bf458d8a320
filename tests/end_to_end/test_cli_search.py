"""Searching with the real program: the query language, and searches with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.end_to_end.shell import Shell


@pytest.fixture
def shop(shell: Shell) -> Shell:
    """A shell whose vault has a shop."""
    shell.put("/shop/prod/db", "one value", "--description", "Main database", "--tag", "owner=ops")
    shell.put("/shop/dev/db", "one value", "--expires", "5d")
    shell.put("/shop/dev/url", "x", "--type", "String")
    return shell


def paths(shop: Shell, *words: str) -> list[str]:
    return [entry["path"] for entry in shop.ok("search", "--json", *words).data]


def test_a_query_finds_by_words_and_conditions(shop: Shell) -> None:
    assert paths(shop, "db", "!path:/shop/dev/") == ["/shop/prod/db"]
    assert paths(shop, '"main database"', "tag:owner=ops") == ["/shop/prod/db"]
    assert paths(shop, "is:reused") == ["/shop/dev/db", "/shop/prod/db"]
    assert paths(shop, "is:expiring") == ["/shop/dev/db"]
    assert paths(shop, "!type:string", "!is:expiring", "--limit", "1") == ["/shop/prod/db"]
    for form in ((), ("--json",)):
        assert "the first 1; --limit shows more" in shop.ok("search", "is:reused", "--limit", "1", *form).err
        assert "--limit" not in shop.ok("search", "is:reused", "--limit", "2", *form).err
    shop.ok("config", "set", "expiring_days", "2")
    assert paths(shop, "is:expiring") == []


def test_a_query_that_means_nothing_is_wrong_usage_and_told(shop: Shell) -> None:
    said = shop("search", "is:old")
    assert said.code == 2
    assert "is:old is none of expired, expiring, locked, weak, reused, unsynced" in said.err
    assert shop("search").code == 2
    assert shop("search", "").code == shop("search", "", " ").code == 2
    assert shop("search", "db", "--saved", "mine").code == 2


def test_a_search_is_saved_run_renamed_and_forgotten(shop: Shell) -> None:
    assert shop.ok("searches", "list", "--json").data == []
    shop.ok("searches", "save", "live", "path:/shop/prod/")
    assert paths(shop, "--saved", "live") == ["/shop/prod/db"]
    shop.ok("searches", "rename", "live", "production")
    assert shop.ok("searches", "list", "--json").data == [{"name": "production", "query": "path:/shop/prod/"}]
    assert shop.ok("searches", "list").text.splitlines()[-1].split() == ["production", "path:/shop/prod/"]
    assert shop("search", "--saved", "live").code == 3
    shop.ok("searches", "remove", "production")
    assert shop("searches", "remove", "production").code == 3
    assert shop("searches", "save", "bad", "is:old").code == 2
