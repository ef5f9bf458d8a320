"""The real `strongroom`, run as a process in a home of its own, with no terminal unless one is given."""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from app.session import utc_now
from vault import file
from vault.credentials import Passphrase
from vault.kdf import CHEAP
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSPHRASE = "correct horse battery staple"
PROGRAM = Path(sys.executable).parent / "strongroom"
SECONDS = 60
NOTHING: Mapping[str, str] = MappingProxyType({})


class Said(NamedTuple):
    """What a run left behind."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def data(self) -> Any:  # noqa: ANN401  # whatever JSON can say
        return json.loads(self.out)


class Shell:
    """A folder with a vault, its passphrase file, and the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vault = folder / "vault"
        self.passphrase_file = self.file("passphrase", PASSPHRASE + "\n")
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TZ": "UTC",
            "STRONGROOM_CONFIG": str(folder / "config.toml"),
            "STRONGROOM_KDF_SECONDS": "0.1",
            "STRONGROOM_VAULT": str(self.vault),
            "STRONGROOM_PASSPHRASE_FILE": str(self.passphrase_file),
        }

    def file(self, name: str, content: str | bytes) -> Path:
        """A file in the folder."""
        place = self.folder / name
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        return place

    def make_vault(self) -> None:
        """A vault whose key derivation is the cheapest that is allowed."""
        way = Passphrase(Secret.of_text(PASSPHRASE)), "passphrase"
        file.create(str(self.vault), [way], clock=utc_now, profile=CHEAP).close()

    def __call__(
        self,
        *argv: str | Path,
        stdin: str | bytes = b"",
        without: tuple[str, ...] = (),
        environment: Mapping[str, str] = NOTHING,
    ) -> Said:
        """Run it to its end; it has no terminal, so nobody can be asked."""
        variables = {**self.environment, **environment}
        done = subprocess.run(
            [PROGRAM, *argv],
            check=False,
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env={name: text for name, text in variables.items() if name not in without},
            cwd=self.folder,
            start_new_session=True,
            timeout=SECONDS,
        )
        return Said(done.returncode, done.stdout, done.stderr.decode())

    def ok(self, *argv: str | Path, stdin: str | bytes = b"") -> Said:
        """Run it; it must succeed."""
        said = self(*argv, stdin=stdin)
        assert said.code == 0, said
        return said

    def put(self, path: str, value: str | bytes, *argv: str) -> None:
        """Store a value."""
        self.ok("put", path, *argv, stdin=value)

    def at_terminal(
        self, *argv: str, answers: tuple[tuple[str, str], ...], without: tuple[str, ...] = ()
    ) -> Said:
        """Run it in a terminal and type each answer after its question; all that showed is in `out`."""
        environment = {name: text for name, text in self.environment.items() if name not in without}
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(PROGRAM, [str(PROGRAM), *argv], environment)
        shown = b""
        try:
            for question, answer in answers:
                shown += _read_until(terminal, question.encode())
                os.write(terminal, answer.encode() + b"\n")
            shown += _read_until(terminal, None)
        finally:
            _, status = os.waitpid(child, 0)
            os.close(terminal)
        return Said(os.waitstatus_to_exitcode(status), shown.replace(b"\r\n", b"\n"), "")


def _read_until(terminal: int, awaited: bytes | None) -> bytes:
    seen, deadline = b"", time.monotonic() + SECONDS
    while awaited is None or awaited not in seen:
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"still waiting for {awaited!r} after {seen!r}"
        try:
            octets = os.read(terminal, 65536)
        except OSError:  # Linux says EIO when the other side is gone
            octets = b""
        if not octets:
            break
        seen += octets
    return seen
