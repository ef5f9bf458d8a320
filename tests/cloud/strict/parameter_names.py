"""Names of parameters, and the selectors of readers. Reference sections 1.1 and 1.6."""

from __future__ import annotations

import re
from typing import NamedTuple

from tests.cloud.strict.faults import Fault, invalid

MAX_LEVELS = 15
MAX_ARN = 1011

_CHARACTERS = re.compile(r"[A-Za-z0-9_.\-/]+", re.ASCII)
_RESERVED = re.compile(r"/?(aws|ssm)", re.IGNORECASE)
_ADVICE = (
    "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be "
    "formed as a "
    "mix of letters, numbers and the following 3 symbols .-_"
)


class Selected(NamedTuple):
    name: str
    number: int | None = None
    label: str | None = None

    @property
    def selector(self) -> str | None:
        if self.number is not None:
            return f":{self.number}"
        return None if self.label is None else f":{self.label}"


def check_name(given: str, arn_prefix: str) -> str:
    """The name that PutParameter makes of what it is given.

    Raises:
        Fault: "ValidationException" or "HierarchyLevelLimitExceededException".
    """
    name = given.strip()
    if not _CHARACTERS.fullmatch(name) or name.endswith("/") or "//" in name:
        raise invalid(
            "Invalid request provided: Parameter name must use only the characters a-zA-Z0-9_.-/ and no "
            "empty "
            f"level. {_ADVICE}"
        )
    if "/" in name and not name.startswith("/"):
        raise invalid("Parameter name must be a fully qualified name.")
    reserved = _RESERVED.match(name)
    if reserved and name.startswith("/aws"):
        raise Fault("AccessDeniedException", f"No access to reserved parameter name: {name}.")
    if reserved:
        raise invalid('Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).')
    if len(name.removeprefix("/").split("/")) > MAX_LEVELS:
        message = (
            f"Hierarchies can have a maximum of {MAX_LEVELS} levels; the parameter name has more: {name}. "
            "Shorten it and try again."
        )
        raise Fault("HierarchyLevelLimitExceededException", message)
    if len(arn_prefix) + len(name.removeprefix("/")) > MAX_ARN:
        raise invalid(f"The ARN of a parameter has at most {MAX_ARN} characters.")
    return name


def select(given: str) -> Selected:
    """Split `name:3` and `name:label`; the colons of an ARN are not selectors."""
    start = given.find(":parameter/") + 1 if given.startswith("arn:") else 0
    name, colon, selector = given[start:].partition(":")
    name = given[:start] + name
    if not colon:
        return Selected(name)
    if not selector or ":" in selector or len(selector) > 128:
        raise invalid(f"Invalid selector in {given}.")
    if selector.isdigit():
        return Selected(name, number=int(selector))
    return Selected(name, label=selector)
