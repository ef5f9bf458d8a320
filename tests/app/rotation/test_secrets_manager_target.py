"""Secrets that AWS rotates: its steps are followed, and the sync has nothing left to do afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app import allowed
from app.aws.client import AwsClient
from app.aws.stores import forget
from app.errors import AwsDenied, BadRotation, TargetRefused, TargetUnanswered
from app.rotation.run import Rotating
from app.rotation.setting import save
from tests.app.sync.conftest import Pair, remote_at
from tests.vault.furnished import Clock, new_vault, put_secret, value_of
from vault.errors import Cancelled
from vault.paths import ParameterPath
from vault.records import Direction, RotationDraft, RunState, Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cloud.handles import Endpoint, Moto, Strict
    from vault.vault import Vault

PATH = ParameterPath("/shop/db")
NAME = "shop/db"
VALUE = {"username": "shop", "password": "first"}


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake tells of everything at once: nothing is asked for again after a while."""
    monkeypatch.setattr("app.sync.observe.TOLD_LATE", ())


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = new_vault(str(tmp_path / "vault"), Clock(datetime.now(UTC)))
    yield vault
    forget(vault)
    vault.close()


def in_sync(vault: Vault, server: Endpoint, **options: str) -> Pair:
    put_secret(vault, PATH, json.dumps(VALUE))
    pair = Pair(vault, vault.remotes.add(remote_at(server.url, Service.SECRETS_MANAGER)))
    pair.sync()
    allowed.allow([allowed.of_remote(vault, pair.remote)])
    save(vault, PATH, RotationDraft("secrets-manager", options=options))
    return pair


@pytest.fixture
def secrets(vault: Vault, strict: Strict) -> Pair:
    """A secret in sync that AWS rotates at once."""
    pair = in_sync(vault, strict)
    strict.rotates(NAME)
    return pair


class Waited:
    """Pauses that take no time."""

    def __init__(self, limit: float = 1e9) -> None:
        self.seconds, self.limit = 0.0, limit

    def __call__(self, seconds: float) -> None:
        self.seconds += seconds

    def over(self) -> bool:
        return self.seconds > self.limit


def rotating(vault: Vault, waited: Waited | None = None) -> Rotating:
    waited = waited or Waited()
    return Rotating(vault, PATH, pause=waited, cancelled=waited.over)


def password(vault: Vault, **which: Any) -> str:  # noqa: ANN401
    found: str = json.loads(value_of(vault, PATH, **which))["password"]
    return found


def stages(server: Endpoint) -> dict[str, str]:
    """Password by staging label there."""
    aws = server.client("secretsmanager", "grace")
    held = aws.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return {
        stage: json.loads(aws.get_secret_value(SecretId=NAME, VersionId=version)["SecretString"])["password"]
        for version, labels in held.items()
        for stage in labels
    }


@pytest.mark.parametrize("tidies", [False, True])
@pytest.mark.parametrize("looks", [1, 3])
def test_what_aws_made_is_current_on_both_sides_and_the_sync_has_nothing_to_do(
    vault: Vault, strict: Strict, looks: int, *, tidies: bool
) -> None:
    pair = in_sync(vault, strict)
    strict.rotates(NAME, looks=looks, tidies=tidies)
    for _ in range(2):
        before = password(vault)
        run = rotating(vault).start()
        assert run.state is RunState.DONE
        assert password(vault) != before
        assert password(vault, label="AWSPREVIOUS") == before
        assert stages(strict)["AWSCURRENT"] == password(vault)
        version = strict.client("secretsmanager").get_secret_value(SecretId=NAME)["VersionId"]
        assert version == run.token
        assert pair.actions() == {}
    assert strict.calls()["secretsmanager:RotateSecret"] == 2


def test_the_new_value_is_awspending_here_as_soon_as_aws_has_made_it(vault: Vault, strict: Strict) -> None:
    in_sync(vault, strict, timeout="1m")
    strict.rotates(NAME, fails_at="set")
    with pytest.raises(TargetUnanswered, match="did not come to its end"):
        rotating(vault).start()
    assert password(vault) == "first"
    assert password(vault, label="AWSPENDING") == stages(strict)["AWSPENDING"]


