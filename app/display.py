"""How times, sizes and tables are shown to a person; and how they are written for a program.

Pure: text in, text out. Nothing here reads the clock or knows a terminal.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from app.language import marked_plural, plural, tr

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, tzinfo

KIB = 1024
MINUTE = timedelta(minutes=1)
GAP = "  "
UNITS = (
    (timedelta(days=365), marked_plural("{n} year", "{n} years")),
    (timedelta(days=30), marked_plural("{n} month", "{n} months")),
    (timedelta(days=1), marked_plural("{n} day", "{n} days")),
    (timedelta(hours=1), marked_plural("{n} hour", "{n} hours")),
    (MINUTE, marked_plural("{n} minute", "{n} minutes")),
)
AHEAD = (
    marked_plural("in {n} year", "in {n} years"),
    marked_plural("in {n} month", "in {n} months"),
    marked_plural("in {n} day", "in {n} days"),
    marked_plural("in {n} hour", "in {n} hours"),
    marked_plural("in {n} minute", "in {n} minutes"),
)
AGO = (
    marked_plural("{n} year ago", "{n} years ago"),
    marked_plural("{n} month ago", "{n} months ago"),
    marked_plural("{n} day ago", "{n} days ago"),
    marked_plural("{n} hour ago", "{n} hours ago"),
    marked_plural("{n} minute ago", "{n} minutes ago"),
)


def printable(text: str) -> str:
    r"""`text` with every control, bidirectional and unassigned character written as an escape.

    A description may come from anybody's import file; it must not move the cursor, change the title
    of the terminal or turn the line around. Letters of all scripts stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        mark if mark.isprintable() else mark.encode("unicode_escape").decode("ascii") for mark in text
    )


def size(octets: int) -> str:
    """A size in bytes, as "412 B", "4.0 KiB" or "1.2 MiB"."""
    if octets < KIB:
        return f"{octets} B"
    amount = octets / KIB
    for unit in ("KiB", "MiB"):
        if amount < KIB:
            return f"{amount:.1f} {unit}"
        amount /= KIB
    return f"{amount:.1f} GiB"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun, as "1 entry" or "2,000 entries"."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {plural or noun + 's'}"


def moment(at: datetime | None, zone: tzinfo | None = None, *, seconds: bool = False) -> str:
    """A UTC moment in the user's zone (or in `zone`), as "2026-11-22 03:06"; "" for none."""
    if at is None:
        return ""
    return local(at, zone).strftime("%Y-%m-%d %H:%M:%S" if seconds else "%Y-%m-%d %H:%M")


def local(at: datetime, zone: tzinfo | None = None) -> datetime:
    """A UTC moment in the user's zone (or in `zone`); UTC where that has none for it, as late in 9999."""
    try:
        return at.astimezone(zone)
    except (OverflowError, ValueError, OSError):  # the last: Windows, after the year 3000
        return at


def iso(at: datetime | None) -> str | None:
    """A moment for a program: UTC, ISO 8601, milliseconds, as "2026-11-22T02:06:09.000Z"."""
    if at is None:
        return None
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def span(length: timedelta) -> str:
    """A length of time in its largest fitting unit, rounded down, as "3 days"; "moments" below a minute.

    A minute of grace: what was set to 30 days a moment ago is 30 days, not 29.
    """
    found = _largest(length)
    return plural(*UNITS[found[0]][1], found[1]) if found else tr("moments")


def relative(at: datetime, now: datetime) -> str:
    """How far a moment is from `now`, as "in 3 days" or "2 hours ago"."""
    found = _largest(at - now)
    if at > now:
        return plural(*AHEAD[found[0]], found[1]) if found else tr("in moments")
    return plural(*AGO[found[0]], found[1]) if found else tr("moments ago")


def _largest(length: timedelta) -> tuple[int, int] | None:
    """The row of the largest unit of `UNITS` that fits, and how often it does; None below a minute."""
    length = abs(length)
    if length >= timedelta(minutes=2):
        length += MINUTE
    return next(((row, length // unit) for row, (unit, _) in enumerate(UNITS) if length >= unit), None)


def width(text: str) -> int:
    """The columns that `text` takes on a terminal: wide East Asian characters take two, marks none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(mark) else 1 + (east_asian_width(mark) in "WF") for mark in text)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[int] = (), *, indent: str = ""
) -> str:
    """Columns under their headings, as wide as they need; made printable; "" when there are no rows.

    Args:
        headings: one title a column.
        rows: as many texts each as there are headings.
        right: the numbers of the columns, from 0, that are aligned to the right.
        indent: put before every line.
    """
    cells = [[printable(text) for text in row] for row in rows]
    if not cells:
        return ""
    cells.insert(0, list(headings))
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        padded = [
            " " * (space - width(text)) + text if number in right else text + " " * (space - width(text))
            for number, (text, space) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append((indent + GAP.join(padded)).rstrip())
    return "\n".join(lines)


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Lines of "name  value" with the values under each other; pairs with an empty value are left out."""
    shown = [(name, printable(text)) for name, text in pairs if text]
    space = max((width(name) for name, _ in shown), default=0)
    return "\n".join(f"{name}{' ' * (space - width(name))}{GAP}{text}" for name, text in shown)
