from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from app.aws import permissions, probe, stores
from app.aws.permissions import Place, least_policy, place_of
from app.aws.probe import Result, check_connection
from app.errors import AwsSignIn
from tests.cloud.handles import ACCOUNT, REGION
from tests.vault.furnished import Clock, new_vault
from vault.paths import ParameterPath
from vault.records import Connection, Direction, Remote, Service, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cloud.handles import Endpoint, Moto, Strict
    from vault.vault import Vault

HERE = Place(REGION, ACCOUNT)
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f000000-0000-4000-8000-00000000000f"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with new_vault(str(tmp_path_factory.mktemp("p") / "vault"), Clock()) as made:
        yield made


@pytest.fixture(autouse=True)
def _signed_out(vault: Vault) -> Iterator[None]:
    yield
    if not vault.closed:
        stores.forget(vault)


def remote(
    service: Service = Service.PARAMETER_STORE, endpoint: Endpoint | None = None, **more: object
) -> Remote:
    made = Remote(
        id=1,
        name="shop",
        service=service,
        folder=ParameterPath("/shop"),
        prefix="/shop" if service is Service.PARAMETER_STORE else "shop",
        direction=Direction.BOTH,
        connection=Connection(region=REGION, endpoint_url=endpoint.url if endpoint else ""),
        kms_key="",
        tier=None,
        account="",
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
        observed_at=None,
    )
    return made._replace(**more)  # type: ignore[arg-type]


def statements(policy: str) -> dict[str, dict[str, Any]]:
    document = json.loads(policy)
    assert document["Version"] == "2012-10-17"
    return {one["Sid"]: one for one in document["Statement"]}


# ----------------------------------------------------------------------------------------------- the policy


