"""A desktop of the tests' own: X server, session bus, tray, screen reader's bus; and the real program on it.

What is done here is done by `xdotool` as a hand would, and read by `xclip`, by a picture or over AT-SPI.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.app.secret_service import private_bus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PATIENCE_SECONDS = 60.0
TICK_SECONDS = 0.05
READER = Path(__file__).with_name("reader.py")
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's pyatspi is made for it
SIZE = "1280x900x24"


def until(what: str, ready: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        assert time.monotonic() < end, f"never came: {what}"
        time.sleep(TICK_SECONDS)


class Screen:
    """A display with its buses; programs are started on it and driven from outside."""

    def __init__(self, environment: Mapping[str, str], stack: ExitStack) -> None:
        self.environment = dict(environment)
        self._stack = stack

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a program; it is ended with the screen."""
        running = subprocess.Popen(command, env=self.environment, stderr=subprocess.DEVNULL)
        self._stack.callback(_end, running)
        return running

    def strongroom(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start the window."""
        return self.start(sys.executable, "-m", "ui", *arguments)

    def run(self, *command: str, text: str | None = None) -> str:
        """Run a tool to its end; what it prints. What it answers with is not judged."""
        done = subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, check=False, timeout=60
        )
        return done.stdout

    def windows(self, title: str) -> list[str]:
        """The visible windows whose title holds `title`."""
        return self.run("xdotool", "search", "--onlyvisible", "--name", title).split()

    def focus(self, title: str) -> None:
        """Give the keyboard to the window whose title holds `title`, once it shows."""
        until(f"a window {title!r}", lambda: self.windows(title))
        self.run("xdotool", "windowfocus", "--sync", self.windows(title)[0])

    def keys(self, *names: str) -> None:
        """Press keys, as xdotool names them: "ctrl+k", "Return"."""
        for name in names:
            self.run("xdotool", "key", "--clearmodifiers", name)

    def type(self, text: str) -> None:
        """Type a text into whatever has the focus."""
        self.run("xdotool", "type", "--delay", "8", text)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Click at a place of the screen."""
        self.run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def clipboard(self, selection: str = "clipboard") -> str:
        """What a program would paste."""
        return self.run("xclip", "-selection", selection, "-o")

    def picture(self, path: str) -> None:
        """Take a picture of the whole screen, as PNG."""
        self.run("import", "-window", "root", path)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """A screen reader that listens on this desktop."""
        with subprocess.Popen(
            [SYSTEM_PYTHON, str(READER)],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            yield Reader(running)
            running.terminate()


class Reader:
    """Sees what a screen reader sees: roles, names, states, texts, actions."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running

    def tree(self) -> list[dict[str, Any]]:
        """Every showing part of the program: role, name, description, states, depth, text."""
        found: list[dict[str, Any]] = self._ask(op="tree")
        return found

    def press(self, role: str, name: str) -> bool:
        """Do the first action of a part; whether there is such a part."""
        return bool(self._ask(op="press", role=role, name=name))

    def fill(self, name: str, text: str) -> bool:
        """Set the text of a field; whether there is such a field."""
        return bool(self._ask(op="fill", name=name, text=text))

    def wait_for(self, role: str, name: str) -> None:
        """Until a part shows."""
        until(f"{role} {name!r}", lambda: any(_is(part, role, name) for part in self.tree()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.terminate()

    def _ask(self, **question: object) -> Any:  # noqa: ANN401  # whatever JSON can say
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(json.dumps(question) + "\n")
        self._running.stdin.flush()
        return json.loads(self._running.stdout.readline())


def _is(part: Mapping[str, Any], role: str, name: str) -> bool:
    return bool(part["role"] == role and part["name"] == name)


@contextmanager
def screen(home: Path, *, tray: bool = False) -> Iterator[Screen]:
    """A fresh desktop with `home` as the user's home: no settings, no recent vaults, no keyring.

    Args:
        home: an empty folder; its path is short, since sockets are below it.
        tray: whether there is a tray for icons.
    """
    with ExitStack() as stack:
        number = stack.enter_context(_x_server())
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("QT_", "XDG_"))},
            "DISPLAY": f":{number}",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CONFIG_HOME": str(home / "config"),
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "DBUS_SESSION_BUS_ADDRESS": stack.enter_context(private_bus(home)),
            "NO_AT_BRIDGE": "0",
        }
        here = Screen(environment, stack)
        here.start("/usr/libexec/at-spi-bus-launcher", "--launch-immediately")
        if tray:
            here.start("trayer", "--edge", "bottom", "--width", "20", "--height", "24")
            until("a tray", lambda: here.run("xdotool", "search", "--class", "trayer").split())
        yield here


@contextmanager
def _x_server() -> Iterator[int]:
    """An X server that chose its own number, and refuses nobody while it begins anew after a last client."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp", "-noreset"],
        pass_fds=(writing,),
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        with os.fdopen(reading) as told:
            number = int(told.readline())
        try:
            yield number
        finally:
            server.terminate()


def _end(running: subprocess.Popen[bytes]) -> None:
    running.terminate()
    try:
        running.wait(10)
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
