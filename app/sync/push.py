"""Pushing: what changed here is written there, one version on top of the one that was seen, or not at all."""

from __future__ import annotations

from datetime import timedelta
from threading import Event as Flag
from typing import TYPE_CHECKING, Final

from app.errors import (
    AwsError,
    AwsExists,
    AwsOffline,
    AwsRefused,
    AwsSignIn,
    AwsThrottled,
    AwsUnanswered,
    Overtaken,
)
from app.language import marked
from app.ports import Push, Sighting
from app.sync import settle
from app.sync.choices import OTHER_TYPE, Act
from app.sync.details import push_details
from app.sync.ledger import Ledger
from app.sync.outcome import Outcome, Result
from app.sync.outward import facts_of_new, facts_on_top, fields_to_write
from app.sync.plan import Field
from app.sync.ready import Readiness, Ready
from app.sync.remove import Remover
from app.sync.sides import read_one
from app.sync.sightings import same_version
from app.sync.workers import spread
from vault.errors import Said, VaultError, said_by
from vault.links import Seen
from vault.records import Service, Tier
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.ports import Fetched, RemoteStore
    from app.sync.choices import Step
    from app.sync.ledger import Outgoing
    from app.sync.plan import Item, Local
    from app.sync.progress import Progress
    from vault.links import Link
    from vault.records import Remote
    from vault.vault import Vault

    Written = list[Link]  # with the intents of overwrites that were answered

REST: Final = timedelta(seconds=30)
"""How long a parameter's name rests between a deletion and being made again: AWS's own advice."""
LOOKED_AT: Final = marked(
    "the remote was looked at meanwhile, and it is not as it was; look at the plan again"
)
REPLACED: Final = marked("somebody deleted it there and made it again meanwhile; the next plan shows both")
TYPE_STAYS: Final = "HierarchyTypeMismatchException"
_LOST: Final = (AwsOffline, AwsSignIn, AwsThrottled)


