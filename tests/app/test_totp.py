"""One-time codes: RFC 6238's own table, and URIs that are refused rather than guessed at."""

from __future__ import annotations

import json
from base64 import b32encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadTotp
from app.totp import Totp, found_in, parse
from vault.secret import Secret

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238, for SHA-1
URI = f"otpauth://totp/Shop:me%40shop.example?secret={SEED}&issuer=Shop"

TABLE = [  # RFC 6238, appendix B
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


def moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize(("second", "sha1", "sha256", "sha512"), TABLE)
def test_the_codes_are_those_of_the_rfc(second: int, sha1: str, sha256: str, sha512: str) -> None:
    for algorithm, octets, code in (("SHA1", 20, sha1), ("SHA256", 32, sha256), ("SHA512", 64, sha512)):
        seed = b32encode((b"1234567890" * 7)[:octets]).decode().rstrip("=")
        made = parse(f"otpauth://totp/x?secret={seed}&algorithm={algorithm}&digits=8")
        assert made.code(moment(second)) == Secret.of_text(code)


def test_a_uri_says_everything() -> None:
    made = parse(f"{URI}&digits=7&period=60&algorithm=sha256&image=ignored")
    assert made[1:] == ("SHA256", 7, 60, "Shop", "me@shop.example")
    assert made.seed == Secret(b"12345678901234567890")
    assert "12345" not in repr(made)


def test_seconds_are_counted_down_to_the_next_code() -> None:
    made = Totp(Secret(b"12345678901234567890"))
    assert [made.seconds_left(moment(second)) for second in (0, 1, 29, 30)] == [30, 29, 1, 30]
    assert made.code(moment(29)) != made.code(moment(30))


@pytest.mark.parametrize(
    "value",
    [
        URI,
        f" {URI}\n".strip(" "),
        json.dumps({"user": "me", "totp": URI}),
        json.dumps({"otp": "gezd gnbv gy3t qojq gezd gnbv gy3t qojq"}),
        json.dumps({"otp": f"{SEED}"}),
    ],
)
def test_a_seed_is_found_in_a_uri_and_in_a_field(value: str) -> None:
    made = found_in(Secret.of_text(value))
    assert made is not None
    assert made.seed == Secret(b"12345678901234567890")


@pytest.mark.parametrize(
    "value", ["", "hunter2", "{", '{"user": "me"}', '{"totp": null}', "[1]", "{" * 90_000, "123456"]
)
def test_where_nothing_claims_to_make_codes_there_are_none(value: str) -> None:
    assert found_in(Secret.of_text(value)) is None


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        (f"otpauth://hotp/x?secret={SEED}&counter=0", "counter"),
        ("otpauth://totp/x", "seed is missing"),
        ("otpauth://totp/x?issuer=y", "seed is missing"),
        ("otpauth://totp/x?secret=hunter2!", "not base32"),
        ("otpauth://totp/x?secret=GEZDGNBVG", "cut off"),
        ("otpauth://totp/x?secret=GEZDGNBV", "8 to 128"),
        (f"otpauth://totp/x?secret={'A' * 1000}", "8 to 128"),
        (f"{URI}&digits=5", "digits must"),
        (f"{URI}&digits=six", "digits must"),
        (f"{URI}&digits=٦", "digits must"),
        (f"{URI}&period=0", "period must"),
        (f"{URI}&algorithm=MD5", "algorithm must"),
        (f"{URI}&secret={SEED}", "twice"),
        (f"{URI}&label={'x' * 3000}", "malformed"),
        ("otpauth://[totp/x", "malformed"),
    ],
)
def test_what_would_have_to_be_guessed_is_refused_without_quoting_it(uri: str, why: str) -> None:
    with pytest.raises(BadTotp, match=why) as caught:
        found_in(Secret.of_text(uri))
    assert "hunter2" not in str(caught.value)
    assert SEED not in str(caught.value)
    assert caught.value.__cause__ is None


@given(st.binary(max_size=60), st.sampled_from([b"", b"otpauth://totp/", b'{"otp": "', b"otpauth:"]))
def test_whatever_comes_is_read_or_refused(octets: bytes, start: bytes) -> None:
    try:
        found_in(Secret(start + octets))
    except BadTotp:
        return
