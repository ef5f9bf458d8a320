"""The process that holds a lease: told so that another one can see later whether it still runs.

Only Linux tells enough for that. Elsewhere, and from another machine, a lease is taken for held until its
time is over.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOOT: Final = "/proc/sys/kernel/random/boot_id"
_PIDS: Final = "/proc/self/ns/pid"
_MACHINE: Final = "/etc/machine-id"
_MAX_PID: Final = 2**22  # Linux has no higher one
_STATE, _STARTED = 0, 19  # places in /proc/PID/stat, behind the program's name


def here() -> dict[str, object]:
    """This process: its machine, that machine's boot, its namespace, number and start; {} if unknown."""
    if sys.platform != "linux":
        return {}
    try:
        return {
            "machine": _machine(),
            "boot": _text(_BOOT),
            "pids": os.readlink(_PIDS),
            "pid": os.getpid(),
            "started": _started(os.getpid()),
        }
    except OSError:  # no /proc
        return {}


def is_gone(owner: Mapping[str, object]) -> bool:
    """Whether a process that `here` told has ended; False where that cannot be known."""
    mine, pid = here(), owner.get("pid")
    if not mine or not isinstance(pid, int) or not 0 < pid <= _MAX_PID:
        return False
    if owner.get("boot") != mine["boot"]:
        return owner.get("machine") == mine["machine"]
    if owner.get("pids") != mine["pids"]:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:  # somebody else's
        pass
    try:
        return owner.get("started") != _started(pid)
    except OSError:  # it runs, and is hidden from us
        return False


def _machine() -> str:
    """The machine's name, and its id hashed, for the id itself is not to be told."""
    import hashlib

    try:
        known = _text(_MACHINE).encode()
    except OSError:
        known = b""
    return f"{os.uname().nodename} {hashlib.blake2b(known, digest_size=8, person=b'strongroom').hexdigest()}"


def _started(pid: int) -> str:
    """When a process began, in ticks since the boot; "" of one that has ended and waits for its parent."""
    words = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return "" if words[_STATE] in {"Z", "X"} else words[_STARTED]


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read(4096).strip()
