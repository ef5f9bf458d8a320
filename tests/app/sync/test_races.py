"""Somebody else writes, or the line breaks, right between two calls of ours: each place by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.errors import AwsError
from app.sync.choices import Choice
from app.sync.outcome import Result
from tests.app.sync.direct import Killed, Wire
from tests.app.sync.world import Desk
from tests.cloud.handles import ACCOUNT, REGION
from tests.vault.furnished import find, put, put_secret
from vault.paths import ParameterPath
from vault.records import Direction, Draft, Service, ValueType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

A = ParameterPath("/shop/a")


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.sync.push.REST", timedelta(0))


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def ssm(wire: Wire, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(wire, str(tmp_path / "p"), Service.PARAMETER_STORE)
    yield desk
    wire.dead = False
    desk.vault.close()


@pytest.fixture
def secrets(wire: Wire, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(wire, str(tmp_path / "s"), Service.SECRETS_MANAGER)
    yield desk
    wire.dead = False
    desk.vault.close()


def results(outcomes: list[Any]) -> dict[str, Result]:
    return {outcome.item.name: outcome.result for outcome in outcomes}


def at(wire: Wire, operation: str, deed: Callable[[], object], *, after: bool = False) -> None:
    """Have `deed` done once, right before (or after) the first call of an operation."""
    left = [deed]

    def strike(called: str, _: dict[str, Any]) -> None:
        if called == operation and left:
            left.pop()()

    if after:
        wire.after = strike
    else:
        wire.before = strike


def first(wire: Wire, operation: str, kind: str) -> None:
    """Let the first call of an operation go wrong."""
    wire.calls.clear()
    wire.trouble = lambda called, number: kind if (called, number) == (operation, 1) else ""


def there(wire: Wire, name: str = "/shop/a") -> list[str]:
    """The values of a parameter there, oldest first."""
    found = wire.cloud.place(ACCOUNT, REGION).parameters.all.get(name)
    return [version.value for version in found.versions] if found else []


def write(wire: Wire, value: str, name: str = "/shop/a", **rest: Any) -> None:  # noqa: ANN401
    wire.cloud.clock.ahead += 60
    wire.do("ssm", "PutParameter", Name=name, Value=value, **({"Overwrite": True} | rest))


def make_again(wire: Wire, *values: str, value_type: str = "SecureString") -> None:
    wire.do("ssm", "DeleteParameter", Name="/shop/a")
    for number, value in enumerate(values):
        write(wire, value, Overwrite=number > 0, **({} if number else {"Type": value_type}))


def in_sync(wire: Wire, desk: Desk, value: str = "one") -> None:
    """One parameter (or secret) on both sides."""
    if desk.service is Service.PARAMETER_STORE:
        put(desk.vault, "/shop/a", value)
    else:
        put_secret(desk.vault, "/shop/a", value)
    assert set(results(desk.sync()).values()) == {Result.DONE}
    wire.cloud.clock.ahead += 60
    assert not desk.plan().pending


def value(desk: Desk, path: str = "/shop/a") -> str:
    return desk.vault.values.open(ParameterPath(path)).value.reveal_text()


def settled(desk: Desk) -> None:
    """Nothing is left to do."""
    assert not desk.sync()
    assert not desk.plan(details=True).pending


# --------------------------------------------------------------------------------- writes go over others


@pytest.mark.parametrize(
    ("choice", "ends", "newest"),
    [(Choice.MINE, "mine", "mine"), (Choice.THEIRS, "theirs", "theirs"), (Choice.BOTH, "theirs", "theirs")],
)
def test_a_write_between_our_look_and_ours(
    wire: Wire, ssm: Desk, choice: Choice, ends: str, newest: str
) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "mine")
    at(wire, "PutParameter", lambda: write(wire, "theirs"))
    assert results(ssm.sync()) == {"/shop/a": Result.CONFLICT}
    assert there(wire) == ["one", "theirs", "mine"]
    assert [item.action for item in ssm.plan().pending] == ["conflict"]  # it waits, and says who
    assert ssm.plan().pending[0].changed_by.endswith("user/grace")
    assert results(ssm.sync()) == {"/shop/a": Result.LEFT}
    assert results(ssm.sync(choice))["/shop/a"] is Result.DONE
    assert (value(ssm), there(wire)[-1]) == (ends, newest)
    assert ssm.has("theirs")
    assert ssm.has("mine")
    settled(ssm)


def test_what_comes_on_top_of_ours_is_kept_as_well_as_what_ours_went_over(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "mine")
    at(wire, "PutParameter", lambda: write(wire, "beneath"))
    ssm.sync()
    wire.calm()
    write(wire, "on top")
    assert results(ssm.sync(Choice.MINE)) == {"/shop/a": Result.DONE}
    assert (value(ssm), there(wire)[-1]) == ("mine", "mine")
    assert ssm.has("beneath")
    assert ssm.has("on top")
    settled(ssm)


def test_a_parameter_that_is_made_while_we_make_it(wire: Wire, ssm: Desk) -> None:
    put(ssm.vault, "/shop/a", "mine")
    at(wire, "PutParameter", lambda: write(wire, "theirs", Type="SecureString", Overwrite=False))
    assert results(ssm.sync()) == {"/shop/a": Result.CONFLICT}
    assert there(wire) == ["theirs"]
    assert results(ssm.sync(Choice.BOTH))["/shop/a"] is Result.DONE
    assert (value(ssm), value(ssm, "/shop/a.mine")) == ("theirs", "mine")
    settled(ssm)


def test_a_secret_that_is_written_between_our_value_and_the_move_of_its_label(
    wire: Wire, secrets: Desk
) -> None:
    in_sync(wire, secrets)
    put_secret(secrets.vault, "/shop/a", "mine", overwrite=True)

    def theirs() -> None:
        token = {"ClientRequestToken": "t" * 32}
        wire.do("secretsmanager", "PutSecretValue", SecretId="shop/a", SecretString="theirs", **token)

    at(wire, "UpdateSecretVersionStage", theirs)
    assert results(secrets.sync()) == {"shop/a": Result.CONFLICT}
    secret = wire.cloud.place(ACCOUNT, REGION).secrets.all["shop/a"]
    assert secret.versions[secret.stages["AWSCURRENT"]].text == "theirs"
    assert not [stage for stage in secret.stages if stage.startswith("strongroom/")]
    assert results(secrets.sync(Choice.MINE)) == {"shop/a": Result.DONE}
    assert secret.versions[secret.stages["AWSCURRENT"]].text == "mine"
    assert secret.versions[secret.stages["AWSPREVIOUS"]].text == "theirs"
    assert secrets.has("theirs")
    settled(secrets)


def test_tags_that_somebody_sets_while_we_set_ours_come_with_the_next_look(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "two", tags={"mine": "1"})
    tags = [{"Key": "theirs", "Value": "2"}]

    def tag() -> None:
        wire.do("ssm", "AddTagsToResource", ResourceType="Parameter", ResourceId="/shop/a", Tags=tags)

    at(wire, "PutParameter", tag)
    assert results(ssm.sync()) == {"/shop/a": Result.DONE}
    assert results(ssm.sync()) == {"/shop/a": Result.DONE}  # a pull
    assert find(ssm.vault, "/shop/a").tags == {"mine": "1", "theirs": "2"}
    settled(ssm)


# ------------------------------------------------------------------------------------- made again


def test_what_was_made_again_under_the_same_number_is_not_taken_for_ours(wire: Wire, ssm: Desk) -> None:
    put(ssm.vault, "/shop/a", "mine")
    ssm.sync()
    make_again(wire, "theirs")  # also version 1, a minute later
    assert results(ssm.sync()) == {"/shop/a": Result.DONE}
    assert value(ssm) == "theirs"
    settled(ssm)


def test_a_value_kept_for_a_plan_is_not_taken_for_what_was_made_again(wire: Wire, ssm: Desk) -> None:
    put(ssm.vault, "/shop/a", "mine")
    write(wire, "old", Type="SecureString")
    ssm.plan()  # keeps "old" as version 1, for the conflict
    wire.do("ssm", "DeleteParameter", Name="/shop/a")
    assert results(ssm.sync()) == {"/shop/a": Result.DONE}  # ours is version 1 now
    ssm.vault.trash.remove(A)
    wire.do("ssm", "LabelParameterVersion", Name="/shop/a", ParameterVersion=1, Labels=["blue"])
    assert results(ssm.sync(Choice.THEIRS, details=True)) == {"/shop/a": Result.DONE}
    assert value(ssm) == "mine"
    settled(ssm)


def test_a_kill_after_we_wrote_on_what_was_made_again_loses_nothing(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "mine")
    at(wire, "PutParameter", lambda: make_again(wire, "theirs"))
    first(wire, "PutParameter", "kill after")
    with pytest.raises(Killed):
        ssm.sync()
    wire.dead = False
    wire.calm()
    assert there(wire) == ["theirs", "mine"]
    assert [item.action for item in ssm.plan().pending] == ["conflict"]
    ssm.sync(Choice.MINE)
    assert ssm.has("theirs")
    settled(ssm)


def test_labels_go_to_no_version_of_what_was_made_again(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "two")
    ssm.sync()
    ssm.vault.entries.label(A, 1, ["blue"])
    at(wire, "LabelParameterVersion", lambda: None)
    make_again(wire, "x", "two")  # the same number, the same value
    wire.cloud.clock.ahead += 60
    ssm.sync(details=True)
    ssm.sync(details=True)
    assert wire.cloud.place(ACCOUNT, REGION).parameters.all["/shop/a"].labels == {}


# --------------------------------------------------------------------------------------- lost answers


@pytest.mark.parametrize("kind", ["lost", "dropped", "kill before", "kill after"])
@pytest.mark.parametrize("operation", ["PutParameter", "AddTagsToResource", "LabelParameterVersion"])
def test_a_push_that_was_cut_off_is_finished_and_nothing_done_twice(
    wire: Wire, ssm: Desk, operation: str, kind: str
) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "two", tags={"k": "v"})
    ssm.vault.entries.label(A, 2, ["blue"])
    first(wire, operation, kind)
    try:
        ssm.sync()
    except Killed:
        wire.dead = False
    wire.calm()
    ssm.sync()
    parameter = wire.cloud.place(ACCOUNT, REGION).parameters.all["/shop/a"]
    assert (there(wire), parameter.tags, parameter.labels) == (["one", "two"], {"k": "v"}, {"blue": 2})
    settled(ssm)


@pytest.mark.parametrize("kind", ["lost", "dropped", "kill before", "kill after", "throttled"])
@pytest.mark.parametrize(
    "operation", ["PutSecretValue", "UpdateSecretVersionStage", "UpdateSecret", "TagResource"]
)
def test_a_push_of_a_secret_that_was_cut_off_is_finished(
    wire: Wire, secrets: Desk, operation: str, kind: str
) -> None:
    in_sync(wire, secrets)
    put_secret(secrets.vault, "/shop/a", "two", overwrite=True, tags={"k": "v"}, description="d")
    first(wire, operation, kind)
    try:
        secrets.sync()
    except Killed:
        wire.dead = False
    wire.calm()
    secrets.sync()
    secret = wire.cloud.place(ACCOUNT, REGION).secrets.all["shop/a"]
    assert [version.text for version in secret.versions.values()] == ["one", "two"]
    assert secret.versions[secret.stages["AWSCURRENT"]].text == "two"
    assert (set(secret.stages), secret.tags, secret.description) == (
        {"AWSCURRENT", "AWSPREVIOUS"},
        {"k": "v"},
        "d",
    )
    settled(secrets)


def test_what_was_written_on_top_of_a_creation_without_answer_is_not_overwritten(
    wire: Wire, ssm: Desk
) -> None:
    put(ssm.vault, "/shop/a", "mine")
    at(wire, "PutParameter", lambda: write(wire, "theirs"), after=True)
    first(wire, "PutParameter", "lost")
    ssm.sync()
    wire.calm()
    ssm.sync()
    assert there(wire) == ["mine", "theirs"]
    assert value(ssm) == "theirs"
    settled(ssm)


def test_a_version_that_could_not_be_fetched_when_ours_went_over_it_is_found_later(
    wire: Wire, ssm: Desk
) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "mine")
    at(wire, "PutParameter", lambda: write(wire, "theirs"))
    first(wire, "GetParameter", "lost")
    ssm.sync()
    wire.calm()
    assert [item.action for item in ssm.plan().pending] == ["conflict"]
    ssm.sync(Choice.MINE)
    assert ssm.has("theirs")
    settled(ssm)


# ---------------------------------------------------------------------------------------- deletions


def test_what_changes_before_we_delete_it_stays(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    ssm.vault.trash.remove(A)
    at(wire, "GetParameters", lambda: write(wire, "theirs"))  # our last look before it
    assert results(ssm.sync(delete=True)) == {"/shop/a": Result.CONFLICT}
    wire.calm()
    assert there(wire) == ["one", "theirs"]
    assert results(ssm.sync(Choice.THEIRS)) == {"/shop/a": Result.DONE}
    assert value(ssm) == "theirs"
    settled(ssm)


def test_what_is_here_again_is_not_deleted_there(wire: Wire, ssm: Desk) -> None:
    from app.sync.run import Sync

    in_sync(wire, ssm)
    ssm.vault.trash.remove(A)
    plan = ssm.plan()
    ssm.vault.trash.restore(A)
    outcomes = Sync(ssm.vault, ssm.remote, ssm.store).apply(plan, delete=True)
    assert results(outcomes) == {"/shop/a": Result.CONFLICT}
    assert there(wire) == ["one"]


def test_their_change_is_kept_in_the_trash_when_ours_was_a_deletion(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    ssm.vault.trash.remove(A)
    write(wire, "theirs")
    assert results(ssm.sync(Choice.MINE, delete=True)) == {"/shop/a": Result.DONE}
    assert there(wire) == []
    assert not ssm.entries()
    assert ssm.has("theirs")
    ssm.vault.trash.restore(A)
    assert value(ssm) == "theirs"


def test_a_copy_of_mine_takes_no_name_that_is_there(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a.mine", "another")
    ssm.sync()
    ssm.vault.trash.remove(ParameterPath("/shop/a.mine"))  # and not there yet
    put(ssm.vault, "/shop/a", "mine")
    write(wire, "theirs")
    ssm.sync(Choice.BOTH, delete=True)
    assert value(ssm, "/shop/a.mine2") == "mine"
    assert there(wire, "/shop/a.mine2") == ["mine"]
    settled(ssm)


# ---------------------------------------------------------------------------------- other decisions


def test_another_type_is_made_again_there_once_deletions_are_confirmed(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    ssm.vault.trash.remove(A)
    put(ssm.vault, "/shop/a", "two", value_type=ValueType.STRING)
    (outcome,) = ssm.sync()
    assert outcome.result is Result.LEFT
    assert "another type" in outcome.reason
    assert there(wire) == ["one"]
    assert results(ssm.sync(delete=True)) == {"/shop/a": Result.DONE}
    assert there(wire) == ["two"]
    settled(ssm)


@pytest.mark.parametrize("choice", [Choice.MINE, Choice.THEIRS])
def test_theirs_of_another_type_is_kept_aside(wire: Wire, ssm: Desk, choice: Choice) -> None:
    put(ssm.vault, "/shop/a", "mine", value_type=ValueType.STRING)
    write(wire, "theirs", Type="SecureString")
    assert results(ssm.sync(choice, delete=True)) == {"/shop/a": Result.DONE}
    assert value(ssm) == there(wire)[-1] == choice.value
    assert ssm.has("mine")
    assert ssm.has("theirs")
    settled(ssm)


def test_mine_keeps_what_only_they_changed(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    put(ssm.vault, "/shop/a", "mine", tags={"here": "1"})
    write(wire, "theirs", Description="of theirs")
    tags = [{"Key": "there", "Value": "2"}]
    wire.do("ssm", "AddTagsToResource", ResourceType="Parameter", ResourceId="/shop/a", Tags=tags)
    wire.do("ssm", "LabelParameterVersion", Name="/shop/a", ParameterVersion=2, Labels=["blue"])
    ssm.sync(Choice.MINE, details=True)
    entry = find(ssm.vault, "/shop/a")
    assert (value(ssm), entry.tags, entry.description) == ("mine", {"here": "1", "there": "2"}, "of theirs")
    parameter = wire.cloud.place(ACCOUNT, REGION).parameters.all["/shop/a"]
    assert (parameter.tags, parameter.labels) == ({"here": "1", "there": "2"}, {"blue": 2})
    labelled = next(one for one in ssm.vault.entries.history(A) if "blue" in one.labels)
    assert labelled.fingerprint == ssm.fingerprint("theirs")
    settled(ssm)


def test_a_label_that_was_taken_off_there_goes_here_too(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    ssm.vault.entries.label(A, 1, ["blue"])
    ssm.sync()
    wire.do("ssm", "UnlabelParameterVersion", Name="/shop/a", ParameterVersion=1, Labels=["blue"])
    write(wire, "two")
    ssm.sync(details=True)
    assert not [one for one in ssm.vault.entries.history(A) if one.labels]
    settled(ssm)


def test_a_secret_that_goes_back_to_an_older_version_goes_back_here(wire: Wire, secrets: Desk) -> None:
    in_sync(wire, secrets)
    put_secret(secrets.vault, "/shop/a", "two", overwrite=True)
    secrets.sync()
    secret = wire.cloud.place(ACCOUNT, REGION).secrets.all["shop/a"]
    now, before = secret.stages["AWSCURRENT"], secret.stages["AWSPREVIOUS"]
    move = {"RemoveFromVersionId": now, "MoveToVersionId": before}
    wire.do(
        "secretsmanager",
        "UpdateSecretVersionStage",
        SecretId="shop/a",
        VersionStage="AWSCURRENT",
        **move,
    )
    assert results(secrets.sync()) == {"shop/a": Result.DONE}
    assert value(secrets) == "one"
    assert len(secrets.vault.entries.history(A)) == 2  # none was made for it
    settled(secrets)


def test_a_secret_that_is_brought_back_has_ours_alone(wire: Wire, secrets: Desk) -> None:
    tags = [{"Key": "old", "Value": "1"}]
    token = {"ClientRequestToken": "t" * 32}
    wire.do("secretsmanager", "CreateSecret", Name="shop/a", SecretString="old", Tags=tags, **token)
    wire.do("secretsmanager", "DeleteSecret", SecretId="shop/a")
    put_secret(secrets.vault, "/shop/a", "new", tags={"new": "2"}, description="d")
    secrets.sync()
    secret = wire.cloud.place(ACCOUNT, REGION).secrets.all["shop/a"]
    assert (secret.tags, secret.description, secret.deleted) == ({"new": "2"}, "d", None)
    assert secret.versions[secret.stages["AWSCURRENT"]].text == "new"
    settled(secrets)


@pytest.mark.parametrize("direction", [Direction.PULL, Direction.PUSH])
def test_a_remote_of_one_way_is_never_gone_the_other_way(
    wire: Wire, tmp_path: Path, direction: Direction
) -> None:
    desk = Desk(wire, str(tmp_path / "one-way"), Service.PARAMETER_STORE)
    in_sync(wire, desk)
    desk.vault.remotes.change("there", desk_draft(direction))
    desk.remote = desk.vault.remotes.find("there")
    desk.vault.entries.put(Draft(A, None, description="here", overwrite=True))
    wire.do("ssm", "LabelParameterVersion", Name="/shop/a", ParameterVersion=1, Labels=["blue"])
    put(desk.vault, "/shop/b", "mine")
    write(wire, "theirs", "/shop/c", Type="String")
    wire.calls.clear()
    before = {entry.path: entry for entry in desk.entries()}
    for choice in Choice:
        desk.sync(choice, delete=True, details=True)
    if direction is Direction.PULL:
        assert not {"PutParameter", "AddTagsToResource", "DeleteParameters"} & wire.calls.keys()
        assert (there(wire), there(wire, "/shop/b")) == (["one"], [])
    else:
        assert {entry.path: entry for entry in desk.entries()} == before
    desk.vault.close()


def desk_draft(direction: Direction) -> Any:  # noqa: ANN401
    from tests.app.sync.world import draft_of

    return draft_of(Service.PARAMETER_STORE, direction=direction)


def test_a_listing_that_fails_changes_nothing(wire: Wire, ssm: Desk) -> None:
    in_sync(wire, ssm)
    first(wire, "DescribeParameters", "lost")
    with pytest.raises(AwsError):
        ssm.sync(Choice.MINE, delete=True)
    wire.calm()
    settled(ssm)
