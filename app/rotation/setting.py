"""Setting a rotation: what a person says is asked of the target and of AWS's rules before it is kept."""

from __future__ import annotations

import re
from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app import allowed
from app.display import span
from app.errors import BadRotation
from app.expiry import parse_span
from app.rotation import schedule
from app.rotation.credential import Credential
from app.rotation.registry import target_named
from app.rotation.target import Option
from vault.errors import Said
from vault.records import Rotation

if TYPE_CHECKING:
    from app.rotation.overlap import Overlap
    from app.rotation.target import Target
    from vault.paths import ParameterPath
    from vault.records import RotationDraft
    from vault.vault import Vault

COMMON: Final = (
    Option("grace", "how long the old credential is left alone after the new one is current, such as 90s"),
    Option("push", "yes: linked remotes are told in the same act; no: the next sync does it", "yes"),
)
"""Options that the machine itself takes, whatever the target."""
MEND_ADMIN: Final = Said("restore it, or set the rotation once more with another --admin")
_SECONDS = re.compile(r"(0|[1-9][0-9]{0,5})s?", re.ASCII)


def parse_grace(text: str) -> timedelta:
    """A length of time such as "0", "90s", "5m" or "1d".

    Raises:
        BadRotation: it is none.
    """
    if found := _SECONDS.fullmatch(text):
        return timedelta(seconds=int(found[1]))
    try:
        return parse_span(text)
    except ValueError:
        raise BadRotation(
            Said("grace={text}: give a length of time such as 90s, 5m, 12h or 1d", text=text[:32])
        ) from None


def grace_of(rotation: Rotation, target: Target) -> timedelta:
    """How long the old credential of an entry is left alone."""
    text = rotation.options.get("grace", "")
    return parse_grace(text) if text else target.grace


def pushes(rotation: Rotation) -> bool:
    """Whether linked remotes are told in the same act."""
    return rotation.options.get("push", "yes") == "yes"


def option_of(rotation: Rotation, target: Target, name: str) -> str:
    """An option as it was set, or its default; `name` is one of the target's or of `COMMON`."""
    found = rotation.options.get(name)
    if found is not None:
        return found
    return next(option.default for option in (*target.options, *COMMON) if option.name == name)


def save(vault: Vault, path: ParameterPath, draft: RotationDraft) -> Rotation:
    """Keep how an entry rotates, once the rules and the target have nothing against it; no network.

    Raises:
        BadRotation: the target takes no such option, strategy or admin, or not this value.
        Refused: AWS would not take the schedule; or as `vault.rotations.Rotations.set`.
        NotFound: the entry or the admin's is not there, or has no value.
    """
    rotation, target = checked(vault, path, draft)
    if vault.rotations.open_run(rotation.entry_id) is not None:
        _check_overlap(vault.rotations.find(path), rotation, target)
    kept = vault.rotations.set(path, draft)
    allowed.allow(allowed.own_of_rotation(vault, kept))
    return kept


def _check_overlap(old: Rotation, new: Rotation, target: Target) -> None:
    """Refuse an option that says otherwise what becomes of the old credential, while a run is open.

    Raises:
        BadRotation: so it is.
    """
    if old.target == new.target and target.overlap(old) is not target.overlap(new):
        raise BadRotation(
            Said(
                "a rotation of {path} is not finished, and these options would change what becomes of its"
                " old credential; resume it or roll it back before",
                path=new.path,
            )
        )


def checked(vault: Vault, path: ParameterPath, draft: RotationDraft) -> tuple[Rotation, Target]:
    """A rotation as it would be kept, and its target, once nothing is against it; nothing is kept.

    Raises:
        BadRotation, Refused, NotFound: as `save`.
    """
    target = target_named(draft.target)
    check_options(target, draft)
    schedule.check(draft.rules)
    entry = vault.entries.find(path)
    asked = draft.target, draft.strategy, draft.options, draft.admin, draft.rules
    rotation = Rotation(entry.id, entry.path, *asked, vault.now(), None)
    _check_grace(rotation, target)
    check_values(vault, rotation, target)
    return rotation, target


def _check_grace(rotation: Rotation, target: Target) -> None:
    """Refuse a grace time that the next window would have to wait for.

    Raises:
        BadRotation: so it is.
    """
    first = schedule.following(rotation.rules, rotation.changed_at)
    second = first and schedule.following(rotation.rules, first.start)
    grace = grace_of(rotation, target)
    if first and second and first.start + grace >= second.end:
        raise BadRotation(
            Said(
                "the old credential is left alone for {grace}, which is longer than from one rotation to"
                " the next; give --option grace=… a shorter time, or rotate less often",
                grace=span(grace),
            )
        )


def check_options(target: Target, draft: RotationDraft) -> None:
    """What the target takes, without looking at values.

    Raises:
        BadRotation: as `save`.
    """
    known = {option.name: option for option in (*target.options, *COMMON)}
    if unknown := sorted(set(draft.options) - set(known)):
        raise BadRotation(
            Said(
                "{target} has no option {unknown}; it has {known}",
                target=target.name,
                unknown=", ".join(unknown),
                known=", ".join(known),
            )
        )
    missing = [
        option.name for option in target.options if option.required and not draft.options.get(option.name)
    ]
    if missing:
        raise BadRotation(
            Said(
                "{target} needs --option {missing}=…",
                target=target.name,
                missing="=… --option ".join(missing),
            )
        )
    if draft.strategy not in target.strategies:
        raise BadRotation(
            Said(
                "{target} knows the strategy {strategies} only",
                target=target.name,
                strategies=" and ".join(target.strategies),
            )
        )
    if draft.admin is not None and not target.takes_admin:
        raise BadRotation(Said("{target} makes no use of --admin", target=target.name))
    if draft.options.get("push", "yes") not in ("yes", "no"):
        raise BadRotation(Said("push is yes or no"))
    parse_grace(draft.options.get("grace") or "0")


def check_values(vault: Vault, rotation: Rotation, target: Target) -> None:
    """Let the target look at the values; they are opened, and wiped afterwards.

    Raises:
        BadRotation: the target cannot work with them.
        NotFound: an entry has no value, or the admin's was removed.
    """
    with ExitStack() as stack:

        def opened(at: ParameterPath) -> Credential:
            found = vault.values.open(at)
            credential = stack.enter_context(Credential(found.value))
            if found.entry_id == rotation.entry_id:
                allowed.note_server(vault, rotation, found.number, credential)
            return credential

        if rotation.admin_gone:
            raise BadRotation(
                Said("the entry with the admin credential was removed; {mend}", mend=MEND_ADMIN)
            )
        admin = opened(rotation.admin) if rotation.admin else None
        target.check(rotation, opened(rotation.path), admin)


def overlaps(vault: Vault) -> dict[int, Overlap]:
    """What becomes of old credentials, by the id of each entry that rotates and whose target is at hand."""
    found = {}
    for rotation in vault.rotations.listed():
        with suppress(BadRotation):
            found[rotation.entry_id] = target_named(rotation.target).overlap(rotation)
    return found
