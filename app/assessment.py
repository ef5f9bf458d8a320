"""What a value looks like and how hard it is to guess, by looking at it once. Pure but for `examine`.

Patterns and character classes come first; zxcvbn, which takes milliseconds, is asked only of what is short or
looks made by a person. Texts are dropped when the judgement is made; nothing of them is kept.
"""

from __future__ import annotations

import math
import re
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from app import strength
from vault import json_text
from vault.assessments import Assessment
from vault.paths import ROOT
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vault.assessments import Round
    from vault.paths import ParameterPath
    from vault.vault import Vault

MOST_BITS: Final = 256  # more is not told apart
_SHORT: Final = 40  # characters up to which zxcvbn is asked
_MADE: Final = 16  # characters from which what is scattered counts as made by a machine
_RUN: Final = 5  # characters of one class beside each other; words have longer ones
_LONG: Final = 24  # characters from which a machine, too, makes longer ones
_LONG_RUN: Final = 8
_CHANGES: Final = 0.38  # of all characters: those of another class than the one before; words have fewer
_KINDS_OF_CHARACTERS: Final = 3
_TOKEN: Final = 20  # characters from which what a machine made looks like a token
_NO_TOKEN: Final = re.compile(r"://|\A[/.]|\Aarn:|\A\d{4}-\d\d-\d\dT|\.[A-Za-z]{2,10}\Z", re.ASCII)
"""Addresses, paths, names of hosts and files, and moments."""
_HEX: Final = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_UUID_BITS: Final = 122
_CLASSES: Final = ((re.compile(r"[a-z]"), 26), (re.compile(r"[A-Z]"), 26), (re.compile(r"[0-9]"), 10))
_OTHER: Final = 33  # characters of ASCII that are none of these
_LOOKS: Final = (
    ("private-key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----")),
    ("jwt", re.compile(r"\AeyJ[\w-]{10,}\.eyJ[\w-]{5,}\.[\w-]*\s*\Z", re.ASCII)),
    ("aws-access-key", re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])")),
    (
        "api-token",
        re.compile(
            r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}"
            r"|[sr]k_live_\w{16,}|AIza[\w-]{35}|npm_\w{30,}|pypi-[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,})",
            re.ASCII,
        ),
    ),
    ("password-url", re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,80}:[^\s/@]{1,200}@", re.IGNORECASE)),
)
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS: Final = frozenset(
    {
        "password", "passwd", "pwd", "pw", "pass", "passphrase", "secret", "token", "credential",
        "credentials", "apikey", "secretkey", "privatekey", "pat", "pin",
    }
)  # fmt: skip
_KEY_OF: Final = frozenset(
    {
        "access",
        "api",
        "auth",
        "encryption",
        "hmac",
        "master",
        "private",
        "secret",
        "signing",
        "ssh",
        "webhook",
    }
)
_NO_SECRET: Final = frozenset(
    {
        "age", "algorithm", "alias", "arn", "count", "days", "enabled", "endpoint", "expiry", "file",
        "header", "host", "id", "ids", "issuer", "length", "max", "min", "minutes", "mode", "name", "names",
        "path", "policy", "port", "region", "rotation", "seconds", "size", "timeout", "ttl", "type", "uri",
        "url", "user", "username", "version",
    }
)  # fmt: skip


def names_a_secret(name: str) -> bool:
    """Whether a name, such as the last of a path or a key of JSON, says that its value is a secret.

    "db-password", "apiKey" and "SIGNING_KEY" do; "password-length", "token.ttl" and "public-key" do not.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or words[-1] in _NO_SECRET or "public" in words:
        return False
    if not _SECRET_WORDS.isdisjoint(words):
        return True
    return any(word == "key" and before in _KEY_OF for before, word in pairwise(words))


def looks(text: str) -> str:
    """What a value looks like: a name of `app.health.LOOKS`, or "" for nothing in particular."""
    for name, shape in _LOOKS:
        if shape.search(text):
            return name
    token = text.strip()
    made = _TOKEN <= len(token) <= MOST_BITS and _is_made(token) and not _NO_TOKEN.search(token)
    return "random" if made else ""


def bits(text: str) -> int:
    """How many guesses, as a power of 2, a text stands against: at most 256, rounded down."""
    if _UUID.fullmatch(text):
        return _UUID_BITS
    if _HEX.fullmatch(text) and text.count(text[:_RUN]) == 1:
        return min(MOST_BITS, 4 * len(text))
    at_most = len(text) * math.log2(_alphabet(text)) if text else 0.0
    if _is_made(text) or not at_most:
        return min(MOST_BITS, int(at_most))
    if len(text) <= _SHORT:
        with Secret.of_text(text) as value:
            return int(min(at_most, MOST_BITS, strength.estimate(value).bits))
    packed = 8 * len(zlib.compress(text.encode("utf-8", "replace"), 9)) - 64  # less what frames it
    return int(min(at_most, MOST_BITS, max(packed, 0)))


def judge(value_type: ValueType, value: Secret) -> Assessment:
    """Judge one value; of a JSON object, the weakest of what stands under keys that name a secret."""
    octets = value.reveal()
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return Assessment(min(MOST_BITS, 8 * len(zlib.compress(octets, 9))), "")
    inner = list(_secrets_in(text)) if value_type is not ValueType.STRING else []
    return Assessment(min(map(bits, inner)) if inner else bits(text), looks(text))


def examine(
    vault: Vault,
    progress: Callable[[int, int], object] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = lambda: False,
    within: ParameterPath = ROOT,
) -> Round:
    """Judge every current value that was not judged yet; see `vault.assessments.Assessments.examine`."""
    return vault.assessments.examine(judge, progress, cancelled, within)


def _alphabet(text: str) -> int:
    """How many characters there are of the classes that `text` has."""
    found = sum(size for shape, size in _CLASSES if shape.search(text))
    return found + (_OTHER if not text.isascii() or not text.isalnum() else 0)


def _is_made(text: str) -> bool:
    """Whether a machine made it: long, of three classes, hardly repeated, and without runs as words have."""
    if len(text) < _MADE or len(set(text)) < min(len(text), 2 * _SHORT) / 2 or any(map(str.isspace, text)):
        return False
    classes = [_class(character) for character in text]
    if len(set(classes)) < _KINDS_OF_CHARACTERS:
        return False
    run = longest = 1
    changes = 0
    for before, after in pairwise(classes):
        changes += before != after
        run = run + 1 if before == after else 1
        longest = max(longest, run)
    return longest <= (_RUN if len(text) < _LONG else _LONG_RUN) and changes >= _CHANGES * len(text)


def _class(character: str) -> int:
    if character.islower():
        return 0
    if character.isupper():
        return 1
    return 2 if character.isdigit() else 3


def _secrets_in(text: str) -> Iterator[str]:
    """The texts of a JSON object under keys that name a secret."""
    if not text.lstrip().startswith("{"):
        return
    try:
        found = json_text.parsed(text)
    except ValueError:
        return
    for key, one in found.items():
        if isinstance(one, str) and one and names_a_secret(key):
            yield one
