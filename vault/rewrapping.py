"""Rewrapping: wrapped data keys become what the key policy of their path says. Sealed values stay.

It goes batch by batch: read, ask the keys outside without a transaction, write. A wrapped key is dropped only
once another one of its version was seen to open to the data key that the sealed value is committed to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from vault.audit import Event
from vault.envelope import commits, context_bytes
from vault.errors import Cancelled, Damaged, KeyUnavailable, Said, VaultError
from vault.key_rules import OUTSIDE, Rule, Step, effective, step
from vault.keys import pairs_of
from vault.outside import Need, Wrapped
from vault.secret import Secret
from vault.storage import outside as rows
from vault.storage.versions import ENABLED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vault.interior import Interior
    from vault.paths import ParameterPath
    from vault.records import KmsKey
    from vault.storage.outside import WrapRow

BATCH: Final = 200  # versions a transaction
_ROWS: Final = 5_000


class RewrapPlan(NamedTuple):
    """What rewrapping a folder would do, in versions."""

    versions: int  # all that there are
    waiting: int  # of them not wrapped as their policy says
    encrypt: int  # get a KMS key beside or instead of the local one (kms:Encrypt)
    reencrypt: int  # go from one KMS key to another (kms:ReEncrypt)
    decrypt: int  # get a local key again (kms:Decrypt)
    drop_local: int  # lose the local key: without network they do not open from then on
    drop_kms: int  # lose a KMS key


def plan(interior: Interior, folder: ParameterPath, rules: Mapping[str, Rule]) -> RewrapPlan:
    """Count what rewrapping would do under these rules; inside a transaction."""
    versions = waiting = encrypt = reencrypt = decrypt = drop_local = drop_kms = 0
    for _, path, local, outside in _versions(interior, folder, 0):
        versions += 1
        todo = step(effective(rules, path), local, outside)
        if not todo:
            continue
        waiting += 1
        has_local = bool(local)
        encrypt += todo.add_kms is not None and (has_local or todo.add_local)
        reencrypt += todo.add_kms is not None and not (has_local or todo.add_local)
        decrypt += todo.add_local
        drop_local += bool(local.intersection(todo.drop))
        drop_kms += bool(outside.intersection(todo.drop))
    return RewrapPlan(versions, waiting, encrypt, reencrypt, decrypt, drop_local, drop_kms)


def rewrap(
    interior: Interior,
    folder: ParameterPath,
    progress: Callable[[int], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Wrap every data key at and below a folder as its policy says; how many versions were changed.

    Args:
        interior: of the vault.
        folder: where; entries in the trash too.
        progress: told the count so far, after each transaction.
        cancelled: asked before each batch.

    Raises:
        Cancelled: `cancelled` said so; what was rewrapped stays. Call it again to go on.
        KeyUnavailable, Damaged: of some versions, which stay as they were; the others are done.
    """
    done, after = 0, 0
    failure: VaultError | None = None
    while True:
        if cancelled():
            msg = Said("stopped; call it again to go on")
            raise Cancelled(msg)
        with interior.database.reading():
            jobs, after = _next_jobs(interior, folder, after)
            for job in jobs:
                job.open_locally(interior)
        try:
            _Errand(interior, jobs).run()
            good = [job for job in jobs if job.failure is None]
            changed = _write(interior, folder, good)
        finally:
            for job in jobs:
                job.wipe()
        done += changed
        failure = failure or next((job.failure for job in jobs if job.failure), None)
        if changed:
            progress(done)
        if failure is not None and (not jobs or not good):
            raise failure
        if not jobs:
            break
    _forget_unused(interior)
    interior.outside.put_off = None
    return done


