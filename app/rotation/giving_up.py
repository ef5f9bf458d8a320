"""Giving up: the end of a rotation whose target is gone for good, or its plug-in. The target is not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.alone import alone
from app.errors import RotationUnfinished
from app.rotation.left import LOOK
from app.rotation.steps import undoing
from vault.errors import Said
from vault.records import LogLine, RunState

if TYPE_CHECKING:
    from vault.paths import ParameterPath
    from vault.records import RotationRun
    from vault.vault import Vault


def give_up(vault: Vault, path: ParameterPath) -> RotationRun:
    """End the open run of an entry.

    AWSPENDING goes, and AWSCURRENT is what it was; which of the two the target takes is for the person to
    know. The value that was pending stays in the history.

    Returns:
        The run: UNDONE, with what is left to the person as its problem; DONE where only remotes were to be
        told.

    Raises:
        NotFound: there is no such entry.
        RotationUnfinished: there is nothing to give up, or another program is rotating the entry.
    """
    entry = vault.entries.find(path)
    busy = RotationUnfinished(Said("another program is rotating {path} right now", path=path))
    with alone(vault, f"rotation-{entry.id}", busy, LOOK):
        run = vault.rotations.open_run(entry.id)
        if run is None:
            raise RotationUnfinished(
                Said("no rotation of {path} is open; there is nothing to give up", path=path)
            )
        text = Said("given up at {step}; the target was not asked", step=Said(run.state.value))
        if run.pending is not None and run.state is not RunState.PUSH:
            text = Said(
                "{given_up}, and may take version {version}, which stays in the history",
                given_up=text,
                version=run.pending,
            )
        log = (*run.log, LogLine(vault.now(), text))
        if run.state is RunState.PUSH:
            return vault.rotations.write(run._replace(state=RunState.DONE, log=log, problem=""))
        return vault.rotations.demote(undoing(run)._replace(log=log, problem=text), RunState.UNDONE)
