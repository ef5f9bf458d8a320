"""The rows that whole processes answer: the command line, the window, memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from app.authority.grants import Span
from app.authority.listener import Listener
from app.session import Session
from app.settings import Settings
from tests.benchmarks import filling
from tests.benchmarks.clockwork import Times, beside
from tests.benchmarks.library import Row, ms
from vault.credentials import RecoveryKey
from vault.records import Origin
from vault.recovery import new_recovery_key, recovery_code

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = """
import sys
from app.authority.grants import Span
from app.authority.listener import Listener
from app.session import Session
from app.settings import Settings
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
    yield from matrix(folder)
    yield pauses(folder, "deeds", "window: a tenth moved, copied, removed, undone: longest pause")
    yield pauses(folder, "planning", "window: a sync of all entries planned, and again: longest pause")


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
        ("window: another order to painted", "order", 0.200),
        ("window: list scrolled, a frame", "frame", 1 / 60),
    ):
        yield _painted(name, Times(tuple(figures[key])), most, frame=key == "frame")


def matrix(folder: str) -> Iterator[Row]:
    figures = json.loads(_run([sys.executable, "-m", "tests.benchmarks.matrix", folder]))
    for name, key, most in (
        ("window: matrix of 3 × 5,000, first paint", "paint", 0.300),
        ("window: matrix of 3 × 5,000, a scrolled frame", "frame", 1 / 60),
    ):
        yield _painted(name, Times(tuple(figures[key])), most, frame=key == "frame")


def pauses(folder: str, module: str, name: str) -> Row:
    """What the window misses of sixty frames a second in what a module of the benchmarks does."""
    stalls = json.loads(_run([sys.executable, "-m", f"tests.benchmarks.{module}", folder])).values()
    longest = max(stall["longest"] for stall in stalls)
    frames = 60 * sum(stall["seconds"] for stall in stalls)
    kept = 1 - sum(stall["missed"] for stall in stalls) / frames
    figure = f"{longest * 1e3:.0f} ms, {kept:.1%} of the frames in time"
    return Row(name, "≤ 50 ms", figure, longest <= 0.050, longest)


def _painted(name: str, times: Times, most: float, *, frame: bool) -> Row:
    """A row of the window; of frames nearly all have to come in time, not only every other."""
    figure = f"{ms(times)} (p95 {times.p95 * 1e3:.0f} ms)"
    reached = (times.p95 if frame else times.median) <= most
    return Row(name, f"≤ {most * 1e3:.0f} ms", figure, reached, times.median)


def command_line(folder: str) -> Row:
    """`strongroom get` by a recovery code: it needs no slow key derivation, so nothing is taken off."""
    code_file = os.path.join(filling.FOLDER, "recovery-code")
    with filling.opened(folder) as vault, new_recovery_key() as key:
        vault.slots.add(RecoveryKey(key), "benchmark")
        with open(code_file, "wb") as file, recovery_code(key) as code:
            file.write(code.reveal())
    program = os.path.join(os.path.dirname(sys.executable), "strongroom")
    command = [program, "get", "--vault", folder, "--recovery-code-file", code_file, filling.path_of(100)]
    mine, bare = beside(lambda: _run(command), lambda: _run([sys.executable, "-c", "pass"]), 25)
    ratio = mine.median / bare.median
    figure = f"{ratio:.1f} × ({ms(mine)} / {ms(bare)})"
    return Row("strongroom get, whole process", "≤ 2.5 × python", figure, ratio <= 2.5, mine.median)


def through_the_window(folder: str) -> Row:
    """The same value by a command that a window runs, which has the vault open and was told to let it."""
    session = Session(Settings(keyring_anchor=False), origin=Origin.WINDOW)
    listener = Listener(session, lambda question: question.give(Span.SESSION), lambda _: None, lambda: None)
    program = os.path.join(os.path.dirname(sys.executable), "strongroom")
    command = [program, "get", "--vault", folder, filling.path_of(100)]
    with tempfile.TemporaryDirectory(prefix="sr-") as runtime, session:  # a socket's path must be short
        os.environ["XDG_RUNTIME_DIR"] = runtime
        session.adopt(filling.opened(folder))
        listener.open()
        try:
            mine, bare = beside(lambda: _run(command), lambda: _run([sys.executable, "-c", "pass"]), 25)
        finally:
            listener.cut()
    ratio = mine.median / bare.median
    figure = f"{ratio:.1f} × ({ms(mine)} / {ms(bare)})"
    return Row("strongroom get, run by the window", "≤ 2.5 × python", figure, ratio <= 2.5, mine.median)


def _run(command: list[str]) -> str:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": os.getcwd()}
    environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
