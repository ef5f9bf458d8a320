"""The rows that whole processes answer: the command line, the window, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.benchmarks import filling
from tests.benchmarks.clockwork import Times, alone, beside
from tests.benchmarks.library import Row, ms
from vault.credentials import Passphrase
from vault.kdf import CHEAP, derive_from_passphrase
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSPHRASE = "benchmark passphrase"
MEMORY = """
import sys
from tests.benchmarks import filling
from vault.paths import ROOT
with filling.opened(sys.argv[1]) as vault:
    listing = vault.entries.listing(ROOT)
    page = vault.entries.listing(filling.FLAT)
    print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmRSS")))
"""


def rows(folder: str, empty: str) -> Iterator[Row]:
    yield memory(folder, empty)
    yield from window(folder)
    yield command_line(folder)


def memory(folder: str, empty: str) -> Row:
    def kib(vault: str) -> int:
        return min(int(_run([sys.executable, "-c", MEMORY, vault])) for _ in range(3))

    more = (kib(folder) - kib(empty)) / 1024
    return Row("memory over an empty vault, listed", "≤ 30 MB", f"{more:.1f} MB", more <= 30, more)


def window(folder: str) -> Iterator[Row]:
    figures = json.loads(_run([sys.executable, "-m", "tests.benchmarks.window", folder]))
    for name, key, most in (
        ("window: unlock to painted list", "unlock", 0.150),
        ("window: key typed to results painted", "key", 0.050),
    ):
        times = Times(tuple(figures[key]))
        figure = f"{ms(times)} (p95 {times.p95 * 1e3:.0f} ms)"
        yield Row(name, f"≤ {most * 1e3:.0f} ms", figure, times.median <= most, times.median)


def command_line(folder: str) -> Row:
    """`strongroom get` with the cheapest derivation; the time of that one is taken off."""
    with filling.opened(folder) as vault:
        if not any(slot.kind == "passphrase" for slot in vault.slots.listed()):
            vault.slots.add(Passphrase(Secret.of_text(PASSPHRASE)), "benchmark", CHEAP)
    passphrase_file = os.path.join(filling.FOLDER, "passphrase")
    with open(passphrase_file, "w", encoding="utf-8") as file:
        file.write(PASSPHRASE)
    program = os.path.join(os.path.dirname(sys.executable), "strongroom")
    command = [
        program,
        "get",
        "--vault",
        folder,
        "--passphrase-file",
        passphrase_file,
        "/flat/setting-000100",
    ]
    mine, bare = beside(lambda: _run(command), lambda: _run([sys.executable, "-c", "pass"]), 25)
    kdf = alone(lambda: derive_from_passphrase(Secret.of_text(PASSPHRASE), bytes(16), CHEAP), 9)
    rest = mine.median - kdf.median
    ratio = rest / bare.median
    figure = f"{ratio:.1f} × ({rest * 1e3:.0f} ms / {bare.median * 1e3:.0f} ms)"
    return Row("strongroom get, whole process", "≤ 2.5 × python", figure, ratio <= 2.5, rest)


def _run(command: list[str]) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.getcwd()}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
