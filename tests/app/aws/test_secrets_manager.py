"""Secrets Manager as a remote store, against the strict fake and moto over HTTP."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.aws.labelling import PRIVATE
from app.aws.secrets_manager import SecretsManager
from app.errors import AwsDenied, AwsExists, AwsMissing, AwsRefused, AwsUnanswered, Overtaken
from app.ports import Facts, Fetched, Push, RemoteStore, Sighting, Unreadable
from tests.app.aws.callers import OverBoto, Scripted
from tests.cloud.handles import ACCOUNT, REGION
from vault.records import ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.handles import Moto, Strict

PLAIN = Facts(ValueType.SECRET_STRING)
RICH = PLAIN._replace(description="naïve – ключ", tags={"team": "shop", "cost center": "7:a/b=c+d-e@f"})


class Killed(BaseException):
    """The process ends here."""


class Bench:
    """A store with what it stands on."""

    def __init__(self, endpoint: Strict | Moto, prefix: str = "shop") -> None:
        self.caller = OverBoto(endpoint, "secretsmanager")
        self.store: RemoteStore = SecretsManager(self.caller, prefix, sts=OverBoto(endpoint, "sts"))
        self.client = endpoint.client("secretsmanager")
        self.kms = partial(endpoint.client, "kms")

    def below(self, prefix: str) -> SecretsManager:
        return SecretsManager(self.caller, prefix)

    def listed(self, store: RemoteStore | None = None) -> dict[str, Sighting]:
        found = [one for page in (store or self.store).listing() for one in page]
        assert all(isinstance(one, Sighting) for one in found)
        return {one.name: one for one in found if isinstance(one, Sighting)}

    def seen(self, name: str) -> Sighting:
        found = self.store.look(name)
        assert found is not None
        return found

    def make(self, name: str, value: str = "one", facts: Facts = PLAIN) -> Sighting:
        ours = push(name, value, facts)
        assert self.store.create(ours) == ours.token
        return self.seen(name)

    def value(self, name: str) -> str:
        (found,) = self.store.values([name])
        assert isinstance(found, Fetched)
        assert found.value is not None
        return found.value.reveal_text()

    def versions(self, name: str) -> dict[str, list[str]]:
        told = self.client.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]
        return {one["VersionId"]: sorted(one.get("VersionStages", [])) for one in told}

    def private(self, name: str) -> list[str]:
        """Private staging labels that are there."""
        stages = [stage for held in self.versions(name).values() for stage in held]
        return [stage for stage in stages if stage.startswith(PRIVATE)]


def push(name: str, value: str | None, facts: Facts = PLAIN, token: str = "") -> Push:
    return Push(name, None if value is None else Secret.of_text(value), token or str(uuid4()), facts)


@pytest.fixture(params=["strict", "moto"])
def either(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.getfixturevalue(request.param))


@pytest.fixture
def bench(strict: Strict) -> Bench:
    return Bench(strict)


def test_everything_survives_the_round_trip(either: Bench) -> None:
    seen = either.make("shop/db/password", "wert", RICH)
    assert either.listed() == {"shop/db/password": seen}
    labels = {"AWSCURRENT": seen.version}
    assert seen.facts == RICH._replace(value_type=None, labels=labels)
    assert either.store.details(seen) == seen.facts
    assert either.value("shop/db/password") == "wert"
    assert seen.incarnation.startswith("arn:aws:secretsmanager:")
    assert not seen.read_only
    assert len(either.store.identity().account) == 12


@pytest.mark.parametrize(
    ("value", "value_type"),
    [
        (b"a,,b,", ValueType.SECRET_STRING),
        ("ü€😀".encode(), ValueType.SECRET_STRING),
        (b"x" * 65_536, ValueType.SECRET_STRING),
        (bytes(range(256)), ValueType.SECRET_BINARY),
        (b"\x00" * 65_536, ValueType.SECRET_BINARY),
    ],
)
def test_values_come_back_as_they_went(either: Bench, value: bytes, value_type: ValueType) -> None:
    facts = Facts(value_type)
    either.store.create(Push("shop/a", Secret(value), str(uuid4()), facts))
    second = value[: len(value) // 2]
    if value_type is ValueType.SECRET_STRING:
        second = value.decode()[1:].encode()
    either.store.overwrite(Push("shop/a", Secret(second), str(uuid4()), facts), either.seen("shop/a"))
    (found,) = either.store.values(["shop/a"])
    assert isinstance(found, Fetched)
    assert (found.value, found.value_type) == (Secret(second), value_type)
    history = either.store.history("shop/a", with_values=True)
    assert [one.value == Secret(value) for one in history if isinstance(one, Fetched)].count(True) == 1


# ----------------------------------------------------------------------------------------------- listing


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("shop", {"shop/a", "shop/b/c"}),
        ("shop/", {"shop/a", "shop/b/c"}),
        ("/shop", {"/shop/x"}),
        ("/", {"/shop/x", "/y"}),
        ("", {"shop/a", "shop/b/c", "shopping", "shop", "SHOP/a"}),
        ("other", set()),
    ],
)
def test_a_listing_has_what_is_below_the_prefix_alone(either: Bench, prefix: str, names: set[str]) -> None:
    for name in ("shop/a", "shop/b/c", "shopping", "shop", "SHOP/a", "/shop/x", "/y"):
        either.make(name)
    assert set(either.listed(either.below(prefix))) == names


def test_a_listing_takes_a_call_for_a_hundred_and_values_one_for_twenty(bench: Bench, strict: Strict) -> None:
    strict.fill(secrets=250, prefix="shop")
    names = list(bench.listed())
    assert len(names) == 250
    assert bench.caller.count == {"ListSecrets": 3}
    assert len(bench.store.values(names[:20])) == 20
    assert bench.caller.count == {"ListSecrets": 3, "BatchGetSecretValue": 1}
    assert bench.store.batch == 20


def test_secrets_that_wait_to_be_gone_are_not_there(either: Bench) -> None:
    either.make("shop/a")
    assert either.store.delete(["shop/a"]) == ["shop/a"]
    assert either.listed() == {}
    assert either.store.look("shop/a") is None
    assert either.store.values(["shop/a"]) == []
    with pytest.raises(AwsExists):
        either.store.create(push("shop/a", "two"))
    assert either.store.revive("shop/a")
    assert not either.store.revive("shop/a")
    assert not either.store.revive("shop/none")
    assert either.value("shop/a") == "one"


def test_secrets_without_a_value(bench: Bench, strict: Strict) -> None:
    assert bench.store.create(push("shop/a", None)) == ""
    seen = bench.seen("shop/a")
    assert (seen.version, seen.facts.labels) == ("", {})
    bare = Fetched("shop/a", "", None, ValueType.SECRET_STRING)
    assert bench.store.values(["shop/a", "shop/none"]) == [bare]
    strict.control("deny", action="secretsmanager:BatchGetSecretValue", resource="*")
    assert bench.store.values(["shop/a", "shop/none"]) == [bare]
    ours = push("shop/a", "first")
    assert bench.store.overwrite(ours, seen) == ours.token
    assert bench.versions("shop/a") == {ours.token: ["AWSCURRENT"]}


def test_one_secret_that_cannot_be_read_does_not_hide_the_others(bench: Bench, strict: Strict) -> None:
    kms = bench.kms()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    bench.make("shop/good")
    bench.make("shop/bad", "bad", PLAIN._replace(key=key))
    bench.make("shop/closed")
    kms.disable_key(KeyId=key)
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/closed-*"
    strict.control("deny", action="secretsmanager:GetSecretValue", resource=arn)
    found = bench.store.values(["shop/good", "shop/bad", "shop/closed", "shop/none"])
    assert [(type(one).__name__, one.name) for one in found] == [
        ("Fetched", "shop/good"),
        ("Unreadable", "shop/bad"),
        ("Unreadable", "shop/closed"),
    ]
    denied = [one for one in found if isinstance(one, Unreadable) and isinstance(one.error, AwsDenied)]
    assert [one.name for one in denied] == ["shop/closed"]
    history = bench.store.history("shop/bad", with_values=True)
    assert [type(one) for one in history] == [Unreadable]


def test_without_the_batch_permission_each_is_asked_for(bench: Bench, strict: Strict) -> None:
    bench.make("shop/a")
    bench.make("shop/b")
    strict.control("deny", action="secretsmanager:BatchGetSecretValue", resource="*")
    assert len(bench.store.values(["shop/a", "shop/b", "shop/none"])) == 2
    strict.control("deny", action="secretsmanager:GetSecretValue", resource="*")
    with pytest.raises(AwsDenied):
        bench.store.values(["shop/a", "shop/b"])


def test_the_history_has_versions_without_labels_too(either: Bench) -> None:
    seen = either.make("shop/a", "1")
    tokens = [seen.version]
    tokens += [either.store.overwrite(push("shop/a", value), either.seen("shop/a")) for value in "234"]
    history = [one for one in either.store.history("shop/a", with_values=True) if isinstance(one, Fetched)]
    assert {one.version: one.value and one.value.reveal_text() for one in history} == dict(
        zip(tokens, "1234", strict=True)
    )
    labels = {one.version: one.labels for one in history if one.labels}
    assert labels == {tokens[3]: ("AWSCURRENT",), tokens[2]: ("AWSPREVIOUS",)}
    assert either.store.version("shop/a", tokens[0]).value == Secret(b"1")
    with pytest.raises(AwsMissing):
        either.store.version("shop/a", str(uuid4()))
    assert len(either.store.history("shop/a", with_values=False)) == 4


def test_what_is_not_there_has_no_history(bench: Bench) -> None:
    assert bench.store.history("shop/none", with_values=True) == []


# ------------------------------------------------------------------------------------------------ writing


def test_making_a_secret_twice_with_one_token_makes_one(either: Bench) -> None:
    ours = push("shop/a", "wert", RICH)
    assert either.store.create(ours) == either.store.create(ours) == ours.token
    assert list(either.versions("shop/a")) == [ours.token]
    with pytest.raises(AwsExists):
        either.store.create(push("shop/a", "other"))


def test_a_write_takes_three_calls_and_leaves_no_label_behind(either: Bench) -> None:
    seen = either.make("shop/a")
    either.caller.count.clear()
    ours = push("shop/a", "two")
    assert either.store.overwrite(ours, seen) == ours.token
    assert either.caller.count == {"PutSecretValue": 1, "UpdateSecretVersionStage": 2}
    assert either.versions("shop/a") == {seen.version: ["AWSPREVIOUS"], ours.token: ["AWSCURRENT"]}
    assert either.value("shop/a") == "two"


def test_private_labels_are_not_told(bench: Bench) -> None:
    seen = bench.make("shop/a")
    stages = [f"{PRIVATE}0a0b0c0d", "blue"]
    bench.client.put_secret_value(SecretId="shop/a", SecretString="two", VersionStages=stages)
    now = bench.seen("shop/a")
    assert now.version == seen.version
    assert set(now.facts.labels or ()) == {"AWSCURRENT", "blue"}
    assert bench.listed()["shop/a"] == now
    told = [label for one in bench.store.history("shop/a", with_values=False)
            for label in getattr(one, "labels", ())]  # fmt: skip
    assert sorted(told) == ["AWSCURRENT", "blue"]


THEIRS = str(UUID(int=7))


def test_who_is_faster_wins_and_nothing_is_lost(bench: Bench, strict: Strict) -> None:
    seen = bench.make("shop/a")
    theirs = {"SecretId": "shop/a", "SecretString": "theirs", "ClientRequestToken": THEIRS}
    for operation in ("secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"):
        strict.strike(operation, ("PutSecretValue", theirs))
        ours = push("shop/a", "ours", PLAIN._replace(description="ours"))
        with pytest.raises(Overtaken) as caught:
            bench.store.overwrite(ours, seen)
        assert (caught.value.ours, caught.value.theirs) == (None, THEIRS)
        assert bench.value("shop/a") == "theirs"
        assert bench.private("shop/a") == []
        assert bench.seen("shop/a").facts.description == ""


def test_a_first_value_that_somebody_else_gave_meanwhile_stays(bench: Bench, strict: Strict) -> None:
    bench.store.create(push("shop/a", None))
    seen = bench.seen("shop/a")
    theirs = {"SecretId": "shop/a", "SecretString": "theirs", "ClientRequestToken": THEIRS}
    strict.strike("secretsmanager:PutSecretValue", ("PutSecretValue", theirs))
    with pytest.raises(Overtaken) as caught:
        bench.store.overwrite(push("shop/a", "ours"), seen)
    assert (caught.value.ours, caught.value.theirs) == (None, THEIRS)
    assert bench.value("shop/a") == "theirs"
    assert bench.private("shop/a") == []


def test_a_secret_that_was_deleted_meanwhile_is_not_brought_back(bench: Bench) -> None:
    seen = bench.make("shop/a")
    bench.client.delete_secret(SecretId="shop/a")
    with pytest.raises(Overtaken) as caught:
        bench.store.overwrite(push("shop/a", "ours"), seen)
    assert (caught.value.ours, caught.value.theirs) == (None, "")
    bench.client.delete_secret(SecretId="shop/a", ForceDeleteWithoutRecovery=True)
    with pytest.raises(Overtaken):
        bench.store.overwrite(push("shop/a", "ours"), seen)


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("step", range(4))
def test_a_write_that_was_killed_goes_on_and_doubles_nothing(
    either: Bench, step: int, answered: bool
) -> None:
    seen = either.make("shop/a")
    ours = push("shop/a", "two", PLAIN._replace(description="new"))
    left = [step]

    def kill(operation: str) -> None:
        if left[0] == 0:
            raise Killed
        left[0] -= 1

    setattr(either.caller, "after" if answered else "before", kill)
    with pytest.raises(Killed):
        either.store.overwrite(ours, seen)
    setattr(either.caller, "after" if answered else "before", lambda operation: None)
    for _ in range(2):
        assert either.store.overwrite(ours, seen) == ours.token
        assert either.versions("shop/a") == {seen.version: ["AWSPREVIOUS"], ours.token: ["AWSCURRENT"]}
        assert either.seen("shop/a").facts.description == "new"


def test_a_write_that_was_made_and_written_over_before_it_was_known_is_made(bench: Bench) -> None:
    seen = bench.make("shop/a")
    ours = push("shop/a", "ours")
    bench.store.overwrite(ours, seen)
    bench.store.overwrite(push("shop/a", "theirs"), bench.seen("shop/a"))
    assert bench.store.overwrite(ours, seen) == ours.token
    assert bench.value("shop/a") == "theirs"


def test_a_move_without_an_answer_is_looked_after(bench: Bench) -> None:
    seen = bench.make("shop/a")

    def cut(operation: str) -> None:
        if operation == "UpdateSecretVersionStage":
            raise AwsUnanswered("cut")

    bench.caller.after = cut
    ours = push("shop/a", "two")
    assert bench.store.overwrite(ours, seen) == ours.token
    assert bench.versions("shop/a")[ours.token] == ["AWSCURRENT"]
    bench.caller.after = lambda operation: None
    bench.caller.before = cut
    with pytest.raises(AwsUnanswered):
        bench.store.overwrite(push("shop/a", "three"), bench.seen("shop/a"))


WRITERS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["write", "stale", "kill"])), max_size=12)


@settings(max_examples=15)
@given(turns=WRITERS)
def test_writers_in_any_order_lose_nothing(strict_server: Strict, turns: list[tuple[int, str]]) -> None:
    """Every write either stands on the version that its writer saw, or is refused."""
    strict_server.reset()
    bench = Bench(strict_server)
    bench.make("shop/a", "0")
    seen = [bench.seen("shop/a")] * 3
    current = "0"
    for number, (who, how) in enumerate(turns, 1):
        if how != "stale":
            seen[who] = bench.seen("shop/a")
        before, ours = bench.seen("shop/a").version, push("shop/a", str(number))
        if how == "kill":
            bench.caller.after = _killer(number % 4)
            try:
                bench.store.overwrite(ours, seen[who])
            except Killed:
                bench.caller.after = lambda operation: None
        bench.caller.after = lambda operation: None
        if seen[who].version == before:
            bench.store.overwrite(ours, seen[who])
            current = str(number)
        else:
            with pytest.raises(Overtaken) as caught:
                bench.store.overwrite(ours, seen[who])
            assert caught.value.theirs == before
        assert bench.value("shop/a") == current
        assert bench.private("shop/a") == []


def _killer(step: int) -> Callable[[str], None]:
    left = [step]

    def kill(operation: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    return kill


def test_what_another_service_manages_is_not_written(bench: Bench) -> None:
    seen = bench.make("shop/a")._replace(read_only="it is managed by rds")
    bench.caller.count.clear()
    for write in (bench.store.overwrite, bench.store.set_facts):
        with pytest.raises(AwsRefused, match="managed by rds"):
            write(push("shop/a", "two"), seen)
    assert not bench.caller.count


@pytest.mark.parametrize(
    ("told", "read_only"),
    [
        ({}, ""),
        ({"OwningService": "rds"}, "it is managed by rds"),
        ({"PrimaryRegion": "eu-west-1"}, ""),
        ({"PrimaryRegion": "us-east-1"}, "it is a replica of the one in us-east-1"),
    ],
)
def test_what_cannot_be_written_is_told(told: dict[str, Any], read_only: str) -> None:
    store = SecretsManager(Scripted(DescribeSecret=[{"Name": "shop/a", "ARN": "arn:x"} | told]), "shop")
    seen = store.look("shop/a")
    assert seen is not None
    assert seen.read_only == read_only


def test_facts_change_without_a_new_version(either: Bench) -> None:
    kms = either.kms()
    kms.create_alias(AliasName="alias/mine", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    seen = either.make("shop/a", "one", RICH)
    either.caller.count.clear()
    assert either.store.set_facts(push("shop/a", None, RICH), seen) == seen.version
    assert not either.caller.count
    changed = RICH._replace(description="new", key="alias/mine")
    assert either.store.overwrite(push("shop/a", None, changed), seen) == seen.version
    assert either.caller.count == {"UpdateSecret": 1}
    now = either.seen("shop/a")
    assert (now.version, now.facts.description, now.facts.key) == (seen.version, "new", "alias/mine")
    assert now.facts.tags == RICH.tags


def test_tags_are_put_and_dropped(either: Bench) -> None:
    either.make("shop/a", facts=PLAIN._replace(tags={"old": "1", "same": "2"}))
    either.store.set_tags("shop/a", {"new": "3", "same": "4"}, ["old"])
    assert either.seen("shop/a").facts.tags == {"new": "3", "same": "4"}
    either.caller.count.clear()
    either.store.set_tags("shop/a", {}, [])
    assert not either.caller.count


def test_staging_labels_are_brought_to_what_they_shall_be(bench: Bench) -> None:
    one = bench.make("shop/a").version
    two = bench.store.overwrite(push("shop/a", "two"), bench.seen("shop/a"))
    three = bench.store.overwrite(push("shop/a", "three"), bench.seen("shop/a"))
    bench.store.set_labels(
        "shop/a",
        {"AWSCURRENT": three, "AWSPREVIOUS": two, "blue": one},
        bench.seen("shop/a").facts.labels or {},
    )
    found = bench.seen("shop/a").facts.labels or {}
    assert found == {"AWSCURRENT": three, "AWSPREVIOUS": two, "blue": one}
    wanted = {"AWSCURRENT": one, "AWSPREVIOUS": two, "green": three}
    for _ in range(2):
        bench.store.set_labels("shop/a", wanted, found)
        assert bench.seen("shop/a").facts.labels == wanted
    with pytest.raises(Overtaken) as caught:
        bench.store.set_labels("shop/a", {"AWSCURRENT": two}, found)
    assert (caught.value.ours, caught.value.theirs) == (None, one)


def test_deleting_says_what_is_gone(bench: Bench, strict: Strict) -> None:
    for name in ("shop/a", "shop/b", "shop/c"):
        bench.make(name)
    bench.client.delete_secret(SecretId="shop/b")
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/c-*"
    strict.control("deny", action="secretsmanager:DeleteSecret", resource=arn)
    names = ["shop/a", "shop/b", "shop/none"]
    assert bench.store.delete(["shop/c", *names]) == names
    with pytest.raises(AwsDenied):
        bench.store.delete(["shop/c"])


def test_what_is_deleted_can_be_revived_for_thirty_days() -> None:
    caller = Scripted(DeleteSecret=[{}])
    SecretsManager(caller, "shop").delete(["shop/a"])
    assert caller.said("DeleteSecret") == [{"SecretId": "shop/a", "RecoveryWindowInDays": 30}]
