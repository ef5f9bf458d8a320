"""The operations of Parameter Store that read by name, and its settings. Reference 1.6, 1.8 and 1.14."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault, invalid
from tests.cloud.strict.pages import make_token, read_token
from tests.cloud.strict.parameter_names import select
from tests.cloud.strict.parameter_policies import inline
from tests.cloud.strict.parameter_writes import DEFAULT_TIER, MANAGED_KEY

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call
    from tests.cloud.strict.parameters import Parameter, Version

_HISTORY_PAGE = 50
_DEFAULTS = {DEFAULT_TIER: "Standard", "/ssm/parameter-store/high-throughput-enabled": "false"}


def get(call: Call) -> dict[str, Any]:
    return {"Parameter": _selected(call, call.body["Name"])}


def get_many(call: Call) -> dict[str, Any]:
    found, missing = [], []
    for name in dict.fromkeys(call.body["Names"]):
        try:
            found.append(_selected(call, name))
        except Fault as fault:
            if fault.code not in {"ParameterNotFound", "ParameterVersionNotFound"}:
                raise
            missing.append(name)
    found.sort(key=lambda one: one["Name"])
    return {"Parameters": found, "InvalidParameters": missing}


def history(call: Call) -> dict[str, Any]:
    body, store = call.body, call.place.parameters
    parameter = store.get(store.plain_name(body["Name"]))
    after = int(read_token(body) or 0)
    rest = [version for version in parameter.versions if version.number > after]
    page = rest[: body.get("MaxResults", _HISTORY_PAGE)]
    entries = []
    for version in page:
        labels = sorted(one for one, number in parameter.labels.items() if number == version.number)
        entry = metadata(call, parameter, version)
        del entry["ARN"]
        entries.append(entry | {"Value": value_of(call, parameter, version), "Labels": labels})
    more = len(rest) > len(page)
    return {"Parameters": entries, "NextToken": make_token(body, str(page[-1].number)) if more else ""}


def get_setting(call: Call) -> dict[str, Any]:
    return {"ServiceSetting": _setting(call)}


def update_setting(call: Call) -> dict[str, Any]:
    name = _setting_name(call)
    call.place.parameters.settings[name] = (call.body["SettingValue"], call.now, call.caller.arn)
    return {}


def reset_setting(call: Call) -> dict[str, Any]:
    call.place.parameters.settings.pop(_setting_name(call), None)
    return {"ServiceSetting": _setting(call)}


def metadata(call: Call, parameter: Parameter, version: Version) -> dict[str, Any]:
    """A version as DescribeParameters and GetParameterHistory show it: no value."""
    entry: dict[str, Any] = {
        "Name": parameter.name,
        "ARN": call.place.parameters.arn(parameter.name),
        "Type": version.type,
        "LastModifiedDate": version.modified,
        "LastModifiedUser": version.user,
        "Version": version.number,
        "Tier": version.tier,
        "Policies": inline(version.policies),
        "DataType": version.data_type,
    }
    if version.key_id:
        entry["KeyId"] = version.key_id
    if version.description:
        entry["Description"] = version.description
    if version.allowed_pattern:
        entry["AllowedPattern"] = version.allowed_pattern
    return entry


def value_of(call: Call, parameter: Parameter, version: Version) -> str:
    """The value that the caller may see; ciphertext where no decryption is asked for."""
    if version.type != "SecureString":
        return version.value
    key_id = version.key_id or MANAGED_KEY
    if call.body.get("WithDecryption"):
        call.place.keys.use_for(call, key_id, "kms:Decrypt")
        return version.value
    if not version.blob:
        context = {"PARAMETER_ARN": call.place.parameters.arn(parameter.name)}
        version.blob = call.place.keys.named(key_id).seal_text(version.value, context)
    return version.blob


def shown(call: Call, parameter: Parameter, version: Version) -> dict[str, Any]:
    """A version as GetParameter shows it."""
    return {
        "Name": parameter.name,
        "Type": version.type,
        "Value": value_of(call, parameter, version),
        "Version": version.number,
        "LastModifiedDate": version.modified,
        "ARN": call.place.parameters.arn(parameter.name),
        "DataType": version.data_type,
    }


def _selected(call: Call, given: str) -> dict[str, Any]:
    store = call.place.parameters
    selected = select(given)
    name = store.plain_name(selected.name)
    if name.startswith("arn:"):
        raise invalid(f"Invalid parameter ARN: {given}")
    parameter = store.get(name)
    version = parameter.newest
    if selected.number is not None:
        version = parameter.version(selected.number)
    elif selected.label is not None:
        number = parameter.labels.get(selected.label)
        if number is None:
            message = (
                f"Systems Manager could not find version {selected.label} of {name}. "
                "Verify the version and try again."
            )
            raise Fault("ParameterVersionNotFound", message)
        version = parameter.version(number)
    entry = shown(call, parameter, version)
    if selected.selector is not None:
        entry["Selector"] = selected.selector
    return entry


def _setting_name(call: Call) -> str:
    name = call.body["SettingId"].rpartition(":servicesetting")[2]
    name = name if name.startswith("/") else "/" + name
    if name not in _DEFAULTS:
        raise Fault("ServiceSettingNotFound", f"The service setting {name} was not found.")
    return str(name)


def _setting(call: Call) -> dict[str, Any]:
    name = _setting_name(call)
    value, changed, user = call.place.parameters.settings.get(name, (_DEFAULTS[name], call.now, "System"))
    return {
        "SettingId": name,
        "SettingValue": value,
        "LastModifiedDate": changed,
        "LastModifiedUser": user,
        "ARN": call.arn("ssm", f"servicesetting{name}"),
        "Status": "Customized" if name in call.place.parameters.settings else "Default",
    }
