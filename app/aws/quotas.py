"""The rates that AWS publishes, in calls a second of one account in one region.

Operations that AWS counts together are one group. The numbers are the defaults; an account may have more or,
by others' use of it, less: `app.aws.pacing` finds out.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Quota(NamedTuple):
    """What is published of a group of operations."""

    group: str
    rate: int | None  # calls a second; None where AWS does not say
    width: int = 64  # calls in flight at most, however willing the service seems


_READS: Final = Quota("reads", 40)
_SECRET_CHANGES: Final = Quota("changes", 50)
_SECRET_TAGS: Final = Quota("tags", 50)
_CRYPTOGRAPHY: Final = Quota("cryptography", 10_000)
_ACCESS_KEYS: Final = Quota("access keys", None, width=2)
_IDENTITIES: Final = Quota("identities", 600)

QUOTAS: Final = {
    "ssm": {
        "GetParameter": _READS,
        "GetParameters": _READS,
        "GetParametersByPath": _READS,
        "PutParameter": Quota("puts", 3),
        "DescribeParameters": Quota("listing", None, width=4),  # unpublished, and low in the field
        "GetParameterHistory": Quota("history", None, width=8),
    },
    "secretsmanager": {
        "GetSecretValue": Quota("values", 10_000),
        "DescribeSecret": Quota("descriptions", 40_000),
        "ListSecrets": Quota("listing", 100),
        "BatchGetSecretValue": Quota("batches", 100),
        "ListSecretVersionIds": Quota("versions", 50),
        "CreateSecret": Quota("creation", 50),
        "DeleteSecret": Quota("deletion", 50),
        "RestoreSecret": Quota("restoring", 50),
        "PutSecretValue": _SECRET_CHANGES,
        "UpdateSecret": _SECRET_CHANGES,
        "UpdateSecretVersionStage": _SECRET_CHANGES,
        "TagResource": _SECRET_TAGS,
        "UntagResource": _SECRET_TAGS,
    },
    "kms": {
        "Decrypt": _CRYPTOGRAPHY,
        "Encrypt": _CRYPTOGRAPHY,
        "GenerateDataKey": _CRYPTOGRAPHY,
        "ReEncrypt": _CRYPTOGRAPHY,
        "DescribeKey": Quota("descriptions", 2_000),
        "ListAliases": Quota("aliases", 500),
        "ListKeys": Quota("keys", 500),
    },
    "iam": {
        "CreateAccessKey": _ACCESS_KEYS,
        "DeleteAccessKey": _ACCESS_KEYS,
        "GetAccessKeyLastUsed": _ACCESS_KEYS,
        "ListAccessKeys": _ACCESS_KEYS,
        "UpdateAccessKey": _ACCESS_KEYS,
    },
    "sts": {"AssumeRole": _IDENTITIES, "GetCallerIdentity": _IDENTITIES},
}

_OTHERS: Final = Quota("others", None, width=16)


def quota_of(service: str, operation: str) -> Quota:
    """What is published of an operation of a service ("ssm", "secretsmanager", "kms", "iam", "sts")."""
    return QUOTAS.get(service, {}).get(operation, _OTHERS)
