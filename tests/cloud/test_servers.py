from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cloud.handles import ACCOUNT, Strict

if TYPE_CHECKING:
    from tests.cloud.handles import Moto


def test_the_strict_fake_knows_who_calls(strict: Strict) -> None:
    assert strict.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/ada"


def test_moto_answers(moto: Moto) -> None:
    client = moto.client("ssm")
    client.put_parameter(Name="/a/b", Value="x", Type="String")
    assert client.get_parameter(Name="/a/b")["Parameter"]["Version"] == 1
