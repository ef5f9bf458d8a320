"""The check of a whole vault: file, chain, every envelope, and that rows agree with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.errors import Cancelled, Damaged, VaultError
from vault.paths import ROOT
from vault.storage import integrity
from vault.storage import versions as rows
from vault.storage.versions import ENABLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vault.interior import Interior
    from vault.opening import Values

_BATCH = 1_000


class CheckReport(NamedTuple):
    """What a check saw."""

    entries: int
    versions: int
    events: int
    findings: tuple[str, ...]  # one sentence each; empty if all is well


def check(
    interior: Interior,
    values: Values,
    progress: Callable[[int], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> CheckReport:
    """Read everything back. Takes some seconds for 100,000 entries.

    Args:
        interior: of the vault.
        values: of the vault; each value is opened, compared with its fingerprint, and dropped.
        progress: told how many values were opened so far.
        cancelled: asked before each thousand.

    Raises:
        Cancelled: `cancelled` said so.
    """
    database = interior.database
    findings = list(integrity.file_findings(database))
    entries, versions, events = 0, 0, 0
    try:
        verdict = interior.audit.verify()
        events = verdict.held
        if verdict.broken_at is not None:
            findings.append(f"audit log: {verdict.reason}")
        with database.reading():
            entries, versions = integrity.counts(database)
            findings += integrity.row_findings(database)
        findings += _envelope_findings(interior, values, progress, cancelled)
    except Damaged as error:  # a page that does not read back ends the check, not the report
        findings.append(f"database: {error}")
    return CheckReport(entries, versions, events, tuple(findings))


def _envelope_findings(
    interior: Interior, values: Values, progress: Callable[[int], object], cancelled: Callable[[], bool]
) -> Iterator[str]:
    after, count = 0, 0
    while True:
        if cancelled():
            msg = "the check was stopped"
            raise Cancelled(msg)
        with interior.database.reading():
            batch = rows.sealed_after(interior.database, after, _BATCH)
            findings = [_envelope_finding(interior, values, row) for row in batch]
        if not batch:
            return
        yield from filter(None, findings)
        after, count = batch[-1][0], count + len(batch)
        progress(count)


def _envelope_finding(interior: Interior, values: Values, row: tuple[object, ...]) -> str:
    _, fingerprint, size, entry_id, number, *_ = row
    try:
        with values.opened(ROOT, (*row[3:-1], ENABLED)).value as value:  # a disabled key's values too
            good = interior.fingerprint(value.reveal()) == fingerprint and len(value) == size
    except VaultError as error:
        return f"entry {entry_id}, version {number}: {error}"
    return "" if good else f"entry {entry_id}, version {number}: the fingerprint or size is of another value"
