"""One sync of one remote, as both faces run it: observe, plan, and apply what the person agreed to."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from app.ahead import begun
from app.alone import alone
from app.errors import AwsError, AwsSignIn, SyncUnderWay, UnknownRemote
from app.language import marked
from app.sync.apply import Applying
from app.sync.choices import Answer, Choice, steps_of
from app.sync.observe import Observation, Observer
from app.sync.outcome import Outcome, Result
from app.sync.plan import Plan, Skipped, items_of, make_plan
from app.sync.progress import Progress
from app.sync.sides import path_of, read_here, read_one
from vault.errors import NotFound, Said
from vault.links import Link
from vault.paths import ROOT
from vault.remote_rules import name_of
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from app.ports import RemoteStore
    from app.sync.choices import Step
    from app.sync.plan import Item, Local, Pair
    from vault.paths import ParameterPath
    from vault.records import Remote
    from vault.vault import Vault

PATIENCE: Final = 60.0  # seconds that applying waits for another program which does the same
_MEANWHILE: Final = marked("another program has synced it meanwhile; look again")


def remote_named(vault: Vault, name: str) -> Remote:
    """The remote of a name.

    Raises:
        UnknownRemote: there is none.
    """
    try:
        return vault.remotes.find(name)
    except NotFound:
        raise UnknownRemote(Said("there is no remote {name}", name=repr(name))) from None


class Sync:
    """One remote and the way to it."""

    def __init__(
        self, vault: Vault, remote: Remote, store: RemoteStore, progress: Progress | None = None
    ) -> None:
        """Nothing is asked yet."""
        self._vault, self._remote, self._store = vault, remote, store
        self._progress = progress or Progress()

    def observe(self, *, details: bool = False) -> Observation:
        """Look at the remote; entries and the remote stay as they are.

        Args:
            details: read tags and labels of every parameter again.

        Raises:
            AwsError: it cannot be reached or read.
            Refused: the credentials belong to another account than before.
            Cancelled: the person stopped it.
        """
        self._progress.begin("listing")
        self._check_account()
        started = self._vault.now()
        with begun(self._store.listing()) as listing:
            self._vault.trash.sweep()
            here = read_here(self._vault, self._remote)
            observer = Observer(self._vault, self._remote, self._store, here.entries, self._progress)
            return observer.run(listing, started, details=details)

    def look_at(self, path: ParameterPath) -> Plan:
        """Look at one entry there; its plan. Entries and the remote stay as they are.

        Raises:
            NotFound: there is no such entry here.
            AwsError, Refused: as `observe`.
        """
        self._check_account()
        local = read_one(self._vault, self._remote, path)
        name = name_of(self._remote, path)
        observer = Observer(self._vault, self._remote, self._store, {name: local}, self._progress)
        skipped = observer.look_at(name)
        return plan_of_one(self._vault, self._remote, path, skipped)

    def _check_account(self) -> None:
        """Refuse another account than before, where the credentials tell whose they are."""
        try:
            account = self._store.identity().account
        except AwsSignIn:
            raise
        except AwsError:  # STS may be out of reach, or forbidden, where the service is not
            return
        self._vault.remotes.set_account(self._remote, account)

    def apply(
        self,
        plan: Plan,
        answers: Mapping[str, Answer] | None = None,
        *,
        on_conflict: Choice = Choice.STOP,
        delete: bool = False,
        history: bool = False,
    ) -> list[Outcome]:
        """Do what a plan says.

        Args:
            plan: as the person has seen it.
            answers: to conflicts, by name there.
            on_conflict: for conflicts that have no answer of their own.
            delete: deletions may cross over.
            history: where something is pulled, take every version that is kept there.

        Returns:
            What became of every entry that was not the same on both sides.

        Raises:
            Cancelled: the person stopped it; what was done stays, and the next plan has the rest.
            SyncUnderWay: another program applies a plan to the same remote; nothing was done.
        """

        def answer(item: Item) -> Answer:
            return (answers or {}).get(item.name) or Answer(on_conflict)

        busy = SyncUnderWay(
            Said("another program is bringing {remote} and the vault together", remote=self._remote.name)
        )
        with alone(self._vault, f"sync-{self._remote.id}", busy, PATIENCE):
            steps = tuple(steps_of(plan.items, answer, self._remote.direction, delete=delete))
            fresh, overtaken = self._still_so(steps)
            applying = Applying(self._vault, self._remote, self._store, self._progress)
            return [*applying.run(fresh, history=history, delete=delete), *overtaken]

    def _still_so(self, steps: Sequence[Step]) -> tuple[list[Step], list[Outcome]]:
        """The steps that the plan is still right about; another program may have done others meanwhile."""
        links = self._vault.remotes.links_of(self._remote, [step.item.name for step in steps])
        fresh, overtaken = [], []
        for step in steps:
            if links[step.item.name] == (step.item.link or Link(step.item.name)):
                fresh.append(step)
            else:
                overtaken.append(Outcome(step.item, step.act, Result.LEFT, _MEANWHILE))
        return fresh, overtaken


def plan_of_one(vault: Vault, remote: Remote, path: ParameterPath, skipped: tuple[Skipped, ...] = ()) -> Plan:
    """As `plan_of`, for one entry; reads that one alone.

    Raises:
        NotFound: there is no such entry.
    """
    name = name_of(remote, path)
    pair = (name, path, read_one(vault, remote, path), vault.remotes.link(remote, name))
    return make_plan([pair], remote.direction, skipped)


def plan_of(
    vault: Vault,
    remote: Remote,
    skipped: tuple[Skipped, ...] = (),
    below: ParameterPath = ROOT,
    steps: Steps | None = None,
) -> Plan:
    """The plan as far as the vault knows the remote; no network.

    Args:
        vault: the vault.
        remote: which remote.
        skipped: what the last look could not take.
        below: only this entry or folder.
        steps: are told of each entry here, of each name that is remembered, and of each that is planned.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    pairs, left_out = _pairs(vault, remote, below, steps or Steps())
    return make_plan(pairs, remote.direction, chain(left_out, skipped))