def test_a_remote_that_is_pulled_only_has_nothing_to_pull_afterwards(secrets: Pair, strict: Strict) -> None:
    draft = remote_at(strict.url, Service.SECRETS_MANAGER, direction=Direction.PULL)
    pulled = Pair(secrets.vault, secrets.vault.remotes.change(secrets.remote.name, draft))
    allowed.allow([allowed.of_remote(secrets.vault, pulled.remote)])
    assert rotating(secrets.vault).start().state is RunState.DONE
    pulled.sync()
    assert pulled.actions() == {}


@pytest.mark.parametrize("step", ["create", "set", "test", "finish"])
def test_a_function_that_fails_at_a_step_leaves_a_rotation_that_is_resumed_or_rolled_back(
    vault: Vault, strict: Strict, step: str
) -> None:
    pair = in_sync(vault, strict, timeout="2m")
    strict.rotates(NAME, fails_at=step)
    waited = Waited()
    with pytest.raises(TargetUnanswered, match="log in AWS"):
        rotating(vault, waited).start()
    assert 120 <= waited.seconds < 180
    run = rotating(vault).roll_back()
    assert run.state is RunState.UNDONE
    assert any(run.token in line.text for line in run.log) is (step != "create")
    assert password(vault) == "first"
    assert stages(strict) == {"AWSCURRENT": "first"}
    assert pair.actions() == {}
    strict.rotates(NAME)
    assert rotating(vault).start().state is RunState.DONE
    assert stages(strict)["AWSCURRENT"] == password(vault) != "first"
    assert pair.actions() == {}


def test_a_function_that_is_mended_finishes_what_was_begun(vault: Vault, strict: Strict) -> None:
    pair = in_sync(vault, strict, timeout="1m")
    strict.rotates(NAME, fails_at="test")
    with pytest.raises(TargetUnanswered):
        rotating(vault).start()
    strict.rotates(NAME)
    run = rotating(vault).resume()
    assert run.state is RunState.DONE
    assert strict.calls()["secretsmanager:RotateSecret"] == 1
    assert pair.actions() == {}


def test_stopped_while_it_waits_it_can_be_resumed(vault: Vault, strict: Strict) -> None:
    pair = in_sync(vault, strict)
    strict.rotates(NAME, looks=6)
    with pytest.raises(Cancelled):
        rotating(vault, Waited(limit=10)).start()
    assert rotating(vault).resume().state is RunState.DONE
    assert pair.actions() == {}


def test_rolled_back_after_aws_made_it_current_the_next_sync_brings_it(vault: Vault, strict: Strict) -> None:
    pair = in_sync(vault, strict)
    strict.rotates(NAME, looks=4)
    with pytest.raises(Cancelled):
        rotating(vault, Waited(limit=20)).start()
    while "AWSPREVIOUS" not in (now := stages(strict)):
        pass
    run = rotating(vault).roll_back()
    assert any("has made it current" in line.text for line in run.log)
    assert password(vault) == "first"
    assert stages(strict)["AWSCURRENT"] == now["AWSCURRENT"]
    pair.sync()
    assert password(vault) == now["AWSCURRENT"]
    assert pair.actions() == {}


