"""Mask: what an outside program or server says, with every secret of an attempt taken out of it."""

from __future__ import annotations

import json
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, quote_plus

from vault import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.rotation.credential import Credential

HIDDEN: Final = "•••"
LONGEST: Final = 500  # characters of a text that is shown
_OPEN: Final = frozenset({"engine", "host", "port", "username", "dbname", "db", "ssl", "public_key"})
_DEPTH: Final = 20
_LONG: Final = 8  # octets; shorter ones, written otherwise, may be a part of anything
_FOR_URLS: Final = str.maketrans("+/", "-_")


class Mask:
    """Knows the secrets of some credentials, as they are and as other texts write them.

    Those are JSON, URLs, base64, hex, HTML, SQL and Python. Every text and number of a JSON object counts as
    secret, but for the names that AWS's database secrets have for what is none, such as "host". A value that
    is no JSON object is secret line by line. What is cut in pieces or encoded otherwise is not recognised.
    """

    def __init__(self, *credentials: Credential | None) -> None:
        """Learn the secrets; they are kept as `str` as long as the mask is."""
        told = {
            form
            for credential in credentials
            if credential is not None
            for leaf in _leaves(credential)
            for line in (leaf, *leaf.splitlines())
            if line.strip()
            for form in _forms(line)
        }
        self._told = sorted(told, key=len, reverse=True)  # a secret may hold another

    def __call__(self, text: str) -> str:
        """`text` on one line, masked, unprintable characters as `?`, at most `LONGEST` characters.

        What breaks lines or indents them is one blank, as a driver writes its hints below its error.
        """
        on_one_line = " ".join(self._without_secrets(text).split())
        masked = self._without_secrets(on_one_line)  # one with a blank may only now stand there
        shown = "".join(mark if mark.isprintable() else "?" for mark in masked)
        return shown if len(shown) <= LONGEST else shown[: LONGEST - 1] + "…"

    def __repr__(self) -> str:
        return "Mask(•••)"

    def _without_secrets(self, text: str) -> str:
        for secret in self._told:
            text = text.replace(secret, HIDDEN)
        return text


def _leaves(credential: Credential) -> Iterator[str]:
    text = bytes(credential.secret.reveal()).decode("utf-8", "replace")
    try:
        value = json_text.parsed(text)
    except ValueError:
        value = None
    yield text
    if isinstance(value, dict):
        yield from _texts({name: held for name, held in value.items() if name not in _OPEN}, _DEPTH)


def _texts(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, (dict, list)) and depth:
        for held in value.values() if isinstance(value, dict) else value:
            yield from _texts(held, depth - 1)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield repr(secret)[1:-1]
    octets = secret.encode("utf-8", "surrogatepass")
    yield quote(octets, safe="")
    yield b64encode(octets).decode("ascii")
    if len(octets) < _LONG:
        return
    yield quote(octets)
    yield quote_plus(octets)
    yield escape(secret)
    yield secret.replace("'", "''")
    yield repr(octets)[2:-1]
    yield octets.hex()
    yield octets.hex().upper()
    for before, cut in enumerate((0, 2, 3)):  # base64 of what begins or ends elsewhere, as "user:password"
        whole = (before + len(octets)) * 8 // 6
        inner = b64encode(bytes(before) + octets).decode("ascii")[cut:whole]
        yield inner
        yield inner.translate(_FOR_URLS)
