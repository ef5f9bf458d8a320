"""What the GUI thread misses while the sync of all entries is planned: a process of its own. Prints JSON."""

from __future__ import annotations

import json
import os
import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.app.sync.looked import look_alike
from tests.benchmarks import filling
from tests.benchmarks.standing import standing
from tests.ui import window_speed
from vault.paths import ROOT
from vault.records import RemoteDraft, Service

if TYPE_CHECKING:
    from collections.abc import Callable


def main(folder: str) -> None:
    copy = os.path.join(filling.FOLDER, "vault-of-plans")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    with filling.opened(copy) as vault:
        vault.remotes.add(RemoteDraft("far", Service.PARAMETER_STORE, ROOT, "/"))
        look_alike(vault, vault.remotes.find("far"))
    _app, window = standing()
    vault = window.desk.session.adopt(filling.opened(copy))
    deeds: dict[str, Callable[[], object]] = {
        "unlock": partial(window.keeper._opened, vault.path, note=False),
        "plan": partial(window.cloud.show_remote, "far"),
        "plan again": window.refresh,
    }
    del vault
    stalls = {name: window_speed.to_rest(window, deed)._asdict() for name, deed in deeds.items()}
    window.close()
    shutil.rmtree(copy)
    print(json.dumps(stalls))


if __name__ == "__main__":
    main(sys.argv[1])
