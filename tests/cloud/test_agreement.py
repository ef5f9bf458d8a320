"""The same calls against moto and the strict fake: the same answers, where moto is right."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.handles import Endpoint, Moto, Strict

# what differs from server to server, or what moto does not tell
_LEFT_OUT = {
    "ResponseMetadata",
    "Selector",
    "NextToken",
    "LastModifiedUser",
    "LastAccessedDate",
    "LastUpdatedDate",
    "KmsKeyIds",
    "KeyMaterialId",
    "SourceKeyMaterialId",
    "DestinationKeyMaterialId",
    "CurrentKeyMaterialId",
    "KeyId",
    "EncryptionAlgorithm",
    "SourceEncryptionAlgorithm",
    "DestinationEncryptionAlgorithm",
    "SourceKeyId",
    "KeyArn",
    "CiphertextBlob",
    "UserId",
}


class Told:
    """Calls operations of a server and takes down what it answered."""

    def __init__(self, server: Endpoint) -> None:
        self.clients = {name: server.client(name) for name in ("ssm", "secretsmanager", "kms", "sts")}
        self.script: list[Any] = []

    def __call__(self, service: str, operation: str, **parameters: Any) -> Any:  # noqa: ANN401
        """One call; its answer, or the code of its refusal."""
        try:
            answer = getattr(self.clients[service], operation)(**parameters)
        except ClientError as error:
            answer = error.response["Error"]["Code"]
        self.script.append((operation, _plain(answer)))
        return answer

    def ssm(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401
        return self("ssm", operation, **parameters)

    def secrets(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401
        return self("secretsmanager", operation, **parameters)

    def kms(self, operation: str, **parameters: Any) -> Any:  # noqa: ANN401
        return self("kms", operation, **parameters)


def _plain(answer: Any) -> Any:  # noqa: ANN401
    if isinstance(answer, dict):
        kept = {name: _plain(value) for name, value in answer.items() if name not in _LEFT_OUT}
        return {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    if isinstance(answer, list) and answer:
        return [_plain(one) for one in (sorted(answer) if isinstance(answer[0], str) else answer)]
    if isinstance(answer, str):
        account = re.sub(r":\d{12}:", ":ACCOUNT:", answer)
        return re.sub(r"(:secret:[^:]+)-\w{6}$", r"\1-SUFFIX", account)
    return "moment" if hasattr(answer, "tzinfo") else answer


def versions_of_a_parameter(told: Told) -> None:
    told.ssm("put_parameter", Name="/shop/db", Value="1", Type="String", Description="first")
    told.ssm("put_parameter", Name="/shop/db", Value="2", Type="String")
    told.ssm("put_parameter", Name="/shop/db", Value="2", Overwrite=True)
    told.ssm("put_parameter", Name="/shop/db", Value="3", Overwrite=True, Description="third")
    told.ssm("get_parameter", Name="/shop/db")
    told.ssm("get_parameter", Name="/shop/db:2")
    told.ssm("get_parameter", Name="/shop/db:9")
    told.ssm("get_parameter", Name="/shop/none")
    told.ssm("get_parameters", Names=["/shop/db:1", "/shop/none"])
    history = told.ssm("get_parameter_history", Name="/shop/db")
    assert [one["Version"] for one in history["Parameters"]] == [1, 2, 3]
    told.ssm("delete_parameter", Name="/shop/db")
    told.ssm("delete_parameter", Name="/shop/db")
    told.ssm("put_parameter", Name="/shop/db", Value="anew", Type="String")


def names_that_are_refused(told: Told) -> None:
    for name in ("/aws/x", "awsome"):
        told.ssm("put_parameter", Name=name, Value="x", Type="String")
    told.ssm("put_parameter", Name="/shop/a", Value="x")


def labels_of_a_parameter(told: Told) -> None:
    for value in "123":
        told.ssm("put_parameter", Name="/p/q", Value=value, Type="String", Overwrite=True)
    told.ssm("label_parameter_version", Name="/p/q", Labels=["live", "1bad", "awsy"])
    told.ssm("label_parameter_version", Name="/p/q", ParameterVersion=2, Labels=["live", "old"])
    told.ssm("label_parameter_version", Name="/p/q", ParameterVersion=7, Labels=["x"])
    told.ssm("label_parameter_version", Name="/p/none", Labels=["x"])
    told.ssm("get_parameter", Name="/p/q:live")
    told.ssm("get_parameter_history", Name="/p/q")
    told.ssm("label_parameter_version", Name="/p/q", Labels=[f"l{n}" for n in range(6)])
    told.ssm("label_parameter_version", Name="/p/q", Labels=[f"m{n}" for n in range(5)])
    told.ssm("unlabel_parameter_version", Name="/p/q", ParameterVersion=2, Labels=["live", "absent"])
    told.ssm("unlabel_parameter_version", Name="/p/q", ParameterVersion=9, Labels=["live"])


def the_hundred_and_first_version(told: Told) -> None:
    for number in range(100):
        told.ssm("put_parameter", Name="full", Value=str(number), Type="String", Overwrite=True)
    told.ssm("put_parameter", Name="full", Value="more", Overwrite=True)
    told.ssm("get_parameter", Name="full:1")
    told.ssm("label_parameter_version", Name="full", ParameterVersion=2, Labels=["kept"])
    told.ssm("put_parameter", Name="full", Value="refused", Overwrite=True)
    told.ssm("label_parameter_version", Name="full", ParameterVersion=3, Labels=["kept"])
    told.ssm("put_parameter", Name="full", Value="goes", Overwrite=True)


def pages_of_a_path(told: Told) -> None:
    for number in range(23):
        told.ssm("put_parameter", Name=f"/many/n{number:02}", Value="x", Type="String")
    told.ssm("put_parameter", Name="/many/deep/er", Value="x", Type="SecureString")
    told.ssm("put_parameter", Name="/many", Value="itself", Type="String")
    told.ssm("put_parameter", Name="/manyfold/x", Value="x", Type="String")
    for recursive in (False, True):
        token: dict[str, Any] = {}
        names = []
        sizes = []
        while True:
            page = told.clients["ssm"].get_parameters_by_path(Path="/many", Recursive=recursive, **token)
            names += [one["Name"] for one in page["Parameters"]]
            sizes.append(len(page["Parameters"]))
            if "NextToken" not in page:
                break
            token = {"NextToken": page["NextToken"]}
        assert sum(sizes) == 23 + recursive
        assert len(set(names)) == len(names)
        told.script.append((sizes, sorted(names)))


def filters_of_parameters(told: Told) -> None:
    told.ssm("put_parameter", Name="/a/one", Value="x", Type="String", Tags=[{"Key": "team", "Value": "red"}])
    told.ssm("put_parameter", Name="/a/b/two", Value="x", Type="SecureString")
    told.ssm("put_parameter", Name="/c/three", Value="x,y", Type="StringList", Tier="Advanced")
    asked: list[dict[str, Any]] = [
        {"Key": "Path", "Option": "Recursive", "Values": ["/a"]},
        {"Key": "Path", "Option": "OneLevel", "Values": ["/a"]},
        {"Key": "Path", "Values": ["/a"]},
        {"Key": "Path", "Option": "BeginsWith", "Values": ["/a"]},
        {"Key": "Name", "Values": ["/a/one"]},
        {"Key": "Name", "Option": "BeginsWith", "Values": ["/a/"]},
        {"Key": "Name", "Option": "Contains", "Values": ["thr"]},
        {"Key": "Type", "Values": ["SecureString", "StringList"]},
        {"Key": "tag:team", "Values": ["red"]},
        {"Key": "KeyId", "Values": ["alias/aws/ssm"]},
        {"Key": "Label", "Values": ["x"]},
        {"Key": "Path", "Option": "Recursive", "Values": ["/ssm"]},
    ]
    for filters in [*([one] for one in asked), [asked[0], asked[7]]]:
        try:
            found = told.clients["ssm"].describe_parameters(ParameterFilters=filters)["Parameters"]
            told.script.append((filters, sorted(one["Name"] for one in found)))
        except ClientError as error:
            told.script.append((filters, error.response["Error"]["Code"]))


def tags_of_a_parameter(told: Told) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    told.ssm("put_parameter", Name="/t/x", Value="x", Type="String", Tags=tags)
    told.ssm("put_parameter", Name="/t/x", Value="y", Type="String", Tags=tags, Overwrite=True)
    where = {"ResourceType": "Parameter", "ResourceId": "/t/x"}
    told.ssm("list_tags_for_resource", **where)
    told.ssm("add_tags_to_resource", Tags=[{"Key": "b", "Value": "3"}], **where)
    told.ssm("remove_tags_from_resource", TagKeys=["a", "absent"], **where)
    told.ssm("list_tags_for_resource", **where)
    told.ssm("list_tags_for_resource", ResourceType="Parameter", ResourceId="/t/none")


def deleting_many(told: Told) -> None:
    for name in ("/d/1", "/d/2"):
        told.ssm("put_parameter", Name=name, Value="x", Type="String")
    told.ssm("delete_parameters", Names=["/d/1", "/d/2", "/d/3"])


_TOKENS = [f"{number:08}-0000-4000-8000-000000000000" for number in range(5)]


def stages_of_a_secret(told: Told) -> None:
    told.secrets("create_secret", Name="s", SecretString="1", ClientRequestToken=_TOKENS[0])
    told.secrets("create_secret", Name="s", SecretString="2", ClientRequestToken=_TOKENS[1])
    told.secrets("put_secret_value", SecretId="s", SecretString="2", ClientRequestToken=_TOKENS[1])
    told.secrets("get_secret_value", SecretId="s")
    told.secrets("get_secret_value", SecretId="s", VersionStage="AWSPREVIOUS")
    told.secrets("get_secret_value", SecretId="s", VersionStage="none")
    told.secrets("get_secret_value", SecretId="s", VersionId=_TOKENS[0])
    told.secrets("get_secret_value", SecretId="none")
    told.secrets(
        "put_secret_value",
        SecretId="s",
        SecretBinary=b"\x00\xff",
        ClientRequestToken=_TOKENS[2],
        VersionStages=["mine"],
    )
    told.secrets("get_secret_value", SecretId="s", VersionStage="mine")
    told.secrets("get_secret_value", SecretId="s")
    told.secrets("describe_secret", SecretId="s")
    versions = told.clients["secretsmanager"].list_secret_version_ids(SecretId="s")["Versions"]
    told.script.append(_plain(versions))


def moving_a_stage_is_a_compare_and_swap(told: Told) -> None:
    told.secrets("create_secret", Name="s", SecretString="1", ClientRequestToken=_TOKENS[0])
    told.secrets("put_secret_value", SecretId="s", SecretString="2", ClientRequestToken=_TOKENS[1])
    told.secrets(
        "put_secret_value",
        SecretId="s",
        SecretString="3",
        ClientRequestToken=_TOKENS[2],
        VersionStages=["mine"],
    )
    move = {"SecretId": "s", "VersionStage": "AWSCURRENT", "MoveToVersionId": _TOKENS[2]}
    told.secrets("update_secret_version_stage", **move)
    told.secrets("update_secret_version_stage", **move, RemoveFromVersionId=_TOKENS[0])
    told.secrets("update_secret_version_stage", **move, RemoveFromVersionId=_TOKENS[1])
    told.secrets("get_secret_value", SecretId="s", VersionStage="AWSCURRENT")


def deleting_and_restoring_a_secret(told: Told) -> None:
    told.secrets("create_secret", Name="s", SecretString="1", ClientRequestToken=_TOKENS[0])
    told.secrets("delete_secret", SecretId="s", RecoveryWindowInDays=3)
    told.secrets("delete_secret", SecretId="s", RecoveryWindowInDays=7, ForceDeleteWithoutRecovery=True)
    told.secrets("delete_secret", SecretId="s", RecoveryWindowInDays=7)
    told.secrets("get_secret_value", SecretId="s")
    told.secrets("list_secrets")
    assert len(told.secrets("list_secrets", IncludePlannedDeletion=True)["SecretList"]) == 1
    told.secrets("restore_secret", SecretId="s")
    told.secrets("get_secret_value", SecretId="s")
    told.secrets("delete_secret", SecretId="s", ForceDeleteWithoutRecovery=True)
    told.secrets("describe_secret", SecretId="s")


def many_secrets(told: Told) -> None:
    for number in range(7):
        tags = [{"Key": "team", "Value": "red" if number % 2 else "blue"}]
        told.secrets(
            "create_secret",
            Name=f"shop/{number}",
            SecretString=str(number),
            Description=f"number {number}",
            Tags=tags,
            ClientRequestToken=f"{number:032}",
        )
    told.secrets("list_secrets", Filters=[{"Key": "name", "Values": ["shop/3", "shop/5"]}])
    told.secrets("list_secrets", Filters=[{"Key": "name", "Values": ["op/"]}])
    told.secrets("list_secrets", Filters=[{"Key": "tag-value", "Values": ["red"]}])
    first = told.secrets("list_secrets", MaxResults=5)
    told.secrets("list_secrets", MaxResults=5, NextToken=first["NextToken"])
    told.secrets("batch_get_secret_value", SecretIdList=["shop/1", "shop/none", "shop/2"])
    told.secrets("tag_resource", SecretId="shop/1", Tags=[{"Key": "more", "Value": "x"}])
    told.secrets("untag_resource", SecretId="shop/1", TagKeys=["team", "absent"])
    told.secrets("describe_secret", SecretId="shop/1")


def keys_and_contexts(told: Told) -> None:
    key, other = (told.clients["kms"].create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    told.kms("create_alias", AliasName="alias/mine", TargetKeyId=key)
    told.kms("create_alias", AliasName="alias/mine", TargetKeyId=key)
    told.kms("create_alias", AliasName="mine", TargetKeyId=key)
    context = {"vault": "1"}
    blob = told.kms("encrypt", KeyId="alias/mine", Plaintext=b"text", EncryptionContext=context)
    blob = blob["CiphertextBlob"]
    told.kms("decrypt", CiphertextBlob=blob, EncryptionContext=context)
    told.kms("decrypt", CiphertextBlob=blob)
    told.kms("decrypt", CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), EncryptionContext=context)
    moved = told.kms(
        "re_encrypt", CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=other
    )
    told.kms("decrypt", CiphertextBlob=moved["CiphertextBlob"])
    data = told.clients["kms"].generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=context)
    opened = told.clients["kms"].decrypt(CiphertextBlob=data["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == data["Plaintext"]
    told.kms("encrypt", KeyId="alias/none", Plaintext=b"text")
    told.clients["kms"].schedule_key_deletion(KeyId=other, PendingWindowInDays=7)
    assert told.clients["kms"].describe_key(KeyId=other)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    told.kms("cancel_key_deletion", KeyId=other)
    assert told.clients["kms"].describe_key(KeyId=other)["KeyMetadata"]["KeyState"] == "Disabled"


SCRIPTS = [
    versions_of_a_parameter,
    names_that_are_refused,
    labels_of_a_parameter,
    the_hundred_and_first_version,
    pages_of_a_path,
    filters_of_parameters,
    tags_of_a_parameter,
    deleting_many,
    stages_of_a_secret,
    moving_a_stage_is_a_compare_and_swap,
    deleting_and_restoring_a_secret,
    many_secrets,
    keys_and_contexts,
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_both_answer_the_same(moto: Moto, strict: Strict, script: Callable[[Told], None]) -> None:
    theirs, ours = Told(moto), Told(strict)
    script(theirs)
    script(ours)
    for number, (one, other) in enumerate(zip(theirs.script, ours.script, strict=True)):
        assert other == one, f"call {number}"
