"""What is wrong with the entries of a vault, and what mends it: rules over bare rows; no value is opened.

Every rule is a function of `Signs`; `findings` asks the vault for them once. What a person chose to ignore is
kept in the vault with a mark: it comes back when the finding says something else, such as of another version.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.environments import STAGES
from app.strength import WEAK_BITS
from vault import json_text
from vault.errors import NotFound, Refused
from vault.inheritance import Choice
from vault.paths import ROOT, Selector
from vault.policies import EXPIRATION, NO_CHANGE_NOTIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from app.rotation.schedule import Window
    from app.settings import Settings
    from vault.assessments import Plain, Shared, Signs
    from vault.expiring import Due
    from vault.paths import ParameterPath
    from vault.records import Rotation
    from vault.vault import Vault

FULL: Final = 90  # versions of the 100 that are kept
PRODUCTION: Final = frozenset({"prod", "production", "live"})
OWNER_TAGS: Final = frozenset({"owner", "team", "contact"})
OTHERS: Final = 3  # paths that a finding names besides its own
_IGNORED: Final = "health.ignored"


class Kind(StrEnum):
    """What can be wrong, the most urgent first."""

    EXPIRED = "expired"  # its Expiration is due, and it is still here
    PLAIN = "plain"  # a String that looks like a secret, by its name or its value
    ENVIRONMENTS = "environments"  # production has the value of another environment
    WEAK = "weak"  # fewer than 10^10 guesses
    EXPIRING = "expiring"  # its Expiration is near
    REUSED = "reused"  # another entry has the same value
    UNCHANGED = "unchanged"  # not changed for longer than its policy says, or its rotation is overdue
    FULL = "full"  # near the 100 versions that are kept
    OWNERLESS = "ownerless"  # it expires, and nobody is named who renews it


class Severity(StrEnum):
    """How much it matters."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


SEVERITIES: Final = {
    Kind.EXPIRED: Severity.HIGH,
    Kind.PLAIN: Severity.HIGH,
    Kind.ENVIRONMENTS: Severity.HIGH,
    Kind.WEAK: Severity.HIGH,
    Kind.EXPIRING: Severity.MEDIUM,
    Kind.REUSED: Severity.MEDIUM,
    Kind.UNCHANGED: Severity.MEDIUM,
    Kind.FULL: Severity.LOW,
    Kind.OWNERLESS: Severity.LOW,
}


class Mend(StrEnum):
    """What mends a finding: an action on its entry."""

    EDIT = "edit"  # another value
    ROTATE = "rotate"
    POLICIES = "policies"  # another Expiration
    SECURE = "secure"  # made again as a SecureString: AWS changes the type of no parameter
    LABELS = "show-versions"  # labels leave the oldest version
    NOTES = "show-notes"  # a tag names the owner


class Finding(NamedTuple):
    """One thing that is wrong with one entry."""

    kind: Kind
    entry_id: int
    path: ParameterPath
    mend: Mend
    mark: int = 0  # what it is about: a version's number, or a moment in ms; another mark is another finding
    due: datetime | None = None  # UTC; when it was or will be due
    number: int = 0  # bits, versions kept, or how many others have the value
    others: tuple[ParameterPath, ...] = ()  # up to three others that have the value
    word: str = (
        ""  # what the value looks like; a label on the oldest version; "rotation" where that is overdue
    )


class Report(NamedTuple):
    """How healthy a vault is."""

    findings: Mapping[Kind, Sequence[Finding]]  # in the order of `Kind`; kinds without any are left out
    ignored: Sequence[Finding]
    waiting: int  # values that were not examined yet
    outside: int  # values that are not examined: no enabled local key opens them

    @property
    def total(self) -> int:
        """How many findings there are; what is ignored does not count."""
        return sum(map(len, self.findings.values()))

    @property
    def all(self) -> list[Finding]:
        """All findings, the most urgent kinds first."""
        return [one for found in self.findings.values() for one in found]


