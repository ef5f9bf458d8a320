"""Two users of a database that take turns, `name` and `name_clone`, and the admin that changes both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import BadRotation
from app.rotation.targets.address import check_login, check_server
from vault.errors import Said
from vault.records import Strategy

if TYPE_CHECKING:
    from app.rotation.credential import Credential
    from vault.records import Rotation

CLONE: Final = "_clone"  # AWS's suffix of the second user


def user_to_be(rotation: Rotation, current: Credential) -> str:
    """The user of the value to come."""
    user = current.need("username")
    if rotation.strategy is Strategy.SINGLE:
        return user
    return user.removesuffix(CLONE) if user.endswith(CLONE) else user + CLONE


def check_admin(current: Credential, admin: Credential, port: str) -> None:
    """See that the admin's is a login, and for the server of `current`; arguments as of `check_server`.

    Raises:
        BadRotation: it is none, or for another server.
    """
    check_login(admin)
    check_server(current, admin, port)


def check_turns(current: Credential, admin: Credential | None, longest: int, unit: str) -> None:
    """Whether two users can take turns.

    Args:
        current: the value that rotates.
        admin: the admin's, if there is one.
        longest: how long the name of a user may be.
        unit: of that: "bytes" or "characters".

    Raises:
        BadRotation: a name is too short or too long, or there is no admin beside the two.
    """
    user = current.need("username")
    base = user.removesuffix(CLONE)
    if not base:
        raise BadRotation(Said('the user "{user}" has no name before {clone}', user=user, clone=CLONE))
    name = base + CLONE
    if unit == "bytes" and len(name.encode()) > longest:
        raise BadRotation(
            Said("{name} is longer than the {n} bytes that a user's name may have", name=name, n=longest)
        )
    if unit != "bytes" and len(name) > longest:
        raise BadRotation(
            Said("{name} is longer than the {n} characters that a user's name may have", name=name, n=longest)
        )
    if admin is None:
        raise BadRotation(_needs_admin(current.get("masterarn")))
    if admin.need("username") in (base, name):
        raise BadRotation(Said("the admin is one of the two users that take turns; it must be another"))


def _needs_admin(named: str) -> Said:
    if named:
        return Said(
            "two users take turns only with an admin: give --admin the entry that holds {named}", named=named
        )
    return Said("two users take turns only with an admin: give --admin an entry whose user may create users")
