"""Finding the entries that some conditions hold for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, assert_never

from vault import policies as rules
from vault.assessments import SECURE
from vault.conditions import Among, Is, State, Term
from vault.expiring import due_within
from vault.inheritance import Choice
from vault.storage import assessments, selecting
from vault.storage.expiry import inheritance

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable
    from datetime import datetime

    from vault.records import Order
    from vault.storage.database import Database


def ids_where(
    database: Database,
    terms: Iterable[Term],
    now: datetime,
    order: Order,
    limit: int | None,
    *,
    descending: bool,
) -> array[int]:
    """Ids of the live entries that all `terms` hold for; inside a transaction."""
    known = [
        Term(Among(_in_state(database, term.condition, now)), term.excluded)
        if isinstance(term.condition, Is)
        else term
        for term in terms
    ]
    return selecting.ids_where(database, known, order, limit, descending=descending)


def _in_state(database: Database, asked: Is, now: datetime) -> set[int]:
    match asked.state:
        case State.WEAK:
            return {row[0] for row in assessments.weak(database, SECURE, asked.bound)}
        case State.REUSED:
            return {row[1] for row in assessments.shared(database, SECURE)}
        case State.LOCKED:
            return selecting.ids_expiring(database, None, now)
        case State.EXPIRED:
            return _expiring(database, now, None, now)
        case State.EXPIRING:
            until = rules.shifted(now, timedelta(days=asked.bound))
            return _expiring(database, now, now, until)
        case _:
            assert_never(asked.state)


def _expiring(database: Database, now: datetime, after: datetime | None, until: datetime) -> set[int]:
    """Entries with an Expiration later than `after` and not later than `until`.

    Where an expiry takes the value away, its moment is in the row; elsewhere it follows from the policies.
    """
    if {Choice.WARN, Choice.ROTATE}.isdisjoint(inheritance(database).choices.values()):
        return selecting.ids_expiring(database, after, until)
    return {
        one.entry.id
        for one in due_within(database, now, until - now)
        if one.what == rules.EXPIRATION and (after is None or one.due > after)
    }
