"""Fields: what a value is made of, the keys of a JSON object or the items of a StringList; and the way back.

Nothing is lost on the way: keys keep their order, numbers their digits, and what is nested stays JSON text.
A key that is there twice is refused, since readers of JSON do not agree on which one holds.
"""

from __future__ import annotations

import json
import re
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.language import marked, tr
from vault import json_text
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST: Final = 100  # fields that are worth a row each; more are text
HEX_LINE: Final = 16  # octets, where there is room
HEX_PAGE: Final = 4096  # octets
NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)

_SPACE = re.compile(r"[ \t\n\r]*")
_INDENT = re.compile(r"\s*\{[ \t]*\r?\n([ \t]+)")
_UNSHOWN = re.compile(rb"[^\x20-\x7e]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Form(Enum):
    """How a value is best shown."""

    TEXT = auto()
    OBJECT = auto()  # a JSON object of 1 to `MOST` keys
    LIST = auto()  # a StringList of 1 to `MOST` items
    BINARY = auto()  # not UTF-8, or with controls that are no line ends


class Kind(Enum):
    """What a field of a JSON object holds."""

    TEXT = marked("Text")
    NUMBER = marked("Number")
    TRUTH = marked("True or false")
    NULL = marked("Null")
    JSON = marked("JSON")


class Field(NamedTuple):
    """One key of an object, or one item of a list. Wipe `value` when done."""

    name: str  # the key; of an item its number, from 1
    kind: Kind
    value: Secret  # of a text its characters, of all else its JSON


class BadJson(ValueError):
    """A text is no JSON, or no object that can be shown as fields.

    Attributes:
        line, column: where, from 1.
        reason: why, in words; it never quotes the text.
    """

    def __init__(self, line: int, column: int, reason: str) -> None:
        super().__init__(
            tr("line {line}, column {column}: {reason}", line=line, column=column, reason=reason)
        )
        self.line, self.column, self.reason = line, column, reason


class BadField(ValueError):
    """A field cannot be written: its name is empty or taken, or its text is not of its kind.

    Attributes:
        index: which one, from 0.
    """

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(reason)
        self.index = index


def read(value: Secret, value_type: ValueType) -> tuple[Form, list[Field]]:
    """The form of a value, and its fields where it has any; they are the caller's to wipe."""
    try:
        text = value.reveal_text()
    except UnicodeDecodeError:
        return Form.BINARY, []
    if _CONTROL.search(text):
        return Form.BINARY, []
    if value_type is ValueType.STRING_LIST:
        items = read_list(text)
        return (Form.LIST, items) if len(items) <= MOST else (Form.TEXT, [])
    try:
        fields = read_object(text)
    except BadJson:
        return Form.TEXT, []
    return (Form.OBJECT, fields) if 0 < len(fields) <= MOST else (Form.TEXT, [])


def one(value: Secret, value_type: ValueType, name: str) -> Secret | None:
    """The value of a single field; None if there is none of that name. All others are wiped."""
    found = None
    for field in read(value, value_type)[1]:
        if field.name == name:
            found = field.value
        else:
            field.value.wipe()
    return found


# ---------------------------------------------------------------------------------------------------- JSON


def problem(text: str) -> BadJson | None:
    """What keeps a text from being one JSON document without double keys; None: nothing."""
    at = _skip(text, 0)
    try:
        if text[at : at + 1] == "{":
            for _ in _members(text):
                pass
            return None
        _check_depth(text)
        _, end = _value_at(text, at)
        if _skip(text, end) != len(text):
            return _bad(text, _skip(text, end), tr("something follows after the end"))
    except BadJson as bad:
        return bad
    return None


def read_object(text: str) -> list[Field]:
    """The fields of a JSON object, in order.

    Raises:
        BadJson: it is none, or a key is empty, double, or not Unicode text.
    """
    fields: list[Field] = []
    for name, at, start, end in _members(text):
        if not name or not _is_unicode(name):
            raise _bad(text, at, tr("a key is empty or not Unicode text"))
        fields.append(_field(name, text[start:end]))
    return fields


def written(fields: Sequence[Field], like: str = "") -> Secret:
    """The JSON object of some fields, laid out as `like` is: on one line, or indented.

    Raises:
        BadField: see there.
    """
    names: set[str] = set()
    for index, field in enumerate(fields):
        if not field.name:
            raise BadField(index, tr("A key has no name."))
        if field.name in names:
            raise BadField(index, tr("The key {name} is there twice.", name=field.name))
        names.add(field.name)
    members = [f"{_quoted(field.name)}: {_as_json(index, field)}" for index, field in enumerate(fields)]
    found = _INDENT.match(like)
    if found and members:
        inner = f",\n{found[1]}".join(members)
        return Secret.of_text(f"{{\n{found[1]}{inner}\n}}")
    return Secret.of_text("{" + ", ".join(members) + "}")


def _field(name: str, source: str) -> Field:
    if source[0] == '"':
        characters = json_text.parsed(source)
        if _is_unicode(characters) and not _CONTROL.search(characters) and "\r" not in characters:
            return Field(name, Kind.TEXT, Secret.of_text(characters))
        kind = Kind.JSON  # only its escapes can be typed
    elif source[0] in "{[":
        kind = Kind.JSON
    else:
        kind = {"true": Kind.TRUTH, "false": Kind.TRUTH, "null": Kind.NULL}.get(source, Kind.NUMBER)
    return Field(name, kind, Secret.of_text(source))


def _as_json(index: int, field: Field) -> str:
    text = field.value.reveal_text()
    if field.kind is Kind.TEXT:
        return _quoted(text)
    text = text.strip(" \t\r\n")
    said = {
        Kind.NUMBER: tr("{name} is not a number as JSON writes it.", name=field.name),
        Kind.TRUTH: tr("{name} is neither true nor false.", name=field.name),
        Kind.NULL: tr("{name} is not null.", name=field.name),
        Kind.JSON: tr("{name} is not JSON: {problem}.", name=field.name, problem=problem(text)),
    }
    if not _fits(field.kind, text):
        raise BadField(index, said[field.kind])
    return text


def _fits(kind: Kind, text: str) -> bool:
    if kind is Kind.NUMBER:
        return bool(NUMBER.fullmatch(text))
    if kind is Kind.JSON:
        return problem(text) is None
    return text in (("true", "false") if kind is Kind.TRUTH else ("null",))


def _members(text: str) -> Iterator[tuple[str, int, int, int]]:
    """Every key, where it stands, and where its value begins and ends."""
    names: set[str] = set()
    _check_depth(text)
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        raise _bad(text, at, tr("an object begins with a brace"))
    at = _skip(text, at + 1)
    more = text[at : at + 1] != "}"
    while more:
        key = at
        if text[at : at + 1] != '"':
            raise _bad(text, at, tr("a key in double quotes is missing"))
        name, at = _value_at(text, at)
        if name in names:
            raise _bad(text, key, tr("a key is there twice"))
        names.add(name)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise _bad(text, at, tr("a colon is missing after a key"))
        start = _skip(text, at + 1)
        _, end = _value_at(text, start)
        yield name, key, start, end
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        if more:
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "}":
            raise _bad(text, at, tr("a comma or a closing brace is missing"))
    if _skip(text, at + 1) != len(text):
        raise _bad(text, _skip(text, at + 1), tr("something follows after the end"))


def _check_depth(text: str) -> None:
    try:
        json_text.check_depth(text)
    except json_text.TooDeep as error:
        raise _bad(text, error.at, tr("it is nested too deeply")) from None


def _value_at(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise _bad(text, error.pos, _reason(error.msg)) from None
    except _Odd as odd:
        raise _bad(text, at, tr(str(odd))) from None


class _Odd(ValueError):
    """What Python's reader takes and we do not."""


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise _Odd(marked("a key in it is there twice"))


def _no_number(_name: str) -> None:
    raise _Odd(marked("NaN and Infinity are not JSON"))


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=_no_number
)
_REASONS: Final = {
    "Expecting ',' delimiter": marked("a comma or a closing brace is missing"),
    "Expecting ':' delimiter": marked("a colon is missing after a key"),
    "Expecting property name": marked("a key in double quotes is missing"),
    "Expecting value": marked("a value is missing"),
    "Illegal trailing comma": marked("a comma stands before the end"),
    "Unterminated string": marked("a text is not closed"),
    "Invalid control character": marked("a line end or a control in a text must be written as an escape"),
    "Invalid \\": marked("this is no escape that JSON knows"),
}


def _reason(message: str) -> str:
    said = next((text for start, text in _REASONS.items() if message.startswith(start)), None)
    return tr(said) if said else tr("this is not JSON")


def _bad(text: str, at: int, reason: str) -> BadJson:
    line = text.count("\n", 0, at) + 1
    return BadJson(line, at - text.rfind("\n", 0, at), reason)


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= mark <= "\udfff" for mark in text)


