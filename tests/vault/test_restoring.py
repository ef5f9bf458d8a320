"""Back to a moment in time: a subtree has the values it had then, and nothing is lost on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.vault.furnished import (
    Clock,
    assert_whole,
    draft,
    every_value,
    find,
    put,
    put_secret,
    searched,
    value_of,
    vault_for_example,
)
from vault.errors import Refused
from vault.labels import CURRENT, PENDING
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration
from vault.records import Kind

if TYPE_CHECKING:
    from vault.vault import Vault

FOLDER = ParameterPath("/a")
# a small world, so that operations meet: folders that are entries, two branches, names in common
PATHS = st.sampled_from(
    [ParameterPath(path) for path in ("/a", "/a/x", "/a/b", "/a/b/x", "/c", "/c/x", "/c/b/x")]
)
OPERATIONS = st.one_of(
    st.tuples(st.just("put"), PATHS, st.sampled_from("12345")),
    st.tuples(st.just("remove"), PATHS, st.booleans()),
    st.tuples(st.just("restore"), PATHS, st.none() | PATHS),
    st.tuples(st.just("move"), PATHS, PATHS),
    st.tuples(st.just("copy"), PATHS, PATHS),
    st.tuples(st.just("rollback"), PATHS, st.integers(1, 3)),
    st.tuples(st.just("label"), PATHS, st.integers(1, 3)),
)


def operate(vault: Vault, clock: Clock, operations: list[tuple[str, ParameterPath, Any]]) -> None:
    """Do them one after the other, each at a time of its own; what the vault refuses is left out."""
    for verb, path, argument in operations:
        clock.move()
        try:
            match verb:
                case "put":
                    put(vault, path, argument)
                case "remove":
                    vault.trash.remove(path, recursive=argument)
                case "restore":
                    vault.trash.restore(path, argument)
                case "label":
                    vault.entries.label(path, argument, ["prod"])
                case _:
                    getattr(vault.entries, verb)(path, argument)
        except Refused:
            pass


def inside(values: dict[str, str], folder: ParameterPath) -> dict[str, str]:
    return {
        path: value
        for path, value in values.items()
        if path == folder or ParameterPath(path).is_below(folder)
    }


@settings(max_examples=250)
@given(
    st.lists(OPERATIONS, max_size=12),
    st.lists(OPERATIONS, min_size=1, max_size=12),
    st.sampled_from([ROOT, FOLDER, ParameterPath("/a/b"), ParameterPath("/c")]),
)
@example(  # a folder that is an entry is moved away as a whole
    [("put", ParameterPath("/a"), "1"), ("put", ParameterPath("/a/x"), "2")],
    [("move", ParameterPath("/a"), ParameterPath("/c"))],
    ROOT,
)
@example(  # two entries change places
    [("put", ParameterPath("/a/x"), "1"), ("put", ParameterPath("/a/b"), "2")],
    [
        ("move", ParameterPath("/a/x"), ParameterPath("/c")),
        ("move", ParameterPath("/a/b"), ParameterPath("/a/x")),
        ("move", ParameterPath("/c"), ParameterPath("/a/b")),
    ],
    FOLDER,
)
@example(  # restored from the trash to another place
    [("put", ParameterPath("/a/x"), "1")],
    [("remove", ParameterPath("/a/x"), False), ("restore", ParameterPath("/a/x"), ParameterPath("/c"))],
    FOLDER,
)
def test_a_subtree_is_as_it_was_and_can_go_forward_again(
    before: list[tuple[str, ParameterPath, Any]],
    after: list[tuple[str, ParameterPath, Any]],
    folder: ParameterPath,
) -> None:
    clock = Clock()
    with vault_for_example(clock) as vault:
        operate(vault, clock, before)
        then, when = every_value(vault), clock.now
        operate(vault, clock, after)
        now, last = every_value(vault), clock.now
        clock.move()
        plan = vault.plan_restore(folder, when)
        assert every_value(vault) == now
        assert vault.restore_to(folder, when) == plan
        assert inside(every_value(vault), folder) == inside(then, folder)
        again = vault.plan_restore(folder, when)
        assert {step.action for step in again} <= {"same"}
        clock.move()
        vault.restore_to(ROOT, last)
        assert every_value(vault) == now
        assert_whole(vault)


def test_the_plan_says_what_happens_to_each_entry(vault: Vault, clock: Clock) -> None:
    for path in ("/a/changed", "/a/removed", "/a/moved", "/a/same"):
        put(vault, path, "old")
    when = clock.now
    clock.move()
    put(vault, "/a/changed", "new")
    put(vault, "/a/added", "new")
    vault.trash.remove(ParameterPath("/a/removed"))
    vault.entries.move(ParameterPath("/a/moved"), ParameterPath("/elsewhere"))
    steps = [
        (step.path, step.action, step.number, step.moved_from) for step in vault.plan_restore(FOLDER, when)
    ]
    assert steps == [
        ("/a/added", "remove", None, None),
        ("/a/changed", "set-value", 1, None),
        ("/a/moved", "bring-back", None, "/elsewhere"),
        ("/a/removed", "bring-back", None, None),
        ("/a/same", "same", None, None),
    ]


def test_what_is_brought_back_is_found_by_search_and_keeps_its_history(vault: Vault, clock: Clock) -> None:
    put(vault, "/a/x", "one", description="first words", tags={"team": "red"})
    when = clock.now
    clock.move()
    put(vault, "/a/x", "two", description="other words", tags={"team": "blue"})
    vault.restore_to(FOLDER, when)
    assert [version.number for version in vault.entries.history(ParameterPath("/a/x"))] == [1, 2, 3]
    entry = find(vault, "/a/x")
    assert (entry.description, entry.tags) == ("first words", {"team": "red"})
    assert searched(vault, "first red") == ["/a/x"]
    assert searched(vault, "other") == []


def test_what_was_added_since_goes_to_the_trash_not_away(vault: Vault, clock: Clock) -> None:
    when = clock.now
    clock.move()
    put(vault, "/a/x", "new")
    vault.restore_to(FOLDER, when)
    assert every_value(vault) == {}
    vault.trash.restore(ParameterPath("/a/x"))
    assert value_of(vault, "/a/x") == "new"


def test_entries_outside_the_folder_are_left_alone(vault: Vault, clock: Clock) -> None:
    put(vault, "/b", "old")
    when = clock.now
    clock.move()
    put(vault, "/b", "new")
    put(vault, "/a/x", "new")
    vault.restore_to(FOLDER, when)
    assert every_value(vault) == {"/b": "new"}


def test_one_entry_can_be_restored_by_its_own_path(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", "old")
    when = clock.now
    clock.move()
    put(vault, "/a", "new")
    vault.restore_to(FOLDER, when)
    assert value_of(vault, "/a") == "old"


def test_what_was_purged_is_lost_and_the_plan_says_so(vault: Vault, clock: Clock) -> None:
    put(vault, "/a/x")
    put(vault, "/b")
    when = clock.now
    clock.move()
    for path in (ParameterPath("/a/x"), ParameterPath("/b")):
        vault.trash.remove(path)
        vault.trash.purge(path)
    assert [(step.path, step.action) for step in vault.restore_to(FOLDER, when)] == [("/a/x", "lost")]
    assert every_value(vault) == {}
    assert vault.plan_restore(FOLDER, when - timedelta(days=1)) == []


def test_what_was_purged_is_no_loss_if_it_was_in_the_trash_then(vault: Vault, clock: Clock) -> None:
    put(vault, "/a/x")
    clock.move()
    vault.trash.remove(ParameterPath("/a/x"))
    when = clock.now
    clock.move()
    vault.trash.purge(ParameterPath("/a/x"))
    assert vault.plan_restore(FOLDER, when) == []


def test_a_version_that_is_no_longer_kept_is_lost(vault: Vault, clock: Clock) -> None:
    put(vault, "/a/x", "the old one")
    when = clock.now
    clock.move()
    vault.entries.put_many([draft("/a/x", f"value {number}") for number in range(2, 103)])
    assert [step.action for step in vault.restore_to(FOLDER, when)] == ["lost"]
    assert value_of(vault, "/a/x") == "value 102"


def test_a_secret_gets_back_the_version_that_was_current(vault: Vault, clock: Clock) -> None:
    path = ParameterPath("/a/s")
    put_secret(vault, path, "one")
    put_secret(vault, path, "two")
    vault.entries.move_stage(path, CURRENT, 1, 2)
    when = clock.now
    clock.move()
    vault.entries.move_stage(path, CURRENT, 2, 1)
    vault.restore_to(FOLDER, when)
    assert value_of(vault, path) == "one"


def test_a_pending_version_was_not_current(vault: Vault, clock: Clock) -> None:
    put_secret(vault, "/a/s", "one")
    put_secret(vault, "/a/s", "two", stages=(PENDING,))
    when = clock.now
    clock.move()
    put_secret(vault, "/a/s", "three")
    vault.restore_to(FOLDER, when)
    assert value_of(vault, "/a/s") == "one"


def test_a_secret_that_had_no_value_yet_is_not_lost(vault: Vault, clock: Clock) -> None:
    vault.entries.put(draft("/a/s", None, kind=Kind.SECRET))
    when = clock.now
    clock.move()
    put_secret(vault, "/a/s", "now")
    assert [step.action for step in vault.restore_to(FOLDER, when)] == ["same"]
    assert value_of(vault, "/a/s") == "now"


def test_what_expired_since_comes_back_from_the_trash(vault: Vault, clock: Clock) -> None:
    put(vault, "/a/x", "brief", policies=(expiration(clock.now + timedelta(days=1)),))
    when = clock.now
    clock.move(timedelta(days=2))
    vault.trash.sweep()
    vault.restore_to(FOLDER, when)
    put(vault, "/a/x", "longer", policies=())
    assert value_of(vault, "/a/x", number=1) == "brief"


def test_restoring_is_one_transaction_or_nothing(
    vault: Vault, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/a/x", "/a/y"):
        put(vault, path, "old")
    when = clock.now
    clock.move()
    vault.trash.remove(ParameterPath("/a/x"))
    put(vault, "/a/y", "new")
    vault.keys.disable("alias/strongroom/default")
    head = vault.audit.head()
    with pytest.raises(Exception, match="disabled"):
        vault.restore_to(FOLDER, when)
    vault.keys.enable("alias/strongroom/default")
    assert every_value(vault) == {"/a/y": "new"}
    assert [event.event for event in vault.audit.events(head[0])][:1] == ["key-state-changed"]


def test_labels_come_back_to_the_versions_that_had_them(vault: Vault, clock: Clock) -> None:
    path = ParameterPath("/a/b")
    put(vault, path, "one", stages=("first",))
    put(vault, path, "two")
    vault.entries.label(path, 2, ["live"])
    then = clock.move()
    clock.move()
    put(vault, path, "three", stages=("first",))
    vault.entries.label(path, 3, ["live", "new"])

    steps = vault.restore_to(ParameterPath("/a"), then)
    assert [(step.action, step.labels) for step in steps] == [("set-value", {"first": 1, "live": 2})]
    held = {v.number: v.labels for v in vault.entries.history(path) if v.labels}
    assert held == {1: ("first",), 2: ("live",)}
    assert value_of(vault, path) == "two"

    again = clock.move()
    clock.move()
    vault.entries.unlabel(path, 2, ["live"])
    assert [step.action for step in vault.restore_to(ParameterPath("/a"), again)] == ["set-labels"]
    assert vault.entries.history(path)[1].labels == ("live",)
    assert_whole(vault)
