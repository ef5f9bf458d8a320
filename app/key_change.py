"""Changing which keys wrap a folder's values: a plan first, then the policy, then the rewrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.errors import AwsError
from vault.errors import NotFound
from vault.records import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.paths import ParameterPath
    from vault.records import KmsKey
    from vault.rewrapping import RewrapPlan
    from vault.vault import Vault

    AskMfa = Callable[[str], str]


class Wanted(NamedTuple):
    """What a person asks for."""

    folder: ParameterPath
    local: bool
    kms: str = ""  # ARN, id, or alias of a KMS key, or the name of one that is known; "" for none
    connection: Connection = (
        Connection()
    )  # how the key is reached; nothing said: as before, or by botocore's chain


class KeyChange(NamedTuple):
    """A policy that could be set, and what it means for what is there."""

    folder: ParameterPath
    local: bool
    arn: str  # "" for no KMS key
    name: str
    connection: Connection
    plan: RewrapPlan

    @property
    def word(self) -> str:
        """As the command line says it: "local", "kms" or "both"."""
        return "local" if not self.arn else "both" if self.local else "kms"


def prepare(vault: Vault, wanted: Wanted, ask_mfa: AskMfa | None = None) -> KeyChange:
    """Find the KMS key, see that it can be used, and count what would change. Nothing is written.

    Raises:
        KeyUnavailable: the key is not enabled, not there, or cannot be reached.
        Refused: it cannot wrap data keys.
    """
    arn, name, connection = "", "", Connection()
    if wanted.kms:
        arn, name, connection = _resolved(vault, wanted, ask_mfa)
    plan = vault.key_policies.plan_rewrap(wanted.folder, as_if=(wanted.local, arn or None))
    return KeyChange(wanted.folder, wanted.local, arn, name, connection, plan)


def set_policy(vault: Vault, change: KeyChange) -> None:
    """Write the policy: new values follow it from now on. The others wait for `vault.key_policies.rewrap`."""
    if change.arn:
        vault.key_policies.add_key(change.arn, change.name, change.connection)
    vault.key_policies.set(change.folder, local=change.local, kms=change.arn or None)


def resolve(
    vault: Vault | None, key: str, connection: Connection, ask_mfa: AskMfa | None = None
) -> tuple[str, Connection]:
    """The ARN of an enabled KMS key, and how it is reached.

    Raises:
        KeyUnavailable, Refused: as `prepare`.
    """
    from app.aws import key_state
    from app.aws.stores import kms_caller

    how = key_state.reached(connection, key)
    try:
        caller = kms_caller(how, vault=vault, ask_mfa=ask_mfa)
        arn = key_state.resolve(caller, key)
    except AwsError as error:
        raise key_state.unavailable(error) from None
    return arn, key_state.reached(how, arn)


def _resolved(vault: Vault, wanted: Wanted, ask_mfa: AskMfa | None) -> tuple[str, str, Connection]:
    known: KmsKey | None
    try:
        known = vault.key_policies.key(wanted.kms)
    except NotFound:
        known = None
    if known is not None and not any(wanted.connection):
        arn, connection = resolve(vault, known.arn, known.connection, ask_mfa)
        return arn, known.name, connection
    arn, connection = resolve(vault, wanted.kms, wanted.connection, ask_mfa)
    return arn, wanted.kms, connection