class Pusher:
    """Pushes entries to one remote."""

    def __init__(
        self,
        vault: Vault,
        remote: Remote,
        store: RemoteStore,
        progress: Progress,
        *,
        may_delete: bool = False,
    ) -> None:
        self._vault, self._remote, self._store, self._progress = vault, remote, store, progress
        self._of_secrets = remote.service is Service.SECRETS_MANAGER
        self._ledger = Ledger(vault, remote, store)
        self._may_delete = may_delete
        self._lost = Flag()  # the network or the sign-in is gone: what is left is not tried
        self._remover = Remover(vault, remote, store, self._ledger, progress)
        self._made_now: set[str] = set()  # names that are new there, or new again
        self._put_on: list[Link] = []  # overwrites, as they were begun
        self._unsure: dict[tuple[str, str], Link] = {}  # those whose version beneath was not seen yet

    def run(self, steps: Sequence[Step]) -> Iterator[Outcome]:
        """Push every step's entry, many at once, and see what the writes were really put on."""
        outcomes: list[Outcome] = []
        replaced: set[str] = set()
        try:
            for task, answer in spread(self._do, self._tasks(steps), self._progress.cancelled):
                if isinstance(task, list):
                    replaced |= self._replaced(task, answer)
                    continue
                self._progress.advance(1)
                if isinstance(answer, Exception):
                    raise answer
                outcomes += [each for each in answer if isinstance(each, Outcome)]
            for batch, answer in spread(self._do, iter(self._written_lately, []), lambda: False):
                replaced |= self._replaced(batch, answer)
        finally:
            self._ledger.flush()
            if self._unsure:  # the next look finds out, as if they had gone unanswered
                self._ledger.write(*self._unsure.values())
        for outcome in outcomes:
            if outcome.item.name in replaced:
                yield outcome._replace(result=Result.CONFLICT, reason=REPLACED)
            else:
                yield outcome

    def _tasks(self, steps: Sequence[Step]) -> Iterator[Ready | Step | Written]:
        for begun in Readiness(self._vault, self._remote, self._ledger).run(steps):
            if len(self._put_on) >= self._store.batch:
                yield self._written_lately()
            yield begun

    def _written_lately(self) -> Written:
        """What some of the overwrites were put on, to be looked at."""
        return [self._put_on.pop() for _ in range(min(len(self._put_on), self._store.batch))]

    def _do(self, task: Ready | Step | Written) -> Sequence[Outcome | Fetched]:
        if isinstance(task, list):
            return self._store.beneath([(link.name, _version(link)) for link in task])
        return [self._push(task)]

    def _replaced(self, batch: Written, rows: Sequence[Outcome | Fetched] | Exception) -> set[str]:
        """Which parameters were deleted and made again before our write, so that the numbers fitted.

        Their version lies under ours; it is kept here, as any other that a write went over.
        """
        replaced: set[str] = set()
        if isinstance(rows, Exception):
            return replaced
        known = {(link.name, _version(link)): link.seen for link in batch}
        for which in known:
            del self._unsure[which]
        for row in rows:
            if isinstance(row, Outcome):
                continue
            was = known[row.name, row.version]
            with row.value or Secret() as value:
                if was and self._vault.values.fingerprint(value) == was.fingerprint:
                    continue
                replaced.add(row.name)
                self._ledger.flush()
                link = self._vault.remotes.link(self._remote, row.name)
                self._ledger.write(settle.replaced(self._vault, self._remote, link, row))
        return replaced

    def _push(self, begun: Ready | Step) -> Outcome:
        step = begun.step if isinstance(begun, Ready) else begun
        item, act = step.item, step.act
        try:
            if self._lost.is_set():
                return self._not_tried(begun)
            if isinstance(begun, Ready):
                self._send(begun)
            else:
                local = read_one(self._vault, self._remote, item.path)
                planned = item.local and item.local.fingerprint
                if act is Act.PUSH and local.fingerprint != planned:
                    return Outcome(
                        item, act, Result.CONFLICT, marked("it was changed here meanwhile; look again")
                    )
                link = self._vault.remotes.link(self._remote, item.name)
                if not _as_planned(item.link, link):
                    return Outcome(item, act, Result.CONFLICT, LOOKED_AT)
                link = self._bring(item, link, local)
                self._push_details(item, link)
        except Overtaken as error:
            return Outcome(
                item, act, Result.CONFLICT, Said("{why}; the next plan shows both", why=said_by(error))
            )
        except AwsUnanswered as error:
            return Outcome(
                item, act, Result.FAILED, Said("{why}; the next sync finds out", why=said_by(error))
            )
        except (AwsError, VaultError) as error:
            if isinstance(error, _LOST):
                self._lost.set()
            return Outcome(item, act, Result.FAILED, said_by(error))
        return Outcome(item, act, Result.DONE)

    def _not_tried(self, begun: Ready | Step) -> Outcome:
        step = begun.step if isinstance(begun, Ready) else begun
        if isinstance(begun, Ready):
            with begun.outgoing:
                self._ledger.later(begun.link._replace(intent=None))
        return Outcome(step.item, step.act, Result.NOT_TRIED, marked("the way to AWS was lost before"))

    def _send(self, ready: Ready) -> None:
        """Write one entry there whose intent is remembered; it has no tags or labels of its own to follow."""
        item, local, outgoing = ready.step.item, ready.local, ready.outgoing
        with outgoing:
            written = self._made if ready.link.seen is None else self._written
            link = written(ready.link, local, ready.push, outgoing)
        self._push_details(item, link, local)

    def _push_details(self, item: Item, link: Link, local: Local | None = None) -> None:
        is_new = item.name in self._made_now
        push_details(self._vault, self._remote, self._store, self._ledger, item, link, local, is_new=is_new)

    def _bring(self, item: Item, link: Link, local: Local) -> Link:
        """Write one entry there, but for its tags and labels."""
        if link.seen is None:
            return self._create(link, local)
        facts = facts_on_top(item, link, local)
        if facts is None:
            return link
        with self._ledger.outgoing(local, local.number) as outgoing:
            is_new = Field.VALUE in fields_to_write(item, link, local)
            bare = self._of_secrets and not is_new  # a secret's facts need no new version
            push = Push(item.name, None if bare else outgoing.value, outgoing.token, facts)
            try:
                return self._overwrite(link, local, push, outgoing)
            except AwsRefused as refusal:
                if refusal.aws != TYPE_STAYS:
                    raise
                if not self._may_delete:
                    raise AwsRefused(Said(OTHER_TYPE), refusal.aws, refusal.operation) from None
        return self._create(self._remover.put_away(item.name), local)

    def _create(self, link: Link, local: Local) -> Link:
        """Make an entry there; its labelled versions first, so that the labels have something to sit on."""
        self._rest(link)
        labels = {label: int(number) for label, number in (local.facts.labels or {}).items()}
        before = set(labels.values()) - {local.number} if local.number else set()
        last = labels.get("AWSPREVIOUS")  # AWS puts it on the one before the current
        for number in (*sorted(before, key=lambda each: (each == last, each)), local.number):
            facts = facts_of_new(self._remote, link, local)
            with self._ledger.outgoing(local, number) as outgoing:
                facts = facts._replace(value_type=outgoing.value_type)
                if link.seen is not None:  # tags and labels come after all versions
                    now = link.seen.sighting.facts
                    tier = now.tier if now.tier is Tier.ADVANCED else facts.tier
                    facts = facts._replace(tags=now.tags, labels=now.labels, tier=tier, key=now.key)
                push = Push(link.name, outgoing.value, outgoing.token, facts)
                if link.seen is None:
                    link = self._make(link, local, push, outgoing)
                else:
                    link = self._overwrite(link, local, push, outgoing)
        return link

    def _make(self, link: Link, local: Local, push: Push, outgoing: Outgoing) -> Link:
        link = self._ledger.intend(link, "create", "", local, outgoing, push.facts)
        return self._made(link, local, push, outgoing)

    def _made(self, link: Link, local: Local, push: Push, outgoing: Outgoing) -> Link:
        self._made_now.add(link.name)
        try:
            version = self._store.create(push)
        except AwsExists:
            if self._store.revive(link.name):
                return self._revived(link, local, push, outgoing)
            self._ledger.look_again(link)
            raise Overtaken(Said("somebody made it there meanwhile"), None, "") from None
        except AwsUnanswered:
            return self._found(link, self._ledger.look_again(link))
        sighting = Sighting(link.name, version, "", None, "", push.facts)
        return self._ledger.agree(link, local, sighting, outgoing)

    @staticmethod
    def _found(before: Link, link: Link) -> Link:
        """The link, if another look found the write that went unanswered, and nothing on top of it.

        Raises:
            AwsUnanswered: it did not.
        """
        is_found = link.base is not None and link.base != before.base and not link.overtaken
        if is_found and link.base and link.seen and same_version(link.base.there, link.seen):
            return link
        raise AwsUnanswered(Said("whether {name} was written there is not known", name=link.name))

    def _revived(self, link: Link, local: Local, push: Push, outgoing: Outgoing) -> Link:
        """A deleted secret came back with what it had; ours goes on top of it, if it differs."""
        self._store.tidy(link.name)
        sighting = self._store.look(link.name)
        if sighting is None:
            raise AwsUnanswered(Said("{name} was brought back, and is not there", name=link.name))
        link = link._replace(seen=Seen(sighting, None), intent=None)
        facts = push.facts._replace(tags=sighting.facts.tags, labels=sighting.facts.labels)
        push = push._replace(facts=facts)  # what it still has; ours come after it
        return self._overwrite(link, local, push, outgoing)

    def _overwrite(self, link: Link, local: Local, push: Push, outgoing: Outgoing) -> Link:
        """A new version there on top of the one that was seen, or nothing."""
        if link.seen is None:
            return link
        act, version = "facts" if push.value is None else "overwrite", link.seen.sighting.version
        link = self._ledger.intend(link, act, version, local, outgoing, push.facts)
        return self._written(link, local, push, outgoing)

    def _written(self, link: Link, local: Local, push: Push, outgoing: Outgoing) -> Link:
        if link.seen is None:
            return link
        base, begun = link.seen.sighting, link
        write = self._store.set_facts if push.value is None else self._store.overwrite
        try:
            version = write(push, base)
        except Overtaken as error:
            link = self._ledger.overtaken(link, local, push.facts, outgoing, error)
            if error.ours is None or link.overtaken is not None:
                raise
            return link  # what ours went over was the same
        except AwsUnanswered:
            return self._found(link, self._ledger.look_again(link))
        if not self._of_secrets and begun.seen and begun.seen.fingerprint is not None:
            self._unsure[begun.name, _version(begun)] = begun
            self._put_on.append(begun)
        written = base._replace(version=version, modified_at=None, modified_by="", facts=push.facts)
        return self._ledger.agree(link, local, written, outgoing)

    def _rest(self, link: Link) -> None:
        """Wait until AWS wants a name again that we deleted a moment ago."""
        if link.removed_at is None or self._of_secrets:
            return
        from time import sleep

        while (left := (link.removed_at + REST - self._vault.now()).total_seconds()) > 0:
            self._progress.check()
            sleep(min(left, 0.2))


def _as_planned(planned: Link | None, now: Link) -> bool:
    """Whether what is known of the remote is what the plan was made of."""
    if planned is None or planned.seen is None or now.seen is None:
        return (planned is None or planned.seen is None) and now.seen is None
    return same_version(planned.seen, now.seen)


def _version(begun: Link) -> str:
    """The version there that a write was put on."""
    return begun.intent.version if begun.intent else ""
