"""ClientRequestToken: by it Secrets Manager knows that a put was made before. Parameters have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import AlreadyExists, Refused, Said
from vault.records import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.records import Draft, Version

CHARACTERS = range(32, 65)


def token_of(draft: Draft, kind: Kind) -> str:
    """The token of a new version: the draft's, or else a new one; "" for a parameter.

    Raises:
        Refused: "InvalidParameterException" for one that AWS does not take.
    """
    if kind is Kind.PARAMETER:
        return ""
    if draft.token is None:
        from uuid import uuid4  # parameters need none, and it is slow to import

        return str(uuid4())
    if len(draft.token) not in CHARACTERS or not draft.token.isprintable():
        raise Refused(
            "InvalidParameterException", Said("a ClientRequestToken has 32 to 64 printable characters")
        )
    return draft.token


def made_before(draft: Draft, versions: Iterable[Version], fingerprint: bytes) -> Version | None:
    """The version that this very request has made, or None.

    Args:
        draft: with a token.
        versions: of its entry.
        fingerprint: of the draft's value.

    Raises:
        AlreadyExists: the token made a version with another value.
    """
    made = next((version for version in versions if version.token == draft.token), None)
    if made is None or made.fingerprint == fingerprint:
        return made
    raise AlreadyExists(
        "ResourceExistsException",
        Said(
            "You can't use ClientRequestToken {token} because that value is already in use"
            " for a version of secret {path}.",
            token=draft.token,
            path=draft.path,
        ),
        "token",
    )
