"""Fixtures: the servers of `tests/servers`. `tests/conftest.py` has them for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.mariadb import MariaDbServer
from tests.servers.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all tests that use a server to one worker: it takes a second to start."""
    for item in items:
        for name in ("postgres", "mariadb"):
            if name in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture
def postgres(postgres_server: PostgresServer) -> PostgresServer:
    """PostgreSQL, without roles and tables of other tests."""
    postgres_server.reset()
    return postgres_server


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDbServer]:
    server = MariaDbServer()
    yield server
    server.remove()


@pytest.fixture
def mariadb(mariadb_server: MariaDbServer) -> MariaDbServer:
    """MariaDB, without accounts and tables of other tests."""
    mariadb_server.reset()
    return mariadb_server
