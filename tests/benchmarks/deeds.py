"""What the GUI thread misses while a tenth of all entries are changed: a process of its own. Prints JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
from functools import partial

from tests.benchmarks import filling
from tests.benchmarks.standing import SETTINGS, standing
from tests.ui import window_speed
from ui.dragged import Dropped
from vault.paths import ParameterPath

TEAM = ParameterPath("/team-1")  # every tenth entry
AWAY = ParameterPath("/away")


def main(folder: str) -> None:
    copy = os.path.join(filling.FOLDER, "vault-of-deeds")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    _app, window = standing(SETTINGS._replace(confirm_remove=False))
    vault = window.desk.session.adopt(filling.opened(copy))
    unlocked = partial(window.keeper._opened, vault.path, note=False)
    stalls = {"unlock": window_speed.to_rest(window, unlocked)}
    ids = tuple(vault.entries.ids_below(TEAM))
    del vault
    deeds = {
        "move": lambda: window.deeds.drop(Dropped(AWAY, folder=TEAM)),
        "copy": lambda: window.deeds.drop(Dropped(AWAY, folder=TEAM, copy=True)),
        "remove": lambda: window.deeds.remove(ids),
    }
    for name, deed in deeds.items():
        stalls[name] = window_speed.to_rest(window, deed)
        stalls[f"undo {name}"] = window_speed.to_rest(window, window.deeds.toast.undo)
    window.close()
    shutil.rmtree(copy)
    print(json.dumps({name: stall._asdict() for name, stall in stalls.items()}))


if __name__ == "__main__":
    main(sys.argv[1])
