"""Lease: a short-lived credential that was made for one program. Never a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vault.paths import ParameterPath


class LeaseDraft(NamedTuple):
    """A lease that is about to be made."""

    path: ParameterPath  # of the entry whose access is lent
    target: str  # what the credential is for, such as "postgresql"
    holder: str  # the user that will be made
    program: str  # whom it is for: a name, without arguments
    memo: Mapping[str, object]  # JSON: what revoking needs
    ends_at: datetime  # UTC


class Lease(NamedTuple):
    """A lease, open until what was made is gone."""

    id: int
    entry_id: int
    path: ParameterPath  # as it was when it was made
    target: str
    holder: str
    program: str
    memo: Mapping[str, object]
    made_at: datetime  # UTC
    ends_at: datetime  # UTC; when its time is over
    ended_at: datetime | None  # UTC; when it was revoked, or ran out; None while it is open
    problem: str  # why it could not be revoked when that was last tried; else empty
