"""What the window asks of rotations on a pool thread. No widget here."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app import notices
from app.errors import AppError, BadRotation
from app.leases.sweep import sweep
from app.rotation.due import next_of
from app.rotation.fitting import fitting_target
from app.rotation.giving_up import give_up
from app.rotation.left import as_left
from app.rotation.registry import names, target_named
from app.rotation.rounds import Turn, each, run_due
from app.rotation.run import Rotating
from vault.errors import NotFound, Refused, VaultError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from app.notices import Digest, Tick
    from app.rotation.overlap import Overlap
    from app.rotation.schedule import Window
    from app.rotation.target import Target
    from ui.bridge import Cancel
    from vault.paths import ParameterPath
    from vault.records import Rotation, RotationRun
    from vault.vault import Vault

HISTORY = 200  # runs that are listed, with those before them that are open
OFFERED = 500  # entries to choose from; others are typed


class Act(StrEnum):
    """What is done to entries that rotate."""

    START = "start"
    RESUME = "resume"
    ROLL_BACK = "roll back"
    GIVE_UP = "give up"


class Standing(NamedTuple):
    """How an entry rotates, and how that stands."""

    rotation: Rotation
    window: Window | None  # the next
    last: RotationRun | None  # the last that was begun


class Overview(NamedTuple):
    """What the page shows."""

    standings: list[Standing]
    runs: list[RotationRun]  # last begun first


class Offer(NamedTuple):
    """What a rotation can be set up with."""

    targets: dict[str, Target]  # by name
    broken: list[str]  # targets whose plug-in cannot be loaded
    paths: list[ParameterPath]  # entries, the first ones by path
    fitting: str  # the target that fits the value; "" where that cannot be told


class Brief(NamedTuple):
    """A digest, and what its buttons hang on."""

    digest: Digest
    rotating: frozenset[int]  # ids of entries that rotate
    now: datetime  # UTC


class Kept(NamedTuple):
    """What was done by itself."""

    tick: Tick
    turns: list[Turn]


class Sight(NamedTuple):
    """A run as the page shows it."""

    run: RotationRun
    overlap: Overlap | None  # None where its target is not at hand
    remotes: tuple[str, ...] = ()  # that it tells


class Over(NamedTuple):
    """Nobody here works on the rotation of an entry any more; others of the same act may go on."""

    path: ParameterPath


def overview(vault: Vault) -> Overview:
    """Every entry that rotates, and the history."""
    found = {run.id: run for run in (*vault.rotations.runs(limit=HISTORY), *vault.rotations.open_runs())}
    runs = [as_left(vault, found[number]) for number in sorted(found, reverse=True)]
    return Overview([_standing(vault, one) for one in vault.rotations.listed()], runs)


def standing_of(vault: Vault, path: ParameterPath) -> Standing | None:
    """How one entry rotates; None where it does not, or is gone."""
    try:
        return _standing(vault, vault.rotations.find(path))
    except NotFound:
        return None


def look(vault: Vault, run_id: int) -> Sight:
    """A run as it is now, with what is known of its target.

    Raises:
        NotFound: there is none.
    """
    run = as_left(vault, vault.rotations.run(run_id))
    try:
        rotating = Rotating(vault, run.path)
    except (AppError, VaultError):  # nothing is set any more, or its plug-in is gone
        return Sight(run, None)
    return _sight(rotating, run)


def work(
    vault: Vault,
    cancels: Mapping[ParameterPath, Cancel],
    act: Act,
    tell: Callable[[Sight | Over], object],
    ask_mfa: Callable[[str], str] | None,
) -> list[Turn]:
    """Rotate entries, or do something about runs that stopped, several at once.

    Args:
        vault: the vault.
        cancels: the entries, each with what is asked between its steps.
        act: what is done.
        tell: called with each run whenever it changes, and once it is over, on the thread that works on it.
        ask_mfa: asks for the code of an MFA device.
    """

    def turn(path: ParameterPath) -> RotationRun:
        def told(run: RotationRun) -> None:
            tell(Sight(run, rotating.overlap, remotes))

        if act is Act.GIVE_UP:  # the target may be gone, and is not asked
            return give_up(vault, path)
        rotating = Rotating(vault, path, told=told, cancelled=cancels[path], ask_mfa=ask_mfa)
        remotes = _remotes(rotating)
        if act is Act.RESUME:
            return rotating.resume()
        return rotating.roll_back() if act is Act.ROLL_BACK else rotating.start()

    def whole_turn(path: ParameterPath) -> RotationRun:
        try:
            return turn(path)
        finally:
            tell(Over(path))

    return each(cancels, whole_turn)


def keep(vault: Vault, tell: Callable[[Sight], object], stop: Cancel, *, rotate: bool, missed: bool) -> Kept:
    """Do what is due by itself: what expired, leases nobody looks after, and, where `rotate`, rotations.

    Those whose window has passed are among them where `missed`.
    """
    tick = notices.tick(vault)
    sweep(vault)
    if not rotate:
        return Kept(tick, [])
    turns = run_due(vault, missed=missed, told=lambda run: tell(Sight(run, None)), cancelled=stop)
    return Kept(tick, turns)


def brief(vault: Vault) -> Brief:
    """What needs a person's attention by now."""
    return _brief(vault, notices.digest(vault))


def brief_of_the_day(vault: Vault) -> Brief | None:
    """The same, unless there is nothing, or it was told today."""
    found = notices.digest_of_the_day(vault)
    return None if found is None else _brief(vault, found)


def _brief(vault: Vault, digest: Digest) -> Brief:
    return Brief(digest, frozenset(one.entry_id for one in vault.rotations.listed()), vault.now())


def offer(vault: Vault, path: ParameterPath | None) -> Offer:
    """The targets that there are, plug-ins too, and entries to choose from.

    Args:
        vault: the vault.
        path: an entry that is opened, to tell the target that fits it.
    """
    targets, broken = {}, []
    for name in names():
        try:
            targets[name] = target_named(name)
        except BadRotation:
            broken.append(name)
    fits = ""
    if path is not None:
        with suppress(VaultError):  # it has no value, or its key is not at hand
            fits = fitting_target(vault, path)
    return Offer(targets, broken, [entry.path for entry in vault.entries.below(limit=OFFERED)], fits)


def _standing(vault: Vault, rotation: Rotation) -> Standing:
    last = next((as_left(vault, run) for run in vault.rotations.runs(rotation.path, 1)), None)
    try:
        return Standing(rotation, next_of(vault, rotation), last)
    except Refused:  # rules that were put into the file by another program
        return Standing(rotation, None, last)


def _sight(rotating: Rotating, run: RotationRun) -> Sight:
    return Sight(run, rotating.overlap, _remotes(rotating))


def _remotes(rotating: Rotating) -> tuple[str, ...]:
    return tuple(remote.name for remote in rotating.places.listed())
