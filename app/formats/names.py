"""Legal names for what other programs call things. Pure; only suggests, the import plan decides.

AWS allows letters, digits, and `_ . -` in a segment of a parameter's path, and no path whose first segment
begins with "aws" or "ssm" (SSM API, PutParameter, Name); a secret's name may have `+ = @ !` too.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from vault.records import Kind
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.formats.rows import Row

IMPORTED_NAME = "imported-name"  # the tag that keeps what a renamed entry was called

_LEGAL = {
    Kind.PARAMETER: re.compile(r"[A-Za-z0-9_.-]+"),
    Kind.SECRET: re.compile(r"[A-Za-z0-9_+=.@!-]+"),
}
_TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")  # AWS: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$
_LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 128, 256


def legal_name(text: str, *, kind: Kind = Kind.PARAMETER, first: bool = False) -> str:
    """The nearest legal segment: accents dropped, anything else illegal becomes one "-".

    Args:
        text: a name from a file.
        kind: secrets may have `+ = @ !` too.
        first: the segment will be the first of a whole path, where "aws" and "ssm" are reserved.
    """
    legal = text
    if not _LEGAL[kind].fullmatch(text):
        plain = unicodedata.normalize("NFKD", text)
        plain = "".join(one for one in plain if not unicodedata.combining(one))
        legal = re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-") or "unnamed"
    reserved = first and kind is Kind.PARAMETER and legal.lower().startswith(("aws", "ssm"))
    return f"x-{legal}" if reserved else legal


def legal_tag(text: str) -> str:
    """`text` as a tag key: what AWS does not allow becomes "-"; at most 128 characters, never empty."""
    legal = re.sub(r"[^\w .:/=+\-@]", "-", text)[:_LONGEST_TAG_KEY].strip()
    return f"x-{legal}" if legal.lower().startswith("aws:") else legal or "-"


def legal_rows(rows: Iterable[Row], *, at_root: bool = False, steps: Steps | None = None) -> list[Row]:
    """The rows with legal names; a renamed one keeps its old name in a tag, or in its description.

    Two names that would become one ("a b" and "a-b") stay two: the later is numbered, "a-b-2". A name that is
    legal already always keeps it. Versions of one entry stay together.

    Args:
        rows: as a reading has them.
        at_root: the import goes to "/", where the first segment may not begin with "aws" or "ssm".
        steps: are told of each name and folder, and of each row.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    given, counted = list(rows), steps or Steps()
    renaming = _Renaming(given, counted, at_root=at_root)
    counted.expect(len(given))
    return [_renamed(row, renaming.legal(row.parts)) for row in counted.each(given)]


class _Renaming:
    """New names for old ones, folder by folder, so that siblings stay apart."""

    def __init__(self, rows: list[Row], steps: Steps, *, at_root: bool) -> None:
        self._at_root = at_root
        self._of_parameters = {
            path for row in rows if row.kind is Kind.PARAMETER for path in _prefixes(row.parts)
        }
        self._names: dict[tuple[str, ...], str] = {}
        self._taken: dict[tuple[str, ...], dict[str, int]] = {}  # of a folder: names to the last number given
        prefixes = dict.fromkeys(path for row in rows for path in _prefixes(row.parts))
        steps.expect(len(prefixes))
        wanted = {path: self._wanted(path) for path in steps.each(prefixes)}
        for path in sorted(prefixes, key=lambda path: wanted[path] != path[-1]):  # legal ones first
            self._names[path] = self._free(path[:-1], wanted[path])

    def _wanted(self, path: tuple[str, ...]) -> str:
        """The legal name nearest to the last of `path`: by the parameters' rule if any is there or below."""
        kind = Kind.PARAMETER if path in self._of_parameters else Kind.SECRET
        return legal_name(path[-1], kind=kind, first=self._at_root and len(path) == 1)

    def _free(self, folder: tuple[str, ...], wanted: str) -> str:
        """`wanted`, numbered if a sibling has it."""
        taken = self._taken.setdefault(folder, {})
        name = wanted
        while name in taken:
            number = taken[wanted] = taken[wanted] + 1
            name = f"{wanted}-{number}"
        taken[name] = 1
        return name

    def legal(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The legal path for `parts`."""
        return tuple(self._names[path] for path in _prefixes(parts))


def _prefixes(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [parts[:depth] for depth in range(1, len(parts) + 1)]


def _renamed(row: Row, parts: tuple[str, ...]) -> Row:
    if parts == row.parts:
        return row
    old = row.name
    if len(old) <= _LONGEST_TAG_VALUE and _TAG_TEXT.fullmatch(old):
        return row._replace(parts=parts, tags={**row.tags, IMPORTED_NAME: old})
    description = f"{row.description} (imported as {old})" if row.description else f"Imported as {old}"
    return row._replace(parts=parts, description=description)