class TestWhatCannotBe:
    def test_without_a_function_nothing_is_asked_of_aws(self, vault: Vault, strict: Strict) -> None:
        in_sync(vault, strict)
        with pytest.raises(TargetRefused, match="no function rotates shop/db"):
            rotating(vault).start()
        assert "secretsmanager:RotateSecret" not in strict.calls()

    def test_moto_which_would_break_a_secret_without_function_is_not_asked_either(
        self, vault: Vault, moto: Moto
    ) -> None:
        in_sync(vault, moto)
        with pytest.raises(TargetRefused, match="no function"):
            rotating(vault).start()
        assert stages(moto) == {"AWSCURRENT": "first"}

    def test_a_function_that_aws_may_not_call(self, vault: Vault, strict: Strict) -> None:
        in_sync(vault, strict)
        strict.rotates(NAME, invocable=False)
        with pytest.raises(TargetRefused, match="lambda:InvokeFunction"):
            rotating(vault).start()
        assert stages(strict) == {"AWSCURRENT": "first"}

    def test_a_rotation_that_somebody_began_there(self, secrets: Pair, strict: Strict) -> None:
        said = {"SecretId": NAME, "SecretString": json.dumps(VALUE), "VersionStages": ["AWSPENDING"]}
        strict.client("secretsmanager", "grace").put_secret_value(**said)
        with pytest.raises(TargetRefused, match="AWS is rotating shop/db already"):
            rotating(secrets.vault).start()
        rotating(secrets.vault).roll_back()
        assert stages(strict) == {"AWSCURRENT": "first", "AWSPENDING": "first"}

    def test_a_permission_that_is_missing(self, secrets: Pair, strict: Strict) -> None:
        strict.control("deny", action="secretsmanager:RotateSecret")
        with pytest.raises(AwsDenied, match="RotateSecret"):
            rotating(secrets.vault).start()

    def test_a_rotation_that_somebody_gave_up_there(self, vault: Vault, strict: Strict) -> None:
        pair = in_sync(vault, strict)
        strict.rotates(NAME, fails_at="set")
        client, looks = strict.client("secretsmanager", "grace"), []

        def meanwhile(seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 300:
                at = client.get_secret_value(SecretId=NAME, VersionStage="AWSPENDING")["VersionId"]
                said = {"SecretId": NAME, "VersionStage": "AWSPENDING", "RemoveFromVersionId": at}
                client.update_secret_version_stage(**said)

        with pytest.raises(TargetRefused, match="Roll back, sync"):
            Rotating(vault, PATH, pause=meanwhile).start()
        rotating(vault).roll_back()
        strict.rotates(NAME)
        assert rotating(vault).start().state is RunState.DONE
        assert pair.actions() == {}

    def test_a_secret_in_no_remote(self, vault: Vault) -> None:
        put_secret(vault, PATH, "x")
        save(vault, PATH, RotationDraft("secrets-manager"))
        with pytest.raises(BadRotation, match="no remote of Secrets Manager"):
            rotating(vault).start()
        assert rotating(vault).roll_back().state is RunState.UNDONE

    def test_a_secret_in_several_remotes_wants_one_named(self, secrets: Pair, strict: Strict) -> None:
        vault = secrets.vault
        other = vault.remotes.add(remote_at(strict.url, Service.SECRETS_MANAGER, "other", prefix="other"))
        allowed.allow([allowed.of_remote(vault, other)])
        with pytest.raises(BadRotation, match="other, secrets-manager"):
            rotating(secrets.vault).start()
        rotating(secrets.vault).roll_back()
        draft = RotationDraft("secrets-manager", options={"remote": "secrets-manager"})
        save(secrets.vault, PATH, draft)
        assert rotating(secrets.vault).start().state is RunState.DONE

    def test_a_time_limit_that_is_none(self, secrets: Pair) -> None:
        with pytest.raises(BadRotation, match="timeout"):
            save(secrets.vault, PATH, RotationDraft("secrets-manager", options={"timeout": "long"}))


class Killed(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("after", [False, True])
def test_killed_around_any_call_it_is_resumed_and_aws_rotates_once(
    strict: Strict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    real: Callable[..., dict[str, Any]] = AwsClient.call
    at, killed = 0, True
    while killed:
        strict.reset()
        at, killed, calls = at + 1, False, 0
        clock = Clock(datetime.now(UTC))
        with new_vault(str(tmp_path / f"vault{at}"), clock) as vault:
            pair = in_sync(vault, strict)
            strict.rotates(NAME)
            strict.calls(reset=True)

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
            try:
                rotating(vault).start()
            except Killed:
                monkeypatch.setattr(AwsClient, "call", real)
                clock.move(timedelta(seconds=1))
                assert rotating(vault).resume().state is RunState.DONE
            monkeypatch.setattr(AwsClient, "call", real)
            assert strict.calls()["secretsmanager:RotateSecret"] == 1, at
            assert stages(strict)["AWSCURRENT"] == password(vault) != "first", at
            assert pair.actions() == {}, at
            forget(vault)
    assert at > 10
