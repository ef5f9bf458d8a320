"""What `aws ssm` and `aws secretsmanager` print, and what put-parameter takes."""

from __future__ import annotations

import json

import pytest

from app.formats import IMPORTED_NAME, Row, read, write
from tests.app.formats.samples import of_text, refusals, rows_of, values
from vault.records import Kind, Tier, ValueType
from vault.secret import Secret

BY_PATH = """{
    "Parameters": [
        {
            "Name": "/shop/prod/db-password",
            "Type": "SecureString",
            "Value": "hunter2",
            "Version": 7,
            "LastModifiedDate": "2026-11-20T09:12:33.123000+01:00",
            "ARN": "arn:aws:ssm:eu-central-1:111122223333:parameter/shop/prod/db-password",
            "DataType": "text"
        },
        {"Name": "/shop/prod/hosts", "Type": "StringList", "Value": "a,b", "Version": 1, "DataType": "text"},
        {"Name": "flag", "Type": "String", "Value": "on", "Version": 2, "DataType": "text"}
    ]
}
"""


def test_get_parameters_by_path() -> None:
    reading = read(BY_PATH.encode(), "out.json")
    assert values(reading) == {"shop/prod/db-password": "hunter2", "shop/prod/hosts": "a,b", "flag": "on"}
    assert [row.value_type for row in reading.rows] == ["SecureString", "StringList", "String"]
    assert [row.version for row in reading.rows] == [7, 1, 2]
    assert reading.rows[0].where == "/Parameters/0"


def test_get_parameter_history_comes_ascending_with_labels_and_policies() -> None:
    expiration = '{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2027-01-01T00:00:00.000Z"}}'
    versions = [
        {
            "Name": "/a/b",
            "Type": "SecureString",
            "KeyId": "alias/aws/ssm",
            "LastModifiedDate": "2026-11-20T09:12:33+01:00",
            "LastModifiedUser": "arn:aws:iam::111122223333:user/bob",
            "Description": f"number {number}",
            "Value": f"value {number}",
            "AllowedPattern": "^value",
            "Version": number,
            "Labels": ["prod"] if number == 9 else [],
            "Tier": "Advanced",
            "Policies": [{"PolicyText": expiration, "PolicyType": "Expiration", "PolicyStatus": "Pending"}],
            "DataType": "text",
        }
        for number in (10, 9)
    ]
    first, second = of_text(json.dumps({"Parameters": versions}), "aws-parameters").rows
    assert (first.version, first.labels, bytes(first.value.reveal())) == (9, ("prod",), b"value 9")
    assert (second.version, second.labels) == (10, ())
    assert (second.tier, second.description, second.allowed_pattern) == (Tier.ADVANCED, "number 10", "^value")
    assert second.policies == f"[{expiration}]"


ONE_EACH = {
    "get-parameter":           '{"Parameter": {"Name": "/a/b", "Type": "String", "Value": "x"}}',
    "put-parameter's input":   '{"Name": "/a/b", "Value": "x", "Type": "String", "Overwrite": true}',
    "what jq leaves":          '[{"Name": "/a/b", "Value": "x"}]',
    "one call after another":  '{"Parameters": []}\n{"Parameters": [{"Name": "/a/b", "Value": "x"}]}',
    "a shared one, by ARN":    '{"Parameter": {"Name": "arn:aws:ssm:eu:1:parameter/a/b", "Value": "x"}}',
    "an input from a script":  '{"Name": "/a/b", "Value": "x", "Policies": "[{}]", "Tags": [{"Key": "k"}]}',
}  # fmt: skip


@pytest.mark.parametrize("text", ONE_EACH.values(), ids=ONE_EACH)
def test_every_shape_of_a_parameter(text: str) -> None:
    assert values(read(text.encode(), "x.json", "aws-parameters")) == {"a/b": "x"}


def test_tags_and_policies_of_an_input() -> None:
    (row,) = of_text(ONE_EACH["an input from a script"], "aws-parameters").rows
    assert (dict(row.tags), row.policies) == ({"k": ""}, "[{}]")


