"""Which rotations are due: by their schedules, after a failure, after an expiry, and after a grace time.

Nothing is rotated here. The last rotation of an entry is the newest of: its current version, whoever put it;
the end of its last run, rolled back or not; the change of its setting. The window after that is the one in
question.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from app.rotation import schedule
from vault.errors import NotFound, Refused
from vault.inheritance import Choice
from vault.paths import Selector
from vault.policies import EXPIRATION
from vault.records import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.rotation.schedule import Window
    from vault.records import Rotation, RotationRules, RotationRun, Version
    from vault.vault import Vault

MAX_JITTER: Final = timedelta(minutes=15)
RETRIES: Final = (timedelta(minutes=5), timedelta(minutes=20), timedelta(minutes=80))
"""After the beginning of a run: 5 minutes, then 15 more, then an hour more."""
SILENCE: Final = timedelta(minutes=5)
"""A run that says neither that it goes on nor that it stopped was killed, or will tell."""
CLOCK_SLACK: Final = timedelta(days=1)
"""A moment later than this from now was written by a clock that was wrong."""


class Reason(StrEnum):
    """Why something is to be done about a rotation."""

    DUE = "due"  # its window is open
    MISSED = "missed"  # its window has passed
    RETRY = "retry"  # a run of the schedule stopped, and is to be resumed
    EXPIRED = "expired"  # its value has expired, and is to be rotated then
    FOLLOW = "follow"  # the grace time of the old credential is over


class Due(NamedTuple):
    """One thing to do about an entry's rotation; an entry has one at a time."""

    rotation: Rotation
    window: Window | None  # None where no schedule is set
    reason: Reason
    at: datetime  # UTC; since when


class _Facts(NamedTuple):
    """What is known of an entry's rotations."""

    rotation: Rotation
    current: Version | None  # None for a secret without a value
    open: RotationRun | None
    ended: RotationRun | None  # the last one that did
    follow_at: datetime | None  # UTC; end of a grace time
    expired_at: datetime | None  # UTC; where it is to be rotated then

    @property
    def rotated(self) -> list[datetime]:
        """When it was rotated, before the open run."""
        found = [self.ended.ended_at] if self.ended and self.ended.ended_at else []
        if self.current and not (self.open and self.current.number == self.open.pending):
            found.append(self.current.created_at)
        return found


def due(vault: Vault, now: datetime) -> list[Due]:
    """What is due, that which waits longest first; and the next window of each entry is written down.

    An entry whose rules AWS would not take has no window here; `next_of` tells why.

    Args:
        vault: the vault.
        now: UTC.
    """
    follow, expired, found = _follow_ups(vault), _expired(vault), []
    for rotation in vault.rotations.listed():
        entry_id = rotation.entry_id
        with suppress(NotFound):  # it was removed a moment ago
            facts = _facts(vault, rotation, follow.get(entry_id), expired.get(entry_id))
            window = _window_if_any(facts, now)
            if rotation.next_at != (window and window.start):
                vault.rotations.set_next(entry_id, window and window.start)
            if one := _call(vault.id, facts, window, now):
                found.append(one)
    return sorted(found, key=lambda one: (one.at, one.rotation.path))


def still_due(vault: Vault, found: Due) -> bool:
    """Whether something is still to be done: somebody may have rotated the entry since it was found."""
    now, entry_id = vault.now(), found.rotation.entry_id
    expired_at = found.at if found.reason is Reason.EXPIRED else None
    try:
        rotation = vault.rotations.find(found.rotation.path)
        facts = _facts(vault, rotation, _follow_ups(vault).get(entry_id), expired_at)
    except NotFound:
        return False
    one = _call(vault.id, facts, _window_if_any(facts, now), now)
    return one is not None and one.at == found.at


def next_of(vault: Vault, rotation: Rotation) -> Window | None:
    """The window in which an entry is rotated next; it is over where that was missed.

    Raises:
        Refused: the rules are none that AWS would take.
        NotFound: the entry is gone.
    """
    return _window(_facts(vault, rotation), vault.now())


def skip(vault: Vault, rotation: Rotation) -> Window | None:
    """Let a window that was missed go; the next one, which is then waited for.

    Raises:
        Refused: the rules are none that AWS would take.
    """
    window = schedule.following(rotation.rules, vault.now())
    vault.rotations.set_next(rotation.entry_id, window and window.start)
    return window