# ---------------------------------------------------------------------------------------- lists and octets


def read_list(text: str) -> list[Field]:
    """The items of a StringList, numbered from 1; its commas cannot be escaped."""
    return [
        Field(str(number), Kind.TEXT, Secret.of_text(item)) for number, item in enumerate(text.split(","), 1)
    ]


def joined(fields: Sequence[Field]) -> Secret:
    """The StringList of some items.

    Raises:
        BadField: an item has a comma.
    """
    for index, field in enumerate(fields):
        if b"," in field.value.reveal():
            raise BadField(
                index, tr("Item {number} has a comma; AWS would read two items.", number=index + 1)
            )
    return Secret(b",".join(field.value.reveal() for field in fields))


def hex_dump(value: Secret, page: int = 0, wide: int = HEX_LINE) -> str:
    """A page of `HEX_PAGE` octets as lines of offset, hexadecimal and ASCII; `page` counts from 0."""
    octets = value.reveal()
    lines = []
    for at in range(page * HEX_PAGE, min(len(octets), (page + 1) * HEX_PAGE), wide):
        line = octets[at : at + wide]
        shown = _UNSHOWN.sub(b".", line).decode("ascii")
        lines.append(f"{at:06x}  {line.hex(' '):<{3 * wide - 1}}  {shown}")
    return "\n".join(lines)


def hex_pages(octets: int) -> int:
    """How many pages `hex_dump` has for so many octets; at least 1."""
    return max(1, -(-octets // HEX_PAGE))
