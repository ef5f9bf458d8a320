"""Outline: what a rotation would do, before it does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.language import marked, tr
from app.rotation.overlap import Overlap
from app.rotation.places import Places
from app.rotation.run import Rotating
from app.rotation.setting import check_values, checked, grace_of
from app.rotation.steps import explain, next_move

if TYPE_CHECKING:
    from app.rotation.target import Target
    from vault.paths import ParameterPath
    from vault.records import Rotation, RotationDraft
    from vault.vault import Vault

_OLD: Final = {
    Overlap.NONE: marked(
        "the old one stops to work at that moment; until the new one is current, clients that"
        " find AWSCURRENT dead try AWSPENDING"
    ),
    Overlap.UNTIL_NEXT: marked("the old one stays valid until the next rotation"),
    Overlap.UNTIL_DROPPED: marked("the old one stays valid until its grace time is over"),
}


class Step(NamedTuple):
    """One thing that would be done."""

    step: str  # AWS's word, or "push" and "after"
    what: str


class Outline(NamedTuple):
    """What a rotation would do."""

    path: ParameterPath
    steps: tuple[Step, ...]


def outline(vault: Vault, path: ParameterPath) -> Outline:
    """What `rotate` would do to an entry now. Values are looked at, the network is not used.

    Raises:
        BadRotation: it cannot work, and why.
        NotFound: there is no such entry.
    """
    rotating = Rotating(vault, path)
    rotation, target = rotating.rotation, rotating.target
    if (run := rotating.open_run()) is not None:
        return Outline(path, (Step(run.state.value, f"{explain(run, rotating.overlap)} {next_move(run)}"),))
    check_values(vault, rotation, target)
    return _outlined(rotation, target, rotating.places)


def preview(vault: Vault, path: ParameterPath, draft: RotationDraft) -> Outline:
    """What `rotate` would do under a setting that is not kept yet; as `outline`.

    Raises:
        BadRotation, Refused, NotFound: the setting could not be kept.
    """
    rotation, target = checked(vault, path, draft)
    return _outlined(rotation, target, Places(vault, rotation, target, None))


def _outlined(rotation: Rotation, target: Target, places: Places) -> Outline:
    overlap = target.overlap(rotation)
    remotes = ", ".join(remote.name for remote in places.listed())
    grace = grace_of(rotation, target).total_seconds()
    kept = tr("a new credential is kept as AWSPENDING ({how})", how=tr(target.summary))
    steps = [
        Step("create", kept),
        Step("set", _given(rotation, target, tr(_OLD[overlap]))),
        Step("test", tr("it is tried as a client would")),
        Step("finish", tr("it becomes AWSCURRENT, and the old one AWSPREVIOUS")),
    ]
    if remotes:
        announced = tr("{remotes}: AWSPENDING, where there are staging labels", remotes=remotes)
        steps.insert(1, Step(marked("announce"), announced))
        steps.append(Step(marked("push"), tr("{remotes}: it becomes current there too", remotes=remotes)))
    if grace and overlap is Overlap.NONE:
        waits = tr("the next rotation waits for {seconds} seconds at least", seconds=f"{grace:g}")
        steps.append(Step(marked("after"), waits))
    elif grace:
        left = tr("the old one is left alone for {seconds} seconds at least", seconds=f"{grace:g}")
        steps.append(Step(marked("after"), left))
    return Outline(rotation.path, tuple(steps))


def _given(rotation: Rotation, target: Target, old: str) -> str:
    if not rotation.admin:
        return tr("{target} is given it; {old}", target=target.name, old=old)
    return tr(
        "{target} is given it, with the credential of {admin}; {old}",
        target=target.name,
        admin=rotation.admin,
        old=old,
    )
