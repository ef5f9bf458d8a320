"""A tour of the window for who has no display: every step is printed, and leaves a picture behind.

`python -m ui.tour build/tour` drives a real window over a new sample vault, by keys and clicks as a person
would. It runs under Xvfb, or with QT_QPA_PLATFORM=offscreen. What it makes is in the named folder, and in a
temporary one that is removed at the end. With `--album` it takes the pictures of the documentation: each page
once in light and once in dark, under names that stay.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile

from PySide6.QtWidgets import QApplication

from app import hardening
from app.settings import Settings
from ui.desktop.remembered import Remembered
from ui.program import Program
from ui.tour import cloud, door, entries, pages, rotation
from ui.tour.guide import Guide, TourFailed

SIZE = (1280, 800)
STEPS = (
    door.create,
    door.import_file,
    door.unlock,
    entries.browse,
    entries.edit,
    pages.values,
    pages.many,
    cloud.exchange,
    rotation.renew,
    pages.side_by_side,
    pages.health,
    pages.records,
    pages.boxes,
    door.lock,
)


def main(folder: str, *, album: bool = False) -> int:
    """Walk the whole tour; pictures go to `folder`, those of an earlier one go."""
    hardening.harden()
    os.makedirs(folder, exist_ok=True)
    for old in os.listdir(folder):
        if old.endswith(".png"):
            os.remove(os.path.join(folder, old))
    home = tempfile.mkdtemp(prefix="strongroom-tour-")
    os.environ.update(HOME=home, XDG_CONFIG_HOME=os.path.join(home, ".config"))  # nobody's own settings
    app = QApplication(["strongroom"])
    settings = Settings(keyring_anchor=False, notifications="off", language="en", theme="light")
    remembered = Remembered(os.path.join(home, "window.ini"))
    remembered.note_seen("tour")
    window = Program(app, settings, remembered).new_window()
    window.resize(*SIZE)
    window.show()
    guide = Guide(window, folder, home, album=album)
    try:
        for step in STEPS:
            step(guide)
    except TourFailed as failure:
        print(f"the tour stopped, waiting for this: {failure}", file=sys.stderr)
        return 1
    finally:
        window.close()
        shutil.rmtree(home, ignore_errors=True)
    print(f"done: {guide.number} pictures in {folder}")
    return 0


if __name__ == "__main__":
    given = [word for word in sys.argv[1:] if word != "--album"]
    sys.exit(main(given[0] if given else os.path.join("build", "tour"), album="--album" in sys.argv))
