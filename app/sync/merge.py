"""Merging two values that are JSON objects, key by key, with what both grew from. Pure.

Numbers stay as they were written. Only text passes through here that cannot be wiped; what comes out can.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.language import marked
from vault import json_text
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_INDENT: Final = re.compile(r"\n([ \t]+)\"")


class Side(StrEnum):
    """Whose key is taken."""

    MINE = "mine"
    THEIRS = "theirs"


class Verdict(StrEnum):
    """Who changed a key since the base."""

    SAME = "same"
    MINE = marked("changed here")
    THEIRS = marked("changed there")
    ALIKE = marked("changed alike")
    TORN = marked("both changed it")


class Key(NamedTuple):
    """One key of the objects, or one key of an object inside. Wipe its values when done."""

    path: tuple[str, ...]
    verdict: Verdict
    base: Secret | None  # as JSON text; None where the key is not there
    mine: Secret | None
    theirs: Secret | None

    @property
    def label(self) -> str:
        """The key, with dots between levels."""
        return ".".join(part if part.isprintable() else json.dumps(part)[1:-1] for part in self.path)

    @property
    def side(self) -> Side | None:
        """Whose is taken where nobody decides otherwise; None for what both changed, and not alike."""
        if self.verdict is Verdict.TORN:
            return None
        return Side.THEIRS if self.verdict is Verdict.THEIRS else Side.MINE

    def wipe(self) -> None:
        """Zero the three values."""
        for value in (self.base, self.mine, self.theirs):
            if value is not None:
                value.wipe()


class _Number:
    """A number as it was written: 1.0 and 1.00 differ."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Number) and self.text == other.text

    __hash__ = None  # type: ignore[assignment]


class _Nothing:
    """Where a key is not there."""


_NOTHING: Final = _Nothing()


def keys_of(base: Secret | None, mine: Secret, theirs: Secret) -> tuple[Key, ...] | None:
    """Every key of three JSON objects, in the order of mine, then of theirs.

    Args:
        base: what both grew from; None where there was nothing, and it is taken for an empty object
            if it is no object.
        mine: here.
        theirs: there.

    Returns:
        None where mine or theirs is no JSON object, or one that only its text tells (a key that comes twice).
    """
    try:
        trees = _parsed(base), _parsed(mine), _parsed(theirs)
        if not isinstance(trees[1], dict) or not isinstance(trees[2], dict):
            return None
        return tuple(_rows((), *trees))
    except ValueError:
        return None


def merged(base: Secret | None, mine: Secret, theirs: Secret, take: Mapping[tuple[str, ...], Side]) -> Secret:
    """One JSON object made of both, laid out as mine is.

    Args:
        base: as `keys_of`.
        mine: as `keys_of`.
        theirs: as `keys_of`.
        take: whose key is taken, by path; a key that both changed needs an answer.

    Raises:
        ValueError: mine or theirs is no JSON object, or a key waits for an answer.
    """
    made = _taken((), _parsed(base), _parsed(mine), _parsed(theirs), take)
    text = mine.reveal_text()
    indent = found[1] if (found := _INDENT.search(text)) else None
    compact = indent is None and '": ' not in text
    body = _written(made, indent, "\n", compact=compact, ascii_only="\\u" in text)
    return Secret.of_text(body + ("\n" if text.endswith("\n") else ""))


def _parsed(value: Secret | None) -> Any:  # noqa: ANN401  # JSON
    if value is None:
        return _NOTHING
    text = value.reveal_text()
    made = json_text.parsed(
        text,
        object_pairs_hook=_object,
        parse_int=_Number,
        parse_float=_Number,
        parse_constant=_refuse,
    )
    _written(made, None, "", compact=True, ascii_only=False).encode("utf-8")  # half a surrogate pair raises
    return made


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        msg = "a key comes twice"
        raise ValueError(msg)
    return made


def _refuse(_: str) -> object:
    msg = "this is no JSON"
    raise ValueError(msg)


def _rows(path: tuple[str, ...], base: Any, mine: Any, theirs: Any) -> Iterator[Key]:  # noqa: ANN401
    for key in _names(mine, theirs, base):
        old, my, their = (_member(tree, key) for tree in (base, mine, theirs))
        here = (*path, key)
        if isinstance(my, dict) and isinstance(their, dict) and (my or their):
            yield from _rows(here, old, my, their)
        elif not (my is _NOTHING and their is _NOTHING and old is _NOTHING):
            yield Key(here, _verdict(old, my, their), _secret(old), _secret(my), _secret(their))


def _taken(
    path: tuple[str, ...],
    base: Any,  # noqa: ANN401
    mine: Any,  # noqa: ANN401
    theirs: Any,  # noqa: ANN401
    take: Mapping[tuple[str, ...], Side],
) -> dict[str, Any]:
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        msg = "only JSON objects are merged key by key"
        raise ValueError(msg)  # noqa: TRY004  # it is the value of an entry that is wrong
    made = {}
    for key in _names(mine, theirs, base):
        old, my, their = (_member(tree, key) for tree in (base, mine, theirs))
        here = (*path, key)
        if isinstance(my, dict) and isinstance(their, dict) and (my or their):
            made[key] = _taken(here, old, my, their, take)
            continue
        side = take.get(here) or Key(here, _verdict(old, my, their), None, None, None).side
        if side is None:
            msg = f"whose {here[-1]!r} is taken waits for an answer"
            raise ValueError(msg)
        chosen = my if side is Side.MINE else their
        if chosen is not _NOTHING:
            made[key] = chosen
    return made


def _names(mine: dict[str, Any], theirs: dict[str, Any], base: Any) -> list[str]:  # noqa: ANN401
    return list(dict.fromkeys((*mine, *theirs, *(base if isinstance(base, dict) else ()))))


def _member(tree: Any, key: str) -> Any:  # noqa: ANN401
    return tree.get(key, _NOTHING) if isinstance(tree, dict) else _NOTHING


def _verdict(base: object, mine: object, theirs: object) -> Verdict:
    if mine == theirs:
        return Verdict.SAME if mine == base else Verdict.ALIKE
    if theirs == base:
        return Verdict.MINE
    return Verdict.THEIRS if mine == base else Verdict.TORN


def _secret(node: object) -> Secret | None:
    if node is _NOTHING:
        return None
    return Secret.of_text(_written(node, None, "", compact=False, ascii_only=False))


def _written(node: Any, indent: str | None, line: str, *, compact: bool, ascii_only: bool) -> str:  # noqa: ANN401
    if isinstance(node, _Number):
        return node.text
    inner = line + (indent or "")
    if isinstance(node, dict):
        colon = ":" if compact else ": "
        parts = [
            f"{json.dumps(key, ensure_ascii=ascii_only)}{colon}"
            f"{_written(child, indent, inner, compact=compact, ascii_only=ascii_only)}"
            for key, child in node.items()
        ]
        return _joined("{", parts, "}", indent, line, compact=compact)
    if isinstance(node, list):
        parts = [_written(child, indent, inner, compact=compact, ascii_only=ascii_only) for child in node]
        return _joined("[", parts, "]", indent, line, compact=compact)
    return json.dumps(node, ensure_ascii=ascii_only)


def _joined(
    opens: str, parts: list[str], closes: str, indent: str | None, line: str, *, compact: bool
) -> str:
    if not parts:
        return opens + closes
    if indent is not None:
        return f"{opens}{line}{indent}" + f",{line}{indent}".join(parts) + f"{line}{closes}"
    return opens + ("," if compact else ", ").join(parts) + closes
