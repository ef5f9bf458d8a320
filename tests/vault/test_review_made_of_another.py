"""Versions that are made of other versions: rolled back, copied, restored; and drafts of odd make."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.vault.furnished import Clock, draft, find, put, put_secret, raw, searched, value_of
from vault.errors import AlreadyExists, NotFound, Refused
from vault.labels import PENDING
from vault.paths import ROOT, ParameterPath
from vault.policies import Policy
from vault.records import Kind, ValueType

if TYPE_CHECKING:
    from vault.vault import Vault

BINARY = b"\xff\xfe"
WEEKLY = (Policy("NoChangeNotification", amount="7", unit="Days"),)


def types(vault: Vault, path: str) -> list[ValueType]:
    return [version.value_type for version in vault.entries.history(ParameterPath(path))]


def contexts(vault: Vault) -> list[tuple[int, int, str | None]]:
    with raw(vault) as database:
        return [tuple(row) for row in database.rows("SELECT entry_id, number, context FROM versions")]


def test_a_binary_version_of_a_secret_that_became_text_can_be_rolled_back_to(vault: Vault) -> None:
    put_secret(vault, "/s", BINARY, value_type=ValueType.SECRET_BINARY)
    put_secret(vault, "/s", "text", value_type=ValueType.SECRET_STRING)
    vault.entries.rollback(ParameterPath("/s"), 1)
    assert types(vault, "/s") == [
        ValueType.SECRET_BINARY, ValueType.SECRET_STRING, ValueType.SECRET_BINARY
    ]  # fmt: skip


def test_a_secret_is_copied_in_the_type_of_its_current_version(vault: Vault) -> None:
    put_secret(vault, "/s", BINARY, value_type=ValueType.SECRET_BINARY)
    put_secret(vault, "/s", "next", value_type=ValueType.SECRET_STRING, stages=(PENDING,))
    vault.entries.copy(ParameterPath("/s"), ParameterPath("/copy"))
    assert types(vault, "/copy") == [ValueType.SECRET_BINARY]


def test_a_binary_secret_is_restored_to_a_moment_before_it_became_text(vault: Vault, clock: Clock) -> None:
    put_secret(vault, "/s", BINARY, value_type=ValueType.SECRET_BINARY)
    when = clock.now
    clock.move()
    put_secret(vault, "/s", "text", value_type=ValueType.SECRET_STRING)
    vault.restore_to(ROOT, when)
    assert types(vault, "/s")[-1] is ValueType.SECRET_BINARY


def test_the_users_own_context_goes_along(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", context={"app": "shop"})
    when = clock.now
    clock.move()
    put(vault, "/a", "other")
    vault.restore_to(ROOT, when)
    vault.entries.copy(ParameterPath("/a"), ParameterPath("/b"))
    vault.entries.rollback(ParameterPath("/a"), 1)
    pairs = '{"app":"shop"}'
    assert contexts(vault) == [(1, 1, pairs), (1, 2, None), (1, 3, pairs), (2, 1, pairs), (1, 4, pairs)]
    assert value_of(vault, "/b") == "value"


def test_a_value_comes_back_with_the_data_type_and_pattern_that_it_had(vault: Vault, clock: Clock) -> None:
    put(vault, "/a", "word")
    put(vault, "/b", "word", allowed_pattern="[a-z]+")
    when = clock.now
    clock.move()
    put(vault, "/a", "12", data_type="integer", allowed_pattern="[0-9]+")
    put(vault, "/b", "12", allowed_pattern="")
    assert find(vault, "/b").allowed_pattern is None
    vault.restore_to(ROOT, when)
    assert (find(vault, "/a").data_type, find(vault, "/a").allowed_pattern) == ("text", None)
    assert (value_of(vault, "/a"), value_of(vault, "/b")) == ("word", "word")
    assert find(vault, "/b").allowed_pattern == "[a-z]+"


def test_two_drafts_of_one_request_make_one_version(vault: Vault) -> None:
    again = [draft("/s", "new", kind=Kind.SECRET, token="t" * 32) for _ in range(2)]
    put_secret(vault, "/s", "old")
    assert [made.number for made in vault.entries.put_many(again) if made] == [2, 2]
    with pytest.raises(AlreadyExists):
        vault.entries.put_many(
            [draft("/s", value, kind=Kind.SECRET, token="u" * 32) for value in ("one", "two")]
        )


def test_policies_that_move_with_a_folder_are_logged(vault: Vault) -> None:
    put(vault, "/old/a")
    vault.folders.set_policies(ParameterPath("/old"), WEEKLY)
    seq, _ = vault.audit.head()
    vault.entries.move(ParameterPath("/old"), ParameterPath("/new"))
    assert [(event.event, event.path) for event in vault.audit.events(seq)] == [
        ("entry-moved", "/new/a"),
        ("folder-policies-set", "/old"),
        ("folder-policies-set", "/new"),
    ]


def test_version_nought_is_not_the_newest(vault: Vault) -> None:
    put(vault, "/a")
    with pytest.raises(NotFound):
        vault.entries.label(ParameterPath("/a"), 0, ["gold"])


HALF = "half \udcff of a pair"


@pytest.mark.parametrize(
    "facts",
    [
        {"description": HALF},
        {"allowed_pattern": f".*|{HALF}"},
        {"allowed_pattern": "(?u)value"},
        {"kind": Kind.SECRET, "token": "\udcff" * 32},
        {"context": {"app": HALF}},
    ],
    ids=str,
)
def test_what_is_no_text_is_refused(vault: Vault, facts: dict[str, object]) -> None:
    with pytest.raises(Refused):
        vault.entries.put(draft("/a", **facts))  # type: ignore[arg-type]
    assert vault.entries.count() == 0


@pytest.mark.parametrize("path", ["a", "/a ", "\t/a"])
def test_a_path_that_nobody_parsed_is_refused(vault: Vault, path: str) -> None:
    with pytest.raises(Refused):
        put(vault, path)


def test_many_full_histories_are_put_in_one_batch(vault: Vault) -> None:
    paths = [f"/{number}" for number in range(20)]
    for number in range(102):
        vault.entries.put_many([draft(path, str(number)) for path in paths])
    vault.entries.put_many([draft(path, str(number)) for number in range(102, 205) for path in paths[:2]])
    kept = [version.number for version in vault.entries.history(ParameterPath("/0"))]
    assert kept == list(range(106, 206))
    assert [version.number for version in vault.entries.history(ParameterPath("/9"))] == list(range(3, 103))


def test_what_has_the_letters_of_a_word_in_another_order_hides_no_match(vault: Vault) -> None:
    vault.entries.put_many([draft(f"/{number}/aaa") for number in range(400)])
    put(vault, "/z/aaaa")
    assert searched(vault, "aaaa") == ["/z/aaaa"]
