"""What a value is told to be: real keys and certificates of every kind, and bytes that are none of them."""

from __future__ import annotations

import json
import subprocess
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from app.recognise import SHOWN, recognise
from vault.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEM, DER = serialization.Encoding.PEM, serialization.Encoding.DER
PKCS8, OPENSSL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
OPENSSH = serialization.PrivateFormat.OpenSSH
PLAIN = serialization.NoEncryption()
LOCKED = serialization.BestAvailableEncryption(b"passphrase")
CURVE = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)
ED = ed25519.Ed25519PrivateKey.generate()


def look(octets: bytes | str) -> dict[str, dict[str, str]]:
    value = Secret(octets) if isinstance(octets, bytes) else Secret.of_text(octets)
    return {one.what: {fact.title: fact.text for fact in one.facts} for one in recognise(value, NOW)}


def tones(octets: bytes | str) -> set[str]:
    value = Secret(octets) if isinstance(octets, bytes) else Secret.of_text(octets)
    return {fact.tone for one in recognise(value, NOW) for fact in one.facts}


def certificate(days: int, names: int = 1, issuer: str = "shop.example") -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop.example")])
    hosts = [x509.DNSName(f"host{number}.example") for number in range(names)]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(CURVE.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .sign(CURVE, hashes.SHA256())
    )


# --------------------------------------------------------------------------------------------- certificates


@pytest.mark.parametrize(
    ("days", "told", "tone"),
    [
        (100, "100 days left", "good"),
        (12, "only 12 days left, renew it soon", "warning"),
        (0, "EXPIRED 0 days ago", "danger"),
        (-3, "EXPIRED 3 days ago", "danger"),
    ],
)
@pytest.mark.parametrize("encoding", [PEM, DER])
def test_a_certificate_tells_when_it_expires_and_warns_in_words(
    days: int, told: str, tone: str, encoding: serialization.Encoding
) -> None:
    made = certificate(days)
    found = look(made.public_bytes(encoding))["X.509 certificate"]
    assert told in found["Expires"]
    assert tone in tones(made.public_bytes(encoding))
    assert found["Subject"] == "CN=shop.example"
    assert found["Issuer"] == "itself (self-signed)"
    assert found["Names"] == "host0.example"
    assert found["Key"] == "EC secp256r1"
    assert found["SHA-256"].replace(":", "").lower() == made.fingerprint(hashes.SHA256()).hex()


def test_a_chain_with_its_key_is_told_as_that() -> None:
    octets = b"".join(
        [
            certificate(100, names=30, issuer="Intermediate").public_bytes(PEM),
            b"between them a word of somebody\n",
            certificate(20).public_bytes(PEM),
            CURVE.private_bytes(PEM, PKCS8, PLAIN),
        ]
    )
    found = look(octets)
    assert list(found) == ["X.509 certificate", "Private key"]
    told = found["X.509 certificate"]
    assert told["Issuer"] == "CN=Intermediate"
    assert told["Chain"] == "1 more certificate"
    assert "only 20 days left" in told["Chain expires"]
    assert len(told["Names"]) <= SHOWN + 1


# ------------------------------------------------------------------------------------------------------ keys


@pytest.mark.parametrize(
    ("octets", "key", "protection"),
    [
        (RSA.private_bytes(PEM, PKCS8, PLAIN), "RSA, 2048 bits", "not encrypted"),
        (RSA.private_bytes(PEM, OPENSSL, PLAIN), "RSA, 2048 bits", "not encrypted"),
        (RSA.private_bytes(DER, PKCS8, PLAIN), "RSA, 2048 bits", "not encrypted"),
        (CURVE.private_bytes(PEM, OPENSSL, PLAIN), "EC secp256r1", "not encrypted"),
        (ED.private_bytes(PEM, PKCS8, PLAIN), "Ed25519", "not encrypted"),
        (RSA.private_bytes(PEM, PKCS8, LOCKED), None, "encrypted with a passphrase"),
        (RSA.private_bytes(PEM, OPENSSL, LOCKED), "RSA", "encrypted with a passphrase"),
    ],
)
def test_a_private_key_tells_its_kind_and_whether_it_is_encrypted(
    octets: bytes, key: str | None, protection: str
) -> None:
    found = look(octets)["Private key"]
    assert found.get("Key") == key
    assert found["Protection"].startswith(protection)


def test_a_short_rsa_key_is_warned_of() -> None:
    octets = rsa.generate_private_key(65537, 1024).private_bytes(PEM, PKCS8, PLAIN)
    assert "too short" in look(octets)["Private key"]["Key"]
    assert tones(octets) == {"", "warning"}


@pytest.mark.parametrize("kind", [("rsa", "2048"), ("ecdsa", "384"), ("ed25519", "256")])
@pytest.mark.parametrize("passphrase", ["", "some passphrase"])
def test_ssh_keys_have_the_fingerprint_that_ssh_keygen_prints(
    tmp_path: Path, kind: tuple[str, str], passphrase: str
) -> None:
    name, bits = kind
    place = tmp_path / "key"
    command = [
        "ssh-keygen",
        "-q",
        "-t",
        name,
        "-b",
        bits,
        "-N",
        passphrase,
        "-C",
        "me@shop",
        "-f",
        str(place),
    ]
    subprocess.run(command, check=True)
    said = subprocess.run(
        ["ssh-keygen", "-lf", f"{place}.pub"], check=True, capture_output=True, text=True
    ).stdout
    public = look(place.with_suffix(".pub").read_bytes())["SSH public key"]
    private = look(place.read_bytes())["SSH private key"]
    assert public["Fingerprint"] == private["Fingerprint"]
    assert public["Fingerprint"] in said
    assert public["Comment"] == "me@shop"
    assert private.get("Comment") == (None if passphrase else "me@shop")
    assert private["Protection"].startswith("encrypted" if passphrase else "not encrypted")
    assert bits in private["Key"]


