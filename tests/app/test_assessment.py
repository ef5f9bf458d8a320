"""How strong a value is taken to be, what it looks like, and which names say that a value is a secret."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assessment import MOST_BITS, bits, judge, looks, names_a_secret
from app.health_words import LOOKS
from app.strength import WEAK_BITS
from vault.records import ValueType
from vault.secret import Secret

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
TOKEN = "xV3-kq9Zr_T7wLm2pYs8"

BITS = {
    # value:                                     at least, at most
    "": (0, 0),
    "hunter2": (5, 20),
    "Password123!": (5, 25),
    "P@ssw0rd!P@ssw0rd!": (5, 30),
    "a" * 60: (0, 33),
    "0123456789" * 4: (0, 33),
    "deadbeef" * 4: (0, 33),
    "9f86d081884c7d659a2feaa0c55ad015": (128, 128),
    "0b7f9f4e-3f0a-4c59-8f43-0a6f9e2d9b11": (122, 122),
    TOKEN: (100, 140),
    KEY: (WEAK_BITS, MOST_BITS),
    "wind lamp otter bread seven kites over the hill": (WEAK_BITS, MOST_BITS),
}


@pytest.mark.parametrize("value", BITS)
def test_bits_of_a_text(value: str) -> None:
    least, most = BITS[value]
    assert least <= bits(value) <= most


@given(st.text(max_size=60))
def test_any_text_has_bits_within_bounds(text: str) -> None:
    assert 0 <= bits(text) <= MOST_BITS


LOOK = {
    KEY: "private-key",
    "-----BEGIN PRIVATE KEY-----": "private-key",
    "-----BEGIN PUBLIC KEY-----": "",
    "-----BEGIN CERTIFICATE-----\nMIIB": "",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln": "jwt",
    "AKIAIOSFODNN7EXAMPLE": "aws-access-key",
    "id AKIAIOSFODNN7EXAMPLE of ci": "aws-access-key",
    "MAKIAIOSFODNN7EXAMPLE": "",
    "ghp_" + "a1B2" * 9: "api-token",
    "xoxb-123456789012-abcdef": "api-token",
    "postgres://shop:pa55@db.internal/shop": "password-url",
    "https://example.com:8443/a@b": "",
    "https://user@example.com/": "",
    TOKEN: "random",
    "arn:aws:kms:eu-central-1:123456789012:key/0b7f9f4e-3f0a-4c59-8f43-0a6f9e2d9b11": "",
    "0b7f9f4e-3f0a-4c59-8f43-0a6f9e2d9b11": "",
    "https://example.com/v1/Checkout?Limit=10": "",
    "https://example.com/v1/Checkout?x=1": "",
    "/srv/App1/Data2/Logs3/Out4": "",
    "Build-7F3a.Release-2.tar.gz": "",
    "kT9!x#2Lm@pQ7$wZ4%vB": "random",
    "2026-11-22T10:20:30.000Z": "",
    "true": "",
}


@pytest.mark.parametrize("value", LOOK)
def test_what_a_text_looks_like(value: str) -> None:
    assert looks(value) == LOOK[value]


def test_every_look_has_words() -> None:
    assert set(LOOK.values()) - {""} == set(LOOKS)


NAMES = {
    "db-password": True,
    "PASSWORD": True,
    "apiKey": True,
    "API_KEY": True,
    "APIKey": True,
    "signing.key": True,
    "client_secret": True,
    "stripe-token": True,
    "aws_secret_access_key": True,
    "key": False,
    "cache-key": False,
    "public-key": False,
    "kms-key-id": False,
    "secret-arn": False,
    "token.ttl": False,
    "password-min-length": False,
    "bypass": False,
    "secretary": False,
    "log-level": False,
    "": False,
}


@pytest.mark.parametrize("name", NAMES)
def test_which_names_say_that_a_value_is_a_secret(name: str) -> None:
    assert names_a_secret(name) is NAMES[name]


def judged(value: bytes | str, value_type: ValueType = ValueType.SECRET_STRING) -> int:
    with Secret(value.encode() if isinstance(value, str) else value) as secret:
        return judge(value_type, secret).bits


def test_of_a_json_secret_the_weakest_password_counts() -> None:
    shape = {"username": "shop", "password": "hunter2", "token": TOKEN, "port": 5432}
    assert judged(json.dumps(shape)) == bits("hunter2")
    assert judged(json.dumps({"username": "a", "host": "db.internal.example"})) > WEAK_BITS
    assert judged(json.dumps(shape), ValueType.STRING) > WEAK_BITS, "a String is judged as it is"


@pytest.mark.parametrize("value", [b"\xff\xfe" * 40, '{"password":', '{"password": null}', "[1]", "{" * 5000])
def test_what_is_no_text_or_no_json_is_judged_all_the_same(value: bytes | str) -> None:
    assert 0 <= judged(value) <= MOST_BITS
