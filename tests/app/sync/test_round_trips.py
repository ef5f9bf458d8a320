"""Everything that an entry is survives the way there, back into another vault, and there again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.sync.outcome import Result
from tests.app.sync.conftest import Pair, remote_at
from tests.vault.furnished import draft, find, new_vault, put, put_secret
from vault.paths import ParameterPath, Selector
from vault.policies import EXPIRATION_NOTIFICATION, NO_CHANGE_NOTIFICATION, Policy, expiration, policies_json
from vault.records import Direction, Draft, Service, Tier, ValueType

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cloud.handles import Endpoint, Moto, Strict
    from tests.vault.furnished import Clock
    from vault.vault import Vault

UNICODE = "пароль 🔑 \u200b é e\u0301 \x7f\t\r\n '\"\\{}"
FACTS = ("Type", "Tier", "KeyId", "Description", "AllowedPattern", "DataType", "Policies")


@pytest.fixture
def other_vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "other"), clock) as vault:
        yield vault


def there(server: Endpoint, prefix: str = "/shop") -> dict[str, dict[str, Any]]:
    """All that Parameter Store has below a prefix, by what follows it; labels by the value they are on."""
    aws, found = server.client("ssm"), {}
    path = [{"Key": "Path", "Option": "Recursive", "Values": [prefix]}]
    for page in aws.get_paginator("describe_parameters").paginate(ParameterFilters=path):
        for row in page["Parameters"]:
            name, facts = row["Name"], {key: row.get(key) or None for key in FACTS}
            got = aws.get_parameter(Name=name, WithDecryption=True)["Parameter"]
            tags = aws.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
            pages = aws.get_paginator("get_parameter_history").paginate(Name=name, WithDecryption=True)
            history = [each for kept in pages for each in kept["Parameters"]]
            facts["Policies"] = [(one["PolicyType"], one["PolicyText"]) for one in facts["Policies"] or []]
            found[name.removeprefix(prefix)] = facts | {
                "value": got["Value"],
                "tags": {tag["Key"]: tag["Value"] for tag in tags},
                "labels": {label: each["Value"] for each in history for label in each.get("Labels") or ()},
            }
    return found


def secrets_there(server: Endpoint, prefix: str = "shop/") -> dict[str, dict[str, Any]]:
    """All that Secrets Manager has below a prefix; staging labels by the value they are on."""
    aws, found = server.client("secretsmanager"), {}
    for page in aws.get_paginator("list_secrets").paginate():
        for row in page["SecretList"]:
            name = row["Name"]
            if not name.startswith(prefix):
                continue
            told = aws.describe_secret(SecretId=name)
            values: dict[str, str | bytes] = {}
            for version, stages in told.get("VersionIdsToStages", {}).items():
                got = aws.get_secret_value(SecretId=name, VersionId=version)
                values |= dict.fromkeys(stages, got.get("SecretString", got.get("SecretBinary")))
            found[name.removeprefix(prefix)] = {
                "values": values,
                "tags": {tag["Key"]: tag["Value"] for tag in told.get("Tags", ())},
                "description": told.get("Description", ""),
                "key": told.get("KmsKeyId"),
            }
    return found


def here(vault: Vault) -> dict[str, dict[str, Any]]:
    """All that a vault has below /shop; labels by the value they are on."""
    found = {}
    for entry in vault.entries.below(ParameterPath("/shop")):
        versions = vault.entries.history(entry.path)
        labels: dict[str, bytearray] = {}
        for version in versions:
            opened = vault.values.open(Selector(entry.path, number=version.number)).value.reveal()
            labels |= dict.fromkeys((*version.labels, f"#{version.number - entry.current}"), opened)
        named = {label: value for label, value in labels.items() if label[0] != "#" or label == "#0"}
        found[str(entry.path)] = {
            "values": named,
            "facts": (entry.value_type, entry.tier, entry.data_type, entry.description, entry.policies),
            "pattern": entry.allowed_pattern or None,
            "tags": dict(entry.tags),
        }
    return found


def furnish(vault: Vault, clock: Clock) -> None:
    """Parameters with something of everything."""
    expires = expiration(clock.now + timedelta(days=40))
    notices = (
        Policy(EXPIRATION_NOTIFICATION, amount="15", unit="Days"),
        Policy(NO_CHANGE_NOTIFICATION, amount="20", unit="Hours"),
    )
    put(
        vault,
        "/shop/plain",
        UNICODE,
        value_type=ValueType.STRING,
        description=UNICODE.strip(),
        tags={"a": ""},
    )
    put(vault, "/shop/list", ",a,,b,", value_type=ValueType.STRING_LIST, tags={"Team": "é+-=._:/@", "b": " "})
    put(vault, "/shop/one", ",", value_type=ValueType.STRING_LIST)
    put(vault, "/shop/a/b/c/d/e/f/g/h/i/j/k/l/m/n", "deep")
    put(vault, "/shop/standard", "s" * 4096, value_type=ValueType.STRING)
    put(vault, "/shop/wide", "é" * 2048)
    put(vault, "/shop/advanced", "a" * 8192, tier=Tier.ADVANCED, policies=(expires, *notices))
    put(vault, "/shop/wider", "🔑" * 2048, tier=Tier.ADVANCED)
    put(vault, "/shop/small", "x", tier=Tier.ADVANCED)
    put(vault, "/shop/region", "eu-west-1", data_type="aws:region", value_type=ValueType.STRING)
    put(vault, "/shop/json", '{"a": [1]}', data_type="json", tier=Tier.ADVANCED)
    put(vault, "/shop/pattern", "pass-1", allowed_pattern="^pass-[0-9]+$", description="d" * 1024)
    for number in range(1, 6):
        put(vault, "/shop/labelled", f"value {number}")
    path = ParameterPath("/shop/labelled")
    vault.entries.label(path, 2, ["old", "older"])
    vault.entries.label(path, 4, ["live"])
    vault.entries.label(path, 5, ["next"])


def furnish_secrets(vault: Vault) -> None:
    """Secrets with something of everything."""
    put_secret(vault, "/shop/text", UNICODE, description=UNICODE.strip(), tags={"a": "", "é": "x"})
    put_secret(vault, "/shop/binary", bytes(range(256)), value_type=ValueType.SECRET_BINARY)
    put_secret(vault, "/shop/largest", "x" * 65_536)
    put_secret(vault, "/shop/wide", "🔑" * 16_384)
    put_secret(vault, "/shop/octets", b"\0" * 65_536, value_type=ValueType.SECRET_BINARY)
    put_secret(vault, "/shop/json", '{"username": "ada", "password": "p\\u00e9"}')
    put_secret(vault, "/shop/staged", "one")
    put_secret(vault, "/shop/staged", "two", stages=("AWSCURRENT", "blue"))
    put_secret(vault, "/shop/staged", "three")
    put_secret(vault, "/shop/staged", "four", stages=("AWSPENDING", "green"))


def all_done(pair: Pair) -> None:
    outcomes = pair.sync(details=True)
    assert {outcome.result for outcome in outcomes} == {Result.DONE}, outcomes
    assert pair.actions(details=True) == {}
    assert pair.seen is not None
    assert pair.seen.skipped == ()


def test_parameters_go_to_a_remote_to_another_vault_and_to_another_remote(
    ssm: Pair, strict: Strict, other_vault: Vault, clock: Clock
) -> None:
    furnish(ssm.vault, clock)
    all_done(ssm)
    first = Pair(other_vault, other_vault.remotes.add(remote_at(strict.url, Service.PARAMETER_STORE)))
    all_done(first)
    assert here(other_vault) == here(ssm.vault)

    draft_of_copy = remote_at(strict.url, Service.PARAMETER_STORE, "copy", prefix="/copy")
    second = Pair(other_vault, other_vault.remotes.add(draft_of_copy))
    all_done(second)
    assert there(strict, "/copy") == there(strict, "/shop")
    assert len(there(strict, "/copy")) == ssm.vault.entries.count() == 13
    assert there(strict)["/labelled"]["labels"] == {
        "old": "value 2",
        "older": "value 2",
        "live": "value 4",
        "next": "value 5",
    }
    assert first.actions(details=True) == {}
    assert ssm.actions(details=True) == {}


def test_secrets_go_to_a_remote_to_another_vault_and_to_another_remote(
    secrets: Pair, strict: Strict, other_vault: Vault
) -> None:
    furnish_secrets(secrets.vault)
    all_done(secrets)
    first = Pair(other_vault, other_vault.remotes.add(remote_at(strict.url, Service.SECRETS_MANAGER)))
    all_done(first)
    assert here(other_vault) == here(secrets.vault)

    draft_of_copy = remote_at(strict.url, Service.SECRETS_MANAGER, "copy", prefix="copy")
    second = Pair(other_vault, other_vault.remotes.add(draft_of_copy))
    all_done(second)
    assert secrets_there(strict, "copy/") == secrets_there(strict, "shop/")
    assert secrets_there(strict)["staged"]["values"] == {
        "AWSCURRENT": "three",
        "AWSPREVIOUS": "two",
        "blue": "two",
        "AWSPENDING": "four",
        "green": "four",
    }
    assert secrets_there(strict)["binary"]["values"] == {"AWSCURRENT": bytes(range(256))}
    assert first.actions(details=True) == {}
    assert secrets.actions(details=True) == {}


def test_what_was_made_there_stays_as_it_was_under_an_edit_of_ours(
    ssm: Pair, strict: Strict, clock: Clock
) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    policies = policies_json((expiration(clock.now + timedelta(days=9)),))
    facts = {
        "Type": "SecureString",
        "KeyId": key,
        "Tier": "Advanced",
        "Description": "of the shop",
        "AllowedPattern": "^v[0-9]$",
        "Policies": policies,
    }
    aws = strict.client("ssm")
    aws.put_parameter(Name="/shop/a", Value="v1", Tags=[{"Key": "team", "Value": "shop"}], **facts)
    aws.put_parameter(Name="/shop/a", Value="v2", Overwrite=True)
    aws.label_parameter_version(Name="/shop/a", ParameterVersion=1, Labels=["first"])
    aws.put_parameter(Name="/shop/r", Value="eu-west-1", Type="String", DataType="aws:region")
    before = there(strict)
    all_done(ssm)
    assert there(strict) == before
    put(ssm.vault, "/shop/a", "v3")
    put(ssm.vault, "/shop/r", "eu-west-2")
    all_done(ssm)
    before["/a"]["value"], before["/r"]["value"] = "v3", "eu-west-2"
    assert there(strict) == before
    assert before["/a"]["KeyId"] == key
    assert before["/a"]["labels"] == {"first": "v1"}
    assert ssm.value("/shop/a", label="first") == "v1"


def test_a_change_of_each_fact_alone_crosses_over(ssm: Pair, strict: Strict, clock: Clock) -> None:
    path = ParameterPath("/shop/a")
    put(ssm.vault, path, "v1", tags={"a": "1", "b": "1"}, description="one")
    all_done(ssm)
    changes = [
        Draft(path, None, description="two", overwrite=True),
        Draft(path, None, description="", overwrite=True),
        Draft(path, None, tags={"b": "2", "c": "1"}, overwrite=True),
        draft(path, "v1", allowed_pattern="^v[0-9]$"),
        draft(path, "v1", allowed_pattern=""),
        Draft(path, None, tier=Tier.ADVANCED, overwrite=True),
        Draft(path, None, policies=(expiration(clock.now + timedelta(days=9)),), overwrite=True),
        Draft(path, None, policies=(), overwrite=True),
    ]
    for number, change in enumerate(changes):
        ssm.vault.entries.put(change)
        assert ssm.actions() == {"/shop/a": "push"}, number
        all_done(ssm)
        (row,), entry = there(strict).values(), find(ssm.vault, path)
        told = (row["Description"] or "", row["tags"], row["AllowedPattern"], Tier(row["Tier"]))
        assert told == (entry.description, entry.tags, entry.allowed_pattern or None, entry.tier), number
        assert len(row["Policies"]) == len(entry.policies), number


def test_facts_of_a_secret_change_without_a_new_version(secrets: Pair, strict: Strict) -> None:
    put_secret(secrets.vault, "/shop/a", "one", description="one", tags={"a": "1"})
    all_done(secrets)
    put_secret(secrets.vault, "/shop/b", "one")
    path = ParameterPath("/shop/a")
    secrets.vault.entries.put(Draft(path, None, description="two", tags={"b": "1"}, overwrite=True))
    strict.calls(reset=True)
    all_done(secrets)
    assert "secretsmanager:PutSecretValue" not in strict.calls()
    found = secrets_there(strict)["a"]
    assert (found["description"], found["tags"], found["values"]) == (
        "two",
        {"b": "1"},
        {"AWSCURRENT": "one"},
    )


def test_staging_labels_move_both_ways(secrets: Pair, strict: Strict) -> None:
    path = ParameterPath("/shop/a")
    for value in ("one", "two"):
        put_secret(secrets.vault, path, value)
        all_done(secrets)
    secrets.vault.entries.move_stage(path, "blue", 1, None)
    all_done(secrets)
    values = secrets_there(strict)["a"]["values"]
    assert values == {"AWSCURRENT": "two", "AWSPREVIOUS": "one", "blue": "one"}

    held = strict.client("secretsmanager").describe_secret(SecretId="shop/a")["VersionIdsToStages"]
    (one,) = (version for version, stages in held.items() if "blue" in stages)
    (two,) = (version for version, stages in held.items() if "AWSCURRENT" in stages)
    move = {"SecretId": "shop/a", "VersionStage": "blue", "MoveToVersionId": two, "RemoveFromVersionId": one}
    strict.do("secretsmanager", "UpdateSecretVersionStage", **move)
    all_done(secrets)
    assert secrets.value(path, label="blue") == "two"

    back = {"SecretId": "shop/a", "VersionStage": "AWSCURRENT"}
    strict.do(
        "secretsmanager", "UpdateSecretVersionStage", **back, MoveToVersionId=one, RemoveFromVersionId=two
    )
    all_done(secrets)
    assert (secrets.value(path), secrets.value(path, label="AWSPREVIOUS")) == ("one", "two")


def test_a_hundred_versions_of_a_parameter_come_on_demand(ssm: Pair, strict: Strict) -> None:
    for number in range(1, 103):
        strict.do("ssm", "PutParameter", Name="/shop/a", Value=f"v{number}", Type="String", Overwrite=True)
    strict.do("ssm", "LabelParameterVersion", Name="/shop/a", ParameterVersion=50, Labels=["mid"])
    strict.calls(reset=True)
    assert {outcome.result for outcome in ssm.sync(history=True)} == {Result.DONE}
    assert strict.calls()["ssm:GetParameterHistory"] <= 5  # twice its pages, and the labels' look
    versions = ssm.vault.entries.history(ParameterPath("/shop/a"))
    values = [ssm.value("/shop/a", number=version.number) for version in versions]
    assert values == [f"v{number}" for number in range(3, 103)]
    assert ssm.value("/shop/a", label="mid") == "v50"
    assert ssm.value("/shop/a") == "v102"
    assert ssm.actions(details=True) == {}


def test_without_asking_only_current_and_labelled_versions_come(ssm: Pair, strict: Strict) -> None:
    for number in range(1, 8):
        strict.do("ssm", "PutParameter", Name="/shop/a", Value=f"v{number}", Type="String", Overwrite=True)
    strict.do("ssm", "LabelParameterVersion", Name="/shop/a", ParameterVersion=3, Labels=["mid"])
    ssm.sync()
    assert [ssm.value("/shop/a", number=number) for number in (1, 2)] == ["v3", "v7"]
    assert len(ssm.vault.entries.history(ParameterPath("/shop/a"))) == 2


def test_every_version_of_a_secret_comes_on_demand(secrets: Pair, strict: Strict) -> None:
    strict.do("secretsmanager", "CreateSecret", Name="shop/a", SecretString="v0", ClientRequestToken="t" * 32)
    for number in range(1, 100):
        token = f"{number:032}"
        strict.do(
            "secretsmanager",
            "PutSecretValue",
            SecretId="shop/a",
            SecretString=f"v{number}",
            ClientRequestToken=token,
        )
    secrets.sync(history=True)
    versions = secrets.vault.entries.history(ParameterPath("/shop/a"))
    values = [secrets.value("/shop/a", number=version.number) for version in versions]
    kept = strict.do("secretsmanager", "ListSecretVersionIds", SecretId="shop/a", IncludeDeprecated=True)
    assert len(values) == 100 or len(values) == len(kept["Versions"])
    assert sorted(values, key=lambda text: int(text[1:])) == values
    assert (values[-1], secrets.value("/shop/a", label="AWSPREVIOUS")) == ("v99", "v98")
    assert secrets.actions() == {}


def test_two_accounts_hold_the_same(
    ssm: Pair, strict: Strict, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.aws.stores import forget
    from tests.cloud.strict.access import credentials

    furnish(ssm.vault, clock)
    all_done(ssm)
    linus = credentials("linus")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", linus["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", linus["aws_secret_access_key"])
    forget(ssm.vault)
    draft_of_other = remote_at(strict.url, Service.PARAMETER_STORE, "other")
    other = Pair(ssm.vault, ssm.vault.remotes.add(draft_of_other))
    all_done(other)
    assert other.remote.account != ssm.remote.account

    class Linus:
        def client(self, service: str) -> Any:  # noqa: ANN401
            return strict.client(service, user="linus")

    assert there(Linus()) == there(strict)  # type: ignore[arg-type]


def test_parameters_go_round_with_moto(moto: Moto, vault: Vault, other_vault: Vault) -> None:
    draft_of_remote = remote_at(moto.url, Service.PARAMETER_STORE)
    pair = Pair(vault, vault.remotes.add(draft_of_remote))
    put(vault, "/shop/plain", "пароль 🔑", value_type=ValueType.STRING, description="of it", tags={"a": "é"})
    put(vault, "/shop/list", "a,,b", value_type=ValueType.STRING_LIST)
    put(vault, "/shop/a/b/secure", "s" * 4096)
    put(vault, "/shop/pattern", "pass-1", allowed_pattern="^pass-[0-9]+$")
    for number in range(1, 4):
        put(vault, "/shop/labelled", f"value {number}")
    vault.entries.label(ParameterPath("/shop/labelled"), 2, ["old"])
    all_done(pair)
    other = Pair(other_vault, other_vault.remotes.add(draft_of_remote))
    all_done(other)
    assert here(other_vault) == here(vault)
    put(other_vault, "/shop/plain", "two")
    all_done(other)
    all_done(pair)
    assert here(other_vault) == here(vault)


def test_secrets_go_round_with_moto(moto: Moto, vault: Vault, other_vault: Vault) -> None:
    draft_of_remote = remote_at(moto.url, Service.SECRETS_MANAGER)
    pair = Pair(vault, vault.remotes.add(draft_of_remote))
    put_secret(vault, "/shop/text", "пароль 🔑", description="of it", tags={"a": "é"})
    put_secret(vault, "/shop/binary", bytes(range(256)), value_type=ValueType.SECRET_BINARY)
    put_secret(vault, "/shop/largest", "x" * 65_536)
    all_done(pair)
    other = Pair(other_vault, other_vault.remotes.add(draft_of_remote))
    all_done(other)
    assert here(other_vault) == here(vault)
    put_secret(other_vault, "/shop/text", "two")
    all_done(other)
    all_done(pair)
    assert here(other_vault) == here(vault)


def test_what_goes_one_way_brings_the_same(vault: Vault, strict: Strict) -> None:
    strict.do(
        "ssm", "PutParameter", Name="/shop/a", Value="a,,b", Type="StringList", Description=UNICODE.strip()
    )
    only = remote_at(strict.url, Service.PARAMETER_STORE, direction=Direction.PULL)
    pair = Pair(vault, vault.remotes.add(only))
    all_done(pair)
    entry = find(vault, "/shop/a")
    assert (entry.value_type, entry.description) == (ValueType.STRING_LIST, UNICODE.strip())
    assert pair.value("/shop/a") == "a,,b"
