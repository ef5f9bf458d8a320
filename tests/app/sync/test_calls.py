"""The least number of calls: a listing, values in bulk, nothing twice, nothing that the listing tells."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from app.sync import observe
from app.sync.outcome import Result
from tests.vault.furnished import put, put_secret
from vault.paths import ParameterPath

if TYPE_CHECKING:
    import pytest

    from tests.app.sync.conftest import Pair
    from tests.cloud.handles import Strict

NAMES = [f"/shop/p{number:03}" for number in range(25)]


def calls(strict: Strict) -> dict[str, int]:
    """The calls since the last look, without that which asks who we are."""
    found = strict.calls(reset=True)
    found.pop("sts:GetCallerIdentity", None)
    return {name.partition(":")[2]: count for name, count in found.items()}


def synced(pair: Pair, strict: Strict, count: int = 25) -> None:
    """Parameters on both sides; counting starts after it."""
    strict.fill(parameters=count, prefix="/shop", type="String")
    pair.sync()
    strict.calls(reset=True)


def assert_looked_at_once(pair: Pair, strict: Strict, listing: str, reading: str, batches: int) -> None:
    """What we wrote may be read once, in bulk, to see that it is ours; later the listing tells."""
    assert not pair.sync()
    found = calls(strict)
    assert found.pop(reading, 0) <= batches
    assert found == {listing: 1}
    assert not pair.sync()
    assert calls(strict) == {listing: 1}


def change(strict: Strict, number: int, value: str = "new") -> str:
    name = f"/shop/f{number // 100:04}/p{number:06}"
    strict.do("ssm", "PutParameter", Name=name, Value=value, Overwrite=True)
    return name


def test_a_first_pull_lists_and_fetches_in_bulk(
    ssm: Pair, strict: Strict, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observe, "DETAILS_LIMIT", 0)
    strict.fill(parameters=60, prefix="/shop")
    strict.fill(parameters=60, prefix="/elsewhere")
    ssm.plan()
    assert calls(strict) == {"DescribeParameters": 2, "GetParameters": 6}
    ssm.sync()
    assert calls(strict) == {"DescribeParameters": 2}  # what was seen is kept until it is pulled
    assert ssm.vault.entries.count() == 60
    assert ssm.seen is not None
    assert ssm.seen.unread == 60


def test_tags_and_labels_of_some_new_parameters_are_read_with_them(ssm: Pair, strict: Strict) -> None:
    strict.fill(parameters=60, prefix="/shop")
    ssm.sync()
    assert calls(strict) == {
        "DescribeParameters": 2,
        "GetParameters": 6,
        "ListTagsForResource": 60,
        "GetParameterHistory": 60,
    }
    assert ssm.seen is not None
    assert ssm.seen.unread == 0


def test_nothing_changed_is_the_listing_alone(ssm: Pair, strict: Strict) -> None:
    synced(ssm, strict, 120)
    assert not ssm.sync()
    assert calls(strict) == {"DescribeParameters": 3}


def test_who_we_are_is_asked_once_a_look(ssm: Pair, strict: Strict) -> None:
    synced(ssm, strict, 1)
    ssm.sync()
    assert strict.calls().get("sts:GetCallerIdentity", 0) <= 1


def test_a_later_sync_fetches_what_changed_alone(ssm: Pair, strict: Strict) -> None:
    synced(ssm, strict, 60)
    changed = {change(strict, number) for number in range(0, 60, 4)}
    strict.calls(reset=True)
    assert {outcome.item.name for outcome in ssm.sync()} == changed
    assert calls(strict) == {
        "DescribeParameters": 2,
        "GetParameters": ceil(len(changed) / 10),
        "ListTagsForResource": len(changed),
        "GetParameterHistory": len(changed),
    }
    assert {ssm.value(name) for name in changed} == {"new"}
    assert not ssm.sync()
    assert calls(strict) == {"DescribeParameters": 2}


def test_a_conflict_that_waits_is_not_fetched_again(ssm: Pair, strict: Strict) -> None:
    synced(ssm, strict)
    name = change(strict, 3)
    put(ssm.vault, name, "mine")
    assert ssm.actions() == {name: "conflict"}
    strict.calls(reset=True)
    for _ in range(3):
        ssm.sync()
    assert calls(strict) == {"DescribeParameters": 3}


def test_what_is_gone_is_asked_for_once(ssm: Pair, strict: Strict) -> None:
    synced(ssm, strict)
    gone = [f"/shop/f0000/p{number:06}" for number in range(12)]
    strict.do("ssm", "DeleteParameters", Names=gone[:10])
    strict.do("ssm", "DeleteParameters", Names=gone[10:])
    strict.calls(reset=True)
    assert ssm.actions() == dict.fromkeys(gone, "deleted-there")
    assert calls(strict) == {"DescribeParameters": 1, "GetParameters": 2}
    ssm.sync(delete=True)
    calls(strict)
    ssm.sync()
    assert calls(strict) == {"DescribeParameters": 1}


def test_a_push_is_one_call_each(ssm: Pair, strict: Strict) -> None:
    for name in NAMES:
        put(ssm.vault, name, "one", tags={"a": "b"})
    ssm.sync()
    assert calls(strict) == {"DescribeParameters": 1, "PutParameter": 25}
    assert_looked_at_once(ssm, strict, "DescribeParameters", "GetParameters", 3)
    for name in NAMES:
        put(ssm.vault, name, "two")
        put(ssm.vault, name, "three")
    assert {outcome.result for outcome in ssm.sync()} == {Result.DONE}
    assert calls(strict) == {"DescribeParameters": 1, "PutParameter": 25, "GetParameters": 3}
    assert_looked_at_once(ssm, strict, "DescribeParameters", "GetParameters", 3)


def test_deletions_are_ten_a_call(ssm: Pair, strict: Strict) -> None:
    synced(ssm, strict)
    for entry in ssm.vault.entries.below(ParameterPath("/shop")):
        ssm.vault.trash.remove(entry.path)
    ssm.sync()
    assert calls(strict) == {"DescribeParameters": 1}
    assert {outcome.result for outcome in ssm.sync(delete=True)} == {Result.DONE}
    assert calls(strict) == {"DescribeParameters": 1, "GetParameters": 3, "DeleteParameters": 3}
    assert not ssm.sync()
    assert calls(strict) == {"DescribeParameters": 1}


def test_only_tags_that_changed_are_written(ssm: Pair, strict: Strict) -> None:
    from vault.records import Draft

    synced(ssm, strict, 3)
    path = ParameterPath("/shop/f0000/p000001")
    ssm.vault.entries.put(Draft(path, None, tags={"a": "b"}, overwrite=True))
    ssm.sync()
    assert calls(strict) == {
        "DescribeParameters": 1,
        "ListTagsForResource": 1,
        "GetParameterHistory": 1,
        "AddTagsToResource": 1,
    }


def test_a_first_pull_of_secrets_is_twenty_a_call(secrets: Pair, strict: Strict) -> None:
    strict.fill(secrets=45, prefix="shop")
    secrets.sync()
    assert calls(strict) == {"ListSecrets": 1, "BatchGetSecretValue": 3}
    assert secrets.vault.entries.count() == 45
    assert not secrets.sync()
    assert calls(strict) == {"ListSecrets": 1}


def test_a_later_sync_of_secrets_fetches_what_changed_alone(secrets: Pair, strict: Strict) -> None:
    strict.fill(secrets=45, prefix="shop")
    secrets.sync()
    aws = strict.client("secretsmanager")
    for number in (1, 7):
        aws.put_secret_value(SecretId=f"shop/s{number:06}", SecretString="new")
    aws.tag_resource(SecretId="shop/s000002", Tags=[{"Key": "a", "Value": "b"}])
    strict.calls(reset=True)
    assert len(secrets.sync()) == 3
    found = calls(strict)
    assert (found["ListSecrets"], found["BatchGetSecretValue"]) == (1, 1)
    assert found.get("GetSecretValue", 0) <= 2  # none of the versions that got AWSPREVIOUS is here under it


def test_a_push_of_secrets(secrets: Pair, strict: Strict) -> None:
    for number in range(5):
        put_secret(secrets.vault, f"/shop/s{number}", "one", tags={"a": "b"})
    secrets.sync()
    assert calls(strict) == {"ListSecrets": 1, "CreateSecret": 5}
    for number in range(5):
        put_secret(secrets.vault, f"/shop/s{number}", "two")
    secrets.sync()
    found = calls(strict)
    assert (found["PutSecretValue"], found["UpdateSecretVersionStage"]) == (5, 10)
    assert found.get("BatchGetSecretValue", 0) <= 1
    assert not [outcome for outcome in secrets.sync() if outcome.result is not Result.DONE]
    assert calls(strict) == {"ListSecrets": 1}  # a VersionId of ours is nobody else's
