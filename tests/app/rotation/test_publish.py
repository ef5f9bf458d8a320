"""What a rotation tells the remotes: nothing is doubled, nothing is lost, the sync has nothing left to do."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.aws.stores import forget
from app.errors import AwsError, Overtaken
from app.rotation import publish
from tests.app.sync.conftest import Pair, remote_at
from tests.app.sync.direct import Killed, Wire
from tests.app.sync.world import Desk
from tests.cloud.handles import ACCOUNT, REGION
from tests.vault.furnished import Clock, find, new_vault, put, put_secret
from vault.paths import ParameterPath
from vault.records import Cause, Connection, Direction, RotationDraft, RunState, Service
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cloud.handles import Endpoint, Moto, Strict
    from vault.records import RotationRun
    from vault.vault import Vault

PATH = ParameterPath("/shop/db")
NAME = "shop/db"
WRITES = ("CreateSecret", "PutSecretValue", "UpdateSecret", "UpdateSecretVersionStage")


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


@pytest.fixture
def secrets(vault: Vault, strict: Strict) -> Pair:
    """A secret in sync with Secrets Manager."""
    return in_sync(vault, strict)


def in_sync(vault: Vault, server: Endpoint) -> Pair:
    put_secret(vault, PATH, "one")
    pair = Pair(vault, vault.remotes.add(remote_at(server.url, Service.SECRETS_MANAGER)))
    pair.sync()
    return pair


def pending(vault: Vault, value: str) -> RotationRun:
    """A rotation up to where the version to come is AWSPENDING here."""
    rotation = vault.rotations.set(PATH, RotationDraft("value"))
    run = vault.rotations.begin(rotation, Cause.ASKED, str(uuid4()))
    return vault.rotations.put_pending(run, Secret.of_text(value), RunState.SET)


def rotate(pair: Pair, value: str) -> None:
    """All that a rotation does with the vault and a remote."""
    run = pending(pair.vault, value)
    assert publish.announce(pair.vault, pair.remote, PATH, run.pending or 0)
    run = pair.vault.rotations.promote(run, RunState.PUSH)
    publish.publish(pair.vault, pair.remote, PATH)
    pair.vault.rotations.write(run._replace(state=RunState.DONE))


def there(server: Endpoint) -> dict[str, str]:
    """Value by staging label, as a client there reads it."""
    aws = server.client("secretsmanager")
    stages = aws.describe_secret(SecretId=NAME)["VersionIdsToStages"]
    return {
        stage: aws.get_secret_value(SecretId=NAME, VersionStage=stage)["SecretString"]
        for held in stages.values()
        for stage in held
    }


class TestSecretsManager:
    def test_the_version_to_come_is_there_as_awspending_before_anything_else_changes(
        self, secrets: Pair, strict: Strict
    ) -> None:
        run = pending(secrets.vault, "two")
        assert publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        assert there(strict) == {"AWSCURRENT": "one", "AWSPENDING": "two"}
        client = strict.client("secretsmanager")
        assert client.get_secret_value(SecretId=NAME, VersionStage="AWSPENDING")["VersionId"] == run.token
        assert secrets.actions() == {}

    def test_announced_or_published_again_nothing_is_written(self, secrets: Pair, strict: Strict) -> None:
        run = pending(secrets.vault, "two")
        publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        strict.counts(reset=True)
        publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        assert not {name for name in strict.calls(reset=True) if name.split(":")[1] in WRITES}
        secrets.vault.rotations.promote(run, RunState.PUSH)
        publish.publish(secrets.vault, secrets.remote, PATH)
        strict.counts(reset=True)
        publish.publish(secrets.vault, secrets.remote, PATH)
        assert not {name for name in strict.calls() if name.split(":")[1] in WRITES}

    def test_published_the_stages_end_as_aws_leaves_them(self, secrets: Pair, strict: Strict) -> None:
        rotate(secrets, "two")
        assert there(strict) == {"AWSCURRENT": "two", "AWSPENDING": "two", "AWSPREVIOUS": "one"}
        assert secrets.actions() == {}

    def test_one_rotation_after_the_other(self, secrets: Pair, strict: Strict) -> None:
        for value in ("two", "three", "four"):
            rotate(secrets, value)
        assert there(strict) == {"AWSCURRENT": "four", "AWSPENDING": "four", "AWSPREVIOUS": "three"}
        assert secrets.actions() == {}

    def test_moto_ends_with_the_same_values(self, vault: Vault, moto: Moto) -> None:
        pair = in_sync(vault, moto)
        for value in ("two", "three"):
            rotate(pair, value)
        found = there(moto)
        assert (found["AWSCURRENT"], found["AWSPENDING"]) == ("three", "three")

    def test_rolled_back_awspending_is_off_and_the_next_rotation_works(
        self, secrets: Pair, strict: Strict
    ) -> None:
        for value in ("two", "three"):
            run = pending(secrets.vault, value)
            publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
            publish.retract(secrets.vault, secrets.remote, PATH, run.pending or 0)
            assert there(strict) == {"AWSCURRENT": "one"}
            publish.retract(secrets.vault, secrets.remote, PATH, run.pending or 0)
            secrets.vault.rotations.demote(run, RunState.UNDONE)
        rotate(secrets, "four")
        assert there(strict) == {"AWSCURRENT": "four", "AWSPENDING": "four", "AWSPREVIOUS": "one"}
        assert secrets.actions() == {}

    def test_awspending_that_somebody_took_off_a_finished_version_holds_nothing_up(
        self, secrets: Pair, strict: Strict
    ) -> None:
        rotate(secrets, "two")
        client = strict.client("secretsmanager", "grace")
        at = client.get_secret_value(SecretId=NAME)["VersionId"]
        client.update_secret_version_stage(SecretId=NAME, VersionStage="AWSPENDING", RemoveFromVersionId=at)
        rotate(secrets, "three")
        assert there(strict)["AWSCURRENT"] == "three"
        assert secrets.actions() == {}

    def test_a_rotation_that_is_under_way_there_is_not_disturbed(self, secrets: Pair, strict: Strict) -> None:
        strict.client("secretsmanager", "grace").put_secret_value(
            SecretId=NAME, SecretString="theirs", VersionStages=["AWSPENDING"]
        )
        run = pending(secrets.vault, "two")
        with pytest.raises(Overtaken, match="changed there"):
            publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        assert there(strict) == {"AWSCURRENT": "one", "AWSPENDING": "theirs"}

    @pytest.mark.parametrize("strikes", [False, True])
    def test_a_value_that_somebody_wrote_there_meanwhile_is_not_overwritten(
        self, secrets: Pair, strict: Strict, *, strikes: bool
    ) -> None:
        run = pending(secrets.vault, "two")
        publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        secrets.vault.rotations.promote(run, RunState.PUSH)
        said = {"SecretId": NAME, "SecretString": "theirs", "ClientRequestToken": str(uuid4())}
        if strikes:
            strict.strike("secretsmanager:UpdateSecretVersionStage", ("PutSecretValue", said))
        else:
            strict.do("secretsmanager", "PutSecretValue", **said)
        with pytest.raises(Overtaken):
            publish.publish(secrets.vault, secrets.remote, PATH)
        assert there(strict) == {"AWSCURRENT": "theirs", "AWSPENDING": "two", "AWSPREVIOUS": "one"}
        assert secrets.actions() == {PATH: "conflict"}
        assert secrets.value(PATH) == "two"

    def test_tags_that_somebody_set_there_are_taken_along(self, secrets: Pair, strict: Strict) -> None:
        strict.do("secretsmanager", "TagResource", SecretId=NAME, Tags=[{"Key": "team", "Value": "blue"}])
        rotate(secrets, "two")
        assert there(strict)["AWSCURRENT"] == "two"
        assert find(secrets.vault, PATH).tags == {"team": "blue"}
        assert secrets.actions() == {}

    def test_what_is_denied_is_said(self, secrets: Pair, strict: Strict) -> None:
        run = pending(secrets.vault, "two")
        strict.control("deny", action="secretsmanager:PutSecretValue")
        with pytest.raises(AwsError, match="PutSecretValue"):
            publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        strict.control("allow")
        assert publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        assert there(strict) == {"AWSCURRENT": "one", "AWSPENDING": "two"}

    def test_what_aws_made_current_itself_is_known_as_the_same_version(
        self, secrets: Pair, strict: Strict
    ) -> None:
        run = pending(secrets.vault, "two")
        strict.do(
            "secretsmanager",
            "PutSecretValue",
            SecretId=NAME,
            SecretString="two",
            ClientRequestToken=run.token,
        )
        assert publish.announce(secrets.vault, secrets.remote, PATH, run.pending or 0)
        secrets.vault.rotations.promote(run, RunState.PUSH)
        publish.publish(secrets.vault, secrets.remote, PATH)
        assert there(strict)["AWSCURRENT"] == "two"
        assert there(strict)["AWSPREVIOUS"] == "one"
        assert secrets.actions() == {}


class TestParameterStore:
    def test_nothing_is_told_before_the_new_version_is_current(self, vault: Vault, strict: Strict) -> None:
        put(vault, PATH, "one")
        pair = Pair(vault, vault.remotes.add(remote_at(strict.url, Service.PARAMETER_STORE)))
        pair.sync()
        run = pending(vault, "two")
        strict.counts(reset=True)
        assert not publish.announce(vault, pair.remote, PATH, run.pending or 0)
        publish.retract(vault, pair.remote, PATH, run.pending or 0)
        assert not [call for call in strict.calls() if "Put" in call or "Label" in call]
        assert pair.actions() == {}
        vault.rotations.promote(run, RunState.PUSH)
        publish.publish(vault, pair.remote, PATH)
        found = strict.client("ssm").get_parameter(Name=PATH, WithDecryption=True)["Parameter"]
        assert (found["Value"], found["Version"]) == ("two", 2)
        assert pair.actions() == {}

    def test_a_value_that_somebody_wrote_there_meanwhile_is_not_overwritten(
        self, vault: Vault, strict: Strict
    ) -> None:
        put(vault, PATH, "one")
        pair = Pair(vault, vault.remotes.add(remote_at(strict.url, Service.PARAMETER_STORE)))
        pair.sync()
        vault.rotations.promote(pending(vault, "two"), RunState.PUSH)
        strict.do("ssm", "PutParameter", Name=PATH, Value="theirs", Overwrite=True)
        with pytest.raises(Overtaken):
            publish.publish(vault, pair.remote, PATH)
        found = strict.client("ssm").get_parameter(Name=PATH, WithDecryption=True)["Parameter"]
        assert found["Value"] == "theirs"
        assert pair.actions() == {PATH: "conflict"}

    def test_one_that_could_not_be_told_later_is_found_before_the_target_changes(
        self, vault: Vault, strict: Strict
    ) -> None:
        put(vault, PATH, "one")
        pair = Pair(vault, vault.remotes.add(remote_at(strict.url, Service.PARAMETER_STORE)))
        pair.sync()
        run = pending(vault, "two")
        strict.do("ssm", "PutParameter", Name=PATH, Value="theirs", Overwrite=True)
        with pytest.raises(Overtaken, match="was changed there"):
            publish.announce(vault, pair.remote, PATH, run.pending or 0)
        strict.do("ssm", "DeleteParameter", Name=PATH)
        with pytest.raises(Overtaken, match="deleted-there"):
            publish.announce(vault, pair.remote, PATH, run.pending or 0)


class TestPlaces:
    def test_those_that_know_the_entry_and_may_be_written_to(self, secrets: Pair, strict: Strict) -> None:
        vault, add = secrets.vault, secrets.vault.remotes.add
        add(remote_at(strict.url, Service.PARAMETER_STORE))
        add(remote_at(strict.url, Service.SECRETS_MANAGER, "elsewhere", folder=ParameterPath("/other")))
        never = remote_at(strict.url, Service.SECRETS_MANAGER, "never", prefix="else")
        add(never)
        for name, direction in (("pulled", Direction.PULL), ("pushed", Direction.PUSH)):
            draft = remote_at(strict.url, Service.SECRETS_MANAGER, name, direction=direction)
            Pair(vault, add(draft)).sync()
        assert [remote.name for remote in publish.places(vault, PATH)] == ["pushed", "secrets-manager"]


class Rotation:
    """A rotation over a wire that may break at any call; begun again, it goes on from where it was."""

    def __init__(self, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wire = Wire()
        self.desk = Desk(self.wire, folder, Service.SECRETS_MANAGER)
        self.vault = self.desk.vault
        monkeypatch.setattr(publish, "open_store", lambda *_, **__: self.desk.store)
        put_secret(self.vault, PATH, "one")
        self.desk.sync()
        self.run = pending(self.vault, "two")

    def go_on(self, *, back: bool) -> None:
        vault, remote, number = self.vault, self.desk.remote, self.run.pending or 0
        if self.run.state is RunState.SET:
            publish.announce(vault, remote, PATH, number)
            if back:
                publish.retract(vault, remote, PATH, number)
                self.run = vault.rotations.demote(self.run, RunState.UNDONE)
                return
            self.run = vault.rotations.promote(self.run, RunState.PUSH)
        publish.publish(vault, remote, PATH)

    def there(self) -> dict[str, Any]:
        secret = self.wire.cloud.place(ACCOUNT, REGION).secrets.all[NAME]
        return {stage: secret.versions[at].text for stage, at in secret.stages.items()}


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("kind", ["kill before", "kill after", "lost", "dropped"])
def test_broken_off_at_any_call_it_goes_on_and_leaves_nothing_behind(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, back: bool
) -> None:
    monkeypatch.setattr("app.sync.observe.TOLD_LATE", ())
    at, broken = 0, True
    while broken:
        at, broken = at + 1, False
        begun = Rotation(str(tmp_path / str(at)), monkeypatch)
        calls = 0

        def trouble(operation: str, number: int, at: int = at) -> str:
            nonlocal calls, broken
            calls += 1
            broken = broken or calls == at
            return kind if calls == at else ""

        begun.wire.trouble = trouble
        with suppress(Killed, AwsError):
            begun.go_on(back=back)
        begun.wire.dead = False
        begun.wire.calm()
        if begun.run.state is not RunState.UNDONE:
            begun.go_on(back=back)
        wanted = {"AWSCURRENT": "two", "AWSPENDING": "two", "AWSPREVIOUS": "one"}
        assert begun.there() == ({"AWSCURRENT": "one"} if back else wanted), at
        assert begun.desk.plan().pending == (), at
        begun.vault.close()
    assert at > 8


def test_a_remote_of_another_account_than_before_is_refused(secrets: Pair, strict: Strict) -> None:
    from vault.errors import Refused

    assert Connection(region="eu-west-1", endpoint_url=strict.url) == secrets.remote.connection
    other = secrets.vault.remotes.find(secrets.remote.name)._replace(account="222222222222")
    run = pending(secrets.vault, "two")
    with pytest.raises(Refused, match="account"):
        publish.announce(secrets.vault, other, PATH, run.pending or 0)
    assert there(strict) == {"AWSCURRENT": "one"}
