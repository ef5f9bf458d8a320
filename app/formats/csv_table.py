"""CSV files as tables: a head, and records with their line. Strict quoting; nothing about meaning here."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from app.errors import Malformed, WrongUsage
from app.formats import rows
from app.formats.text import decoded
from vault.errors import Said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.steps import Steps

_DELIMITERS = ",;\t|"


class Record(NamedTuple):
    """One line of the table (a quoted cell may span several of the file)."""

    cells: list[str]
    where: Said  # its line, where it begins


def records(octets: bytes, delimiter: str | None, steps: Steps) -> list[Record]:
    """All records but blank ones.

    Args:
        octets: the file.
        delimiter: one character; None takes the likeliest of comma, semicolon, tab and bar.
        steps: are told of each record.

    Raises:
        Malformed: not text, a quote that is not closed or followed by something else, or a cell
            of more than 131,072 characters.
        WrongUsage: the delimiter is not one character.
        Cancelled: whoever is told of `steps` stopped it.
    """
    text = decoded(octets)
    chosen = delimiter or likely_delimiter(text)
    if len(chosen) != 1 or chosen in '\r\n"':
        raise WrongUsage(Said("a CSV delimiter is one character, and neither a quote nor a line end"))
    with steps.at_most(text.count("\n") + text.count("\r") + 1):
        return list(steps.each(_records(text, chosen)))


def head(octets: bytes) -> list[str] | None:
    """The cells of the first record; None in a file without any.

    Raises:
        Malformed: not text, or no CSV up to there.
    """
    text = decoded(octets)
    first = next(_records(text, likely_delimiter(text)), None)
    return None if first is None else first.cells


def _records(text: str, delimiter: str) -> Iterator[Record]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error:
            cells = []
            line = -line
        if line < 0:
            raise Malformed(Said("this is not CSV: a quote is not closed, or a cell is too long"), -line)
        if cells is None:
            return
        if cells:
            yield Record(cells, rows.line(line))


def likely_delimiter(text: str) -> str:
    """The delimiter that occurs most in the first line; the comma where none does."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)
