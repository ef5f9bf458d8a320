"""What a vault would do outside of itself without being asked, and whether that is allowed here."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from app import allowed
from app.destinations import SERVERS
from app.errors import BadRotation
from app.language import tr
from app.leases.sweep import is_revocable
from app.rotation import words
from vault.errors import VaultError
from vault.inheritance import Choice
from vault.records import Cause, RotationRules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.allowed import Wish
    from vault.lease import Lease
    from vault.records import Rotation
    from vault.vault import Vault

OPENED: Final = 200  # values that are opened to tell which servers they name; of more, that stays untold


class Doing(NamedTuple):
    """Something that a vault does outside of itself."""

    wish: Wish
    when: str
    by_itself: bool  # else only when somebody asks for it
    is_allowed: bool  # on this computer


def doings(vault: Vault, *, open_values: bool = True) -> list[Doing]:
    """All of it: rotations in path order, the remotes that they tell, leases that are open.

    Nothing is connected to: a value that only a key outside the vault opens stays closed.

    Args:
        vault: the vault.
        open_values: open the values that name servers, the first `OPENED` of rotations and as many of leases;
            others stay untold.
    """
    known, found = allowed.marks(), dict[str, Doing]()
    opened = OPENED if open_values else 0
    for wish, when, by_itself in chain(_of_rotations(vault, opened), _of_leases(vault, opened)):
        before = found.get(wish.marks[0])  # a remote, of several rotations
        again = before is not None and before.by_itself
        found[wish.marks[0]] = Doing(wish, when, by_itself or again, known.issuperset(wish.marks))
    return list(found.values())


def question(vault: Vault) -> list[Doing]:
    """What to ask a person at an unlock: what would happen by itself and is not allowed here.

    Nothing, once it was noted that they were asked (`allowed.note_asked`).
    """
    if allowed.was_asked(vault) or not any(map(_is_held, doings(vault, open_values=False))):
        return []
    return [one for one in doings(vault) if _is_held(one)]


def _is_held(one: Doing) -> bool:
    return one.by_itself and not one.is_allowed


def _of_rotations(vault: Vault, opened: int) -> Iterator[tuple[Wish, str, bool]]:
    """Each wish, when it comes, and whether by itself; so many values are opened."""
    begun = {run.entry_id for run in vault.rotations.open_runs() if run.cause is not Cause.ASKED}
    begun |= {run.entry_id for run in vault.rotations.following()}
    expires = any(chosen.choice is Choice.ROTATE for chosen in vault.on_expiry.listed())
    for rotation in vault.rotations.listed():
        with suppress(BadRotation, VaultError):  # it is not let through either, or was removed
            on_expiry = expires and vault.on_expiry.effective(rotation.path).choice is Choice.ROTATE
            by_itself = rotation.rules != RotationRules() or on_expiry or rotation.entry_id in begun
            told = tr("when it expires") if on_expiry else words.when(rotation.rules)
            looked_at = opened > 0 and rotation.target in SERVERS
            opened -= looked_at
            for wish in allowed.of_rotation(vault, rotation, open_values=False):
                if wish.what is allowed.What.REMOTE:
                    yield wish, tr("with the rotations of its folder"), by_itself
                else:
                    yield _rotation_looked_at(vault, rotation, wish) if looked_at else wish, told, by_itself


def _of_leases(vault: Vault, opened: int) -> Iterator[tuple[Wish, str, bool]]:
    """As `_of_rotations`, of the leases that are open."""
    for lease in vault.leases.open_ones():
        if is_revocable(lease):
            with suppress(VaultError):  # its entry was purged
                wish = allowed.of_lease(vault, lease, open_values=False)
                if opened > 0:
                    wish = _lease_looked_at(vault, lease, wish)
                opened -= 1
                yield wish, tr("when its time is over"), True


def _rotation_looked_at(vault: Vault, rotation: Rotation, wish: Wish) -> Wish:
    """A wish with the server that the value names, where that can be told without any key outside."""
    try:
        vault.values.require([(rotation.entry_id, number) for number in allowed.versions(vault, rotation)])
        (found,) = allowed.own_of_rotation(vault, rotation)
    except VaultError:
        return wish
    return found


def _lease_looked_at(vault: Vault, lease: Lease, wish: Wish) -> Wish:
    """The same of a lease."""
    try:
        entry_id, numbers = allowed.lender(vault, lease)
        vault.values.require([(entry_id, number) for number in numbers])
        return allowed.of_lease(vault, lease)
    except VaultError:
        return wish
