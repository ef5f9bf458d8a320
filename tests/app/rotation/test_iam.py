"""Access keys of IAM: the new one works before anything depends on it, and no try leaves one behind."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.aws.client import AwsClient
from app.aws.iam import AccessKeys, UserKey
from app.aws.stores import forget, open_store
from app.errors import AwsDenied, AwsSignIn, BadRotation, ProofFailed, TargetRefused
from app.rotation.credential import Credential
from app.rotation.registry import target_named
from app.rotation.run import Rotating
from app.rotation.setting import save
from app.rotation.target import Overlap
from app.rotation.targets.iam import DELETE, HELD_OFF, Iam
from tests.app.rotation.attempts import MemoryAttempt
from tests.cloud.strict.access import SECRETS, USERS
from tests.vault.furnished import Clock, new_vault, put_secret, value_of
from vault.paths import ParameterPath
from vault.records import Connection, Direction, RemoteDraft, RotationDraft, RunState, Service
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cloud.handles import Endpoint, Moto, Strict

ADA, GRACE = USERS[0][2], USERS[1][2]
KEY = {"AccessKeyId": ADA, "SecretAccessKey": SECRETS[ADA]}
ADMIN = {"AccessKeyId": GRACE, "SecretAccessKey": SECRETS[GRACE]}


class Killed(BaseException):
    """The process ended here."""


class Attempt(MemoryAttempt):
    """An attempt whose clock can be moved on."""

    def __init__(self, server: Endpoint, current: dict[str, Any] | None = None, **options: Any) -> None:  # noqa: ANN401
        said = {"endpoint_url": server.url} | options.pop("options", {})
        super().__init__(Iam(), current or KEY, options=said, **options)
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def check(self) -> None:
        self.target.check(self.rotation, self.current(), self.admin())

    def new(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.pending().secret.reveal())
        return found

    def through(self) -> None:
        """All steps; the new key is still called pending, as the machine calls it afterwards."""
        self.check()
        self.create()
        self.target.set(self)
        self.target.test(self)
        self.target.follow_ups(self)


def keys_of(server: Endpoint, user: str = "ada") -> dict[str, str]:
    """Status by id, as another user's key is told."""
    rows = server.client("iam", "grace", "us-east-1").list_access_keys(UserName=user)["AccessKeyMetadata"]
    return {row["AccessKeyId"]: row["Status"] for row in rows}


def works(server: Endpoint, key: dict[str, str]) -> bool:
    said = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    sts = server.client("sts", region="us-east-1", keys=said)
    try:
        return bool(sts.get_caller_identity()["Arn"].endswith("/ada"))
    except sts.exceptions.ClientError:
        return False


