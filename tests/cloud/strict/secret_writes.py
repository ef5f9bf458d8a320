"""The operations of Secrets Manager that write. Reference sections 2.3, 2.4 and 2.6."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault, invalid
from tests.cloud.strict.secrets import CURRENT, DAY, Secret, Version

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call

MAX_OCTETS = 65_536
MAX_TAGS = 50
MANAGED_KEY = "alias/aws/secretsmanager"
NO_KMS = "Access to KMS is not allowed"

_NAME = re.compile(r"[A-Za-z0-9/_+=.@!\-]{1,512}", re.ASCII)


def create(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.secrets
    name = body["Name"]
    if not _NAME.fullmatch(name):
        raise invalid(
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the "
            "following: -/_+=.@!"
        )
    token = asked_token(body)
    was = store.find(name)
    if was is not None and was.deleted is not None:
        message = (
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )
        raise Fault("InvalidRequestException", message)
    if was is not None:
        if token in was.versions and _same(was.versions[token], body):
            return _answer(was, token)
        message = f"The operation failed because the secret {name} already exists."
        raise Fault("ResourceExistsException", message)
    secret = store.make(name, call.now)
    secret.description = body.get("Description", "")
    secret.key_id = body.get("KmsKeyId", "")
    secret.tags = _tags(body.get("Tags", ()))
    if _has_value(body):
        secret.push(_new_version(call, secret, token), [CURRENT])
    store.add(secret)
    return _answer(secret, token if _has_value(body) else None)


def put_value(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.secrets
    token = asked_token(body)
    secret = store.get(body["SecretId"])
    if not _has_value(body):
        raise Fault("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
    _put(call, secret, token, body.get("VersionStages") or [CURRENT])
    return _answer(secret, token) | {"VersionStages": secret.stages_of(token)}


def update(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.secrets
    token = asked_token(body)
    secret = store.get(body["SecretId"])
    if body.get("KmsKeyId"):
        _key(call, body["KmsKeyId"], "kms:GenerateDataKey", "EncryptionFailure")
    new_key = body.get("KmsKeyId", secret.key_id)
    if _has_value(body):
        former, secret.key_id = secret.key_id, new_key
        try:
            _put(call, secret, token, [CURRENT])
        except Fault:
            secret.key_id = former
            raise
    else:
        store.change(secret)
    secret.key_id = new_key
    if "Description" in body:
        secret.description = body["Description"]
    if "KmsKeyId" in body:
        for version_id in secret.stages.values():
            secret.versions[version_id].key_id = new_key
    return _answer(secret, token if _has_value(body) else None)


def update_stage(call: Call) -> dict[str, Any]:
    """Move or detach a staging label: a compare-and-swap."""
    body, store = call.body, call.place.secrets
    secret = store.get(body["SecretId"])
    stage, to, off = body["VersionStage"], body.get("MoveToVersionId"), body.get("RemoveFromVersionId")
    for version_id in (to, off):
        if version_id is not None and version_id not in secret.versions:
            message = f"Secrets Manager can't find the specified secret value for VersionId: {version_id}"
            raise Fault("ResourceNotFoundException", message)
    holder = secret.stages.get(stage)
    if to is None and off is None:
        raise _bad("You must provide MoveToVersionId or RemoveFromVersionId.")
    if holder is not None and holder != to and off is None:
        raise _bad(f"The parameter RemoveFromVersionId can't be empty. {_attached(stage, holder)}")
    if off is not None and holder != off:
        held = _attached(stage, holder) if holder else "It is not attached to any version."
        raise _bad(f"The parameter RemoveFromVersionId is not the version that has the staging label. {held}")
    if to is None and stage == CURRENT:
        raise _bad("You can't remove the staging label AWSCURRENT; move it to another version.")
    store.change(secret)
    if to is None:
        del secret.stages[stage]
    else:
        secret.move(stage, to)
    return {"ARN": secret.arn, "Name": secret.name}


def delete(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.secrets
    window, force = body.get("RecoveryWindowInDays"), body.get("ForceDeleteWithoutRecovery", False)
    if force and window is not None:
        raise _bad("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
    if window is not None and not 7 <= window <= 30:
        raise _bad("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    if force:
        found = store.find(body["SecretId"])
        if found is None:
            ghost = store.make(body["SecretId"], call.now)
            return {"ARN": ghost.arn, "Name": ghost.name, "DeletionDate": call.now}
        store.remove(found)
        return {"ARN": found.arn, "Name": found.name, "DeletionDate": call.now}
    secret = store.get(body["SecretId"])
    store.change(secret)
    secret.deleted = call.now
    secret.purged = round(call.now + (window or 30) * DAY, 3)
    store.note_purges()
    return {"ARN": secret.arn, "Name": secret.name, "DeletionDate": secret.purged}


def restore(call: Call) -> dict[str, Any]:
    store = call.place.secrets
    secret = store.get(call.body["SecretId"], deleted=True)
    store.change(secret)
    secret.deleted = secret.purged = None
    store.note_purges()
    return {"ARN": secret.arn, "Name": secret.name}


def tag(call: Call) -> dict[str, Any]:
    secret = call.place.secrets.get(call.body["SecretId"])
    after = secret.tags | _tags(call.body["Tags"])
    if len(after) > MAX_TAGS:
        raise Fault("LimitExceededException", f"A secret has at most {MAX_TAGS} tags.")
    call.place.secrets.change(secret)
    secret.tags = after
    return {}


def untag(call: Call) -> dict[str, Any]:
    secret = call.place.secrets.get(call.body["SecretId"])
    call.place.secrets.change(secret)
    for key in call.body["TagKeys"]:
        secret.tags.pop(key, None)
    return {}


def _put(call: Call, secret: Secret, token: str, stages: list[str]) -> None:
    """Add a version; nothing if the token is that of the same value."""
    known = secret.versions.get(token)
    if known is not None and known.has_value:
        if _same(known, call.body):
            return
        message = (
            f"You can't use ClientRequestToken {token} because that value is already in use for a version of "
            f"secret {secret.arn}."
        )
        raise Fault("ResourceExistsException", message)
    version = _new_version(call, secret, token)
    call.place.secrets.change(secret)
    secret.push(version, stages)


def _new_version(call: Call, secret: Secret, token: str) -> Version:
    body = call.body
    text, binary = body.get("SecretString"), body.get("SecretBinary")
    if text is not None and binary is not None:
        raise _bad(
            "You can't specify both a binary secret value and a string secret value in the same secret."
        )
    octets = len(binary if binary is not None else (text or "").encode())
    if not 1 <= octets <= MAX_OCTETS:
        raise invalid(
            "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member "
            "must have "
            f"length less than or equal to {MAX_OCTETS}"
        )
    _key(call, secret.key_id or MANAGED_KEY, "kms:GenerateDataKey", "EncryptionFailure")
    version = Version(token, text, binary, call.now)
    version.key_id = secret.key_id
    return version


def _key(call: Call, key_id: str, action: str, error: str) -> None:
    try:
        call.place.keys.use_for(call, key_id, action, error)
    except Fault as fault:
        if fault.code == "AccessDeniedException":
            raise Fault("AccessDeniedException", NO_KMS) from None
        raise


def _same(version: Version, body: dict[str, Any]) -> bool:
    return (version.text, version.binary) == (body.get("SecretString"), body.get("SecretBinary"))


def _has_value(body: dict[str, Any]) -> bool:
    return body.get("SecretString") is not None or body.get("SecretBinary") is not None


def asked_token(body: dict[str, Any]) -> str:
    token = body.get("ClientRequestToken")
    if not token:
        message = "You must provide a ClientRequestToken value. We recommend a UUID-type value."
        raise Fault("InvalidRequestException", message)
    return str(token)


def _answer(secret: Secret, version_id: str | None) -> dict[str, Any]:
    answer = {"ARN": secret.arn, "Name": secret.name}
    return answer | ({"VersionId": version_id} if version_id else {})


def _attached(stage: str, holder: str) -> str:
    return (
        f"Staging label {stage} is currently attached to version {holder}, so you must explicitly "
        "reference that "
        "version in RemoveFromVersionId."
    )


def _tags(given: list[dict[str, str]]) -> dict[str, str]:
    tags = {one["Key"]: one.get("Value", "") for one in given}
    if any(key.lower().startswith("aws:") for key in tags):
        raise _bad("Tag keys may not start with aws:.")
    if len(tags) > MAX_TAGS:
        raise Fault("LimitExceededException", f"A secret has at most {MAX_TAGS} tags.")
    return tags


def _bad(message: str) -> Fault:
    return Fault("InvalidParameterException", message)
