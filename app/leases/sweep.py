"""Sweeping: leases that nobody looks after any more are revoked, at an unlock or when a person asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.errors import AppError, BadLease, TargetUnreachable
from app.leases import owner
from app.leases.kind import KINDS, Loan, kind_named
from vault.errors import VaultError

if TYPE_CHECKING:
    from datetime import datetime

    from vault.lease import Lease
    from vault.vault import Vault

AGAIN_AFTER: Final = timedelta(minutes=5)  # a server that is away does not hold up every unlock
_LATE: Final = timedelta(minutes=1)  # a program that runs ends its own lease first
_TRIED: Final = "tried_at"  # in the memo: seconds since 1970


def sweep(vault: Vault) -> list[Lease]:
    """Revoke leases whose program is gone or whose time is over.

    It uses the network only where there are such leases, and not for one that it tried in vain less than
    `AGAIN_AFTER` ago.

    Returns:
        Those that it tried, as they are now: ended, or open with a `problem`.
    """
    if not vault.leases.any_open():
        return []
    tried: list[Lease] = []
    away: set[int] = set()  # entries whose server was not reached
    for lease in vault.leases.open_ones():
        if lease.entry_id in away or not _is_due(lease, vault.now()):
            continue
        tried.append(revoke(vault, lease, away))
    return tried


def ask_to_revoke(vault: Vault, lease: Lease) -> Lease:
    """Revoke a lease now, whether its program runs or not; as it is now.

    Raises:
        BadLease: what it is for cannot be revoked.
    """
    if not is_revocable(lease) and lease.ends_at > vault.now():
        raise BadLease(
            f"STS cannot revoke a session; lease {lease.id} ends by itself. In an emergency, deactivate the"
            " access key, or deny the role's older sessions in IAM"
        )
    return revoke(vault, lease)


def revoke(vault: Vault, lease: Lease, away: set[int] | None = None) -> Lease:
    """Take away what a lease gave; the lease as it is now.

    Whatever stands against it is the lease's `problem`, and the lease stays open. What cannot be revoked
    ends when its time is over.

    Args:
        vault: open.
        lease: open or not.
        away: gets the entry whose server is not reached.

    Raises:
        StorageFailed, Locked: as `vault.leases.end`.
    """
    lease = vault.leases.find(lease.id)
    if lease.ended_at is not None:
        return lease
    try:
        if is_revocable(lease):
            with Loan.of(vault, lease) as loan:
                kind_named(lease.target).revoke(loan, lease)
        elif lease.ends_at > vault.now():
            return lease
    except (AppError, VaultError) as error:
        if isinstance(error, TargetUnreachable) and away is not None:
            away.add(lease.entry_id)
        memo = {**lease.memo, _TRIED: int(vault.now().timestamp())}
        return vault.leases.write(lease._replace(problem=str(error), memo=memo))
    return vault.leases.end(lease)


def is_revocable(lease: Lease) -> bool:
    """Whether it can end before its time is over."""
    row = KINDS.get(lease.target)
    return row is None or row.revocable


def _is_due(lease: Lease, now: datetime) -> bool:
    if not is_revocable(lease):
        return lease.ends_at <= now
    held = lease.memo.get("owner")
    if lease.ends_at + _LATE > now and not owner.is_gone(held if isinstance(held, dict) else {}):
        return False
    tried = lease.memo.get(_TRIED)
    seconds = now.timestamp() - tried if isinstance(tried, int) else 0.0
    return not tried or not 0 <= seconds < AGAIN_AFTER.total_seconds()
