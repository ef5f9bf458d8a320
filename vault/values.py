"""What a value may be: types, sizes, tiers; and the descriptions and tags that go with it.

The rules are Parameter Store's and Secrets Manager's (reference sections 1.3 to 1.7 and 2.3), the errors
carry AWS's names and texts. Pure: values are looked at in their buffers and never put into a message. Data
types and allowed patterns have modules of their own (`vault.datatypes`, `vault.patterns`).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from vault.errors import Refused, Said
from vault.policies import needs_advanced
from vault.records import Kind, Tier, ValueType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vault.policies import Policy

    Octets = bytes | bytearray | memoryview  # a value in its buffer

# bytes of UTF-8; AWS says "characters" without saying of what, bytes are the stricter reading
STANDARD_BYTES: Final = 4096
ADVANCED_BYTES: Final = 8192
SECRET_BYTES: Final = 65_536

PARAMETER_DESCRIPTION: Final = 1024  # characters
SECRET_DESCRIPTION: Final = 2048  # characters

MAX_TAGS: Final = 50
MAX_TAG_KEY: Final = 128  # characters
MAX_TAG_VALUE: Final = 256  # characters

TYPES: Final = {
    Kind.PARAMETER: (ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING),
    Kind.SECRET: (ValueType.SECRET_STRING, ValueType.SECRET_BINARY),
}
ADVANCED_DATA_TYPES: Final = ("url", "json", "jsonc")

_OPENING = re.compile(rb"\{\{")
_CLOSING = re.compile(rb"\}\}")
_TIER_GUIDE = Said(
    "For more information, see "
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
)


def default_type(kind: Kind) -> ValueType:
    """Give the type of a value that names none: the one that is kept confidential."""
    return ValueType.SECURE_STRING if kind is Kind.PARAMETER else ValueType.SECRET_STRING


def check_type(kind: Kind, value_type: ValueType) -> None:
    """Check that entries of this kind hold values of this type.

    Raises:
        Refused: "UnsupportedParameterType" or "InvalidParameterException".
    """
    if value_type not in TYPES[kind]:
        aws = "UnsupportedParameterType" if kind is Kind.PARAMETER else "InvalidParameterException"
        raise Refused(
            aws,
            Said(
                "A {kind} is one of {types}; {value_type} is not.",
                kind=Said(kind),
                types=", ".join(TYPES[kind]),
                value_type=value_type,
            ),
        )


def check_type_change(old: ValueType, new: ValueType) -> None:
    """Check the type of a new version against the one before it (section 11, point 1: refused here).

    A secret may change between string and binary, as in Secrets Manager.

    Raises:
        Refused: "HierarchyTypeMismatchException".
    """
    if old != new and old in TYPES[Kind.PARAMETER]:
        raise Refused(
            "HierarchyTypeMismatchException",
            Said(
                "Parameter Store doesn't support changing a parameter type in a hierarchy. This one is a "
                "{old}, it can't become a {new}; remove it and create it again.",
                old=old,
                new=new,
            ),
        )


def check_value(kind: Kind, value_type: ValueType, value: Octets) -> None:
    """Check type, least and greatest length, encoding, and that a parameter nests no other.

    The limits of the tiers are `resolve_tier`'s; here the size is only kept from being absurd.

    Raises:
        Refused: "ValidationException" or "InvalidParameterException"; or as `check_type`.
    """
    check_type(kind, value_type)
    size = _size(value)
    limit = ADVANCED_BYTES if kind is Kind.PARAMETER else SECRET_BYTES
    if size == 0:
        aws = "ValidationException" if kind is Kind.PARAMETER else "InvalidParameterException"
        raise Refused(aws, Said("The value is empty; it must have at least one byte."))
    if size > limit:
        raise _too_large(kind, size)
    if value_type is not ValueType.SECRET_BINARY and not _is_utf8(value):
        hint = Said("store it as SecretBinary")
        if kind is Kind.PARAMETER:
            hint = Said("store it as a secret, or base64")
        aws = "InvalidParameterException" if kind is Kind.SECRET else "ValidationException"
        raise Refused(aws, Said("The value is not text in UTF-8; {hint}.", hint=hint))
    if (
        kind is Kind.PARAMETER
        and (opening := _OPENING.search(value))
        and _CLOSING.search(value, opening.end())
    ):
        message = Said('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.')
        raise _invalid(message)


def resolve_tier(
    requested: Tier | None,
    size: int,
    policies: tuple[Policy, ...],
    data_type: str,
    current: Tier | None = None,
) -> Tier:
    """Say which tier a new version of a parameter has (section 1.5).

    Policies alone do not force the Advanced tier here, they act on every tier in the vault; they do steer
    Intelligent-Tiering, as in AWS. `vault.policies.needs_advanced` tells when a sync would need it.

    Args:
        requested: None keeps `current`, or takes Standard for a new parameter.
        size: bytes of the value.
        policies: the parameter's own, as they will be.
        data_type: as it will be.
        current: of the parameter as it is; None for a new one.

    Returns:
        Tier.STANDARD or Tier.ADVANCED.

    Raises:
        Refused: "ValidationException": a downgrade, or more bytes or another data type than the tier admits.
    """
    tier = requested or current or Tier.STANDARD
    if tier is Tier.INTELLIGENT:
        demanding = size > STANDARD_BYTES or needs_advanced(policies) or data_type in ADVANCED_DATA_TYPES
        tier = Tier.ADVANCED if demanding or current is Tier.ADVANCED else Tier.STANDARD
    if tier is Tier.STANDARD and current is Tier.ADVANCED:
        message = Said(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the "
            "advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the "
            "advanced parameter and recreate it as a standard parameter."
        )
        raise _invalid(message)
    if tier is Tier.STANDARD and size > STANDARD_BYTES:
        message = Said(
            "Standard tier parameters support a maximum parameter value of {most} characters. To create a "
            "larger parameter value, upgrade the parameter to use the advanced-parameter tier. {guide}",
            most=STANDARD_BYTES,
            guide=_TIER_GUIDE,
        )
        raise _invalid(message)
    if size > ADVANCED_BYTES:
        raise _too_large(Kind.PARAMETER, size)
    if tier is Tier.STANDARD and data_type in ADVANCED_DATA_TYPES:
        message = Said(
            "The {data_type} data type is supported only by the advanced-parameter tier. {guide}",
            data_type=data_type,
            guide=_TIER_GUIDE,
        )
        raise _invalid(message)
    return tier


def check_description(kind: Kind, text: str) -> None:
    """Check a description: Unicode text of 1024 characters for a parameter, 2048 for a secret.

    Raises:
        Refused: "ValidationException".
    """
    limit = PARAMETER_DESCRIPTION if kind is Kind.PARAMETER else SECRET_DESCRIPTION
    if len(text) > limit:
        message = Said(
            "The description has {count} characters; a {kind} has room for {limit}.",
            count=len(text),
            kind=Said(kind),
            limit=limit,
        )
        raise _invalid(message)
    if not is_unicode(text):
        message = Said("The description is not Unicode text.")
        raise _invalid(message)


def is_unicode(text: str) -> bool:
    """Whether UTF-8 has room for it: half a surrogate pair is no text, and SQLite does not take it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_tags(kind: Kind, tags: Mapping[str, str]) -> None:
    """Check all tags of an entry (sections 1.7 and 2.6).

    Raises:
        Refused: "TooManyTagsError" ("LimitExceededException" for a secret) or "ValidationException".
    """
    if len(tags) > MAX_TAGS:
        aws = "TooManyTagsError" if kind is Kind.PARAMETER else "LimitExceededException"
        raise Refused(
            aws,
            Said(
                "The {kind} would have {count} tags; at most {max_tags} are allowed.",
                kind=Said(kind),
                count=len(tags),
                max_tags=MAX_TAGS,
            ),
        )
    for key, value in tags.items():
        if not 1 <= len(key) <= MAX_TAG_KEY:
            message = Said(
                "A tag's key has 1 to {max_tag_key} characters; one here has {count}.",
                max_tag_key=MAX_TAG_KEY,
                count=len(key),
            )
            raise _invalid(message)
        if len(value) > MAX_TAG_VALUE:
            message = Said(
                "The value of tag {key} has {count} characters; at most {max_tag_value} are allowed.",
                key=repr(key),
                count=len(value),
                max_tag_value=MAX_TAG_VALUE,
            )
            raise _invalid(message)
        if key[:4].lower() == "aws:":
            message = Said("The tag {key}: keys that begin with aws: are reserved for AWS.", key=repr(key))
            raise _invalid(message)
        if not (_is_tag_text(key) and _is_tag_text(value)):
            message = Said(
                "The tag {key}: keys and values have letters, numbers, blanks and _ . : / = + - @ only.",
                key=repr(key),
            )
            raise _invalid(message)


def _is_tag_text(text: str) -> bool:
    r"""Whether it matches AWS's `^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$`."""
    return all(c in "_.:/=+-@" or unicodedata.category(c)[0] in "LZN" for c in text)


def _size(value: Octets) -> int:
    return value.nbytes if isinstance(value, memoryview) else len(value)


def _is_utf8(value: Octets) -> bool:
    if not isinstance(value, memoryview) and value.isascii():
        return True
    try:
        str(value, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _too_large(kind: Kind, size: int) -> Refused:
    if kind is Kind.SECRET:
        message = Said(
            "The value has {size} bytes; a secret has room for {secret_bytes}.",
            size=size,
            secret_bytes=SECRET_BYTES,
        )
        return Refused("InvalidParameterException", message)
    return _invalid(
        Said(
            "Advanced tier parameters support a maximum parameter value of {advanced_bytes} characters.",
            advanced_bytes=ADVANCED_BYTES,
        )
    )


def _invalid(message: Said) -> Refused:
    return Refused("ValidationException", message)
