"""The remotes that a rotation tells: AWSPENDING before the target changes, AWSCURRENT once it works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.rotation.setting import pushes
from vault.errors import Said
from vault.records import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.rotation.attempt import RunAttempt
    from app.rotation.target import Target
    from vault.records import Remote, Rotation
    from vault.vault import Vault


class Places:
    """The remotes of one entry, for the length of one rotation. AWS is imported only where there is one."""

    def __init__(
        self, vault: Vault, rotation: Rotation, target: Target, ask_mfa: Callable[[str], str] | None
    ) -> None:
        self._vault, self._rotation, self._target = vault, rotation, target
        self._ask_mfa = ask_mfa

    def listed(self) -> list[Remote]:
        """The remotes that are told in the same act."""
        if not pushes(self._rotation) or not self._vault.remotes.listed():
            return []
        from app.rotation import publish

        return publish.places(self._vault, self._rotation.path)

    def announce(self, attempt: RunAttempt) -> None:
        """Put the pending version under AWSPENDING at every remote that has staging labels.

        Raises:
            AwsError: one cannot be told.
        """
        for remote in self.listed():
            from app.rotation import publish

            if publish.announce(self._vault, remote, attempt.path, attempt.run.pending or 0, self._ask_mfa):
                attempt.log(Said("set: AWSPENDING is at {remote}", remote=remote.name))

    def publish(self, attempt: RunAttempt) -> None:
        """Make the new version current at every remote.

        Raises:
            AwsError: one cannot be told; those before it are.
            Overtaken: somebody else wrote there meanwhile; the sync asks which is to hold.
        """
        for remote in self.listed():
            from app.rotation import publish

            publish.publish(self._vault, remote, attempt.path, self._ask_mfa)
            attempt.log(
                Said(
                    "push: {remote} has it as AWSCURRENT{gap}",
                    remote=remote.name,
                    gap=_gap_there(attempt, remote),
                )
            )

    def retract(self, attempt: RunAttempt) -> None:
        """Take AWSPENDING off at every remote.

        Raises:
            AwsError: one cannot be told.
        """
        if attempt.run.pending is None:
            return
        for remote in self.listed():
            from app.rotation import publish

            publish.retract(self._vault, remote, attempt.path, attempt.run.pending, self._ask_mfa)
            attempt.log(Said("roll back: AWSPENDING is off at {remote}", remote=remote.name))


def _gap_there(attempt: RunAttempt, remote: Remote) -> str:
    """How long clients of a remote without AWSPENDING had nothing that works, to be told."""
    set_at = attempt.memo.get("set_at")
    if remote.service is not Service.PARAMETER_STORE or not isinstance(set_at, int):
        return ""
    gap = attempt.now().timestamp() - set_at / 1000
    return Said("; for up to {gap} s its clients had the old one, which was dead", gap=f"{gap:.1f}")
