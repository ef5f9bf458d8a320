"""A vault and one remote of each service, over real HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.aws.stores import forget, open_store
from app.sync.choices import Answer, Choice
from app.sync.run import Sync, plan_of
from tests.vault.furnished import Clock, new_vault, value_of
from vault.paths import ParameterPath
from vault.records import Connection, Direction, RemoteDraft, Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.ports import RemoteStore
    from app.sync.observe import Observation
    from app.sync.outcome import Outcome
    from app.sync.plan import Plan
    from tests.cloud.handles import Strict
    from vault.records import Remote
    from vault.vault import Vault


class Pair:
    """A vault and one remote of it."""

    def __init__(self, vault: Vault, remote: Remote, store: RemoteStore | None = None) -> None:
        self.vault, self.remote = vault, remote
        self.store = store or open_store(vault, remote)
        self.seen: Observation | None = None

    def plan(self, **options: Any) -> Plan:  # noqa: ANN401
        self.seen = Sync(self.vault, self.remote, self.store).observe(**options)
        self.remote = self.vault.remotes.find(self.remote.name)
        return plan_of(self.vault, self.remote, self.seen.skipped)

    def sync(
        self,
        on_conflict: Choice = Choice.STOP,
        *,
        delete: bool = False,
        history: bool = False,
        answers: dict[str, Answer] | None = None,
        details: bool = False,
    ) -> list[Outcome]:
        plan = self.plan(details=details)
        return Sync(self.vault, self.remote, self.store).apply(
            plan, answers, on_conflict=on_conflict, delete=delete, history=history
        )

    def actions(self, **options: Any) -> dict[str, str]:  # noqa: ANN401
        return {str(item.path): item.action.value for item in self.plan(**options).pending}

    def value(self, path: str, **which: Any) -> str:  # noqa: ANN401
        return value_of(self.vault, path, **which)


@pytest.fixture(autouse=True)
def _told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fake tells of everything at once: nothing is asked for again after a while."""
    monkeypatch.setattr("app.sync.observe.TOLD_LATE", ())


@pytest.fixture
def clock() -> Clock:
    from datetime import UTC, datetime

    return Clock(datetime.now(UTC))


@pytest.fixture
def vault(tmp_path: Path, clock: Clock) -> Iterator[Vault]:
    vault = new_vault(str(tmp_path / "vault"), clock)
    yield vault
    forget(vault)
    vault.close()


def remote_at(url: str, service: Service, name: str = "", **facts: Any) -> RemoteDraft:  # noqa: ANN401
    prefix = "/shop" if service is Service.PARAMETER_STORE else "shop"
    facts = {"folder": ParameterPath("/shop"), "prefix": prefix, "direction": Direction.BOTH} | facts
    connection = Connection(region="eu-west-1", endpoint_url=url)
    return RemoteDraft(name or service.value, service, connection=connection, **facts)


@pytest.fixture
def ssm(vault: Vault, strict: Strict) -> Pair:
    return Pair(vault, vault.remotes.add(remote_at(strict.url, Service.PARAMETER_STORE)))


@pytest.fixture
def secrets(vault: Vault, strict: Strict) -> Pair:
    return Pair(vault, vault.remotes.add(remote_at(strict.url, Service.SECRETS_MANAGER)))
