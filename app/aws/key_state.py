"""What AWS says of a KMS key, and why one cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.aws import answers
from app.errors import (
    AwsDenied,
    AwsError,
    AwsGarbled,
    AwsMissing,
    AwsOffline,
    AwsSignIn,
    AwsThrottled,
    AwsUnanswered,
)
from vault.credentials import is_kms_arn
from vault.errors import Damaged, KeyUnavailable, Refused, Said, VaultError, said_by

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.ports import Caller
    from vault.records import Connection

ENABLED: Final = "Enabled"
_FOREIGN: Final = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_STATES: Final = {  # the reason why it cannot be used, and the state in words
    "Disabled": ("disabled", Said("disabled")),
    "PendingDeletion": ("pending-deletion", Said("pending deletion")),
    "PendingReplicaDeletion": ("pending-deletion", Said("pending replica deletion")),
    "PendingImport": ("unavailable", Said("pending import")),
    "Unavailable": ("unavailable", Said("unavailable")),
    "Creating": ("unavailable", Said("creating")),
    "Updating": ("unavailable", Said("updating")),
}
_STATE_CODES: Final = frozenset({"DisabledException", "KMSInvalidStateException", "KeyUnavailableException"})
_REASONS: Final[tuple[tuple[type[AwsError], str], ...]] = (
    (AwsMissing, "missing"),
    (AwsDenied, "denied"),
    (AwsThrottled, "throttled"),
    (AwsSignIn, "sign-in"),
    (AwsOffline, "offline"),
    (AwsUnanswered, "offline"),
    (AwsGarbled, "garbled"),
)
OF_THE_KEY: Final = frozenset(
    {*(reason for _, reason in _REASONS), *(reason for reason, _ in _STATES.values())}
)
"""Reasons that are the same for every data key under the key."""


class KeyState(NamedTuple):
    """What AWS says of a key."""

    arn: str
    state: str  # "Enabled", "Disabled", "PendingDeletion" …
    delete_at: datetime | None  # UTC


def region_of(arn: str) -> str:
    """The region in an ARN; "" for anything else."""
    parts = arn.split(":")
    return parts[3] if arn.startswith("arn:") and len(parts) > 5 else ""  # noqa: PLR2004  # as ARNs are built


def reached(connection: Connection, key: str) -> Connection:
    """How a key is reached: an ARN tells its region itself."""
    region = region_of(key)
    return connection._replace(region=region) if region else connection


def describe(caller: Caller, key: str) -> KeyState:
    """The key that an id, an ARN or an alias means, if it can wrap data keys; whatever its state.

    Raises:
        Refused: it is of another kind, or AWS's own.
        KeyUnavailable: AWS does not tell, or has no such key.
    """
    try:
        metadata = answers.structure(caller.call("DescribeKey", KeyId=key), "KeyMetadata")
        arn = answers.text(metadata, "Arn")
        state = answers.text(metadata, "KeyState", limit=64)
        spec = answers.text_or(metadata, "KeySpec", "SYMMETRIC_DEFAULT", limit=64)
        usage = answers.text_or(metadata, "KeyUsage", "ENCRYPT_DECRYPT", limit=64)
        manager = answers.text_or(metadata, "KeyManager", "CUSTOMER", limit=64)
        delete_at = answers.moment(metadata, "DeletionDate")
    except AwsError as error:
        raise unavailable(error) from None
    if not is_kms_arn(arn) or (is_kms_arn(key) and arn != key):
        msg = Said("AWS answered with another key than {key}", key=key)
        raise KeyUnavailable(msg, "garbled")
    if spec != "SYMMETRIC_DEFAULT" or usage != "ENCRYPT_DECRYPT":
        raise Refused("InvalidKeyUsageException", Said("{arn} is no symmetric encryption key", arn=arn))
    if manager != "CUSTOMER":
        raise Refused(
            "InvalidKeyUsageException",
            Said("{arn} is a key of AWS's own; only AWS services may use it", arn=arn),
        )
    return KeyState(arn, state, delete_at)


def resolve(caller: Caller, key: str) -> str:
    """The ARN of a key that is enabled now, from its id, ARN or alias.

    Raises:
        Refused, KeyUnavailable: as `describe`; or it is not enabled.
    """
    found = describe(caller, key)
    if found.state != ENABLED:
        raise KeyUnavailable(_told(found), _reason(found))
    return found.arn


def unavailable(error: AwsError, state: Callable[[], KeyState | None] = lambda: None) -> VaultError:
    """An error of AWS as one of the vault's.

    Args:
        error: what a call of KMS met.
        state: asks AWS what state the key is in, where the error itself leaves that open.
    """
    if error.aws in _FOREIGN:
        return Damaged(
            Said("AWS KMS did not wrap this under this key for this version ({aws})", aws=error.aws)
        )
    if error.aws in _STATE_CODES:
        found = state()
        if found is not None and found.state in _STATES:
            return KeyUnavailable(_told(found), _reason(found))
        if "pending deletion" in str(error):
            return KeyUnavailable(said_by(error), "pending-deletion")
        return KeyUnavailable(
            said_by(error), "disabled" if error.aws == "DisabledException" else "unavailable"
        )
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), "refused")
    return KeyUnavailable(said_by(error), reason)


def _reason(found: KeyState) -> str:
    return _STATES[found.state][0] if found.state in _STATES else "unavailable"


def _told(found: KeyState) -> Said:
    if found.delete_at is not None:
        when = f"{found.delete_at:%Y-%m-%d %H:%M} UTC"
        return Said("{arn} is pending deletion; AWS deletes it for good on {when}", arn=found.arn, when=when)
    _, words = _STATES.get(found.state, ("", found.state))
    return Said("{arn} is {state}", arn=found.arn, state=words)


def state_of(caller: Caller, arn: str) -> KeyState | None:
    """As `describe`; None where AWS does not tell."""
    try:
        return describe(caller, arn)
    except VaultError:
        return None
