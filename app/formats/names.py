"""Legal names for what other programs call things. Pure; only suggests, the import plan decides.

AWS allows letters, digits, and `_ . -` in a path segment (reference: SSM API, PutParameter, Name), and no
path whose first segment begins with "aws" or "ssm".
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.formats.rows import Row

IMPORTED_NAME = "imported-name"  # the tag that keeps what a renamed entry was called

_LEGAL = re.compile(r"[A-Za-z0-9_.-]+")
_TAG_TEXT = re.compile(r"[\w .:/=+\-@]*")  # AWS: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$
_LONGEST_TAG_KEY, _LONGEST_TAG_VALUE = 128, 256


def is_legal(text: str) -> bool:
    """Whether `text` can stand as one segment of a path."""
    return _LEGAL.fullmatch(text) is not None


def legal_name(text: str, *, first: bool = False) -> str:
    """The nearest legal segment: accents dropped, anything else illegal becomes one "-".

    Args:
        text: a name from a file.
        first: the segment will be the first of a whole path, where "aws" and "ssm" are reserved.
    """
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(one for one in plain if not unicodedata.combining(one))
    legal = text if is_legal(text) else re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-") or "unnamed"
    return f"x-{legal}" if first and legal.lower().startswith(("aws", "ssm")) else legal


def legal_tag(text: str) -> str:
    """`text` as a tag key: what AWS does not allow becomes "-"; at most 128 characters, never empty."""
    legal = re.sub(r"[^\w .:/=+\-@]", "-", text)[:_LONGEST_TAG_KEY].strip()
    return f"x-{legal}" if legal.lower().startswith("aws:") else legal or "-"


def legal_rows(rows: Iterable[Row], *, at_root: bool = False) -> list[Row]:
    """The rows with legal names; a renamed one keeps its old name in a tag, or in its description.

    Two names that would become one ("a b" and "a-b") stay two: the later is numbered, "a-b-2". A name that is
    legal already always keeps it. Versions of one entry stay together.

    Args:
        rows: as a reading has them.
        at_root: the import goes to "/", where the first segment may not begin with "aws" or "ssm".
    """
    given = list(rows)
    renaming = _Renaming(at_root=at_root)
    for row in given:
        renaming.reserve(row.parts)
    return [_renamed(row, renaming.legal(row.parts)) for row in given]


class _Renaming:
    """Old prefixes to new ones, folder by folder, so that siblings stay apart."""

    def __init__(self, *, at_root: bool) -> None:
        self._at_root = at_root
        self._new: dict[tuple[str, ...], tuple[str, ...]] = {(): ()}
        self._taken: dict[tuple[str, ...], dict[str, int]] = {}  # names to the last number given

    def reserve(self, parts: tuple[str, ...]) -> None:
        """Let a path keep its legal segments, as far as all above them are legal."""
        for depth, part in enumerate(parts, start=1):
            above = parts[: depth - 1]
            if parts[:depth] in self._new:
                continue
            if legal_name(part, first=self._at_root and depth == 1) != part:
                return
            self._new[parts[:depth]] = parts[:depth]
            self._taken.setdefault(above, {})[part] = 1

    def legal(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """The legal path for `parts`."""
        known = self._new.get(parts)
        if known is not None:
            return known
        above = self.legal(parts[:-1])
        wanted = name = legal_name(parts[-1], first=self._at_root and len(parts) == 1)
        taken = self._taken.setdefault(above, {})
        while name in taken:
            number = taken[wanted] = taken[wanted] + 1
            name = f"{wanted}-{number}"
        taken[name] = 1
        self._new[parts] = (*above, name)
        return self._new[parts]


def _renamed(row: Row, parts: tuple[str, ...]) -> Row:
    if parts == row.parts:
        return row
    old = row.name
    if len(old) <= _LONGEST_TAG_VALUE and _TAG_TEXT.fullmatch(old):
        return row._replace(parts=parts, tags={**row.tags, IMPORTED_NAME: old})
    description = f"{row.description} (imported as {old})" if row.description else f"Imported as {old}"
    return row._replace(parts=parts, description=description)
