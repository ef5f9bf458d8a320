"""Envelopes: one data key a value, committed to, bound to its context; anything else is damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.envelope import (
    COMMITMENT_BYTES,
    SEALED_OVERHEAD,
    context_bytes,
    encryption_context,
    new_data_key,
    open_value,
    seal_value,
)
from vault.errors import Damaged, Refused, VaultError

VAULT_ID = bytes(range(16))
KEY = bytearray(b"k" * 32)
CONTEXT = context_bytes(VAULT_ID, 7, 3)


@given(st.binary(max_size=300), st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_a_value_comes_back_under_its_own_context(value: bytes, pairs: dict[str, str]) -> None:
    try:
        context = context_bytes(VAULT_ID, 1, 1, pairs)
    except Refused:
        return
    sealed = seal_value(KEY, value, context)
    assert len(sealed) == len(value) + SEALED_OVERHEAD
    assert bytes(open_value(KEY, sealed, context).reveal()) == value


def test_the_same_value_is_never_sealed_alike() -> None:
    assert seal_value(KEY, b"value", CONTEXT) != seal_value(KEY, b"value", CONTEXT)
    assert new_data_key() != new_data_key()


OTHER_CONTEXTS = {
    "another vault":         context_bytes(bytes(16), 7, 3),
    "another entry":         context_bytes(VAULT_ID, 8, 3),
    "another version":       context_bytes(VAULT_ID, 7, 4),
    "entry and version exchanged": context_bytes(VAULT_ID, 3, 7),
    "a pair more":           context_bytes(VAULT_ID, 7, 3, {"team": "shop"}),
    "none":                  b"",
}  # fmt: skip


@pytest.mark.parametrize("context", OTHER_CONTEXTS.values(), ids=OTHER_CONTEXTS)
def test_another_context_opens_nothing(context: bytes) -> None:
    with pytest.raises(Damaged):
        open_value(KEY, seal_value(KEY, b"value", CONTEXT), context)


def test_another_data_key_is_refused_by_the_commitment_before_anything_is_opened() -> None:
    with pytest.raises(Damaged, match="another data key"):
        open_value(bytearray(b"o" * 32), seal_value(KEY, b"value", CONTEXT), CONTEXT)


def test_every_flipped_bit_and_every_cut_is_damage() -> None:
    sealed = seal_value(KEY, b"a value", CONTEXT)
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            with pytest.raises(Damaged):
                open_value(KEY, bytes(changed), CONTEXT)
        with pytest.raises(Damaged):
            open_value(KEY, sealed[:at], CONTEXT)
    with pytest.raises(Damaged):
        open_value(KEY, sealed + b"\0", CONTEXT)


def test_the_commitment_is_no_part_of_the_key() -> None:
    sealed = seal_value(KEY, b"value", CONTEXT)
    assert bytes(KEY) not in sealed
    assert sealed[1 : 1 + COMMITMENT_BYTES] == seal_value(KEY, b"other", b"")[1 : 1 + COMMITMENT_BYTES]


def test_the_users_pairs_may_not_pass_for_ours() -> None:
    with pytest.raises(Refused) as caught:
        encryption_context(VAULT_ID, 1, 1, {"strongroom:entry": "2"})
    assert caught.value.aws == "ValidationException"
    assert encryption_context(VAULT_ID, 1, 2, {"a": "b"}) == {
        "a": "b",
        "strongroom:vault": VAULT_ID.hex(),
        "strongroom:entry": "1",
        "strongroom:version": "2",
    }


def test_errors_name_no_value() -> None:
    sealed = bytearray(seal_value(KEY, b"marker-value", CONTEXT))
    sealed[-1] ^= 1
    with pytest.raises(VaultError) as caught:
        open_value(KEY, bytes(sealed), CONTEXT)
    assert "marker" not in repr(caught.value)
