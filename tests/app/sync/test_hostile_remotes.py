"""Remotes that lie, refuse, stammer and break off: nothing of theirs gets in, nothing of ours gets lost."""

from __future__ import annotations

from contextlib import suppress
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest

from app.aws.stores import forget
from app.errors import AwsError, AwsGarbled
from app.sync import observe
from app.sync.outcome import Result
from tests.app.sync.conftest import Pair, remote_at
from tests.cloud import troubles
from tests.cloud.strict.access import credentials
from tests.vault.furnished import assert_whole, every_value, put, put_secret
from vault.errors import Refused
from vault.paths import ROOT, ParameterPath
from vault.records import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.handles import Strict
    from tests.cloud.proxy import Proxy
    from vault.vault import Vault

    Row = dict[str, Any]

ADA = credentials("ada")["aws_access_key_id"]
LISTING = "ssm:DescribeParameters"
VALUES = "ssm:GetParameters"
HOSTILE = (
    "/shop/../etc/passwd",
    "/shop/..",
    "/shop/./a",
    "/shop/a\0b",
    "/shop/\x1b[2Jcleared",
    "/shop/line\nbreak",
    "/shop/rtl\u202egnp",
    "/shop//empty",
    "/shop/ends/",
    "/shop/",
    "/shop/sp ace",
    "/shop/" + "/".join("abcdefghijklmnop"),
    "/shop/" + "n" * 3000,
    "/shop/ключ",
    "/shopping/list",
    "/",
    "",
    7,
    None,
    ["/shop/list"],
)


@pytest.fixture
def through(vault: Vault, proxied: Proxy) -> Pair:
    return Pair(vault, vault.remotes.add(remote_at(proxied.url, Service.PARAMETER_STORE)))


@pytest.fixture
def secrets_through(vault: Vault, proxied: Proxy) -> Pair:
    return Pair(vault, vault.remotes.add(remote_at(proxied.url, Service.SECRETS_MANAGER)))


def name_of(number: int) -> str:
    return f"/shop/f0000/p{number:06}"


def values_there(strict: Strict) -> dict[str, tuple[str, int]]:
    """Value and version of every parameter below /shop."""
    pages = strict.client("ssm").get_paginator("get_parameters_by_path")
    rows = [
        row
        for page in pages.paginate(Path="/shop", Recursive=True, WithDecryption=True)
        for row in page["Parameters"]
    ]
    return {row["Name"]: (row["Value"], row["Version"]) for row in rows}


def with_rows(change: Callable[[list[Row]], list[Any]], member: str = "Parameters") -> troubles.Trouble:
    """An answer whose rows are others."""
    return troubles.changed(lambda answer: answer | {member: change(answer[member])})


def until_calm(pair: Pair, tries: int = 12) -> None:
    """Sync as a person does who tries again after every error, until there is nothing to do."""
    for _ in range(tries):
        try:
            pair.sync()
            if not pair.actions():
                return
        except AwsError:
            continue
    pytest.fail(f"still to be done: {pair.actions()}")


def test_names_that_cannot_be_paths_are_told_and_left_out(
    through: Pair, proxied: Proxy, strict: Strict
) -> None:
    strict.fill(parameters=3, prefix="/shop", type="String")
    proxied.on(LISTING, with_rows(lambda rows: [*({**rows[0], "Name": name} for name in HOSTILE), *rows]))
    proxied.on(VALUES, with_rows(lambda rows: [*({**rows[0], "Name": name} for name in HOSTILE), *rows][-9:]))
    plan = through.plan()
    assert {item.name for item in plan.items} == {name_of(number) for number in range(3)}
    assert len(plan.skipped) >= 14
    shown = "".join(f"{skipped.name}{skipped.reason}" for skipped in plan.skipped)
    assert shown.isprintable()
    assert max(len(f"{skipped.name}{skipped.reason}") for skipped in plan.skipped) < 1000
    assert {outcome.result for outcome in through.sync()} == {Result.DONE}
    assert through.vault.entries.count() == 3
    assert_whole(through.vault)


