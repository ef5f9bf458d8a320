"""The process is killed after every statement that a database is sent: a client always gets in.

As in `test_crashes`, with a real PostgreSQL and a real MariaDB, resumed and rolled back in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.rotation.run import Rotating
from app.rotation.targets.mysql_session import MySqlSession
from app.rotation.targets.postgresql import PostgreSqlSession
from tests.app.rotation.test_crashes_targets import FIRST, PATH, WAYS, World, effects
from tests.servers import mariadb as mariadb_server
from tests.servers import postgres as postgres_server
from vault.records import RotationDraft, Strategy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.mariadb import MariaDbServer
    from tests.servers.postgres import PostgresServer

STRATEGIES = pytest.mark.parametrize("strategy", list(Strategy), ids=list(Strategy))


def kill_everywhere(world: World, logs_in: Callable[[str, str], bool], forget: Callable[[], object]) -> None:
    """Kill a rotation after its first effect, its second and so on; settle each, and look in as a client.

    Args:
        world: what is rotated; each rotation goes on from what the one before has left.
        logs_in: of the server.
        forget: drops the second user, so that it is made once more when the first one is current.
    """
    alternating = Rotating(world.vault, PATH).rotation.strategy is Strategy.ALTERNATING
    at, done = 0, 0
    while done < 1 + alternating:  # a turn of each user ended without a kill
        at += 1
        if world.login("AWSCURRENT")[0] == "shop":
            forget()
        if world.killed(at, after=True):
            current = logs_in(*world.login("AWSCURRENT"))
            assert current or (not alternating and logs_in(*world.login("AWSPENDING"))), f"after effect {at}"
            world.settle(WAYS[at % 2])
        else:
            done += 1
        assert logs_in(*world.login("AWSCURRENT")), f"after settling effect {at}"
    assert at > 10


@STRATEGIES
def test_postgresql(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch, strategy: Strategy
) -> None:
    postgres.run("CREATE ROLE shop LOGIN PASSWORD 'first'")
    postgres.run("ALTER ROLE shop SET search_path = shop")
    value, admin = postgres.value("shop", FIRST), postgres.value(**postgres_server.ADMIN)
    world = World(tmp_path / "v", value, RotationDraft("postgresql", strategy), admin)
    with effects(monkeypatch, world.doom, PostgreSqlSession, "_ask"):
        kill_everywhere(world, postgres.logs_in, lambda: postgres.run("DROP ROLE IF EXISTS shop_clone"))
    world.vault.close()


@STRATEGIES
def test_mariadb(
    tmp_path: Path, mariadb: MariaDbServer, monkeypatch: pytest.MonkeyPatch, strategy: Strategy
) -> None:
    mariadb.run("CREATE USER shop IDENTIFIED BY 'first' WITH MAX_USER_CONNECTIONS 90")
    mariadb.run("GRANT SELECT ON shop.* TO shop")
    value, admin = mariadb.value("shop", FIRST), mariadb.value(**mariadb_server.ADMIN)
    world = World(tmp_path / "v", value, RotationDraft("mysql", strategy), admin)
    with effects(monkeypatch, world.doom, MySqlSession, "_rows"):
        kill_everywhere(world, mariadb.logs_in, lambda: mariadb.run("DROP USER IF EXISTS shop_clone"))
    world.vault.close()
