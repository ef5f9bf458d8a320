"""A process that is really killed in the middle of a sync: the next one goes on, and does nothing twice."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.aws.stores import forget
from tests.app.sync.conftest import Pair, remote_at
from tests.vault.furnished import Clock, assert_whole, draft, every_value, new_vault, reopened
from vault.paths import ROOT
from vault.records import Kind, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark import ParameterSet

    from tests.cloud.handles import Strict

ROOM = Path(__file__).parents[3]
LONGEST = 60.0  # seconds until a process must have come as far as it is to be killed
PROGRAM = """
import sys
from datetime import UTC, datetime
from tests.app.sync.conftest import Pair
from tests.vault.furnished import Clock, reopened

vault = reopened(sys.argv[1], Clock(datetime.now(UTC)))
Pair(vault, vault.remotes.listed()[0]).sync(history="history" in sys.argv[2:])
print("to the end")
"""


def rarely(*cases: object) -> Iterator[ParameterSet]:
    """Cases that are like another one, a few calls earlier or later: for the soak."""
    for case in cases:
        yield pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.soak)


class Desk:
    """A vault with one remote, of which one process at a time has hold."""

    def __init__(self, path: str, strict: Strict, service: Service) -> None:
        self.path, self.strict = path, strict
        with new_vault(path, Clock(datetime.now(UTC))) as vault:
            vault.remotes.add(remote_at(strict.url, service))

    @contextmanager
    def pair(self) -> Iterator[Pair]:
        with reopened(self.path, Clock(datetime.now(UTC))) as vault:
            yield Pair(vault, vault.remotes.listed()[0])
            forget(vault)

    def killed_at(self, operation: str, count: int, *options: str) -> None:
        """Sync in a process of its own, killed once it has begun so many calls of an operation."""
        self.strict.calls(reset=True)
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, self.path, *options], cwd=ROOM, stdout=subprocess.PIPE
        ) as process:
            limit = time.monotonic() + LONGEST
            while self.strict.calls().get(operation, 0) < count:
                assert process.poll() is None, "it ended before it could be killed"
                assert time.monotonic() < limit, "it does not come that far"
                time.sleep(0.005)
            process.kill()
            told, _ = process.communicate()
        assert told == b"", "it ended before it could be killed"
        self._let_the_last_calls_end()

    def _let_the_last_calls_end(self) -> None:
        before: dict[str, int] = {}
        while (now := self.strict.calls()) != before:
            before = now
            time.sleep(0.2)


@pytest.fixture
def parameters(tmp_path: Path, strict: Strict) -> Desk:
    strict.control("delay", ms=20)
    return Desk(str(tmp_path / "vault"), strict, Service.PARAMETER_STORE)


@pytest.fixture
def secrets(tmp_path: Path, strict: Strict) -> Desk:
    strict.control("delay", ms=20)
    return Desk(str(tmp_path / "vault"), strict, Service.SECRETS_MANAGER)


def values_there(strict: Strict) -> dict[str, tuple[str, int]]:
    """Value and version of every parameter below /shop."""
    pages = strict.client("ssm").get_paginator("get_parameters_by_path")
    return {
        row["Name"]: (row["Value"], row["Version"])
        for page in pages.paginate(Path="/shop", Recursive=True, WithDecryption=True)
        for row in page["Parameters"]
    }


def put_all(pair: Pair, count: int, value: str, kind: Kind = Kind.PARAMETER) -> dict[str, str]:
    values = {f"/shop/p{number:04}": f"{value} {number}" for number in range(count)}
    pair.vault.entries.put_many([draft(path, each, kind=kind) for path, each in values.items()])
    return values


def finished(desk: Desk) -> dict[str, int]:
    """Sync to the end; the calls that it took. Both sides are alike then, and the vault is whole."""
    with desk.pair() as pair:
        desk.strict.calls(reset=True)
        outcomes = pair.sync()
        calls = desk.strict.calls()
        assert {outcome.result.value for outcome in outcomes} <= {"done"}
        assert pair.actions() == {}
        assert_whole(pair.vault)
    return calls


@pytest.mark.parametrize("count", [14, *rarely(3, 27)])
def test_a_killed_look_keeps_what_it_fetched(parameters: Desk, strict: Strict, count: int) -> None:
    strict.fill(parameters=300, prefix="/shop", type="String")
    parameters.killed_at("ssm:GetParameters", count)
    with parameters.pair() as pair:
        links = pair.vault.remotes.links(pair.remote).values()
        known = sum(1 for link in links if link.seen and link.seen.fingerprint)
        assert (
            known >= (count - 16) // 10 * 100
        )  # sixteen calls were on their way; a hundred go into one write
    calls = finished(parameters)
    assert calls.get("ssm:GetParameters", 0) == ceil((300 - known) / 10)
    with parameters.pair() as pair:
        there = {name: value for name, (value, _) in values_there(strict).items()}
        assert every_value(pair.vault) == there
        assert len(there) == 300
        assert all(entry.latest == 1 for entry in pair.vault.entries.below(ROOT, limit=1000))


def test_a_killed_pull_keeps_what_it_pulled(parameters: Desk, strict: Strict) -> None:
    strict.fill(parameters=300, prefix="/shop", type="String")
    strict.fill(parameters=300, prefix="/shop", type="String", again=True)
    parameters.killed_at("ssm:GetParameterHistory", 280, "history")
    with parameters.pair() as pair:
        pulled = pair.vault.entries.count()
        assert pulled == 200  # as many as go into one write
        strict.calls(reset=True)
        pair.sync(history=True)
        calls = strict.calls()
        assert calls["ssm:GetParameterHistory"] == 300 - pulled
        assert "ssm:GetParameters" not in calls
        assert pair.actions() == {}
        there = {name: value for name, (value, _) in values_there(strict).items()}
        assert every_value(pair.vault) == there
        assert all(entry.latest == 2 for entry in pair.vault.entries.below(ROOT, limit=1000))
        assert_whole(pair.vault)


@pytest.mark.parametrize("count", [90, *rarely(1, 199)])
def test_a_killed_push_makes_nothing_twice(parameters: Desk, strict: Strict, count: int) -> None:
    with parameters.pair() as pair:
        values = put_all(pair, 200, "one")
    parameters.killed_at("ssm:PutParameter", count)
    first = strict.calls()["ssm:PutParameter"]
    assert len(values_there(strict)) == first
    calls = finished(parameters)
    assert first + calls.get("ssm:PutParameter", 0) == 200
    assert values_there(strict) == {name: (value, 1) for name, value in values.items()}
    with parameters.pair() as pair:
        assert every_value(pair.vault) == values


@pytest.mark.parametrize("count", [90, *rarely(1)])
def test_a_killed_push_overwrites_nothing_twice(parameters: Desk, strict: Strict, count: int) -> None:
    strict.control("delay", ms=0)
    with parameters.pair() as pair:
        put_all(pair, 200, "one")
        pair.sync()
        values = put_all(pair, 200, "two")
    strict.control("delay", ms=20)
    parameters.killed_at("ssm:PutParameter", count)
    first = strict.calls()["ssm:PutParameter"]
    calls = finished(parameters)
    assert first + calls.get("ssm:PutParameter", 0) == 200
    assert values_there(strict) == {name: (value, 2) for name, value in values.items()}


@pytest.mark.parametrize(
    ("operation", "count"),
    [
        ("UpdateSecretVersionStage", 20),
        *rarely(
            ("CreateSecret", 20),
            ("PutSecretValue", 1),
            ("PutSecretValue", 30),
            ("UpdateSecretVersionStage", 75),
        ),
    ],
)
def test_a_killed_push_of_secrets_is_finished(
    secrets: Desk, strict: Strict, operation: str, count: int
) -> None:
    is_new = operation == "CreateSecret"
    with secrets.pair() as pair:
        values = put_all(pair, 40, "one", Kind.SECRET)
        if not is_new:
            pair.sync()
            values = put_all(pair, 40, "two", Kind.SECRET)
    secrets.killed_at(f"secretsmanager:{operation}", count)
    finished(secrets)
    aws = strict.client("secretsmanager")
    for name, value in values.items():
        assert aws.get_secret_value(SecretId=name[1:])["SecretString"] == value
        kept = aws.list_secret_version_ids(SecretId=name[1:], IncludeDeprecated=True)["Versions"]
        stages = sorted(stage for version in kept for stage in version.get("VersionStages", ()))
        assert stages == (["AWSCURRENT"] if is_new else ["AWSCURRENT", "AWSPREVIOUS"])
        assert len(kept) == (1 if is_new else 2)


@pytest.mark.soak
def test_killed_again_and_again_it_ends_all_the_same(parameters: Desk, strict: Strict) -> None:
    with parameters.pair() as pair:
        mine = put_all(pair, 60, "mine")
    strict.fill(parameters=60, prefix="/shop", type="String")
    puts = 0
    for operation, count in (("GetParameters", 2), ("PutParameter", 5), ("PutParameter", 20)):
        parameters.killed_at(f"ssm:{operation}", count)
        puts += strict.calls().get("ssm:PutParameter", 0)
    puts += finished(parameters).get("ssm:PutParameter", 0)
    there = values_there(strict)
    assert puts == 60
    assert len(there) == 120
    assert {version for _, version in there.values()} == {1}
    assert {name: there[name][0] for name in mine} == mine
    with parameters.pair() as pair:
        assert every_value(pair.vault) == {name: value for name, (value, _) in there.items()}
