"""Whether the process that holds a lease still runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from app.leases.owner import here, is_gone

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

HOLD = """
import json, sys
from app.hardening import harden
from app.leases.owner import here
harden()
print(json.dumps(here()), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def holder() -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A hardened process, and what it told of itself."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD], text=True, **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout
        yield process, json.loads(process.stdout.readline())
        process.kill()


def test_a_process_that_runs_is_there_until_it_ends(
    holder: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    process, owner = holder
    assert owner["pid"] == process.pid
    assert not is_gone(owner)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(owner)  # nobody has waited for it yet
    process.wait()
    assert is_gone(owner)


def test_this_process_is_there() -> None:
    assert not is_gone(json.loads(json.dumps(here())))


def test_another_process_of_the_same_number_is_not_it() -> None:
    assert is_gone({**here(), "started": "1"})


def test_a_machine_that_was_started_anew_has_ended_them_all() -> None:
    assert is_gone({**here(), "boot": "another"})


@pytest.mark.parametrize(
    "unknown",
    [
        {},
        {"pid": "1"},
        {"pid": 0},
        {"pid": -1},
        {"pid": 2**40},
        {**here(), "boot": "another", "machine": "another"},
        {**here(), "pids": "another", "started": "1"},
    ],
)
def test_what_cannot_be_known_is_taken_for_running(unknown: dict[str, object]) -> None:
    assert not is_gone(unknown)
