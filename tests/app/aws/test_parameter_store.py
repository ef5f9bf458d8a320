"""Parameter Store as a remote store, against the strict fake and moto over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.aws.parameter_store import ParameterStore
from app.errors import AwsDenied, AwsExists, AwsMissing, AwsRefused, Overtaken
from app.ports import Facts, Fetched, Push, RemoteStore, Sighting, Unreadable
from tests.app.aws.callers import OverBoto
from tests.cloud.handles import ACCOUNT, REGION
from vault.policies import EXPIRATION, NO_CHANGE_NOTIFICATION, Policy
from vault.records import Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from tests.cloud.handles import Moto, Strict

PLAIN = Facts(ValueType.STRING, Tier.STANDARD)
SECURE = Facts(ValueType.SECURE_STRING, Tier.STANDARD)
RICH = Facts(
    ValueType.SECURE_STRING,
    Tier.ADVANCED,
    description="naïve – ключ",
    allowed_pattern="[a-z]+",
    policies=(
        Policy(EXPIRATION, timestamp="2099-12-02T21:34:33.000Z"),
        Policy(NO_CHANGE_NOTIFICATION, amount="20", unit="Days"),
    ),
    tags={"team": "shop", "cost center": "7:a/b=c+d-e@f"},
)
UNTIMED = RICH._replace(policies=())  # moto tells policies in a spelling that is not JSON


class Bench:
    """A store with what it stands on."""

    def __init__(self, endpoint: Strict | Moto, prefix: str = "/shop") -> None:
        self.caller = OverBoto(endpoint, "ssm")
        self.store: RemoteStore = ParameterStore(self.caller, prefix, sts=OverBoto(endpoint, "sts"))
        self.client = endpoint.client("ssm")

    def below(self, prefix: str) -> ParameterStore:
        return ParameterStore(self.caller, prefix)

    def listed(self, store: RemoteStore | None = None) -> dict[str, Sighting]:
        found = [one for page in (store or self.store).listing() for one in page]
        assert all(isinstance(one, Sighting) for one in found)
        return {one.name: one for one in found if isinstance(one, Sighting)}

    def seen(self, name: str) -> Sighting:
        found = self.store.look(name)
        assert found is not None
        return found

    def make(self, name: str, value: str = "one", facts: Facts = PLAIN) -> Sighting:
        assert self.store.create(push(name, value, facts)) == "1"
        return self.seen(name)


def push(name: str, value: str | None, facts: Facts = PLAIN) -> Push:
    return Push(name, None if value is None else Secret.of_text(value), "", facts)


def texts(found: list[Fetched | Unreadable]) -> dict[str, str]:
    return {one.name: one.value.reveal_text() for one in found if isinstance(one, Fetched) and one.value}


@pytest.fixture(params=["strict", "moto"])
def either(request: pytest.FixtureRequest) -> Bench:
    return Bench(request.getfixturevalue(request.param))


@pytest.fixture
def bench(strict: Strict) -> Bench:
    return Bench(strict)


def test_who_we_are(either: Bench) -> None:
    assert len(either.store.identity().account) == 12
    assert either.store.identity().arn.startswith("arn:aws:")


def test_everything_survives_the_round_trip(either: Bench) -> None:
    seen = either.make("/shop/db/password", "wert", UNTIMED)
    assert either.listed() == {"/shop/db/password": seen}
    facts = either.store.details(seen)
    assert facts == UNTIMED._replace(labels={})
    found = either.store.values(["/shop/db/password"])
    assert texts(found) == {"/shop/db/password": "wert"}
    assert seen.modified_at is not None
    assert not seen.read_only


@pytest.mark.parametrize("value", ["a,,b,", "ü€😀", "x" * 4096, " blanks ", "line\nline\t"])
@pytest.mark.parametrize("value_type", [ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING])
def test_values_come_back_as_they_went(bench: Bench, value: str, value_type: ValueType) -> None:
    bench.make("/shop/a", value, Facts(value_type, Tier.STANDARD))
    found = bench.store.values(["/shop/a"])
    assert texts(found) == {"/shop/a": value}
    assert [one.value_type for one in found if isinstance(one, Fetched)] == [value_type]


# ----------------------------------------------------------------------------------------------- listing


def test_a_listing_has_what_is_below_the_prefix_alone(bench: Bench) -> None:
    for name in ("/shop/a", "/shop/b/c", "/shopping/d", "/other", "single"):
        bench.client.put_parameter(Name=name, Value="x", Type="String")
    bench.client.put_parameter(Name="/shop", Value="x", Type="String")
    assert set(bench.listed()) == {"/shop/a", "/shop/b/c"}
    assert set(bench.listed(bench.below("/shop/"))) == {"/shop/a", "/shop/b/c"}
    everything = {"/shop/a", "/shop/b/c", "/shopping/d", "/other", "/single", "/shop"}
    assert set(bench.listed(bench.below("/"))) == everything


def test_a_listing_takes_a_call_for_fifty(bench: Bench, strict: Strict) -> None:
    strict.fill(parameters=120, prefix="/shop")
    assert len(bench.listed()) == 120
    assert bench.caller.count == {"DescribeParameters": 3}


def test_pages_that_are_empty_are_not_the_end(bench: Bench, strict: Strict) -> None:
    strict.fill(parameters=120, prefix="/shop")
    strict.control("switch", empty_pages=2)
    assert len(bench.listed()) == 120


# ------------------------------------------------------------------------------------------------ reading


def test_a_single_level_name_has_one_spelling(bench: Bench) -> None:
    bench.client.put_parameter(Name="alone", Value="x", Type="String")
    store = bench.below("/")
    seen = store.look("/alone")
    assert seen is not None
    assert seen.name == "/alone"
    assert texts(store.values(["/alone"])) == {"/alone": "x"}
    assert [one.version for one in store.history("/alone", with_values=True)] == ["1"]
    assert store.version("/alone", "1").value == Secret(b"x")
    assert store.details(seen).tags == {}
    assert store.overwrite(push("/alone", "y"), seen) == "2"
    assert store.delete(["/alone"]) == ["/alone"]


def test_ten_values_are_one_call_and_what_is_not_there_is_left_out(bench: Bench) -> None:
    names = [f"/shop/{number}" for number in range(9)]
    for name in names:
        bench.make(name, name)
    bench.caller.count.clear()
    assert texts(bench.store.values([*names, "/shop/none"])) == {name: name for name in names}
    assert bench.caller.count == {"GetParameters": 1}
    assert bench.store.batch == 10


def test_one_key_that_cannot_be_used_does_not_hide_the_others(bench: Bench, strict: Strict) -> None:
    kms = strict.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    bench.make("/shop/good", "good", SECURE)
    bench.make("/shop/bad", "bad", SECURE._replace(key=key))
    kms.disable_key(KeyId=key)
    bench.caller.count.clear()
    found = bench.store.values(["/shop/good", "/shop/bad"])
    assert texts(found) == {"/shop/good": "good"}
    culprits = [one for one in found if isinstance(one, Unreadable)]
    assert [(one.name, one.error.aws) for one in culprits] == [("/shop/bad", "InvalidKeyId")]
    assert bench.caller.count == {"GetParameters": 3}
    history = bench.store.history("/shop/bad", with_values=True)
    assert [(type(one), one.name, one.version) for one in history] == [(Unreadable, "/shop/bad", "1")]


def test_what_is_denied_for_one_name_is_told_of_it_and_for_all_is_raised(
    bench: Bench, strict: Strict
) -> None:
    bench.make("/shop/open")
    bench.make("/shop/closed")
    arn = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/shop/closed"
    strict.control("deny", action="ssm:GetParameters", resource=arn)
    found = bench.store.values(["/shop/open", "/shop/closed"])
    assert [(type(one).__name__, one.name) for one in found] == [
        ("Fetched", "/shop/open"),
        ("Unreadable", "/shop/closed"),
    ]
    strict.control("deny", action="ssm:GetParameters", resource="*")
    with pytest.raises(AwsDenied):
        bench.store.values(["/shop/open", "/shop/closed"])


def test_looking_goes_by_the_newest_that_any_call_knows(bench: Bench, strict: Strict) -> None:
    bench.make("/shop/a", "one", RICH)
    strict.control("late", seconds=3600)
    bench.client.put_parameter(Name="/shop/a", Value="two", Overwrite=True, Description="newer")
    seen = bench.seen("/shop/a")
    assert (seen.version, seen.facts.description, seen.facts.policies) == ("2", "newer", RICH.policies)
    bench.client.delete_parameter(Name="/shop/a")
    assert bench.store.look("/shop/a") is None


def test_details_that_are_denied_stay_unread(bench: Bench, strict: Strict) -> None:
    seen = bench.make("/shop/a", "one", PLAIN._replace(tags={"a": "b"}))
    strict.control("deny", action="ssm:ListTagsForResource", resource="*")
    facts = bench.store.details(seen)
    assert (facts.tags, facts.labels) == (None, {})
    strict.control("allow")
    strict.control("deny", action="ssm:GetParameterHistory", resource="*")
    facts = bench.store.details(seen)
    assert (facts.tags, facts.labels) == ({"a": "b"}, None)


def test_a_hundred_versions_are_two_pages(bench: Bench) -> None:
    bench.make("/shop/a", "1")
    for number in range(2, 103):
        bench.client.put_parameter(Name="/shop/a", Value=str(number), Overwrite=True)
    bench.client.label_parameter_version(Name="/shop/a", ParameterVersion=60, Labels=["sixty"])
    bench.caller.count.clear()
    history = [one for one in bench.store.history("/shop/a", with_values=True) if isinstance(one, Fetched)]
    assert [one.version for one in history] == [str(number) for number in range(3, 103)]
    assert all(one.value == Secret.of_text(one.version) for one in history)
    assert bench.caller.count == {"GetParameterHistory": 2}
    assert {one.version: one.labels for one in history if one.labels} == {"60": ("sixty",)}
    assert bench.store.version("/shop/a", "60").labels == ("sixty",)
    assert all(
        one.value is None
        for one in bench.store.history("/shop/a", with_values=False)
        if isinstance(one, Fetched)
    )
    with pytest.raises(AwsMissing):
        bench.store.version("/shop/a", "2")
    assert bench.store.history("/shop/none", with_values=True) == []


# ------------------------------------------------------------------------------------------------ writing


def test_making_what_is_there_already_is_refused(either: Bench) -> None:
    either.make("/shop/a")
    with pytest.raises(AwsExists):
        either.store.create(push("/shop/a", "two"))
    assert texts(either.store.values(["/shop/a"])) == {"/shop/a": "one"}


def test_everything_is_made_in_one_call(bench: Bench) -> None:
    bench.store.create(push("/shop/a", "wert", RICH))
    assert bench.caller.count == {"PutParameter": 1}
    assert bench.store.details(bench.seen("/shop/a")) == RICH._replace(labels={})


def test_what_did_not_change_stays_as_it_is(either: Bench) -> None:
    seen = either.make("/shop/a", "one", UNTIMED)
    assert either.store.overwrite(push("/shop/a", "two", UNTIMED), seen) == "2"
    now = either.seen("/shop/a")
    assert now.facts == seen.facts
    assert either.store.details(now).tags == UNTIMED.tags


def test_what_changed_is_changed(bench: Bench) -> None:
    seen = bench.make("/shop/a", "one", RICH)
    wanted = Facts(ValueType.SECURE_STRING, Tier.STANDARD, None, "text", "", "[a-z0-9]+", ())
    bench.store.overwrite(push("/shop/a", "two2", wanted), seen)
    # the tier never goes down
    assert bench.seen("/shop/a").facts == wanted._replace(tier=Tier.ADVANCED)
    again = bench.seen("/shop/a")
    bench.store.set_facts(push("/shop/a", "two2", again.facts._replace(description="new")), again)
    assert bench.seen("/shop/a").facts.description == "new"
    assert bench.seen("/shop/a").version == "3"


def test_the_tier_goes_up(bench: Bench) -> None:
    seen = bench.make("/shop/a")
    bench.store.overwrite(push("/shop/a", "x" * 5000, PLAIN._replace(tier=Tier.ADVANCED)), seen)
    assert bench.seen("/shop/a").facts.tier is Tier.ADVANCED


def test_a_key_is_kept_and_given_back(bench: Bench, strict: Strict) -> None:
    key = strict.client("kms").create_key()["KeyMetadata"]["KeyId"]
    seen = bench.make("/shop/a", "one", SECURE._replace(key=key))
    assert seen.facts.key == key
    bench.store.overwrite(push("/shop/a", "two", seen.facts), seen)
    assert bench.seen("/shop/a").facts.key == key
    bench.store.overwrite(push("/shop/a", "three", SECURE), bench.seen("/shop/a"))
    assert bench.seen("/shop/a").facts.key is None


def test_a_type_that_aws_will_not_change_is_told_so(bench: Bench) -> None:
    seen = bench.make("/shop/a")
    with pytest.raises(AwsRefused, match="delete it there and create it again") as caught:
        bench.store.overwrite(push("/shop/a", "two", SECURE), seen)
    assert caught.value.aws == "HierarchyTypeMismatchException"


def test_a_write_in_between_is_noticed_with_both_versions(bench: Bench, strict: Strict) -> None:
    seen = bench.make("/shop/a")
    theirs = {"Name": "/shop/a", "Value": "theirs", "Overwrite": True}
    strict.strike("ssm:PutParameter", ("PutParameter", theirs), ("PutParameter", theirs))
    with pytest.raises(Overtaken) as caught:
        bench.store.overwrite(push("/shop/a", "ours"), seen)
    assert (caught.value.ours, caught.value.theirs) == ("4", "3")
    assert bench.store.version("/shop/a", "3").value == Secret(b"theirs")
    assert bench.store.version("/shop/a", "4").value == Secret(b"ours")


def test_a_parameter_that_was_deleted_meanwhile_is_not_made_again(bench: Bench, strict: Strict) -> None:
    seen = bench.make("/shop/a")
    strict.strike("ssm:PutParameter", ("DeleteParameter", {"Name": "/shop/a"}))
    with pytest.raises(Overtaken) as caught:
        bench.store.overwrite(push("/shop/a", "ours"), seen)
    assert (caught.value.ours, caught.value.theirs) == (None, "")
    assert bench.store.look("/shop/a") is None


def test_a_parameter_that_was_made_anew_meanwhile_is_noticed(bench: Bench, strict: Strict) -> None:
    bench.make("/shop/a")
    bench.client.put_parameter(Name="/shop/a", Value="x", Overwrite=True)
    seen = bench.seen("/shop/a")
    again = {"Name": "/shop/a", "Value": "theirs", "Type": "String"}
    strict.strike("ssm:PutParameter", ("DeleteParameter", {"Name": "/shop/a"}), ("PutParameter", again))
    with pytest.raises(Overtaken) as caught:
        bench.store.overwrite(push("/shop/a", "ours"), seen)
    assert (caught.value.ours, caught.value.theirs) == ("2", "1")


def test_other_refusals_stay_what_they_are(bench: Bench) -> None:
    seen = bench.make("/shop/a")
    with pytest.raises(AwsRefused) as caught:
        bench.store.overwrite(push("/shop/a", "x" * 4097), seen)
    assert caught.value.aws == "ValidationException"


def test_a_binary_value_never_gets_out(bench: Bench) -> None:
    seen = bench.make("/shop/a")
    with pytest.raises(AwsRefused, match="binary"):
        bench.store.overwrite(Push("/shop/a", Secret(b"\xff\x00"), "", PLAIN), seen)
    with pytest.raises(ValueError, match="needs a value"):
        bench.store.set_facts(push("/shop/a", None), seen)


def test_tags_are_put_and_dropped(either: Bench) -> None:
    seen = either.make("/shop/a", facts=PLAIN._replace(tags={"old": "1", "same": "2"}))
    either.store.set_tags("/shop/a", {"new": "3", "same": "4"}, ["old"])
    assert either.store.details(seen).tags == {"new": "3", "same": "4"}
    either.caller.count.clear()
    either.store.set_tags("/shop/a", {}, [])
    assert not either.caller.count


def test_labels_are_brought_to_what_they_shall_be(either: Bench) -> None:
    seen = either.make("/shop/a")
    either.client.put_parameter(Name="/shop/a", Value="two", Overwrite=True)
    either.client.label_parameter_version(Name="/shop/a", ParameterVersion=1, Labels=["old", "moves"])
    found = either.store.details(seen).labels
    assert found == {"old": "1", "moves": "1"}
    wanted = {"moves": "2", "new": "1"}
    either.store.set_labels("/shop/a", wanted, found)
    assert either.store.details(seen).labels == wanted


def test_labels_that_aws_will_not_take_or_that_moved_meanwhile(bench: Bench) -> None:
    bench.make("/shop/a")
    with pytest.raises(AwsRefused, match="aws-like"):
        bench.store.set_labels("/shop/a", {"aws-like": "1"}, {})
    with pytest.raises(Overtaken):
        bench.store.set_labels("/shop/a", {}, {"gone": "1"})


def test_deleting_takes_one_call_and_says_what_is_gone(either: Bench) -> None:
    for number in range(3):
        either.make(f"/shop/{number}")
    either.caller.count.clear()
    names = ["/shop/0", "/shop/1", "/shop/none"]
    assert either.store.delete(names) == names
    assert either.caller.count == {"DeleteParameters": 1}
    assert set(either.listed()) == {"/shop/2"}
    assert not either.store.revive("/shop/0")
