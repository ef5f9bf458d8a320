"""Folders side by side in the window, three of 5,000 entries: a process of its own. Prints JSON."""

from __future__ import annotations

import json
import sys
from functools import partial

from app import environments
from app.environments import Environments, Kept
from app.session import Reason
from tests.benchmarks import filling
from tests.benchmarks.standing import standing
from tests.ui import window_speed
from vault.paths import ParameterPath
from vault.records import Draft
from vault.secret import Secret

NAMES = 5_000
STAGES = tuple(ParameterPath(f"/matrix/{stage}") for stage in ("dev", "staging", "prod"))


def main(folder: str) -> None:
    fill(folder)
    app, window = standing()
    paints, frames = [], []
    for _ in range(5):
        vault = window.desk.session.adopt(filling.opened(folder))
        unlocked = partial(window.keeper._opened, vault.path, note=False)
        window_speed.until(window.entries.listed, unlocked)
        del vault
        window_speed.to_rest(window, lambda: None)  # nobody is there at once after an unlock
        paints.append(window_speed.matrix_to_painted(window).seconds)
        frames += window_speed.matrix_frames(window)
        window.keeper.lock(Reason.ASKED)
        while window.keeper._closing:
            app.processEvents()
    window.close()
    print(json.dumps({"paint": sorted(paints), "frame": sorted(frames)}))


def fill(folder: str) -> None:
    """Every third value is alike, half of the others were changed in dev, and prod lacks every tenth name."""
    with filling.opened(folder) as vault:
        if vault.entries.count(ParameterPath("/matrix")):
            return
        for stage in STAGES:
            numbers = [n for n in range(NAMES) if stage.name != "prod" or n % 10]
            vault.entries.put_many([_draft(stage, n, "" if n % 3 else stage.name) for n in numbers])
        vault.entries.put_many([_draft(STAGES[0], n, "again") for n in range(0, NAMES, 2)])
        environments.save(vault, Kept().with_set(Environments("matrix", STAGES, STAGES[0])))


def _draft(stage: ParameterPath, number: int, value: str) -> Draft:
    path = stage.join(f"service-{number % 50:02}/config-{number:05}")
    return Draft(path, Secret.of_text(f"{number:064}{value}"), overwrite=True)


if __name__ == "__main__":
    main(sys.argv[1])
