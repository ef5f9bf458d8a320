"""The rows that the window answers: a process of its own, painting offscreen. Prints seconds as JSON."""

from __future__ import annotations

import json
import sys
from time import perf_counter

from PySide6.QtCore import QEventLoop, QTimer, SignalInstance

from app.session import Reason
from tests.benchmarks import filling
from tests.benchmarks.standing import standing
from tests.ui import window_speed
from vault.paths import ROOT

TYPED = "prod config-0123"
COLUMNS = (1, 6, 0)  # type, modified, name
GIVE_UP_MILLISECONDS = 20_000


def main(folder: str) -> None:
    app, window = standing()
    unlocks, keys, frames, orders = [], [], [], []
    for _ in range(5):
        vault = None
        started = perf_counter()
        vault = window.desk.session.adopt(filling.opened(folder))
        waiting = _waiting(window.entries.listed)
        window.keeper._opened(vault.path, note=False)
        waiting.exec()
        unlocks.append(perf_counter() - started)
        for end in range(1, len(TYPED) + 1):
            waiting = _waiting(window.entries.found)
            started = perf_counter()
            window.entries.search.setText(TYPED[:end])
            if TYPED[:end] != TYPED[: end - 1].rstrip() + " ":
                waiting.exec()
                keys.append(perf_counter() - started)
        window.entries.search.clear()
        window.entries.show_folder(ROOT)
        _waiting(window.entries.listed).exec()
        frames += window_speed.list_frames(window)
        orders += [window_speed.order_to_painted(window, column).seconds for column in COLUMNS]
        window.keeper.lock(Reason.ASKED)
        while window.keeper._closing:
            app.processEvents()
    window.close()
    print(
        json.dumps(
            {"unlock": sorted(unlocks), "key": sorted(keys), "frame": sorted(frames), "order": sorted(orders)}
        )
    )


def _waiting(signal: SignalInstance) -> QEventLoop:
    loop = QEventLoop()
    signal.connect(loop.quit)
    QTimer.singleShot(GIVE_UP_MILLISECONDS, loop, lambda: loop.exit(1))
    return loop


if __name__ == "__main__":
    main(sys.argv[1])
