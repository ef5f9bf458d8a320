"""Running one program: its exit code, signals of every moment, and a time that is over."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.errors import CommandNotFound, CommandNotStarted
from app.leases.command import Command, Span
from tests.vault.furnished import Clock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOUR = timedelta(hours=1)
LOOP = "while :; do sleep 0.02; done"


def shell(script: str, *arguments: str, patience: float = 30) -> Command:
    return Command(["sh", "-c", script, "sh", *arguments], patience)


def code_of(command: Command, left: Callable[[], float] = lambda: 60) -> int:
    with command:
        command.start(os.environ)
        return command.wait(left)


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 128 + 9)])
def test_the_exit_code_is_the_programs(script: str, code: int) -> None:
    assert code_of(shell(script)) == code


def test_no_shell_reads_the_arguments(tmp_path: Path) -> None:
    word = f"$(touch {tmp_path}/made); echo *"
    assert code_of(shell('printf %s "$1" > "$2"', word, f"{tmp_path}/said")) == 0
    assert (tmp_path / "said").read_text() == word
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("name", ["TERM", "HUP", "INT", "QUIT"])
def test_a_signal_is_passed_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.leases.command._in_foreground", lambda: False)
    assert code_of(shell(f"trap 'exit 42' {name}; kill -{name} $PPID; {LOOP}")) == 42


def test_what_the_terminal_sends_to_all_is_not_sent_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.leases.command._in_foreground", lambda: True)
    waits = 'until test -e "$1"; do sleep 0.02; done'
    script = f"trap 'exit 41' INT; trap 'exit 42' TERM; {waits}; kill -INT $PPID; kill -TERM $PPID; {LOOP}"

    def left() -> float:
        (tmp_path / "waited-for").touch()
        return 60

    assert code_of(shell(script, f"{tmp_path}/waited-for"), left) == 42


def test_a_signal_before_the_start_keeps_the_program_from_running(tmp_path: Path) -> None:
    command = shell('touch "$1"', f"{tmp_path}/ran")
    with command:
        os.kill(os.getpid(), signal.SIGTERM)
        command.start(os.environ)
        assert command.wait(lambda: 60) == 128 + signal.SIGTERM
    assert not (tmp_path / "ran").exists()


def test_a_signal_after_the_end_is_dropped_and_then_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with (command := shell("exit 3")):
        command.start(os.environ)
        assert command.wait(lambda: 60) == 3
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGHUP)
    assert signal.getsignal(signal.SIGTERM) is before


def test_when_the_time_is_over_the_program_is_asked_to_end(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = shell(f"trap 'exit 42' TERM; touch \"$1\"; {LOOP}", str(ready))
    assert code_of(command, lambda: 0 if ready.exists() else 60) == 42
    assert command.overdue


def test_a_program_that_does_not_end_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    command = shell(f"trap '' TERM; touch \"$1\"; {LOOP}", str(ready), patience=0.2)
    assert code_of(command, lambda: 0 if ready.exists() else 60) == 128 + signal.SIGKILL
    assert command.overdue


def test_a_program_that_is_not_there_is_found_out_before_anything() -> None:
    with pytest.raises(CommandNotFound):
        Command(["no-such-program-anywhere"])


@pytest.mark.parametrize("mode", [0o600, 0o700])
def test_a_file_that_is_no_program_is_told(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"\0\1\2")
    file.chmod(mode)
    with pytest.raises(CommandNotStarted):
        code_of(Command([str(file)]))


def test_a_span_is_over_when_either_clock_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = [100.0]
    monkeypatch.setattr("app.leases.command.monotonic", lambda: seconds[0])
    clock = Clock()
    span = Span(clock.now + HOUR, clock)
    assert span.left() == 3600
    clock.move(HOUR)  # the machine slept
    assert span.left() == 0
    clock.move(-3 * HOUR)  # somebody turned the clock back
    seconds[0] += 3600
    assert span.left() == 0
