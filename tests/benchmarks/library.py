"""The rows of the table that the library answers."""

from __future__ import annotations

import os
import random
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from app import query
from tests.benchmarks import filling
from tests.benchmarks.clockwork import Times, alone, beside, timed
from tests.benchmarks.raw import Plain, bare_open, connect
from vault.envelope import context_bytes
from vault.header_file import DATABASE_NAME
from vault.records import Draft
from vault.secret import Secret
from vault.storage import versions as version_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.records import Entry
    from vault.vault import Vault

TYPED = ("prod", "config-0123", "password", "billing", "team-3 token", "service-77", "checkout 99", "q", "zz")


class Row(NamedTuple):
    """One line of the table, for one size."""

    name: str
    reach: str
    figure: str
    good: bool | None  # None: nothing to compare with
    value: float  # what growth is taken of


class Subject:
    """A filled vault, unlocked, with the raw side beside it."""

    def __init__(self, entries: int) -> None:
        self.entries = entries
        self.folder, self.fill_seconds = filling.filled(entries)
        self.megabytes = os.path.getsize(os.path.join(self.folder, DATABASE_NAME)) / 1e6
        self.vault: Vault = filling.opened(self.folder)
        self.random = random.Random(7)
        self._numbers = [self.random.randrange(entries) for _ in range(20_000)]
        self._at = count()
        self.fresh = count(10_000_000)
        self.raw = Plain(self.vault, os.path.join(filling.FOLDER, f"raw-{entries}.db"))

    def close(self) -> tuple[str, float]:
        """Lock the vault, drop the raw side; the folder, and how long filling took."""
        self.vault.close()
        self.raw.connection.close()
        return self.folder, self.fill_seconds

    def path(self) -> Any:  # noqa: ANN401
        """Another one each time."""
        return filling.path_of(self._numbers[next(self._at) % len(self._numbers)])


def rows(subject: Subject) -> Iterator[Row]:
    yield unlock(subject)
    yield get(subject)
    yield get_audited(subject)
    yield open_many(subject)
    yield put(subject)
    yield from search(subject)
    yield size(subject)
    yield listing(subject)
    yield import_new(subject)
    yield rewrap(subject)


def unlock(subject: Subject) -> Row:
    def once() -> None:
        with filling.opened(subject.folder) as vault:
            vault.entries.listing()

    times = alone(once, 15)
    return Row("unlock beyond the KDF, first page", "≤ 20 ms", ms(times), times.median <= 0.020, times.median)


def get(subject: Subject) -> Row:
    """The row and its opening, without the audit event; the raw side reads the same joined row."""
    vault, database = subject.vault, subject.vault.interior.database
    keyed: dict[str, tuple[bytes, bytes]] = {}
    for number in subject._numbers[:2_000]:
        path = filling.path_of(number)
        row = version_rows.sealed_at_path(database, path)
        assert row is not None
        context = context_bytes(vault.id, row[0], row[1])
        keyed[path] = bytes(vault.keys.data_key(row[5], row[6], row[8], row[7], context)), context
    paths = list(keyed) * 5
    turn, raw_turn = iter(paths * 1_000), iter(paths * 1_000)
    plain = connect(os.path.join(subject.folder, DATABASE_NAME), bytes(vault._database_key.reveal()))
    joined = version_rows._SEALED_AT_PATH

    def ours() -> None:
        for _ in range(100):
            path = next(turn)
            vault.values.opened(path, version_rows.sealed_at_path(database, path)[:9])  # type: ignore[index, arg-type]

    def raw() -> None:
        for _ in range(100):
            path = next(raw_turn)
            row = plain.execute(joined, (path,)).fetchone()
            data_key, context = keyed[path]
            bare_open(data_key, row[4], context)

    with database.reading():
        plain.execute("BEGIN")
        mine, limit = beside(ours, raw, 100)
    plain.close()
    return against("get: row, unwrap, open", 1.5, mine, limit, scale=100)


def get_audited(subject: Subject) -> Row:
    def ours() -> None:
        subject.vault.values.open(subject.path())

    mine, limit = beside(ours, subject.raw.log, 400)
    return against("get, its audit event durable", 1.5, mine, limit)


def open_many(subject: Subject) -> Row:
    vault, database = subject.vault, subject.vault.interior.database
    ids = [
        number + 1 for number in subject.random.sample(range(subject.entries), min(1_000, subject.entries))
    ]
    keyed = []
    for row in list(version_rows.sealed_current(database, ids, vault.now())):
        context = context_bytes(vault.id, row[1], row[2])
        keyed.append((bytes(vault.keys.data_key(row[6], row[7], row[9], row[8], context)), context))

    def raw() -> None:
        for row, (data_key, context) in zip(
            version_rows.sealed_current(database, ids, vault.now()), keyed, strict=True
        ):
            bare_open(data_key, row[5], context)

    mine, limit = beside(lambda: vault.values.open_many(ids), raw, 15)
    return against("open 1,000 values at once, audited", 2.0, mine, limit)


