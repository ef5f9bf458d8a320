"""The operations of KMS. Reference section 3."""

from __future__ import annotations

import base64
import os
import re
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault, invalid

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call
    from tests.cloud.strict.keys import Key

DAY = 86_400.0
_ALIAS = re.compile(r"alias/[A-Za-z0-9/_\-]{1,250}", re.ASCII)
_SPECS = {"AES_256": 32, "AES_128": 16}
_MAX_ALIASES = 50
_MAX_ROTATIONS = 25


def create(call: Call) -> dict[str, Any]:
    body = call.body
    if (
        body.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT"
        or body.get("Origin", "AWS_KMS") != "AWS_KMS"
    ):
        raise Fault("UnsupportedOperationException", "Only symmetric keys of KMS's own here.")
    key = call.place.keys.make()
    key.description = body.get("Description", "")
    key.tags = {tag["TagKey"]: tag["TagValue"] for tag in body.get("Tags", ())}
    return {"KeyMetadata": call.place.keys.metadata(key)}


def describe(call: Call) -> dict[str, Any]:
    keys = call.place.keys
    return {"KeyMetadata": keys.metadata(keys.named(call.body["KeyId"]))}


def list_keys(call: Call) -> dict[str, Any]:
    entries = [{"KeyId": key.id, "KeyArn": key.arn} for key in call.place.keys.all()]
    return _paged(call, "Keys", entries, 100)


def list_aliases(call: Call) -> dict[str, Any]:
    keys = call.place.keys
    wanted = keys.named(call.body["KeyId"], aliases=False).id if "KeyId" in call.body else None
    entries = [
        {
            "AliasName": alias,
            "AliasArn": keys.prefix + alias,
            "TargetKeyId": key_id,
            "CreationDate": keys.alias_dates[alias],
            "LastUpdatedDate": keys.alias_dates[alias],
        }
        for alias, key_id in sorted(keys.aliases.items())
        if wanted in {None, key_id}
    ]
    return _paged(call, "Aliases", entries, 50)


