"""Which operations there are, and on which resource IAM looks at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cloud.strict import (
    iam,
    key_operations,
    parameter_listing,
    parameter_reads,
    parameter_writes,
    secret_reads,
    secret_rotation,
    secret_writes,
    sts,
)
from tests.cloud.strict.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.strict.call import Call
    from tests.cloud.strict.place import Place

TARGETS = {"AmazonSSM": "ssm", "secretsmanager": "secretsmanager", "TrentService": "kms"}

ALL: dict[str, dict[str, Callable[[Call], dict[str, Any] | None]]] = {
    "ssm": {
        "PutParameter": parameter_writes.put,
        "DeleteParameter": parameter_writes.delete,
        "DeleteParameters": parameter_writes.delete_many,
        "LabelParameterVersion": parameter_writes.label,
        "UnlabelParameterVersion": parameter_writes.unlabel,
        "AddTagsToResource": parameter_writes.add_tags,
        "RemoveTagsFromResource": parameter_writes.remove_tags,
        "ListTagsForResource": parameter_writes.list_tags,
        "GetParameter": parameter_reads.get,
        "GetParameters": parameter_reads.get_many,
        "GetParameterHistory": parameter_reads.history,
        "GetServiceSetting": parameter_reads.get_setting,
        "UpdateServiceSetting": parameter_reads.update_setting,
        "ResetServiceSetting": parameter_reads.reset_setting,
        "GetParametersByPath": parameter_listing.by_path,
        "DescribeParameters": parameter_listing.describe,
    },
    "secretsmanager": {
        "CreateSecret": secret_writes.create,
        "PutSecretValue": secret_writes.put_value,
        "UpdateSecret": secret_writes.update,
        "UpdateSecretVersionStage": secret_writes.update_stage,
        "DeleteSecret": secret_writes.delete,
        "RestoreSecret": secret_writes.restore,
        "RotateSecret": secret_rotation.rotate,
        "CancelRotateSecret": secret_rotation.cancel,
        "TagResource": secret_writes.tag,
        "UntagResource": secret_writes.untag,
        "GetSecretValue": secret_reads.get_value,
        "BatchGetSecretValue": secret_reads.batch_get,
        "DescribeSecret": secret_reads.describe,
        "ListSecrets": secret_reads.list_secrets,
        "ListSecretVersionIds": secret_reads.list_versions,
        "GetRandomPassword": secret_reads.random_password,
        "GetResourcePolicy": secret_reads.resource_policy,
    },
    "kms": {
        "CreateKey": key_operations.create,
        "DescribeKey": key_operations.describe,
        "ListKeys": key_operations.list_keys,
        "ListAliases": key_operations.list_aliases,
        "CreateAlias": key_operations.create_alias,
        "UpdateAlias": key_operations.update_alias,
        "DeleteAlias": key_operations.delete_alias,
        "Encrypt": key_operations.encrypt,
        "Decrypt": key_operations.decrypt,
        "ReEncrypt": key_operations.re_encrypt,
        "GenerateDataKey": key_operations.generate_data_key,
        "GenerateDataKeyWithoutPlaintext": key_operations.generate_sealed_data_key,
        "GenerateRandom": key_operations.generate_random,
        "EnableKey": key_operations.enable,
        "DisableKey": key_operations.disable,
        "ScheduleKeyDeletion": key_operations.schedule_deletion,
        "CancelKeyDeletion": key_operations.cancel_deletion,
        "RotateKeyOnDemand": key_operations.rotate,
        "ListKeyRotations": key_operations.list_rotations,
    },
    "iam": {
        "ListAccessKeys": iam.list_keys,
        "CreateAccessKey": iam.create_key,
        "UpdateAccessKey": iam.update_key,
        "DeleteAccessKey": iam.delete_key,
        "GetAccessKeyLastUsed": iam.last_used,
        "GetUser": iam.get_user,
    },
    "sts": {"GetCallerIdentity": sts.caller_identity, "AssumeRole": sts.assume_role},
}


def resources(place: Place, service: str, body: dict[str, Any]) -> list[str]:
    """The ARNs that a call is about; "*" where it is about none in particular."""
    if service == "ssm":
        names = body.get("Names") or [body.get("Name") or body.get("Path") or body.get("ResourceId")]
        arns = [place.parameters.arn(place.parameters.plain_name(name)) for name in names if name]
        return arns or [f"arn:aws:ssm:{place.region}:{place.account}:*"]
    if service == "secretsmanager":
        name = body.get("SecretId") or body.get("Name")
        found = place.secrets.find(name) if name else None
        return [found.arn if found else place.secrets.prefix + name if name else "*"]
    if service == "kms" and body.get("KeyId"):
        try:
            return [place.keys.named(body["KeyId"]).arn]
        except Fault:
            return [body["KeyId"]]
    if service == "iam":
        return [iam.user_arn(place.account, body)]
    if service == "sts" and body.get("RoleArn"):
        return [body["RoleArn"]]
    return ["*"]
