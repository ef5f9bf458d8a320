"""Rules of Secrets Manager, KMS and STS that moto does not keep. Reference sections 2 to 4."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.cloud.handles import Strict

TOKENS = [f"{number:08}-0000-4000-8000-000000000000" for number in range(5)]


@pytest.fixture
def manager(strict: Strict) -> Any:  # noqa: ANN401
    return strict.client("secretsmanager")


@pytest.fixture
def kms(strict: Strict) -> Any:  # noqa: ANN401
    return strict.client("kms")


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error.get("Message", "")


def create(manager: Any, **more: Any) -> str:  # noqa: ANN401
    given = {"Name": "s", "SecretString": "1", "ClientRequestToken": TOKENS[0]} | more
    arn: str = manager.create_secret(**given)["ARN"]
    return arn


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"SecretString": "x" * 65_537}, "ValidationException"),
        ({"SecretString": "ä" * 32_769}, "ValidationException"),
        ({"SecretBinary": b"x" * 65_537, "SecretString": None}, "ValidationException"),
        ({"SecretBinary": b"x"}, "InvalidParameterException"),
        ({"Name": "with blank"}, "ValidationException"),
        ({"Name": "n" * 513}, "ValidationException"),
        ({"KmsKeyId": "alias/none"}, "EncryptionFailure"),
        ({"ClientRequestToken": "x" * 65}, "ValidationException"),
    ],
)
def test_a_secret_is_refused(manager: Any, parameters: dict[str, Any], code: str) -> None:  # noqa: ANN401
    given = {"Name": "s", "SecretString": "1", "ClientRequestToken": TOKENS[0]} | parameters
    given = {name: value for name, value in given.items() if value is not None}
    assert refusal(manager.create_secret, **given)[0] == code


def test_64_kib_fit(manager: Any) -> None:  # noqa: ANN401
    create(manager, SecretString="ä" * 32_768)
    assert len(manager.get_secret_value(SecretId="s")["SecretString"]) == 32_768


def test_a_token_stands_for_one_value(manager: Any) -> None:  # noqa: ANN401
    create(manager)
    same = {"SecretId": "s", "ClientRequestToken": TOKENS[0]}
    assert manager.put_secret_value(**same, SecretString="1")["VersionId"] == TOKENS[0]
    assert refusal(manager.put_secret_value, **same, SecretString="2")[0] == "ResourceExistsException"
    assert manager.update_secret(**same, SecretString="1")["VersionId"] == TOKENS[0]
    create(manager)
    again = {"Name": "s", "SecretString": "2", "ClientRequestToken": TOKENS[0]}
    assert refusal(manager.create_secret, **again)[0] == "ResourceExistsException"


def test_previous_follows_when_current_is_moved_by_hand(manager: Any) -> None:  # noqa: ANN401
    create(manager)
    put = {"SecretId": "s", "SecretString": "2", "ClientRequestToken": TOKENS[1], "VersionStages": ["mine"]}
    manager.put_secret_value(**put)
    move = {"SecretId": "s", "VersionStage": "AWSCURRENT", "MoveToVersionId": TOKENS[1]}
    code, message = refusal(manager.update_secret_version_stage, **move)
    assert (code, TOKENS[0] in message) == ("InvalidParameterException", True)
    manager.update_secret_version_stage(**move, RemoveFromVersionId=TOKENS[0])
    assert manager.get_secret_value(SecretId="s")["VersionId"] == TOKENS[1]
    stages = manager.describe_secret(SecretId="s")["VersionIdsToStages"]
    assert stages == {TOKENS[0]: ["AWSPREVIOUS"], TOKENS[1]: ["AWSCURRENT", "mine"]}
    only_off = {"SecretId": "s", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": TOKENS[1]}
    assert refusal(manager.update_secret_version_stage, **only_off)[0] == "InvalidParameterException"


def test_a_secret_without_value(manager: Any) -> None:  # noqa: ANN401
    manager.create_secret(Name="empty")
    assert "VersionIdsToStages" not in manager.describe_secret(SecretId="empty")
    assert refusal(manager.get_secret_value, SecretId="empty")[0] == "ResourceNotFoundException"
    put = manager.put_secret_value(SecretId="empty", SecretString="x", VersionStages=["mine"])
    assert put["VersionStages"] == ["AWSCURRENT", "mine"]


def test_twenty_labels_and_no_more(manager: Any) -> None:  # noqa: ANN401
    create(manager)
    stages = [f"s{number}" for number in range(19)]
    manager.put_secret_value(SecretId="s", SecretString="2", VersionStages=stages)
    more = {"SecretId": "s", "SecretString": "3", "VersionStages": ["one-more"]}
    assert refusal(manager.put_secret_value, **more)[0] == "LimitExceededException"


def test_a_hundred_versions_in_a_day_and_no_more(manager: Any, strict: Strict) -> None:  # noqa: ANN401
    create(manager)
    for number in range(99):
        manager.put_secret_value(SecretId="s", SecretString=str(number))
    assert refusal(manager.put_secret_value, SecretId="s", SecretString="x")[0] == "LimitExceededException"
    strict.control("clock", seconds=86_401)
    manager.put_secret_value(SecretId="s", SecretString="x")
    assert len(manager.list_secret_version_ids(SecretId="s")["Versions"]) == 2
    kept = manager.list_secret_version_ids(SecretId="s", IncludeDeprecated=True)["Versions"]
    assert len(kept) == 100


def test_a_deleted_secret_can_be_restored_until_its_window_is_over(manager: Any, strict: Strict) -> None:  # noqa: ANN401
    arn = create(manager)
    manager.delete_secret(SecretId="s")
    for call in (manager.put_secret_value, manager.update_secret):
        assert refusal(call, SecretId="s", SecretString="2")[0] == "InvalidRequestException"
    batch = manager.batch_get_secret_value(SecretIdList=["s"])
    assert batch["Errors"][0]["ErrorCode"] == "InvalidRequestException"
    again = {"Name": "s", "SecretString": "1"}
    assert refusal(manager.create_secret, **again)[0] == "InvalidRequestException"
    assert manager.restore_secret(SecretId="s")["ARN"] == arn
    manager.delete_secret(SecretId="s", RecoveryWindowInDays=7)
    strict.control("clock", seconds=7 * 86_400 + 1)
    assert create(manager, ClientRequestToken=TOKENS[1]) != arn
    assert refusal(manager.describe_secret, SecretId=arn)[0] == "ResourceNotFoundException"


def test_names_arns_and_partial_arns(manager: Any) -> None:  # noqa: ANN401
    arn = create(manager, Name="shop/db")
    for name in ("shop/db", arn, arn[:-7]):
        assert manager.get_secret_value(SecretId=name)["ARN"] == arn


def test_batches_and_pages_have_their_limits(manager: Any, strict: Strict) -> None:  # noqa: ANN401
    strict.fill(secrets=250, prefix="many")
    names = [f"many/s{number:06}" for number in range(21)]
    assert refusal(manager.batch_get_secret_value, SecretIdList=names)[0] == "ValidationException"
    assert len(manager.batch_get_secret_value(SecretIdList=names[:20])["SecretValues"]) == 20
    assert refusal(manager.list_secrets, MaxResults=101)[0] == "ValidationException"
    pages = list(manager.get_paginator("list_secrets").paginate())
    assert [len(page["SecretList"]) for page in pages] == [100, 100, 50]


def test_listings_of_secrets_may_lag_behind(manager: Any, strict: Strict) -> None:  # noqa: ANN401
    create(manager)
    strict.control("late", seconds=60)
    manager.put_secret_value(SecretId="s", SecretString="2", ClientRequestToken=TOKENS[1])
    create(manager, Name="new")
    listed = manager.list_secrets()["SecretList"]
    assert [(one["Name"], one["SecretVersionsToStages"]) for one in listed] == [
        ("s", {TOKENS[0]: ["AWSCURRENT"]})
    ]
    strict.control("clock", seconds=61)
    assert [one["Name"] for one in manager.list_secrets()["SecretList"]] == ["s", "new"]


def test_a_denied_key_denies_the_secret(manager: Any, strict: Strict) -> None:  # noqa: ANN401
    create(manager)
    strict.control("deny", action="kms:Decrypt")
    code, message = refusal(manager.get_secret_value, SecretId="s")
    assert (code, message) == ("AccessDeniedException", "Access to KMS is not allowed")
    batch = manager.batch_get_secret_value(SecretIdList=["s"])
    assert [one["ErrorCode"] for one in batch["Errors"]] == ["AccessDeniedException"]


def test_keys_that_are_not_enabled_do_nothing(kms: Any) -> None:  # noqa: ANN401
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == "DisabledException"
    kms.enable_key(KeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x")[0] == "KMSInvalidStateException"
    assert refusal(kms.enable_key, KeyId=key)[0] == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_deleted_key_is_gone_with_its_aliases(kms: Any, strict: Strict) -> None:  # noqa: ANN401
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    blob = kms.encrypt(KeyId="alias/mine", Plaintext=b"x")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key)
    strict.control("clock", seconds=31 * 86_400)
    assert refusal(kms.describe_key, KeyId=key)[0] == "NotFoundException"
    assert refusal(kms.describe_key, KeyId="alias/mine")[0] == "NotFoundException"
    assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == "AccessDeniedException"


def test_another_key_than_the_blobs_is_incorrect(kms: Any) -> None:  # noqa: ANN401
    one, other = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    blob = kms.encrypt(KeyId=one, Plaintext=b"x")["CiphertextBlob"]
    assert refusal(kms.decrypt, CiphertextBlob=blob, KeyId=other)[0] == "IncorrectKeyException"


def test_the_services_own_keys_are_theirs_alone(kms: Any, manager: Any) -> None:  # noqa: ANN401
    create(manager)
    for alias in ("alias/aws/ssm", "alias/aws/secretsmanager"):
        asked = {"KeyId": alias, "KeySpec": "AES_256"}
        assert refusal(kms.generate_data_key, **asked)[0] == "AccessDeniedException"
        assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyManager"] == "AWS"


def test_old_material_opens_what_it_sealed(kms: Any) -> None:  # noqa: ANN401
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1


def test_a_dry_run_tells_what_would_be(kms: Any, strict: Strict) -> None:  # noqa: ANN401
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    asked = {"KeyId": key, "KeySpec": "AES_256", "DryRun": True}
    assert refusal(kms.generate_data_key, **asked)[0] == "DryRunOperationException"
    strict.control("deny", action="kms:GenerateDataKey*")
    code, message = refusal(kms.generate_data_key, **asked)
    assert code == "AccessDeniedException"
    assert f"key/{key}" in message


def test_roles_ask_for_their_external_id_and_a_code_once(strict: Strict) -> None:
    arn = "arn:aws:iam::333333333333:role/team/deploy"
    strict.control("role", arn=arn, external_id="outside", mfa_code="123456")
    sts = strict.client("sts")
    given = {"RoleArn": arn, "RoleSessionName": "me"}
    assert refusal(sts.assume_role, **given)[0] == "AccessDenied"
    given |= {"ExternalId": "outside", "SerialNumber": "arn:aws:iam::111111111111:mfa/ada"}
    assert refusal(sts.assume_role, **given, TokenCode="654321")[0] == "AccessDenied"
    session = sts.assume_role(**given, TokenCode="123456")["Credentials"]
    assert refusal(sts.assume_role, **given, TokenCode="123456")[0] == "AccessDenied"
    keys = {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }
    assert strict.client("sts", keys=keys).get_caller_identity()["Account"] == "333333333333"
    strict.control("clock", seconds=3601)
    assert refusal(strict.client("ssm", keys=keys).get_parameter, Name="x")[0] == "ExpiredTokenException"
    assert refusal(strict.client("sts", keys=keys).get_caller_identity)[0] == "ExpiredToken"


def test_an_unknown_access_key(strict: Strict) -> None:
    keys = {"aws_access_key_id": "AKIANOBODY", "aws_secret_access_key": "x"}
    assert (
        refusal(strict.client("ssm", keys=keys).get_parameter, Name="x")[0] == "UnrecognizedClientException"
    )
    assert refusal(strict.client("sts", keys=keys).get_caller_identity)[0] == "InvalidClientTokenId"
