"""Several rotations at once: what is asked for, and what is due."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from app import allowed
from app.errors import AppError, RotationBusy
from app.rotation.run import Rotating
from vault.errors import VaultError
from vault.records import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.rotation.due import Due
    from vault.paths import ParameterPath
    from vault.records import RotationRun
    from vault.vault import Vault

AT_ONCE: Final = 4


class Turn(NamedTuple):
    """What became of one rotation."""

    path: ParameterPath
    run: RotationRun | None  # as it ended; None where there is none, or it did not end
    error: AppError | VaultError | None  # why not


def each(paths: Iterable[ParameterPath], rotate: Callable[[ParameterPath], RotationRun | None]) -> list[Turn]:
    """Rotate several entries, up to `AT_ONCE` at the same time; one that fails stops no other.

    Args:
        paths: the entries; each stands once.
        rotate: rotates one.
    """

    def turn(path: ParameterPath) -> Turn:
        try:
            return Turn(path, rotate(path), None)
        except (AppError, VaultError) as error:
            return Turn(path, None, error)

    unique = list(dict.fromkeys(paths))
    if len(unique) == 1:  # on this thread, so that Ctrl-C reaches it
        return [turn(unique[0])]
    with ThreadPoolExecutor(AT_ONCE, "rotation") as pool:
        return list(pool.map(turn, unique))


def run_due(
    vault: Vault,
    *,
    missed: bool = False,
    told: Callable[[RotationRun], object] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    ask_mfa: Callable[[str], str] | None = None,
) -> list[Turn]:
    """Do what is due: rotations whose moment has come, new tries of failed ones, ends of grace times.

    One that reaches what nobody allowed on this computer is left alone, with `NotAllowed` as its error.

    Args:
        vault: the vault.
        missed: also rotations whose window has passed while the vault was locked.
        told: called with each run whenever it changes, on the thread that works on it.
        cancelled: whether the person stopped it.
        ask_mfa: asks for the code of an MFA device.
    """
    from app.rotation.due import Reason, due, still_due  # here: rotating by hand needs no schedule

    waiting = {
        found.rotation.path: found
        for found in due(vault, vault.now())
        if missed or found.reason is not Reason.MISSED
    }

    def turn(path: ParameterPath) -> RotationRun | None:
        found = waiting[path]
        still = partial(still_due, vault, found)
        if not still():
            return None
        allowed.check(vault, found.rotation, open_values=False)
        try:
            return _one(
                Rotating(vault, path, told=told, cancelled=cancelled, ask_mfa=ask_mfa, wanted=still), found
            )
        except RotationBusy:  # another program, or a person, was faster
            return None

    return each(waiting, turn)


def _one(rotating: Rotating, found: Due) -> RotationRun | None:
    from app.rotation.due import Reason

    if found.reason is Reason.RETRY:
        return rotating.resume()
    if found.reason is Reason.FOLLOW:
        return next(iter(rotating.follow()), None)
    return rotating.start(Cause.EXPIRY if found.reason is Reason.EXPIRED else Cause.SCHEDULE)
