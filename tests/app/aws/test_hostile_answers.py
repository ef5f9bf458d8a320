"""Services that answer what AWS never would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from app.aws.pages import MAX_PAGES, pages
from app.aws.parameter_store import ParameterStore
from app.aws.secrets_manager import SecretsManager
from app.errors import AwsGarbled, AwsMissing, AwsRefused, AwsSignIn, AwsUnanswered
from app.ports import Facts, Fetched, Push, Sighting, Unreadable
from tests.app.aws.callers import Scripted
from vault.records import Tier, ValueType
from vault.secret import Secret

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
ROW: dict[str, Any] = {"Name": "/shop/a", "Type": "String", "Version": 3, "LastModifiedDate": NOW}
TOKEN = "8a5c2f0e-0000-4000-8000-000000000001"
BEFORE = "8a5c2f0e-0000-4000-8000-000000000000"
ENTRY: dict[str, Any] = {
    "Name": "shop/a",
    "ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/a-AbCdEf",
    "SecretVersionsToStages": {BEFORE: ["AWSCURRENT", "strongroom/0a0b0c0d"]},
    "LastChangedDate": NOW,
}
PUSH = Push("shop/a", Secret(b"ours"), TOKEN, Facts(None))
SEEN = Sighting("shop/a", BEFORE, "", None, "", Facts(None))

NAMELESS = [
    None,
    "a text",
    {},
    ROW | {"Name": None},
    ROW | {"Name": 7},
    ROW | {"Name": ""},
    ROW | {"Name": "/shop/\x1b[2J"},
    ROW | {"Name": "/shop/line\nline"},
    ROW | {"Name": "/shop/\u202e"},
    ROW | {"Name": "/shop/\ud800"},
    ROW | {"Name": "/shop/" + "x" * 10_000_000},
]
SPOILT = [
    {"Version": None},
    {"Version": 0},
    {"Version": -1},
    {"Version": "3"},
    {"Version": 3.5},
    {"Version": True},
    {"Version": 2**63},
    {"Type": "SecretString"},
    {"Type": None},
    {"Type": ["String"]},
    {"Tier": "Gold"},
    {"LastModifiedDate": "yesterday"},
    {"LastModifiedDate": datetime(2026, 1, 1)},  # noqa: DTZ001
    {"Description": "x" * 10_000_000},
    {"Description": {"a": 1}},
    {"AllowedPattern": 5},
    {"Policies": "[]"},
    {"Policies": [{"PolicyText": "{"}]},
    {"Policies": [{"PolicyText": '{"Type":"Explosion","Version":"1.0","Attributes":{}}'}]},
    {"Policies": [{}] * 11},
    {"DataType": "\ud800"},
]


@pytest.mark.parametrize("row", NAMELESS)
def test_a_parameter_row_without_a_good_name_is_told_beside_the_good_ones(row: object) -> None:
    caller = Scripted(DescribeParameters=[{"Parameters": [row, ROW]}])
    (found,) = ParameterStore(caller, "/shop").listing()
    assert isinstance(found[0], Unreadable)
    assert found[0].name == ""
    assert isinstance(found[0].error, AwsGarbled)
    assert len(str(found[0].error)) < 400
    assert str(found[0].error).isprintable()
    assert isinstance(found[1], Sighting)


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_spoilt_parameter_row_keeps_its_name(spoilt: dict[str, Any]) -> None:
    caller = Scripted(DescribeParameters=[{"Parameters": [ROW | spoilt, ROW | {"Name": "/shop/b"}]}])
    (found,) = ParameterStore(caller, "/shop").listing()
    assert [(type(one).__name__, one.name) for one in found] == [
        ("Unreadable", "/shop/a"),
        ("Sighting", "/shop/b"),
    ]


def test_names_with_dots_are_names_and_other_zones_are_moments() -> None:
    there = timezone(timedelta(hours=-5))
    row = ROW | {"Name": "/shop/../x", "LastModifiedDate": NOW.astimezone(there)}
    caller = Scripted(DescribeParameters=[{"Parameters": [row]}])
    (found,) = ParameterStore(caller, "/shop").listing()
    assert isinstance(found[0], Sighting)
    assert (found[0].name, found[0].modified_at) == ("/shop/../x", NOW)


@pytest.mark.parametrize(
    "answer", [{}, {"Parameters": None}, {"Parameters": {}}, {"Parameters": "x"}, {"Parameters": [ROW] * 51}]
)
def test_an_answer_without_its_list_is_never_an_empty_listing(answer: dict[str, Any]) -> None:
    with pytest.raises(AwsGarbled):
        list(ParameterStore(Scripted(DescribeParameters=[answer]), "/shop").listing())
    with pytest.raises(AwsGarbled):
        list(SecretsManager(Scripted(ListSecrets=[answer]), "shop").listing())
    with pytest.raises(AwsGarbled):
        ParameterStore(Scripted(GetParameterHistory=[answer]), "/shop").history("/shop/a", with_values=False)
    with pytest.raises(AwsGarbled):
        SecretsManager(Scripted(ListSecretVersionIds=[answer]), "shop").history("shop/a", with_values=False)


@pytest.mark.parametrize("tokens", [["a"] * 12, ["a", "b", "c"] * 12, [7], [{}], ["x" * 100_000]])
def test_tokens_that_lead_nowhere_end(tokens: list[Any]) -> None:
    answers = [{"Parameters": [], "NextToken": token} for token in tokens]
    with pytest.raises(AwsGarbled):
        list(pages(Scripted(DescribeParameters=answers), "DescribeParameters"))


def test_a_listing_without_an_end_ends() -> None:
    class Endless:
        region = "eu-west-1"
        ahead = timedelta()
        asked = 0

        def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
            self.asked += 1
            return {"NextToken": str(self.asked)}

    caller = Endless()
    with pytest.raises(AwsGarbled):
        for _ in pages(caller, "ListSecrets"):
            pass
    assert caller.asked == MAX_PAGES


def test_an_entry_that_moves_between_pages_does_no_harm() -> None:
    answers = [
        {"Parameters": [ROW], "NextToken": "n"},
        {"Parameters": [ROW | {"Version": 4}], "NextToken": ""},
    ]
    found = list(ParameterStore(Scripted(DescribeParameters=answers), "/").listing())
    assert [[one.version for one in page if isinstance(one, Sighting)] for page in found] == [["3"], ["4"]]


VALUE = ROW | {"Value": "wert"}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"Parameters": [VALUE], "InvalidParameters": ["/shop/b"]}, ["Fetched /shop/a"]),
        ({"Parameters": [VALUE]}, ["Fetched /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [VALUE, VALUE | {"Name": "/evil"}]}, ["Fetched /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [VALUE, VALUE]}, ["Unreadable /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [None, VALUE]}, ["Fetched /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [ROW]}, ["Unreadable /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [VALUE | {"Value": "x" * 65_536}]}, ["Unreadable /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [VALUE | {"Value": "\ud800"}]}, ["Unreadable /shop/a", "Unreadable /shop/b"]),
        ({"Parameters": [VALUE | {"Value": b"wert"}]}, ["Unreadable /shop/a", "Unreadable /shop/b"]),
    ],
)
def test_values_of_parameters_are_never_mixed_up(answer: dict[str, Any], told: list[str]) -> None:
    found = ParameterStore(Scripted(GetParameters=[answer]), "/shop").values(["/shop/a", "/shop/b"])
    assert [f"{type(one).__name__} {one.name}" for one in found] == told
    assert not any("wert" in repr(one) for one in found)


def test_an_error_of_a_row_keeps_no_value_alive() -> None:
    answer = {"Parameters": [VALUE | {"Version": "none"}], "InvalidParameters": []}
    (found,) = ParameterStore(Scripted(GetParameters=[answer]), "/shop").values(["/shop/a"])
    assert isinstance(found, Unreadable)
    assert found.error.__traceback__ is None
    assert found.error.__context__ is None


@pytest.mark.parametrize("written", [{}, {"Version": "4"}, {"Version": 0}, {"Version": None}])
def test_a_write_that_is_answered_by_nonsense_may_have_happened(written: dict[str, Any]) -> None:
    store = ParameterStore(Scripted(PutParameter=[written, written]), "/shop")
    push = Push("/shop/a", Secret(b"ours"), "", Facts(ValueType.STRING, Tier.STANDARD))
    with pytest.raises(AwsUnanswered):
        store.create(push)
    with pytest.raises(AwsUnanswered):
        store.overwrite(push, Sighting("/shop/a", "3", "", None, "", push.facts))


@pytest.mark.parametrize(
    "row", [None, {}, ENTRY | {"Name": "shop/\x00"}, ENTRY | {"Name": "shop/ä"}, ENTRY | {"Name": "x" * 513}]
)
def test_a_secret_row_without_a_good_name_is_told_beside_the_good_ones(row: object) -> None:
    (found,) = SecretsManager(Scripted(ListSecrets=[{"SecretList": [row, ENTRY]}]), "shop").listing()
    assert [(type(one).__name__, one.name) for one in found] == [("Unreadable", ""), ("Sighting", "shop/a")]


@pytest.mark.parametrize(
    "spoilt",
    [
        {"ARN": "arn with blanks"},
        {"ARN": 7},
        {"SecretVersionsToStages": []},
        {"SecretVersionsToStages": {"v1": "AWSCURRENT"}},
        {"SecretVersionsToStages": {"v1": ["AWSCURRENT"], "v2": ["AWSCURRENT"]}},
        {"SecretVersionsToStages": {"v1": ["x" * 257]}},
        {"SecretVersionsToStages": {"v 1": ["AWSCURRENT"]}},
        {"SecretVersionsToStages": {"v" * 65: ["AWSCURRENT"]}},
        {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
        {"Tags": "none"},
        {"KmsKeyId": "\x00"},
        {"Description": "x" * 2049},
        {"LastChangedDate": 5},
        {"OwningService": "rds\n"},
    ],
)
def test_a_spoilt_secret_row_keeps_its_name(spoilt: dict[str, Any]) -> None:
    (found,) = SecretsManager(Scripted(ListSecrets=[{"SecretList": [ENTRY | spoilt]}]), "shop").listing()
    assert [(type(one).__name__, one.name) for one in found] == [("Unreadable", "shop/a")]


GIVEN: dict[str, Any] = {"Name": "shop/a", "VersionId": BEFORE, "SecretString": "wert"} | {
    "VersionStages": ["AWSCURRENT"]
}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"SecretValues": [GIVEN]}, ["Fetched shop/a", "Unreadable shop/b"]),
        ({"SecretValues": [GIVEN, GIVEN]}, ["Unreadable shop/a", "Unreadable shop/b"]),
        ({"SecretValues": [GIVEN | {"Name": "x"}]}, ["Unreadable shop/a", "Unreadable shop/b"]),
        ({"SecretValues": [GIVEN | {"SecretBinary": b"x"}]}, ["Unreadable shop/a", "Unreadable shop/b"]),
        ({"SecretValues": [GIVEN | {"SecretString": None}]}, ["Unreadable shop/a", "Unreadable shop/b"]),
        ({"SecretValues": [GIVEN | {"VersionId": ""}]}, ["Unreadable shop/a", "Unreadable shop/b"]),
        (
            {
                "SecretValues": [GIVEN],
                "Errors": [{"SecretId": "shop/b", "ErrorCode": "DecryptionFailure", "Message": "no\x1bkey"}],
            },
            ["Fetched shop/a", "Unreadable shop/b"],
        ),
        (
            {
                "SecretValues": [GIVEN],
                "Errors": [{"SecretId": "shop/b", "ErrorCode": "ResourceNotFoundException"}],
            },
            ["Fetched shop/a"],
        ),
    ],
)
def test_values_of_secrets_are_never_mixed_up(answer: dict[str, Any], told: list[str]) -> None:
    found = SecretsManager(Scripted(BatchGetSecretValue=[answer]), "shop").values(["shop/a", "shop/b"])
    assert [f"{type(one).__name__} {one.name}" for one in found] == told
    assert all(str(one.error).isprintable() for one in found if isinstance(one, Unreadable))


def test_a_batch_that_leaves_some_for_later_is_asked_again() -> None:
    second = GIVEN | {"Name": "shop/b"}
    caller = Scripted(
        BatchGetSecretValue=[{"SecretValues": [GIVEN], "NextToken": "n"}, {"SecretValues": [second]}]
    )
    found = SecretsManager(caller, "shop").values(["shop/a", "shop/b"])
    assert [type(one) for one in found] == [Fetched, Fetched]
    assert caller.said("BatchGetSecretValue")[1] == {"SecretIdList": ["shop/b"]}


def test_a_put_that_answers_another_version_may_have_happened() -> None:
    store = SecretsManager(Scripted(PutSecretValue=[{"VersionId": BEFORE, "VersionStages": []}]), "shop")
    with pytest.raises(AwsUnanswered):
        store.overwrite(PUSH, SEEN)


def test_another_secret_than_was_asked_for_is_none() -> None:
    store = SecretsManager(Scripted(DescribeSecret=[ENTRY | {"Name": "shop/b"}]), "shop")
    with pytest.raises(AwsGarbled):
        store.look("shop/a")
    other = GIVEN | {"VersionId": TOKEN}
    with pytest.raises(AwsGarbled):
        SecretsManager(Scripted(GetSecretValue=[other]), "shop").version("shop/a", BEFORE)
    with pytest.raises(AwsGarbled):
        ParameterStore(Scripted(GetParameter=[{"Parameter": VALUE}]), "/").version("/shop/a", "2")


def test_a_version_that_goes_while_the_history_is_read_is_left_out() -> None:
    rows = [{"VersionId": BEFORE, "CreatedDate": NOW}, {"VersionId": TOKEN, "CreatedDate": NOW}]
    given = GIVEN | {"VersionId": TOKEN}
    caller = Scripted(ListSecretVersionIds=[{"Versions": rows}], GetSecretValue=[AwsMissing("gone"), given])
    found = SecretsManager(caller, "shop").history("shop/a", with_values=True)
    assert [(type(one), one.version) for one in found] == [(Fetched, TOKEN)]


def test_one_version_that_is_spoilt_does_not_hide_the_history() -> None:
    spoilt: list[dict[str, Any]] = [
        {"Version": 4, "Type": 7},
        {"Version": 5, "Name": "/evil"},
        {"Version": -1},
    ]
    rows = [VALUE, *(VALUE | one for one in spoilt)]
    store = ParameterStore(Scripted(GetParameterHistory=[{"Parameters": rows}]), "/shop")
    found = store.history("/shop/a", with_values=True)
    assert [(type(one).__name__, one.name, one.version) for one in found] == [
        ("Unreadable", "/shop/a", ""),
        ("Fetched", "/shop/a", "3"),
        ("Unreadable", "/shop/a", "4"),
        ("Unreadable", "/shop/a", "5"),
    ]
    versions = [{"VersionId": BEFORE, "CreatedDate": NOW}, {"VersionId": 7}, None]
    secrets = SecretsManager(Scripted(ListSecretVersionIds=[{"Versions": versions}]), "shop")
    told = secrets.history("shop/a", with_values=False)
    assert [(type(one).__name__, one.name) for one in told] == [
        ("Unreadable", "shop/a"),
        ("Fetched", "shop/a"),
    ]


def test_a_history_that_cannot_be_decrypted_is_opened_version_by_version() -> None:
    refused = AwsRefused("no such key", "InvalidKeyId")
    caller = Scripted(
        GetParameterHistory=[refused, {"Parameters": [ROW | {"Version": number} for number in (1, 2, 3)]}],
        GetParameter=[
            {"Parameter": VALUE | {"Version": 1}},
            AwsMissing("gone"),
            AwsRefused("no such key", "InvalidKeyId"),
        ],
    )
    found = ParameterStore(caller, "/shop").history("/shop/a", with_values=True)
    assert [(type(one).__name__, one.version) for one in found] == [("Fetched", "1"), ("Unreadable", "3")]


@pytest.mark.parametrize("answer", [{}, {"Account": "1", "Arn": "arn:x"}, {"Account": "1" * 12, "Arn": "\n"}])
def test_an_identity_that_is_none(answer: dict[str, Any]) -> None:
    with pytest.raises(AwsGarbled):
        ParameterStore(Scripted(), "/", sts=Scripted(GetCallerIdentity=[answer])).identity()


def test_without_sts_nobody_knows_who_signs_in() -> None:
    with pytest.raises(AwsSignIn):
        SecretsManager(Scripted(), "").identity()
