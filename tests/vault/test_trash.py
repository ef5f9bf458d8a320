"""The trash: nothing that was removed is gone before its recovery window ends, or somebody says so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import BEGIN, assert_whole, every_value, find, live, put, put_secret, value_of
from vault.errors import AlreadyExists, NotFound, Refused
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration

if TYPE_CHECKING:
    from tests.vault.furnished import Clock
    from vault.vault import Vault

DAY = timedelta(days=1)


def trashed(vault: Vault) -> list[str]:
    paths: list[str] = [entry.path for entry in vault.trash.listed()]
    assert vault.trash.count() == len(paths)
    return paths


def test_a_removed_entry_comes_back_whole(vault: Vault) -> None:
    put(vault, "/a", "one", description="words", tags={"team": "shop"}, stages=("prod",))
    put(vault, "/a", "two")
    before = find(vault, "/a")
    assert vault.trash.remove(ParameterPath("/a")) == 1
    assert (trashed(vault), every_value(vault)) == (["/a"], {})
    with pytest.raises(NotFound) as caught:
        value_of(vault, "/a")
    assert caught.value.aws == "ParameterNotFound"
    assert vault.trash.restore(ParameterPath("/a")) == 1
    assert find(vault, "/a") == before
    assert value_of(vault, "/a", label="prod") == "one"
    assert trashed(vault) == []
    assert_whole(vault)


@pytest.mark.parametrize("days", [7, 8, 29, 30])
def test_the_recovery_window_ends_after_its_days(vault: Vault, clock: Clock, days: int) -> None:
    put(vault, "/a")
    vault.trash.remove(ParameterPath("/a"), days)
    assert vault.trash.listed()[0].purge_at == BEGIN + timedelta(days=days)
    live(vault, clock, timedelta(days=days) - timedelta(milliseconds=1))
    assert vault.trash.sweep() == (0, 0)
    clock.move(timedelta(milliseconds=1))
    assert vault.trash.sweep() == (0, 1)
    assert vault.trash.sweep() == (0, 0)
    assert trashed(vault) == []
    assert_whole(vault)


def test_the_window_is_thirty_days_unless_told(vault: Vault) -> None:
    put(vault, "/a")
    vault.trash.remove(ParameterPath("/a"))
    assert vault.trash.listed()[0].purge_at == BEGIN + timedelta(days=30)


@pytest.mark.parametrize("days", [-1, 0, 6, 31])
def test_another_window_is_refused(vault: Vault, days: int) -> None:
    put(vault, "/a")
    with pytest.raises(Refused) as caught:
        vault.trash.remove(ParameterPath("/a"), days)
    assert caught.value.aws == "InvalidParameterException"
    assert value_of(vault, "/a") == "value"


def test_a_folder_is_removed_only_with_all_below(vault: Vault) -> None:
    for path in ("/a", "/a/b/c", "/a/b/d", "/ab"):
        put(vault, path)
    with pytest.raises(NotFound, match="is a folder"):
        vault.trash.remove(ParameterPath("/a/b"))
    assert vault.trash.remove(ParameterPath("/a")) == 1
    assert set(every_value(vault)) == {"/a/b/c", "/a/b/d", "/ab"}
    assert vault.trash.remove(ParameterPath("/a"), recursive=True) == 2
    assert set(every_value(vault)) == {"/ab"}
    assert set(trashed(vault)) == {"/a", "/a/b/c", "/a/b/d"}


def test_everything_can_be_removed_and_restored_at_once(vault: Vault) -> None:
    for path in ("/a", "/b/c"):
        put(vault, path)
    assert vault.trash.remove(ROOT, recursive=True) == 2
    assert vault.entries.below() == []
    assert vault.trash.restore(ROOT) == 2
    assert set(every_value(vault)) == {"/a", "/b/c"}


def test_a_path_may_be_used_again_and_the_trash_keeps_both(vault: Vault, clock: Clock) -> None:
    for value in ("first", "second", "third"):
        put(vault, "/a", value)
        if value != "third":
            clock.move()
            vault.trash.remove(ParameterPath("/a"))
    assert trashed(vault) == ["/a", "/a"]
    with pytest.raises(AlreadyExists) as caught:
        vault.trash.restore(ParameterPath("/a"))
    assert caught.value.aws == "ParameterAlreadyExists"
    assert vault.trash.restore(ParameterPath("/a"), ParameterPath("/b")) == 1
    assert vault.trash.restore(ParameterPath("/a"), ParameterPath("/c")) == 1
    assert every_value(vault) == {"/a": "third", "/b": "second", "/c": "first"}
    assert_whole(vault)


def test_a_subtree_is_restored_under_another_folder(vault: Vault) -> None:
    for path in ("/old/x", "/old/y/z"):
        put(vault, path, path)
    vault.trash.remove(ParameterPath("/old"), recursive=True)
    assert vault.trash.restore(ParameterPath("/old"), ParameterPath("/new")) == 2
    assert every_value(vault) == {"/new/x": "/old/x", "/new/y/z": "/old/y/z"}


def test_a_restore_is_whole_or_not_at_all(vault: Vault) -> None:
    for path in ("/d/x", "/d/y"):
        put(vault, path, "old")
    vault.trash.remove(ParameterPath("/d"), recursive=True)
    put(vault, "/d/y", "new")
    with pytest.raises(AlreadyExists):
        vault.trash.restore(ParameterPath("/d"))
    assert every_value(vault) == {"/d/y": "new"}
    assert set(trashed(vault)) == {"/d/x", "/d/y"}


@pytest.mark.parametrize("verb", ["restore", "purge"])
def test_what_the_trash_does_not_hold(vault: Vault, verb: str) -> None:
    put(vault, "/live")
    with pytest.raises(NotFound):
        getattr(vault.trash, verb)(ParameterPath("/live"))
    assert value_of(vault, "/live") == "value"


def test_purging_leaves_nothing_of_the_entry_but_its_audit_rows(vault: Vault) -> None:
    put(vault, "/a", "one", stages=("prod",))
    put(vault, "/keep", "kept")
    gone = find(vault, "/a").id
    vault.trash.remove(ParameterPath("/a"))
    assert vault.trash.purge(ParameterPath("/a")) == 1
    database = vault.interior.database
    with database.reading():
        for table in ("versions", "labels"):
            assert database.row(f"SELECT count(*) FROM {table} WHERE entry_id = ?", (gone,)) == (0,)
        assert database.row("SELECT count(*) FROM wrapped_keys") == (1,)
    with pytest.raises(NotFound):
        vault.entries.find_id(gone)
    events = [event.event for event in vault.audit.events(entry_id=gone)]
    assert events == ["version-put", "entry-removed", "entry-purged"]
    assert every_value(vault) == {"/keep": "kept"}
    assert_whole(vault)


def test_an_id_is_never_used_again(vault: Vault) -> None:
    put(vault, "/a")
    first = find(vault, "/a").id
    vault.trash.remove(ParameterPath("/a"))
    vault.trash.purge(ParameterPath("/a"))
    put(vault, "/a")
    assert find(vault, "/a").id > first
    assert find(vault, "/a").latest == 1


def test_a_removed_secret_keeps_its_staging_labels(vault: Vault) -> None:
    put_secret(vault, "/s", "old")
    put_secret(vault, "/s", "new")
    vault.trash.remove(ParameterPath("/s"), 7)
    vault.trash.restore(ParameterPath("/s"))
    assert value_of(vault, "/s", label="AWSPREVIOUS") == "old"


def test_sweeping_brings_expired_entries_to_the_trash_first(vault: Vault, clock: Clock) -> None:
    put(vault, "/short", policies=(expiration(BEGIN + DAY),))
    put(vault, "/long", policies=(expiration(BEGIN + 2 * DAY),))
    clock.move(DAY)
    with pytest.raises(NotFound, match="expired"):
        value_of(vault, "/short")
    assert vault.trash.sweep() == (1, 0)
    assert trashed(vault) == ["/short"]
    assert set(every_value(vault)) == {"/long"}
    live(vault, clock, 30 * DAY)
    assert vault.trash.sweep() == (1, 1)
    assert trashed(vault) == ["/long"]


def test_an_expired_entry_lives_on_once_it_is_restored_with_another_date(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", policies=(expiration(BEGIN + DAY),))
    clock.move(2 * DAY)
    vault.trash.sweep()
    vault.trash.restore(ParameterPath("/a"))
    put(vault, "/a", "again", policies=(expiration(BEGIN + 9 * DAY),))
    assert vault.trash.sweep() == (0, 0)
    assert value_of(vault, "/a") == "again"
