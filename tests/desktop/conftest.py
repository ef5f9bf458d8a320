"""A desktop for each test, and a vault on it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest

from app.session import utc_now
from tests.desktop.screen import screen
from vault import file, kdf
from vault.credentials import Passphrase
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.desktop.screen import Screen

PASSPHRASE = "several unrelated words"
SETTINGS = "keyring_anchor = false\nnotifications = 'off'\n"


@pytest.fixture
def home() -> Iterator[Path]:
    """A user's home, with a short path: sockets have at most 107 characters."""
    folder = Path(tempfile.mkdtemp(prefix="home-"))
    (folder / "config" / "strongroom").mkdir(parents=True)
    (folder / "config" / "strongroom" / "config.toml").write_text(SETTINGS, "utf-8")
    yield folder
    rmtree(folder, ignore_errors=True)


@pytest.fixture
def desktop(home: Path) -> Iterator[Screen]:
    with screen(home) as here:
        yield here


@pytest.fixture
def desktop_with_tray(home: Path) -> Iterator[Screen]:
    with screen(home, tray=True) as here:
        yield here


def make_vault(place: Path, values: dict[str, str]) -> str:
    """A locked vault with these SecureStrings."""
    way = (Passphrase(Secret.of_text(PASSPHRASE)), "Passphrase")
    with file.create(str(place), [way], clock=utc_now, profile=kdf.CHEAP) as vault:
        vault.entries.put_many(
            [Draft(ParameterPath(path), Secret.of_text(value)) for path, value in values.items()]
        )
    return str(place)


@pytest.fixture
def vault(home: Path) -> str:
    """A locked vault of one entry."""
    return make_vault(home / "team.vault", {"/shop/prod/db-password": "a-value-of-the-shop"})