def items(
    vault: Vault, remote: Remote, below: ParameterPath = ROOT, steps: Steps | None = None
) -> Iterator[Item]:
    """The items of `plan_of`, in no order: for who wants to keep few of very many.

    Raises:
        Cancelled: as `plan_of`, at any item.
    """
    pairs, _ = _pairs(vault, remote, below, steps or Steps())
    return items_of(pairs, remote.direction)


def _pairs(
    vault: Vault, remote: Remote, below: ParameterPath, counted: Steps
) -> tuple[Iterator[Pair], list[Skipped]]:
    """The sides by name, as they are asked for; and what takes no part, whole once the last was."""
    with vault.remotes.at_once(counted):
        entries = vault.entries.count(remote.folder)
        counted.expect(2 * entries)  # read and planned
        links = vault.remotes.links(remote, counted)
        here = read_here(vault, remote, counted)
    counted.expect(len(here.entries) - entries)

    def sides() -> Iterator[tuple[str, Local | None, Link | None]]:
        """In the order of the plan, but for what is there alone. Each leaves its mapping: nobody keeps it."""
        for name in counted.each(list(here.entries)):
            yield name, here.entries.pop(name), links.pop(name, None)
        counted.expect(len(links))
        for name in counted.each(list(links)):
            link = links.pop(name)
            if link.seen or link.base:
                yield name, None, link

    def pairs() -> Iterator[Pair]:
        for name, local, link in sides():
            path = local.path if local else path_of(remote, name)
            if isinstance(path, Skipped):
                continue
            if name in here.taken:
                taken = Said("{path} is a {taken} here", path=path, taken=Said(here.taken[name]))
                here.skipped.append(Skipped(name, taken))
            elif below in (ROOT, path) or path.is_below(below):
                yield name, path, local, link

    return pairs(), here.skipped
