"""Sweeping: leases that nobody looks after any more are revoked, at an unlock or when a person asks."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app import allowed
from app.errors import AppError, BadLease, TargetUnreachable
from app.leases.holding import forget, is_being_made, is_held, is_left
from app.leases.kind import KINDS, Loan, kind_named
from vault.errors import Said, VaultError, said_by

if TYPE_CHECKING:
    from vault.lease import Lease
    from vault.vault import Vault

AGAIN_AFTER: Final = timedelta(minutes=5)  # a server that is away does not hold up every unlock
_LATE: Final = timedelta(minutes=1)  # a program that runs ends its own lease first
_BEING_MADE: Final = Said("its program is about to get it; ask again in a moment, or end that program")
_TRIED: Final = "tried_at"  # in the memo: seconds since 1970


def sweep(vault: Vault) -> list[Lease]:
    """Revoke leases whose program is gone or whose time is over.

    It uses the network only where there are such leases, and not for one that it tried in vain less than
    `AGAIN_AFTER` ago. One that was not lent on this computer is left to a person.

    Returns:
        Those that it tried, as they are now: ended, or open with a `problem`.
    """
    if not vault.leases.any_open():
        return []
    away: set[int] = set()  # entries whose server was not reached
    return [
        revoke(vault, lease, away)
        for lease in vault.leases.open_ones()
        if lease.entry_id not in away and _is_due(vault, lease) and _is_allowed(vault, lease)
    ]


def ask_to_revoke(vault: Vault, lease: Lease) -> Lease:
    """Revoke a lease now, whether its program runs or not; as it is now.

    Raises:
        BadLease: what it is for cannot be revoked.
    """
    if not is_revocable(lease) and lease.ends_at > vault.now():
        raise BadLease(
            Said(
                "STS cannot revoke a session; lease {id} ends by itself. In an emergency, deactivate the"
                " access key, or deny the role's older sessions in IAM",
                id=lease.id,
            )
        )
    if is_being_made(vault, vault.leases.find(lease.id)):
        return vault.leases.find(lease.id)._replace(problem=_BEING_MADE)
    return revoke(vault, lease)


def give_up(vault: Vault, lease: Lease) -> Lease:
    """End a lease without asking the server: for one that is gone for good, or whose entry is.

    Raises:
        BadLease: its program runs, or it is no user that a server has.
    """
    if not is_revocable(lease) or is_held(vault, lease):
        raise BadLease(Said("lease {id} ends by itself; there is nothing to give up", id=lease.id))
    return end(vault, lease)


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
        return _open_still(vault, lease, said_by(error))
    except Exception as error:  # noqa: BLE001  # of a driver: it would come again at every unlock
        return _open_still(vault, lease, Said("an error of the program, {kind}", kind=type(error).__name__))
    return end(vault, lease)


def _open_still(vault: Vault, lease: Lease, problem: str) -> Lease:
    memo = {**lease.memo, _TRIED: int(vault.now().timestamp())}
    return vault.leases.write(lease._replace(problem=problem, memo=memo))


def end(vault: Vault, lease: Lease) -> Lease:
    """Note that nothing is left of a lease, or nobody has it; the lease as it is now."""
    ended = vault.leases.end(lease)
    forget(vault, ended)
    with suppress(OSError, VaultError):  # it cannot be written, or the entry was purged
        allowed.withdraw([allowed.of_lease(vault, ended, open_values=False)])
    return ended


def is_revocable(lease: Lease) -> bool:
    """Whether it can end before its time is over."""
    row = KINDS.get(lease.target)
    return row is None or row.revocable


def _is_allowed(vault: Vault, lease: Lease) -> bool:
    """Whether somebody lent or allowed it on this computer; no value is opened for one that nobody did."""
    if not is_revocable(lease):
        return True
    try:
        wishes = (allowed.of_lease(vault, lease, open_values=opened) for opened in (False, True))
        return not any(allowed.missing([wish]) for wish in wishes)
    except VaultError:  # it cannot be revoked either, and the lease is to say why
        return True


def _is_due(vault: Vault, lease: Lease) -> bool:
    over = vault.now() - lease.ends_at
    if not is_revocable(lease):
        return over >= timedelta(0)
    if (over < _LATE and not is_left(vault, lease)) or is_being_made(vault, lease):
        return False
    tried = lease.memo.get(_TRIED)
    ago = vault.now().timestamp() - tried if isinstance(tried, int) else -1.0
    return not 0 <= ago < AGAIN_AFTER.total_seconds()
