"""The least that an identity must be allowed for a remote, as an IAM policy ready to be pasted. Pure."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault.records import Direction, Service, Tier

if TYPE_CHECKING:
    from vault.records import Remote


class Level(StrEnum):
    """What an action is needed for."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"


class Place(NamedTuple):
    """Where a remote is, as ARNs say it."""

    region: str
    account: str = "*"  # 12 digits
    partition: str = "aws"


class Action(NamedTuple):
    """An action of IAM that a store takes."""

    name: str  # such as "ssm:PutParameter"
    level: Level
    everywhere: bool = False  # IAM knows no resources for it


ACTIONS: Final = {
    Service.PARAMETER_STORE: (
        Action("ssm:DescribeParameters", Level.READ, everywhere=True),
        Action("ssm:GetParameter", Level.READ),
        Action("ssm:GetParameters", Level.READ),
        Action("ssm:GetParameterHistory", Level.READ),
        Action("ssm:ListTagsForResource", Level.READ),
        Action("ssm:PutParameter", Level.WRITE),
        Action("ssm:AddTagsToResource", Level.WRITE),
        Action("ssm:RemoveTagsFromResource", Level.WRITE),
        Action("ssm:LabelParameterVersion", Level.WRITE),
        Action("ssm:UnlabelParameterVersion", Level.WRITE),
        Action("ssm:DeleteParameters", Level.DELETE),
    ),
    Service.SECRETS_MANAGER: (
        Action("secretsmanager:ListSecrets", Level.READ, everywhere=True),
        Action("secretsmanager:BatchGetSecretValue", Level.READ, everywhere=True),
        Action("secretsmanager:GetSecretValue", Level.READ),
        Action("secretsmanager:DescribeSecret", Level.READ),
        Action("secretsmanager:ListSecretVersionIds", Level.READ),
        Action("secretsmanager:CreateSecret", Level.WRITE),
        Action("secretsmanager:PutSecretValue", Level.WRITE),
        Action("secretsmanager:UpdateSecret", Level.WRITE),
        Action("secretsmanager:UpdateSecretVersionStage", Level.WRITE),
        Action("secretsmanager:TagResource", Level.WRITE),
        Action("secretsmanager:UntagResource", Level.WRITE),
        Action("secretsmanager:RestoreSecret", Level.WRITE),
        Action("secretsmanager:DeleteSecret", Level.DELETE),
    ),
}
_PREFIXES: Final = {Service.PARAMETER_STORE: "ssm", Service.SECRETS_MANAGER: "secretsmanager"}
_PARTITIONS: Final = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
)
_SIDS: Final = {Level.READ: "Read", Level.WRITE: "Write", Level.DELETE: "Delete"}


def place_of(region: str, arn: str = "") -> Place:
    """The place of a region, for the identity of this ARN; any account where that is not known."""
    parts = arn.split(":")
    if len(parts) > 4 and parts[1] and parts[4]:  # noqa: PLR2004  # arn:partition:service:region:account
        return Place(region, parts[4], parts[1])
    return Place(
        region, partition=next((name for head, name in _PARTITIONS if region.startswith(head)), "aws")
    )


def levels_of(remote: Remote, *, deletes: bool = True) -> tuple[Level, ...]:
    """What is done at a remote: a remote that is pulled alone is only read."""
    if remote.direction is Direction.PULL:
        return (Level.READ,)
    return (Level.READ, Level.WRITE, Level.DELETE) if deletes else (Level.READ, Level.WRITE)


def kms_actions(remote: Remote) -> tuple[str, ...]:
    """What the service does with the remote's KMS key in the identity's name."""
    if not remote.kms_key:
        return ()
    if remote.direction is Direction.PULL:
        return ("kms:Decrypt",)
    if remote.service is Service.SECRETS_MANAGER or remote.tier is Tier.ADVANCED:
        return ("kms:Decrypt", "kms:GenerateDataKey")
    if remote.tier is Tier.STANDARD:
        return ("kms:Decrypt", "kms:Encrypt")
    return ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")


def entries_arn(remote: Remote, place: Place, name: str = "*") -> str:
    """The ARN of an entry below the remote's prefix, or of all of them."""
    head = f"arn:{place.partition}:{_PREFIXES[remote.service]}:{place.region}:{place.account}"
    prefix = remote.prefix.rstrip("/")
    if remote.service is Service.PARAMETER_STORE:
        return f"{head}:parameter/{f'{prefix}/{name}'.lstrip('/')}"
    return f"{head}:secret:{f'{prefix}/{name}' if remote.prefix else name}"


def least_policy(remote: Remote, place: Place, *, deletes: bool = True) -> str:
    """The policy, as JSON text.

    Values under the service's own key (`aws/ssm`, `aws/secretsmanager`) need no permission of KMS; those
    under the remote's key are admitted by way of the service alone, and for the remote's entries alone.
    """
    levels = levels_of(remote, deletes=deletes)
    actions = ACTIONS[remote.service]
    listing = [action.name for action in actions if action.everywhere and action.level in levels]
    statements = [_statement("List", listing, "*")]
    for level in levels:
        names = [action.name for action in actions if action.level is level and not action.everywhere]
        statements.append(_statement(_SIDS[level], names, entries_arn(remote, place)))
    if remote.kms_key:
        statements.append(_kms_statement(remote, place))
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def _statement(sid: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {"Sid": f"Strongroom{sid}", "Effect": "Allow", "Action": actions, "Resource": resource}


def _kms_statement(remote: Remote, place: Place) -> dict[str, Any]:
    service = _PREFIXES[remote.service]
    domain = "amazonaws.com.cn" if place.partition == "aws-cn" else "amazonaws.com"
    bound = "PARAMETER_ARN" if remote.service is Service.PARAMETER_STORE else "SecretARN"
    head = f"arn:{place.partition}:kms:{place.region}:{place.account}"
    key = remote.kms_key
    conditions: dict[str, Any] = {
        "StringEquals": {"kms:ViaService": f"{service}.{place.region}.{domain}"},
        "StringLike": {f"kms:EncryptionContext:{bound}": entries_arn(remote, place)},
    }
    alias = (
        key
        if key.startswith("alias/")
        else key.partition(":alias/")[2] and f"alias/{key.partition(':alias/')[2]}"
    )
    if alias:  # IAM knows keys, not aliases, as resources
        resource = f"{key.partition(':alias/')[0] if key.startswith('arn:') else head}:key/*"
        conditions["ForAnyValue:StringEquals"] = {"kms:ResourceAliases": alias}
    else:
        resource = key if key.startswith("arn:") else f"{head}:key/{key}"
    return {**_statement("Key", list(kms_actions(remote)), resource), "Condition": conditions}
