"""`.env` files, read by python-dotenv's parser; `${NAME}` stays as written.

One thing is ours: values in backticks, which Node's dotenv knows and python-dotenv does not.
A line that is no assignment is refused by its number alone: its text may be a piece of a secret.
"""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING

from dotenv.parser import Binding, Original, Reader, parse_binding

from app.formats.flat import INTERPOLATION, REFERENCE, VARIABLE, flattened, variable_text
from app.formats.rows import Gathering, Options, Packing, Reading, Row, Written, line
from app.formats.text import decoded
from vault.errors import Said
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.steps import Steps

_BACKTICKED = re.compile(
    r"\s*(?:export[^\S\n]+)?([^=\#\s'\"`]+)[^\S\n]*=[^\S\n]*`([^`]*)`[^\S\n]*(?:\#[^\n]*)?(?:\n|$)"
)
_EXPORT = re.compile(r"\s*(?:export\s+)?")
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_NO_NAME = Said(
    "what stands before '=' is not the name of a variable: a letter or _, then letters, digits, _ . or -"
)
# python-dotenv looks for a comment in an unquoted value with an expression that takes quadratic time over
# blanks: a hostile line could hang it.
_BARE = re.compile(r"\s*(?:export[^\S\n]+)?[^=\#\s]+[^\S\n]*=[^\S\n]*[^'\"\s][^\n]*\n?")
_MANY_BLANKS = re.compile(r"[^\S\n]{200}")


def read(octets: bytes, _options: Options, steps: Steps) -> Reading:
    """Rows of a `.env` file, one level, names as written. A name set twice counts once: the last.

    Raises:
        Malformed: not UTF-8 or UTF-16 text, or larger than 64 MiB.
        Cancelled: whoever is told of `steps` stopped it.
    """
    gathering = Gathering(last_wins=True)
    text = decoded(octets).replace("\r\n", "\n").replace("\r", "\n")
    with steps.at_most(text.count("\n") + 1):
        _read(Reader(StringIO(text)), gathering, steps)
    return gathering.reading()


def _read(reader: Reader, gathering: Gathering, steps: Steps) -> None:
    """Take every assignment that is there, and each comment: a step each."""
    while reader.has_next():
        steps.take()
        backticked = _BACKTICKED.match(reader.string, reader.position.chars)
        bare = _BARE.match(reader.string, reader.position.chars)
        if backticked:
            _take(_passed(reader, backticked, backticked[1], backticked[2]), gathering)
        elif bare and _MANY_BLANKS.search(bare.group()):
            where = line(_line_of(_passed(reader, bare, None, None).original))
            gathering.refuse(where, "", Said("it holds more than 200 blanks in a row outside of quotes"))
        else:
            _take(parse_binding(reader), gathering)


def _passed(reader: Reader, match: re.Match[str], name: str | None, value: str | None) -> Binding:
    """A binding that we found ourselves; the reader goes on behind it."""
    reader.set_mark()
    reader.position.advance(match.group())
    return Binding(name, value, reader.get_marked(), error=False)


def _take(binding: Binding, gathering: Gathering) -> None:
    where = line(_line_of(binding.original))
    if binding.error or (binding.key is not None and binding.value is None):
        gathering.refuse(where, "", _fault(binding.original.string))
    elif binding.key is not None and not VARIABLE.fullmatch(binding.key):
        gathering.refuse(where, "", _NO_NAME)
    elif binding.key is not None:
        value = binding.value or ""
        if REFERENCE.search(value):
            gathering.note(INTERPOLATION)
        gathering.take(Row((binding.key,), Secret.of_text(value), where=where))


def _fault(assignment: str) -> Said:
    """What is wrong with an assignment that python-dotenv does not take; its text is not repeated."""
    name, equals, value = _EXPORT.sub("", assignment, count=1).partition("=")
    if not equals:
        return Said("it has no '=' between a name and a value")
    if not VARIABLE.fullmatch(name.strip()):
        return _NO_NAME
    value = value.lstrip()
    if value[:1] in ("'", '"') and value[0] not in _ESCAPED.sub("", value[1:]):
        return Said("the quote before its value is not closed")
    return Said("something other than a comment follows its value: put all of it into quotes")


def _line_of(original: Original) -> int:
    """The line of the assignment itself: the parser counts blank lines before it as its own."""
    leading = original.string[: len(original.string) - len(original.string.lstrip())]
    return original.line + leading.count("\n")


_PLAIN = re.compile(r"[A-Za-z0-9_./:@%+,=-]*", re.ASCII)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\r": "\\r"}


def write(rows: tuple[Row, ...], options: Options) -> Written:
    r"""A `.env` file that python-dotenv, with interpolation off, reads back to the same octets.

    Values are bare where nothing needs a quote, else in single quotes; in double quotes with `\\`, `\"` and
    `\r` escaped where they hold a single quote, a backslash or a carriage return.
    """
    packing = Packing()
    lines: dict[str, str] = {}
    for row in packing.latest(rows):
        name = flattened(row, options, packing)
        text = variable_text(row, packing) if name is not None else None
        if name is None or text is None:
            continue
        if name in lines:
            packing.refuse(row, Said("another row has the same name once joined"))
            continue
        lines[name] = f"{name}={_value(text)}\n"
    return Written("".join(lines.values()).encode("utf-8"), tuple(packing.refused))


def _value(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    if not re.search(r"['\\\r]", text):
        return f"'{text}'"
    return '"' + "".join(_ESCAPES.get(one, one) for one in text) + '"'
