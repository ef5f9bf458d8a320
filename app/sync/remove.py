"""Deletions that cross over, each confirmed by a person before. What goes, the vault keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import AwsError, AwsRefused, Overtaken
from app.language import marked
from app.ports import Fetched
from app.sync import settle
from app.sync.outcome import Outcome, Result
from vault.audit import Event
from vault.errors import NotFound, Said, VaultError, said_by
from vault.links import Intent
from vault.remote_rules import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.ports import RemoteStore
    from app.sync.choices import Step
    from app.sync.ledger import Ledger
    from app.sync.progress import Progress
    from vault.links import Link
    from vault.records import Remote
    from vault.vault import Vault

BATCH: Final = 10
"""What one DeleteParameters takes."""
CHANGED: Final = marked("somebody changed it there meanwhile")


def delete_here(vault: Vault, remote: Remote, steps: Sequence[Step]) -> Iterator[Outcome]:
    """Move entries that are gone there to the trash, where they stay until a person purges them."""
    for step in steps:
        try:
            result = _delete_one_here(vault, remote, step)
        except VaultError as error:
            yield Outcome(step.item, step.act, Result.FAILED, said_by(error))
        else:
            reason = "" if result is Result.DONE else marked("it was changed here meanwhile; look again")
            yield Outcome(step.item, step.act, result, reason)


def _delete_one_here(vault: Vault, remote: Remote, step: Step) -> Result:
    item, link = step.item, step.item.link
    with vault.remotes.together():
        if link is None or item.local is None or vault.entries.find(item.path).latest != item.local.latest:
            return Result.CONFLICT
        vault.trash.set_aside([item.path])
        gone = link._replace(base=None, former=link.base or link.former, seen=None, overtaken=None)
        vault.remotes.write(remote, [gone])
    return Result.DONE


class Remover:
    """Deletes entries at one remote."""

    def __init__(
        self, vault: Vault, remote: Remote, store: RemoteStore, ledger: Ledger, progress: Progress
    ) -> None:
        self._vault, self._remote, self._store = vault, remote, store
        self._ledger, self._progress = ledger, progress

    def run(self, steps: Sequence[Step]) -> Iterator[Outcome]:
        """Delete what is gone here, some at a time; what changed there since it was seen stays."""
        for at in range(0, len(steps), BATCH):
            self._progress.check()
            batch = {step.item.name: step for step in steps[at : at + BATCH]}
            try:
                yield from self._delete(batch)
            except AwsError as error:
                for step in batch.values():
                    yield Outcome(step.item, step.act, Result.FAILED, said_by(error))
            self._progress.advance(len(batch))

    def _delete(self, batch: dict[str, Step]) -> Iterator[Outcome]:
        for name, step in list(batch.items()):
            if self._is_back(step):
                del batch[name]
                yield Outcome(step.item, step.act, Result.CONFLICT, marked("it is here again; look again"))
        if not batch:
            return
        changed = self._changed(list(batch))
        for name in changed:
            step = batch.pop(name)
            self._ledger.look_again(self._vault.remotes.link(self._remote, name))
            yield Outcome(step.item, step.act, Result.CONFLICT, CHANGED)
        if not batch:
            return
        links = {name: self._intended(name) for name in batch}
        gone = set(self._store.delete(list(batch)))
        with self._vault.remotes.together():
            for name in gone & batch.keys():
                self._ledger.write(settle.gone_there(links[name], self._vault))
                told = {"remote": self._remote.name, "name": name}
                self._vault.remotes.log(Event("remote-entry-deleted", links[name].entry_id, None, told))
        for name, step in batch.items():
            if name in gone:
                yield Outcome(step.item, step.act, Result.DONE)
            else:
                yield Outcome(step.item, step.act, Result.FAILED, marked("AWS did not delete it"))

    def _is_back(self, step: Step) -> bool:
        """Whether an entry was made here, or brought back, since the plan was."""
        try:
            return self._vault.entries.find(step.item.path).kind is KIND_OF[self._remote.service]
        except NotFound:
            return False

    def put_away(self, name: str) -> Link:
        """Delete one entry that is to be made again at once; its link afterwards.

        Raises:
            Overtaken: it changed there since it was seen.
            AwsError: it could not be deleted.
        """
        if self._changed([name]):
            self._ledger.look_again(self._vault.remotes.link(self._remote, name))
            raise Overtaken(Said(CHANGED), None, "")
        link = self._intended(name)
        if name not in self._store.delete([name]):
            raise AwsRefused(Said("AWS did not delete {name}", name=name))
        told = {"remote": self._remote.name, "name": name}
        with self._vault.remotes.together():
            self._vault.remotes.log(Event("remote-entry-deleted", link.entry_id, None, told))
            return self._ledger.write(settle.gone_there(link, self._vault))

    def _changed(self, names: list[str]) -> list[str]:
        """Which of them are not as they were seen: AWS has no conditional delete, so look just before."""
        found: list[str] = []
        for row in self._store.values(names):
            link = self._vault.remotes.link(self._remote, row.name)
            if not isinstance(row, Fetched):
                found.append(row.name)
                continue
            if link.seen is None or (row.version, self._fingerprint(row)) != (
                link.seen.sighting.version,
                link.seen.fingerprint,
            ):
                found.append(row.name)
        return found

    def _fingerprint(self, row: Fetched) -> bytes | None:
        if row.value is None:
            return None
        with row.value as value:
            return self._vault.values.fingerprint(value)

    def _intended(self, name: str) -> Link:
        link = self._vault.remotes.link(self._remote, name)
        seen = link.seen
        if seen is None:
            return link
        intent = Intent(
            "delete", seen.sighting.version, seen.fingerprint, 0, seen.sighting.facts, self._vault.now()
        )
        return self._ledger.write(link._replace(intent=intent))