def put(subject: Subject) -> Row:
    def ours() -> None:
        subject.vault.entries.put(Draft(subject.path(), Secret(bytes(64)), overwrite=True))

    mine, limit = beside(ours, lambda: subject.raw.put(subject.path(), bytes(64)), 400)
    row = against("put one new version, durable", 1.5, mine, limit)
    one_row = alone(subject.raw.log, 200)
    return row._replace(figure=f"{row.figure}; one row alone {human(one_row.median)}")


def import_new(subject: Subject) -> Row:
    """10,000 new entries; the raw side writes the same rows to the same tables and seals the same values."""
    samples = []
    for _ in range(3):
        root = f"/import-{next(subject.fresh)}"
        drafts = [filling.draft_of(n, root) for n in range(20_000, 30_000)]
        limit = subject.raw.import_new(drafts)
        samples.append((timed(lambda drafts=drafts: subject.vault.entries.put_many(drafts)), limit))  # type: ignore[misc]
    ours, raw = (Times(tuple(sorted(side))) for side in zip(*samples, strict=True))
    return against("import 10,000 new entries", 2.0, ours, raw)


def search(subject: Subject) -> Iterator[Row]:
    """Every prefix of what people type, as they type it."""
    typed = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
    times = sorted(alone(lambda t=text: first_page(subject, t), 5).median for text in typed)  # type: ignore[misc]
    overall = Times(tuple(times))
    reach = overall.median <= 0.005 and overall.p95 <= 0.020
    yield Row(
        "search as you type, first 50: median, p95",
        "≤ 5 ms, ≤ 20 ms",
        f"{overall.median * 1e3:.2f} ms, {overall.p95 * 1e3:.2f} ms",
        reach,
        overall.median,
    )
    long = [text for text in typed if all(len(word) > 2 for word in text.split())]
    pairs = [
        beside(lambda t=text: first_page(subject, t), lambda t=text: raw_search(subject, t), 5)  # type: ignore[misc]
        for text in long
    ]
    mine = Times(tuple(sorted(pair[0].median for pair in pairs)))
    limit = Times(tuple(sorted(pair[1].median for pair in pairs)))
    yield against("search, beside the raw query", 2.0, mine, limit)


def first_page(subject: Subject, text: str) -> list[Entry]:
    """What a person sees of a search."""
    return subject.vault.entries.of_ids(query.find(subject.vault, text, limit=50))


def raw_search(subject: Subject, text: str) -> None:
    """The same index asked directly, and the first rows of what it gives read, in path order."""
    database = subject.vault.interior.database
    words = [word[at : at + 3] for word in text.split() for at in range(len(word) - 2)]
    match = " AND ".join(f'"{word}"' for word in words)
    with database.reading():
        database.rows(
            "SELECT * FROM entries WHERE id IN (SELECT rowid FROM search WHERE search MATCH ?)"
            " AND deleted_at IS NULL ORDER BY path LIMIT 50",
            (match,),
        )


def size(subject: Subject) -> Row:
    """As it lies on the disk after the fill, index and audit log included."""
    good = subject.megabytes <= 90 if subject.entries == 100_000 else None
    return Row("file size", "≤ 90 MB", f"{subject.megabytes:.1f} MB", good, subject.megabytes)


def listing(subject: Subject) -> Row:
    times = alone(lambda: subject.vault.entries.listing(filling.FLAT), 25)
    return Row("list a folder of 1,000", "≤ 10 ms", ms(times), times.median <= 0.010, times.median)


def rewrap(subject: Subject) -> Row:
    subject.vault.keys.rotate()
    done: list[int] = []
    seconds = timed(lambda: done.append(subject.vault.keys.rewrap()))
    rate = done[0] / seconds
    return Row(
        "rewrap data keys under new material", "≥ 50,000 /s", f"{rate:,.0f} /s", rate >= 50_000, 1 / rate
    )


def ms(times: Times) -> str:
    return f"{times.median * 1e3:.2f} ms"


def against(name: str, most: float, mine: Times, limit: Times, scale: int = 1) -> Row:
    ratio = mine.median / limit.median
    figure = f"{ratio:.2f} × ({human(mine.median / scale)} / {human(limit.median / scale)})"
    return Row(name, f"≤ {most} × raw", figure, ratio <= most, mine.median / scale)


def human(seconds: float) -> str:
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"
