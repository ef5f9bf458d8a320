"""Certificates and keys, told by what is public of them: PEM and DER of X.509, private keys, OpenSSH's files.

The forms of OpenSSH are read here: what they tell openly (type, size, comment) no library gives out.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_pem_private_key,
    load_pem_public_key,
)

from app.language import plural, tr
from app.recognise import Fact, Found, ends

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

MOST: Final = 20  # certificates of a chain, names of a certificate
SHORT: Final = 2048  # bits; an RSA key below that is weak

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\s[^-]*(?:-[^-]+)*-----END \1-----")
_MAGIC: Final = b"openssh-key-v1\0"
_FIELDS: Final = {"ssh-ed25519": 2, "ssh-rsa": 6, "ssh-dss": 5}  # of a private key before its comment
_OF_A_CURVE: Final = 3


def certificates_and_keys(octets: bytes, now: datetime) -> tuple[Found, ...]:
    """What PEM blocks, or a single DER structure, hold."""
    if b"-----BEGIN " not in octets:
        return _der(octets, now)
    chain: list[x509.Certificate] = []
    found: list[Found] = []
    for block in list(_BLOCK.finditer(octets))[: 2 * MOST]:
        label = block[1].decode("ascii")
        if label in ("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"):
            chain.append(x509.load_pem_x509_certificate(block[0]))
        elif label == "OPENSSH PRIVATE KEY":
            found.append(_ssh_private(block[0]))
        elif label.endswith("PRIVATE KEY"):
            found.append(_private(block[0], label))
        elif label.endswith("PUBLIC KEY"):
            found.append(Found.of(tr("Public key"), [_key(load_pem_public_key(block[0]))]))
        else:
            found.append(Found.of(tr("PEM block"), [Fact(tr("Label"), label)]))
    return (*((_certificate(chain, now),) if chain else ()), *found)


def _der(octets: bytes, now: datetime) -> tuple[Found, ...]:
    try:
        return (_certificate([x509.load_der_x509_certificate(octets)], now),)
    except ValueError:
        key = load_der_private_key(octets, None, unsafe_skip_rsa_key_validation=True)
        return (Found.of(tr("Private key"), [_key(key), _protection(encrypted=False)]),)


def _certificate(chain: Sequence[x509.Certificate], now: datetime) -> Found:
    first = chain[0]
    issuer = tr("itself (self-signed)") if first.issuer == first.subject else first.issuer.rfc4514_string()
    begins = first.not_valid_before_utc
    facts = [
        Fact(tr("Subject"), first.subject.rfc4514_string() or tr("none")),
        Fact(tr("Names"), _names(first)),
        Fact(tr("Issuer"), issuer),
        ends(tr("Expires"), first.not_valid_after_utc, now),
        Fact(tr("Valid from"), tr("{when}: not valid yet", when=f"{begins:%Y-%m-%d}"), "warning")
        if begins > now
        else Fact("", ""),
        _key(first.public_key()),
        Fact("SHA-256", first.fingerprint(hashes.SHA256()).hex(":").upper()),
    ]
    if len(chain) > 1:
        soonest = min(chain[1:], key=lambda one: one.not_valid_after_utc)
        others = plural("{n} more certificate", "{n} more certificates", len(chain) - 1)
        facts.append(Fact(tr("Chain"), others))
        facts.append(ends(tr("Chain expires"), soonest.not_valid_after_utc, now))
    return Found.of(tr("X.509 certificate"), facts)


def _names(certificate: x509.Certificate) -> str:
    try:
        kind = x509.SubjectAlternativeName
        names = [str(name.value) for name in certificate.extensions.get_extension_for_class(kind).value]
    except (x509.ExtensionNotFound, ValueError):
        return ""
    more = len(names) - MOST
    return ", ".join(names[:MOST]) + (tr(" and {more} more", more=more) if more > 0 else "")


def _private(block: bytes, label: str) -> Found:
    if label == "ENCRYPTED PRIVATE KEY" or b"Proc-Type: 4,ENCRYPTED" in block:
        facts = [Fact(tr("Key"), label.split(" ", maxsplit=1)[0]) if label[:1] != "E" else Fact("", "")]
        return Found.of(tr("Private key"), [*facts, _protection(encrypted=True)])
    key = load_pem_private_key(block, None, unsafe_skip_rsa_key_validation=True)
    return Found.of(tr("Private key"), [_key(key), _protection(encrypted=False)])


def _protection(*, encrypted: bool) -> Fact:
    told = tr("encrypted with a passphrase") if encrypted else tr("not encrypted; only the vault protects it")
    return Fact(tr("Protection"), told)


def _key(key: object) -> Fact:
    if isinstance(key, rsa.RSAPublicKey | rsa.RSAPrivateKey):
        return _sized("RSA", key.key_size)
    if isinstance(key, dsa.DSAPublicKey | dsa.DSAPrivateKey):
        return Fact(tr("Key"), tr("DSA: no longer secure"), "warning")
    if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey):
        return Fact(tr("Key"), f"EC {key.curve.name}")
    name = type(key).__name__.lstrip("_")
    return Fact(tr("Key"), name.removesuffix("PublicKey").removesuffix("PrivateKey"))


def _sized(name: str, bits: int) -> Fact:
    size = tr("{name}, {bits} bits", name=name, bits=bits)
    if bits < SHORT:
        return Fact(tr("Key"), tr("{size}: too short to be secure", size=size), "warning")
    return Fact(tr("Key"), size)


# ------------------------------------------------------------------------------------------------- OpenSSH


def ssh_public(line: str) -> Found | None:
    """What one line of a .pub file tells; None where it is none."""
    kind, _, rest = line.partition(" ")
    coded, _, comment = rest.strip().partition(" ")
    if "\n" in line or not coded:
        return None
    blob = b64decode(coded, validate=True)
    if _strings(blob)[0].decode("ascii") != kind:
        return None
    return Found.of(tr("SSH public key"), _ssh_facts(blob, comment))


def _ssh_private(block: bytes) -> Found:
    octets = b64decode(b"".join(block.split(b"\n")[1:-1]))
    if not octets.startswith(_MAGIC):
        return Found.of(tr("SSH private key"), [Fact(tr("Problem"), tr("it is damaged"), "warning")])
    at = len(_MAGIC)
    cipher, at = _string(octets, at)
    _, at = _string(octets, at)  # how a passphrase is stretched
    _, at = _string(octets, at)
    blob, at = _string(octets, at + 4)  # past the number of keys
    encrypted = cipher != b"none"
    comment = "" if encrypted else _comment(_string(octets, at)[0])
    return Found.of(tr("SSH private key"), [*_ssh_facts(blob, comment), _protection(encrypted=encrypted)])


def _ssh_facts(blob: bytes, comment: str) -> list[Fact]:
    strings = _strings(blob)
    kind = strings[0].decode("ascii")
    if kind == "ssh-rsa":
        key = _sized("RSA", int.from_bytes(strings[2], "big").bit_length())
    elif kind.startswith("ecdsa-"):
        key = Fact(tr("Key"), f"ECDSA {strings[1].decode('ascii')}")
    else:
        key = _sized_256("Ed25519") if kind == "ssh-ed25519" else Fact(tr("Key"), kind)
    print_ = b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")
    return [key, Fact(tr("Fingerprint"), f"SHA256:{print_}"), Fact(tr("Comment"), comment)]


def _sized_256(name: str) -> Fact:
    return Fact(tr("Key"), tr("{name}, {bits} bits", name=name, bits=256))


def _comment(private: bytes) -> str:
    """The last field of an unencrypted private part, after two equal numbers and the key's own fields."""
    kind, at = _string(private, 8)
    name = kind.decode("ascii")
    fields = _OF_A_CURVE if name.startswith("ecdsa-") else _FIELDS.get(name)
    if fields is None:
        return ""
    for _ in range(fields):
        _, at = _string(private, at)
    return _string(private, at)[0].decode("utf-8", "replace")


def _strings(blob: bytes) -> list[bytes]:
    found, at = [], 0
    while at < len(blob):
        one, at = _string(blob, at)
        found.append(one)
    return found


def _string(octets: bytes, at: int) -> tuple[bytes, int]:
    """A string of the SSH protocol (RFC 4251): four octets of length, then that many."""
    end = at + 4 + int.from_bytes(octets[at : at + 4], "big")
    if at + 4 > len(octets) or end > len(octets):
        raise ValueError("cut off")
    return octets[at + 4 : end], end
