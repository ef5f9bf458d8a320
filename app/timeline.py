"""A year of what policies and rotations bring, in lanes of folders and in days. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from app.display import local
from app.language import marked_plural, plural, tr
from vault.policies import EXPIRATION, EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime, tzinfo

    from vault.expiring import Due
    from vault.paths import ParameterPath
    from vault.records import Rotation

YEAR: Final = 365  # days that are shown
LANES: Final = 40  # folders with a lane of their own
OVERDUE: Final = -1  # the day of all that was due before today
ROTATION: Final = "Rotation"
KINDS: Final = {
    EXPIRATION: marked_plural("{n} expiration", "{n} expirations"),
    NO_CHANGE_NOTIFICATION: marked_plural("{n} reminder", "{n} reminders"),
    EXPIRATION_NOTIFICATION: marked_plural("{n} warning", "{n} warnings"),
    ROTATION: marked_plural("{n} rotation", "{n} rotations"),
}
"""What can be due, the most urgent first, and how it is counted."""


class Mark(NamedTuple):
    """One thing that is due."""

    at: datetime  # UTC
    what: str  # a key of `KINDS`
    path: ParameterPath


class Day(NamedTuple):
    """What is due in one lane on one day."""

    number: int  # 0 is today; `OVERDUE` for what was due before
    marks: tuple[Mark, ...]  # the earliest first
    counts: Mapping[str, int]  # how many of each kind


class Lane(NamedTuple):
    """One folder, or all that have no lane of their own."""

    folder: ParameterPath | None  # None: the others
    folders: int  # how many folders that are
    days: tuple[Day, ...]  # ascending


def marks_of(dues: Iterable[Due], rotations: Iterable[Rotation]) -> list[Mark]:
    """What policies say, and when rotations are due; in no order."""
    found = [Mark(due.due, due.what, due.entry.path) for due in dues]
    found += [Mark(one.next_at, ROTATION, one.path) for one in rotations if one.next_at is not None]
    return found


def lanes(
    marks: Iterable[Mark], now: datetime, zone: tzinfo | None = None, most: int = LANES
) -> tuple[Lane, ...]:
    """The marks of a year from today, a lane for each folder, in path order.

    Args:
        marks: what is due.
        now: UTC.
        zone: whose days; None: the user's.
        most: folders with a lane of their own, those with most marks; the others share the last lane.
    """
    today = now.astimezone(zone).date()
    folders: dict[ParameterPath, dict[int, list[Mark]]] = {}
    for mark in sorted(marks):
        number = max(OVERDUE, (local(mark.at, zone).date() - today).days)
        if number <= YEAR:
            folders.setdefault(mark.path.parent, {}).setdefault(number, []).append(mark)
    ranked = sorted(folders, key=lambda folder: (-sum(map(len, folders[folder].values())), folder))
    own, rest = sorted(ranked[:most]), ranked[most:]
    made = [Lane(folder, 1, _days(folders[folder])) for folder in own]
    if rest:
        together: dict[int, list[Mark]] = {}
        for folder in rest:
            for number, held in folders[folder].items():
                together.setdefault(number, []).extend(held)
        made.append(Lane(None, len(rest), _days(together)))
    return tuple(made)


def counted(days: Iterable[Day]) -> str:
    """How many of each kind, in words: "2 expirations, 1 rotation"; "" for none."""
    counts: Counter[str] = Counter()
    for day in days:
        counts.update(day.counts)
    return ", ".join(plural(*KINDS[what], counts[what]) for what in KINDS if counts[what])


def titled(lane: Lane) -> str:
    """What a lane is called."""
    if lane.folder is None:
        return plural("{n} more folder", "{n} more folders", lane.folders)
    return str(lane.folder) if lane.folder != "/" else tr("All entries")


def _days(held: dict[int, list[Mark]]) -> tuple[Day, ...]:
    return tuple(
        Day(number, tuple(sorted(marks)), Counter(mark.what for mark in marks))
        for number, marks in sorted(held.items())
    )
