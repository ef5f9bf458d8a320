"""Parameter policies: what PutParameter takes, and when an Expiration is due. Reference section 1.9."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from tests.cloud.strict.faults import Fault, invalid

MAX_POLICIES = 10
_ATTRIBUTES = {
    "Expiration": {"Timestamp"},
    "ExpirationNotification": {"Before", "Unit"},
    "NoChangeNotification": {"After", "Unit"},
}
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)", re.ASCII
)


def read(text: str) -> tuple[dict[str, Any], ...]:
    """The set that a request asks for; empty for `[{}]`. An Expiration has `due`, seconds since the epoch.

    Raises:
        Fault: as AWS names them.
    """
    try:
        elements = json.loads(text)
    except ValueError:
        elements = None
    if not isinstance(elements, list) or not all(isinstance(one, dict) for one in elements):
        raise invalid("The parameter policies are not a JSON array of policies.")
    if elements in ([], [{}]):
        return ()
    if len(elements) > MAX_POLICIES:
        raise Fault(
            "PoliciesLimitExceededException",
            "You specified more than the maximum number of allowed policies for the parameter. The "
            "maximum is "
            f"{MAX_POLICIES}.",
        )
    policies = tuple(_policy(element) for element in elements)
    if sum(policy["Type"] == "Expiration" for policy in policies) > 1:
        message = (
            "There is a conflict in the policies specified for this parameter. You can't specify two "
            "Expiration policies for a parameter."
        )
        raise Fault("IncompatiblePolicyException", message)
    return policies


def inline(policies: tuple[dict[str, Any], ...]) -> list[dict[str, str]]:
    """The set as metadata shows it."""
    return [
        {"PolicyText": policy["text"], "PolicyType": policy["Type"], "PolicyStatus": "Pending"}
        for policy in policies
    ]


def _policy(element: dict[str, Any]) -> dict[str, Any]:
    kind = element.get("Type")
    if kind not in _ATTRIBUTES:
        message = (
            "The policy type isn't supported. Parameter Store supports the following policy types: "
            "Expiration, ExpirationNotification, and NoChangeNotification."
        )
        raise Fault("InvalidPolicyTypeException", message)
    attributes = element.get("Attributes")
    if (
        element.get("Version") != "1.0"
        or not isinstance(attributes, dict)
        or set(attributes) != _ATTRIBUTES[kind]
        or not all(isinstance(value, str) for value in attributes.values())
    ):
        raise _bad(kind)
    policy = {"Type": kind, "text": json.dumps(element, separators=(",", ":"))}
    if kind == "Expiration":
        return policy | {"due": _moment(attributes["Timestamp"])}
    number = attributes["Before"] if "Before" in attributes else attributes["After"]
    if not number.isdigit() or int(number) < 1 or attributes["Unit"] not in {"Days", "Hours"}:
        raise _bad(kind)
    return policy


def _moment(text: str) -> float:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise _bad("Expiration")
    stem, fraction, sign, hours, minutes, seconds = found.groups()
    try:
        moment = datetime.fromisoformat(stem)
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
        zone = timezone(-offset if sign == "-" else offset) if sign else UTC
        return moment.replace(tzinfo=zone).timestamp() + float(fraction or 0)
    except (ValueError, OverflowError):
        raise _bad("Expiration") from None


def _bad(kind: str) -> Fault:
    return Fault("InvalidPolicyAttributeException", f"A policy attribute or its value is invalid: {kind}.")
