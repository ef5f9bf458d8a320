"""Runs that were left in the middle, by kill -9 or a lock of the vault: they could not keep why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.alone import alone
from app.errors import RotationBusy
from vault.errors import Said

if TYPE_CHECKING:
    from vault.records import RotationRun
    from vault.vault import Vault

LOOK: Final = 0.5  # seconds in which somebody else who only looks, as this does, is done
LEFT: Final = Said("the program ended or the vault was locked in the middle of it")


def as_left(vault: Vault, run: RotationRun) -> RotationRun:
    """A run; if it is open and nobody works on it any more, its `problem` says so. Nothing is written."""
    if run.ended_at is not None or run.problem:
        return run
    try:
        with alone(vault, f"rotation-{run.entry_id}", RotationBusy(LEFT), LOOK):
            run = vault.rotations.run(run.id)  # it may have ended since it was read
    except (RotationBusy, OSError):  # it runs, or the vault lies where no lock can be made
        return run
    return run if run.ended_at is not None or run.problem else run._replace(problem=LEFT)
