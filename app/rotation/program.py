"""Program: one that the person named, run without a shell, with bounds on its time and on what it says."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from queue import Empty, Queue
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, Final, Self

from app.errors import BadRotation, TargetRefused, TargetUnanswered
from vault.errors import Said, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

LONGEST_LINE: Final = 512 * 1024  # bytes; a secret of 64 KiB, every character escaped in JSON
MAX_ERRORS: Final = 64 * 1024  # bytes of stderr that are kept, the last ones
MAX_SECONDS: Final = 3600
_PIECE: Final = 64 * 1024
_TURN: Final = 0.1  # seconds between two looks at whether the person stopped
_FAREWELL: Final = 2.0  # seconds from SIGTERM to SIGKILL, and for the last words of a program that ended
_OUT, _ERR, _END = "out", "err", "end"


def arguments(option: str, text: str) -> list[str]:
    """The words of a command line, split as a POSIX shell does and never given to one.

    Raises:
        BadRotation: it cannot be split, or its first word is not the full path of a program.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise BadRotation(Said("{option}: a quotation mark is not closed", option=option)) from None
    if not words or "\0" in text:
        raise BadRotation(Said("{option}: name a program", option=option))
    if not os.path.isabs(words[0]):
        raise BadRotation(
            Said(
                "{option}: say the full path of {program}; no PATH is searched",
                option=option,
                program=words[0],
            )
        )
    if not os.access(words[0], os.X_OK) or os.path.isdir(words[0]):
        raise BadRotation(
            Said("{option}: {program} is no program that can be run", option=option, program=words[0])
        )
    return words


class Program:
    """One that runs, in `/` and a process group of its own. A context manager; the group ends with it.

    Attributes:
        status: what it ended with; negative for a signal, None while it runs.
    """

    def __init__(
        self,
        words: Sequence[str],
        limit: float,
        *,
        environment: Mapping[str, str] | None = None,
        turn: Callable[[], object] = lambda: None,
    ) -> None:
        """Start it.

        Args:
            words: program and arguments.
            limit: seconds that it may take.
            environment: all of it; empty if left out.
            turn: called again and again while it runs; what it raises ends the program.

        Raises:
            BadRotation: it cannot be started.
        """
        self.status: int | None = None
        self._name, self._limit, self._turn = words[0], limit, turn
        self._deadline = time.monotonic() + limit
        kept = {} if os.name == "posix" else {"SYSTEMROOT": os.environ.get("SYSTEMROOT", "")}
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(  # noqa: S603  # named by the person
                words, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, cwd=os.sep,
                env={**kept, **(environment or {})}, start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise BadRotation(
                Said("{program} cannot be started: {reason}", program=words[0], reason=reason_of(error))
            ) from None
        self._errors = bytearray()
        self._swept = False
        self._over = Event()
        self._heard: Queue[tuple[str, bytes]] = Queue(maxsize=16)
        self._said: Queue[bytes | None] = Queue()
        for work in (
            Thread(target=self._read, args=(_OUT, self._process.stdout), daemon=True),
            Thread(target=self._read, args=(_ERR, self._process.stderr), daemon=True),
            Thread(target=self._write, args=(self._process.stdin,), daemon=True),
            Thread(target=self._wait, daemon=True),
        ):
            work.start()

    def send(self, octets: bytes) -> None:
        """Write to its stdin; returns at once. What it does not read is lost."""
        self._said.put(octets)

    def close_input(self) -> None:
        """End its stdin after what was sent."""
        self._said.put(None)

    def lines(self) -> Iterator[bytes]:
        """The lines of its stdout as they come, until the program has ended.

        Raises:
            TargetUnanswered: it took longer than its limit.
            TargetRefused: a line is longer than `LONGEST_LINE`.
        """
        line = bytearray()
        for piece in self._pieces():
            line += piece
            if b"\n" in piece:
                *whole, line = line.split(b"\n")
                yield from map(bytes, whole)
            if len(line) > LONGEST_LINE:
                raise TargetRefused(
                    Said(
                        "{name} printed a line of more than {longest_line} KiB",
                        name=self._name,
                        longest_line=LONGEST_LINE // 1024,
                    )
                )
        if line:
            yield bytes(line)

    def errors(self) -> list[str]:
        """The last lines of its stderr, undecodable octets replaced. They may hold anything: mask them."""
        return bytes(self._errors).decode("utf-8", "replace").splitlines()

    def _pieces(self) -> Iterator[bytes]:
        """What it writes to stdout; stderr is kept aside."""
        left = {_OUT, _ERR, _END}
        deadline = self._deadline
        while left:
            try:
                source, piece = self._heard.get(timeout=_TURN)
            except Empty:
                source, piece = "", b""
            self._turn()
            if source == _OUT and piece:
                yield piece
            elif source == _ERR and piece:
                self._errors = (self._errors + piece)[-MAX_ERRORS:]
            elif source:
                left.discard(source)
            if source == _END:
                self._sweep()
                deadline = time.monotonic() + _FAREWELL
            if time.monotonic() > deadline:
                if _END not in left:
                    return  # somebody else holds its pipes open
                raise TargetUnanswered(
                    Said(
                        "{name} took more than {limit:g} seconds and was stopped",
                        name=self._name,
                        limit=self._limit,
                    )
                )

    def _read(self, source: str, stream: IO[bytes]) -> None:
        with stream, suppress(OSError):
            while piece := stream.read(_PIECE):
                self._heard.put((source, piece))
                if self._over.is_set():
                    return
        self._heard.put((source, b""))

    def _write(self, stream: IO[bytes]) -> None:
        with suppress(OSError), stream:
            while (octets := self._said.get()) is not None:
                left = memoryview(octets)
                while left:
                    left = left[stream.write(left) :]

    def _wait(self) -> None:
        self.status = self._process.wait()
        self._heard.put((_END, b""))

    def _sweep(self) -> None:
        """Kill what is left of the group; once, for its number may be another's later."""
        if not self._swept:
            self._swept = True
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, number)
            else:
                self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self.close_input()
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_FAREWELL)
        self._sweep()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_FAREWELL)
        with suppress(Empty):  # a thread may wait for room in the queue
            while True:
                self._heard.get_nowait()
