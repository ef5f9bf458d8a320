from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Event, Timer
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.aws import client as client_module
from app.aws import wire
from app.aws.client import AwsClient
from app.aws.pacing import Pacer
from app.aws.refusals import told
from app.aws.sign_in import SignIn
from app.errors import (
    AwsDenied,
    AwsError,
    AwsExists,
    AwsGarbled,
    AwsMissing,
    AwsOffline,
    AwsRefused,
    AwsSignIn,
    AwsThrottled,
    AwsUnanswered,
)
from tests.cloud import troubles
from tests.cloud.handles import REGION
from vault.errors import Cancelled
from vault.records import Connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.handles import Endpoint, Strict
    from tests.cloud.proxy import Proxy
    from tests.cloud.troubles import Trouble

MARKER = "hunter2-marker"
PUT = {"Name": "/shop/db", "Value": MARKER, "Type": "SecureString"}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_FIRST_PAUSE", 0.001)


def caller(
    endpoint: Endpoint, service: str = "ssm", *, cancelled: Callable[[], bool] = lambda: False
) -> AwsClient:
    connection = Connection(region=REGION, endpoint_url=endpoint.url)
    door = SignIn(None).door(connection)
    return AwsClient(service, REGION, door, Pacer(service, random=Random(7)), cancelled=cancelled)


def refusal(deed: Callable[[], object]) -> AwsError:
    with pytest.raises(AwsError) as caught:
        deed()
    assert MARKER not in str(caught.value)
    assert MARKER not in repr(caught.value.__dict__)
    return caught.value


# --------------------------------------------------------------------------------------- what answers tell


def test_an_answer_comes_parsed_and_without_what_is_botocores(strict: Strict) -> None:
    ssm = caller(strict)
    assert ssm.call("PutParameter", **PUT) == {"Version": 1, "Tier": "Standard"}
    found = ssm.call("GetParameters", Names=["/shop/db"], WithDecryption=True)
    assert found["Parameters"][0]["Value"] == MARKER
    assert set(found) == {"Parameters", "InvalidParameters"}


@pytest.mark.parametrize(
    ("operation", "parameters", "kind", "aws"),
    [
        ("GetParameter", {"Name": "/not/there"}, AwsMissing, "ParameterNotFound"),
        ("PutParameter", PUT, AwsExists, "ParameterAlreadyExists"),
        ("PutParameter", PUT | {"Name": "a/b"}, AwsRefused, "ValidationException"),
        ("PutParameter", PUT | {"Name": "/shop/new", "Value": ""}, AwsRefused, ""),
        ("PutParameter", PUT | {"Name": 7}, AwsRefused, "ParamValidationError"),
        ("PutParameter", {"Name": "/x", "Value": [MARKER]}, AwsRefused, "ParamValidationError"),
    ],
)
def test_refusals_keep_their_kind_their_code_and_what_they_are_about(
    strict: Strict, operation: str, parameters: dict[str, Any], kind: type[AwsError], aws: str
) -> None:
    ssm = caller(strict)
    ssm.call("PutParameter", **PUT)
    error = refusal(lambda: ssm.call(operation, **parameters))
    assert type(error) is kind
    assert error.operation == f"ssm:{operation}"
    assert not aws or error.aws == aws
    assert str(error).startswith(f"ssm:{operation}")


def test_what_the_identity_may_not_do_is_said_with_its_action(strict: Strict) -> None:
    strict.control("deny", action="ssm:PutParameter", resource="*", access_key="*")
    error = refusal(lambda: caller(strict).call("PutParameter", **PUT))
    assert isinstance(error, AwsDenied)
    assert "not authorized to perform" in str(error)


def test_the_other_services_are_called_alike(strict: Strict) -> None:
    assert caller(strict, "sts").call("GetCallerIdentity")["Arn"].endswith(":user/ada")
    secrets = caller(strict, "secretsmanager")
    made = secrets.call("CreateSecret", Name="shop/db", SecretString=MARKER)
    assert made["Name"] == "shop/db"
    error = refusal(lambda: secrets.call("GetSecretValue", SecretId="shop/none"))
    assert isinstance(error, AwsMissing)
    assert isinstance(
        refusal(lambda: caller(strict, "kms").call("DescribeKey", KeyId="alias/no")), AwsMissing
    )


@pytest.mark.parametrize(
    "message",
    [
        f"1 validation error detected: Value '{MARKER}' at 'value' failed to satisfy constraint",
        f"bad: {MARKER}",
        f"bad: {MARKER[:-1]}",
        f"the value {MARKER[3:]}!",
    ],
)
def test_a_message_that_has_a_piece_of_the_value_is_not_told(message: str) -> None:
    assert MARKER[3:-1] not in told(message, PUT)


@given(st.text(min_size=6, max_size=60), st.text(max_size=40), st.text(max_size=40))
def test_no_message_tells_five_characters_of_a_value(value: str, before: str, after: str) -> None:
    text = told(before + value + after, {"Value": value})
    assert not any(value[at : at + 5] in text for at in range(len(value) - 4))