def test_names_of_secrets_that_cannot_be_paths(secrets_through: Pair, proxied: Proxy, strict: Strict) -> None:
    pair = secrets_through
    strict.fill(secrets=3, prefix="shop")
    hostile = [name.removeprefix("/") if isinstance(name, str) else name for name in HOSTILE]
    proxied.on(
        "secretsmanager:ListSecrets",
        with_rows(lambda rows: [*({**rows[0], "Name": name} for name in hostile), *rows], "SecretList"),
        times=2,
    )
    plan = pair.plan()
    shown = "".join(f"{skipped.name}{skipped.reason}" for skipped in plan.skipped)
    assert shown.isprintable()
    assert {f"shop/s{number:06}" for number in range(3)} <= {item.name for item in plan.items}
    pair.sync()
    live = set(every_value(pair.vault))
    assert live == {f"/shop/s{number:06}" for number in range(3)}
    assert_whole(pair.vault)


def test_a_whole_account_has_names_that_are_not_for_us(vault: Vault, strict: Strict, proxied: Proxy) -> None:
    draft = remote_at(proxied.url, Service.PARAMETER_STORE, folder=ROOT, prefix="/")
    pair = Pair(vault, vault.remotes.add(draft))
    aws = strict.client("ssm")
    for name in ("plain", "/a/b", "/x"):
        aws.put_parameter(Name=name, Value=f"of {name}", Type="String")
    reserved = ("/aws/service/x", "/ssm/x", "aws-x", "/AWS", "/" + "/".join("abcdefghijklmnop"))
    proxied.on(LISTING, with_rows(lambda rows: [*({**rows[0], "Name": name} for name in reserved), *rows]))
    plan = pair.plan()
    assert {item.name for item in plan.items} == {"/plain", "/a/b", "/x"}
    assert len(plan.skipped) == len(reserved)
    pair.sync()
    assert every_value(vault) == {"/plain": "of plain", "/a/b": "of /a/b", "/x": "of /x"}


def test_a_value_that_is_too_long_spoils_no_other(through: Pair, proxied: Proxy, strict: Strict) -> None:
    strict.fill(parameters=30, prefix="/shop", type="String")
    proxied.on(VALUES, with_rows(lambda rows: [{**rows[0], "Value": "x" * 65_536}, *rows[1:]]))
    plan = through.plan()
    assert len(plan.items) == 29
    assert len(plan.skipped) == 1
    through.sync()
    assert through.vault.entries.count() == 30  # the next look had it right
    assert {value for value, _ in values_there(strict).values()} == set(every_value(through.vault).values())


@pytest.mark.parametrize(
    "spoilt",
    [
        {"Value": None},
        {"Value": 7},
        {"Value": ["x"]},
        {"Type": "Strong"},
        {"Version": 0},
        {"Version": "one"},
        {"Name": "/shop/f0000/p000009"},
        {"Name": "/elsewhere/x"},
    ],
)
def test_a_row_that_is_none_spoils_no_other(
    through: Pair, proxied: Proxy, strict: Strict, spoilt: Row
) -> None:
    strict.fill(parameters=12, prefix="/shop", type="String")
    proxied.on(VALUES, with_rows(lambda rows: [{**rows[0], **spoilt}, *rows[1:]]))
    plan = through.plan()
    assert len(plan.items) >= 10
    assert plan.skipped
    assert {item.action.value for item in plan.items} == {"pull"}
    until_calm(through)
    assert every_value(through.vault) == {name: value for name, (value, _) in values_there(strict).items()}