def create_alias(call: Call) -> None:
    keys, alias = call.place.keys, call.body["AliasName"]
    _check_alias(alias)
    if alias in keys.aliases:
        raise Fault("AlreadyExistsException", f"An alias with the name {keys.prefix}{alias} already exists")
    key = keys.named(call.body["TargetKeyId"], aliases=False)
    if key.deletion is not None:
        raise Fault("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if sum(holder == key.id for holder in keys.aliases.values()) >= _MAX_ALIASES:
        raise Fault("LimitExceededException", f"The key {key.arn} has {_MAX_ALIASES} aliases already.")
    keys.aliases[alias] = key.id
    keys.alias_dates[alias] = call.now


def update_alias(call: Call) -> None:
    keys, alias = call.place.keys, call.body["AliasName"]
    _check_alias(alias)
    keys.named(alias)
    key = keys.named(call.body["TargetKeyId"], aliases=False)
    if key.deletion is not None:
        raise Fault("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    keys.aliases[alias] = key.id
    keys.alias_dates[alias] = call.now


def delete_alias(call: Call) -> None:
    keys, alias = call.place.keys, call.body["AliasName"]
    _check_alias(alias)
    keys.named(alias)
    del keys.aliases[alias]


def encrypt(call: Call) -> dict[str, Any]:
    key = _usable(call, "KeyId", "kms:Encrypt")
    blob = key.encrypt(call.body["Plaintext"], call.body.get("EncryptionContext", {}))
    return {"CiphertextBlob": _text(blob), "KeyId": key.arn, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}


def decrypt(call: Call) -> dict[str, Any]:
    key, plaintext = _opened(call, "KeyId", "EncryptionContext", "kms:Decrypt")
    return {
        "KeyId": key.arn,
        "Plaintext": _text(plaintext),
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": key.material_id(call.body["CiphertextBlob"]),
    }


def re_encrypt(call: Call) -> dict[str, Any]:
    source, plaintext = _opened(call, "SourceKeyId", "SourceEncryptionContext", "kms:ReEncryptFrom")
    key = _usable(call, "DestinationKeyId", "kms:ReEncryptTo")
    blob = key.encrypt(plaintext, call.body.get("DestinationEncryptionContext", {}))
    return {
        "CiphertextBlob": _text(blob),
        "SourceKeyId": source.arn,
        "KeyId": key.arn,
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": source.material_id(call.body["CiphertextBlob"]),
        "DestinationKeyMaterialId": key.material_id(),
    }


def generate_data_key(call: Call) -> dict[str, Any]:
    plaintext, answer = _data_key(call, "kms:GenerateDataKey")
    return answer | {"Plaintext": _text(plaintext)}


def generate_sealed_data_key(call: Call) -> dict[str, Any]:
    return _data_key(call, "kms:GenerateDataKeyWithoutPlaintext")[1]


def generate_random(call: Call) -> dict[str, Any]:
    if "NumberOfBytes" not in call.body:
        raise invalid("NumberOfBytes is required.")
    return {"Plaintext": _text(os.urandom(call.body["NumberOfBytes"]))}


def enable(call: Call) -> None:
    _alive(call).enabled = True


def disable(call: Call) -> None:
    _alive(call).enabled = False


def schedule_deletion(call: Call) -> dict[str, Any]:
    key = _alive(call)
    days = call.body.get("PendingWindowInDays", 30)
    if not 7 <= days <= 30:
        raise invalid("The PendingWindowInDays value must be between 7 and 30 days (inclusive).")
    key.deletion = round(call.now + days * DAY, 3)
    return {
        "KeyId": key.arn,
        "DeletionDate": key.deletion,
        "KeyState": key.state,
        "PendingWindowInDays": days,
    }


def cancel_deletion(call: Call) -> dict[str, Any]:
    key = _managed(call)
    if key.deletion is None:
        raise Fault("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    key.deletion, key.enabled = None, False
    return {"KeyId": key.arn}


def rotate(call: Call) -> dict[str, Any]:
    key = _managed(call)
    key.check_usable()
    if len(key.rotated) >= _MAX_ROTATIONS:
        message = (
            "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
            "rotations can be "
            f"performed for this key: {key.arn}"
        )
        raise Fault("LimitExceededException", message)
    key.material.append(os.urandom(32))
    key.rotated.append(call.now)
    return {"KeyId": key.id}


def list_rotations(call: Call) -> dict[str, Any]:
    key = _managed(call)
    entries = [
        {"KeyId": key.id, "RotationDate": moment, "RotationType": "ON_DEMAND"} for moment in key.rotated
    ]
    return _paged(call, "Rotations", entries, 100)


def _usable(call: Call, member: str, action: str) -> Key:
    key = call.place.keys.named(call.body[member])
    _authorise(call, key, action)
    key.check_usable()
    return key


def _opened(call: Call, member: str, context: str, action: str) -> tuple[Key, bytes]:
    """Open the request's ciphertext with the key that it names."""
    blob = call.body["CiphertextBlob"]
    named = call.place.keys.named(call.body[member]) if member in call.body else None
    key = call.place.keys.of_blob(blob)
    if named is not None and named is not key:
        message = "The key ID in the request does not identify a CMK that can perform this operation."
        raise Fault("IncorrectKeyException", message)
    _authorise(call, key, action)
    key.check_usable()
    return key, key.decrypt(blob, call.body.get(context, {}))


def _authorise(call: Call, key: Key, action: str) -> None:
    """The services' own keys serve only through their services."""
    call.authorise(action, key.arn)
    if key.managed:
        message = (
            f"User: {call.caller.arn} is not authorized to perform: {action} on resource: {key.arn} because "
            f"no resource-based policy allows the {action} action"
        )
        raise Fault("AccessDeniedException", message)


def _data_key(call: Call, action: str) -> tuple[bytes, dict[str, Any]]:
    body = call.body
    if ("KeySpec" in body) == ("NumberOfBytes" in body):
        raise invalid("Please specify either number of bytes or key spec.")
    key = _usable(call, "KeyId", action)
    plaintext = os.urandom(body["NumberOfBytes"] if "NumberOfBytes" in body else _SPECS[body["KeySpec"]])
    blob = key.encrypt(plaintext, body.get("EncryptionContext", {}))
    return plaintext, {"CiphertextBlob": _text(blob), "KeyId": key.arn, "KeyMaterialId": key.material_id()}


def _managed(call: Call) -> Key:
    """A key of the customer's, by id or ARN."""
    key = call.place.keys.named(call.body["KeyId"], aliases=False)
    if key.managed:
        message = (
            f"User: {call.caller.arn} is not authorized to perform: kms:{call.operation} on resource: "
            f"{key.arn}"
        )
        raise Fault("AccessDeniedException", message)
    return key


def _alive(call: Call) -> Key:
    key = _managed(call)
    if key.deletion is not None:
        raise Fault("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    return key


def _check_alias(alias: str) -> None:
    if not alias.startswith("alias/"):
        raise invalid(
            'Alias must start with the prefix "alias/". Please see the documentation of the API for the '
            "syntax."
        )
    if alias.startswith("alias/aws/"):
        raise Fault("NotAuthorizedException", "You may not use the reserved prefix alias/aws/.")
    if not _ALIAS.fullmatch(alias):
        raise Fault("InvalidAliasNameException", f"{alias} is no name of an alias.")


def _paged(call: Call, member: str, entries: list[Any], size: int) -> dict[str, Any]:
    start = 0
    if "Marker" in call.body:
        if not call.body["Marker"].isdigit():
            raise Fault("InvalidMarkerException", "The marker is not valid.")
        start = int(call.body["Marker"])
    end = start + call.body.get("Limit", size)
    more = end < len(entries)
    answer: dict[str, Any] = {member: entries[start:end], "Truncated": more}
    return answer | ({"NextMarker": str(end)} if more else {})


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()
