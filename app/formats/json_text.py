"""Strict JSON: no duplicate names, NaN, lone surrogates or absurd nesting; numbers keep their text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from app.errors import Malformed
from app.formats.rows import printable
from app.formats.text import MAX_DEPTH, decoded
from app.formats.tree import Leaf, Node
from vault import json_text
from vault.errors import Said

if TYPE_CHECKING:
    from vault.steps import Steps

_BLANKS = re.compile(r"[ \t\r\n]*")


class _Bare(str):
    """A number, as the file writes it."""

    __slots__ = ()


def parse(octets: bytes, steps: Steps) -> Node:
    """The one value a JSON file holds; `steps` are told of each bracket and each value.

    Raises:
        Malformed: not JSON (RFC 8259), a name twice in one object, or nested more than 64 deep.
        Cancelled: whoever is told of `steps` stopped it.
    """
    documents = parse_many(octets, steps)
    if len(documents) != 1:
        raise Malformed(Said("there is more than one JSON document in the file"))
    return documents[0]


def parse_many(octets: bytes, steps: Steps) -> list[Node]:
    """Every JSON value of a file that holds one after another (as a shell loop's `>>` makes them).

    Between two objects or numbers of a file nothing tells of `steps`: 64 MiB of one list of short texts are
    read in 1 s.

    Raises:
        Malformed, Cancelled: as `parse`.
    """
    text = decoded(octets)
    brackets = text.count("[") + text.count("{")
    try:
        with steps.at_most(2 * brackets + 1):
            json_text.check_depth(text, MAX_DEPTH, steps)
    except json_text.TooDeep as error:
        line = text.count("\n", 0, error.at) + 1
        raise Malformed(
            Said("the JSON is nested more than {max_depth} deep", max_depth=MAX_DEPTH), line
        ) from None
    nodes = _Nodes(steps)
    decoder = json.JSONDecoder(
        object_pairs_hook=nodes.members,
        parse_float=nodes.bare,
        parse_int=nodes.bare,
        parse_constant=_refuse_constant,
    )
    documents: list[Node] = []
    at = _blanks(text, 0)
    with steps.at_most(2 * (brackets + text.count(",") + 1)):  # values, of which numbers take two steps
        while at < len(text) or not documents:
            value, at = _decode(decoder, text, at)
            documents.append(nodes.node(value))
            at = _blanks(text, at)
    return documents


def _blanks(text: str, at: int) -> int:
    match = _BLANKS.match(text, at)
    return match.end() if match else at


def _decode(decoder: json.JSONDecoder, text: str, at: int) -> tuple[Any, int]:
    try:
        return decoder.raw_decode(text, at)
    except json.JSONDecodeError as error:
        message, line = Said("this is not JSON (column {column})", column=error.colno), error.lineno
    # Raised out here: json's error holds the whole text, and a traceback must not.
    raise Malformed(message, line)


class _Nodes:
    """Makes nodes of what the decoder reads, object after object from the innermost."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Node]:
        """An object."""
        members = {_name(name): self.node(value) for name, value in pairs}
        if len(members) != len(pairs):
            seen: set[str] = set()
            twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise Malformed(Said("the name {twice} stands twice in one object", twice=printable(twice)))
        return members

    def bare(self, text: str) -> _Bare:
        """A number."""
        self._steps.take()
        return _Bare(text)

    def node(self, value: Any) -> Node:  # noqa: ANN401  what json gives, and objects that are nodes already
        """A value."""
        self._steps.take()
        if isinstance(value, dict):
            return value
        if isinstance(value, list):
            return [self.node(item) for item in value]
        if value is None:
            return Leaf(None)
        if value is True or value is False:
            return Leaf("true" if value else "false", bare=True)
        if isinstance(value, _Bare):
            return Leaf(str(value), bare=True)
        return (
            Leaf(value)
            if _is_unicode(value)
            else Leaf(None, problem=Said("a lone surrogate is not Unicode text"))
        )


def _refuse_constant(_name: str) -> None:
    raise Malformed(Said("NaN and Infinity are not JSON"))


def _name(key: str) -> str:
    if not _is_unicode(key):
        raise Malformed(Said("a name holds a lone surrogate, which is not Unicode text"))
    return key


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
