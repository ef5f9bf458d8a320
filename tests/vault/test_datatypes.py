"""The data types of parameters: what is one, and what is not."""

# ruff: noqa: E501  # a row of a table is read as one line
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.datatypes import DATA_TYPES, check_data, check_data_type, check_data_type_change
from vault.errors import Refused
from vault.records import Kind, ValueType

STRING, LIST, SECURE = ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING
LABEL = "x" * 63

SPECIMENS = {
    #                       is one                                             is none
    "text":                (["", "anything", "{"],                             []),
    "boolean":             (["true", "false"],                                 ["True", "1", "yes", "true ", ""]),
    "integer":             (["0", "443", "-1", str(2**63 - 1), str(-(2**63))], ["+1", "01", "-0", "1.0", "1e3", "٣", str(2**63), ""]),
    "float":               (["0", "-1.5", "2e10", "1.0E-3", "443"],            [".5", "5.", "NaN", "Infinity", "1,5", "0x1p3", "1 "]),
    "binary":              (["aGk=", "aGkh", "aA=="],                          ["", "aGk", "aGk_", "aGk=\n", "="]),
    "hostname":            (["db", "db-1.example.com", "1a.b", f"{LABEL}.x"],  ["", "a_b", "-a", "a-", "a..b", "a.", "10.0.0.1", "a.1", f"{LABEL}x", ".".join([LABEL] * 4)]),
    "email":               (["a@b.co", "first.last+x@mail.example.com"],       ["a@b", "@b.co", "a@", ".a@b.co", "a..b@c.de", "a b@c.de", "x" * 65 + "@b.co"]),
    "ipv4-address":        (["10.0.0.1", "255.255.255.255", "0.0.0.0"],        ["256.0.0.1", "10.0.0", "010.0.0.1", "10.0.0.1/8", "::1"]),
    "ipv6-address":        (["::1", "2001:db8::8:800:200c:417a", "::ffff:10.0.0.1"], ["10.0.0.1", "fe80::1%eth0", "::1/64", "1:2", ""]),
    "url":                 (["https://a.example/x?y=1#z", "postgres://u:p@h:5432/db", "http://[::1]/"], ["a.example", "https://", "https:///x", "mailto:a@b.co", "https://a b", "http://é.example"]),
    "json":                (["{}", "[1]", '"x"', "1", " null "],               ["", "{", "{'a':1}", "[NaN]", "[1,]", "[1] // x", "[" * 4096]),
    "jsonc":               (["{}", "[1] // x", '/* a */ {"u": "http://x"} // /*', '["/* no comment */"]'], ["[1,]", "/* [1]", "# x\n[1]", ""]),
    "aws:region":          (["eu-central-1", "us-gov-west-1", "ap-southeast-4"], ["EU-CENTRAL-1", "eu-central", "eu-central-1a", "mars"]),
    "aws:account:id":      (["111122223333"],                                  ["11112222333", "1111-2222-3333", "1111222233334"]),
    "aws:ec2:image":       (["ami-12345678", "ami-0123456789abcdef0"],         ["ami-1234567", "AMI-12345678", "i-12345678"]),
    "aws:ssm:integration": (['{"url": "x"}'],                                  ["[]", "x", "{"]),
}  # fmt: skip


def cases(which: int) -> list[tuple[str, str]]:
    return [(name, text) for name, specimens in SPECIMENS.items() for text in specimens[which]]


def test_every_data_type_has_specimens() -> None:
    assert sorted(SPECIMENS) == list(DATA_TYPES)


@pytest.mark.parametrize(("data_type", "text"), cases(0))
def test_a_value_of_its_data_type(data_type: str, text: str) -> None:
    check_data(SECURE, data_type, text.encode())


@pytest.mark.parametrize(("data_type", "text"), cases(1))
def test_a_value_that_is_not_of_its_data_type(data_type: str, text: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_data(SECURE, data_type, text.encode())
    assert refusal.value.aws == "ValidationException"
    assert refusal.value.message == f"Parameter value is not valid for data type {data_type}."


def test_every_item_of_a_list_is_checked_and_the_bad_one_is_counted() -> None:
    check_data(LIST, "integer", b"1,2,3")
    with pytest.raises(Refused, match="Item 2 of the parameter value"):
        check_data(LIST, "integer", b"1,two,3")


NOT_TOGETHER = {
    #                               kind            type                    data type               in the message
    "unknown":                     (Kind.PARAMETER, STRING,                 "uuid",                 "not supported: uuid"),
    "in capitals":                 (Kind.PARAMETER, STRING,                 "JSON",                 "all lowercase"),
    "JSON in a list":              (Kind.PARAMETER, LIST,                   "json",                 "input type: StringList"),
    "an image that is encrypted":  (Kind.PARAMETER, SECURE,                 "aws:ec2:image",        "input type: SecureString"),
    "an integration in the clear": (Kind.PARAMETER, STRING,                 "aws:ssm:integration",  "input type: String"),
    "on a secret":                 (Kind.SECRET,    ValueType.SECRET_STRING, "json",                "secret has no data type"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "value_type", "data_type", "text"), NOT_TOGETHER.values(), ids=NOT_TOGETHER)
def test_a_data_type_that_does_not_go_with_the_value(
    kind: Kind, value_type: ValueType, data_type: str, text: str
) -> None:
    with pytest.raises(Refused, match=text) as refusal:
        check_data_type(kind, value_type, data_type)
    assert refusal.value.aws == "ValidationException"


@pytest.mark.parametrize("data_type", DATA_TYPES)
def test_a_data_type_that_goes_with_the_value(data_type: str) -> None:
    check_data_type(Kind.PARAMETER, STRING if data_type == "aws:ec2:image" else SECURE, data_type)


def test_a_data_type_changes_unless_it_is_one_of_aws_s_own() -> None:
    check_data_type_change("text", "integer")
    check_data_type_change("aws:ec2:image", "aws:ec2:image")
    for old, new in [("text", "aws:ec2:image"), ("aws:ssm:integration", "text")]:
        with pytest.raises(Refused):
            check_data_type_change(old, new)


@given(st.sampled_from(DATA_TYPES), st.text(max_size=40))
def test_any_text_is_of_a_data_type_or_refused_without_being_told(data_type: str, text: str) -> None:
    marked = f"MARKER{text}"
    try:
        check_data(SECURE, data_type, marked.encode())
    except Refused as refusal:
        assert "MARKER" not in str(refusal)  # noqa: PT017  # the message is the point