# ----------------------------------------------------------------------------------------------------- texts


def coded(found: object) -> str:
    return urlsafe_b64encode(json.dumps(found).encode()).decode().rstrip("=")


def token(head: dict[str, object], claims: dict[str, object]) -> str:
    return f"{coded(head)}.{coded(claims)}.c2lnbmF0dXJl"


def test_a_token_tells_its_algorithm_and_its_end() -> None:
    soon = int((NOW + timedelta(days=2, hours=1)).timestamp())
    found = look(token({"alg": "RS256", "kid": "k1"}, {"iss": "shop", "aud": ["a", "b"], "exp": soon}))
    told = found["JSON Web Token"]
    assert (told["Algorithm"], told["Issuer"], told["Audience"], told["Key id"]) == (
        "RS256",
        "shop",
        "a, b",
        "k1",
    )
    assert "only 2 days left" in told["Expires"]
    unsigned = token({"alg": "none"}, {"exp": 10**30})
    assert look(unsigned)["JSON Web Token"]["Expires"] == "never"
    assert "anybody can forge it" in look(unsigned)["JSON Web Token"]["Algorithm"]


@pytest.mark.parametrize(
    ("text", "what", "facts"),
    [
        (
            "postgres://app:hunter2@db.example:5432/orders?password=hunter2",
            "Connection address",
            {
                "Scheme": "postgres",
                "Host": "db.example:5432",
                "User": "app",
                "Password": "is in it, not shown",
                "Database": "orders",
            },
        ),
        (
            "jdbc:mysql://db.example/x",
            "Connection address",
            {"Scheme": "mysql", "Host": "db.example", "Database": "x"},
        ),
        (
            "https://hunter2@hooks.example/services/hunter2",
            "Web address",
            {"Scheme": "https", "Host": "hooks.example", "User": "is in it, not shown: it may be a token"},
        ),
        ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "UUID", {"Version": "1"}),
        ('{"a": 1, "b": [2]}', "JSON object", {"Keys": "2"}),
        ("[1, 2, 3]", "JSON list", {"Items": "3"}),
        (
            "otpauth://totp/Shop:me?secret=GEZDGNBVGY3TQOJQ",
            "One-time codes",
            {"Issuer": "Shop", "Account": "me", "Codes": "SHA1, 6 digits, every 30 seconds"},
        ),
        (
            "otpauth://totp/Shop:me?secret=hunter2",
            "One-time codes",
            {"Problem": "the seed must have 8 to 128 bytes"},
        ),
        (
            "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
            "AWS access key",
            {"Key id": "AKIAIOSFODNN7EXAMPLE", "Account": "581039954779", "Kind": "long-term, of a user"},
        ),
    ],
)  # fmt: skip
def test_a_text_is_told_by_its_shape_without_the_secret_in_it(
    text: str, what: str, facts: dict[str, str]
) -> None:
    assert look(text) == {what: facts}


def test_the_fields_of_an_object_are_told_each_with_its_key() -> None:
    fields = {
        "cert": certificate(100).public_bytes(PEM).decode(),
        "key": "-----BEGIN X",
        "password": "hunter2",
    }
    found = look(json.dumps(fields))
    assert list(found) == ["JSON object", "cert: X.509 certificate"]


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"hunter2", b"0123456789", b"correct horse", b"\xff\xfe", b"a.b.c", b"ssh-rsa",
        b"ssh-rsa AAAA me", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", b"{" * 60_000,
        b"x://", b"http://[",
        b"{}", b"0\x82\x01\x00", b"A" * 70_000, b"-----BEGIN A-----\n" * 3_000,
    ],
)  # fmt: skip
def test_what_is_nothing_special_is_not_told_to_be(octets: bytes) -> None:
    assert not {what for what in look(octets) if what != "JSON object"}


STARTS = (
    b"", b"-----BEGIN CERTIFICATE-----\n", b"-----BEGIN OPENSSH PRIVATE KEY-----\n", b"0\x82",
    b"ssh-ed25519 ", b"eyJhbGciOiJub25lIn0.", b"otpauth://totp/", b"postgres://", b'{"a": "', b"AKIA",
)  # fmt: skip


@given(
    st.sampled_from(STARTS),
    st.binary(max_size=200),
    st.sampled_from([b"", b'"}', b"\n-----END CERTIFICATE-----"]),
)
def test_whatever_the_octets_are_it_never_raises(start: bytes, octets: bytes, end: bytes) -> None:
    for found in recognise(Secret(start + octets + end), NOW):
        assert found.what
        assert all(fact.text.isprintable() and len(fact.text) <= 12 * SHOWN for fact in found.facts)


@given(st.data())
def test_a_real_key_with_octets_changed_never_makes_it_raise(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.sampled_from(REAL)))
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    recognise(Secret(octets), NOW)


REAL = [
    certificate(10).public_bytes(DER),
    certificate(10).public_bytes(PEM),
    ED.private_bytes(PEM, OPENSSH, PLAIN),
    RSA.private_bytes(DER, PKCS8, PLAIN),
    ED.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
]
