"""The operations of Secrets Manager that read and list. Reference sections 2.4 and 2.7."""

from __future__ import annotations

import base64
import random
import string
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault
from tests.cloud.strict.pages import make_token, read_token
from tests.cloud.strict.secret_rotation import looked_at
from tests.cloud.strict.secret_writes import MANAGED_KEY, NO_KMS
from tests.cloud.strict.secrets import CURRENT, DAY

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call
    from tests.cloud.strict.secrets import Secret, Version

_PAGE, _BATCH = 100, 20
_NO_TOKEN = "InvalidNextTokenException"
_ORDERS = {
    "created-date": lambda secret: secret.created,
    "last-accessed-date": lambda secret: secret.accessed or 0.0,
    "last-changed-date": lambda secret: secret.changed,
    "name": lambda secret: secret.name,
}


def get_value(call: Call) -> dict[str, Any]:
    body = call.body
    secret = call.place.secrets.get(body["SecretId"])
    return _value(call, secret, body.get("VersionId"), body.get("VersionStage"))


def batch_get(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.secrets
    names, filters = body.get("SecretIdList"), body.get("Filters")
    if bool(names) == bool(filters):
        raise Fault("InvalidParameterException", "You must provide SecretIdList or Filters, not both.")
    if names and "MaxResults" in body:
        raise Fault("InvalidParameterException", "MaxResults is only for Filters.")
    token = None
    if filters:
        call.authorise("secretsmanager:ListSecrets", "*")
        listed, token = _page(call, [one for one in store.listed() if one.deleted is None], _BATCH)
        names = [secret.name for secret in listed]
    values, errors = [], []
    for name in dict.fromkeys(names or ()):
        try:
            secret = store.find(name)
            arn = secret.arn if secret else store.prefix + name
            call.authorise("secretsmanager:GetSecretValue", arn)
            values.append(_value(call, store.get(name), None, None))
        except Fault as fault:
            errors.append({"SecretId": name, "ErrorCode": fault.code, "Message": fault.message})
    return {"SecretValues": values, "Errors": errors} | ({"NextToken": token} if token else {})


def describe(call: Call) -> dict[str, Any]:
    secret = call.place.secrets.get(call.body["SecretId"], deleted=True)
    looked_at(secret, call.now)
    entry = _entry(secret)
    stages = entry.pop("SecretVersionsToStages", None)
    return entry | ({"VersionIdsToStages": stages} if stages else {})


def list_secrets(call: Call) -> dict[str, Any]:
    body = call.body
    found = call.place.secrets.listed()
    if not body.get("IncludePlannedDeletion"):
        found = [secret for secret in found if secret.deleted is None]
    page, token = _page(call, found, _PAGE)
    return {"SecretList": [_entry(secret) for secret in page]} | ({"NextToken": token} if token else {})


def list_versions(call: Call) -> dict[str, Any]:
    body = call.body
    secret = call.place.secrets.get(body["SecretId"], deleted=True)
    after = int(read_token(body, _NO_TOKEN) or 0)
    deprecated = body.get("IncludeDeprecated", False)
    kept = [one for one in secret.versions.values() if one.has_value]
    found = [one for one in kept if deprecated or secret.stages_of(one.id)]
    size = body.get("MaxResults", _PAGE)
    page = found[after : after + size]
    answer = {
        "ARN": secret.arn,
        "Name": secret.name,
        "Versions": [_version_entry(secret, version) for version in page],
    }
    more = after + size < len(found)
    return answer | ({"NextToken": make_token(body, str(after + size))} if more else {})


def random_password(call: Call) -> dict[str, Any]:
    body = call.body
    kinds = {
        "ExcludeLowercase": string.ascii_lowercase,
        "ExcludeUppercase": string.ascii_uppercase,
        "ExcludeNumbers": string.digits,
        "ExcludePunctuation": string.punctuation,
    }
    excluded = set(body.get("ExcludeCharacters", ""))
    pools = [
        [one for one in letters if one not in excluded]
        for name, letters in kinds.items()
        if not body.get(name)
    ]
    length = body.get("PasswordLength", 32)
    if length < len(pools):
        message = "Password length is too short based on the required types."
        raise Fault("InvalidParameterException", message)
    needed = [random.choice(pool) for pool in pools if pool and body.get("RequireEachIncludedType", True)]
    every = [one for pool in pools for one in pool] + ([" "] if body.get("IncludeSpace") else [])
    password = needed + random.choices(every, k=length - len(needed))
    random.shuffle(password)
    return {"RandomPassword": "".join(password)}


def resource_policy(call: Call) -> dict[str, Any]:
    secret = call.place.secrets.get(call.body["SecretId"])
    return {"ARN": secret.arn, "Name": secret.name}


def _value(call: Call, secret: Secret, version_id: str | None, stage: str | None) -> dict[str, Any]:
    version = _chosen(secret, version_id, stage)
    try:
        call.place.keys.use_for(call, version.key_id or MANAGED_KEY, "kms:Decrypt", "DecryptionFailure")
    except Fault as fault:
        if fault.code == "AccessDeniedException":
            raise Fault("AccessDeniedException", NO_KMS) from None
        raise
    secret.accessed = version.accessed = call.now // DAY * DAY
    answer: dict[str, Any] = {
        "ARN": secret.arn,
        "Name": secret.name,
        "VersionId": version.id,
        "VersionStages": secret.stages_of(version.id),
        "CreatedDate": version.created,
    }
    if version.binary is not None:
        return answer | {"SecretBinary": base64.b64encode(version.binary).decode()}
    return answer | {"SecretString": version.text}


def _chosen(secret: Secret, version_id: str | None, stage: str | None) -> Version:
    found = _named(secret, version_id, stage)
    if not found.has_value:
        message = f"Secrets Manager can't find the specified secret value for VersionId: {found.id}"
        raise Fault("ResourceNotFoundException", message)
    return found


def _named(secret: Secret, version_id: str | None, stage: str | None) -> Version:
    lost = "Secrets Manager can't find the specified secret value for "
    if version_id is not None:
        if version_id not in secret.versions:
            raise Fault("ResourceNotFoundException", f"{lost}VersionId: {version_id}")
        if stage is not None and secret.stages.get(stage) != version_id:
            message = "You provided a VersionStage that is not associated to the provided VersionId."
            raise Fault("InvalidRequestException", message)
        return secret.versions[version_id]
    stage = stage or CURRENT
    if stage not in secret.stages:
        raise Fault("ResourceNotFoundException", f"{lost}staging label: {stage}")
    return secret.versions[secret.stages[stage]]


def _entry(secret: Secret) -> dict[str, Any]:
    """A secret as listings show it."""
    entry: dict[str, Any] = {
        "ARN": secret.arn,
        "Name": secret.name,
        "CreatedDate": secret.created,
        "LastChangedDate": secret.changed,
        "Tags": [{"Key": key, "Value": value} for key, value in secret.tags.items()],
    }
    optional = {
        "Description": secret.description,
        "KmsKeyId": secret.key_id,
        "LastAccessedDate": secret.accessed,
        "DeletedDate": secret.deleted,
        "SecretVersionsToStages": secret.staged_versions(),
        "RotationEnabled": secret.rotates,
        "RotationLambdaARN": "arn:aws:lambda:eu-west-1:111111111111:function:f" if secret.function else None,
    }
    return entry | {name: value for name, value in optional.items() if value}


def _version_entry(secret: Secret, version: Version) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "VersionId": version.id,
        "CreatedDate": version.created,
        "KmsKeyIds": [version.key_id or "DefaultEncryptionKey"],
    }
    if version.accessed:
        entry["LastAccessedDate"] = version.accessed
    stages = secret.stages_of(version.id)
    return entry | ({"VersionStages": stages} if stages else {})