def findings(vault: Vault, settings: Settings, now: datetime, within: ParameterPath = ROOT) -> Report:
    """Look at every live entry, or at those within a folder. Takes half a second for 100,000.

    Args:
        vault: opened; nothing is written to it.
        settings: `expiring_days` says what is near.
        now: UTC.
        within: an entry, or a folder with all below it.
    """
    signs, rotations = vault.assessments.signs(WEAK_BITS, FULL, within), vault.rotations.listed()
    rotating, near = {rotation.entry_id for rotation in rotations}, timedelta(days=settings.expiring_days)
    found = [*judged(signs, rotating, near, now), *overdue(_windows(vault, rotations, now), now)]
    ignored, left = _load(vault), []
    kept: dict[Kind, list[Finding]] = {}
    for one in found:
        if within not in (ROOT, one.path) and not one.path.is_below(within):
            continue
        if ignored.get((one.kind, one.entry_id)) == one.mark:
            left.append(one)
        else:
            kept.setdefault(one.kind, []).append(one)
    ordered = {kind: tuple(kept[kind]) for kind in Kind if kind in kept}
    return Report(ordered, tuple(left), signs.waiting, signs.outside)


def judged(signs: Signs, rotating: set[int], near: timedelta, now: datetime) -> Iterator[Finding]:
    """Apply the rules that need nothing but signs; pure.

    Args:
        signs: what is known of the entries.
        rotating: ids of the entries that rotate.
        near: how far ahead an Expiration is near.
        now: UTC.
    """
    yield from _of_policies(signs.due, rotating, near, now)
    for weak in signs.weak:
        mend = Mend.ROTATE if weak.entry_id in rotating else Mend.EDIT
        yield Finding(Kind.WEAK, weak.entry_id, weak.path, mend, weak.number, number=weak.bits)
    for _, group in groupby(signs.shared, key=lambda one: one.fingerprint):
        yield from of_one_value(tuple(group), rotating)
    for full in signs.full:
        word = full.held_by or ""
        yield Finding(Kind.FULL, full.entry_id, full.path, Mend.LABELS, number=full.kept, word=word)
    for plain in signs.plain:
        if (one := of_string(plain)) is not None:
            yield one


def _of_policies(
    dues: Iterable[Due], rotating: set[int], near: timedelta, now: datetime
) -> Iterator[Finding]:
    for due in dues:
        entry, mark = due.entry, int(due.due.timestamp() * 1000)
        rotates = entry.id in rotating
        if due.what == EXPIRATION:
            if due.due <= now + near:
                kind = Kind.EXPIRED if due.due <= now else Kind.EXPIRING
                mend = Mend.ROTATE if rotates and due.choice is Choice.ROTATE else Mend.POLICIES
                yield Finding(kind, entry.id, entry.path, mend, mark, due.due)
            if OWNER_TAGS.isdisjoint(tag.casefold() for tag in entry.tags):
                yield Finding(Kind.OWNERLESS, entry.id, entry.path, Mend.NOTES, due=due.due)
        elif due.what == NO_CHANGE_NOTIFICATION and due.due <= now:
            mend = Mend.ROTATE if rotates else Mend.EDIT
            yield Finding(Kind.UNCHANGED, entry.id, entry.path, mend, mark, due.due)


def overdue(windows: Iterable[tuple[Rotation, Window]], now: datetime) -> Iterator[Finding]:
    """Rotations whose window has passed."""
    for rotation, window in windows:
        if window.end <= now:
            mark = int(window.start.timestamp() * 1000)
            yield Finding(
                Kind.UNCHANGED, rotation.entry_id, rotation.path, Mend.ROTATE, mark, window.start,
                word="rotation",
            )  # fmt: skip


