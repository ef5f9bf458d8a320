"""What a value of a parameter may be: size by tier, data type, pattern. Reference sections 1.3 to 1.5."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from typing import TYPE_CHECKING

from tests.cloud.strict.faults import Fault, invalid

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD_OCTETS, ADVANCED_OCTETS = 4096, 8192
NEEDS_ADVANCED = {"url", "json", "jsonc"}
FIXED_TYPES = {"aws:ec2:image", "aws:ssm:integration"}

_DOWNGRADE = (
    "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
    "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced "
    "parameter "
    "and recreate it as a standard parameter."
)
_TOO_LARGE = (
    "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "
    "parameter "
    "value, upgrade the parameter to use the advanced-parameter tier. For more information, see "
    "the user guide of Systems Manager."
)
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)


def settle_tier(
    asked: str, was: str | None, value: str, *, policies: bool, data_type: str, count: int
) -> str:
    """Standard or Advanced, as AWS decides.

    Raises:
        Fault: "ValidationException" for a downgrade, a large value, policies on a Standard parameter.
    """
    octets = len(value.encode())
    needs = octets > STANDARD_OCTETS or policies or data_type in NEEDS_ADVANCED
    tier = asked
    if asked == "Intelligent-Tiering":
        crowded = was is None and count >= 10_000
        tier = "Advanced" if needs or crowded or was == "Advanced" else "Standard"
    if was == "Advanced" and tier == "Standard":
        raise invalid(_DOWNGRADE)
    if tier == "Standard":
        if octets > STANDARD_OCTETS:
            raise invalid(_TOO_LARGE)
        if policies:
            raise invalid("You can't assign a policy to a parameter of the standard-parameter tier.")
        if data_type in NEEDS_ADVANCED:
            raise invalid(f"The data type {data_type} needs the advanced-parameter tier.")
    elif octets > ADVANCED_OCTETS:
        raise invalid(
            f"Advanced tier parameters support a maximum parameter value of {ADVANCED_OCTETS} characters."
        )
    return tier


def check_value(value: str) -> None:
    if not value:
        raise invalid(
            "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must "
            "have length "
            "greater than or equal to 1."
        )
    if re.search(r"\{\{\s*(ssm:[^}]*)?\}\}", value):
        raise invalid("Parameter value can't nest another parameter.")


def check_pattern(value: str, pattern: str, name: str) -> None:
    """Raises: Fault: "InvalidAllowedPatternException" or "ParameterPatternMismatchException"."""
    if not pattern:
        return
    try:
        matches = re.search(pattern, value)
    except re.error:
        message = "The request does not meet the regular expression requirement."
        raise Fault("InvalidAllowedPatternException", message) from None
    if not matches:
        message = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise Fault("ParameterPatternMismatchException", message)


def check_data_type(value: str, data_type: str, value_type: str, was: str | None) -> None:
    if data_type not in _GRAMMARS:
        raise invalid(
            f"The following data type is not supported: {data_type} (Data type names are all lowercase.)"
        )
    if was is not None and was != data_type and {was, data_type} & FIXED_TYPES:
        raise invalid(f"The data type can't be changed from {was} to {data_type}.")
    items = value.split(",") if value_type == "StringList" else [value]
    if not all(_fits(item, data_type) for item in items):
        raise invalid(f"The parameter value is not of the data type {data_type}.")


def _fits(item: str, data_type: str) -> bool:
    try:
        return _GRAMMARS[data_type](item)
    except (ValueError, binascii.Error):
        return False


def _anything(item: str) -> bool:
    return True


_GRAMMARS: dict[str, Callable[[str], bool]] = {
    "text": _anything,
    "aws:ec2:image": _anything,  # looked at after the answer
    "aws:ssm:integration": _anything,
    "aws:region": lambda item: bool(re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", item)),
    "aws:account:id": lambda item: bool(re.fullmatch(r"\d{12}", item, re.ASCII)),
    "boolean": lambda item: item in {"true", "false"},
    "integer": lambda item: bool(re.fullmatch(r"[+-]?\d+", item, re.ASCII)),
    "float": lambda item: bool(re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", item, re.ASCII)),
    "binary": lambda item: bool(base64.b64decode(item, validate=True)),
    "hostname": lambda item: bool(_HOST.fullmatch(item)),
    "email": lambda item: bool(re.fullmatch(r"[^@\s]+@[^@\s]+", item)),
    "ipv4-address": lambda item: bool(ipaddress.IPv4Address(item)),
    "ipv6-address": lambda item: bool(ipaddress.IPv6Address(item)),
    "url": lambda item: bool(re.fullmatch(r"[a-z][a-z0-9+.\-]*://[^\s]+", item)),
    "json": lambda item: json.loads(item) is not Ellipsis,
    "jsonc": _anything,
}