def test_an_entry_that_a_page_leaves_out_is_not_taken_for_deleted(
    through: Pair, proxied: Proxy, strict: Strict
) -> None:
    strict.fill(parameters=60, prefix="/shop", type="String")
    through.sync()
    strict.do("ssm", "DeleteParameter", Name=name_of(7))
    proxied.on(LISTING, with_rows(lambda rows: rows[20:]))
    assert through.actions() == {name_of(7): "deleted-there"}
    assert through.seen is not None
    assert through.seen.listed == 59
    proxied.on(LISTING, with_rows(lambda rows: []), times=2)
    outcomes = through.sync(delete=True)
    assert [outcome.item.name for outcome in outcomes] == [name_of(7)]
    assert through.vault.entries.count() == 59


def test_a_secret_that_a_page_leaves_out_is_not_taken_for_deleted(
    secrets_through: Pair, proxied: Proxy, strict: Strict
) -> None:
    pair = secrets_through
    strict.fill(secrets=25, prefix="shop")
    pair.sync()
    strict.do("secretsmanager", "DeleteSecret", SecretId="shop/s000003")
    proxied.on("secretsmanager:ListSecrets", with_rows(lambda rows: [], "SecretList"))
    assert pair.actions() == {"/shop/s000003": "deleted-there"}


def test_pages_that_come_twice(through: Pair, proxied: Proxy, strict: Strict) -> None:
    strict.fill(parameters=120, prefix="/shop", type="String")
    proxied.on(LISTING, troubles.REPLAY, troubles.REPLAY, number=2)
    through.sync()
    assert through.vault.entries.count() == 120
    assert through.actions() == {}


def test_pages_that_go_round_in_circles_end(through: Pair, proxied: Proxy, strict: Strict) -> None:
    strict.fill(parameters=120, prefix="/shop", type="String")
    through.sync()
    before = every_value(through.vault)
    proxied.on(LISTING, troubles.REPLAY, number=2, times=1000)
    with pytest.raises(AwsGarbled):
        through.sync(delete=True)
    proxied.reset()
    assert every_value(through.vault) == before
    assert through.actions() == {}


def test_empty_pages_are_not_the_end(ssm: Pair, strict: Strict) -> None:
    strict.fill(parameters=120, prefix="/shop", type="String")
    strict.control("switch", empty_pages=2, scan=30)
    ssm.sync()
    assert ssm.vault.entries.count() == 120


@pytest.mark.parametrize("denied", ["ssm:GetParameterHistory", "ssm:ListTagsForResource", "ssm:*Tag*"])
def test_details_that_we_may_not_read_stay_unknown(ssm: Pair, strict: Strict, denied: str) -> None:
    aws = strict.client("ssm")
    for number in range(12):
        aws.put_parameter(
            Name=f"/shop/p{number}", Value="x", Type="String", Tags=[{"Key": "a", "Value": "b"}]
        )
    strict.control("deny", action=denied, access_key=ADA)
    assert {outcome.result for outcome in ssm.sync()} == {Result.DONE}
    assert ssm.vault.entries.count() == 12
    assert ssm.actions() == {}
    assert ssm.seen is not None
    assert ssm.seen.unread == 12
    strict.control("allow")
    ssm.sync(details=True)
    assert ssm.actions() == {}
    tags = [dict(entry.tags) for entry in ssm.vault.entries.below(ROOT)]
    assert tags == [{"a": "b"}] * 12


def test_values_that_we_may_not_read_spoil_no_other(ssm: Pair, strict: Strict) -> None:
    strict.fill(parameters=25, prefix="/shop", type="String")
    strict.control("deny", action="ssm:GetParameter*", resource=f"*{name_of(13)}", access_key=ADA)
    plan = ssm.plan()
    assert len(plan.items) == 24
    assert [skipped.name for skipped in plan.skipped] == [name_of(13)]
    ssm.sync()
    assert ssm.vault.entries.count() == 24
    strict.control("allow")
    assert ssm.actions() == {name_of(13): "pull"}