class _Job:
    """One version on its way from the keys that wrap it to those that should."""

    def __init__(self, todo: Step, wraps: Sequence[WrapRow], rule: Rule) -> None:
        self.todo, self.wraps, self.rule = todo, wraps, rule
        self.version = wraps[0]
        self.pairs = pairs_of(self.version.context)
        self.data_key: Secret | None = None
        self.new_wrap: bytes | None = None  # under `todo.add_kms`
        self.is_proven = False  # one of the keys that stay opens it
        self.failure: VaultError | None = None

    @property
    def outside(self) -> WrapRow | None:
        """The wrapped key to ask a key outside for, one that stays if there is one."""
        found = [row for row in self.wraps if row.material == OUTSIDE]
        return min(found, key=lambda row: row.key_id in self.todo.drop, default=None)

    @property
    def needs_data_key(self) -> bool:
        """Whether the data key itself must come from outside."""
        return self.data_key is None and self.todo.add_local

    @property
    def is_spoiled(self) -> bool:
        """Whether the wrapped key that stays does not open, and could be made anew from the data key."""
        stays = any(row.key_id == self.rule.kms for row in self.wraps)
        return isinstance(self.failure, Damaged) and stays and self.data_key is not None

    def make_anew(self) -> None:
        """Have the wrapped key of the policy's KMS key replaced."""
        self.failure = None
        self.todo = self.todo._replace(add_kms=self.rule.kms)

    def open_locally(self, interior: Interior) -> None:
        """Have the data key by a local key, where one wraps it and is enabled."""
        local = [row for row in self.wraps if row.material != OUTSIDE]
        usable = [row for row in local if row.state == ENABLED]
        try:
            if usable:
                row = min(usable, key=lambda each: each.key_id in self.todo.drop)
                context = context_bytes(interior.vault_id, row.entry_id, row.number, self.pairs)
                opened = interior.keys.data_key(row.key_id, row.material, row.state, row.wrapped, context)
                self.take(Secret.adopt(opened), stays=row.key_id not in self.todo.drop)
            elif local and self.outside is None:
                interior.keys.check_state(local[0].state, f"key {local[0].key_id}")
        except VaultError as error:
            self.failure = error

    def take(self, data_key: Secret, *, stays: bool) -> None:
        """Accept a data key, if it is the one that the sealed value is committed to.

        Args:
            data_key: from one of the wrapped keys.
            stays: whether that one stays, or was made just now.
        """
        if not commits(data_key.reveal(), self.version.sealed_head):
            data_key.wipe()
            place = f"entry {self.version.entry_id}, version {self.version.number}"
            self.failure = Damaged(
                Said("{place}: a wrapped key gives another data key than the value's", place=place)
            )
            return
        if self.data_key is None:
            self.data_key = data_key
        else:
            data_key.wipe()
        self.is_proven = self.is_proven or stays

    def need(self, row: WrapRow, wrapped: bytes, key_id: int) -> Need:
        """What to ask a key outside for."""
        return Need(key_id, row.entry_id, row.number, self.pairs, wrapped)

    def wipe(self) -> None:
        """Drop the data key."""
        if self.data_key is not None:
            self.data_key.wipe()


class _Errand:
    """What a batch asks of keys outside: each kind of question once, for all of its versions."""

    def __init__(self, interior: Interior, jobs: Sequence[_Job]) -> None:
        self._in = interior
        self._jobs = jobs

    def run(self) -> None:
        """Ask; what comes back, or what went wrong, is in the jobs."""
        self._unwrap([job for job in self._open() if job.needs_data_key])
        targets = {job.todo.add_kms for job in self._open() if job.todo.add_kms is not None}
        for key_id in sorted(targets):
            self._wrap(key_id, [job for job in self._open() if job.todo.add_kms == key_id])
        self._prove([job for job in self._open() if job.todo.drop and not self._is_safe(job)])
        spoiled = [job for job in self._jobs if job.is_spoiled]
        for job in spoiled:
            job.make_anew()
        for key_id in sorted({job.todo.add_kms for job in spoiled if job.todo.add_kms is not None}):
            self._wrap(key_id, [job for job in spoiled if job.todo.add_kms == key_id])
        self._prove([job for job in spoiled if job.failure is None])

    def _open(self) -> Iterator[_Job]:
        return (job for job in self._jobs if job.failure is None)

    @staticmethod
    def _is_safe(job: _Job) -> bool:
        return job.is_proven or job.todo.add_local  # a local wrap is made here, of a data key that fits

    def _unwrap(self, jobs: Sequence[_Job]) -> None:
        asked = [(job, row) for job in jobs if (row := job.outside) is not None]
        needs = [job.need(row, row.wrapped, row.key_id) for job, row in asked]
        for (job, row), found in zip(asked, self._answers(needs), strict=True):
            if isinstance(found, VaultError):
                job.failure = found
            else:
                job.take(found, stays=row.key_id not in job.todo.drop)

    def _wrap(self, key_id: int, jobs: Sequence[_Job]) -> None:
        outside = self._in.outside
        keys = self._keys()
        target = keys[key_id]
        have = [(job, job.data_key) for job in jobs if job.data_key is not None]
        lack = [(job, row) for job in jobs if job.data_key is None and (row := job.outside) is not None]
        contexts = {id(job): outside.pairs(job.need(job.version, b"", key_id)) for job in jobs}
        try:
            made = list(outside.keys.wrap(target, [(key, contexts[id(job)]) for job, key in have]))
            made += outside.keys.rewrap(
                target, [Wrapped(keys[row.key_id], row.wrapped, contexts[id(job)]) for job, row in lack]
            )
        except KeyUnavailable as error:
            made = [error] * len(jobs)
        for job, found in zip([job for job, _ in (*have, *lack)], made, strict=True):
            if isinstance(found, VaultError):
                job.failure = found
            else:
                job.new_wrap = found

    def _prove(self, jobs: Sequence[_Job]) -> None:
        """See the wrapped keys that stay open, before others are dropped."""
        asked: list[tuple[_Job, Need]] = []
        for job in jobs:
            if job.new_wrap is not None and job.todo.add_kms is not None:
                asked.append((job, job.need(job.version, job.new_wrap, job.todo.add_kms)))
            elif (row := job.outside) is not None and row.key_id not in job.todo.drop:
                asked.append((job, job.need(row, row.wrapped, row.key_id)))
            else:
                job.failure = KeyUnavailable(Said("the local key that stays is not enabled; enable it first"))
        for (job, _), found in zip(asked, self._answers([need for _, need in asked]), strict=True):
            if isinstance(found, VaultError):
                job.failure = found
            else:
                job.take(found, stays=True)

    def _answers(self, needs: Sequence[Need]) -> Sequence[Secret | VaultError]:
        if not needs:
            return []
        try:
            return self._in.outside.try_unwrap(needs)
        except KeyUnavailable as error:
            return [error] * len(needs)

    def _keys(self) -> dict[int, KmsKey]:
        with self._in.database.reading():
            return {key.id: key for key in rows.kms_keys(self._in.database)}


