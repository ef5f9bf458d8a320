"""The clipboard of a real X server: what other programs get of a copied value, and for how long."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.desktop.conftest import PASSPHRASE, SETTINGS
from tests.desktop.screen import until

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.desktop.screen import Screen

pytestmark = pytest.mark.xdist_group("desktop")

VALUE = "a-value-of-the-shop"


def copy(desktop: Screen, home: Path, vault: str, *, seconds: int) -> subprocess.Popen[bytes]:
    """Unlock, choose the only entry, copy its value."""
    settings = SETTINGS + f"clipboard_seconds = {seconds}\n"
    (home / "config/strongroom/config.toml").write_text(settings, "utf-8")
    program = desktop.strongroom(vault)
    desktop.focus("Strongroom")
    desktop.type(PASSPHRASE)
    desktop.keys("Return")
    until("the vault is open", lambda: desktop.windows("team.vault"))
    desktop.focus("team.vault")
    until("the value is copied", lambda: _copied(desktop))
    return program


def _copied(desktop: Screen) -> bool:
    desktop.keys("Down")
    desktop.keys("ctrl+shift+c")
    return desktop.clipboard() == VALUE


def type_of(desktop: Screen, target: str) -> str:
    return desktop.run("xclip", "-selection", "clipboard", "-o", "-t", target)


def test_a_copied_value_is_gone_from_other_programs_when_its_time_is_over(
    desktop: Screen, home: Path, vault: str
) -> None:
    copy(desktop, home, vault, seconds=3)
    assert type_of(desktop, "x-kde-passwordManagerHint") == "secret"
    assert VALUE not in desktop.clipboard("primary")
    assert not {"text/html", "application/x-qt-image"} & set(type_of(desktop, "TARGETS").split())
    until("it is gone", lambda: desktop.clipboard() == "")


def test_what_another_program_copies_meanwhile_stays(desktop: Screen, home: Path, vault: str) -> None:
    copy(desktop, home, vault, seconds=3)
    desktop.run("sh", "-c", "printf 'their text' | xclip -selection clipboard -i > /dev/null 2>&1")
    with desktop.reader() as reader:
        gone = "Clear the clipboard now"
        until("the countdown ended", lambda: not any(part["name"] == gone for part in reader.tree()))
    desktop.keys("ctrl+l")
    until("it is locked", lambda: not desktop.windows("team.vault"))
    assert desktop.clipboard() == "their text"


@pytest.mark.parametrize("way", ["a lock", "an end"])
def test_a_lock_and_the_end_clear_it(desktop: Screen, home: Path, vault: str, way: str) -> None:
    program = copy(desktop, home, vault, seconds=0)
    desktop.keys("ctrl+l" if way == "a lock" else "ctrl+q")
    if way == "an end":
        assert program.wait(60) == 0
    until("it is gone", lambda: desktop.clipboard() == "")


def test_nothing_is_left_of_it_after_a_kill(desktop: Screen, home: Path, vault: str) -> None:
    program = copy(desktop, home, vault, seconds=0)
    program.send_signal(signal.SIGKILL)
    program.wait()
    assert desktop.clipboard() == ""
