"""The services that a sync is measured against, and the vault that is synced.

The strict fake as a program of its own, which counts calls and answers each after 25 ms. It answers some
thousands of calls a second, more than one Python client makes.
"""

from __future__ import annotations

import gc
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.aws.pacing import _PACERS
from app.aws.stores import forget, open_store
from app.cli.__main__ import COLLECT_AFTER
from app.sync.outcome import counts
from app.sync.run import Sync, plan_of
from tests.benchmarks import filling
from tests.cloud.handles import REGION, Strict
from tests.cloud.strict.access import credentials
from vault.file import create
from vault.paths import ParameterPath
from vault.records import Connection, Direction, RemoteDraft, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.sync.plan import Plan
    from vault.vault import Vault

DELAY = 25  # milliseconds a call
PREFIX = "/filled"
PER_FOLDER = 100


class Stub:
    """The counting stub."""

    def __init__(self, delay: int = DELAY) -> None:
        self._delay = delay
        self.server = Strict.in_process()

    def reset(self, *quotas: str) -> None:
        """Forget everything, also what our client learned of its limits; enforce these quotas from now on."""
        self.server.reset()
        self.server.control("delay", ms=self._delay)
        self.server.control("quota", quotas=list(quotas))
        _PACERS.clear()

    def calls(self) -> dict[str, int]:
        """The calls since it was asked last, by operation; STS's own are left out."""
        told = self.server.calls(reset=True)
        return {
            name.split(":")[1]: count for name, count in sorted(told.items()) if not name.startswith("sts:")
        }


class Synced:
    """A vault and its remote at the stub."""

    def __init__(self, vault: Vault, stub: Stub, service: Service) -> None:
        self.vault = vault
        connection = Connection(region=REGION, endpoint_url=stub.server.url)
        prefix = PREFIX if service is Service.PARAMETER_STORE else PREFIX.removeprefix("/")
        folder = ParameterPath(PREFIX)
        draft = RemoteDraft("stub", service, folder, prefix, Direction.BOTH, connection)
        self.remote = vault.remotes.add(draft)
        self.store = open_store(vault, self.remote)
        self.store.identity()  # imports and signs in: once a program, and not part of what is measured
        self.store.look(name_of(0))  # makes the client

    def plan(self) -> Plan:
        """Observe, and put the three sides side by side."""
        seen = Sync(self.vault, self.remote, self.store).observe()
        self.remote = self.vault.remotes.find(self.remote.name)
        return plan_of(self.vault, self.remote, seen.skipped)

    def apply(self, plan: Plan) -> None:
        """Do it all; that some of it fails is an error."""
        outcomes = Sync(self.vault, self.remote, self.store).apply(plan)
        ended = counts(outcomes)
        assert ended["done"] == len(outcomes), ended

    def sync(self) -> None:
        """As `strongroom sync stub --yes`."""
        self.apply(self.plan())


@contextmanager
def counting(delay: int = DELAY) -> Iterator[Stub]:
    """The stub, and credentials for it in the environment; garbage is collected as the command line does."""
    ada = credentials("ada")
    given = {name.upper(): value for name, value in ada.items()} | {"AWS_EC2_METADATA_DISABLED": "true"}
    home = os.path.abspath(os.path.join(filling.FOLDER, "home"))
    os.makedirs(home, exist_ok=True)
    before = dict(os.environ)
    os.environ.update(given, HOME=home)
    stub, often = Stub(delay), gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER)
    try:
        yield stub
    finally:
        gc.set_threshold(*often)
        stub.server.stop()
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def synced(stub: Stub, service: Service = Service.PARAMETER_STORE) -> Iterator[Synced]:
    """An empty vault with a remote."""
    folder = os.path.join(filling.FOLDER, "synced")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(filling.FOLDER, exist_ok=True)
    with create(folder, [(filling.key(), "benchmark")], clock=filling.clock) as vault:
        try:
            yield Synced(vault, stub, service)
        finally:
            forget(vault)


def name_of(number: int) -> str:
    """As the stub names what it is filled with."""
    return f"{PREFIX}/f{number // PER_FOLDER:04}/p{number:06}"
