"""A window without Qt: an unlocked session, its listener, and a person who answers as the test says."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from app.authority.grants import Span
from app.authority.listener import Listener
from app.session import Session
from app.settings import Settings
from vault.credentials import Passphrase
from vault.kdf import CHEAP
from vault.paths import ParameterPath
from vault.records import Draft, Origin
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.authority.listener import Question

PROGRAM = Path(sys.executable).parent / "strongroom"
PASSPHRASE = "p"
VALUE = "value-of-db"
SECONDS = 60
NOTHING: Mapping[str, str] = MappingProxyType({})


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: bytes
    err: str


class Window:
    """What a window is to the terminal."""

    def __init__(self, folder: Path, wait_seconds: float = 60.0) -> None:
        self.folder = folder
        self.runtime = tempfile.TemporaryDirectory(prefix="sr-")  # a socket's path must be short
        os.chmod(self.runtime.name, 0o700)
        self.session = Session(Settings(keyring_anchor=False), origin=Origin.WINDOW)
        self.answer: Span | None = Span.ONCE  # None: nobody answers
        self.questions: list[Question] = []
        self.withdrawn: list[Question] = []
        self.asked, self.took_back, self.changed = Event(), Event(), Event()
        self.listener = Listener(
            self.session, self._ask, self._withdraw, self.changed.set, wait_seconds=wait_seconds
        )
        way = Passphrase(Secret.of_text(PASSPHRASE)), "passphrase"
        vault = self.session.create(str(folder / "vault"), [way], CHEAP)
        vault.entries.put(Draft(ParameterPath("/shop/db"), Secret.of_text(VALUE)))
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", ""),
            "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
            "XDG_RUNTIME_DIR": self.runtime.name,
            "STRONGROOM_VAULT": str(folder / "vault"),
        } | {name: os.environ[name] for name in ("TZ",) if name in os.environ}

    def _ask(self, question: Question) -> None:
        self.questions.append(question)
        self.asked.set()
        if self.answer is not None:
            question.give(self.answer)

    def _withdraw(self, question: Question) -> None:
        self.withdrawn.append(question)
        self.took_back.set()

    def start(
        self, *argv: str | Path, cwd: Path | None = None, environment: Mapping[str, str] = NOTHING
    ) -> subprocess.Popen[bytes]:
        """Begin a command; nobody sits at its terminal."""
        return subprocess.Popen(
            [PROGRAM, *argv],
            env={**self.environment, **environment},
            cwd=cwd or self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def run(
        self,
        *argv: str | Path,
        stdin: str | bytes = b"",
        cwd: Path | None = None,
        environment: Mapping[str, str] = NOTHING,
    ) -> Said:
        """Run a command to its end."""
        return ended(self.start(*argv, cwd=cwd, environment=environment), stdin)

    def events(self) -> list[str]:
        return [event.event for event in self.session.vault.audit.events()]

    def close(self) -> None:
        self.listener.cut()
        self.session.lock()
        self.runtime.cleanup()


def ended(process: subprocess.Popen[bytes], stdin: str | bytes = b"") -> Said:
    out, err = process.communicate(stdin.encode() if isinstance(stdin, str) else stdin, SECONDS)
    return Said(process.returncode, out, err.decode())
