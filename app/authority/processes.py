"""Processes of this machine: what they run, who started them, where they stand. Never kept.

On Linux from /proc; elsewhere from `ps`, which cannot tell where a process stands. What a process
says about itself (its arguments) names the script of an interpreter, and can be made up by it.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from os import path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_PARENTS: Final = 16
MAX_OCTETS: Final = 16 * 1024  # of what is read of a process
_SHELLS: Final = ("bash", "dash", "fish", "ksh", "sh", "zsh")
_TEXT_OPTIONS: Final = {
    **dict.fromkeys((*_SHELLS, "python"), "c"),
    **dict.fromkeys(("node", "perl", "ruby"), "e"),
    "make": "",
}
"""The interpreters, each with the letter of the option that gives it a text to run."""
_NAMED_OPTIONS: Final = {"python": "-m", "make": "-f"}


class Process(NamedTuple):
    """What was read of one process."""

    pid: int
    parent: int
    started: int  # in ticks of the system; 0 where it does not tell
    user: int | str  # the user's number; on Windows the SID
    name: str  # the command's name, cut by the system
    program: str  # the file that it runs; "" where the system does not say
    script: str  # what an interpreter runs: a file, "-m module" or "-c"; "" for none

    @property
    def label(self) -> str:
        """What a person knows it by."""
        called = path.basename(self.program) or self.name
        return f"{called} {path.basename(self.script)}".strip() if self.script else called


def read(pid: int) -> Process | None:
    """One process as it is now; None where there is no such process."""
    return _read_proc(pid) if sys.platform == "linux" else _read_ps(pid)


def parents(process: Process, read: Callable[[int], Process | None] = read) -> list[Process]:
    """Those who started it, the nearest first, as far as they are the same user's and still there.

    Args:
        process: whose.
        read: one process by its number.
    """
    found: list[Process] = []
    while len(found) < MOST_PARENTS and process.parent > 1:
        above = read(process.parent)
        if above is None or above.user != process.user or above.started > process.started:
            break  # ended: its number may be another's by now
        found.append(above)
        process = above
    return found


def folder(pid: int) -> str:
    """The folder that a process stands in; "" where the system does not say."""
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        return ""


def script_of(program: str, arguments: list[str], where: str) -> str:
    """What an interpreter runs, by its arguments; "" for a program that is none, or for its prompt.

    Args:
        program: the file that runs.
        arguments: of the process, its own name first.
        where: the folder that it stands in.
    """
    name = path.basename(program).rstrip("0123456789.")
    letter = _TEXT_OPTIONS.get(name)
    if letter is None:
        return ""
    for at, text in enumerate(arguments[1:], 1):
        if text == _NAMED_OPTIONS.get(name):
            return f"{text} {' '.join(arguments[at + 1 : at + 2])}"
        if not text.startswith("-"):
            return "" if name == "make" else path.join(where, text)
        if letter and not text.startswith("--") and letter in text:
            return f"-{letter}"
    return ""


def _read_proc(pid: int) -> Process | None:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            octets = file.read(MAX_OCTETS)
        with open(f"/proc/{pid}/status", "rb") as file:  # the folder itself is root's for a closed memory
            user = int(file.read(MAX_OCTETS).partition(b"\nUid:")[2].split(None, 1)[0])
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            arguments = os.fsdecode(file.read(MAX_OCTETS)).split("\0")[:-1]
    except (OSError, ValueError, IndexError):
        return None
    name, _, rest = octets.partition(b"(")[2].rpartition(b")")
    facts = rest.split()
    if len(facts) < 20:  # noqa: PLR2004  # up to the time of its start
        return None
    program = ""
    with suppress(OSError):  # of a process that closed its memory
        program = os.readlink(f"/proc/{pid}/exe")
    script = script_of(program, arguments, folder(pid))
    if path.isabs(script) and not path.isfile(script):
        script = ""  # the word of an option
    return Process(pid, int(facts[1]), int(facts[19]), user, os.fsdecode(name), program, script)


def _read_ps(pid: int) -> Process | None:
    from subprocess import DEVNULL, run

    done = run(  # noqa: S603  # a number is all that is put in
        ["/bin/ps", "-o", "ppid=,uid=,comm=", "-p", str(pid)],
        stdin=DEVNULL, capture_output=True, check=False, timeout=5,
    )  # fmt: skip
    facts = done.stdout[:MAX_OCTETS].split(None, 2)
    if len(facts) < 3:  # noqa: PLR2004  # as many as were asked for
        return None
    program = os.fsdecode(facts[2].strip())
    return Process(pid, int(facts[0]), 0, int(facts[1]), path.basename(program), program, "")
