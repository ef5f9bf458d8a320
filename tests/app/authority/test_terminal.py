"""Somebody at a terminal whose commands a window runs: questions are asked there, answers are typed there."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from app.authority import place
from app.authority.grants import Span
from tests.app.authority.window import PASSPHRASE, VALUE, Window
from tests.end_to_end.shell import Shell
from vault.paths import ParameterPath, parse_selector

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of Unix")


@pytest.fixture
def shell(window: Window) -> Shell:
    window.answer = Span.SESSION
    shell = Shell(window.folder)
    shell.environment = dict(window.environment)
    return shell


def test_the_terminal_says_that_the_window_asks(window: Window, shell: Shell) -> None:
    said = shell.at_terminal("get", "/shop/db", answers=())
    assert said.code == 0
    assert "the window asks whether this may use the vault" in said.text
    assert said.text.endswith(f"{VALUE}\n")


def test_a_value_is_typed_in_the_terminal_and_not_shown(window: Window, shell: Shell) -> None:
    said = shell.at_terminal(
        "put", "/shop/typed", answers=(("Value of /shop/typed: ", "s3cret"), (", again: ", "s3cret"))
    )
    assert (said.code, "s3cret" in said.text) == (0, False)
    with window.session.vault.values.open(parse_selector("/shop/typed")).value as value:
        assert value.reveal() == b"s3cret"


def test_a_person_at_the_terminal_confirms_there(window: Window, shell: Shell) -> None:
    window.session.vault.trash.remove(ParameterPath("/shop/db"), 30, recursive=False)
    assert shell.at_terminal("purge", "/shop/db", answers=(("[y/N] ", "n"),)).code != 0
    assert len(window.session.vault.trash.listed()) == 1
    assert shell.at_terminal("purge", "/shop/db", answers=(("[y/N] ", "y"),)).code == 0
    assert not window.session.vault.trash.listed()


def test_how_far_a_long_command_is_stands_on_the_terminal_of_who_asked(window: Window, shell: Shell) -> None:
    said = shell.at_terminal("move", "/shop/db", "/shop/moved", answers=())
    assert (said.code, "moving: 0 steps of " in said.text) == (0, True)
    assert said.text.split("\r\x1b[K")[-1] == "moved 1 entry: /shop/db -> /shop/moved\n"


def test_a_value_that_would_steer_the_terminal_is_not_shown(window: Window, shell: Shell) -> None:
    window.run("put", "/shop/steers", stdin="\x1b[2J")
    said = shell.at_terminal("get", "/shop/steers", answers=())
    assert (said.code, "\x1b[2J" in said.text) == (2, False)


def test_where_the_window_is_locked_the_terminal_says_so_and_asks_itself(
    window: Window, shell: Shell
) -> None:
    window.listener.cut()
    window.session.lock()
    folder = os.path.join(window.runtime.name, "strongroom")
    with socket.socket(socket.AF_UNIX) as program:
        program.bind(place.socket_path(folder, place.PROGRAM))
        program.listen()
        said = shell.at_terminal("get", "/shop/db", answers=(("assphrase", PASSPHRASE),))
    assert (said.code, VALUE in said.text) == (0, True)
    assert "this vault is locked in it" in said.text