def _windows(vault: Vault, rotations: Iterable[Rotation], now: datetime) -> Iterator[tuple[Rotation, Window]]:
    """The first window since the value of an entry or its rules were made, of what may be overdue.

    Rules that AWS would not take have none.
    """
    from app.rotation import schedule

    for rotation in rotations:
        if rotation.next_at is None or rotation.next_at <= now:
            with suppress(NotFound, Refused):
                made = vault.entries.version(Selector(rotation.path)).created_at
                window = schedule.following(rotation.rules, max(made, rotation.changed_at))
                if window is not None:
                    yield rotation, window


def of_one_value(group: Sequence[Shared], rotating: Iterable[int] = ()) -> Iterator[Finding]:
    """What is wrong where several entries have one value.

    Entries whose paths differ in nothing but the names of stages are one thing in several environments: that
    production has the value of another is told of production. All else that has one value is reused.
    """
    places: dict[tuple[str, ...], list[tuple[Shared, frozenset[str]]]] = {}
    for one in group:
        place, stages = without_stages(one.path)
        places.setdefault(place, []).append((one, stages))
    crossing = False
    for held in places.values():
        others = [one.path for one, stages in held if stages.isdisjoint(PRODUCTION)]
        for one, stages in held:
            if others and not stages.isdisjoint(PRODUCTION):
                crossing = True
                yield _sharing(Kind.ENVIRONMENTS, one, others[:OTHERS], len(others), rotating)
    if len(places) > 1 or not crossing:
        few = group[: OTHERS + 1]
        for one in group:
            others = [other.path for other in few if other is not one][:OTHERS]
            yield _sharing(Kind.REUSED, one, others, len(group) - 1, rotating)


def without_stages(path: ParameterPath) -> tuple[tuple[str, ...], frozenset[str]]:
    """A path's segments with "" for each folder that is called as a stage, and what those are called."""
    *folders, name = path.segments
    stages = frozenset(lower for folder in folders if (lower := folder.lower()) in STAGES)
    return (*("" if folder.lower() in stages else folder for folder in folders), name), stages


def of_string(plain: Plain) -> Finding | None:
    """A String whose name says that it is a secret, or whose value looks like one."""
    from app.assessment import names_a_secret

    if not plain.looks and not names_a_secret(plain.path.name):
        return None
    return Finding(Kind.PLAIN, plain.entry_id, plain.path, Mend.SECURE, plain.number, word=plain.looks)


def _sharing(
    kind: Kind, one: Shared, others: Sequence[ParameterPath], number: int, rotating: Iterable[int]
) -> Finding:
    mend = Mend.ROTATE if one.entry_id in rotating else Mend.EDIT
    return Finding(kind, one.entry_id, one.path, mend, one.number, number=number, others=tuple(others))


def ignore(vault: Vault, one: Finding) -> None:
    """Do not tell a finding again until it says something else.

    Raises:
        Refused: too many are ignored already.
    """
    _save(vault, {**_load(vault), (one.kind, one.entry_id): one.mark})


def heed(vault: Vault, those: Iterable[Finding]) -> None:
    """Tell findings again that were ignored."""
    gone = {(one.kind, one.entry_id) for one in those}
    _save(vault, {key: mark for key, mark in _load(vault).items() if key not in gone})


def _load(vault: Vault) -> dict[tuple[Kind, int], int]:
    """What is ignored, by kind and entry; what does not read back as it was written counts as nothing."""
    text = vault.preferences.get(_IGNORED)
    try:
        found: Any = json_text.parsed(text) if text else {}
        return {
            (Kind(kind), int(entry_id)): int(mark)
            for kind, marks in found.items()
            for entry_id, mark in marks.items()
        }
    except (ValueError, TypeError, AttributeError, OverflowError):
        return {}


def _save(vault: Vault, ignored: Mapping[tuple[Kind, int], int]) -> None:
    marks: dict[str, dict[str, int]] = {}
    for (kind, entry_id), mark in ignored.items():
        marks.setdefault(kind.value, {})[str(entry_id)] = mark
    text = json.dumps(marks, separators=(",", ":")) if marks else None
    vault.preferences.set({_IGNORED: text})