def planned(
    rules: RotationRules, moments: Sequence[datetime], kept: datetime | None, now: datetime
) -> Window | None:
    """The window in question: the last one that opened since the last rotation, or else the next one. Pure.

    What was written down before holds where the last rotation does not say: a missed window was let go, or
    the clock was put back by more than a day since, so that the moment of the last rotation means nothing.
    It never holds for longer than the rules allow from now on.

    Args:
        rules: how often.
        moments: when it was rotated or its setting was changed; at least one. UTC.
        kept: opening of the next window as it was written down, UTC.
        now: UTC.

    Raises:
        Refused: the rules are none that AWS would take.
    """
    past = [moment for moment in moments if moment - CLOCK_SLACK <= now]
    served = bool(past) and kept is not None and kept <= max(past)
    known = served or len(past) == len(moments)
    since = max(past) if known else now
    window = schedule.latest(rules, since, now) or schedule.following(rules, since)
    furthest = schedule.following(rules, now)
    if window is None or kept is None or furthest is None or kept > furthest.start:
        return window
    let_go = window.start <= now and window.start < kept
    return window if known and not let_go else schedule.window_at(rules, kept)


def jitter(vault_id: bytes, entry_id: int, window: Window) -> timedelta:
    """How long after its opening a rotation of a window is begun, so that many do not begin at once. Pure.

    The same for the same entry and window; less than a tenth of the window, and than 15 minutes.
    """
    longest = min(MAX_JITTER, (window.end - window.start) / 10)
    opening = int(window.start.timestamp())
    digest = blake2b(vault_id + entry_id.to_bytes(8) + opening.to_bytes(8), digest_size=8).digest()
    return timedelta(milliseconds=int.from_bytes(digest) % (longest // timedelta(milliseconds=1)))


def next_try(run: RotationRun, window: Window | None, now: datetime) -> datetime | None:
    """When a run that stopped is resumed by itself; None where it waits for a person. Pure.

    Each window that opens while it is stopped begins its tries anew.

    Args:
        run: an open run.
        window: the window in question, without regard to this run.
        now: UTC.
    """
    quiet = run.changed_at if run.problem else run.changed_at + SILENCE
    begun, tries = run.started_at, [*RETRIES]
    if run.cause is Cause.SCHEDULE and window and run.started_at < window.start <= now:
        begun, tries = window.start, [timedelta(0), *RETRIES]
    at = next((begun + after for after in tries if begun + after > quiet), None)
    if at is None or run.cause is Cause.EXPIRY:
        return at
    if run.cause is Cause.ASKED or window is None or begun < window.start:
        return None
    caught_up = begun >= window.end
    return at if caught_up or max(at, now) < window.end else None


def _follow_ups(vault: Vault) -> dict[int, datetime | None]:
    """When the first grace time of an entry is over, by its id."""
    return {run.entry_id: run.follow_at for run in reversed(vault.rotations.following())}


def _expired(vault: Vault) -> dict[int, datetime]:
    """When entries have expired that are to be rotated then, by their ids."""
    if all(chosen.choice is not Choice.ROTATE for chosen in vault.on_expiry.listed()):
        return {}
    said = vault.expiring(timedelta(0))
    return {one.entry.id: one.due for one in said if one.what == EXPIRATION and one.choice is Choice.ROTATE}


def _facts(
    vault: Vault, rotation: Rotation, follow_at: datetime | None = None, expired_at: datetime | None = None
) -> _Facts:
    entry = vault.entries.find(rotation.path)
    current = vault.entries.version(Selector(entry.path, entry.current)) if entry.current else None
    runs = vault.rotations.runs(entry.path, limit=2)  # at most one is open
    under_way = next((run for run in runs if run.ended_at is None), None)
    ended = next((run for run in runs if run.ended_at is not None), None)
    return _Facts(rotation, current, under_way, ended, follow_at, expired_at)


def _window(facts: _Facts, now: datetime) -> Window | None:
    rotation = facts.rotation
    return planned(rotation.rules, [rotation.changed_at, *facts.rotated], rotation.next_at, now)


def _window_if_any(facts: _Facts, now: datetime) -> Window | None:
    try:
        return _window(facts, now)
    except Refused:
        return None


def _call(vault_id: bytes, facts: _Facts, window: Window | None, now: datetime) -> Due | None:
    """What is to be done by now about an entry's rotation."""
    at: datetime | None
    if facts.open:
        reason, at = Reason.RETRY, next_try(facts.open, window, now)
    elif facts.follow_at and facts.follow_at <= now:
        reason, at = Reason.FOLLOW, facts.follow_at
    elif facts.expired_at and all(moment < facts.expired_at for moment in facts.rotated):
        reason, at = Reason.EXPIRED, facts.expired_at
    elif window:
        reason = Reason.DUE if now < window.end else Reason.MISSED
        at = window.start + jitter(vault_id, facts.rotation.entry_id, window)
    else:
        return None
    return Due(facts.rotation, window, reason, at) if at and at <= now else None