@pytest.mark.parametrize(
    ("name", "value", "message", "stays"),
    [
        ("/shop/prod/db", "prod/db", "not authorized on arn:aws:ssm:::parameter/shop/prod/db", True),
        ("/shop/prod/db", "my prod/db 7", "bad: my prod/db 7", False),
        ("/cret", "secret-x", "bad: secret-x", False),
        ("/a", "7", "version 7 is bad", False),
        ("/a", "7", "at most 4096 of 72", True),
    ],
)
def test_a_name_may_look_like_its_value(name: str, value: str, message: str, stays: bool) -> None:
    assert told(message, {"Name": name, "Value": value}) == (message if stays else "")


def test_what_aws_says_without_quoting_stays() -> None:
    text = (
        "This parameter uses the advanced-parameter tier. You can't downgrade it, because it isn't allowed."
    )
    assert told(text, PUT) == text


# ------------------------------------------------------------------------------------- what is not answered


READ_TROUBLES = [
    troubles.DROP,
    troubles.CUT,
    troubles.CUT_INSIDE,
    troubles.INTERNAL,
    troubles.BAD_GATEWAY,
    troubles.UNAVAILABLE,
    troubles.LATE_INTERNAL,
    troubles.error(400, "RequestTimeoutException"),
    troubles.THROTTLE,
    troubles.error(429, "TooManyRequestsException"),
]


def named(trouble: Trouble) -> str:
    return f"{trouble.kind} {trouble.code or trouble.status}"


@pytest.mark.parametrize("trouble", READ_TROUBLES, ids=named)
def test_a_read_is_tried_again_until_it_is_answered(strict: Strict, proxied: Proxy, trouble: Trouble) -> None:
    strict.do("ssm", "PutParameter", **PUT)
    proxied.on("ssm:GetParameters", trouble, trouble)
    found = caller(proxied).call("GetParameters", Names=["/shop/db"])
    assert found["Parameters"][0]["Name"] == "/shop/db"
    assert proxied.calls["ssm:GetParameters"] == 3


@pytest.mark.parametrize("trouble", [troubles.CUT, troubles.BAD_GATEWAY, troubles.CUT_INSIDE], ids=named)
def test_a_read_that_is_never_answered_ends_as_offline(proxied: Proxy, trouble: Trouble) -> None:
    proxied.on("ssm:DescribeParameters", trouble, times=100)
    error = refusal(lambda: caller(proxied).call("DescribeParameters"))
    assert isinstance(error, AwsOffline)
    assert proxied.calls["ssm:DescribeParameters"] == client_module.ATTEMPTS


def test_without_a_network_a_call_ends_soon(proxied: Proxy) -> None:
    ssm = caller(proxied)
    proxied.down()
    began = monotonic()
    assert isinstance(refusal(lambda: ssm.call("PutParameter", **PUT)), AwsOffline)
    assert monotonic() - began < 5


@pytest.mark.parametrize(
    "trouble",
    [troubles.DROP, troubles.CUT, troubles.CUT_INSIDE, troubles.INTERNAL, troubles.LATE_INTERNAL],
    ids=named,
)
def test_a_put_without_an_answer_is_sent_once(strict: Strict, proxied: Proxy, trouble: Trouble) -> None:
    proxied.on("ssm:PutParameter", trouble)
    error = refusal(lambda: caller(proxied).call("PutParameter", **PUT))
    assert isinstance(error, AwsUnanswered)
    assert proxied.calls["ssm:PutParameter"] == 1


def test_a_throttled_put_was_not_carried_out_and_is_sent_again(strict: Strict, proxied: Proxy) -> None:
    proxied.on("ssm:PutParameter", troubles.THROTTLE, troubles.error(400, "TooManyUpdates"))
    assert caller(proxied).call("PutParameter", **PUT)["Version"] == 1
    assert proxied.carried_out["ssm:PutParameter"] == 1


def test_a_write_with_a_token_is_sent_again_with_the_same_token(strict: Strict, proxied: Proxy) -> None:
    proxied.on("secretsmanager:CreateSecret", troubles.CUT, troubles.LATE_INTERNAL)
    made = caller(proxied, "secretsmanager").call("CreateSecret", Name="shop/db", SecretString=MARKER)
    versions = strict.do("secretsmanager", "ListSecretVersionIds", SecretId="shop/db")["Versions"]
    assert [one["VersionId"] for one in versions] == [made["VersionId"]]


def test_a_delete_that_was_done_without_an_answer_is_done(strict: Strict, proxied: Proxy) -> None:
    strict.do("ssm", "PutParameter", **PUT)
    proxied.on("ssm:DeleteParameter", troubles.CUT)
    assert caller(proxied).call("DeleteParameter", Name="/shop/db") == {}
    error = refusal(lambda: caller(proxied).call("DeleteParameter", Name="/shop/db"))
    assert isinstance(error, AwsMissing)


