"""One-time codes (TOTP, RFC 6238): from an otpauth URI, or from a field of a JSON secret.

Read strictly: what an authenticator would have to guess is refused. The seed stays a `Secret`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import BadTotp
from app.uri import split
from vault import json_text
from vault.errors import Said
from vault.secret import Secret

if TYPE_CHECKING:
    from datetime import datetime

FIELDS: Final = ("totp", "otp")
"""Keys of a JSON secret that hold a URI, or the seed alone in base32."""
SCHEME: Final = "otpauth:"
ALGORITHMS: Final = ("SHA1", "SHA256", "SHA512")
DIGITS: Final = (6, 7, 8)
PERIODS: Final = (10, 300)  # seconds; least and most
SEEDS: Final = (8, 128)  # octets; least and most
LONGEST: Final = 2048  # characters of a URI

_BASE32 = re.compile(r"[A-Za-z2-7]+={0,6}", re.ASCII)
_LINE: Final = 64  # characters of issuer and account that are kept


class Totp(NamedTuple):
    """What makes the codes. Wipe `seed` when done."""

    seed: Secret
    algorithm: str = "SHA1"  # one of `ALGORITHMS`
    digits: int = 6
    period: int = 30  # seconds
    issuer: str = ""
    account: str = ""

    def code(self, at: datetime) -> Secret:
        """The code at a moment: ASCII digits."""
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.twofactor.totp import TOTP

        algorithm: hashes.SHA1 | hashes.SHA256 | hashes.SHA512 = hashes.SHA512()
        if self.algorithm != "SHA512":
            algorithm = hashes.SHA256() if self.algorithm == "SHA256" else hashes.SHA1()  # noqa: S303  as sites use it
        made = TOTP(self.seed.reveal(), self.digits, algorithm, self.period, enforce_key_length=False)
        return Secret(made.generate(int(at.timestamp())))

    def seconds_left(self, at: datetime) -> int:
        """Seconds until the next code; from 1 to `period`."""
        return self.period - int(at.timestamp()) % self.period


def found_in(value: Secret) -> Totp | None:
    """The codes that a value makes; None where nothing in it claims to make any.

    Raises:
        BadTotp: something does, but it cannot be used; the reason never quotes it.
    """
    octets = value.reveal()
    if octets[: len(SCHEME)].lower() == SCHEME.encode():
        return parse(octets.decode("utf-8", "replace").strip())
    if octets.lstrip()[:1] != b"{":
        return None
    try:
        fields = json_text.parsed(octets)
    except ValueError:
        return None
    text = next((fields[name] for name in FIELDS if fields.get(name)), None)
    if text is None:
        return None
    if not isinstance(text, str):
        raise BadTotp(Said("the field is not text"))
    return parse(text.strip()) if text.lower().startswith(SCHEME) else Totp(_seed(text))


def parse(uri: str) -> Totp:
    """What an otpauth URI says.

    Raises:
        BadTotp: it is not one for time-based codes, or it says something twice, or out of range.
    """
    from urllib.parse import parse_qsl, unquote

    try:
        parts = split(uri[: LONGEST + 1])
        pairs = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise BadTotp(Said("the URI is malformed")) from None
    if len(uri) > LONGEST or parts.scheme != "otpauth":
        raise BadTotp(Said("the URI is malformed"))
    if parts.netloc.lower() != "totp":
        raise BadTotp(Said("its codes go by a counter, not by time; only otpauth://totp/ is known"))
    asked = dict(pairs)
    if len(asked) != len(pairs):
        raise BadTotp(Said("a parameter of the URI is there twice"))
    algorithm = asked.get("algorithm", "SHA1").upper().replace("-", "")
    if algorithm not in ALGORITHMS:
        raise BadTotp(Said("the algorithm must be one of {algorithms}", algorithms=", ".join(ALGORITHMS)))
    issuer, _, account = unquote(parts.path).strip("/").rpartition(":")
    return Totp(
        _seed(asked.get("secret", "")),
        algorithm,
        _whole(asked.get("digits", "6"), DIGITS[0], DIGITS[-1], "digits"),
        _whole(asked.get("period", "30"), *PERIODS, "period"),
        asked.get("issuer", issuer).strip()[:_LINE],
        account.strip()[:_LINE],
    )


def _seed(text: str) -> Secret:
    from base64 import b32decode

    plain = text.replace(" ", "").replace("-", "")
    if not _BASE32.fullmatch(plain):
        raise BadTotp(Said("the seed is missing, or not base32"))
    plain = plain.rstrip("=").upper()
    try:
        seed = Secret(b32decode(plain + "=" * (-len(plain) % 8)))
    except ValueError:
        raise BadTotp(Said("the seed is cut off: its length is none of base32")) from None
    least, most = SEEDS
    if not least <= len(seed) <= most:
        raise BadTotp(Said("the seed must have {least} to {most} bytes", least=least, most=most))
    return seed


def _whole(text: str, least: int, most: int, what: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text, re.ASCII) or not least <= int(text) <= most:
        raise BadTotp(
            Said("{what} must be a number from {least} to {most}", what=what, least=least, most=most)
        )
    return int(text)
