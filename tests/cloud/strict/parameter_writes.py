"""The operations of Parameter Store that write. Reference sections 1.6, 1.7 and 1.13."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.cloud.strict import parameter_policies, parameter_values
from tests.cloud.strict.faults import Fault, invalid
from tests.cloud.strict.parameter_names import check_name
from tests.cloud.strict.parameters import Parameter, Version

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call

MAX_LABELS = 10
MAX_TAGS = 50
DEFAULT_TIER = "/ssm/parameter-store/default-parameter-tier"
MANAGED_KEY = "alias/aws/ssm"

_LABEL = re.compile(r"(?!aws|ssm|[0-9])[A-Za-z0-9_.\-]+", re.IGNORECASE | re.ASCII)
_EXISTS = (
    "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
)
_TAGS_AND_OVERWRITE = (
    "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please "
    "remove "
    "overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or "
    "RemoveTagsFromResource."
)


def put(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.parameters
    overwrite = body.get("Overwrite", False)
    if overwrite and body.get("Tags"):
        raise invalid(_TAGS_AND_OVERWRITE)
    name = check_name(body["Name"], store.prefix)
    was = store.find(name)
    if was is not None and not overwrite:
        raise Fault("ParameterAlreadyExists", _EXISTS)
    tags = _tags(body.get("Tags", ()))
    version = _new_version(call, name, was.newest if was else None)
    if was is None:
        made = Parameter(name)
        made.tags = tags
        made.push(version)
        store.add(made)
    else:
        store.change(was)
        was.push(version)
        store.note_policies(was)
    return {"Version": version.number, "Tier": version.tier}


def _new_version(call: Call, name: str, before: Version | None) -> Version:
    """Make the version that a PutParameter asks for; what it leaves out stays as it was."""
    body, store = call.body, call.place.parameters
    kind = body.get("Type") or (before.type if before else None)
    if kind is None:
        raise invalid("A parameter type is required when you create a parameter.")
    if before and kind != before.type and not call.cloud.switches["type_changes"]:
        message = (
            "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you "
            "can't "
            "change a parameter from a String type to a SecureString type. You must create a new, unique "
            "parameter."
        )
        raise Fault("HierarchyTypeMismatchException", message)
    value = body["Value"]
    version = Version(before.number + 1 if before else 1, value, kind, call.now, call.caller.arn)
    version.description = _kept(body, "Description", before.description if before else "")
    version.allowed_pattern = _kept(body, "AllowedPattern", before.allowed_pattern if before else "")
    version.data_type = _kept(body, "DataType", before.data_type if before else "text")
    version.policies = before.policies if before else ()
    if "Policies" in body:
        version.policies = parameter_policies.read(body["Policies"]) if body["Policies"] else ()
    parameter_values.check_value(value)
    parameter_values.check_pattern(value, version.allowed_pattern, name)
    parameter_values.check_data_type(value, version.data_type, kind, before.data_type if before else None)
    default = store.settings[DEFAULT_TIER][0] if DEFAULT_TIER in store.settings else "Standard"
    version.tier = parameter_values.settle_tier(
        body.get("Tier") or (before.tier if before else default),
        before.tier if before else None,
        value,
        policies=bool(version.policies),
        data_type=version.data_type,
        count=len(store.all),
    )
    if kind == "SecureString":
        _seal(call, name, version, before)
    elif body.get("KeyId"):
        raise invalid("KeyId is only for parameters of the type SecureString.")
    return version


def _seal(call: Call, name: str, version: Version, before: Version | None) -> None:
    upgraded = before is not None and before.tier != version.tier
    kept = before.key_id if before and not upgraded else ""
    version.key_id = call.body.get("KeyId") or kept or MANAGED_KEY
    action = "kms:Encrypt" if version.tier == "Standard" else "kms:GenerateDataKey"
    key = call.place.keys.use_for(call, version.key_id, action)
    context = {"PARAMETER_ARN": call.place.parameters.arn(name)}
    version.blob = key.seal_text(version.value, context)


def _kept(body: dict[str, Any], member: str, before: str) -> str:
    given = body.get(member)
    return before if given is None else str(given)


def delete(call: Call) -> dict[str, Any]:
    store = call.place.parameters
    store.get(call.body["Name"])
    store.remove(call.body["Name"])
    return {}


def delete_many(call: Call) -> dict[str, Any]:
    store = call.place.parameters
    gone, missing = [], []
    for name in dict.fromkeys(call.body["Names"]):
        if store.find(name) is None:
            missing.append(name)
        else:
            store.remove(name)
            gone.append(name)
    return {"DeletedParameters": gone, "InvalidParameters": missing}


def label(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.parameters
    parameter = store.get(body["Name"])
    number = body.get("ParameterVersion", parameter.newest.number)
    parameter.version(number)
    asked = list(dict.fromkeys(body["Labels"]))
    good = [one for one in asked if _LABEL.fullmatch(one)]
    on_it = {one for one, holder in parameter.labels.items() if holder == number} | set(good)
    if len(on_it) > MAX_LABELS:
        message = (
            "A parameter version can have a maximum of ten labels. Move one or more labels to another "
            "version and "
            "try again."
        )
        raise Fault("ParameterVersionLabelLimitExceeded", message)
    store.change(parameter)
    for one in good:
        parameter.labels[one] = number
    return {"InvalidLabels": [one for one in asked if one not in good], "ParameterVersion": number}


def unlabel(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.parameters
    parameter = store.get(body["Name"])
    number = body["ParameterVersion"]
    parameter.version(number)
    asked = list(dict.fromkeys(body["Labels"]))
    removed = [one for one in asked if parameter.labels.get(one) == number]
    store.change(parameter)
    for one in removed:
        del parameter.labels[one]
    return {"RemovedLabels": removed, "InvalidLabels": [one for one in asked if one not in removed]}


def add_tags(call: Call) -> dict[str, Any]:
    parameter = _tagged(call)
    after = parameter.tags | _tags(call.body["Tags"])
    if len(after) > MAX_TAGS:
        raise Fault("TooManyTagsError")
    call.place.parameters.change(parameter)
    parameter.tags = after
    return {}


def remove_tags(call: Call) -> dict[str, Any]:
    parameter = _tagged(call)
    call.place.parameters.change(parameter)
    for key in call.body["TagKeys"]:
        parameter.tags.pop(key, None)
    return {}


def list_tags(call: Call) -> dict[str, Any]:
    return {"TagList": [{"Key": key, "Value": value} for key, value in _tagged(call).tags.items()]}


def _tagged(call: Call) -> Parameter:
    if call.body["ResourceType"] != "Parameter":
        raise Fault("InvalidResourceType")
    name = call.body["ResourceId"]
    found = None if name.startswith("arn:") else call.place.parameters.find(name)
    if found is None:
        raise Fault("InvalidResourceId")
    return found


def _tags(given: list[dict[str, str]]) -> dict[str, str]:
    tags = {tag["Key"]: tag["Value"] for tag in given}
    if len(tags) < len(given):
        raise invalid("Duplicate tag keys are not allowed.")
    if any(key.lower().startswith("aws:") for key in tags):
        raise invalid("Tag keys may not start with aws:.")
    if len(tags) > MAX_TAGS:
        raise Fault("TooManyTagsError")
    return tags
