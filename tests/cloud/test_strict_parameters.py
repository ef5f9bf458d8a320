"""Rules of Parameter Store that moto does not keep. Reference section 1."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.handles import ACCOUNT, GRACE, REGION

if TYPE_CHECKING:
    from tests.cloud.handles import Strict

LEVELS = [f"l{number}" for number in range(1, 17)]


@pytest.fixture
def ssm(strict: Strict) -> Any:  # noqa: ANN401
    return strict.client("ssm")


def refusal(call: Any, **parameters: Any) -> tuple[str, str]:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = caught.value.response["Error"]
    return error["Code"], error.get("Message", "")


def put(ssm: Any, name: str = "/a/b", value: str = "x", **more: Any) -> int:  # noqa: ANN401
    given = {"Type": "String"} | ({} if "Tags" in more else {"Overwrite": True}) | more
    version: int = ssm.put_parameter(Name=name, Value=value, **given)["Version"]
    return version


def expiration(timestamp: str) -> str:
    one = {"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": timestamp}}
    return json.dumps([one])


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"Name": "/" + "/".join(LEVELS[:16])}, "HierarchyLevelLimitExceededException"),
        ({"Name": "a/b"}, "ValidationException"),
        ({"Name": "/a b"}, "ValidationException"),
        ({"Name": "/a/"}, "ValidationException"),
        ({"Name": "/a//b"}, "ValidationException"),
        ({"Name": "/ä"}, "ValidationException"),
        ({"Name": "/" + "n" * 1000}, "ValidationException"),
        ({"Name": "/AWS/x"}, "ValidationException"),
        ({"Value": "x" * 4097}, "ValidationException"),
        ({"Value": "ä" * 2049}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Advanced"}, "ValidationException"),
        ({"Value": "x" * 8193, "Tier": "Intelligent-Tiering"}, "ValidationException"),
        ({"Value": "a {{ssm:b}} c"}, "ValidationException"),
        ({"Tier": "Huge"}, "ValidationException"),
        ({"Description": "x" * 1025}, "ValidationException"),
        ({"AllowedPattern": "(["}, "InvalidAllowedPatternException"),
        ({"AllowedPattern": r"^\d+$"}, "ParameterPatternMismatchException"),
        ({"DataType": "wrong"}, "ValidationException"),
        ({"DataType": "integer"}, "ValidationException"),
        ({"DataType": "json", "Value": "{}"}, "ValidationException"),
        ({"Type": "SecureString", "KeyId": "alias/none"}, "InvalidKeyId"),
        ({"KeyId": "alias/aws/ssm"}, "ValidationException"),
        ({"Policies": expiration("2030-01-01T00:00:00Z")}, "ValidationException"),
        ({"Policies": expiration("soon"), "Tier": "Advanced"}, "InvalidPolicyAttributeException"),
        ({"Policies": '[{"Type": "Other"}]', "Tier": "Advanced"}, "InvalidPolicyTypeException"),
        ({"Policies": "nonsense", "Tier": "Advanced"}, "ValidationException"),
    ],
)
def test_a_put_is_refused(ssm: Any, parameters: dict[str, Any], code: str) -> None:  # noqa: ANN401
    given = {"Name": "/a/b", "Value": "x", "Type": "String"} | parameters
    assert refusal(ssm.put_parameter, **given)[0] == code


def test_values_and_names_at_their_limits_fit(ssm: Any) -> None:  # noqa: ANN401
    assert put(ssm, "/" + "/".join(LEVELS[:15])) == 1
    assert put(ssm, value="ä" * 2048) == 1
    assert put(ssm, "/c", "x" * 8192, Tier="Advanced") == 1
    prefix = len(f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/")
    assert put(ssm, "/" + "n" * (1011 - prefix)) == 1


def test_two_expirations_are_incompatible_and_eleven_policies_too_many(ssm: Any) -> None:  # noqa: ANN401
    one = json.loads(expiration("2030-01-01T00:00:00Z"))
    given = {"Name": "x", "Value": "x", "Type": "String", "Tier": "Advanced"}
    assert (
        refusal(ssm.put_parameter, **given, Policies=json.dumps(one * 2))[0] == "IncompatiblePolicyException"
    )
    code = refusal(ssm.put_parameter, **given, Policies=json.dumps(one * 11))[0]
    assert code == "PoliciesLimitExceededException"


def test_a_tier_goes_up_and_never_down(ssm: Any) -> None:  # noqa: ANN401
    answer = ssm.put_parameter(Name="i", Value="x" * 4097, Type="String", Tier="Intelligent-Tiering")
    assert answer["Tier"] == "Advanced"
    code, message = refusal(ssm.put_parameter, Name="i", Value="x", Tier="Standard", Overwrite=True)
    assert (code, "downgrade" in message) == ("ValidationException", True)
    assert ssm.put_parameter(Name="i", Value="x", Overwrite=True)["Tier"] == "Advanced"


def test_the_type_stays(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    put(ssm)
    given = {"Name": "/a/b", "Value": "x", "Type": "SecureString", "Overwrite": True}
    assert refusal(ssm.put_parameter, **given)[0] == "HierarchyTypeMismatchException"
    strict.control("switch", type_changes=True)
    assert ssm.put_parameter(**given)["Version"] == 2


def test_policies_stay_until_they_are_cleared_and_expire_by_the_clock(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    put(ssm, "/t/x", Tier="Advanced", Policies=expiration("2099-01-01T00:00:00Z"))
    put(ssm, "/t/x", "y")
    shown = ssm.describe_parameters()["Parameters"][0]["Policies"]
    assert [one["PolicyType"] for one in shown] == ["Expiration"]
    put(ssm, "/t/x", "z", Policies="[{}]")
    assert ssm.describe_parameters()["Parameters"][0]["Policies"] == []
    put(ssm, "/t/gone", Tier="Advanced", Policies=expiration("2099-01-01T00:00:00Z"))
    strict.control("clock", seconds=80 * 366 * 86_400)
    assert refusal(ssm.get_parameter, Name="/t/gone")[0] == "ParameterNotFound"
    assert [one["Name"] for one in ssm.describe_parameters()["Parameters"]] == ["/t/x"]


def test_one_level_names_are_one_with_and_without_slash(ssm: Any) -> None:  # noqa: ANN401
    assert [put(ssm, "foo"), put(ssm, "/foo")] == [1, 2]
    assert ssm.get_parameter(Name="/foo")["Parameter"]["ARN"].endswith(":parameter/foo")
    ssm.delete_parameter(Name="foo")
    assert ssm.describe_parameters()["Parameters"] == []


def test_selectors_are_echoed_and_arns_are_names(ssm: Any) -> None:  # noqa: ANN401
    put(ssm)
    found = ssm.get_parameter(Name="/a/b:1")["Parameter"]
    assert found["Selector"] == ":1"
    assert ssm.get_parameter(Name=f"{found['ARN']}:1")["Parameter"]["Value"] == "x"
    assert refusal(ssm.get_parameter, Name="/a/b:live")[0] == "ParameterVersionNotFound"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_parameters", {"Names": [f"n{number}" for number in range(11)]}),
        ("delete_parameters", {"Names": [f"n{number}" for number in range(11)]}),
        ("get_parameters_by_path", {"Path": "/", "MaxResults": 11}),
        ("get_parameters_by_path", {"Path": "a"}),
        ("describe_parameters", {"MaxResults": 51}),
        ("get_parameter_history", {"Name": "/a/b", "MaxResults": 51}),
    ],
)
def test_pages_and_batches_have_their_limits(
    ssm: Any,  # noqa: ANN401
    operation: str,
    parameters: dict[str, Any],
) -> None:
    assert refusal(getattr(ssm, operation), **parameters)[0] == "ValidationException"


def test_the_ciphertext_of_a_secure_string_opens_with_kms_alone(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    import base64

    key = strict.client("kms").create_key()["KeyMetadata"]["KeyId"]
    put(ssm, value="hidden", Type="SecureString", KeyId=key)
    shown = ssm.get_parameter(Name="/a/b")["Parameter"]
    context = {"PARAMETER_ARN": shown["ARN"]}
    blob = base64.b64decode(shown["Value"])
    opened = strict.client("kms").decrypt(CiphertextBlob=blob, EncryptionContext=context)
    assert opened["Plaintext"] == b"hidden"


def test_a_disabled_key_closes_its_parameters(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    kms = strict.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put(ssm, Type="SecureString", KeyId=key)
    kms.disable_key(KeyId=key)
    code, message = refusal(ssm.get_parameter, Name="/a/b", WithDecryption=True)
    assert (code, "is disabled" in message) == ("InvalidKeyId", True)
    assert ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] != "x"


def test_pages_may_be_empty_and_tokens_belong_to_their_question(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    strict.fill(parameters=25, prefix="/shop")
    strict.control("switch", empty_pages=2)
    pages = list(ssm.get_paginator("get_parameters_by_path").paginate(Path="/shop", Recursive=True))
    assert [len(page["Parameters"]) for page in pages] == [10, 0, 10, 0, 5]
    token = pages[0]["NextToken"]
    asked = {"Path": "/other", "Recursive": True, "NextToken": token}
    assert refusal(ssm.get_parameters_by_path, **asked)[0] == "InvalidNextToken"


def test_pages_go_on_where_they_ended_whatever_changes(ssm: Any) -> None:  # noqa: ANN401
    for number in range(20):
        put(ssm, f"/p/{number:02}")
    first = ssm.get_parameters_by_path(Path="/p")
    ssm.delete_parameters(Names=["/p/09", "/p/00"])
    put(ssm, "/p/055")
    rest = ssm.get_parameters_by_path(Path="/p", NextToken=first["NextToken"])
    assert [one["Name"] for one in rest["Parameters"]] == [f"/p/{number}" for number in range(10, 20)]


def test_listings_may_lag_behind(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    put(ssm, "/p/old", "1")
    put(ssm, "/p/gone")
    strict.control("late", seconds=30)
    put(ssm, "/p/old", "2")
    put(ssm, "/p/new")
    ssm.delete_parameter(Name="/p/gone")

    def listed() -> dict[str, int]:
        page = ssm.get_parameters_by_path(Path="/p")["Parameters"]
        return {one["Name"]: one["Version"] for one in page}

    assert listed() == {"/p/gone": 1, "/p/old": 1}
    assert ssm.get_parameter(Name="/p/old")["Parameter"]["Version"] == 2
    strict.control("clock", seconds=31)
    assert listed() == {"/p/new": 1, "/p/old": 2}


def test_a_second_writer_strikes_before_and_after(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    put(ssm)
    theirs = {"Name": "/a/b", "Value": "theirs", "Overwrite": True}
    strict.strike("ssm:PutParameter", ("PutParameter", theirs), number=2)
    strict.strike("ssm:GetParameter", ("DeleteParameter", {"Name": "/a/b"}), when="after")
    assert [put(ssm), put(ssm)] == [2, 4]
    history = ssm.get_parameter_history(Name="/a/b")["Parameters"]
    assert [one["LastModifiedUser"].rpartition("/")[2] for one in history] == ["ada", "ada", "grace", "ada"]
    ssm.get_parameter(Name="/a/b")
    assert refusal(ssm.get_parameter, Name="/a/b")[0] == "ParameterNotFound"
    assert strict.control("struck") == {"waiting": 0, "refused": []}


def test_what_is_denied_is_worded_as_iam_does(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    put(ssm)
    strict.control("deny", action="ssm:Get*", resource="*:parameter/a/*", access_key="AKIASTRICTADA*")
    code, message = refusal(ssm.get_parameter, Name="/a/b")
    assert code == "AccessDeniedException"
    assert message.startswith(
        f"User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: ssm:GetPar"
    )
    assert strict.do("ssm", "GetParameter", Name="/a/b")["Parameter"]["Value"] == "x"
    strict.control("allow")
    assert ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] == "x"


def test_accounts_and_regions_are_apart(ssm: Any, strict: Strict) -> None:  # noqa: ANN401
    put(ssm)
    for client in (strict.client("ssm", "linus"), strict.client("ssm", region="us-east-1")):
        assert client.describe_parameters()["Parameters"] == []
    assert strict.client("ssm", "grace").get_parameter(Name="/a/b")["Parameter"]["Value"] == "x"


@pytest.mark.parametrize("kind", ["bucket", "sliding", "fixed"])
def test_quotas_throttle(ssm: Any, strict: Strict, kind: str) -> None:  # noqa: ANN401
    strict.control("quota", quotas=[f"PutParameter,DeleteParameter=0.1:{kind}:1"])
    put(ssm)
    assert refusal(ssm.delete_parameter, Name="/a/b") == ("ThrottlingException", "Rate exceeded")
    assert ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] == "x"
    assert strict.counts()["throttled"] == {"ssm:DeleteParameter": 1}


def test_calls_in_hand_are_counted(strict: Strict, ssm: Any) -> None:  # noqa: ANN401
    strict.control("delay", ms=100)
    with ThreadPoolExecutor(5) as threads:
        list(threads.map(lambda _: ssm.describe_parameters(), range(5)))
    counts = strict.counts(reset=True)
    assert counts["calls"] == {"ssm:DescribeParameters": 5}
    assert counts["most_at_once"] == 5
    assert strict.calls() == {}


def test_credentials_that_are_not_good(strict: Strict) -> None:
    strict.control("user", account=ACCOUNT, name="eve", access_key="AKIAEVE", secret_key="other")
    assert refusal(strict.client("ssm").get_parameter, Name="x")[0] == "ParameterNotFound"
    strict.control("expire", access_key=GRACE)
    assert refusal(strict.client("ssm", "grace").get_parameter, Name="x")[0] == "ExpiredTokenException"
    strict.control("clock", skew=3600)
    code, message = refusal(strict.client("ssm").get_parameter, Name="x")
    assert (code, message[:18]) == ("InvalidSignatureException", "Signature expired:")
    strict.control("clock", skew=0)
    strict.control("user", account=ACCOUNT, name="grace", access_key=GRACE, secret_key="changed")
    assert refusal(strict.client("ssm", "grace").get_parameter, Name="x")[0] == "InvalidSignatureException"


def test_100_000_parameters_are_listed_by_folder(strict: Strict, ssm: Any) -> None:  # noqa: ANN401
    strict.fill(parameters=100_000, prefix="/shop", per_folder=1000)
    assert len(ssm.get_parameters_by_path(Path="/shop/f0099")["Parameters"]) == 10
    assert ssm.get_parameters_by_path(Path="/shop")["Parameters"] == []
    path = {"Key": "Path", "Option": "Recursive", "Values": ["/shop/f0042"]}
    pages = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=[path])
    assert sum(len(page["Parameters"]) for page in pages) == 1000
