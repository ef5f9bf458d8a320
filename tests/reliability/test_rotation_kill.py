"""Rotations that are killed at random while clients log in: real servers, real kills.

With alternating users no client that reads AWSCURRENT before each connect is ever turned away; with one user
none that tries AWSPENDING after it (and AWSCURRENT once more, where rotations are rolled back).
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from app.rotation import setting
from app.rotation.run import Rotating
from tests.reliability import writers
from tests.reliability.rotator import Consumer, present, rotate_for_ever
from tests.servers import mariadb as mariadb_server
from tests.servers import postgres as postgres_server
from tests.vault.furnished import draft, new_vault
from vault.paths import ParameterPath
from vault.records import Kind, RotationDraft, RunState, Strategy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.mariadb import MariaDbServer
    from tests.servers.postgres import PostgresServer

PATH = ParameterPath("/app/db")
ADMIN = ParameterPath("/app/admin")
ADMINS = {"postgresql": postgres_server.ADMIN, "mysql": mariadb_server.ADMIN}


class Way(NamedTuple):
    """How an entry rotates, and what its clients try."""

    strategy: Strategy
    labels: tuple[str, ...]
    back: float = 0.0  # how often a killed rotation is rolled back rather than resumed

    def __str__(self) -> str:
        return f"{self.strategy.value}{'-rolled-back' if self.back else ''}"


WAYS = [
    Way(Strategy.ALTERNATING, ("AWSCURRENT",), back=0.4),
    Way(Strategy.SINGLE, ("AWSCURRENT", "AWSPENDING")),
    # Refused with AWSCURRENT at the moment when the target is given the old credential again, it looks twice.
    Way(Strategy.SINGLE, ("AWSCURRENT", "AWSPENDING", "AWSCURRENT"), back=0.4),
]


def rotate_and_kill(
    folder: Path, target: str, way: Way, server: PostgresServer | MariaDbServer, kills: int
) -> int:
    """Kill the rotating process `kills` times while two clients log in; how many rotations ended well."""
    path = str(folder / "vault")
    random = Random(kills)
    with new_vault(path, present) as vault:  # type: ignore[arg-type]  # any clock will do
        admin = ADMINS[target]["username"], server.password
        for at, who, password in ((PATH, "app", "the first one"), (ADMIN, *admin)):
            told = server.value(who, password)
            vault.entries.put(draft(at, json.dumps(told), kind=Kind.SECRET))
        asked = RotationDraft(target, way.strategy, {"grace": "1s"}, admin=ADMIN)
        setting.save(vault, PATH, asked)
        consumers = [Consumer(vault, PATH, way.labels, server.logs_in) for _ in range(2)]
        for number in range(kills):
            journal = str(folder / f"journal-{number}")
            process = writers.start(rotate_for_ever, path, str(PATH), journal, number, way.back)
            writers.kill_after(process, journal, random.randrange(1, 20), random.uniform(0, 0.02))
        rotating = Rotating(vault, PATH)
        if rotating.open_run() is not None:
            rotating.resume()
        rotating.start()
        for consumer in consumers:
            consumer.stop()
        assert [turned for consumer in consumers for turned in consumer.turned_away] == []
        assert all(consumer.served > kills for consumer in consumers)
        ended = [run for run in vault.rotations.runs(limit=10_000) if run.ended_at is not None]
        assert vault.audit.verify().broken_at is None
        return sum(run.state is RunState.DONE for run in ended)


def at_postgres(folder: Path, server: PostgresServer, way: Way, kills: int) -> int:
    server.run("CREATE ROLE app LOGIN PASSWORD 'the first one'")
    return rotate_and_kill(folder, "postgresql", way, server, kills)


def at_mariadb(folder: Path, server: MariaDbServer, way: Way, kills: int) -> int:
    server.run("CREATE USER app@'%' IDENTIFIED BY 'the first one'")
    return rotate_and_kill(folder, "mysql", way, server, kills)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_rotations_of_postgresql_are_killed_and_no_client_is_turned_away(
    tmp_path: Path, postgres: PostgresServer, way: Way
) -> None:
    assert at_postgres(tmp_path, postgres, way, kills=6) > 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_rotations_of_mariadb_are_killed_and_no_client_is_turned_away(
    tmp_path: Path, mariadb: MariaDbServer, way: Way
) -> None:
    assert at_mariadb(tmp_path, mariadb, way, kills=6) > 1


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_hundreds_of_rotations_of_postgresql_are_killed(
    tmp_path: Path, postgres: PostgresServer, way: Way
) -> None:
    assert at_postgres(tmp_path, postgres, way, kills=300) > 100


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS, ids=str)
def test_hundreds_of_rotations_of_mariadb_are_killed(
    tmp_path: Path, mariadb: MariaDbServer, way: Way
) -> None:
    assert at_mariadb(tmp_path, mariadb, way, kills=300) > 100
