"""Start the window: `python -m ui [VAULT]`, or `strongroom-window [VAULT]`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from app import hardening

if TYPE_CHECKING:
    from collections.abc import Sequence


USAGE = (
    "usage: strongroom-window [VAULT]\n\nOpen the window, and ask for the way into VAULT if one is named.\n"
)
NO_DISPLAY = (
    "strongroom-window: there is no display here (nothing answers at DISPLAY or WAYLAND_DISPLAY).\n"
    "  Start it in a desktop session, use the command line `strongroom`, or see `make run` for a tour.\n"
)
FAILED, WRONG_USAGE = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the window closes; the exit code."""
    if arguments is None:
        hardening.forget_freed()
    hardening.harden()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if any(word in ("-h", "--help") for word in given):
        sys.stdout.write(USAGE)
        return 0
    if len(given) > 1 or any(word.startswith("-") for word in given):
        sys.stderr.write(USAGE)
        return WRONG_USAGE
    if not has_display():
        sys.stderr.write(NO_DISPLAY)
        return FAILED
    from PySide6.QtWidgets import QApplication

    from app import wording
    from app.errors import AppError
    from app.settings_file import load
    from ui.desktop.single import hand_over
    from ui.program import Program

    try:
        settings = load()
    except AppError as error:
        sys.stderr.write("strongroom-window: {}\n  {}\n".format(*wording.sentence_and_hint(error)))
        return WRONG_USAGE
    app = QApplication(["strongroom"])
    path = given[0] if given else settings.vault
    if hand_over(given[0] if given else ""):
        return 0
    program = Program(app, settings)
    program.begin(path)
    return app.exec()


def has_display() -> bool:
    """Whether Qt can open a window; where it cannot, it would abort the interpreter."""
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    wayland = os.environ.get("WAYLAND_DISPLAY")
    if wayland and os.path.exists(os.path.join(os.environ.get("XDG_RUNTIME_DIR", "/"), wayland)):
        return True
    return bool(os.environ.get("DISPLAY")) and _x_answers()


def _x_answers() -> bool:
    """Whether an X server is there: a DISPLAY may be left from a session that has ended."""
    import ctypes

    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return True  # Qt will tell what is missing
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    xlib.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = xlib.XOpenDisplay(None)
    if display is not None:
        xlib.XCloseDisplay(display)
    return display is not None


if __name__ == "__main__":
    sys.exit(main())
