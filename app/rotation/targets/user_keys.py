"""Access keys of IAM users: the one that a value holds, and what is told of those that a user has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import AwsSignIn, BadRotation
from vault.errors import Said, said_by

if TYPE_CHECKING:
    from app.aws.access_key import AccessKey
    from app.aws.iam import AccessKeys, LastUse, UserKey
    from app.rotation.credential import Credential


def key_in(credential: Credential, path: str) -> AccessKey:
    """The access key that a value holds.

    Raises:
        BadRotation: it holds none, or a session's.
    """
    from app.aws.access_key import access_key_of

    try:
        key = access_key_of(credential.secret, path)
    except AwsSignIn as error:
        raise BadRotation(said_by(error)) from None
    if key.token is not None:
        raise BadRotation(
            Said("{path} holds temporary credentials; they end by themselves and are not rotated", path=path)
        )
    return key


def last_used(used: LastUse) -> Said:
    """When and for what a key was used last."""
    if used.at is None:
        return Said("never used")
    at = f"{used.at:%Y-%m-%d %H:%M}"
    return Said(
        "last used {at} UTC for {service} in {region}", at=at, service=used.service, region=used.region
    )


def two_keys(keys: AccessKeys, held: list[UserKey], current: AccessKey) -> Said:
    """That no third key can be made, with what tells the two apart, and what to do.

    Args:
        keys: of the user; tells when each was used last.
        held: the two keys.
        current: the one that the value holds.
    """
    one, other = (_told(keys, key, current) for key in held)
    replace = " | ".join(key.id for key in held if key.id != current.id)
    return Said(
        "the user has two access keys, which is all that IAM allows: {one} and {other}."
        " Roll back, then name the one to delete: --option replace={replace}",
        one=one,
        other=other,
        replace=replace,
    )


def _told(keys: AccessKeys, key: UserKey, current: AccessKey) -> Said:
    if key.id == current.id:
        said = Said("{id} (it rotates, {use})", id=key.id, use=last_used(keys.last_use(key.id)))
    elif key.active:
        said = Said("{id} (active, {use})", id=key.id, use=last_used(keys.last_use(key.id)))
    else:
        said = Said("{id} (inactive, {use})", id=key.id, use=last_used(keys.last_use(key.id)))
    return said
