"""Preferences: small texts that stay inside the vault, written together and read as they were written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.furnished import assert_whole, reopened, vault_for_example
from vault.errors import Locked, Refused
from vault.preferences import LONGEST_NAME, LONGEST_VALUE

if TYPE_CHECKING:
    from vault.vault import Vault

UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = UNICODE.filter(bool)


def test_a_preference_is_there_after_the_vault_was_closed(vault: Vault) -> None:
    assert (vault.preferences.all(), vault.preferences.get("note")) == ({}, None)
    vault.preferences.set({"note": "größer 🔑", "empty": ""})
    vault.close()
    with reopened(vault.path) as again:
        assert again.preferences.all() == {"note": "größer 🔑", "empty": ""}
        assert again.preferences.get("note") == "größer 🔑"
        assert_whole(again)


def test_a_change_replaces_removes_and_leaves_the_others(vault: Vault) -> None:
    vault.preferences.set({"a": "1", "b": "2", "c": "3"})
    vault.preferences.set({"a": "one", "b": None, "never": None})
    assert vault.preferences.all() == {"a": "one", "c": "3"}


@settings(max_examples=40)
@given(st.lists(st.dictionaries(NAMES, st.none() | UNICODE, max_size=4), max_size=6))
def test_what_is_read_is_what_was_written_last(changes: list[dict[str, str | None]]) -> None:
    held: dict[str, str] = {}
    with vault_for_example() as vault:
        for change in changes:
            vault.preferences.set(change)
            for name, value in change.items():
                held.pop(name, None)
                if value is not None:
                    held[name] = value
            assert vault.preferences.all() == held


def test_the_longest_name_and_text_are_kept(vault: Vault) -> None:
    longest = {"n" * LONGEST_NAME: "v" * LONGEST_VALUE}
    vault.preferences.set(longest)
    assert vault.preferences.all() == longest


REFUSED = {
    "no name": {"": "text"},
    "a name too long": {"n" * (LONGEST_NAME + 1): "text"},
    "a text too long": {"note": "v" * (LONGEST_VALUE + 1)},
    "half of a pair in a name": {"\ud800": "text"},
    "half of a pair in a text": {"note": "\udc00"},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_refused_change_writes_none_of_its_texts(vault: Vault, change: dict[str, str]) -> None:
    with pytest.raises(Refused):
        vault.preferences.set({"good": "text", **change})
    assert vault.preferences.all() == {}


def test_a_vault_that_is_locked_gives_no_preferences(vault: Vault) -> None:
    vault.close()
    with pytest.raises(Locked):
        vault.preferences.all()
