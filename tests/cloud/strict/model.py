"""The services' own models (botocore carries them) as checks of what a request may hold.

Clients check only some of it: never maxima, patterns or enums. Reference section 5.3.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import Any

from tests.cloud.strict.faults import Fault, invalid

VERSIONS = {"ssm": "2014-11-06", "secretsmanager": "2017-10-17", "kms": "2014-11-01", "sts": "2011-06-15"}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "timestamp": (int, float, str),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


def check(service: str, operation: str, body: dict[str, Any]) -> None:
    """Refuse what the model does not allow.

    Raises:
        Fault: "SerializationException" for a wrong JSON type; "ValidationException" for the rest.
    """
    found: list[str] = []
    for name in _check(service, _input(service, operation), body, "", found):
        body[name] = base64.b64decode(body[name])
    if found:
        count = f"{len(found)} validation error{'s' if len(found) > 1 else ''} detected: "
        raise invalid(count + "; ".join(found))


@cache
def operations(service: str) -> frozenset[str]:
    return frozenset(_model(service)["operations"])


@cache
def _model(service: str) -> dict[str, Any]:
    from botocore.loaders import Loader

    loaded: dict[str, Any] = Loader().load_service_model(service, "service-2", VERSIONS[service])
    return loaded


@cache
def _input(service: str, operation: str) -> str:
    shape: str = _model(service)["operations"][operation]["input"]["shape"]
    return shape


@cache
def _pattern(text: str) -> re.Pattern[str]:
    letters = text.replace(r"\p{L}", r"\w").replace(r"\p{Z}", r"\s").replace(r"\p{N}", r"\d")
    return re.compile(letters, re.UNICODE if letters != text else re.ASCII)


def _check(service: str, name: str, value: Any, path: str, found: list[str]) -> list[str]:  # noqa: ANN401
    """Collect what is wrong below one value; the members of a structure that are blobs."""
    shape = _model(service)["shapes"][name]
    kind = shape["type"]
    if not _is_a(kind, value):
        raise Fault("SerializationException", f"{path or 'The request'} is of a wrong type.")
    blobs = []
    if kind == "structure":
        missing = [member for member in shape.get("required", ()) if value.get(member) is None]
        found += [_broken(None, _join(path, one), "Member must not be null") for one in missing]
        for member, given in value.items():
            if member in shape["members"] and given is not None:
                inner = shape["members"][member]["shape"]
                _check(service, inner, given, _join(path, member), found)
                if _model(service)["shapes"][inner]["type"] == "blob":
                    blobs.append(member)
    elif kind == "list":
        for number, item in enumerate(value, 1):
            _check(service, shape["member"]["shape"], item, f"{path}.{number}.member", found)
    elif kind == "map":
        for key, item in value.items():
            _check(service, shape["key"]["shape"], key, f"{path}.key", found)
            _check(service, shape["value"]["shape"], item, f"{path}.{key}.member", found)
    _check_bounds(shape, kind, value, path, found)
    return blobs


def _check_bounds(shape: dict[str, Any], kind: str, value: Any, path: str, found: list[str]) -> None:  # noqa: ANN401
    shown = None if shape.get("sensitive") else value
    size = value
    noun = "value"
    if kind == "blob":
        try:
            size = len(base64.b64decode(value, validate=True))
        except binascii.Error:
            raise Fault("SerializationException", f"{path} is not base64.") from None
    elif kind in {"string", "list", "map"}:
        size = len(value)
    if kind in {"string", "list", "map", "blob"}:
        noun = "length"
    if kind in {"string", "blob", "list", "map", "integer", "long"}:
        if "max" in shape and size > shape["max"]:
            found.append(
                _broken(shown, path, f"Member must have {noun} less than or equal to {shape['max']}")
            )
        if "min" in shape and size < shape["min"]:
            found.append(
                _broken(shown, path, f"Member must have {noun} greater than or equal to {shape['min']}")
            )
    if "pattern" in shape and not _pattern(shape["pattern"]).search(value):
        found.append(
            _broken(shown, path, f"Member must satisfy regular expression pattern: {shape['pattern']}")
        )
    if "enum" in shape and value not in shape["enum"]:
        choices = ", ".join(shape["enum"])
        found.append(_broken(shown, path, f"Member must satisfy enum value set: [{choices}]"))


def _is_a(kind: str, value: object) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _broken(value: Any, path: str, constraint: str) -> str:  # noqa: ANN401
    shown = "Value" if value is None else f"Value '{value}'"
    return f"{shown} at '{path}' failed to satisfy constraint: {constraint}"


def _join(path: str, member: str) -> str:
    lowered = member[0].lower() + member[1:]
    return f"{path}.{lowered}" if path else lowered
