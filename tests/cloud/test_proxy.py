from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from tests.cloud import troubles

if TYPE_CHECKING:
    from tests.cloud.handles import Moto, Strict
    from tests.cloud.proxy import Proxy

PUT = "ssm:PutParameter"


def put(client: Any, value: str = "x") -> int:  # noqa: ANN401
    version: int = client.put_parameter(Name="/a/b", Value=value, Type="String", Overwrite=True)["Version"]
    return version


def test_without_rules_everything_passes(proxied: Proxy) -> None:
    client = proxied.client("ssm")
    assert [put(client), put(client)] == [1, 2]
    assert proxied.client("sts").get_caller_identity()["Account"]
    assert proxied.calls == {PUT: 2, "sts:GetCallerIdentity": 1}


def test_moto_answers_through_it(proxied_moto: Proxy) -> None:
    client = proxied_moto.client("ssm")
    assert [put(client), put(client)] == [1, 2]
    assert client.get_parameters_by_path(Path="/a")["Parameters"][0]["Value"] == "x"


def test_a_dropped_request_was_not_carried_out(proxied: Proxy, strict: Strict) -> None:
    proxied.on(PUT, troubles.DROP)
    with pytest.raises(ConnectionClosedError):
        put(proxied.client("ssm"))
    assert strict.calls() == {}


@pytest.mark.parametrize("trouble", [troubles.CUT, troubles.stall(0.3)])
def test_a_cut_request_was_carried_out(proxied: Proxy, strict: Strict, trouble: troubles.Trouble) -> None:
    proxied.on(PUT, trouble)
    client = proxied.client("ssm", read_timeout=0.2)
    with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
        put(client)
    assert strict.calls() == {PUT: 1}
    assert put(client) == 2


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (troubles.THROTTLE, "ThrottlingException"),
        (troubles.INTERNAL, "InternalServerError"),
        (troubles.BAD_GATEWAY, "502"),
        (troubles.UNAVAILABLE, "ServiceUnavailable"),
        (troubles.error(400, "TooManyUpdates"), "TooManyUpdates"),
    ],
)
def test_an_error_is_answered_in_the_services_place(
    proxied: Proxy, strict: Strict, trouble: troubles.Trouble, code: str
) -> None:
    proxied.on(PUT, None, trouble)
    client = proxied.client("ssm")
    assert put(client) == 1
    with pytest.raises(ClientError) as caught:
        put(client)
    assert caught.value.response["Error"]["Code"] == code
    assert put(client) == 2
    assert strict.calls() == {PUT: 2}


def test_a_late_error_hides_a_write_that_happened(proxied: Proxy) -> None:
    proxied.on(PUT, troubles.LATE_INTERNAL, number=2)
    client = proxied.client("ssm")
    put(client)
    with pytest.raises(ClientError):
        put(client)
    assert put(client) == 3
    assert [one.status for one in proxied.passed] == [200, 500, 200]


@pytest.mark.parametrize("trouble", [troubles.CUT_INSIDE, troubles.PORTAL])
def test_botocore_takes_half_an_answer_or_a_web_page_for_an_empty_answer(
    proxied: Proxy, trouble: troubles.Trouble
) -> None:
    """Whoever reads answers must know: a page without its list is not an empty page."""
    proxied.on(PUT, trouble)
    answer = proxied.client("ssm").put_parameter(Name="/a/b", Value="x", Type="String")
    assert set(answer) == {"ResponseMetadata"}


def test_answers_that_are_none(proxied: Proxy) -> None:
    client = proxied.client("ssm")
    put(client)
    get = "ssm:GetParameter"
    proxied.on(get, troubles.GARBAGE, troubles.wrong_types(), troubles.huge(3_000_000))
    with pytest.raises(UnicodeDecodeError):
        client.get_parameter(Name="/a/b")
    assert client.get_parameter(Name="/a/b")["Parameter"]["Version"] == "1"
    assert "Parameter" not in client.get_parameter(Name="/a/b")


def test_the_date_is_off(proxied: Proxy) -> None:
    proxied.on(PUT, troubles.skew(-86_400))
    answer = proxied.client("ssm").put_parameter(Name="a", Value="x", Type="String")
    from email.utils import parsedate_to_datetime

    date = answer["ResponseMetadata"]["HTTPHeaders"]["date"]
    assert 86_300 < time.time() - parsedate_to_datetime(date).timestamp() < 86_500


def test_a_page_comes_twice(proxied: Proxy, strict: Strict) -> None:
    strict.fill(parameters=25, prefix="/shop", type="String")
    proxied.on("ssm:GetParametersByPath", troubles.REPLAY, number=2)
    client = proxied.client("ssm")
    first = client.get_parameters_by_path(Path="/shop", Recursive=True)
    again = client.get_parameters_by_path(Path="/shop", Recursive=True, NextToken=first["NextToken"])
    assert again["Parameters"] == first["Parameters"]
    assert again["NextToken"] == first["NextToken"]


def test_a_page_is_changed(proxied: Proxy, strict: Strict) -> None:
    strict.fill(parameters=3, prefix="/shop", type="String")

    def without_first(page: dict[str, Any]) -> dict[str, Any]:
        return page | {"Parameters": page["Parameters"][1:]}

    proxied.on("ssm:GetParametersByPath", troubles.changed(without_first))
    found = proxied.client("ssm").get_parameters_by_path(Path="/shop", Recursive=True)
    assert len(found["Parameters"]) == 2


def test_a_second_writer_strikes_before_the_second_put(proxied_moto: Proxy, moto: Moto) -> None:
    other = moto.client("ssm")
    proxied_moto.strike(PUT, lambda: put(other, "theirs"), number=2)
    client = proxied_moto.client("ssm")
    assert [put(client), put(client), put(client)] == [1, 3, 4]


def test_offline_connections_are_refused_and_come_back(proxied: Proxy) -> None:
    client = proxied.client("ssm")
    put(client)
    proxied.down()
    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        put(client)
    with pytest.raises(EndpointConnectionError):
        put(client)
    proxied.up()
    assert put(client) == 2


def test_chance_is_the_same_for_the_same_seed(proxied: Proxy) -> None:
    def run() -> list[str]:
        proxied.reset()
        proxied.at_random(7, 0.5, troubles.USUAL)
        client = proxied.client("ssm")
        for _ in range(20):
            try:
                client.describe_parameters()
            except (ClientError, ConnectionClosedError):
                continue
        return [one.trouble for one in proxied.passed]

    first = run()
    assert first == run()
    assert 3 < sum(one != "" for one in first) < 17
