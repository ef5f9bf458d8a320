"""The place of a window's socket: never over one that answers, whatever stands there."""

from __future__ import annotations

import os
import socket
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from app.authority import door
from app.authority.door import Taken

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sockets of Unix")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    return "strongroom"


def test_a_window_that_hangs_is_there_and_is_not_waited_for(folder: str) -> None:
    """It accepts nothing any more, and its queue is full."""
    os.mkdir(folder, 0o700)
    with socket.socket(socket.AF_UNIX) as hung, socket.socket(socket.AF_UNIX) as first:
        hung.bind(f"{folder}/sock")
        hung.listen(0)
        first.connect(f"{folder}/sock")
        with pytest.raises(Taken):
            door.listen_at(folder, f"{folder}/sock", 4)
        assert os.path.lexists(f"{folder}/sock")


def test_what_nobody_answers_at_makes_room(folder: str) -> None:
    os.mkdir(folder, 0o700)
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(f"{folder}/sock")
    made = door.listen_at(folder, f"{folder}/sock", 4)
    assert made is not None
    assert stat.S_IMODE(os.stat(f"{folder}/sock").st_mode) == 0o600
    made.close()
    assert not os.path.lexists(f"{folder}/sock")


@pytest.mark.parametrize("trap", ["link", "dangling link", "open to others", "file"])
def test_a_folder_that_somebody_else_prepared_is_not_used(folder: str, trap: str) -> None:
    os.mkdir("elsewhere", 0o700)
    if trap == "file":
        with open(folder, "w", encoding="ascii"):
            pass
    elif trap == "open to others":
        os.mkdir(folder)
        os.chmod(folder, 0o750)
    else:
        os.symlink("elsewhere" if trap == "link" else "nowhere", folder)
    assert door.listen_at(folder, f"{folder}/sock", 4) is None
    assert os.listdir("elsewhere") == []
