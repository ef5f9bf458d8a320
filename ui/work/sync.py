"""What a sync does on a pool thread, and its progress in words. No widget here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.language import plural, tr
from ui.bridge import Cancel
from ui.models.plan_rows import PlanRows
from ui.models.sync import in_order
from ui.turn import TURN
from vault.paths import ROOT
from vault.records import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from app.sync.choices import Answer
    from app.sync.observe import Observation
    from app.sync.outcome import Outcome
    from app.sync.plan import Plan, Skipped
    from app.sync.progress import Step
    from app.sync.run import Sync
    from app.sync.undo import Undeletion
    from vault.paths import ParameterPath
    from vault.records import Remote
    from vault.steps import Steps
    from vault.vault import Vault

    AskMfa = Callable[[str], str] | None
    Tell = Callable[[object], object]

SOON = 1.5  # seconds; less is not told
MINUTE = 60


class Either(Cancel):
    """Asked to stop when one of two is."""

    def __init__(self, one: Cancel, other: Cancel) -> None:
        """Look at both."""
        super().__init__()
        self._either = (one, other)

    def __call__(self) -> bool:
        """Whether one of them was asked; work asks between two steps, and gives way there."""
        TURN.give_way()
        return any(cancel() for cancel in self._either)


class Wanted(NamedTuple):
    """What a person agreed to."""

    plan: Plan
    answers: Mapping[str, Answer]
    delete: bool
    history: bool


class Gone(NamedTuple):
    """An entry that is gone at a remote, and still in the vault or its trash."""

    remote: Remote
    entry: Undeletion


def known(vault: Vault, remote: Remote, skipped: tuple[Skipped, ...], steps: Steps) -> PlanRows:
    """The plan as far as the vault knows, as it is shown; no network.

    Args:
        vault: the vault.
        remote: which remote.
        skipped: what the last look could not take.
        steps: are told as those of `plan_of`, and of each item of the plan.

    Raises:
        Cancelled: whoever is told of `steps` stopped it.
    """
    from app.sync.run import plan_of

    return PlanRows(plan_of(vault, remote, skipped, steps=steps), remote.direction, steps)


def look(vault: Vault, remote: Remote, ask_mfa: AskMfa, tell: Tell, stop: Cancel) -> Observation:
    """Look at a remote."""
    return _sync(vault, remote, ask_mfa, tell, stop).observe()


def apply(
    vault: Vault, remote: Remote, ask_mfa: AskMfa, tell: Tell, stop: Cancel, wanted: Wanted
) -> list[Outcome]:
    """Apply a plan; what became of it, with what failed first."""
    sync = _sync(vault, remote, ask_mfa, tell, stop)
    outcomes = sync.apply(wanted.plan, wanted.answers, delete=wanted.delete, history=wanted.history)
    return in_order(outcomes)


def gone(vault: Vault, folder: ParameterPath, steps: Steps) -> list[Gone]:
    """What can be made again at the remotes of a folder, as the last looks tell; no network.

    Raises:
        Cancelled: whoever is told of `steps`, those of `plan_undelete`, stopped it.
    """
    from app.sync import undo

    remotes = [
        remote
        for remote in vault.remotes.listed()
        if remote.direction is not Direction.PULL and undo.covers(remote, folder)
    ]
    return [
        Gone(remote, entry)
        for remote in remotes
        for entry in undo.plan_undelete(vault, remote, folder, steps)
    ]


def make_again(
    vault: Vault, remote: Remote, names: Collection[str], steps: Steps, *, trashed: bool = False
) -> int:
    """Have the plan create there what is gone there; nothing is written there yet.

    Args:
        vault: the vault.
        remote: where it is gone.
        names: which, by their names there.
        steps: are told as those of `gone`, and of each that is taken back.
        trashed: take entries out of the trash as well.

    Returns:
        How many.

    Raises:
        AlreadyExists: the path of a trashed one is taken by now; nothing was changed.
        Cancelled: whoever is told of `steps` stopped it; nothing was changed.
    """
    from app.sync import undo

    found = [
        each
        for each in undo.plan_undelete(vault, remote, ROOT, steps)
        if each.name in names and (trashed or each.trashed is None)
    ]
    undo.take_back(vault, remote, found, steps)
    return len(found)


def make_all_again(vault: Vault, found: list[Gone], steps: Steps) -> int:
    """The same for what `gone` found, out of the trash as well, at all remotes or at none."""
    names: dict[Remote, set[str]] = {}
    for one in found:
        names.setdefault(one.remote, set()).add(one.entry.name)
    with vault.remotes.together():
        return sum(make_again(vault, remote, wanted, steps, trashed=True) for remote, wanted in names.items())


def again_words(count: int) -> tuple[str, str]:
    """What `make_again` came to, and what it did not."""
    entries = plural("{n} entry", "{n} entries", count)
    return tr("The plan creates {entries} there again.", entries=entries), tr(
        "Nothing is written there before you apply."
    )


def progress_words(step: Step) -> str:
    """How far it is, and how long it may take."""
    what = tr("Applying") if step.what == "writing" else tr("Looking at what is there")
    if not step.expected:
        return (
            tr("{what}: {count} so far", what=what, count=plural("{n} call", "{n} calls", step.done))
            if step.done
            else f"{what}…"
        )
    return tr(
        "{what}: {done:,} of {count}{left}",
        what=what,
        done=step.done,
        count=plural("{n} call", "{n} calls", step.expected),
        left=_left(step.seconds_left),
    )


def progress_numbers(step: Step) -> tuple[int, int]:
    """Done and total; total 0: nobody knows."""
    return (min(step.done, step.expected), step.expected) if step.expected else (0, 0)


def _left(seconds: float | None) -> str:
    if seconds is None or seconds < SOON:
        return ""
    if seconds >= MINUTE:
        return tr(", about {count} left", count=plural("{n} minute", "{n} minutes", round(seconds / MINUTE)))
    return tr(", about {count} left", count=plural("{n} second", "{n} seconds", round(seconds)))


def _sync(vault: Vault, remote: Remote, ask_mfa: AskMfa, tell: Tell, stop: Cancel) -> Sync:
    from app.allowed import allow_remote
    from app.aws.stores import open_store
    from app.sync.progress import Progress
    from app.sync.run import Sync

    store = open_store(vault, allow_remote(vault, remote), ask_mfa=ask_mfa, cancelled=stop)
    return Sync(vault, remote, store, Progress(tell, stop))
