"""The program on a desktop: one instance, the tray, windows that stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.desktop.conftest import PASSPHRASE, SETTINGS, make_vault
from tests.desktop.screen import until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desktop.screen import Screen

pytestmark = pytest.mark.xdist_group("desktop")


def unlock(desktop: Screen, name: str) -> None:
    """At the door that was just shown."""
    desktop.focus("Strongroom")
    desktop.type(PASSPHRASE)
    desktop.keys("Return")
    until(f"{name} is open", lambda: desktop.windows(name))


def test_a_second_start_shows_its_vault_in_the_first_program(desktop: Screen, home: Path, vault: str) -> None:
    other = make_vault(home / "other.vault", {"/a": "b"})
    first = desktop.strongroom(vault)
    unlock(desktop, "team.vault")
    second = desktop.strongroom(other)
    assert second.wait(60) == 0
    until("two windows", lambda: len(desktop.windows("Strongroom")) == 2)
    assert first.poll() is None


def test_a_second_start_brings_the_window_of_the_same_vault_back(desktop: Screen, vault: str) -> None:
    desktop.strongroom(vault)
    unlock(desktop, "team.vault")
    assert desktop.strongroom(vault).wait(60) == 0
    assert desktop.strongroom().wait(60) == 0
    assert len(desktop.windows("Strongroom")) == 1


def test_the_last_window_stays_in_the_tray_with_its_vault_open(
    desktop_with_tray: Screen, home: Path, vault: str
) -> None:
    desktop = desktop_with_tray
    (home / "config/strongroom/config.toml").write_text(SETTINGS + "close_to_tray = true\n", "utf-8")
    program = desktop.strongroom(vault)
    unlock(desktop, "team.vault")
    desktop.keys("ctrl+w")
    until("the window is hidden", lambda: not desktop.windows("team.vault"))
    assert program.poll() is None
    assert desktop.strongroom().wait(60) == 0
    until("the window is back, its vault open", lambda: desktop.windows("team.vault"))


def test_without_a_tray_closing_the_last_window_ends_the_program(
    desktop: Screen, home: Path, vault: str
) -> None:
    (home / "config/strongroom/config.toml").write_text(SETTINGS + "close_to_tray = true\n", "utf-8")
    program = desktop.strongroom(vault)
    desktop.focus("Strongroom")
    desktop.keys("ctrl+q")
    assert program.wait(60) == 0
