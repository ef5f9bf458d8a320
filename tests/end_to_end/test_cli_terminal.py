"""`strongroom` with a person at a terminal: hidden questions, confirmations, tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.session import utc_now
from tests.end_to_end.shell import PASSPHRASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shell import Shell

NO_FILE = ("STRONGROOM_PASSPHRASE_FILE",)
MARKER = "marker-7f3a9c"


def test_the_passphrase_is_asked_for_and_never_shown(shell: Shell) -> None:
    shell.put("/a", "value")
    said = shell.at_terminal(
        "get", "/a", answers=(("Passphrase:", "wrong one"), ("Passphrase:", PASSPHRASE)), without=NO_FILE
    )
    assert said.code == 0
    assert said.text.endswith("value\n")
    assert PASSPHRASE not in said.text
    assert "wrong one" not in said.text


def test_three_wrong_passphrases_end_it(shell: Shell) -> None:
    said = shell.at_terminal("list", answers=(("Passphrase:", "x"),) * 3, without=NO_FILE)
    assert said.code == 4


def test_a_value_is_typed_twice_and_never_shown(shell: Shell) -> None:
    said = shell.at_terminal("put", "/a", answers=(("Value of /a:", MARKER), ("again:", MARKER)))
    assert (said.code, MARKER in said.text) == (0, False)
    assert shell.ok("get", "-n", "/a").text == MARKER


def test_a_value_mistyped_the_second_time_is_not_stored(shell: Shell) -> None:
    said = shell.at_terminal("put", "/a", answers=(("Value of /a:", MARKER), ("again:", "other")))
    assert (said.code, MARKER in said.text) == (2, False)
    assert "passphrase" not in said.text
    assert shell("get", "/a").code == 3


def test_creating_asks_twice_and_warns_of_a_weak_passphrase(bare: Shell) -> None:
    said = bare.at_terminal(
        "create",
        str(bare.vault),
        answers=(("New passphrase:", "password1"), ("again:", "password1")),
        without=NO_FILE,
    )
    assert said.code == 0
    assert "warning: this passphrase is weak" in said.text
    assert "password1" not in said.text
    weak = bare.file("weak", "password1")
    assert bare("list", "--passphrase-file", weak).code == 0


def test_purging_asks_a_person(shell: Shell) -> None:
    shell.put("/a", "1")
    shell.ok("remove", "/a")
    assert shell.at_terminal("purge", "/a", answers=(("for good? [y/N]", "n"),)).code == 1
    assert shell.ok("trash", "--json").data
    assert shell.at_terminal("purge", "/a", answers=(("for good? [y/N]", "y"),)).code == 0
    assert not shell.ok("trash", "--json").data


def test_a_moment_is_restored_after_a_yes(shell: Shell) -> None:
    shell.put("/f/a", "old")
    then = utc_now().isoformat()
    shell.put("/f/a", "new", "--overwrite")
    said = shell.at_terminal("restore", "/f", "--to", then, answers=(("Restore? [y/N]", "y"),))
    assert (said.code, "gets the value of version 1" in said.text) == (0, True)
    assert shell.ok("get", "-n", "/f/a").text == "old"


def test_what_may_take_long_tells_how_far_it_is_and_leaves_no_trace_of_that(shell: Shell) -> None:
    shell.put("/f/a", "value")
    said = shell.at_terminal("move", "/f", "/g", answers=())
    assert "moving: 0 steps of " in said.text
    assert said.text.split("\r\x1b[K")[-1] == "moved 1 entry: /f -> /g\n"


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("find-values", "--file", "{sought}"), "looking: 1 value of 1 value"),
        (("audit", "export", "{written}"), "writing: "),
        (("key-policy", "who"), "looking: 0 entries of 1 entry"),
        (("key-policy", "lost", "alias/strongroom/default"), "looking: 0 steps of 2 steps"),
        (("on-expiry", "/f", "warn"), "setting: 0 steps of 1 step"),
    ],
)
def test_what_looks_at_every_entry_tells_how_far_it_is(
    shell: Shell, tmp_path: Path, command: tuple[str, ...], told: str
) -> None:
    shell.put("/f/a", "value")
    places = {"sought": shell.file("sought", "value"), "written": tmp_path / "written"}
    said = shell.at_terminal(*(word.format(**places) for word in command), answers=())
    assert said.code == 0
    assert told in said.text
    assert told not in said.text.split("\r\x1b[K")[-1]


def test_a_binary_value_does_not_reach_the_terminal(shell: Shell) -> None:
    shell.put("/b", bytes(range(256)), "--type", "SecretBinary")
    said = shell.at_terminal("get", "/b", answers=())
    assert (said.code, b"\x1b" in said.out) == (2, False)


def test_a_value_that_would_steer_the_terminal_is_not_shown(shell: Shell) -> None:
    shell.put("/b", "\x1b]52;c;aGVsbG8=\x07")
    said = shell.at_terminal("get", "/b", answers=())
    assert (said.code, b"\x1b" in said.out) == (2, False)
    shell.put("/pem", "-----BEGIN\r\n\tkey\n")
    assert shell.at_terminal("get", "/pem", answers=()).code == 0


def test_names_cannot_move_the_cursor(shell: Shell) -> None:
    shell.put("/a", "1", "--description", "\x1b[2Jgone")
    said = shell.at_terminal("show", "/a", answers=())
    assert "\\x1b[2Jgone" in said.text
    assert "\x1b" not in said.text
