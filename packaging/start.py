"""`make run`: prepare, then start the window; with no display, give the tour on a virtual one."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOUR = os.path.join("build", "tour")


def display_answers() -> bool:
    """Whether a window could be shown. A DISPLAY that nobody serves (an old ssh session) counts as none."""
    if sys.platform != "linux":
        return True
    wayland = os.environ.get("WAYLAND_DISPLAY")
    if wayland and os.path.exists(os.path.join(os.environ.get("XDG_RUNTIME_DIR", "/"), wayland)):
        return True
    if not os.environ.get("DISPLAY"):
        return False
    try:
        xlib = ctypes.CDLL("libX11.so.6")
    except OSError:
        return True  # not installed yet; asked again once it is
    xlib.XOpenDisplay.restype = ctypes.c_void_p
    return xlib.XOpenDisplay(None) is not None


def prepare(*kind: str) -> None:
    """Run packaging/prepare.py; leave with its code when it cannot."""
    script = os.path.join(ROOT, "packaging", "prepare.py")
    code = subprocess.run([sys.executable, script, *kind], check=False).returncode
    if code:
        sys.exit(code)


def main() -> None:
    """Become the window, or the tour."""
    prepare("run", *([] if display_answers() else ["virtual"]))
    os.chdir(ROOT)
    if display_answers():
        os.execv(os.path.join(".venv", "bin", "strongroom-window"), ["strongroom-window"])
    prepare("run", "virtual")
    os.makedirs(TOUR, exist_ok=True)
    print(
        "No display answers here, so the window opens on a virtual one: a tour of a sample vault, each step\n"
        f"told, screenshots in {TOUR}/. For the command line: .venv/bin/strongroom --help",
        flush=True,
    )
    environment = dict(os.environ, QT_QPA_PLATFORM="xcb")
    environment.pop("WAYLAND_DISPLAY", None)
    screen = ["xvfb-run", "-a", "-s", "-screen 0 1280x900x24 -nolisten tcp"]
    os.execvpe(screen[0], [*screen, ".venv/bin/python", "-m", "ui.tour", TOUR], environment)


if __name__ == "__main__":
    main()
