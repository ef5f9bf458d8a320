"""What a rotation target is: the protocol that every plug-in fills, and what it is given.

A target is a class without state; the machine (`app.rotation.run`) makes one for each step. Everything that
must outlive a step is in the vault: the versions, and the `memo` of the run. docs/rotation.md is the guide
for writing one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from app.rotation.overlap import Overlap

__all__ = ["Attempt", "FollowUp", "Option", "Overlap", "Target"]

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from app.rotation.credential import Credential
    from vault.paths import ParameterPath
    from vault.records import Rotation, Strategy
    from vault.secret import Secret
    from vault.vault import Vault


class Option(NamedTuple):
    """One `--option NAME=VALUE` of a target."""

    name: str
    help: str
    default: str = ""
    required: bool = False


class FollowUp(NamedTuple):
    """Something to do to the old credential after its grace time."""

    after: timedelta  # from the moment that the new one became current, everywhere
    action: str  # a word of the target's own, given back to `follow`, such as "delete"


class Attempt(Protocol):
    """One rotation as its target sees it. Credentials that it gives are wiped after the step."""

    @property
    def vault(self) -> Vault:
        """The unlocked vault, for targets that reach AWS by a connection of it."""

    @property
    def rotation(self) -> Rotation:
        """How the entry rotates: target, strategy, admin."""

    @property
    def path(self) -> ParameterPath:
        """The entry: SecretId in AWS's contract."""

    @property
    def token(self) -> str:
        """ClientRequestToken: the same whenever the step is run again."""

    @property
    def memo(self) -> Mapping[str, object]:
        """What was remembered so far."""

    def option(self, name: str) -> str:
        """An option as it was set, or its default."""

    def current(self) -> Credential:
        """The value that was current when the rotation began."""

    def pending(self) -> Credential:
        """The value that is being rotated to."""

    def previous(self) -> Credential | None:
        """The value that AWSPREVIOUS was on when the rotation began, if there was one."""

    def admin(self) -> Credential | None:
        """The credential that may change others, if one is set."""

    def remember(self, **facts: object) -> None:
        """Write facts (JSON, never a secret) into the memo; they are on disk when this returns."""

    def log(self, text: str) -> None:
        """A line for the person; never a secret."""

    def now(self) -> datetime:
        """The vault's clock, UTC."""

    def wait(self, seconds: float) -> None:
        """Sleep.

        Raises:
            Cancelled: the person stopped the rotation.
        """


class Target(Protocol):
    """What can be rotated. Every method but `check` may touch the network, and may be run again.

    Errors: BadRotation (what was configured makes no sense), TargetRefused (it said no), TargetUnreachable
    (it was not reached: nothing was changed), TargetUnanswered (whether it was changed is not known),
    ProofFailed (from `test`: the new credential does not work). Texts never hold a secret.
    """

    name: str  # as in `--target`
    summary: str  # one line
    options: tuple[Option, ...]
    strategies: tuple[Strategy, ...]  # the first is the default
    takes_admin: bool
    grace: timedelta  # default of the option "grace": how long the old credential is left alone

    def overlap(self, rotation: Rotation) -> Overlap:
        """Whether two credentials are valid at once."""

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:
        """Refuse what cannot work, before step one and before anything is saved; no network.

        Raises:
            BadRotation: what is wrong, and what to do.
        """

    def create(self, attempt: Attempt) -> Secret:
        """Make the value to come. Where that has an effect outside, `remember` what undoes it before."""

    def set(self, attempt: Attempt) -> None:
        """Have the target take the pending value; if it takes it already, nothing."""

    def test(self, attempt: Attempt) -> None:
        """Prove that the pending value works, with the access that a client needs."""

    def undo(self, attempt: Attempt) -> None:
        """Bring the target back to where AWSCURRENT and AWSPREVIOUS are what works, and prove AWSCURRENT.

        The pending value may not exist yet: `create` may have failed half-way. After this AWSPENDING goes, so
        ProofFailed is to be raised where AWSCURRENT is not let in.
        """

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:
        """What is to be done to the old credential later; asked when the new one is current."""

    def follow(self, attempt: Attempt, action: str) -> None:
        """Do one of them. `current()` is still the value that was current when the rotation began."""