def test_one_key_that_cannot_be_used_spoils_no_other(ssm: Pair, strict: Strict) -> None:
    strict.fill(parameters=25, prefix="/shop")
    kms = strict.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    aws = strict.client("ssm")
    aws.put_parameter(Name="/shop/locked", Value="x", Type="SecureString", KeyId=key)
    kms.disable_key(KeyId=key)
    plan = ssm.plan()
    assert len(plan.items) == 25
    assert [skipped.name for skipped in plan.skipped] == ["/shop/locked"]
    ssm.sync()
    assert ssm.vault.entries.count() == 25
    kms.enable_key(KeyId=key)
    ssm.sync()
    assert ssm.value("/shop/locked") == "x"


def test_what_becomes_unreadable_is_not_taken_for_deleted(ssm: Pair, strict: Strict) -> None:
    kms, aws = strict.client("kms"), strict.client("ssm")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    aws.put_parameter(Name="/shop/locked", Value="x", Type="SecureString", KeyId=key)
    ssm.sync()
    aws.put_parameter(Name="/shop/locked", Value="y", Overwrite=True)
    kms.disable_key(KeyId=key)
    assert "deleted-there" not in ssm.actions().values()
    ssm.sync(delete=True)
    assert ssm.value("/shop/locked") == "x"
    kms.enable_key(KeyId=key)
    ssm.sync()
    assert ssm.value("/shop/locked") == "y"


def test_a_pattern_that_only_java_knows_is_told_and_spoils_no_other(ssm: Pair, proxied: Proxy) -> None:
    pair = Pair(ssm.vault, ssm.vault.remotes.add(remote_at(proxied.url, Service.PARAMETER_STORE, "p")))
    aws = proxied.client("ssm")
    aws.put_parameter(Name="/shop/java", Value="x", Type="String")
    aws.put_parameter(Name="/shop/plain", Value="x", Type="String")
    proxied.on(
        LISTING,
        with_rows(lambda rows: [rows[0] | {"AllowedPattern": r"\p{javaLowerCase}+"}, rows[1]]),
    )
    outcomes = {outcome.item.name: outcome for outcome in pair.sync()}
    assert outcomes["/shop/java"].result is Result.FAILED
    assert outcomes["/shop/java"].reason
    assert outcomes["/shop/plain"].result is Result.DONE


