"""What the killed processes do. Each runs in a process of its own until it is killed or done."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

from tests.reliability.journal import Deed, Journal, State, do, next_deed
from tests.vault.furnished import Clock, device, draft, new_vault, put, reopened, value_of
from vault import keys as local_keys
from vault.credentials import DeviceKey
from vault.errors import Conflict
from vault.paths import ParameterPath
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.process import BaseProcess

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.reliability.writers"])


def start(work: Callable[..., None], *arguments: Any) -> BaseProcess:  # noqa: ANN401  # as the work takes them
    """Have a new process do `work`."""
    process = _PROCESSES.Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def kill_after(process: BaseProcess, journal: str, lines: int, seconds: float) -> None:
    """Kill the process once its journal has so many lines, and some seconds (or milliseconds) more passed."""
    limit = time.monotonic() + 60
    while _lines(journal) < lines and process.is_alive() and time.monotonic() < limit:
        time.sleep(0.0005)
    time.sleep(seconds)
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join(60)


def _lines(journal: str) -> int:
    if not os.path.exists(journal):
        return 0
    with open(journal, "rb") as file:
        return file.read().count(b"\n")


def write_deeds(path: str, journal: str, folder: str, serial: str, state: State, count: int) -> None:
    """Do `count` random deeds, from `state` on."""
    random = Random(serial)
    told = Journal(journal)
    with reopened(path) as vault:
        for number in range(count):
            deed = next_deed(state, random, folder, f"{serial}-{number}")
            told.around(deed, partial(do, vault, deed))
            state = state.after(deed)


def add_up(path: str, count: int) -> None:
    """Add one to the number in /sum, `count` times, each time on top of what is there."""
    with reopened(path) as vault:
        for _ in range(count):
            while True:
                entry = vault.entries.find(ParameterPath("/sum"))
                opened = value_of(vault, "/sum", number=entry.latest)
                try:
                    put(vault, "/sum", str(int(opened) + 1), expect=entry.latest)
                except Conflict:
                    continue
                break


def device_number(number: int) -> DeviceKey:
    """One of many credentials."""
    return DeviceKey(Secret(number.to_bytes(32, "big")))


def change_slots(path: str, journal: str, number: int) -> None:
    """Give the vault's second slot one credential after the other; a third comes and goes."""
    told = Journal(journal)
    with reopened(path) as vault:
        while True:
            number += 1
            slot = vault.slots.listed()[1]
            deed: Deed = ["slot", number]
            told.around(deed, partial(vault.slots.change, slot.id, device_number(number)))
            added = vault.slots.add(device_number(0), "passing")
            vault.slots.remove(added.id)


def rewrap_forever(path: str, journal: str) -> None:
    """Rotate and rewrap in small transactions."""
    local_keys.REWRAP_BATCH = 10  # type: ignore[misc]
    told = Journal(journal)
    with reopened(path) as vault:
        while True:
            told.around(["rotate"], vault.keys.rotate)
            told.around(["rewrap"], vault.keys.rewrap)


def back_up_forever(path: str, journal: str, place: str) -> None:
    """Write one backup after the other, and something new before each."""
    told = Journal(journal)
    with reopened(path) as vault:
        for number in range(10_000):
            put(vault, "/serial", f"{place}-{number}")
            target = f"{place}-{number}"
            told.around(["backup", target], partial(vault.backup, target))


def create_forever(journal: str, place: str) -> None:
    """Make one vault after the other."""
    told = Journal(journal)
    for number in range(10_000):
        target = f"{place}-{number}"
        told.around(["create", target], partial(_create, target))


def _create(target: str) -> None:
    new_vault(target, Clock(), device()).close()


def import_forever(path: str, journal: str) -> None:
    """Large transactions: each puts the same value to a hundred entries."""
    told = Journal(journal)
    with reopened(path) as vault:
        for number in range(10_000):
            drafts = [draft(f"/import/{each}", f"round {number}") for each in range(100)]
            told.around(["import", number], partial(vault.entries.put_many, drafts))
