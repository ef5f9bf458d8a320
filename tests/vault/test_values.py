"""Types, sizes, tiers, tags and descriptions, with AWS's errors; and no value in any message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Refused
from vault.policies import Policy
from vault.records import Kind, Tier, ValueType
from vault.values import (
    check_description,
    check_tags,
    check_type_change,
    check_value,
    default_type,
    resolve_tier,
)

P, S = Kind.PARAMETER, Kind.SECRET
STRING, LIST, SECURE = ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING
TEXT, BINARY = ValueType.SECRET_STRING, ValueType.SECRET_BINARY
STANDARD, ADVANCED, INTELLIGENT = Tier.STANDARD, Tier.ADVANCED, Tier.INTELLIGENT
WARN = (Policy("NoChangeNotification", amount="1", unit="Days"),)

GOOD = {
    #                                      kind type    value
    "one byte":                            (P, STRING, b"x"),
    "the largest advanced parameter":      (P, SECURE, b"x" * 8192),
    "a list":                              (P, LIST,   b"a,b,,c"),
    "UTF-8":                               (P, SECURE, "grüße 🔑".encode()),
    "a NUL":                               (P, SECURE, b"a\x00b"),
    "single braces":                       (P, STRING, b"{a} {{ } {"),
    "closing before opening":              (P, STRING, b"}} {{"),
    "braces in a secret":                  (S, TEXT,   b"{{ssm:/a}}"),
    "the largest secret":                  (S, TEXT,   b"x" * 65_536),
    "any octets in a binary secret":       (S, BINARY, bytes(range(256))),
}  # fmt: skip

BAD = {
    #                                      kind type    value               AWS's error
    "an empty parameter":                  (P, STRING, b"",                "ValidationException"),
    "an empty secret":                     (S, TEXT,   b"",                "InvalidParameterException"),
    "a byte too many for any tier":        (P, SECURE, b"x" * 8193,        "ValidationException"),
    "a byte too many for a secret":        (S, BINARY, b"x" * 65_537,      "InvalidParameterException"),
    "octets that are no text":             (P, SECURE, b"\xff\xfe",        "ValidationException"),
    "octets in a secret string":           (S, TEXT,   b"\xff\xfe",        "InvalidParameterException"),
    "half a surrogate pair":               (S, TEXT,   b"\xed\xa0\x80",    "InvalidParameterException"),
    "a nested parameter":                  (P, STRING, b"x{{ssm:/a/b}}y",  "ValidationException"),
    "empty double braces":                 (P, SECURE, b"{{}}",            "ValidationException"),
    "a template":                          (P, STRING, b"{{ .Values.x }}", "ValidationException"),
    "a secret's type on a parameter":      (P, TEXT,   b"x",               "UnsupportedParameterType"),
    "a parameter's type on a secret":      (S, STRING, b"x",               "InvalidParameterException"),
}  # fmt: skip


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
@pytest.mark.parametrize(("kind", "value_type", "value"), GOOD.values(), ids=GOOD)
def test_a_value_that_aws_takes(kind: Kind, value_type: ValueType, value: bytes, buffer: type) -> None:
    check_value(kind, value_type, buffer(value))


@pytest.mark.parametrize("buffer", [bytes, bytearray, memoryview])
@pytest.mark.parametrize(("kind", "value_type", "value", "aws"), BAD.values(), ids=BAD)
def test_a_value_that_aws_refuses(
    kind: Kind, value_type: ValueType, value: bytes, aws: str, buffer: type
) -> None:
    with pytest.raises(Refused) as refusal:
        check_value(kind, value_type, buffer(value))
    assert refusal.value.aws == aws


@given(st.binary(min_size=9, max_size=60), st.sampled_from([STRING, SECURE, TEXT]))
def test_no_message_holds_the_value(value: bytes, value_type: ValueType) -> None:
    kind = S if value_type is TEXT else P
    try:
        check_value(kind, value_type, value + b"{{}}\xff")
    except Refused as refusal:
        assert value.decode(errors="replace") not in str(refusal)  # noqa: PT017  # the message is the point
        assert repr(value) not in str(refusal)  # noqa: PT017


def test_types_that_were_not_named() -> None:
    assert default_type(P) is SECURE
    assert default_type(S) is TEXT


def test_a_parameter_keeps_its_type_and_a_secret_may_change_it() -> None:
    check_type_change(STRING, STRING)
    check_type_change(TEXT, BINARY)
    with pytest.raises(Refused) as refusal:
        check_type_change(SECURE, STRING)
    assert refusal.value.aws == "HierarchyTypeMismatchException"


TIERS = {
    #                                  requested    bytes policies data type current  resolved
    "nothing asked for, new":          (None,        1,    (),   "text", None,        STANDARD),
    "nothing asked for, kept":         (None,        1,    (),   "text", ADVANCED,    ADVANCED),
    "the largest standard value":      (STANDARD,    4096, (),   "text", None,        STANDARD),
    "the largest advanced value":      (ADVANCED,    8192, (),   "text", None,        ADVANCED),
    "an upgrade":                      (ADVANCED,    1,    (),   "text", STANDARD,    ADVANCED),
    "policies act on every tier here": (STANDARD,    1,    WARN, "text", None,        STANDARD),
    "intelligent, small":              (INTELLIGENT, 4096, (),   "text", None,        STANDARD),
    "intelligent, large":              (INTELLIGENT, 4097, (),   "text", None,        ADVANCED),
    "intelligent, grown":              (INTELLIGENT, 4097, (),   "text", STANDARD,    ADVANCED),
    "intelligent, with a policy":      (INTELLIGENT, 1,    WARN, "text", None,        ADVANCED),
    "intelligent, JSON":               (INTELLIGENT, 1,    (),   "json", None,        ADVANCED),
    "intelligent never downgrades":    (INTELLIGENT, 1,    (),   "text", ADVANCED,    ADVANCED),
}  # fmt: skip

NO_TIER = {
    #                                  requested    bytes data type current   in AWS's text
    "4,097 bytes on standard":         (STANDARD,    4097, "text", None,      "parameter value of 4096"),
    "4,097 bytes, nothing asked for":  (None,        4097, "text", STANDARD,  "parameter value of 4096"),
    "8,193 bytes on advanced":         (ADVANCED,    8193, "text", None,      "parameter value of 8192"),
    "8,193 bytes, intelligent":        (INTELLIGENT, 8193, "text", None,      "parameter value of 8192"),
    "a downgrade":                     (STANDARD,    1,    "text", ADVANCED,  "can't downgrade a parameter"),
    "JSON on standard":                (STANDARD,    1,    "json", None,      "only by the advanced"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "size", "policies", "data_type", "current", "tier"), TIERS.values(), ids=TIERS
)
def test_a_tier_is_resolved(
    asked: Tier | None,
    size: int,
    policies: tuple[Policy, ...],
    data_type: str,
    current: Tier | None,
    tier: Tier,
) -> None:
    assert resolve_tier(asked, size, policies, data_type, current) is tier


@pytest.mark.parametrize(("asked", "size", "data_type", "current", "text"), NO_TIER.values(), ids=NO_TIER)
def test_no_tier_holds_it(
    asked: Tier | None, size: int, data_type: str, current: Tier | None, text: str
) -> None:
    with pytest.raises(Refused, match=text) as refusal:
        resolve_tier(asked, size, (), data_type, current)
    assert refusal.value.aws == "ValidationException"


@pytest.mark.parametrize(("kind", "room"), [(P, 1024), (S, 2048)])
def test_a_description_has_room_for_so_many_characters(kind: Kind, room: int) -> None:
    check_description(kind, "é" * room)
    with pytest.raises(Refused) as refusal:
        check_description(kind, "é" * (room + 1))
    assert refusal.value.aws == "ValidationException"


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"team": ""},
        {"Équipe ٣": "a.b:c/d=e+f-g@h_i\u3000j"},
        {"k" * 128: "v" * 256},
        {f"k{n}": "v" for n in range(50)},
        {"awsome": "yes"},
    ],
    ids=["none", "an empty value", "every class of character", "the longest", "fifty", "aws without a colon"],
)
def test_tags_that_aws_takes(tags: dict[str, str]) -> None:
    check_tags(P, tags)


BAD_TAGS = {
    "fifty-one":            ({f"k{n}": "v" for n in range(51)}, "TooManyTagsError"),
    "an empty key":         ({"": "v"},                         "ValidationException"),
    "a key too long":       ({"k" * 129: "v"},                  "ValidationException"),
    "a value too long":     ({"k": "v" * 257},                  "ValidationException"),
    "a reserved key":       ({"aws:x": "v"},                    "ValidationException"),
    "reserved, in capitals": ({"AWS:x": "v"},                   "ValidationException"),
    "an asterisk":          ({"k": "*"},                        "ValidationException"),
    "a tab":                ({"a\tb": "v"},                     "ValidationException"),
    "an emoji":             ({"k": "🔑"},                       "ValidationException"),
}  # fmt: skip


@pytest.mark.parametrize(("tags", "aws"), BAD_TAGS.values(), ids=BAD_TAGS)
def test_tags_that_aws_refuses(tags: dict[str, str], aws: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_tags(P, tags)
    assert refusal.value.aws == aws


def test_a_secret_s_fifty_first_tag_has_another_error() -> None:
    with pytest.raises(Refused) as refusal:
        check_tags(S, {f"k{n}": "v" for n in range(51)})
    assert refusal.value.aws == "LimitExceededException"