def test_a_repeatable_write_that_is_never_answered_may_have_been_carried_out(proxied: Proxy) -> None:
    proxied.on("ssm:DeleteParameters", troubles.CUT, times=100)
    error = refusal(lambda: caller(proxied).call("DeleteParameters", Names=["/shop/db"]))
    assert isinstance(error, AwsUnanswered)


def test_endless_throttling_ends(proxied: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_THROTTLES", 2)
    proxied.on("kms:DescribeKey", troubles.THROTTLE, times=100)
    assert isinstance(refusal(lambda: caller(proxied, "kms").call("DescribeKey", KeyId="x")), AwsThrottled)


def test_a_wait_can_be_stopped(proxied: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_FIRST_PAUSE", 1_000.0)
    proxied.on("ssm:DescribeParameters", troubles.BAD_GATEWAY, times=100)
    stop = Event()
    timer = Timer(0.2, stop.set)
    timer.start()
    began = monotonic()
    with pytest.raises(Cancelled):
        caller(proxied, cancelled=stop.is_set).call("DescribeParameters")
    assert monotonic() - began < 2


def test_nothing_is_sent_once_it_was_stopped(proxied: Proxy) -> None:
    with pytest.raises(Cancelled):
        caller(proxied, cancelled=lambda: True).call("DescribeParameters")
    assert not proxied.calls


# -------------------------------------------------------------------------------------- what is no answer


@pytest.mark.parametrize(
    "trouble",
    [troubles.PORTAL, troubles.GARBAGE, troubles.changed(lambda _: [])],
    ids=["portal", "garbage", "list"],
)
@pytest.mark.parametrize("operation", ["DescribeParameters", "GetParameters"])
def test_what_is_no_answer_of_aws_is_never_an_empty_one(
    proxied: Proxy, operation: str, trouble: Trouble
) -> None:
    proxied.on(f"ssm:{operation}", trouble, times=100)
    given = {"Names": ["/x"]} if operation == "GetParameters" else {}
    assert isinstance(refusal(lambda: caller(proxied).call(operation, **given)), AwsGarbled)


def test_wrong_types_do_not_end_the_program(strict: Strict, proxied: Proxy) -> None:
    strict.do("ssm", "PutParameter", **PUT)
    proxied.on("ssm:GetParameterHistory", troubles.wrong_types(), times=100)
    error = refusal(lambda: caller(proxied).call("GetParameterHistory", Name="/shop/db"))
    assert isinstance(error, AwsGarbled)


def test_an_answer_that_would_fill_the_memory_is_refused(
    proxied: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "LARGEST_ANSWER", 100_000)
    proxied.on("ssm:DescribeParameters", troubles.huge(1_000_000), times=100)
    error = refusal(lambda: caller(proxied).call("DescribeParameters"))
    assert isinstance(error, AwsGarbled)
    assert "larger" in str(error)


def test_a_clock_that_is_wrong_is_named_with_what_to_do(strict: Strict) -> None:
    strict.control("clock", skew=1_200)
    error = refusal(lambda: caller(strict).call("DescribeParameters"))
    assert isinstance(error, AwsSignIn)
    assert "set the clock" in str(error)


def test_an_unknown_access_key_is_a_matter_of_sign_in(
    strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIANOBODYKNOWSTHIS1")
    error = refusal(lambda: caller(strict).call("DescribeParameters"))
    assert isinstance(error, AwsSignIn)


def test_a_hanging_service_is_left_in_time(proxied: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.aws import sign_in

    monkeypatch.setattr(sign_in, "_READ_SECONDS", 0.3)
    proxied.on("ssm:PutParameter", troubles.stall(20))
    began = monotonic()
    assert isinstance(refusal(lambda: caller(proxied).call("PutParameter", **PUT)), AwsUnanswered)
    assert monotonic() - began < 5


# ---------------------------------------------------------------------------------------------- the quotas


@pytest.mark.parametrize("kind", ["bucket", "sliding", "fixed"])
def test_puts_keep_to_the_quota_of_a_real_server(strict: Strict, kind: str) -> None:
    strict.control("quota", quotas=[f"PutParameter=3:{kind}"])
    ssm = caller(strict)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: ssm.call("PutParameter", **PUT | {"Name": f"/shop/{n}"}), range(10)))
    assert ssm.pacer.throttled < 7  # without a pace all above the first three are; test_pace.py has the bound


def test_many_calls_at_once_use_as_many_connections_as_there_are(strict: Strict) -> None:
    strict.control("delay", ms=25)
    ssm = caller(strict)
    ssm.call("GetParameters", Names=["/x"])
    began = monotonic()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: ssm.call("GetParameters", Names=["/x"]), range(200)))
    assert monotonic() - began < 200 * 0.025 / 3
