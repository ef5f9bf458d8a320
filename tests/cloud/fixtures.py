"""Fixtures: AWS over real HTTP. `tests/conftest.py` has them for every test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cloud.handles import REGION, Moto, Strict
from tests.cloud.program import Program
from tests.cloud.proxy import Proxy
from tests.cloud.strict.access import credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give all tests that use moto to one worker: it takes seconds to start."""
    for item in items:
        if "moto" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("moto"))


@pytest.fixture
def made_up_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of nobody in the environment, and a home folder without ~/.aws."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    ada = credentials("ada")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ada["aws_access_key_id"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", ada["aws_secret_access_key"])
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)


@pytest.fixture(scope="session")
def strict_server() -> Iterator[Strict]:
    server = Strict.in_process()
    yield server
    server.stop()


@pytest.fixture
def strict(strict_server: Strict, made_up_identity: None) -> Strict:
    """The strict fake, empty."""
    strict_server.reset()
    return strict_server


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Moto]:
    server = Moto(Program("tests.cloud.moto_program"))
    yield server
    server.stop()


@pytest.fixture
def moto(moto_server: Moto, made_up_identity: None) -> Moto:
    """Moto, empty. All tests that use it run in one worker."""
    moto_server.reset()
    return moto_server


@pytest.fixture
def proxied(strict: Strict) -> Iterator[Proxy]:
    """A proxy that can make trouble, before the empty strict fake."""
    proxy = Proxy(strict.port)
    yield proxy
    proxy.stop()


@pytest.fixture
def proxied_moto(moto: Moto) -> Iterator[Proxy]:
    """A proxy that can make trouble, before the empty moto."""
    proxy = Proxy(moto.port)
    yield proxy
    proxy.stop()
