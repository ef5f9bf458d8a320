"""The check of a whole vault: file, chain, every envelope, and that rows agree with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vault.envelope import context_bytes, open_value
from vault.errors import Cancelled, Damaged, KeyUnavailable, Said, VaultError, said_by
from vault.key_rules import OUTSIDE
from vault.keys import pairs_of
from vault.outside import Need
from vault.paths import ROOT
from vault.steps import Steps
from vault.storage import integrity, schema_check
from vault.storage import keys as key_rows
from vault.storage import versions as rows
from vault.storage.versions import ENABLED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.interior import Interior
    from vault.opening import Values
    from vault.secret import Secret
    from vault.slots import Slots

_BATCH = 1_000


class CheckReport(NamedTuple):
    """What a check saw."""

    entries: int
    versions: int
    events: int
    findings: tuple[Said, ...]  # one sentence each; empty if all is well
    unchecked: tuple[Said, ...] = ()  # what could not be looked at, one sentence each
    stopped_after: int | None = None  # so many versions, where it was stopped: nothing is known of the rest


def check(interior: Interior, values: Values, slots: Slots, steps: Steps) -> CheckReport:
    """Read everything back. Takes some seconds for 100,000 entries.

    Args:
        interior: of the vault.
        values: of the vault; each value is opened, compared with its fingerprint, and dropped.
        slots: of the vault; the header is read again, as a disk may lose it while the vault is open.
        steps: are told of each version; whoever is told may stop it, and has the report so far.
    """
    seen = _Check(interior, values, slots, steps)
    stopped_after = None
    try:
        seen.everything()
    except Damaged as error:  # a page that does not read back ends the check, not the report
        seen.findings.append(Said("database: {why}", why=said_by(error)))
    except Cancelled:
        stopped_after = seen.envelopes.opened
    return CheckReport(
        seen.entries,
        seen.versions,
        seen.events,
        tuple(seen.findings),
        seen.envelopes.unchecked(),
        stopped_after,
    )


class _Check:
    """One check of a vault, and what it has seen so far."""

    def __init__(self, interior: Interior, values: Values, slots: Slots, steps: Steps) -> None:
        self._in, self._slots, self._steps = interior, slots, steps
        self.envelopes = _Envelopes(interior, values, steps)
        self.entries = self.versions = self.events = 0
        self.findings: list[Said] = []

    def everything(self) -> None:
        """Look at everything, the file first: what is said of a row means little where its page is damaged.

        Raises:
            Damaged: the rest does not read back.
            Cancelled: whoever is told stopped it.
        """
        database, told = self._in.database, self._steps.reach
        told(0, 0)
        try:
            self._slots.header()
        except Damaged as error:
            self.findings.append(Said("header: {why}", why=said_by(error)))
        if crafted := schema_check.findings(database):  # what else a query says, it says of another schema
            self.findings += [Said("schema: {why}; restore a backup", why=finding) for finding in crafted]
            return
        self.findings += integrity.file_findings(database, self._steps)
        told(0, 0)
        verdict = self._in.audit.verify(Steps(lambda *_: told(0, 0)))  # what is told of are versions
        self.events = verdict.held
        if verdict.broken_at is not None:
            self.findings.append(Said("audit log: {why}", why=verdict.reason))
        with database.checking(self._steps):
            self.entries, self.versions = integrity.counts(database)
            self.findings += integrity.record_findings(database)
            self.findings += integrity.small_findings(database)
            self.findings += integrity.row_findings(database)
        self.findings += self.envelopes.findings(self.versions)
        self.findings += _remote_findings(self._in)


def _remote_findings(interior: Interior) -> Iterator[Said]:
    """What is remembered of remotes: that it reads back, and that kept values open."""
    from vault.remotes import Remotes  # most vaults have none, and `get` never needs it

    remotes = Remotes(interior)
    try:
        listed = remotes.listed()
    except Damaged:  # its row is told of already
        return
    for remote in listed:
        try:
            remotes.links(remote)
            with interior.database.reading():
                kept = integrity.kept_values(interior.database, remote.id)
            for name, version in kept:
                value = remotes.staged(remote, name, version)
                if value is not None:
                    value.wipe()
        except (Damaged, LookupError, ValueError) as error:
            yield Said("remote {name}: {why}", name=remote.name, why=said_by(error))
        except KeyUnavailable:  # a disabled key is no damage
            continue


class _Envelopes:
    """Opens every version with every key that wraps it."""

    def __init__(self, interior: Interior, values: Values, steps: Steps) -> None:
        self._in = interior
        self._values = values
        self._steps = steps
        self.opened = 0  # versions so far
        self._unchecked: dict[int, list[int]] = {}  # key id: row ids of versions
        self._why: dict[int, KeyUnavailable] = {}

    def findings(self, versions: int) -> Iterator[Said]:
        """One sentence for each that is not what was written.

        Args:
            versions: how many there are.

        Raises:
            Cancelled: whoever is told of the steps stopped it.
        """
        after = (0, 0)
        while True:
            self._steps.reach(self.opened, max(self.opened, versions))
            with self._in.database.reading():
                batch = rows.sealed_after(self._in.database, *after, _BATCH)
                found = [self._finding(row) for row in batch if row[_MATERIAL] != OUTSIDE]
            if not batch:
                return
            yield from filter(None, found)
            yield from self._outside([row for row in batch if row[_MATERIAL] == OUTSIDE])
            self.opened += len({row[0] for row in batch} - {after[0]})
            after = (batch[-1][0], batch[-1][_KEY])

    def unchecked(self) -> tuple[Said, ...]:
        """What no key outside could be asked for, one sentence for each key."""
        if not self._unchecked:
            return ()
        with self._in.database.reading():
            names = key_rows.aliases(self._in.database)
        return tuple(
            Said(
                "{count} not opened with {key}: {why}",
                count=len(versions),
                key=names.get(key_id) or Said("key {id}", id=key_id),
                why=said_by(self._why[key_id]),
            )
            for key_id, versions in self._unchecked.items()
        )

    def _finding(self, row: tuple[Any, ...]) -> Said | None:
        _, fingerprint, size, entry_id, number, *_ = row
        try:
            with self._values.opened(
                ROOT, (*row[3:-1], ENABLED)
            ).value as value:  # a disabled key's values too
                good = self._in.fingerprint(value.reveal()) == fingerprint and len(value) == size
        except VaultError as error:
            return _of(entry_id, number, said_by(error))
        return None if good else _of(entry_id, number, _ANOTHER)

    def _outside(self, batch: list[tuple[Any, ...]]) -> Iterator[Said]:
        """As `_finding`, for what keys outside have wrapped; one that was not reached is not asked again."""
        asked = []
        for row in batch:
            if row[_KEY] in self._why:
                self._unchecked[row[_KEY]].append(row[0])
                continue
            try:
                pairs = pairs_of(row[6])
            except Damaged as error:
                yield _of(row[3], row[4], said_by(error))
                continue
            asked.append((row, Need(row[_KEY], row[3], row[4], pairs, row[_WRAPPED])))
        if not asked:
            return
        answers: list[Secret | VaultError]
        try:
            answers = self._in.outside.try_unwrap([need for _, need in asked])
        except KeyUnavailable as error:
            answers = [error] * len(asked)
        for (row, _), answer in zip(asked, answers, strict=True):
            if isinstance(answer, KeyUnavailable):
                self._why.setdefault(row[_KEY], answer)
                self._unchecked.setdefault(row[_KEY], []).append(row[0])
            elif isinstance(answer, VaultError):
                yield _of(row[3], row[4], said_by(answer))
            else:
                yield from filter(None, [self._opens(row, answer)])

    def _opens(self, row: tuple[Any, ...], data_key: Secret) -> Said | None:
        _, fingerprint, size, entry_id, number, _, pairs, sealed, *_ = row
        context = context_bytes(self._in.vault_id, entry_id, number, pairs_of(pairs))
        try:
            with data_key, open_value(data_key.reveal(), sealed, context) as value:
                good = self._in.fingerprint(value.reveal()) == fingerprint and len(value) == size
        except VaultError as error:
            return _of(entry_id, number, said_by(error))
        return None if good else _of(entry_id, number, _ANOTHER)


_KEY, _MATERIAL, _WRAPPED = 8, 9, 10  # columns of `sealed_after`
_ANOTHER = Said("the fingerprint or size is of another value")


def _of(entry_id: int, number: int, why: str) -> Said:
    return Said("entry {entry}, version {version}: {why}", entry=entry_id, version=number, why=why)
