"""Windows as Wine has it, without a display, in a folder of its own: nothing is set up, nothing stays."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.app.authority.wine.far import Far

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(__file__).parent / "bridge.c"


class Wine(NamedTuple):
    """What starts processes under Wine."""

    loader: str
    bridge: Path
    environment: dict[str, str]
    folder: Path
    compiler: str

    def start(self, *, by_a_shell: bool = False) -> Far:
        """A process of Windows; it may be started by Windows' own shell."""
        path = "Z:" + str(self.bridge).replace("/", "\\")
        return Far(
            [self.loader, *(("cmd", "/c", path) if by_a_shell else (path,))], self.environment, self.folder
        )


@pytest.fixture(scope="session")
def wine() -> Iterator[Wine]:
    """Wine, and the program that makes its calls. The folder of the system is Wine's own, not a copy."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        pytest.skip("Wine runs programs of its own processor")
    from tests.servers.place import program  # of Unix

    loader, server = (program("wine64", f"/usr/lib/wine/{name}*") for name in ("wine64", "wineserver"))
    compiler = program("gcc-mingw-w64-x86-64-win32", "/usr/bin/x86_64-w64-mingw32-gcc-win32")
    libraries = next(Path("/usr/lib").glob("*/wine/x86_64-windows"), None)
    if libraries is None:
        pytest.skip("a Wine before 7 needs a copy of its system first")
    with tempfile.TemporaryDirectory(prefix="sr-wine-") as name:
        folder = Path(name)
        bridge = folder / "bridge.exe"
        subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-o", bridge, SOURCE, "-lws2_32"], check=True)
        (folder / "prefix" / "drive_c" / "windows").mkdir(parents=True)
        (folder / "prefix" / ".update-timestamp").write_text("disable", "ascii")
        (folder / "prefix" / "drive_c" / "windows" / "system32").symlink_to(libraries)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": name,
            "WINEPREFIX": str(folder / "prefix"),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=d",
        }
        yield Wine(loader, bridge, environment, folder, compiler)
        subprocess.run([server, "-k"], env=environment, check=False)
        subprocess.run([server, "-w"], env=environment, check=False, timeout=30)


@pytest.fixture(scope="session")
def window_side(wine: Wine) -> Iterator[Far]:
    """The process that listens."""
    far = wine.start()
    yield far
    far.close()


@pytest.fixture(scope="session")
def command_side(wine: Wine) -> Iterator[Far]:
    """The process that asks; a shell started it."""
    far = wine.start(by_a_shell=True)
    yield far
    far.close()
