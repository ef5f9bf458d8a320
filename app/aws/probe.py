"""*Test connection*: who signs in, and which permissions are missing, by trying the least call of each.

Nothing is changed there. Calls about an entry ask for a name that nobody has: AWS looks at the permission
first and at the name after it, so "not found" means allowed. Two writes would make such an entry; they are
sent in a form that AWS refuses for several reasons at once, and only after the permission.
"""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.aws import stores
from app.aws.identity import identity_of
from app.aws.permissions import ACTIONS, Level, entries_arn, kms_actions, least_policy, levels_of, place_of
from app.errors import AwsDenied, AwsError, AwsMissing, AwsRefused, AwsSignIn
from vault.errors import Said, said_by
from vault.records import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from app.aws.permissions import Place
    from app.aws.sign_in import AskMfa
    from app.ports import Caller, Identity
    from vault.records import Remote
    from vault.vault import Vault

_ALLOWED: Final = frozenset(  # by KMS, which looks at the permission before anything else
    {"DryRunOperationException", "IncorrectKeyException", "InvalidCiphertextException"}
)


class Result(StrEnum):
    """What trying an action told."""

    OK = "ok"
    MISSING = "missing"
    NOT_TESTED = "not-tested"


class Check(NamedTuple):
    """One action that was tried."""

    action: str  # such as "ssm:PutParameter"
    level: Level
    result: Result
    why: str  # "" for what is plainly allowed


class Report(NamedTuple):
    """What testing a connection told."""

    identity: Identity | None  # None where STS does not answer
    region: str
    endpoint: str  # "" for AWS's own
    checks: tuple[Check, ...]
    policy: str  # the least that is needed, as JSON

    @property
    def missing(self) -> tuple[str, ...]:
        """The actions that the identity may not take."""
        return tuple(check.action for check in self.checks if check.result is Result.MISSING)

    @property
    def has_answer(self) -> bool:
        """Whether anybody answered: who signs in is told, or an action could be tried."""
        return self.identity is not None or any(
            check.result is not Result.NOT_TESTED for check in self.checks
        )


def check_connection(
    vault: Vault,
    remote: Remote,
    *,
    ask_mfa: AskMfa | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    progress: Callable[[Check], object] = lambda _: None,
) -> Report:
    """Sign in, and try every action that the remote needs.

    Args:
        vault: open.
        remote: what to try.
        ask_mfa: as `stores.open_store`.
        cancelled: asked between calls.
        progress: told each check when it is done.

    Raises:
        AwsSignIn: there are no credentials, or AWS does not accept them.
        Cancelled: `cancelled` said so, or no MFA code was given.
    """
    sign_in = stores.sign_in_of(vault, ask_mfa)

    def caller(service: str) -> Caller:
        return stores.client(sign_in, remote.connection, service, account=remote.account, cancelled=cancelled)

    main = caller(stores.SERVICES[remote.service])
    identity = _identity(caller("sts"))
    place = place_of(main.region, identity.arn if identity else "")
    checks = []
    for check in _checks(main, remote):
        progress(check)
        checks.append(check)
    if remote.kms_key:
        for action in kms_actions(remote):
            check = _kms_check(caller("kms"), action, remote, place)
            progress(check)
            checks.append(check)
    policy = least_policy(remote, place)
    return Report(identity, main.region, remote.connection.endpoint_url, tuple(checks), policy)


def _identity(sts: Caller) -> Identity | None:
    try:
        return identity_of(sts)
    except AwsSignIn:
        raise
    except AwsError:
        return None


def _checks(caller: Caller, remote: Remote) -> Iterator[Check]:
    name = f"strongroom-probe-{os.urandom(8).hex()}"
    entry = entries_arn(remote, place_of(caller.region), name)
    if remote.service is Service.PARAMETER_STORE:
        calls = _parameter_calls(remote, "/" + entry.partition(":parameter/")[2])
    else:
        calls = _secret_calls(entry.partition(":secret:")[2])
    levels = levels_of(remote)
    for action in ACTIONS[remote.service]:
        if action.level not in levels:
            continue
        operation = action.name.partition(":")[2]
        result, why = _tried(caller, operation, calls[operation])
        yield Check(action.name, action.level, result, why)


def _tried(caller: Caller, operation: str, parameters: Mapping[str, Any]) -> tuple[Result, str]:
    forms = {"PutParameter": "DeleteParameter", "CreateSecret": "DeleteSecret"}
    try:
        caller.call(operation, **parameters)
    except AwsDenied as error:
        return Result.MISSING, said_by(error)
    except AwsMissing:
        return Result.OK, ""
    except AwsSignIn:
        raise
    except AwsRefused as error:
        if operation in forms:
            return Result.OK, Said("a call that AWS refuses was refused for its form, not for permission")
        return Result.NOT_TESTED, said_by(error)
    except AwsError as error:
        return Result.NOT_TESTED, said_by(error)
    if operation in forms:
        return Result.OK, _taken_back(caller, forms[operation], parameters["Name"])
    return Result.OK, ""


