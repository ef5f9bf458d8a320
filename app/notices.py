"""Notices: what policies tell a person, each once; and the digest of a day.

What is said depends on the vault and its clock alone. A face calls `tick` every now and then while the vault
is unlocked, and `digest_of_the_day` at unlock.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.display import relative, span
from app.language import marked, tr
from vault.inheritance import Choice
from vault.policies import EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from app.rotation.due import Due as DueRotation
    from vault.expiring import Due
    from vault.lease import Lease
    from vault.paths import ParameterPath
    from vault.records import RotationRun
    from vault.vault import Vault

AHEAD: Final = timedelta(days=3)
_EXPIRED: Final = {
    Choice.DELETE: marked("{path} has expired and is in the trash"),
    Choice.WARN: marked("{path} has expired; its value is still given"),
    Choice.LOCK: marked("{path} has expired and is locked"),
    Choice.ROTATE: marked("{path} has expired; it is due for a rotation"),
}


class Action(StrEnum):
    """What a person may do about a notice."""

    ROTATE = "rotate"  # now
    RENEW = "renew"  # set another Expiration
    OPEN = "open"  # go to the entry
    RESTORE = "restore"  # out of the trash


class Notice(NamedTuple):
    """Something that a policy tells a person, once."""

    saying: Due
    actions: tuple[Action, ...]  # that make sense, the most useful first

    @property
    def path(self) -> ParameterPath:
        """The entry."""
        return self.saying.entry.path


class Tick(NamedTuple):
    """What a moment brought."""

    expired: int  # entries that went to the trash
    purged: int  # entries that left it for good
    notices: tuple[Notice, ...]


class Digest(NamedTuple):
    """What a person should see at unlock. Falsy if nothing."""

    overdue: tuple[Due, ...]  # expired, or unchanged for too long
    soon: tuple[Due, ...]  # what is due within some days, and what was announced to expire later
    missed: tuple[DueRotation, ...]  # rotations whose window has passed
    stopped: tuple[RotationRun, ...]  # rotations that failed, or were left in the middle, and are open
    leases: tuple[Lease, ...]  # whose time is over, or that could not be revoked

    @property
    def counts(self) -> dict[str, int]:
        """How many there are in each group, by its name."""
        return {name: len(group) for name, group in zip(self._fields, self, strict=True)}

    def __bool__(self) -> bool:
        return any(self)


def new(vault: Vault) -> list[Notice]:
    """What is due by now and was not told yet, the earliest first."""
    untold = vault.notices.untold()
    rotating = {rotation.entry_id for rotation in vault.rotations.listed()} if untold else set()
    return [Notice(one, actions(one, rotates=one.entry.id in rotating)) for one in untold]


def tell(vault: Vault, notices: Sequence[Notice]) -> list[Notice]:
    """Remember that notices are told; those that nobody, another program included, has told before."""
    if not notices:
        return []
    first = set(map(_key, vault.notices.tell(notice.saying for notice in notices)))
    return [notice for notice in notices if _key(notice.saying) in first]


def tick(vault: Vault) -> Tick:
    """Act on what is due by now: what has expired goes to the trash, what is new is told."""
    expired, purged = vault.trash.sweep()
    return Tick(expired, purged, tuple(tell(vault, new(vault))))


def actions(one: Due, *, rotates: bool) -> tuple[Action, ...]:
    """What may be done about something that is due; pure.

    Args:
        one: what a policy says.
        rotates: whether a rotation is set for the entry.
    """
    if one.entry.deleted_at is not None:
        return (Action.RESTORE,)
    found = [Action.ROTATE] if rotates else []
    if one.what != NO_CHANGE_NOTIFICATION:
        found.append(Action.RENEW)
    return (*found, Action.OPEN)


def sentence(one: Due, now: datetime) -> str:
    """What a policy says at `now`, for a person; pure."""
    path = one.entry.path
    if one.what == NO_CHANGE_NOTIFICATION:
        since = span(max(now - one.entry.modified_at, timedelta(0)))
        return tr("{path} was not changed for {span}", path=path, span=since)
    if one.ends is not None and one.ends > now:
        return tr("{path} expires {when}", path=path, when=relative(one.ends, now))
    return tr(_EXPIRED[Choice.DELETE if one.entry.deleted_at else one.choice], path=path)


def digest(vault: Vault, ahead: timedelta = AHEAD) -> Digest:
    """What needs a person's attention by now.

    Args:
        vault: unlocked.
        ahead: how far to look.
    """
    from app.rotation.due import Reason, due
    from app.rotation.left import as_left

    now = vault.now()
    said = vault.expiring(ahead)
    return Digest(
        overdue=tuple(one for one in said if one.due <= now and one.what != EXPIRATION_NOTIFICATION),
        soon=tuple(_soon(said, now)),
        missed=tuple(one for one in due(vault, now) if one.reason is Reason.MISSED),
        stopped=tuple(run for one in vault.rotations.open_runs() if (run := as_left(vault, one)).problem),
        leases=tuple(one for one in vault.leases.open_ones() if one.problem or one.ends_at <= now),
    )


def digest_of_the_day(vault: Vault) -> Digest | None:
    """The digest, if it says something and none was given today (in UTC); None otherwise.

    A rotation that was left in the middle is told each time: nobody was told when that happened, and a
    client may be kept out meanwhile.
    """
    from app.rotation.left import LEFT

    today = vault.now().date()
    was_told = vault.notices.digest_day() == today.isoformat()
    if was_told and not vault.rotations.open_runs():
        return None
    found = digest(vault)
    if not found or (was_told and not any(run.problem == LEFT for run in found.stopped)):
        return None
    vault.notices.set_digest_day(today)
    return found


def _soon(said: Iterable[Due], now: datetime) -> Iterable[Due]:
    """What is ahead, each entry once for its Expiration and once for being left unchanged."""
    found: dict[tuple[int, bool], Due] = {}
    for one in said:
        announced = one.what == EXPIRATION_NOTIFICATION and one.due <= now < (one.ends or now)
        if announced or (one.what != EXPIRATION_NOTIFICATION and now < one.due):
            found[one.entry.id, one.what == NO_CHANGE_NOTIFICATION] = one
    return found.values()


def _key(one: Due) -> tuple[int, str, datetime]:
    return one.entry.id, one.what, one.due