def test_another_account_behind_the_remotes_back_is_refused(
    ssm: Pair, strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    strict.fill(parameters=5, prefix="/shop", type="String")
    ssm.sync()
    before = every_value(ssm.vault)
    linus = credentials("linus")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", linus["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", linus["aws_secret_access_key"])
    forget(ssm.vault)
    strict.calls(reset=True)
    other = Pair(ssm.vault, ssm.remote)
    with pytest.raises(Refused, match="sign in to the right one"):
        other.sync(delete=True)
    assert every_value(ssm.vault) == before
    assert not {name for name in strict.calls() if "Put" in name or "Delete" in name}


GARBAGE = {
    "garbage": troubles.GARBAGE,
    "web page": troubles.PORTAL,
    "half": troubles.CUT_INSIDE,
    "types": troubles.wrong_types(),
    "huge": troubles.huge(3_000_000),
    "list": troubles.changed(lambda answer: [answer]),
    "nothing": troubles.changed(lambda answer: None),
    "deep": troubles.Trouble("change", change=lambda body: b"[" * 100_000),
}


@pytest.mark.parametrize("kind", sorted(GARBAGE.keys() - {"half"}))  # half an answer is asked for again
def test_a_listing_that_is_none_changes_nothing(
    through: Pair, proxied: Proxy, strict: Strict, kind: str
) -> None:
    strict.fill(parameters=15, prefix="/shop", type="String")
    through.sync()
    put(through.vault, name_of(3), "mine")
    before, planned = every_value(through.vault), through.actions()
    proxied.on(LISTING, GARBAGE[kind], times=50)
    with pytest.raises(AwsError):
        through.sync(delete=True)
    proxied.reset()
    assert every_value(through.vault) == before
    assert through.actions() == planned == {name_of(3): "push"}


@pytest.mark.parametrize("kind", GARBAGE)
def test_values_that_are_none_come_with_the_next_look(
    through: Pair, proxied: Proxy, strict: Strict, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observe, "DETAILS_LIMIT", 0)
    strict.fill(parameters=25, prefix="/shop", type="String")
    proxied.on(VALUES, GARBAGE[kind], number=2)
    with suppress(AwsError):
        through.sync(delete=True)
    until_calm(through)
    assert every_value(through.vault) == {name: value for name, (value, _) in values_there(strict).items()}
    assert {version for _, version in values_there(strict).values()} == {1}


@pytest.mark.parametrize("kind", ["garbage", "half", "types", "list", "nothing"])
def test_an_answer_to_a_write_that_is_none_doubles_nothing(
    through: Pair, proxied: Proxy, strict: Strict, kind: str
) -> None:
    for number in range(4):
        put(through.vault, f"/shop/p{number}", "one")
    proxied.on("ssm:PutParameter", GARBAGE[kind], number=2)
    until_calm(through)
    assert values_there(strict) == {f"/shop/p{number}": ("one", 1) for number in range(4)}
    for number in range(4):
        put(through.vault, f"/shop/p{number}", "two")
    proxied.on("ssm:PutParameter", GARBAGE[kind], number=3)
    until_calm(through)
    assert values_there(strict) == {f"/shop/p{number}": ("two", 2) for number in range(4)}


@pytest.mark.parametrize("seed", range(2))
def test_throttles_and_failures_end_well_for_parameters(
    through: Pair, proxied: Proxy, strict: Strict, seed: int
) -> None:
    strict.fill(parameters=30, prefix="/shop", type="String")
    for number in range(10):
        put(through.vault, f"/shop/mine{number}", f"mine {number}")
    proxied.at_random(seed, 0.1, troubles.USUAL)
    until_calm(through)
    proxied.reset()
    assert through.actions(details=True) == {}
    there = values_there(strict)
    assert every_value(through.vault) == {name: value for name, (value, _) in there.items()}
    assert len(there) == 40
    assert {version for _, version in there.values()} == {1}
    assert_whole(through.vault)


def test_throttles_and_failures_end_well_for_secrets(
    secrets_through: Pair, proxied: Proxy, strict: Strict
) -> None:
    pair = secrets_through
    strict.fill(secrets=30, prefix="shop")
    for number in range(6):
        put_secret(pair.vault, f"/shop/mine{number}", f"mine {number}")
    proxied.at_random(5, 0.1, troubles.USUAL)
    until_calm(pair)
    for number in range(6):
        put_secret(pair.vault, f"/shop/mine{number}", f"again {number}")
    until_calm(pair)
    proxied.reset()
    assert pair.actions() == {}
    assert pair.vault.entries.count() == 36
    aws = strict.client("secretsmanager")
    for number in range(6):
        assert aws.get_secret_value(SecretId=f"shop/mine{number}")["SecretString"] == f"again {number}"
        stages = aws.describe_secret(SecretId=f"shop/mine{number}")["VersionIdsToStages"]
        held = sorted(stage for each in stages.values() for stage in each)
        assert held == ["AWSCURRENT", "AWSPREVIOUS"]
    assert_whole(pair.vault)


def test_the_network_goes_in_the_middle_of_a_push(through: Pair, proxied: Proxy, strict: Strict) -> None:
    for number in range(12):
        put(through.vault, f"/shop/p{number}", "one")

    def go_down() -> None:
        while not proxied.carried_out["ssm:PutParameter"]:  # one of those under way is answered
            sleep(0.001)
        proxied.down()

    proxied.strike("ssm:PutParameter", go_down, number=4)
    outcomes = through.sync()
    assert Result.DONE in {outcome.result for outcome in outcomes}
    assert {outcome.result for outcome in outcomes} <= {Result.DONE, Result.FAILED, Result.NOT_TRIED}
    planned = len(through.vault.entries.below(ParameterPath("/shop")))
    assert planned == 12
    proxied.up()
    until_calm(through)
    assert values_there(strict) == {f"/shop/p{number}": ("one", 1) for number in range(12)}
