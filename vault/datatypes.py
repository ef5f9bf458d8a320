"""The data types of a parameter, and whether a value is of one (reference section 1.4).

AWS publishes the names but not the grammars. Each grammar here is a conservative one: what it admits is a
plain specimen of its kind by the standard named beside it, so that nothing is refused only at sync.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from vault.errors import Refused, Said
from vault.records import Kind, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.values import Octets

TEXT: Final = "text"
# AWS validates an image id later and an integration by its own rules; neither may change to or from another
FIXED: Final = ("aws:ec2:image", "aws:ssm:integration")
# Which types a StringList may have is not published; these have no use for a comma
LISTABLE: Final = (
    TEXT,
    "aws:region",
    "aws:account:id",
    "boolean",
    "integer",
    "float",
    "hostname",
    "email",
    "ipv4-address",
    "ipv6-address",
)

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-]+"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_URL_CHARACTERS = r"A-Za-z0-9\-._~%!$&'()*+,;=:@\[\]"
# not compiled here: few parameters have a data type, and every start of the command line would pay for it
_PATTERNS: Final = {
    "aws:ec2:image": r"ami-(?:[0-9a-f]{8}|[0-9a-f]{17})",
    "aws:region": r"[a-z]{2,4}(?:-[a-z]+){1,3}-[0-9]{1,2}",
    "aws:account:id": r"[0-9]{12}",
    "boolean": r"true|false",
    "integer": r"0|-?[1-9][0-9]{0,18}",
    "float": r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]{1,3})?",  # RFC 8259 section 6
    "binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",  # RFC 4648 section 4
    "hostname": rf"(?=.{{1,253}}\Z)(?!(?:.*\.)?[0-9]+\Z)(?:{_LABEL}\.)*{_LABEL}",  # RFC 1123 section 2.1
    "email": (  # the HTML standard's, with RFC 5321's lengths and a domain of two labels or more
        rf"(?=.{{3,254}}\Z)(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}"
    ),
    "ipv4-address": rf"{_OCTET}(?:\.{_OCTET}){{3}}",
    # RFC 3986, with an authority, in ASCII
    "url": rf"[A-Za-z][A-Za-z0-9+.\-]*://[{_URL_CHARACTERS}]+(?:[/?#][{_URL_CHARACTERS}/?#]*)?",
}
_COMMENT_OR_STRING = r'"(?:[^"\\]|\\.)*"|//[^\r\n]*|/\*.*?\*/'
_INT64 = 2**63


def check_data_type(kind: Kind, value_type: ValueType, data_type: str) -> None:
    """Check that the vault knows the data type and that it goes with the type of value.

    Raises:
        Refused: "ValidationException".
    """
    if data_type == TEXT:
        return
    if kind is not Kind.PARAMETER:
        message = Said(
            "A secret has no data type; {data_type} is for parameters.", data_type=repr(data_type[:128])
        )
    elif data_type not in _GRAMMARS:
        message = Said(
            "The following data type is not supported: {data_type} (Data type names are all lowercase.)",
            data_type=data_type[:128],
        )
    elif not _goes_with(data_type, value_type):
        message = Said(
            "The {data_type} data type is not supported for the following input type: {value_type}",
            data_type=data_type,
            value_type=value_type,
        )
    else:
        return
    raise _invalid(message)


def check_data_type_change(old: str, new: str) -> None:
    """Check the data type of a new version against the one before it.

    Raises:
        Refused: "ValidationException": to or from aws:ec2:image or aws:ssm:integration.
    """
    if old != new and (old in FIXED or new in FIXED):
        message = Said("You can't change the data type of a parameter from {old} to {new}.", old=old, new=new)
        raise _invalid(message)


def check_data(value_type: ValueType, data_type: str, value: Octets) -> None:
    """Check a value, or every item of a StringList, against its data type; names the item, never the value.

    Args:
        value_type: as checked by `check_data_type`.
        data_type: one that is known.
        value: UTF-8.

    Raises:
        Refused: "ValidationException".
    """
    if data_type == TEXT:
        return
    grammar = _GRAMMARS[data_type]
    text = str(value, "utf-8")
    items = text.split(",") if value_type is ValueType.STRING_LIST else [text]
    for place, item in enumerate(items, start=1):
        if not grammar(item):
            which = Said("Parameter value")
            if len(items) > 1:
                which = Said("Item {place} of the parameter value", place=place)
            message = Said(
                "{which} is not valid for data type {data_type}.", which=which, data_type=data_type
            )
            raise _invalid(message)


def _goes_with(data_type: str, value_type: ValueType) -> bool:
    if data_type == "aws:ec2:image":
        return value_type is ValueType.STRING
    if data_type == "aws:ssm:integration":
        return value_type is ValueType.SECURE_STRING
    return value_type is not ValueType.STRING_LIST or data_type in LISTABLE


def _fits(name: str, text: str) -> bool:
    return re.fullmatch(_PATTERNS[name], text, re.ASCII) is not None


def _is_integer(text: str) -> bool:
    """Whether it is a decimal number that fits 64 bits with sign."""
    return _fits("integer", text) and -_INT64 <= int(text) < _INT64


def _is_base64(text: str) -> bool:
    return text != "" and _fits("binary", text)


def _is_ipv6(text: str) -> bool:
    """Whether it is an address of RFC 4291 without a zone."""
    from ipaddress import AddressValueError, IPv6Address

    try:
        return "%" not in text and IPv6Address(text) is not None
    except AddressValueError:
        return False


def _json(text: str) -> object:
    """Parse JSON by RFC 8259, which has no NaN or Infinity.

    Raises:
        ValueError: it is not JSON, or nested too deeply.
    """
    from vault.json_text import parsed

    def refuse(constant: str) -> object:
        raise ValueError(constant)

    return parsed(text, parse_constant=refuse)


def _is_json(text: str) -> bool:
    try:
        _json(text)
    except ValueError:
        return False
    return True


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(_json(text), dict)
    except ValueError:
        return False


def _is_jsonc(text: str) -> bool:
    """Whether it is JSON once // and /* */ comments are blanks; a trailing comma is none."""
    plain = re.sub(
        _COMMENT_OR_STRING, lambda found: found[0] if found[0][0] == '"' else " ", text, flags=re.DOTALL
    )
    return _is_json(plain)


_GRAMMARS: Final[dict[str, Callable[[str], bool]]] = {
    **{name: partial(_fits, name) for name in _PATTERNS},
    TEXT: lambda _text: True,
    "integer": _is_integer,
    "binary": _is_base64,
    "ipv6-address": _is_ipv6,
    "json": _is_json,
    "jsonc": _is_jsonc,
    "aws:ssm:integration": _is_json_object,
}
DATA_TYPES: Final = tuple(sorted(_GRAMMARS))


def _invalid(message: Said) -> Refused:
    return Refused("ValidationException", message)