class TestRotating:
    def test_the_new_key_works_beside_the_old_one_until_that_is_taken_away_in_two_steps(
        self, strict: Strict
    ) -> None:
        attempt = Attempt(strict)
        attempt.through()
        new = attempt.new()
        assert keys_of(strict) == {ADA: "Active", new["AccessKeyId"]: "Active"}
        assert works(strict, new)
        assert works(strict, KEY)
        later = attempt.target.follow_ups(attempt)
        assert [(each.after, each.action) for each in later] == [
            (timedelta(days=1), "deactivate"),
            (timedelta(days=8), "delete"),
        ]
        attempt.ahead = timedelta(days=1)
        attempt.remember(current_at=int(attempt.now().timestamp() * 1000))
        attempt.target.follow(attempt, "deactivate")
        assert keys_of(strict) == {ADA: "Inactive", new["AccessKeyId"]: "Active"}
        assert not works(strict, KEY)
        attempt.ahead = timedelta(days=8)
        attempt.target.follow(attempt, "delete")
        attempt.target.follow(attempt, "delete")
        assert keys_of(strict) == {new["AccessKeyId"]: "Active"}
        assert attempt.target.overlap(attempt.rotation) is Overlap.UNTIL_DROPPED

    @pytest.mark.parametrize(
        "value",
        [
            {"AccessKey": {"UserName": "ada", **KEY, "Status": "Active"}},
            {"aws_access_key_id": ADA, "aws_secret_access_key": SECRETS[ADA], "note": "é"},
            {"AWS_ACCESS_KEY_ID": ADA, "AWS_SECRET_ACCESS_KEY": SECRETS[ADA]},
        ],
    )
    def test_the_value_keeps_its_shape(self, strict: Strict, value: dict[str, Any]) -> None:
        attempt = Attempt(strict, value)
        attempt.create()
        new = attempt.new()
        (made,) = keys_of(strict).keys() - {ADA}
        assert made in json.dumps(new)
        assert ADA not in json.dumps(new)

        def shape(tree: Any) -> Any:  # noqa: ANN401
            return {name: shape(inner) for name, inner in tree.items()} if isinstance(tree, dict) else None

        assert shape(new) == shape(value)
        assert new.get("note") == value.get("note")

    def test_an_admin_makes_the_key_of_another_user_whose_name_it_finds_out(self, strict: Strict) -> None:
        works(strict, KEY)
        attempt = Attempt(strict, admin=ADMIN)
        attempt.through()
        assert attempt.memo["user"] == "ada"
        assert works(strict, attempt.new())

    def test_an_admin_replaces_a_key_that_is_dead(self, strict: Strict) -> None:
        client = strict.client("iam", "grace", "us-east-1")
        client.update_access_key(UserName="ada", AccessKeyId=ADA, Status="Inactive")
        attempt = Attempt(strict, admin=ADMIN)
        attempt.through()
        assert works(strict, attempt.new())

    def test_without_an_admin_a_dead_key_makes_no_other(self, strict: Strict) -> None:
        strict.client("iam", "grace", "us-east-1").update_access_key(
            UserName="ada", AccessKeyId=ADA, Status="Inactive"
        )
        attempt = Attempt(strict)
        with pytest.raises(TargetRefused, match="--admin"):
            attempt.create()
        assert keys_of(strict) == {ADA: "Inactive"}

    def test_a_new_key_that_iam_does_not_know_everywhere_yet_is_waited_for(self, strict: Strict) -> None:
        strict.control("switch", fresh_key="nnnnynn")
        attempt = Attempt(strict)
        attempt.through()
        assert attempt.waited > 5
        assert (
            strict.calls()["sts:GetCallerIdentity"] == 1 + 10  # one that is not known is asked twice
        )  # a key that is not known is tried twice: it may have been rotated
        assert works(strict, attempt.new())

    def test_a_new_key_that_never_works_is_no_proof_and_is_deleted_by_rolling_back(
        self, strict: Strict
    ) -> None:
        strict.control("switch", fresh_key="n" * 100)
        attempt = Attempt(strict)
        attempt.create()
        with pytest.raises(ProofFailed, match="does not know"):
            attempt.target.test(attempt)
        assert 60 <= attempt.waited < 70
        attempt.target.undo(attempt)
        assert keys_of(strict) == {ADA: "Active"}

    def test_a_key_of_somebody_else_is_no_proof(self, strict: Strict) -> None:
        attempt = Attempt(strict)
        attempt.create()
        attempt.values["pending"] = ADMIN
        with pytest.raises(ProofFailed, match="grace"):
            attempt.target.test(attempt)

    def test_moto_goes_the_same_way(self, moto: Moto) -> None:
        iam = moto.client("iam", region="us-east-1")
        iam.create_user(UserName="ada")
        made = iam.create_access_key(UserName="ada")["AccessKey"]
        value = {name: made[name] for name in ("AccessKeyId", "SecretAccessKey", "UserName")}
        attempt = Attempt(moto, value)
        attempt.through()
        new = attempt.new()
        assert keys_of(moto) == {value["AccessKeyId"]: "Active", new["AccessKeyId"]: "Active"}
        attempt.target.follow(attempt, "deactivate")
        assert keys_of(moto)[value["AccessKeyId"]] == "Inactive"
        attempt.target.follow(attempt, "delete")
        assert list(keys_of(moto)) == [new["AccessKeyId"]]


