"""What differs between two values, told without telling the values.

Text is compared by lines and, within changed lines, by words; JSON objects key by key; a StringList item by
item; anything else by its size and by where it first differs. Every piece keeps its octets in a `Secret`, for
who asks to see them, and a mask of constant length for who does not: neither the length nor the characters of
a piece show. Keys of JSON objects are taken for names and shown.
"""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from vault import json_text
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MASK: Final = "••••"
_WORDS: Final = re.compile(r"\w+|\s+|[^\w\s]+")
_MOST_PAIRS: Final = 250_000  # above, comparing takes long: the middle then counts as replaced whole


class Form(StrEnum):
    """How two values were compared."""

    TEXT = "text"
    JSON = "json"
    LIST = "list"
    BINARY = "binary"


class Kind(StrEnum):
    """What became of a row, or of a piece of it."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"  # of rows: it has removed or added pieces


class Segment(NamedTuple):
    """A piece of a row: the same in both values, or of one of them only."""

    kind: Kind  # never CHANGED
    text: Secret | None  # None for binary values
    masked: str


class Row(NamedTuple):
    """A line of text, a key of a JSON object, or an item of a list."""

    kind: Kind
    label: str  # the key, with dots between levels; "" for lines and items
    old_line: int | None  # 1-based, of items too; None for keys and where the old value has no such line
    new_line: int | None
    segments: tuple[Segment, ...]


class Comparison(NamedTuple):
    """Two values side by side. `wipe` it when it is no longer shown."""

    form: Form
    equal: bool  # octet for octet
    old_bytes: int
    new_bytes: int
    rows: tuple[Row, ...]
    differs_at: int | None = None  # of binary values: the first octet that differs, from 0

    def count(self, kind: Kind) -> int:
        """How many rows are of a kind."""
        return sum(row.kind is kind for row in self.rows)

    def wipe(self) -> None:
        """Zero every piece."""
        for row in self.rows:
            for segment in row.segments:
                if segment.text is not None:
                    segment.text.wipe()


def compare(old: Secret, new: Secret, *, lists: bool = False) -> Comparison:
    """Compare two values; never fails, whatever they hold.

    The pieces pass through `str`, which cannot be wiped; those in the result can.

    Args:
        old: the first value; it stays the caller's.
        new: the second one.
        lists: both are of the type StringList, items with commas between them.
    """
    form, rows = _rows(old, new, lists=lists)
    at = _first_difference(old, new) if form is Form.BINARY else None
    return Comparison(form, old == new, len(old), len(new), rows, at)


def _first_difference(old: Secret, new: Secret) -> int | None:
    if old == new:
        return None
    return _shared(old.reveal(), new.reveal())


def _rows(old: Secret, new: Secret, *, lists: bool) -> tuple[Form, tuple[Row, ...]]:
    before, after = _text(old), _text(new)
    if before is None or after is None:
        return Form.BINARY, (_binary(old, new),)
    if lists:
        return Form.LIST, tuple(_lines(before.split(","), after.split(",")))
    if old != new:
        fields = _fields(before), _fields(after)
        if fields[0] is not None and fields[1] is not None and fields[0] != fields[1]:
            return Form.JSON, tuple(_keys(fields[0], fields[1]))
    return Form.TEXT, tuple(_lines(before.split("\n"), after.split("\n")))


def _text(value: Secret) -> str | None:
    octets = value.reveal()
    if b"\0" in octets:
        return None
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _binary(old: Secret, new: Secret) -> Row:
    if old == new:
        return Row(Kind.SAME, "", None, None, (Segment(Kind.SAME, None, f"{len(old)} bytes"),))
    removed = Segment(Kind.REMOVED, None, f"{len(old)} bytes")
    added = Segment(Kind.ADDED, None, f"{len(new)} bytes")
    return Row(Kind.CHANGED, "", None, None, (removed, added))


# ---------------------------------------------------------------------------------------------------- JSON


def _fields(text: str) -> dict[tuple[str, ...], str] | None:
    """The leaves of a JSON object by their keys, each as JSON; None where `text` is no such object."""
    try:
        parsed = json_text.parsed(text, object_pairs_hook=_object, parse_float=_Number, parse_int=_Number)
        return dict(_leaves((), parsed)) if isinstance(parsed, dict) and parsed else None
    except ValueError:
        return None


class _Number(str):
    """A number as it was written: 1.0 and 1.00 differ."""

    __slots__ = ()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError  # a key that comes twice: only the text tells
    return made


def _leaves(path: tuple[str, ...], node: object) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict) and node:
        for key, child in node.items():
            yield from _leaves((*path, key), child)
    else:
        leaf = _json(node)
        "".join((*path, leaf)).encode(
            "utf-8"
        )  # raises on half a surrogate pair, which only the text can tell
        yield path, leaf


def _json(node: object) -> str:
    if isinstance(node, _Number):
        return str(node)
    if isinstance(node, list):
        return f"[{', '.join(map(_json, node))}]"
    if isinstance(node, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {_json(child)}' for key, child in node.items())}}}"
    return json.dumps(node, ensure_ascii=False)


def _keys(old: dict[tuple[str, ...], str], new: dict[tuple[str, ...], str]) -> Iterator[Row]:
    for key in dict.fromkeys((*old, *new)):
        label = ".".join(part if part.isprintable() else json.dumps(part)[1:-1] for part in key)
        if key not in new:
            yield Row(Kind.REMOVED, label, None, None, (_piece(Kind.REMOVED, old[key]),))
        elif key not in old:
            yield Row(Kind.ADDED, label, None, None, (_piece(Kind.ADDED, new[key]),))
        elif old[key] == new[key]:
            yield Row(Kind.SAME, label, None, None, (_piece(Kind.SAME, old[key]),))
        else:
            yield Row(Kind.CHANGED, label, None, None, _words(old[key], new[key]))


# ---------------------------------------------------------------------------------------------------- text


def _lines(old: list[str], new: list[str]) -> Iterator[Row]:
    for tag, i, i_end, j, j_end in _edits(old, new):
        if tag == "equal":
            for offset, line in enumerate(old[i:i_end]):
                yield Row(Kind.SAME, "", i + offset + 1, j + offset + 1, (_piece(Kind.SAME, line),))
            continue
        paired = min(i_end - i, j_end - j)
        for offset in range(paired):
            words = _words(old[i + offset], new[j + offset])
            yield Row(Kind.CHANGED, "", i + offset + 1, j + offset + 1, words)
        for at in range(i + paired, i_end):
            yield Row(Kind.REMOVED, "", at + 1, None, (_piece(Kind.REMOVED, old[at]),))
        for at in range(j + paired, j_end):
            yield Row(Kind.ADDED, "", None, at + 1, (_piece(Kind.ADDED, new[at]),))


def _words(old: str, new: str) -> tuple[Segment, ...]:
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    segments = []
    for tag, i, i_end, j, j_end in _edits(before, after):
        if tag == "equal":
            segments.append(_piece(Kind.SAME, "".join(before[i:i_end])))
            continue
        if i < i_end:
            segments.append(_piece(Kind.REMOVED, "".join(before[i:i_end])))
        if j < j_end:
            segments.append(_piece(Kind.ADDED, "".join(after[j:j_end])))
    return tuple(segments)


def _piece(kind: Kind, text: str) -> Segment:
    return Segment(kind, Secret.of_text(text), MASK if text else "")


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """`SequenceMatcher.get_opcodes`, but of bounded time: what both ends share is set aside first."""
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    old_end, new_end = len(old) - tail, len(new) - tail
    if head:
        yield "equal", 0, head, 0, head
    if (old_end - head) * (new_end - head) > _MOST_PAIRS:
        yield "replace", head, old_end, head, new_end
    elif old_end > head or new_end > head:
        matcher = SequenceMatcher(None, old[head:old_end], new[head:new_end], autojunk=False)
        for tag, i, i_end, j, j_end in matcher.get_opcodes():
            yield tag, i + head, i_end + head, j + head, j_end + head
    if tail:
        yield "equal", old_end, len(old), new_end, len(new)


def _shared(old: Sequence[object], new: Sequence[object]) -> int:
    """How many items both start with."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count
