"""Both stores over the client that the program uses, with a proxy in between that makes trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from app.aws import client
from app.aws.labelling import PRIVATE
from app.aws.parameter_store import ParameterStore
from app.aws.secrets_manager import SecretsManager
from app.aws.sign_in import SignIn
from app.aws.stores import client as client_of
from app.errors import AwsError, Overtaken
from app.ports import Facts, Fetched, Push, RemoteStore, Sighting
from tests.cloud.handles import REGION
from tests.cloud.troubles import CUT, CUT_INSIDE, DROP, GARBAGE, LATE_INTERNAL, UNAVAILABLE
from vault.records import Connection, Tier, ValueType
from vault.secret import Secret

if TYPE_CHECKING:
    from app.aws.client import AwsClient
    from tests.cloud.handles import Strict
    from tests.cloud.proxy import Proxy

TROUBLES = (DROP, CUT, CUT_INSIDE, GARBAGE, UNAVAILABLE, LATE_INTERNAL)
SECRET = Facts(ValueType.SECRET_STRING)
PLAIN = Facts(ValueType.STRING, Tier.STANDARD)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_FIRST_PAUSE", 0.001)


def caller(proxied: Proxy, service: str) -> AwsClient:
    connection = Connection(region=REGION, endpoint_url=proxied.url)
    return client_of(SignIn(None), connection, service, account=str(uuid4()))


def seen(store: RemoteStore, name: str) -> Sighting:
    while True:
        try:
            found = store.look(name)
        except AwsError:
            continue
        assert found is not None
        return found


@pytest.mark.parametrize("seed", range(6))
def test_secrets_are_written_once_whatever_happens_on_the_way(
    proxied: Proxy, strict: Strict, seed: int
) -> None:
    store = SecretsManager(caller(proxied, "secretsmanager"), "shop")
    tokens: list[str] = []
    proxied.at_random(seed, 0.4, TROUBLES)
    for number in range(4):
        push = Push("shop/a", Secret.of_text(str(number)), str(uuid4()), SECRET)
        base = seen(store, "shop/a") if tokens else None
        for _ in range(50):
            try:
                tokens.append(store.create(push) if base is None else store.overwrite(push, base))
                break
            except AwsError:
                continue
        assert tokens[-1] == push.token
    told = strict.do("secretsmanager", "ListSecretVersionIds", SecretId="shop/a", IncludeDeprecated=True)
    assert {one["VersionId"] for one in told["Versions"]} == set(tokens)
    stages = {stage: one["VersionId"] for one in told["Versions"] for stage in one.get("VersionStages", ())}
    assert stages == {"AWSCURRENT": tokens[-1], "AWSPREVIOUS": tokens[-2]}
    assert not any(stage.startswith(PRIVATE) for stage in stages)


@pytest.mark.parametrize("seed", range(6))
def test_a_parameter_is_never_written_over_a_version_that_was_not_seen(
    proxied: Proxy, strict: Strict, seed: int
) -> None:
    store = ParameterStore(caller(proxied, "ssm"), "/shop")
    strict.do("ssm", "PutParameter", Name="/shop/a", Value="0", Type="String")
    proxied.at_random(seed, 0.4, TROUBLES)
    done: dict[str, int] = {}  # version that we were told of, to what we wrote
    for number in range(1, 9):
        base = seen(store, "/shop/a")
        if number % 2:
            strict.do("ssm", "PutParameter", Name="/shop/a", Value=f"theirs {number}", Overwrite=True)
        push = Push("/shop/a", Secret.of_text(f"ours {number}"), "", PLAIN)
        try:
            version = store.overwrite(push, base)
            was_seen = True
        except Overtaken as error:
            version, was_seen = error.ours or "", False
        except AwsError:  # what became of it is the next look's to tell
            continue
        done[version] = number
        assert was_seen is (number % 2 == 0)
    assert done
    proxied.at_random(seed, 0, ())
    history = [one for one in store.history("/shop/a", with_values=True) if isinstance(one, Fetched)]
    values = {one.version: one.value.reveal_text() for one in history if one.value}
    assert {version: values[version] for version in done} == {
        version: f"ours {number}" for version, number in done.items()
    }
    assert len(set(values.values())) == len(values)
