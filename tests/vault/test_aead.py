from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vault.header_vectors import PUBLISHED, VECTORS
from vault import aead
from vault.errors import Damaged, Refused
from vault.secret import Secret

KEK = Secret(bytes(range(32)))
OTHER_KEK = Secret(bytes(range(1, 33)))
KEY = Secret(b"k" * 32)

octets = st.binary(max_size=300)


@pytest.mark.parametrize("vector", PUBLISHED["aes_256_gcm"])
def test_published_gcm_vectors_open(vector: dict[str, str]) -> None:
    part = {name: bytes.fromhex(text) for name, text in vector.items()}
    sealed = part["nonce"] + part["ciphertext"] + part["tag"]
    assert aead.Cipher(bytearray(part["key"])).open(sealed, part["associated"]).reveal() == part["plaintext"]


@pytest.mark.parametrize("vector", PUBLISHED["aes_256_gcm"])
def test_sealing_with_a_published_nonce_gives_the_published_octets(
    vector: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    part = {name: bytes.fromhex(text) for name, text in vector.items()}
    monkeypatch.setattr(aead, "urandom", lambda size: part["nonce"][:size])
    sealed = aead.Cipher(bytearray(part["key"])).seal(part["plaintext"], part["associated"])
    assert sealed == part["nonce"] + part["ciphertext"] + part["tag"]


@given(octets, octets)
def test_what_is_sealed_opens(plaintext: bytes, associated: bytes) -> None:
    sealed = aead.Cipher(KEK.reveal()).seal(plaintext, associated)
    assert len(sealed) == len(plaintext) + aead.OVERHEAD_BYTES
    assert aead.Cipher(KEK.reveal()).open(sealed, associated).reveal() == plaintext


@given(octets, octets, st.data())
def test_a_flipped_bit_a_cut_and_more_octets_are_refused(
    plaintext: bytes, associated: bytes, data: st.DataObject
) -> None:
    sealed = aead.Cipher(KEK.reveal()).seal(plaintext, associated)
    at = data.draw(st.integers(0, len(sealed) * 8 - 1))
    flipped = bytearray(sealed)
    flipped[at // 8] ^= 1 << at % 8
    for changed in (bytes(flipped), sealed[: at // 8], sealed + b"\x00"):
        with pytest.raises(Damaged):
            aead.Cipher(KEK.reveal()).open(changed, associated)


def test_another_key_or_context_does_not_open() -> None:
    sealed = aead.Cipher(KEK.reveal()).seal(b"value", b"context")
    for kek, context in ((OTHER_KEK, b"context"), (KEK, b"Context"), (KEK, b"")):
        with pytest.raises(Damaged):
            aead.Cipher(kek.reveal()).open(sealed, context)


def test_the_same_octets_are_never_sealed_alike() -> None:
    assert len({aead.Cipher(KEK.reveal()).seal(b"value", b"") for _ in range(100)}) == 100


def test_a_wrapped_key_has_60_octets_and_unwraps() -> None:
    wrapped = aead.Cipher(KEK.reveal()).wrap(KEY, b"context")
    assert len(wrapped) == aead.WRAPPED_KEY_BYTES == 60
    assert aead.Cipher(KEK.reveal()).unwrap(wrapped, b"context") == KEY


def test_a_wrapped_key_does_not_unwrap_under_another_key() -> None:
    wrapped = aead.Cipher(KEK.reveal()).wrap(KEY, b"context")
    with pytest.raises(Damaged):
        aead.Cipher(OTHER_KEK.reveal()).unwrap(wrapped, b"context")


@pytest.mark.parametrize("size", [0, 12, 28, 59, 61])
def test_a_wrapped_key_of_another_length_is_damage(size: int) -> None:
    with pytest.raises(Damaged):
        aead.Cipher(KEK.reveal()).unwrap(bytes(size), b"")


def test_errors_do_not_carry_the_primitives_own_error() -> None:
    with pytest.raises(Damaged) as caught:
        aead.Cipher(KEK.reveal()).open(bytes(28), b"")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("vector", VECTORS["contexts"])
def test_a_context_has_the_octets_of_the_format_document(vector: dict[str, Any]) -> None:
    assert aead.canonical_context(vector["pairs"]).hex() == vector["octets"]


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(texts, texts, max_size=8))
def test_a_context_can_be_read_back_and_knows_no_order(pairs: dict[str, str]) -> None:
    encoded = aead.canonical_context(pairs)
    assert encoded == aead.canonical_context(dict(reversed(pairs.items())))
    assert read_context(encoded) == pairs


def read_context(encoded: bytes) -> dict[str, str]:
    if not encoded:
        return {}
    parts, at = [], 2
    while at < len(encoded):
        (length,) = struct.unpack_from(">H", encoded, at)
        parts.append(encoded[at + 2 : at + 2 + length].decode())
        at += 2 + length
    assert len(parts) == 2 * int.from_bytes(encoded[:2], "big")
    return dict(zip(parts[::2], parts[1::2], strict=True))


TOO_LARGE = {
    "a key": {"k" * 65536: ""},
    "a value": {"": "ü" * 32768},
    "the number of pairs": {str(number): "" for number in range(65536)},
    "a lone surrogate": {"\ud800": ""},
}


@pytest.mark.parametrize("pairs", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_context_that_does_not_fit_the_form_is_refused(pairs: dict[str, str]) -> None:
    with pytest.raises(Refused) as caught:
        aead.canonical_context(pairs)
    assert caught.value.aws == "ValidationException"
    assert caught.value.__cause__ is None


def test_the_largest_context_parts_fit() -> None:
    assert read_context(aead.canonical_context({"k" * 65535: "v" * 65535})) == {"k" * 65535: "v" * 65535}