def _page(call: Call, found: list[Secret], size: int) -> tuple[list[Secret], str | None]:
    """Filter, sort, and cut one page out; the token of the next."""
    body = call.body
    after = read_token(body, _NO_TOKEN)
    if "SortBy" in body or "SortOrder" in body:
        key = _ORDERS[body.get("SortBy", "created-date")]
        found = sorted(found, key=key, reverse=body.get("SortOrder") == "desc")
        start = int(after or 0)
        rest = found[start:]
    else:
        start = 0
        rest = [one for one in found if one.serial > int(after or 0)]
    size = body.get("MaxResults", size)
    if call.cloud.empty_page():
        return [], make_token(body, after or "0")
    page = [one for one in rest if all(_admits(one, rule) for rule in body.get("Filters", ()))]
    more = len(page) > size
    page = page[:size]
    if not more:
        return page, None
    ordered = "SortBy" in body or "SortOrder" in body
    return page, make_token(body, str(start + size if ordered else page[-1].serial))


def _admits(secret: Secret, rule: dict[str, Any]) -> bool:
    """Whether one filter lets a secret through: its values are alternatives, `!` negates one."""
    fields = {
        "name": [secret.name],
        "description": [secret.description],
        "tag-key": list(secret.tags),
        "tag-value": list(secret.tags.values()),
        "all": [secret.name, secret.description, *secret.tags, *secret.tags.values()],
    }.get(rule["Key"], [])
    loose = rule["Key"] in {"description", "all"}

    def one(value: str) -> bool:
        negated = value.startswith("!")
        wanted = value.removeprefix("!")
        if loose:
            hit = any(word.startswith(wanted.lower()) for field in fields for word in _words(field))
        else:
            hit = any(field.startswith(wanted) for field in fields)
        return hit != negated

    return any(one(value) for value in rule.get("Values", ()))


def _words(text: str) -> list[str]:
    for mark in "/-_+=.@":
        text = text.replace(mark, " ")
    return [text.lower(), *text.lower().split()]
