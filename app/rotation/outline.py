"""Outline: what a rotation would do, before it does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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
    Overlap.NONE: "the old one stops to work at that moment; until the new one is current, clients that"
    " find AWSCURRENT dead try AWSPENDING",
    Overlap.UNTIL_NEXT: "the old one stays valid until the next rotation",
    Overlap.UNTIL_DROPPED: "the old one stays valid until its grace time is over",
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
    by = f", with the credential of {rotation.admin}" if rotation.admin else ""
    steps = [
        Step("create", f"a new credential is kept as AWSPENDING ({target.summary})"),
        Step("set", f"{target.name} is given it{by}; {_OLD[overlap]}"),
        Step("test", "it is tried as a client would"),
        Step("finish", "it becomes AWSCURRENT, and the old one AWSPREVIOUS"),
    ]
    if remotes:
        steps.insert(1, Step("announce", f"{remotes}: AWSPENDING, where there are staging labels"))
        steps.append(Step("push", f"{remotes}: it becomes current there too"))
    if grace:
        left = "the next rotation waits" if overlap is Overlap.NONE else "the old one is left alone"
        steps.append(Step("after", f"{left} for {grace:g} seconds at least"))
    return Outline(rotation.path, tuple(steps))