REFUSED = {
    "described only":         '{"Name": "/a", "Type": "String", "Version": 1}',
    "still encrypted":        '{"Name": "/a", "Type": "SecureString", "Value": "AQICAHh' + "x" * 180 + '=="}',
    "a type AWS has not":     '{"Name": "/a", "Type": "Text", "Value": "x"}',
    "a value that is a map":  '{"Name": "/a", "Value": {"x": 1}}',
}  # fmt: skip


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_parameter_that_cannot_be_taken(text: str) -> None:
    reading = of_text(f'{{"Parameters": [{text}], "InvalidParameters": ["/b"]}}', "aws-parameters")
    assert refusals(reading) == [("/Parameters/0", "/a"), ("/InvalidParameters", "/b")]


def test_secrets_and_their_stages() -> None:
    text = """{"SecretValues": [
      {"ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:prod/db@eu-AbCdEf", "Name": "prod/db@eu",
       "VersionId": "9ad7", "SecretString": "{\\"password\\":\\"x\\"}", "VersionStages": ["AWSCURRENT"],
       "CreatedDate": "2026-11-20T09:12:33+01:00"},
      {"Name": "prod/cert", "SecretBinary": "AAH/", "VersionStages": ["AWSCURRENT", "blue"]},
      {"Name": "prod/empty", "ARN": "arn:…"}],
      "Errors": [{"SecretId": "gone", "ErrorCode": "ResourceNotFoundException"}]}"""
    reading = read(text.encode(), "out.json")
    json_secret, binary = reading.rows
    assert (json_secret.parts, json_secret.kind, json_secret.labels) == (
        ("prod", "db@eu"),
        Kind.SECRET,
        ("AWSCURRENT",),
    )
    assert (binary.value_type, bytes(binary.value.reveal())) == (ValueType.SECRET_BINARY, b"\0\1\xff")
    assert refusals(reading) == [("/SecretValues/2", "prod/empty"), ("/Errors", "gone")]


def test_one_secret_alone() -> None:
    text = '{"ARN": "arn:x", "Name": "a/b", "SecretString": "x", "VersionStages": ["AWSPREVIOUS"]}'
    assert values(read(text.encode(), "x.json")) == {"a/b": "x"}


def test_parameters_and_secrets_are_kept_apart_when_written() -> None:
    rows = [
        Row(("p",), Secret(b"x")),
        Row(("s",), Secret(b"y"), Kind.SECRET, value_type=ValueType.SECRET_STRING),
    ]
    assert [one.name for one in write("aws-parameters", rows).refused] == ["s"]
    assert [one.name for one in write("aws-secrets", rows).refused] == ["p"]


def test_of_a_secret_s_history_what_is_current_is_written() -> None:
    rows = [
        Row(("s",), Secret(b"old"), Kind.SECRET, labels=("AWSCURRENT",), version=1),
        Row(("s",), Secret(b"new"), Kind.SECRET, labels=("AWSPENDING",), version=2),
    ]
    written = write("aws-secrets", rows)
    assert json.loads(written.octets)["SecretValues"][0]["SecretString"] == "old"
    assert [one.name for one in written.refused] == ["s"]


def test_a_parameter_is_written_as_the_read_calls_print_it() -> None:
    row = rows_of({"shop/db": "x"})[0]._replace(description="d", tags={IMPORTED_NAME: "DB"})
    assert json.loads(write("aws-parameters", [row]).octets) == {
        "Parameters": [
            {
                "Name": "/shop/db",
                "Type": "SecureString",
                "Value": "x",
                "Version": 1,
                "DataType": "text",
                "Description": "d",
                "Tags": [{"Key": "imported-name", "Value": "DB"}],
            }
        ]
    }


def test_what_has_no_name_or_no_base64_is_refused() -> None:
    assert refusals(of_text('{"Value": "x"}', "aws-parameters")) == [("the top", "")]
    assert refusals(
        of_text('[{"SecretString": "x"}, {"Name": "a", "SecretBinary": "%"}]', "aws-secrets")
    ) == [
        ("/0", ""),
        ("/1", "a"),
    ]
    assert of_text('{"Name": "/a", "Value": "x", "Labels": [{}, "l"]}', "aws-parameters").rows[0].labels == (
        "l",
    )


def test_a_text_that_is_none_is_refused_when_written() -> None:
    rows = [Row(("a",), Secret(b"\xff")), Row(("b",), Secret(b"\xff"), Kind.SECRET)]
    assert [one.name for one in write("aws-parameters", rows[:1]).refused] == ["a"]
    assert [one.name for one in write("aws-secrets", rows[1:]).refused] == ["b"]
    assert [one.name for one in write("csv", rows).refused] == ["a", "b"]
