"""Undo for AWS: what somebody removed or changed there comes back as it was."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.sync import undo
from app.sync.choices import Choice
from app.sync.outcome import Result
from app.sync.run import Sync, plan_of
from tests.vault.furnished import put, put_secret
from vault.errors import Cancelled
from vault.paths import ROOT, ParameterPath
from vault.policies import expiration, policies_json
from vault.records import Tier, ValueType
from vault.steps import Steps

if TYPE_CHECKING:
    from app.sync.outcome import Outcome
    from tests.app.sync.conftest import Pair
    from tests.cloud.handles import Strict
    from tests.vault.furnished import Clock


def undelete(pair: Pair, path: str) -> list[Outcome]:
    pair.plan()
    found = undo.plan_undelete(pair.vault, pair.remote, ParameterPath(path))
    plan = undo.undelete(pair.vault, pair.remote, found)
    return Sync(pair.vault, pair.remote, pair.store).apply(plan)


def everything_about(strict: Strict, name: str) -> dict[str, Any]:
    aws = strict.client("ssm")
    (described,) = aws.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    value = aws.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    tags = aws.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    labels = aws.get_parameter_history(Name=name)["Parameters"][-1]["Labels"]
    kept = ("Type", "Tier", "KeyId", "Description", "AllowedPattern", "DataType", "Policies")
    return {"value": value, "tags": tags, "labels": labels, **{key: described.get(key) for key in kept}}


def test_a_parameter_comes_back_as_it_was(ssm: Pair, strict: Strict, clock: Clock) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws = strict.client("ssm")
    policies = policies_json((expiration(clock.now + timedelta(days=9)),))
    aws.put_parameter(
        Name="/shop/db",
        Value="pass-1",
        Type="SecureString",
        KeyId=key,
        Tier="Advanced",
        Description="of the shop",
        AllowedPattern="pass-.*",
        Policies=policies,
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    aws.label_parameter_version(Name="/shop/db", ParameterVersion=1, Labels=["live"])
    before = everything_about(strict, "/shop/db")
    ssm.sync()
    strict.do("ssm", "DeleteParameter", Name="/shop/db")

    assert ssm.actions() == {"/shop/db": "deleted-there"}
    assert [outcome.result for outcome in undelete(ssm, "/shop/db")] == [Result.DONE]
    assert everything_about(strict, "/shop/db") == before
    assert ssm.actions() == {}


def test_a_subtree_comes_back_out_of_the_trash(ssm: Pair, strict: Strict) -> None:
    for name in ("a/one", "a/two", "b"):
        put(ssm.vault, f"/shop/{name}", name, tags={"n": name[-1]})
    ssm.sync()
    strict.do("ssm", "DeleteParameters", Names=["/shop/a/one", "/shop/a/two", "/shop/b"])
    ssm.sync(delete=True)
    assert ssm.vault.entries.count() == 0

    assert {outcome.result for outcome in undelete(ssm, "/shop/a")} == {Result.DONE}
    got = strict.client("ssm").get_parameters_by_path(Path="/shop", Recursive=True, WithDecryption=True)
    assert {row["Name"]: row["Value"] for row in got["Parameters"]} == {
        "/shop/a/one": "a/one",
        "/shop/a/two": "a/two",
    }
    assert sorted(entry.path for entry in ssm.vault.entries.below(ROOT)) == ["/shop/a/one", "/shop/a/two"]
    assert ssm.actions() == {}


def test_what_is_stopped_has_taken_nothing_back(
    ssm: Pair, strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(ssm.vault, "/shop/a", "a")
    put(ssm.vault, "/shop/b", "b")
    ssm.sync()
    strict.do("ssm", "DeleteParameters", Names=["/shop/a", "/shop/b"])
    ssm.plan()
    ssm.vault.trash.remove(ParameterPath("/shop/a"))
    found = undo.plan_undelete(ssm.vault, ssm.remote, ROOT)
    monkeypatch.setattr("vault.steps.EVERY", 1)

    def stop_at(last: int) -> Steps:
        def tell(done: int, total: int) -> None:
            if done == last < total:
                raise Cancelled("stopped")

        return Steps(tell)

    stopped = 0
    for last in range(100):
        try:
            undo.take_back(ssm.vault, ssm.remote, found, stop_at(last))
        except Cancelled:
            stopped += 1
            assert undo.plan_undelete(ssm.vault, ssm.remote, ROOT) == found
        else:
            break
    assert stopped == 8  # six of what is in the trash, and each name that is gone
    assert [each.trashed for each in undo.plan_undelete(ssm.vault, ssm.remote, ROOT)] == [None, None]


def test_looking_for_what_is_gone_can_be_stopped(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/a", "a")
    ssm.sync()
    told: list[int] = []
    assert undo.plan_undelete(ssm.vault, ssm.remote, ROOT, Steps(lambda done, _: told.append(done))) == []
    assert told == []  # nothing is gone, so nothing is compared
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    ssm.plan()

    def stop(_done: int, _total: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        undo.plan_undelete(ssm.vault, ssm.remote, ROOT, Steps(stop))


def test_what_somebody_made_there_again_meanwhile_stays_as_it_is_there(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/a", "mine")
    ssm.sync()
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    ssm.plan()
    found = undo.plan_undelete(ssm.vault, ssm.remote, ROOT)
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="theirs", Type="String")
    ssm.plan()
    before = ssm.vault.remotes.links(ssm.remote)
    undo.take_back(ssm.vault, ssm.remote, found)
    assert ssm.vault.remotes.links(ssm.remote) == before


def test_a_secret_comes_back_from_its_recovery_window(secrets: Pair, strict: Strict) -> None:
    put_secret(secrets.vault, "/shop/db", "one", tags={"a": "b"})
    secrets.sync()
    put_secret(secrets.vault, "/shop/db", "two")
    secrets.sync()
    aws = strict.client("secretsmanager")
    before = aws.describe_secret(SecretId="shop/db")
    strict.do("secretsmanager", "DeleteSecret", SecretId="shop/db")
    assert secrets.actions() == {"/shop/db": "deleted-there"}
    assert [outcome.result for outcome in undelete(secrets, "/shop")] == [Result.DONE]
    after = aws.describe_secret(SecretId="shop/db")
    assert (after["ARN"], after["VersionIdsToStages"], after["Tags"]) == (
        before["ARN"],
        before["VersionIdsToStages"],
        before["Tags"],
    )
    assert secrets.actions() == {}


def test_a_subtree_goes_back_to_yesterday_and_is_pushed(ssm: Pair, strict: Strict, clock: Clock) -> None:
    put(ssm.vault, "/shop/a", "then", tags={"t": "1"})
    put(ssm.vault, "/shop/b", "same")
    ssm.vault.entries.label(ParameterPath("/shop/a"), 1, ["live"])
    ssm.sync()
    then = clock.now
    clock.move(timedelta(days=1))
    aws = strict.client("ssm")
    aws.put_parameter(Name="/shop/a", Value="now", Overwrite=True)
    aws.label_parameter_version(Name="/shop/a", ParameterVersion=2, Labels=["live"])
    aws.put_parameter(Name="/shop/new", Value="new", Type="String")
    ssm.sync()
    assert ssm.value("/shop/a", label="live") == "now"

    ssm.vault.restore_to(ParameterPath("/shop"), then)
    plan = undo.pushes_of(plan_of(ssm.vault, ssm.remote, below=ParameterPath("/shop")))
    Sync(ssm.vault, ssm.remote, ssm.store).apply(plan, on_conflict=Choice.MINE)
    got = aws.get_parameter(Name="/shop/a:live", WithDecryption=True)["Parameter"]
    assert (got["Value"], got["Version"]) == ("then", 1)
    assert aws.get_parameter(Name="/shop/a", WithDecryption=True)["Parameter"]["Value"] == "then"
    assert ssm.actions() == {"/shop/new": "deleted-here"}  # waits for its own confirmation


def test_what_is_advanced_is_made_advanced_again(ssm: Pair, strict: Strict, clock: Clock) -> None:
    put(ssm.vault, "/shop/list", "a,,b", value_type=ValueType.STRING_LIST)
    put(
        ssm.vault,
        "/shop/big",
        "x" * 8192,
        tier=Tier.ADVANCED,
        policies=(expiration(clock.now + timedelta(days=3)),),
    )
    ssm.sync()
    before = {name: everything_about(strict, name) for name in ("/shop/list", "/shop/big")}
    strict.do("ssm", "DeleteParameters", Names=list(before))
    undelete(ssm, "/")
    assert {name: everything_about(strict, name) for name in before} == before
