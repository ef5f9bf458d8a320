"""Lines to copy: each names the entry as its language quotes it, and the version that was asked for."""

from __future__ import annotations

import ast
import shlex
from datetime import UTC, datetime
from typing import Any

import pytest

from app.use_lines import Line, Pin, lines, resource, variable
from vault.paths import ParameterPath
from vault.records import Entry, Kind, Tier, ValueType

NOW = datetime(2026, 11, 22, tzinfo=UTC)
ODD = '/it\'s "odd" $(x)/${y}/db pass'


def entry(path: str, kind: Kind, value_type: ValueType) -> Entry:
    tier = Tier.STANDARD if kind is Kind.PARAMETER else None
    facts: tuple[Any, ...] = ("text", "", None, {}, (), None, 3, 3, NOW, NOW, None, None)
    return Entry(1, ParameterPath(path), kind, value_type, tier, *facts)


DB = "/shop/prod/db-password"
PARAMETER = entry(DB, Kind.PARAMETER, ValueType.SECURE_STRING)
SECRET = entry("/shop/prod/tls", Kind.SECRET, ValueType.SECRET_STRING)


def texts(found: list[Line]) -> str:
    return "\n".join(line.text for line in found)


def test_a_parameter_is_used_from_everywhere() -> None:
    assert [line.text for line in lines(PARAMETER, Pin())] == [
        "strongroom get /shop/prod/db-password",
        'export DB_PASSWORD="$(strongroom get -n /shop/prod/db-password)"',
        f'boto3.client("ssm").get_parameter(Name="{DB}", WithDecryption=True)["Parameter"]["Value"]',
        f"aws ssm get-parameter --name {DB} --with-decryption --query Parameter.Value --output text",
        'data "aws_ssm_parameter" "db-password" {\n  name = "/shop/prod/db-password"\n}',
    ]


@pytest.mark.parametrize(("pin", "said"), [(Pin(number=2), ":2"), (Pin(label="live"), ":live")])
def test_a_version_of_a_parameter_is_named_after_a_colon_in_every_line(pin: Pin, said: str) -> None:
    assert all(f"/shop/prod/db-password{said}" in line.text for line in lines(PARAMETER, pin))


def test_a_version_of_a_secret_goes_by_its_id_and_a_stage_by_its_name() -> None:
    numbered = texts(lines(SECRET, Pin(number=2), "11111111-token"))
    assert "get /shop/prod/tls:2" in numbered
    assert 'VersionId="11111111-token"' in numbered
    assert "--version-id 11111111-token" in numbered
    assert 'version_id = "11111111-token"' in numbered
    staged = texts(lines(SECRET, Pin(label="AWSPREVIOUS")))
    assert 'VersionStage="AWSPREVIOUS"' in staged
    assert "--version-stage AWSPREVIOUS" in staged
    assert 'version_stage = "AWSPREVIOUS"' in staged
    assert ":AWSPREVIOUS" in staged.splitlines()[0]


def test_a_binary_secret_is_decoded() -> None:
    found = texts(lines(SECRET._replace(value_type=ValueType.SECRET_BINARY), Pin()))
    assert '["SecretBinary"]' in found
    assert "--query SecretBinary --output text | base64 --decode" in found


def test_what_rotates_on_a_server_is_lent_but_no_old_version_of_it() -> None:
    assert "strongroom lease /shop/prod/tls --for 1h -- psql" in texts(lines(SECRET, Pin(), lent_to="psql"))
    assert "lease" not in texts(lines(SECRET, Pin(number=1), "t", lent_to="psql"))


@pytest.mark.parametrize("kind", [PARAMETER, SECRET])
def test_an_odd_path_is_quoted_as_each_language_does(kind: Entry) -> None:
    found = lines(kind._replace(path=ParameterPath(ODD)), Pin())
    shown = {line.title: line.text for line in found}
    assert shlex.split(found[0].text) == ["strongroom", "get", ODD]
    inner = found[1].text.removeprefix('export DB_PASS="$(').removesuffix(')"')
    assert shlex.split(inner) == ["strongroom", "get", "-n", ODD]
    assert ODD in shlex.split(shown["AWS CLI"])
    call = ast.parse(shown["Python, boto3"], mode="eval")
    assert ODD in [node.value for node in ast.walk(call) if isinstance(node, ast.Constant)]
    assert '\\"odd\\" $(x)/$${y}' in shown["Terraform"]


@pytest.mark.parametrize(
    ("name", "shell", "terraform"),
    [("db.url", "DB_URL", "db_url"), ("2fa", "_2FA", "_2fa"), ("--", "_", "_")],
)
def test_names_are_made_legal(name: str, shell: str, terraform: str) -> None:
    made = PARAMETER._replace(path=ParameterPath(f"/x/{name}"))
    assert (variable(made), resource(made)) == (shell, terraform)