class TestTwoKeys:
    @pytest.fixture
    def second(self, strict: Strict) -> str:
        made = strict.client("iam", region="us-east-1").create_access_key(UserName="ada")["AccessKey"]
        found: str = made["AccessKeyId"]
        return found

    def test_both_are_named_with_what_there_is_to_know_and_nothing_is_changed(
        self, strict: Strict, second: str
    ) -> None:
        attempt = Attempt(strict)
        with pytest.raises(BadRotation) as error:
            attempt.create()
        told = str(error.value)
        assert f"{ADA} (it rotates, last used 20" in told
        assert f"{second} (active, never used)" in told
        assert told.endswith(f"--option replace={second}")
        assert keys_of(strict) == {ADA: "Active", second: "Active"}

    def test_the_one_that_the_person_named_gives_way(self, strict: Strict, second: str) -> None:
        attempt = Attempt(strict, options={"replace": second})
        attempt.through()
        assert keys_of(strict).keys() == {ADA, attempt.new()["AccessKeyId"]}

    def test_one_that_is_gone_and_still_listed_takes_no_room(
        self, strict: Strict, second: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempt, real = Attempt(strict), AccessKeys.listed
        late = [UserKey(second, active=True, created=attempt.now())]
        strict.client("iam", "grace", "us-east-1").delete_access_key(UserName="ada", AccessKeyId=second)
        monkeypatch.setattr(AccessKeys, "listed", lambda keys: [*real(keys), *late])
        attempt.create()
        assert keys_of(strict).keys() == {ADA, attempt.new()["AccessKeyId"]}

    def test_the_current_one_never_gives_way(self, strict: Strict) -> None:
        with pytest.raises(BadRotation, match="current"):
            Attempt(strict, options={"replace": ADA}).check()

    def test_one_that_somebody_made_meanwhile_and_uses_is_not_taken_for_ours(self, strict: Strict) -> None:
        attempt = Attempt(strict)
        attempt.remember(before=[ADA], asked_at=int(attempt.now().timestamp() * 1000))
        made = strict.client("iam", region="us-east-1").create_access_key(UserName="ada")["AccessKey"]
        assert works(strict, made)
        with pytest.raises(BadRotation, match="two access keys"):
            attempt.create()
        attempt.target.undo(attempt)
        assert made["AccessKeyId"] in keys_of(strict)

    def test_the_key_that_was_made_is_known_by_its_id_listed_or_not(
        self, strict: Strict, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempt = Attempt(strict)
        attempt.create()
        client, made = strict.client("iam", "grace", "us-east-1"), attempt.new()["AccessKeyId"]
        with monkeypatch.context() as late:
            late.setattr(AccessKeys, "listed", lambda _: [])
            attempt.target.undo(attempt)
        assert keys_of(strict).keys() == {ADA}
        theirs = client.create_access_key(UserName="ada")["AccessKey"]["AccessKeyId"]
        attempt.target.undo(attempt)
        assert keys_of(strict).keys() == {ADA, theirs}
        assert made != theirs


class TestTheOldKey:
    def test_in_use_it_is_left_alone_for_two_days_more_and_then_goes(self, strict: Strict) -> None:
        attempt = Attempt(strict)
        attempt.through()
        attempt.remember(current_at=int((attempt.now() - timedelta(minutes=10)).timestamp() * 1000))
        assert works(strict, KEY)
        with pytest.raises(TargetRefused, match=r"was used after .* for sts in us-east-1"):
            attempt.target.follow(attempt, "deactivate")
        assert keys_of(strict)[ADA] == "Active"
        attempt.ahead = HELD_OFF - timedelta(minutes=1)
        with pytest.raises(TargetRefused):
            attempt.target.follow(attempt, "deactivate")
        attempt.ahead = HELD_OFF
        attempt.target.follow(attempt, "deactivate")
        assert keys_of(strict)[ADA] == "Inactive"

    def test_in_use_it_goes_at_once_where_a_person_ends_its_grace_time(
        self, strict: Strict, tmp_path: Path
    ) -> None:
        path, clock = ParameterPath("/keys/ada"), Clock(datetime.now(UTC) - timedelta(minutes=10))
        with new_vault(str(tmp_path / "vault"), clock) as vault:
            put_secret(vault, path, json.dumps(KEY))
            save(vault, path, RotationDraft("iam", options={"endpoint_url": strict.url}))
            rotating = Rotating(vault, path, pause=lambda _: None)
            rotating.start()
            assert works(strict, KEY)
            clock.move(timedelta(days=1, minutes=1))
            with pytest.raises(TargetRefused, match="was used after"):
                rotating.follow()
            rotating.follow(end_grace=True)
        assert ADA not in keys_of(strict)

    def test_made_active_again_it_is_not_deleted_at_once(self, strict: Strict) -> None:
        attempt = Attempt(strict)
        attempt.through()
        attempt.target.follow(attempt, "deactivate")
        strict.client("iam", "grace", "us-east-1").update_access_key(
            UserName="ada", AccessKeyId=ADA, Status="Active"
        )
        with pytest.raises(TargetRefused, match="active again"):
            attempt.target.follow(attempt, DELETE)
        attempt.ahead = HELD_OFF
        attempt.target.follow(attempt, DELETE)
        assert ADA not in keys_of(strict)

    def test_it_never_goes_by_a_call_that_it_signs(self, strict: Strict) -> None:
        attempt = Attempt(strict)
        attempt.through()
        attempt.values["pending"] = KEY
        with pytest.raises(BadRotation, match="signs the call"):
            attempt.target.follow(attempt, "deactivate")
        assert keys_of(strict)[ADA] == "Active"

    def test_a_deactivated_key_that_still_works_for_a_while_does_no_harm(self, strict: Strict) -> None:
        strict.control("switch", old_key=3)
        attempt = Attempt(strict)
        attempt.through()
        attempt.target.follow(attempt, "deactivate")
        assert works(strict, KEY)
        attempt.target.follow(attempt, "deactivate")
        assert keys_of(strict)[ADA] == "Inactive"

    def test_an_admin_leaves_it_alone_while_the_new_one_does_not_work(self, strict: Strict) -> None:
        attempt = Attempt(strict, admin=ADMIN)
        attempt.through()
        new, client = attempt.new()["AccessKeyId"], strict.client("iam", "grace", "us-east-1")
        client.update_access_key(UserName="ada", AccessKeyId=new, Status="Inactive")
        with pytest.raises(TargetRefused, match=f"does not accept the new key {new}"):
            attempt.target.follow(attempt, "deactivate")
        assert keys_of(strict)[ADA] == "Active"

    def test_that_it_is_inactive_may_be_told_late(
        self, strict: Strict, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempt = Attempt(strict)
        attempt.through()
        attempt.target.follow(attempt, "deactivate")
        real, late = AccessKeys.listed, iter([True, True])
        monkeypatch.setattr(
            AccessKeys,
            "listed",
            lambda keys: [key._replace(active=key.active or next(late, False)) for key in real(keys)],
        )
        attempt.target.follow(attempt, DELETE)
        assert ADA not in keys_of(strict)

    def test_made_current_again_by_a_person_it_stays(self, strict: Strict, tmp_path: Path) -> None:
        path, clock = ParameterPath("/keys/ada"), Clock(datetime.now(UTC))
        with new_vault(str(tmp_path / "vault"), clock) as vault:
            put_secret(vault, path, json.dumps(KEY))
            save(vault, path, RotationDraft("iam", options={"endpoint_url": strict.url}))
            Rotating(vault, path, pause=lambda _: None).start()
            put_secret(vault, path, json.dumps(KEY))
            (run,) = Rotating(vault, path).follow(end_grace=True)
            assert run.follow_at is None
            assert "current again" in run.log[-1].text
        assert keys_of(strict)[ADA] == "Active"


class TestConfiguration:
    @pytest.mark.parametrize(
        ("value", "options", "why"),
        [
            ("hunter2", {}, "no JSON"),
            ({"username": "ada"}, {}, "no access key"),
            (KEY | {"SessionToken": "t" * 20}, {}, "temporary"),
            (KEY, {"delete_after": "soon"}, "delete_after"),
            (KEY, {"endpoint_url": "localhost:1"}, "https"),
            (KEY, {"endpoint_url": "http://aws.example.com"}, "https"),
            (KEY, {"endpoint_url": "http://127.0.0.1.example.com"}, "https"),
            (KEY, {"endpoint_url": "https://[::1"}, "no URL"),
        ],
    )
    def test_what_cannot_work_is_refused_before_step_one(
        self, strict: Strict, value: dict[str, str] | str, options: dict[str, str], why: str
    ) -> None:
        attempt = MemoryAttempt(Iam(), value, options=options)
        with pytest.raises(BadRotation, match=why):
            Iam().check(attempt.rotation, attempt.current(), None)
        assert strict.calls() == {}

    def test_an_admin_that_is_the_key_itself_is_refused(self, strict: Strict) -> None:
        with pytest.raises(BadRotation, match="admin"):
            Attempt(strict, admin=KEY).check()

    def test_a_key_of_another_user_than_the_named_one_is_refused(self, strict: Strict) -> None:
        attempt = Attempt(strict, options={"user": "grace"})
        with pytest.raises(BadRotation, match="no access key of this user"):
            attempt.create()
        assert list(keys_of(strict, "grace")) == [GRACE]

    def test_what_iam_denies_is_said(self, strict: Strict) -> None:
        strict.control("deny", action="iam:CreateAccessKey")
        with pytest.raises(AwsDenied, match="CreateAccessKey"):
            Attempt(strict).create()

    def test_a_wrong_secret_of_the_admin_is_said(self, strict: Strict) -> None:
        with pytest.raises(AwsSignIn):
            Attempt(strict, admin=ADMIN | {"SecretAccessKey": "wrong"}).create()

    def test_it_is_found_by_its_name(self) -> None:
        assert isinstance(target_named("iam"), Iam)


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("after", [False, True])
def test_killed_around_any_call_it_goes_on_and_leaves_no_key_behind(
    strict: Strict, monkeypatch: pytest.MonkeyPatch, *, after: bool, back: bool
) -> None:
    real: Callable[..., dict[str, Any]] = AwsClient.call
    at, killed = 0, True
    while killed:
        strict.reset()
        at, killed, calls = at + 1, False, 0
        attempt = Attempt(strict)

        def call(client: AwsClient, operation: str, /, at: int = at, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
            nonlocal calls, killed
            calls += 1
            if calls == at and not after:
                killed = True
                raise Killed
            answer = real(client, operation, **parameters)
            if calls == at:
                killed = True
                raise Killed
            return answer

        monkeypatch.setattr(AwsClient, "call", call)
        with suppress(Killed):
            attempt.through()
        monkeypatch.setattr(AwsClient, "call", real)
        if back:
            attempt.target.undo(attempt)
            assert keys_of(strict) == {ADA: "Active"}, at
            continue
        if attempt.values["pending"] is None:
            attempt.create()
        attempt.target.test(attempt)
        assert keys_of(strict).keys() == {ADA, attempt.new()["AccessKeyId"]}, at
        assert works(strict, attempt.new())
    assert at > 6


def test_the_machine_rotates_it_in_a_vault_and_drops_the_old_key_in_time_for_the_next(
    strict: Strict, tmp_path: Path
) -> None:
    path, clock = ParameterPath("/keys/ada"), Clock(datetime.now(UTC))
    with new_vault(str(tmp_path / "vault"), clock) as vault:
        put_secret(vault, path, json.dumps(KEY))
        save(vault, path, RotationDraft("iam", options={"endpoint_url": strict.url, "grace": "0"}))
        ids = [ADA]
        for _ in range(3):
            run = Rotating(vault, path, pause=lambda _: None).start()
            assert run.state is RunState.DONE
            value = json.loads(value_of(vault, path))
            assert works(strict, value)
            assert keys_of(strict).keys() == {ids[-1], value["AccessKeyId"]}
            ids.append(value["AccessKeyId"])
            assert value["SecretAccessKey"] not in repr(run)
            clock.move(timedelta(minutes=2))


def test_who_signs_by_the_entry_goes_on_when_the_old_key_is_gone(strict: Strict, tmp_path: Path) -> None:
    path = ParameterPath("/keys/ada")
    with new_vault(str(tmp_path / "vault"), Clock(datetime.now(UTC))) as vault:
        put_secret(vault, path, json.dumps(KEY))
        connection = Connection(region="eu-west-1", endpoint_url=strict.url, access_key=path)
        draft = RemoteDraft("there", Service.PARAMETER_STORE, ParameterPath("/shop"), "/shop", Direction.BOTH)
        store = open_store(vault, vault.remotes.add(draft._replace(connection=connection)))
        assert store.look("/shop/a") is None
        save(vault, path, RotationDraft("iam", options={"endpoint_url": strict.url, "grace": "0"}))
        Rotating(vault, path, pause=lambda _: None).start()
        client = strict.client("iam", "grace", "us-east-1")
        client.delete_access_key(UserName="ada", AccessKeyId=ADA)
        assert store.look("/shop/a") is None
        forget(vault)


def test_a_key_in_json_is_put_in_where_the_old_one_stood() -> None:
    from app.aws.access_key import AccessKey, with_access_key

    old = Secret.of_text('{"Credentials": {"accessKeyId": "AKIAOLD", "secretAccessKey": "s"}, "n": 1.50}')
    with Credential(with_access_key(old, "/k", AccessKey("AKIANEW", "t", None))) as new:
        assert json.loads(new.secret.reveal()) == {
            "Credentials": {"accessKeyId": "AKIANEW", "secretAccessKey": "t"},
            "n": 1.5,
        }
