"""Entries go both ways, and a plan after applying is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sync.choices import Answer, Choice
from app.sync.outcome import Result
from app.sync.run import Sync
from tests.app.sync.conftest import Pair, remote_at
from tests.vault.furnished import find, put, put_secret
from vault.paths import ParameterPath
from vault.records import Service, Tier

if TYPE_CHECKING:
    from tests.cloud.handles import Strict
    from vault.vault import Vault


def test_a_first_pull_brings_everything(ssm: Pair, strict: Strict) -> None:
    aws = strict.client("ssm")
    aws.put_parameter(
        Name="/shop/db/password",
        Value="s3cret",
        Type="SecureString",
        Description="of the shop",
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    aws.put_parameter(Name="/shop/names", Value="a,b,,c", Type="StringList")
    aws.put_parameter(Name="/other/x", Value="not mine", Type="String")

    assert ssm.actions() == {"/shop/db/password": "pull", "/shop/names": "pull"}
    assert {outcome.result for outcome in ssm.sync()} == {Result.DONE}

    assert ssm.value("/shop/db/password") == "s3cret"
    assert ssm.value("/shop/names") == "a,b,,c"
    assert find(ssm.vault, "/shop/db/password").tags == {"team": "shop"}
    assert find(ssm.vault, "/shop/db/password").description == "of the shop"
    assert ssm.actions() == {}


def test_a_first_push_makes_everything(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/db/password", "s3cret", tags={"team": "shop"}, description="of the shop")
    put(ssm.vault, "/shop/big", "x" * 5000, tier=Tier.ADVANCED)
    put(ssm.vault, "/elsewhere", "not there")

    assert ssm.actions() == {"/shop/db/password": "push", "/shop/big": "push"}
    assert {outcome.result for outcome in ssm.sync()} == {Result.DONE}

    aws = strict.client("ssm")
    got = aws.get_parameter(Name="/shop/db/password", WithDecryption=True)["Parameter"]
    assert (got["Value"], got["Type"], got["Version"]) == ("s3cret", "SecureString", 1)
    tags = aws.list_tags_for_resource(ResourceType="Parameter", ResourceId="/shop/db/password")["TagList"]
    assert tags == [{"Key": "team", "Value": "shop"}]
    assert ssm.actions() == {}
    assert not ssm.sync()


def test_changes_cross_over(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/mine", "one")
    put(ssm.vault, "/shop/theirs", "one")
    ssm.sync()
    aws = strict.client("ssm")
    aws.put_parameter(Name="/shop/theirs", Value="two", Overwrite=True)
    put(ssm.vault, "/shop/mine", "two", overwrite=True)
    put(ssm.vault, "/shop/mine", "three", overwrite=True)

    assert ssm.actions() == {"/shop/mine": "push", "/shop/theirs": "pull"}
    ssm.sync()
    assert ssm.value("/shop/theirs") == "two"
    got = aws.get_parameter(Name="/shop/mine", WithDecryption=True)["Parameter"]
    assert (got["Value"], got["Version"]) == ("three", 2)  # the newest of several edits, and it alone
    assert ssm.actions() == {}


def test_a_conflict_waits_and_is_decided(ssm: Pair, strict: Strict) -> None:
    for name in ("mine", "theirs", "both", "stop"):
        put(ssm.vault, f"/shop/{name}", "base")
    ssm.sync()
    aws = strict.client("ssm")
    for name in ("mine", "theirs", "both", "stop"):
        put(ssm.vault, f"/shop/{name}", "here", overwrite=True)
        aws.put_parameter(Name=f"/shop/{name}", Value="there", Overwrite=True)

    assert set(ssm.actions().values()) == {"conflict"}
    assert {outcome.result for outcome in ssm.sync()} == {Result.LEFT}
    outcomes = ssm.sync(
        answers={f"/shop/{name}": Answer(Choice(name)) for name in ("mine", "theirs", "both", "stop")}
    )
    assert [o.result.value for o in outcomes if o.item.name.endswith("stop")] == ["left"]
    assert ssm.value("/shop/mine") == "here"
    assert ssm.value("/shop/mine", number=2) == "here"
    assert ssm.value("/shop/mine", number=3) == "there"  # what it went over is an older version
    assert ssm.value("/shop/theirs") == "there"
    assert ssm.value("/shop/theirs", number=2) == "here"
    assert (ssm.value("/shop/both"), ssm.value("/shop/both.mine")) == ("there", "here")

    def there(name: str) -> str:
        return str(aws.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])

    assert there("/shop/mine") == "here"
    assert there("/shop/theirs") == "there"
    assert (there("/shop/both"), there("/shop/both.mine")) == ("there", "here")
    assert ssm.actions() == {"/shop/stop": "conflict"}


def test_a_deletion_needs_its_own_confirmation(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/here", "one")
    put(ssm.vault, "/shop/there", "one")
    ssm.sync()
    aws = strict.client("ssm")
    aws.delete_parameter(Name="/shop/there")
    ssm.vault.trash.remove(ParameterPath("/shop/here"))

    assert ssm.actions() == {"/shop/here": "deleted-here", "/shop/there": "deleted-there"}
    assert {outcome.result for outcome in ssm.sync()} == {Result.LEFT}
    assert {outcome.result for outcome in ssm.sync(delete=True)} == {Result.DONE}
    assert aws.get_parameters(Names=["/shop/here", "/shop/there"])["Parameters"] == []
    assert ssm.vault.entries.count() == 0
    assert ssm.actions() == {}


def test_secrets_go_both_ways(secrets: Pair, strict: Strict) -> None:
    aws = strict.client("secretsmanager")
    aws.create_secret(Name="shop/theirs", SecretBinary=b"\0\xff", Tags=[{"Key": "a", "Value": "b"}])
    put_secret(secrets.vault, "/shop/mine", "one", description="of mine", tags={"c": "d"})
    assert secrets.actions() == {"/shop/mine": "push", "/shop/theirs": "pull"}
    assert {outcome.result for outcome in secrets.sync()} == {Result.DONE}
    assert secrets.actions() == {}
    got = aws.get_secret_value(SecretId="shop/mine")
    assert got["SecretString"] == "one"
    assert got["VersionStages"] == ["AWSCURRENT"]

    put_secret(secrets.vault, "/shop/mine", "two", overwrite=True)
    aws.put_secret_value(SecretId="shop/theirs", SecretString="two")
    assert secrets.actions() == {"/shop/mine": "push", "/shop/theirs": "pull"}
    secrets.sync()
    assert secrets.actions() == {}
    assert secrets.value("/shop/theirs") == "two"
    described = aws.describe_secret(SecretId="shop/mine")["VersionIdsToStages"]
    assert sorted(stage for stages in described.values() for stage in stages) == ["AWSCURRENT", "AWSPREVIOUS"]


def test_a_parameter_that_was_replaced_under_our_write_is_not_lost(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/a", "one")
    ssm.sync()
    put(ssm.vault, "/shop/a", "mine", overwrite=True)
    plan = ssm.plan()
    strict.do("ssm", "DeleteParameter", Name="/shop/a")
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="theirs", Type="SecureString")
    (outcome,) = Sync(ssm.vault, ssm.remote, ssm.store).apply(plan)
    assert outcome.result is Result.CONFLICT
    assert ssm.actions() == {"/shop/a": "conflict"}
    ssm.sync(Choice.THEIRS)
    assert ssm.value("/shop/a") == "theirs"
    assert ssm.actions() == {}
    got = strict.client("ssm").get_parameter(Name="/shop/a", WithDecryption=True)["Parameter"]
    assert got["Value"] == "theirs"


def test_a_tier_that_aws_chooses_is_no_change(vault: Vault, strict: Strict) -> None:
    draft = remote_at(strict.url, Service.PARAMETER_STORE, tier=Tier.INTELLIGENT)
    pair = Pair(vault, vault.remotes.add(draft))
    put(vault, "/shop/small", "x")
    put(vault, "/shop/big", "x" * 5000, tier=Tier.ADVANCED)
    pair.sync()
    assert pair.actions() == {}
    put(vault, "/shop/small", "y")
    pair.sync()
    assert pair.actions() == {}


def test_two_programs_of_one_vault_push_the_same_edit(ssm: Pair, strict: Strict) -> None:
    put(ssm.vault, "/shop/a", "one")
    ssm.sync()
    put(ssm.vault, "/shop/a", "two")
    plan = ssm.plan()
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="two", Overwrite=True)
    (outcome,) = Sync(ssm.vault, ssm.remote, ssm.store).apply(plan)
    assert outcome.result is Result.DONE  # nothing of anybody's was lost
    assert ssm.actions() == {}
