"""Ctrl-C within long work: exit code 130 and one line, nothing saved is lost, nothing is half done."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.end_to_end.shell import PROGRAM, SECONDS
from tests.end_to_end.test_cli_sync import prod, there

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.handles import Strict
    from tests.end_to_end.shell import Shell

__all__ = ["prod"]  # a fixture
MANY = 20_000
INTERRUPTED = 130
ONE_LINE = b"strongroom: interrupted\n"
HOOK = """#!/bin/sh
read event
touch {there}
sleep {seconds} </dev/null >/dev/null 2>&1
"""


class Ended(NamedTuple):
    """What an interrupted run left behind."""

    code: int
    err: bytes


def interrupted(shell: Shell, *argv: str, when: Callable[[subprocess.Popen[bytes]], object]) -> Ended:
    """Run a command, and send what Ctrl-C sends to all that it started as soon as `when` is true."""
    process = subprocess.Popen(
        [PROGRAM, *argv],
        env=shell.environment,
        cwd=shell.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + SECONDS
    while not when(process):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=SECONDS)
    return Ended(process.returncode, err)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A vault of many entries."""
    from tests.end_to_end.shell import Shell

    shell = Shell(tmp_path_factory.mktemp("full"))
    shell.make_vault()
    shell.file("many.env", "".join(f"KEY_{number}=value {number}\n" for number in range(MANY)))
    shell.ok("import", "many.env", "--under", "/full")
    return shell


def test_an_import_is_written_whole_or_not_at_all(full: Shell) -> None:
    def writes(process: subprocess.Popen[bytes]) -> bool:
        assert process.stdout
        return b"KEY_19999 " in process.stdout.readline()  # the plan is told, what follows is the writing

    assert interrupted(full, "import", "many.env", "--under", "/half", when=writes) == (INTERRUPTED, ONE_LINE)
    assert full.ok("list", "/").text.split() == ["PATH", "TYPE", "VERSION", "MODIFIED", "EXPIRES", "/full/"]
    assert "all is well" in full.ok("check").text


def test_a_backup_is_there_whole_or_not_at_all(full: Shell) -> None:
    def copies(_: subprocess.Popen[bytes]) -> bool:
        return any(name.startswith(("copy", ".copy")) for name in os.listdir(full.folder))

    ended = interrupted(full, "backup", "copy", when=copies)
    left = [name for name in os.listdir(full.folder) if "copy" in name]
    assert ended == (INTERRUPTED, ONE_LINE)
    assert left in ([], ["copy"])
    if not left:
        full.ok("backup", "copy")
    assert full.ok("list", "/full", "--vault", "copy", "-1").text.count("\n") == MANY


def test_a_check_tells_nothing_that_it_does_not_know(full: Shell) -> None:
    code, shown, _ = full.at_terminal("check", answers=(("checking: ", "\x03"),))
    assert (code, b"all is well" in shown) == (INTERRUPTED, False)
    assert shown.endswith(b"\nstrongroom: interrupted\n")


def test_a_sync_goes_on_where_it_was_and_does_nothing_twice(shell: Shell, strict: Strict, prod: str) -> None:
    shell.file("some.env", "".join(f"KEY_{number}=value {number}\n" for number in range(60)))
    shell.ok("import", "some.env", "--under", "/shop")
    strict.control("delay", operation="ssm:PutParameter", ms=100)

    def writes(_: subprocess.Popen[bytes]) -> bool:
        return strict.calls().get("ssm:PutParameter", 0) >= 3

    ended = interrupted(shell, "sync", prod, "--yes", when=writes)
    assert ended == (INTERRUPTED, b"plan: 60 push\n" + ONE_LINE)
    reached = strict.calls()["ssm:PutParameter"]
    assert reached < 60
    shell.ok("sync", prod, "--yes")
    strict.control("delay", operation="ssm:PutParameter", ms=0)
    versions: list[dict[str, Any]] = [
        parameter
        for page in strict.client("ssm").get_paginator("get_parameters_by_path").paginate(Path="/shop")
        for parameter in page["Parameters"]
    ]
    assert [one["Version"] for one in versions] == [1] * 60
    assert there(strict, "/shop/KEY_59") == "value 59"


def test_a_rotation_stays_open_at_the_step_where_it_was(shell: Shell) -> None:
    hook, told = shell.folder / "hook.sh", shell.folder / "there"
    hook.write_text(HOOK.format(there=told, seconds=SECONDS))
    hook.chmod(0o700)
    shell.put("/app/token", "the old one", "--kind", "secret")
    shell.ok("rotation", "set", "/app/token", "--target", "command", "--option", f"run={hook}")
    ended = interrupted(shell, "rotate", "/app/token", when=lambda _: told.exists())
    assert (ended.code, ended.err.splitlines()[-1:]) == (INTERRUPTED, [ONE_LINE.strip()])
    assert shell.ok("get", "-n", "/app/token").text == "the old one"
    [run] = shell.ok("rotations", "--open", "--json").data
    assert run["state"] == "create"
    shell.ok("rotate", "/app/token", "--roll-back")
    assert shell.ok("rotations", "--open", "--json").data == []
