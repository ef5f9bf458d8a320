"""Fitting: what a value is a credential of, told by its shape; where no target is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.errors import AwsSignIn, BadRotation
from app.rotation.credential import Credential
from vault.paths import Selector

if TYPE_CHECKING:
    from vault.paths import ParameterPath
    from vault.vault import Vault

ENGINES: Final = {
    "postgresql": ("postgres", "postgresql", "aurora-postgresql"),
    "mysql": ("mysql", "mariadb", "aurora-mysql"),
    "redis": ("redis", "valkey"),
}
"""What "engine" in a value may be, by the name of the target."""
_OPENSSH: Final = "-----BEGIN OPENSSH PRIVATE KEY-----"


def fitting(value: Credential) -> str:
    """The name of the target that a value is a credential of; "" if its shape tells none.

    Raises:
        BadRotation: a field that tells is a list or an object.
    """
    engine = value.get("engine") if value.is_object() else ""
    for name, engines in ENGINES.items():
        if engine in engines:
            return name
    if engine:
        return ""
    if value.has("private_key") and value.get("private_key").startswith(_OPENSSH):
        return "ssh"
    return "iam" if _is_access_key(value) else ""


def fitting_target(vault: Vault, path: ParameterPath) -> str:
    """The target that fits an entry; it is opened. One that belongs to nothing we know is a mere `value`.

    Raises:
        NotFound, KeyUnavailable, Damaged, Locked: as `vault.values.open`.
    """
    with Credential(vault.values.open(Selector(path)).value) as value:
        try:
            return fitting(value) or "value"
        except BadRotation:
            return "value"


def _is_access_key(value: Credential) -> bool:
    from app.aws.access_key import access_key_of

    try:
        access_key_of(value.secret, "")
    except AwsSignIn:
        return False
    return True
