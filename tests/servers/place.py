"""Place: a folder for a server and the user that it runs as; servers of databases refuse to be root."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any


class Place:
    """A temporary folder of whoever runs the programs in it; root steps down to `user`."""

    def __init__(self, user: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="strongroom-server-"))
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            found = pwd.getpwnam(user)
            self._as = {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
            os.chown(self.folder, found.pw_uid, found.pw_gid)

    def write(self, name: str, content: bytes) -> Path:
        """A file that only the user of the place reads."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        if self._as:
            os.chown(path, self._as["user"], self._as["group"])
        return path

    def run(self, *command: str) -> None:
        """Run a program to its end; what it says is shown where it fails."""
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder, timeout=60, **self._as
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self, *command: str, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Run a server; it ends with the tests, even where those are killed."""
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "QUIT", *command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **self._as,
        )

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    """A TCP port of loopback that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def program(package: str, *patterns: str) -> str:
    """The newest program that fits; a system without it fails the test and learns which package has it."""
    found = [path for pattern in patterns for path in sorted(glob.glob(pattern))]
    assert found, f"no {patterns[0]}: install {package}, one of packaging/apt/test.txt"
    return found[-1]
