"""A vault from somebody else's computer, with the real program: what it starts is shown, and asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.end_to_end.shell import Shell

HOOK = """#!/bin/sh
touch TRACE
echo "the hook says no" >&2
exit 1
"""
QUESTION = "Do this, now and by itself from now on?"


@pytest.fixture
def trace(shell: Shell) -> Path:
    """What a program of the vault leaves; it was set up elsewhere, and here nobody has allowed anything."""
    trace = shell.folder / "trace"
    hook = shell.file("hook", HOOK.replace("TRACE", str(trace)))
    hook.chmod(0o700)
    shell.put("/app/token", "x", "--kind", "secret")
    run = f"run={hook} --name 'two words'"
    shell.ok(
        "rotation", "set", "/app/token", "--target", "command", "--option", run, "--schedule", "rate(4 hours)"
    )
    shell.environment["XDG_CONFIG_HOME"] = str(shell.folder / "here")
    return trace


def test_it_is_shown_and_refused_where_nobody_can_be_asked(shell: Shell, trace: Path) -> None:
    said = shell("rotate", "/app/token")
    assert said.code == 5
    assert f"  program\n    {shell.folder}/hook\n    --name\n    two words\n" in said.err
    assert "This was not allowed on this computer" in said.err
    assert "`strongroom allowed`" in said.err
    assert shell("rotate", "/app/token", "--yes").code == 5
    assert not trace.exists()


def test_a_person_at_the_terminal_is_asked_and_a_no_is_a_no(shell: Shell, trace: Path) -> None:
    said = shell.at_terminal("rotate", "/app/token", answers=((QUESTION, ""),))
    assert said.code == 5
    assert not trace.exists()
    said = shell.at_terminal("rotate", "/app/token", answers=((QUESTION, "y"),))
    assert b"the hook says no" in said.out
    assert trace.exists()
    trace.unlink()
    said = shell("rotate", "/app/token", "--resume")  # it was allowed, and is not asked about again
    assert "the hook says no" in said.err
    assert trace.exists()


def test_a_script_says_allow(shell: Shell, trace: Path) -> None:
    assert "the hook says no" in shell("rotate", "/app/token", "--allow").err
    assert trace.exists()
    assert [one["allowed"] for one in shell.ok("allowed", "--json").data["unasked"]] == [True]


def test_what_is_due_starts_nothing_before_it_is_allowed(shell: Shell, trace: Path) -> None:
    (one,) = shell.ok("allowed", "--json").data["unasked"]
    assert one["allowed"] is False
    assert (one["what"], one["of"], one["when"]) == ("rotation", "/app/token", "rate(4 hours)")
    assert one["reaches"] == [{"kind": "program", "text": f"{shell.folder}/hook\n--name\ntwo words"}]
    shell.ok("allowed", "--allow", one["id"])
    assert shell.ok("allowed").text.splitlines()[1].split()[:2] == [one["id"], "yes"]
    shell.ok("allowed", "--withdraw", one["id"])
    assert shell.ok("allowed").text.splitlines()[1].split()[:2] == [one["id"], "no"]
    assert not trace.exists()


def test_an_id_that_was_looked_at_before_a_change_allows_nothing(shell: Shell, trace: Path) -> None:
    (one,) = shell.ok("allowed", "--json").data["unasked"]
    elsewhere = {"XDG_CONFIG_HOME": str(shell.folder / "elsewhere")}
    said = shell(
        "rotation",
        "set",
        "/app/token",
        "--target",
        "command",
        "--option",
        "run=/bin/true",
        environment=elsewhere,
    )
    assert said.code == 0
    assert shell("allowed", "--allow", one["id"]).code == 3
    assert not shell.ok("allowed", "--json").data["unasked"][0]["allowed"]
    assert not trace.exists()


def test_settings_of_the_vault_that_protect_less_are_told_and_can_be_dropped(shell: Shell) -> None:
    shell.ok("config", "set", "auto_lock_minutes", "60", "--this-vault")
    shell.ok("config", "set", "reveal_seconds", "5", "--this-vault")
    said = shell.ok("allowed")
    assert [line.split()[:3] for line in said.text.splitlines()] == [
        ["SETTING", "THIS", "VAULT"],
        ["auto_lock_minutes", "60", "10"],
    ]
    assert "`strongroom config unset SETTING --this-vault`" in said.err
    assert shell.ok("allowed", "--json").data == {
        "unasked": [],
        "settings": [{"name": "auto_lock_minutes", "value": 60, "yours": 10}],
    }
    shell.ok("config", "unset", "auto_lock_minutes", "--this-vault")
    assert shell.ok("allowed", "--json").data["settings"] == []


def test_a_vault_of_ones_own_is_asked_nothing(shell: Shell) -> None:
    shell.put("/app/key", "x")
    shell.ok("rotation", "set", "/app/key", "--target", "value")
    assert shell.ok("allowed").err == "this vault reaches nothing outside of itself\n"
    shell.ok("remote", "add", "prod", "--service", "parameter-store", "--folder", "/app", "--prefix", "/app")
    assert [one["allowed"] for one in shell.ok("allowed", "--json").data["unasked"]] == [True]