def test_a_remote_of_parameters_needs_its_own_prefix_and_the_listing() -> None:
    said = statements(least_policy(remote(), HERE))
    assert set(said) == {"StrongroomList", "StrongroomRead", "StrongroomWrite", "StrongroomDelete"}
    assert said["StrongroomList"]["Action"] == ["ssm:DescribeParameters"]
    assert said["StrongroomList"]["Resource"] == "*"
    assert said["StrongroomRead"]["Resource"] == f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/*"
    assert "ssm:PutParameter" in said["StrongroomWrite"]["Action"]
    assert said["StrongroomDelete"]["Action"] == ["ssm:DeleteParameters"]


@pytest.mark.parametrize("service", Service)
def test_a_remote_that_is_pulled_alone_is_never_written(service: Service) -> None:
    said = statements(least_policy(remote(service, direction=Direction.PULL), HERE))
    assert set(said) == {"StrongroomList", "StrongroomRead"}


def test_deletions_can_be_left_out() -> None:
    assert "StrongroomDelete" not in statements(least_policy(remote(), HERE, deletes=False))


@pytest.mark.parametrize(
    ("service", "prefix", "resource"),
    [
        (Service.PARAMETER_STORE, "/", "ssm:eu-west-1:111111111111:parameter/*"),
        (Service.PARAMETER_STORE, "/a/b", "ssm:eu-west-1:111111111111:parameter/a/b/*"),
        (Service.SECRETS_MANAGER, "", "secretsmanager:eu-west-1:111111111111:secret:*"),
        (Service.SECRETS_MANAGER, "/", "secretsmanager:eu-west-1:111111111111:secret:/*"),
        (Service.SECRETS_MANAGER, "shop", "secretsmanager:eu-west-1:111111111111:secret:shop/*"),
        (Service.SECRETS_MANAGER, "/shop", "secretsmanager:eu-west-1:111111111111:secret:/shop/*"),
    ],
)
def test_resources_are_what_is_below_the_prefix(service: Service, prefix: str, resource: str) -> None:
    said = statements(least_policy(remote(service, prefix=prefix), HERE))
    assert said["StrongroomRead"]["Resource"] == f"arn:aws:{resource}"


@pytest.mark.parametrize(
    ("key", "resource", "alias"),
    [
        (KEY, KEY, None),
        ("0f000000-0000-4000-8000-00000000000f", KEY, None),
        ("alias/team", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*", "alias/team"),
        (
            "arn:aws:kms:us-east-1:222222222222:alias/team",
            "arn:aws:kms:us-east-1:222222222222:key/*",
            "alias/team",
        ),
    ],
)
def test_the_key_is_admitted_by_way_of_the_service_and_for_these_entries_alone(
    key: str, resource: str, alias: str | None
) -> None:
    said = statements(least_policy(remote(kms_key=key), HERE))["StrongroomKey"]
    assert said["Resource"] == resource
    conditions = said["Condition"]
    assert conditions["StringEquals"] == {"kms:ViaService": f"ssm.{REGION}.amazonaws.com"}
    assert conditions["StringLike"] == {
        "kms:EncryptionContext:PARAMETER_ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/*"
    }
    assert conditions.get("ForAnyValue:StringEquals") == ({"kms:ResourceAliases": alias} if alias else None)


@pytest.mark.parametrize(
    ("more", "actions"),
    [
        ({"direction": Direction.PULL}, ["kms:Decrypt"]),
        ({"tier": Tier.STANDARD}, ["kms:Decrypt", "kms:Encrypt"]),
        ({"tier": Tier.ADVANCED}, ["kms:Decrypt", "kms:GenerateDataKey"]),
        ({}, ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]),
    ],
)
def test_the_tier_says_what_the_key_does(more: dict[str, Any], actions: list[str]) -> None:
    said = statements(least_policy(remote(kms_key=KEY, **more), HERE))
    assert said["StrongroomKey"]["Action"] == actions


@pytest.mark.parametrize(
    ("region", "arn", "place"),
    [
        ("eu-west-1", f"arn:aws:iam::{ACCOUNT}:user/ada", Place("eu-west-1", ACCOUNT, "aws")),
        ("cn-north-1", "arn:aws-cn:sts::1:assumed-role/r/s", Place("cn-north-1", "1", "aws-cn")),
        ("cn-north-1", "", Place("cn-north-1", "*", "aws-cn")),
        ("us-gov-west-1", "", Place("us-gov-west-1", "*", "aws-us-gov")),
        ("eu-west-1", "nonsense", Place("eu-west-1", "*", "aws")),
    ],
)
def test_the_partition_is_that_of_the_identity_or_of_the_region(region: str, arn: str, place: Place) -> None:
    assert place_of(region, arn) == place


# ---------------------------------------------------------------------------------------- trying the actions


def results(vault: Vault, of: Remote) -> dict[str, Result]:
    return {check.action: check.result for check in check_connection(vault, of).checks}


@pytest.mark.parametrize("service", Service)
def test_where_all_is_allowed_the_report_says_so_and_nothing_was_made(
    strict: Strict, vault: Vault, service: Service
) -> None:
    report = check_connection(vault, remote(service, strict))
    assert report.identity is not None
    assert report.identity.account == ACCOUNT
    assert report.region == REGION
    assert not report.missing
    assert {check.result for check in report.checks} == {Result.OK}
    assert [check.action for check in report.checks] == [one.name for one in permissions.ACTIONS[service]]
    assert json.loads(report.policy)
    assert strict.do("ssm", "DescribeParameters")["Parameters"] == []
    assert strict.do("secretsmanager", "ListSecrets")["SecretList"] == []


@pytest.mark.parametrize(
    "action", [one.name for actions in permissions.ACTIONS.values() for one in actions], ids=str
)
def test_an_action_that_is_denied_is_missing_and_no_other(strict: Strict, vault: Vault, action: str) -> None:
    strict.control("deny", action=action, resource="*", access_key="*")
    service = Service.PARAMETER_STORE if action.startswith("ssm:") else Service.SECRETS_MANAGER
    report = check_connection(vault, remote(service, strict))
    assert report.missing == (action,)
    why = next(check.why for check in report.checks if check.action == action)
    assert "not authorized to perform" in why


def test_a_remote_that_is_pulled_is_tested_for_reading_alone(strict: Strict, vault: Vault) -> None:
    tried = results(vault, remote(endpoint=strict, direction=Direction.PULL))
    assert "ssm:PutParameter" not in tried
    assert strict.calls().get("ssm:PutParameter", 0) == 0


def test_the_key_is_asked_whether_it_would(strict: Strict, vault: Vault) -> None:
    key = strict.do("kms", "CreateKey")["KeyMetadata"]["Arn"]
    tried = results(vault, remote(endpoint=strict, kms_key=key))
    assert {tried[f"kms:{name}"] for name in ("Decrypt", "Encrypt", "GenerateDataKey")} == {Result.OK}
    strict.control("deny", action="kms:*", resource="*", access_key="*")
    assert results(vault, remote(endpoint=strict, kms_key=key))["kms:Encrypt"] is Result.NOT_TESTED


def test_a_key_that_does_not_exist_is_missing(strict: Strict, vault: Vault) -> None:
    assert results(vault, remote(endpoint=strict, kms_key="alias/none"))["kms:Encrypt"] is Result.MISSING


def test_without_sts_the_rest_is_still_told(strict: Strict, vault: Vault) -> None:
    strict.control("deny", action="sts:*", resource="*", access_key="*")
    report = check_connection(vault, remote(endpoint=strict))
    assert report.identity is None
    assert not report.missing


def test_who_cannot_sign_in_is_told_so(strict: Strict, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(AwsSignIn):
        check_connection(vault, remote(endpoint=strict))


def test_every_action_of_the_policy_has_a_call_that_tries_it() -> None:
    tried = {
        Service.PARAMETER_STORE: probe._parameter_calls(remote(), "/shop/x"),
        Service.SECRETS_MANAGER: probe._secret_calls("shop/x"),
    }
    for service, actions in permissions.ACTIONS.items():
        assert {one.name.partition(":")[2] for one in actions} == set(tried[service])


@pytest.mark.parametrize("service", Service)
def test_a_server_that_is_less_strict_keeps_nothing_of_the_test(
    moto: Moto, vault: Vault, service: Service
) -> None:
    report = check_connection(vault, remote(service, moto))
    assert not report.missing
    assert moto.client("ssm").describe_parameters()["Parameters"] == []
    assert moto.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"] == []
