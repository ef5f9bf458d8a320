"""What a value is, told by its shape: certificates, keys, tokens, addresses. Facts, never the secret in it.

Pure and bounded: it looks at 64 KiB at most, never raises, and opens nothing that is encrypted. What is
found comes from the opened value, so it is shown to a person who has asked, and forgotten with it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from app import display, uri
from app.language import grouped, plural, tr
from vault import json_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from urllib.parse import SplitResult

    from vault.secret import Secret

LONGEST: Final = 65_536  # octets; no value of AWS is longer
SOON: Final = timedelta(days=30)
SHOWN: Final = 120  # characters of one fact's text
FIELDS: Final = 20  # of a JSON object that are looked at

_DER = re.compile(rb"\x30[\x80-\x84]")  # a SEQUENCE with a length of several octets


class Fact(NamedTuple):
    """One line about a value."""

    title: str
    text: str
    tone: str = ""  # "danger", "warning", "good"; the text says it in words too


class Found(NamedTuple):
    """One thing that a value is or holds."""

    what: str  # such as "X.509 certificate"
    facts: tuple[Fact, ...]

    @classmethod
    def of(cls, what: str, facts: Iterable[Fact]) -> Found:
        """With facts that have a text, made printable and cut to `SHOWN`."""
        kept = (fact._replace(text=cut(fact.text)) for fact in facts if fact.text)
        return cls(what, tuple(kept))


def recognise(value: Secret, now: datetime) -> tuple[Found, ...]:
    """What a value is, the most telling first; nothing for a password.

    Args:
        value: any octets.
        now: UTC, for days left.
    """
    octets = bytes(value.reveal()[: LONGEST + 1])
    if not octets or len(octets) > LONGEST:
        return ()
    try:
        return _recognise(octets, now)
    except Exception:  # noqa: BLE001  what parsers of outside bytes raise is not in their contract
        return ()


def _recognise(octets: bytes, now: datetime) -> tuple[Found, ...]:
    is_object = octets.lstrip()[:1] == b"{"
    if (b"-----BEGIN " in octets and not is_object) or _DER.match(octets):
        from app import recognise_keys

        return recognise_keys.certificates_and_keys(octets, now)
    try:
        text = octets.decode("utf-8").strip()
    except UnicodeDecodeError:
        return ()
    found = next(filter(None, (look(text, now) for look in _LOOKS)), None)
    whole = tuple(one for one in (found, _access_key(text)) if one is not None)
    return whole + _inside(text, now) if is_object and found else whole


def _inside(text: str, now: datetime) -> tuple[Found, ...]:
    """What the texts of a JSON object are, each told with its key."""
    members = json_text.parsed(text).items()
    fields = [(key, member) for key, member in members if isinstance(member, str) and member]
    access_key, told = tr("AWS access key"), []  # told of the whole already
    for key, member in fields[:FIELDS]:
        with suppress(Exception):  # as in `recognise`; one bad field hides no other
            inner = () if member.lstrip()[:1] in "{[" else _recognise(member.encode(), now)
            told += [one._replace(what=f"{cut(key)}: {one.what}") for one in inner if one.what != access_key]
    return tuple(told)


def cut(text: str) -> str:
    """A text that a stranger wrote, fit to be shown on a line."""
    shown = display.printable(text[: SHOWN + 1])
    return shown if len(text) <= SHOWN else f"{shown[:SHOWN]}…"


def ends(title: str, at: datetime, now: datetime) -> Fact:
    """When something stops being valid, with the days left, and a warning where they are few."""
    left = at - now
    when = display.moment(at)
    if left <= timedelta():
        ago = plural("{n} day ago", "{n} days ago", -left // timedelta(days=1))
        return Fact(title, tr("{when}: EXPIRED {ago}", when=when, ago=ago), "danger")
    days = plural("{n} day left", "{n} days left", left // timedelta(days=1))
    if left <= SOON:
        return Fact(title, tr("{when}: only {days}, renew it soon", when=when, days=days), "warning")
    return Fact(title, f"{when}, {days}", "good")


# --------------------------------------------------------------------------------------------------- texts


def _ssh_public(text: str, _now: datetime) -> Found | None:
    if not text.startswith(("ssh-", "ecdsa-", "sk-")):
        return None
    from app import recognise_keys

    return recognise_keys.ssh_public(text)


_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*", re.ASCII)


def _jwt(text: str, now: datetime) -> Found | None:
    if not _TOKEN.fullmatch(text):
        return None
    head, claims = (_object_of(part) for part in text.split(".")[:2])
    if head is None or claims is None or not isinstance(head.get("alg"), str):
        return None
    algorithm = str(head["alg"])
    unsigned = algorithm.lower() == "none"
    said = tr("none: anybody can forge it") if unsigned else algorithm
    facts = [Fact(tr("Algorithm"), said, "danger" if unsigned else "")]
    facts += [Fact(title, _plain(claims.get(name))) for name, title in (
        ("iss", tr("Issuer")), ("sub", tr("Subject")), ("aud", tr("Audience")),
    )]  # fmt: skip
    facts.append(Fact(tr("Key id"), _plain(head.get("kid"))))
    if (issued := _moment(claims.get("iat"))) is not None:
        facts.append(Fact(tr("Issued"), display.moment(issued)))
    expires = _moment(claims.get("exp"))
    facts.append(ends(tr("Expires"), expires, now) if expires else Fact(tr("Expires"), tr("never")))
    return Found.of(tr("JSON Web Token"), facts)


def _object_of(part: str) -> dict[str, object] | None:
    from base64 import urlsafe_b64decode

    found = json_text.parsed(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found if isinstance(found, dict) else None


def _plain(claim: object) -> str:
    if isinstance(claim, list):
        return ", ".join(one for one in claim if isinstance(one, str))
    return claim if isinstance(claim, str) else ""


def _moment(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _otpauth(text: str, _now: datetime) -> Found | None:
    if not text.lower().startswith("otpauth:"):
        return None
    from app import totp
    from app.errors import BadTotp

    try:
        made = totp.parse(text)
    except BadTotp as bad:
        return Found.of(tr("One-time codes"), [Fact(tr("Problem"), str(bad), "warning")])
    made.seed.wipe()
    rule = tr(
        "{algorithm}, {digits} digits, every {period} seconds",
        algorithm=made.algorithm, digits=made.digits, period=made.period,
    )  # fmt: skip
    return Found.of(
        tr("One-time codes"),
        [Fact(tr("Issuer"), made.issuer), Fact(tr("Account"), made.account), Fact(tr("Codes"), rule)],
    )


_ADDRESS = re.compile(r"(?:jdbc:)?[a-z][a-z0-9+.-]{1,30}://\S+", re.ASCII | re.IGNORECASE)
_DATABASE = re.compile(r"/[A-Za-z0-9_-]{1,63}", re.ASCII)


def _address(text: str, _now: datetime) -> Found | None:
    """A path may be a token, as in web hooks, and so may a user that comes alone: neither is told."""
    if not _ADDRESS.fullmatch(text):
        return None
    parts = uri.split(text.removeprefix("jdbc:"))
    if not parts.hostname:
        return None
    web = parts.scheme in ("http", "https", "ws", "wss")
    facts = [
        Fact(tr("Scheme"), parts.scheme),
        Fact(tr("Host"), parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"),
        _user(parts),
        Fact(tr("Password"), tr("is in it, not shown") if parts.password else ""),
        Fact(tr("Database"), parts.path[1:] if not web and _DATABASE.fullmatch(parts.path) else ""),
    ]
    return Found.of(tr("Web address") if web else tr("Connection address"), facts)


def _user(parts: SplitResult) -> Fact:
    from urllib.parse import unquote

    if parts.username and not parts.password:
        return Fact(tr("User"), tr("is in it, not shown: it may be a token"))
    return Fact(tr("User"), unquote(parts.username or ""))


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def _uuid(text: str, _now: datetime) -> Found | None:
    found = _UUID.fullmatch(text)
    return Found.of(tr("UUID"), [Fact(tr("Version"), found[1])]) if found else None


def _json(text: str, _now: datetime) -> Found | None:
    if text[:1] not in ("{", "["):
        return None
    from app.fields import problem

    if problem(text) is not None:
        return None
    found = json_text.parsed(text)
    if isinstance(found, dict):
        return Found.of(tr("JSON object"), [Fact(tr("Keys"), grouped(len(found)))])
    return Found.of(tr("JSON list"), [Fact(tr("Items"), grouped(len(found)))])


_ACCESS_KEY = re.compile(r"(?<![A-Z0-9])(AKIA|ASIA)([A-Z2-7]{16})(?![A-Z0-9])", re.ASCII)


def _access_key(text: str) -> Found | None:
    """The id is no secret: AWS writes it into its logs. The account's number is coded in it."""
    from base64 import b32decode

    found = _ACCESS_KEY.search(text)
    if found is None:
        return None
    number = int.from_bytes(b32decode(found[2])[:6], "big")
    account = (number & 0x7FFF_FFFF_FF80) >> 7
    lasts = tr("temporary, of a session") if found[1] == "ASIA" else tr("long-term, of a user")
    return Found.of(
        tr("AWS access key"),
        [Fact(tr("Key id"), found[0]), Fact(tr("Account"), f"{account:012}"), Fact(tr("Kind"), lasts)],
    )


_LOOKS: Final[tuple[Callable[[str, datetime], Found | None], ...]] = (
    _ssh_public, _jwt, _otpauth, _address, _uuid, _json,
)  # fmt: skip
