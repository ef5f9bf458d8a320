"""A window and a command that speak through a named pipe under Wine: all of it but Windows itself."""

from __future__ import annotations

import ntpath
import sys
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import TYPE_CHECKING

import pytest

from app.authority import client, door
from app.authority.grants import Span
from app.authority.windows import dlls
from app.errors import AccessCut
from tests.app.authority.window import VALUE, Window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.app.authority.wine.far import Far

pytestmark = pytest.mark.xdist_group("wine")
LOCKED = 4
SECONDS = 30.0


class OnWindows:
    """The module `sys` as it is on Windows, as far as a module of ours looks at it."""

    platform = "win32"

    def __getattr__(self, name: str) -> object:
        return getattr(sys, name)


@pytest.fixture
def window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window_side: Far, command_side: Far
) -> Iterator[Window]:
    """A window whose door is a pipe, and a command in this process that knocks at it."""
    for module in (door, client):
        monkeypatch.setattr(module, "sys", OnWindows())
    monkeypatch.setattr("app.authority.processes.path", ntpath)
    monkeypatch.setenv("STRONGROOM_VAULT", str(tmp_path / "vault"))
    window = Window(tmp_path)
    monkeypatch.setattr(dlls, "loaded", lambda: window_side.dlls)
    assert window.listener.open()
    monkeypatch.setattr(dlls, "loaded", lambda: command_side.dlls)
    yield window
    window.close()
    for thread in enumerate_threads():  # each has calls to make until it ends
        if thread.name.startswith("strongroom-"):
            thread.join(SECONDS)


def run(*argv: str) -> int | None:
    return client.run(argv, lambda: None)


def test_a_value_is_printed_without_a_passphrase(
    window: Window, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run("get", "-n", "/shop/db") == 0
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == VALUE.encode()
    asked = window.questions[0].caller
    assert (asked.program, asked.started_by) == ("bridge.exe", "cmd.exe -c")
    assert asked.folder.startswith("Z:\\")


def test_a_caller_is_recognised_and_a_refusal_holds(window: Window) -> None:
    window.answer = Span.SESSION
    assert [run("list"), run("list")] == [0, 0]
    assert len(window.questions) == 1
    window.answer = Span.REFUSED
    assert run("remove", "/shop/db") == LOCKED
    assert window.session.vault.entries.count() == 1


def test_what_the_window_leaves_to_the_command_is_run_there(window: Window) -> None:
    assert run("backup", "/somewhere") is None
    assert run("list", "--no-window") is None
    assert not window.questions


def test_a_lock_cuts_who_waits_for_the_person(window: Window) -> None:
    window.answer = None
    cut: list[AccessCut] = []

    def wait() -> None:
        try:
            run("get", "/shop/db")
        except AccessCut as error:
            cut.append(error)

    waiting = Thread(target=wait)
    waiting.start()
    assert window.asked.wait(SECONDS)
    window.listener.cut()
    waiting.join(SECONDS)
    assert len(cut) == 1
    assert run("get", "/shop/db") is None
    assert window.listener.open()  # its name is free at once


def test_many_callers_one_after_the_other_and_at_once(window: Window) -> None:
    window.answer = Span.SESSION
    assert [run("list") for _ in range(5)] == [0] * 5
    done: list[int | None] = []
    threads = [Thread(target=lambda: done.append(run("list"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert done == [0] * 6