def _versions(
    interior: Interior, folder: ParameterPath, after: int
) -> Iterator[tuple[int, ParameterPath, set[int], set[int]]]:
    """Each version after a row id with its path and the ids of its local keys and of its keys outside."""
    while True:
        page = rows.holders(interior.database, folder, after, _ROWS)
        last = page[-1][0] if len(page) == _ROWS else None  # it may have more keys than the page holds
        found: dict[int, tuple[ParameterPath, set[int], set[int]]] = {}
        for version_id, path, key_id, local in page:
            if version_id != last:
                _, local_keys, outside = found.setdefault(version_id, (path, set(), set()))
                (local_keys if local else outside).add(key_id)
        for version_id, (path, local_keys, outside) in found.items():
            yield version_id, path, local_keys, outside
        if last is None:
            return
        after = max(found)


def _next_jobs(interior: Interior, folder: ParameterPath, after: int) -> tuple[list[_Job], int]:
    """The next batch of versions that wait, and the row id of the last of them; inside a transaction."""
    rules = rows.rules(interior.database)
    todo: dict[int, Step] = {}
    for version_id, path, local, outside in _versions(interior, folder, after):
        after = version_id
        if found := step(effective(rules, path), local, outside):
            todo[version_id] = found
            if len(todo) == BATCH:
                break
    wraps = rows.wraps_of(interior.database, todo)
    return [_Job(todo[each], wraps[each], effective(rules, wraps[each][0].path)) for each in todo], after


def _write(interior: Interior, folder: ParameterPath, jobs: Sequence[_Job]) -> int:
    """Write what came of a batch; versions that others have changed meanwhile are left for the next time."""
    database = interior.database
    if not jobs:
        return 0
    with database.writing():
        rules = rows.rules(database)
        now = rows.wraps_of(database, [job.version.version_id for job in jobs])
        still = [
            job
            for job in jobs
            if now.get(job.version.version_id) == job.wraps
            and effective(rules, job.version.path)[:2] == job.rule[:2]
        ]
        added: list[tuple[int, int, int, bytes]] = []
        for job in still:
            version_id = job.version.version_id
            if job.todo.add_local and job.data_key is not None:
                key_id, number, material = interior.keys.newest()
                context = context_bytes(
                    interior.vault_id, job.version.entry_id, job.version.number, job.pairs
                )
                added.append((version_id, key_id, number, material.wrap(job.data_key, context)))
            if job.new_wrap is not None and job.todo.add_kms is not None:
                added.append((version_id, job.todo.add_kms, OUTSIDE, job.new_wrap))
        rows.add_wraps(database, added)
        rows.drop_wraps(
            database, [(job.version.version_id, key_id) for job in still for key_id in job.todo.drop]
        )
        if still:
            detail = {"path": str(folder), "count": len(still)}
            interior.audit.append(Event("data-keys-rewrapped", detail=detail))
    return len(still)


def _forget_unused(interior: Interior) -> None:
    """Drop KMS keys that wrap nothing any more and that no policy names."""
    with interior.database.writing():
        for key_id, arn in rows.unused_kms_keys(interior.database):
            rows.delete_kms_key(interior.database, key_id)
            interior.audit.append(Event("kms-key-removed", detail={"key": arn}))
