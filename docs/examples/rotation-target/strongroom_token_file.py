"""TokenFile: a token that a program knows by its SHA-256, one a line in a file."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from typing import TYPE_CHECKING

from app.errors import BadRotation, ProofFailed, TargetUnreachable
from app.generate import token_hex
from app.rotation.target import FollowUp, Option, Overlap
from vault.records import Strategy

if TYPE_CHECKING:
    from app.rotation.credential import Credential
    from app.rotation.target import Attempt
    from vault.records import Rotation
    from vault.secret import Secret

REMOVE = "remove"


class TokenFile:
    """The file may hold several digests, so the old token is valid until it is removed."""

    name: str = "token-file"
    summary: str = "a token whose SHA-256 is a line of a file"
    options: tuple[Option, ...] = (Option("file", "the file's full path", required=True),)
    strategies: tuple[Strategy, ...] = (Strategy.SINGLE,)
    takes_admin: bool = False
    grace: timedelta = timedelta(minutes=10)

    def overlap(self, rotation: Rotation) -> Overlap:  # noqa: ARG002
        """The old token is valid until `follow`."""
        return Overlap.UNTIL_DROPPED

    def check(self, rotation: Rotation, current: Credential, admin: Credential | None) -> None:  # noqa: ARG002
        """Refuse what cannot work, and say what to do."""
        if not os.path.isabs(rotation.options.get("file", "")):
            raise BadRotation("file: say the full path of the file with the digests")

    def create(self, attempt: Attempt) -> Secret:  # noqa: ARG002
        """Make the new token. Nothing outside is changed, so there is nothing to remember."""
        return token_hex(32).value

    def set(self, attempt: Attempt) -> None:
        """Add the new digest. It may be there: this is run again after a crash."""
        attempt.remember(touched=True)
        _change(attempt, add=attempt.pending())

    def test(self, attempt: Attempt) -> None:
        """Do as a client would. A real target logs in."""
        _prove(attempt, attempt.pending())

    def undo(self, attempt: Attempt) -> None:
        """Have the old token valid, prove it, and remove the new one, if it came as far as `set`."""
        if attempt.memo.get("touched"):
            _change(attempt, add=attempt.current())
            _prove(attempt, attempt.current())
            _change(attempt, remove=attempt.pending())

    def follow_ups(self, attempt: Attempt) -> tuple[FollowUp, ...]:  # noqa: ARG002
        """The old token goes when the grace time is over, and not a moment later."""
        return (FollowUp(timedelta(0), REMOVE),)

    def follow(self, attempt: Attempt, action: str) -> None:  # noqa: ARG002
        """Remove the old token, if the new one is still valid."""
        _prove(attempt, attempt.pending())
        _change(attempt, remove=attempt.current())


def _digest(token: Credential) -> str:
    return hashlib.sha256(token.secret.reveal()).hexdigest()


def _lines(path: str) -> list[str]:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().split()
    except (OSError, ValueError) as error:
        raise TargetUnreachable(f"{path} cannot be read: {type(error).__name__}") from None


def _change(attempt: Attempt, add: Credential | None = None, remove: Credential | None = None) -> None:
    path = attempt.option("file")
    gone = remove and _digest(remove)
    lines = [line for line in _lines(path) if line != gone]
    if add is not None and _digest(add) not in lines:
        lines.append(_digest(add))
    try:
        with open(f"{path}.new", "w", encoding="ascii") as file:
            file.write("".join(f"{line}\n" for line in lines))
        os.replace(f"{path}.new", path)
    except OSError as error:
        raise TargetUnreachable(f"{path} cannot be written: {type(error).__name__}") from None


def _prove(attempt: Attempt, token: Credential) -> None:
    if _digest(token) not in _lines(attempt.option("file")):
        raise ProofFailed("the token is not let in")
