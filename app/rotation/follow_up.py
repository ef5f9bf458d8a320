"""What is done to an old credential after its grace time, as it is kept in the run's memo."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from vault.errors import NotFound, Said
from vault.paths import Selector

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta

    from app.rotation.attempt import RunAttempt
    from app.rotation.target import Target
    from vault.records import RotationRun

_MEMO: Final = "follow_ups"


def planned(run: RotationRun) -> list[tuple[datetime, str]]:
    """What is left to do, in order: (when, UTC; the target's word for it)."""
    kept = run.memo.get(_MEMO)
    if not isinstance(kept, list):
        return []
    return [(datetime.fromtimestamp(int(at) / 1000, UTC), str(action)) for at, action in kept]


def grace_left(last: RotationRun | None, grace: timedelta, now: datetime) -> float:
    """Seconds for which the old credential of a run is still to be left alone; 0 for none.

    A clock that was put back does not make it longer than the grace time is.

    Args:
        last: the last run of the entry that was done.
        grace: how long it is left alone.
        now: UTC.
    """
    if last is None or last.ended_at is None:
        return 0.0
    left = (last.ended_at + grace - now).total_seconds()
    return min(max(left, 0.0), grace.total_seconds())


def keep(attempt: RunAttempt, left: Iterable[tuple[datetime, str]]) -> None:
    """Write what is left to do into the run of an attempt."""
    kept = sorted(left)
    memo = {name: fact for name, fact in attempt.run.memo.items() if name != _MEMO}
    if kept:
        memo[_MEMO] = [[int(at.timestamp() * 1000), action] for at, action in kept]
    run = attempt.run._replace(memo=memo, follow_at=kept[0][0] if kept else None)
    attempt.run = attempt.vault.rotations.write(run)


def carry_out(attempt: RunAttempt, target: Target, until: datetime | None) -> None:
    """Do what is due at `until`, or all of it for None; each is off the list once it is done.

    An old credential that somebody made current again is nobody's to take away: its list is dropped.

    Raises:
        RotationError, AwsError: one did not work; it and what comes after it stay to be done.
    """
    left = planned(attempt.run)
    while left and (until is None or left[0][0] <= until):
        if _is_current_again(attempt):
            attempt.log(
                Said("after the grace time: the old credential was made current again, and is left alone")
            )
            keep(attempt, ())
            return
        action = left.pop(0)[1]
        target.follow(attempt, action)
        attempt.log(Said("after the grace time: {action}", action=action))
        keep(attempt, left)


def _is_current_again(attempt: RunAttempt) -> bool:
    """Whether the entry's value is the one from before the rotation."""
    values = attempt.vault.values
    try:
        with values.open(Selector(attempt.path)).value as now:
            return values.fingerprint(attempt.current().secret) == values.fingerprint(now)
    except NotFound:  # the old version is no longer kept, or nothing is current
        return False
