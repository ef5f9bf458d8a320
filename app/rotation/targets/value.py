"""Value: a generated value alone. Nothing is changed elsewhere; whoever reads the entry has the new one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.errors import ProofFailed
from app.language import marked
from app.rotation import recipe
from app.rotation.target import FollowUp, Option, Overlap
from vault.errors import Said
from vault.records import Strategy

if TYPE_CHECKING:
    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret


class Value:
    """See the protocol. The former value stays readable as AWSPREVIOUS."""

    name: str = "value"
    summary: str = marked("a generated value; nothing is changed elsewhere")
    options: tuple[Option, ...] = (*recipe.OPTIONS, recipe.FIELD)
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE,)
    takes_admin: bool = False
    grace: timedelta = timedelta(0)

    def overlap(self, rotation: Rotation) -> Overlap:  # noqa: ARG002 - the protocol's
        """See the protocol: nobody takes the old value away, but the next rotation takes AWSPREVIOUS."""
        return Overlap.UNTIL_NEXT

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:  # noqa: ARG002
        """See the protocol."""
        recipe.renewed(current, rotation.options).wipe()

    def create(self, attempt: Attempt) -> Secret:
        """See the protocol."""
        return recipe.renewed(attempt.current(), attempt.rotation.options)

    def set(self, attempt: Attempt) -> None:
        """See the protocol: there is nobody to tell."""

    def test(self, attempt: Attempt) -> None:
        """See the protocol: the value reads back, and is a new one."""
        if attempt.pending().secret == attempt.current().secret:
            raise ProofFailed(Said("the new value is the old one; have a longer one generated"))

    def undo(self, attempt: Attempt) -> None:
        """See the protocol: there is nobody to tell."""

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002 - the protocol's
        """See the protocol: there are none."""
        return ()

    def follow(self, attempt: Attempt, action: str) -> None:
        """See the protocol: there are none."""
