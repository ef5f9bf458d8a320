"""Renewal: an Expiration under `rotate` moves on once the value was rotated."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from vault.inheritance import Choice
from vault.policies import EXPIRATION, MAX_POLICIES, expiration, expires_at, shifted
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.policies import Policy
    from vault.vault import Vault

SHORTEST: Final = timedelta(hours=4)  # AWS's shortest interval of a rotation (reference section 2.5)


def renewed(policies: Sequence[Policy], since: datetime, now: datetime) -> tuple[Policy, ...]:
    """`policies` with an Expiration that gives the new value the time that the old one had.

    That time is what lay between setting the Expiration and its moment, 4 hours at least. Pure.

    Args:
        policies: with one Expiration; without any they stay as they are.
        since: when that was set.
        now: when the new value was made; UTC, as all of them.
    """
    end = expires_at(policies)
    if end is None:
        return tuple(policies)
    following = expiration(shifted(now, max(end - since, SHORTEST)))
    return tuple(following if policy.kind == EXPIRATION else policy for policy in policies)


def renew(vault: Vault, path: ParameterPath) -> datetime | None:
    """Move the Expiration of an entry on, where it is due and `rotate` holds; no new version is made.

    Where a folder has set it, the entry gets an Expiration of its own, and the folder keeps what it says to
    others; an entry that has 10 other policies has no room for it. Called again it does nothing: what was
    renewed is no longer due.

    Returns:
        When it expires now; None where nothing was renewed.

    Raises:
        NotFound: there is no such entry.
    """
    with vault.rotations.together():
        entry, now = vault.entries.find(path), vault.now()
        policies = vault.folders.effective(entry)
        end = expires_at(policies)
        if end is None or end > now or vault.on_expiry.effective(path).choice is not Choice.ROTATE:
            return None
        ours = [policy for policy in policies if policy.kind == EXPIRATION or policy in entry.policies]
        fresh = renewed(ours, vault.on_expiry.since(entry), now)
        if len(fresh) > MAX_POLICIES:
            return None
        vault.entries.put(Draft(path, None, policies=fresh, overwrite=True))
        return expires_at(fresh)
