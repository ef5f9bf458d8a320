"""The timeline of versions, as a screen reader finds it on a real display."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.session import utc_now
from tests.desktop.conftest import PASSPHRASE
from tests.desktop.screen import until
from vault import file
from vault.credentials import Passphrase
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

if TYPE_CHECKING:
    from tests.desktop.screen import Reader, Screen

pytestmark = pytest.mark.xdist_group("desktop")

DB = ParameterPath("/shop/prod/db-password")


@pytest.fixture
def of_two_versions(vault: str) -> str:
    with file.open_vault(vault, Passphrase(Secret.of_text(PASSPHRASE)), clock=utc_now) as opened:
        opened.entries.put(Draft(DB, Secret(b"another value"), overwrite=True))
        opened.entries.label(DB, 1, ("live",))
    return vault


def heard(reader: Reader, role: str, beginning: str) -> str:
    """The name of the first part of this role that begins so; "" where there is none."""
    names = (part["name"] for part in reader.tree() if part["role"] == role)
    return next((name for name in names if name.startswith(beginning)), "")


def test_the_versions_are_read_with_what_they_tell(desktop: Screen, of_two_versions: str) -> None:
    desktop.strongroom(of_two_versions)
    desktop.focus("Strongroom")
    desktop.type(PASSPHRASE)
    desktop.keys("Return")
    until("the vault is open", lambda: desktop.windows("team.vault"))
    desktop.focus("team.vault")
    with desktop.reader() as reader:
        until("the entry", lambda: any("db-password" in part["name"] for part in reader.tree()))
        desktop.keys("Down")
        until("the details", lambda: heard(reader, "page tab", "Versions"))
        desktop.keys("alt+s")
        until("the timeline", lambda: heard(reader, "list item", "Version: 1"))
        assert "current" in heard(reader, "list item", "Version: 2")
        assert "made by library" in heard(reader, "list item", "Version: 2")
        assert heard(reader, "list item", "Version: 1").endswith("labels: live")