def _taken_back(caller: Caller, operation: str, name: str) -> str:
    """A server that is not as strict as AWS made the entry: remove it again."""
    given = {"Name": name} if operation == "DeleteParameter" else {"SecretId": name}
    if operation == "DeleteSecret":
        given["ForceDeleteWithoutRecovery"] = True  # type: ignore[assignment]  # of our own making, a moment old
    try:
        caller.call(operation, **given)
    except AwsError:
        return Said("the server, which is less strict than AWS, made {name}; remove it", name=name)
    return Said("the server, which is less strict than AWS, made an entry to try; it was removed")


def _parameter_calls(remote: Remote, name: str) -> dict[str, dict[str, Any]]:
    """The least call of each action; `name` is one that no parameter has."""
    resource = {"ResourceType": "Parameter", "ResourceId": name}
    path = remote.prefix.rstrip("/")
    filters = [{"Key": "Path", "Option": "Recursive", "Values": [path]}] if path else []
    label = {"Name": name, "ParameterVersion": 1, "Labels": ["strongroom-probe"]}
    refused = {  # an overwrite with tags, no type for a new parameter, a value against the pattern
        "Name": name,
        "Value": "probe",
        "Overwrite": True,
        "Tags": [{"Key": "strongroom", "Value": "probe"}],
        "AllowedPattern": "^nothing$",
    }
    return {
        "DescribeParameters": {"MaxResults": 1, "ParameterFilters": filters},
        "GetParameter": {"Name": name},
        "GetParameters": {"Names": [name]},
        "GetParameterHistory": {"Name": name, "MaxResults": 1},
        "ListTagsForResource": resource,
        "PutParameter": refused,
        "AddTagsToResource": {**resource, "Tags": [{"Key": "strongroom", "Value": "probe"}]},
        "RemoveTagsFromResource": {**resource, "TagKeys": ["strongroom"]},
        "LabelParameterVersion": label,
        "UnlabelParameterVersion": label,
        "DeleteParameters": {"Names": [name]},
    }


def _secret_calls(name: str) -> dict[str, dict[str, Any]]:
    """The least call of each action; `name` is one that no secret has."""
    secret = {"SecretId": name}
    refused = {  # text and octets at once, a tag that is reserved for AWS
        "Name": name,
        "SecretString": "probe",
        "SecretBinary": b"probe",
        "Tags": [{"Key": "aws:strongroom", "Value": "probe"}],
    }
    return {
        "ListSecrets": {"MaxResults": 1},
        "BatchGetSecretValue": {"SecretIdList": [name]},
        "GetSecretValue": secret,
        "DescribeSecret": secret,
        "ListSecretVersionIds": secret,
        "CreateSecret": refused,
        "PutSecretValue": {**secret, "SecretString": "probe", "VersionStages": ["strongroom-probe"]},
        "UpdateSecret": {**secret, "Description": "probe"},
        "UpdateSecretVersionStage": {**secret, "VersionStage": "strongroom-probe"},
        "TagResource": {**secret, "Tags": [{"Key": "strongroom", "Value": "probe"}]},
        "UntagResource": {**secret, "TagKeys": ["strongroom"]},
        "RestoreSecret": secret,
        "DeleteSecret": {**secret, "RecoveryWindowInDays": 30},
    }


def _kms_check(kms: Caller, action: str, remote: Remote, place: Place) -> Check:
    """Have KMS say whether it would: without doing it, and not by way of the service."""
    operation = action.partition(":")[2]
    level = Level.READ if operation == "Decrypt" else Level.WRITE
    bound = "PARAMETER_ARN" if remote.service is Service.PARAMETER_STORE else "SecretARN"
    given: dict[str, Any] = {
        "KeyId": remote.kms_key,
        "DryRun": True,
        "EncryptionContext": {bound: entries_arn(remote, place, "strongroom-probe")},
    }
    more: dict[str, dict[str, Any]] = {
        "Decrypt": {"CiphertextBlob": b"probe", "DryRunModifiers": ["IGNORE_CIPHERTEXT"]},
        "Encrypt": {"Plaintext": b"probe"},
        "GenerateDataKey": {"KeySpec": "AES_256"},
    }
    try:
        kms.call(operation, **given, **more[operation])
    except AwsDenied:
        why = Said(
            "not to be had from KMS itself; by way of {region}'s service it may be (kms:ViaService)",
            region=place.region,
        )
        return Check(action, level, Result.NOT_TESTED, why)
    except AwsMissing as error:
        return Check(action, level, Result.MISSING, said_by(error))
    except AwsRefused as error:
        if error.aws in _ALLOWED:
            return Check(action, level, Result.OK, "")
        is_state = error.aws in {"DisabledException", "KMSInvalidStateException", "InvalidKeyUsageException"}
        return Check(action, level, Result.MISSING if is_state else Result.NOT_TESTED, said_by(error))
    except AwsError as error:
        return Check(action, level, Result.NOT_TESTED, said_by(error))
    return Check(action, level, Result.OK, "")
