"""Leases of AWS: sessions of STS, which end by themselves."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.errors import AwsError, AwsSignIn, BadLease
from app.leases.sweep import ask_to_revoke, sweep
from tests.app.leases.lending import PATH, Lender
from tests.vault.furnished import put
from vault.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cloud.handles import Moto

ROLE = "arn:aws:iam::123456789012:role/reader"
QUARTER = timedelta(minutes=15)
ASK = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
WHO = f'exec \'{sys.executable}\' -c "{ASK}" > "$1/said"'


@pytest.fixture
def shop(lender: Lender, moto: Moto) -> Lender:
    """A vault that lends an access key of moto's account."""
    iam = moto.client("iam")
    iam.create_user(UserName="ada")
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    lender.put({name: made[name] for name in ("AccessKeyId", "SecretAccessKey")})
    return lender


def options(moto: Moto, **more: str) -> Mapping[str, str]:
    return {"endpoint_url": moto.url, "region": "eu-west-1", **more}


def test_a_role_is_assumed_for_the_program(shop: Lender, moto: Moto) -> None:
    said = options(moto, role_arn=ROLE, session_name="nightly")
    outcome = shop.lend(WHO, shop.place, admin=None, options=said)
    assert outcome.code == 0
    assert shop.said() == "arn:aws:sts::123456789012:assumed-role/reader/nightly\n"
    assert outcome.lease.holder == "nightly"


def test_a_session_of_the_access_key_itself(
    shop: Lender, moto: Moto, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop.folder / "config").write_text("[profile work]\nregion = us-east-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(shop.folder / "config"))
    monkeypatch.setenv("AWS_PROFILE", "work")
    outcome = shop.lend('env > "$1/said"', shop.place, admin=None, length=QUARTER, options=options(moto))
    told = dict(line.split("=", 1) for line in shop.said().splitlines() if "=" in line)
    assert told["AWS_SESSION_TOKEN"]
    assert (told["AWS_REGION"], told["AWS_ENDPOINT_URL"]) == ("eu-west-1", moto.url)
    assert told["AWS_CREDENTIAL_EXPIRATION"] == outcome.lease.ends_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert abs(outcome.lease.ends_at - outcome.lease.made_at - QUARTER) < timedelta(minutes=1)
    assert "AWS_PROFILE" not in told


def test_the_region_of_the_caller_is_the_programs(
    shop: Lender, moto: Moto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    shop.lend(
        'printf %s "$AWS_REGION" > "$1/said"', shop.place, admin=None, options={"endpoint_url": moto.url}
    )
    assert shop.said() == "ap-south-1"


def test_it_ends_by_itself_and_not_before(shop: Lender, moto: Moto) -> None:
    lease = shop.lend("exit 0", admin=None, options=options(moto)).lease
    assert (lease.ended_at, lease.problem) == (None, "")
    assert sweep(shop.vault) == []
    with pytest.raises(BadLease, match="ends by itself"):
        ask_to_revoke(shop.vault, lease)
    shop.ahead = timedelta(hours=2)
    (ended,) = sweep(shop.vault)
    assert ended.ended_at == pytest.approx(shop.now(), abs=timedelta(minutes=1))


@pytest.mark.parametrize(
    ("said", "length", "why"),
    [
        ({}, timedelta(minutes=14), "lasts 15m to 36h"),
        ({}, timedelta(hours=37), "lasts 15m to 36h"),
        ({"session_name": "nightly"}, QUARTER, "role_arn"),
        ({"external_id": "x"}, QUARTER, "role_arn"),
        ({"role_arn": ROLE, "session_name": "two words"}, QUARTER, "session_name"),
    ],
)
def test_what_sts_would_not_take_is_refused_before(
    shop: Lender, moto: Moto, said: dict[str, str], length: timedelta, why: str
) -> None:
    with pytest.raises(BadLease, match=why):
        shop.lend("exit 0", admin=None, length=length, options=options(moto, **said))
    assert shop.vault.leases.history() == []


def test_a_session_lends_no_session(shop: Lender, moto: Moto) -> None:
    session = {"AccessKeyId": "ASIA1", "SecretAccessKey": "s", "SessionToken": "t"}
    put(shop.vault, PATH, json.dumps(session), overwrite=True)
    with pytest.raises(BadLease, match="session already"):
        shop.lend("exit 0", admin=None, options=options(moto))


def test_the_code_of_a_device_is_asked_for_before_anything(shop: Lender, moto: Moto) -> None:
    said = options(moto, mfa_serial="arn:aws:iam::123456789012:mfa/ada")
    asked: list[str] = []

    def answer(serial: str) -> str:
        asked.append(serial)
        return "123 456"

    assert shop.lend("exit 0", admin=None, options=said, ask_mfa=answer).code == 0
    assert asked == ["arn:aws:iam::123456789012:mfa/ada"]
    with pytest.raises(AwsSignIn):
        shop.lend("exit 0", admin=None, options=said)
    with pytest.raises(Cancelled):
        shop.lend("exit 0", admin=None, options=said, ask_mfa=lambda _: "")
    assert len(shop.vault.leases.history()) == 1


def test_an_endpoint_that_is_not_there_leaves_no_open_lease(shop: Lender, moto: Moto) -> None:
    said = {**options(moto), "endpoint_url": "http://127.0.0.1:9"}
    with pytest.raises(AwsError):
        shop.lend('touch "$1/ran"', shop.place, admin=None, options=said)
    assert not (shop.folder / "ran").exists()
    assert not shop.vault.leases.any_open()
