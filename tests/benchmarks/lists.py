"""The rows of lists as long as the vault, and of queries that give all that they find."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app import query
from app.strength import WEAK_BITS
from tests.benchmarks import filling
from tests.benchmarks.clockwork import Times, alone
from tests.benchmarks.library import Row, ms
from vault.assessments import Assessment
from vault.policies import expiration
from vault.records import Draft, Order
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.benchmarks.library import Subject
    from vault.records import ValueType

FEW = ("config-0123", "service-77", "team-3 token 042", "path:/team-3/service-1?/prod/", "label:awspending")
MANY = ("password", "prod", "!prod", "credential", "path:/team-3/", "type:securestring")
STATES = ("is:expired", "is:expiring", "is:weak", "is:reused", "is:unsynced")
SPECIAL = 1_000  # entries that expire, and as many that share a value
PAGE = 100  # rows of a table that are seen at once


def rows(subject: Subject) -> Iterator[Row]:
    """Writes to the vault: the rows of `library` come first."""
    entries = subject.vault.entries
    for order in Order:
        yield _row(f"list of all by {order}", 200, lambda by=order: entries.ids_below(order=by))  # type: ignore[misc]
    ids = entries.ids_below()
    middle = ids[len(ids) // 2 :][:PAGE]
    yield _row(f"{PAGE} rows of it", 5, lambda: entries.of_ids(middle))
    yield _worst("queries that find up to 2,000, all of it: slowest", 25, subject, FEW)
    yield _worst("queries that find more, all of it: slowest", 300, subject, MANY)
    _make_special(subject)
    for state in STATES:
        yield _worst(f"{state}, all of it", 100, subject, (state,))
    yield _row("tags with their counts", 100, entries.tags)
    shared = entries.find(filling.path_of(0))
    yield _row(f"who has the same value, {SPECIAL:,} do", 25, lambda: entries.same_value(shared))


def _worst(name: str, most: int, subject: Subject, asked: tuple[str, ...]) -> Row:
    times = [alone(lambda text=text: query.find(subject.vault, text), 5) for text in asked]  # type: ignore[misc]
    return _told(name, most, max(times, key=lambda each: each.median))


def _row(name: str, most: int, act: Callable[[], object]) -> Row:
    return _told(name, most, alone(act, 5))


def _told(name: str, most: int, times: Times) -> Row:
    return Row(name, f"≤ {most} ms", ms(times), times.median * 1e3 <= most, times.median)


def _make_special(subject: Subject) -> None:
    """Entries that share a value, and others that expire; and every value examined."""
    vault, now = subject.vault, subject.vault.now()
    one_value, many = Secret(b"shared by many"), min(SPECIAL, subject.entries // 2)
    vault.entries.put_many(
        [Draft(filling.path_of(number), one_value, overwrite=True) for number in range(many)]
    )
    vault.entries.put_many(
        [
            Draft(
                filling.path_of(number),
                None,
                policies=(expiration(now + timedelta(days=number % 60 + 1)),),
                tags={"owner": f"team-{number % 10}"},
                overwrite=True,
            )
            for number in range(many, 2 * many)
        ]
    )

    def judge(_: ValueType, value: Secret) -> Assessment:
        return Assessment(WEAK_BITS - (value.reveal()[0] == ord("0")), "")  # one value in 16 is weak

    vault.assessments.examine(judge)
