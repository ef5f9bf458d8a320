"""Command: one program, run to its end or until its time is over, whatever signals come meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from app.errors import CommandNotFound, CommandNotStarted
from vault.errors import Said, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from types import FrameType, TracebackType

PATIENCE: Final = 10.0  # seconds between asking a program to end and killing it
_AFTER_KILL: Final = 5.0  # seconds; a program that the kernel holds does not hold us
_LOOK: Final = 1.0  # seconds between two looks at the clock, which goes on while the machine sleeps
_BY_SIGNAL: Final = 128  # what a shell adds to a signal's number
_PASSED_ON: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGBREAK")
_OF_TERMINAL: Final = ("SIGINT", "SIGQUIT", "SIGBREAK")  # a terminal sends them to all in the foreground


class Command:
    """A context manager: from its start to its end, no signal but SIGKILL ends this process.

    A signal that comes before the program runs keeps it from being started; one that comes while it runs
    is passed on; one that comes later is dropped. It must be entered on the main thread.

    Attributes:
        overdue: whether the time was over before the program ended.
    """

    def __init__(self, words: Sequence[str], patience: float = PATIENCE) -> None:
        """Nothing is run yet.

        Args:
            words: the program and its arguments; no shell reads them.
            patience: seconds that the program has to end by itself when its time is over.

        Raises:
            CommandNotFound: there is no such program.
            CommandNotStarted: it is none that may be run.
        """
        from shutil import which

        self._words, self._patience = list(words), patience
        self._child: subprocess.Popen[bytes] | None = None
        self._came: list[int] = []  # signals
        self.overdue = False
        self._before: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}
        if which(self._words[0]) is None:
            if os.path.dirname(self._words[0]) and os.path.exists(self._words[0]):
                raise CommandNotStarted(Said("it is no program, or you may not run it"))
            raise CommandNotFound

    @property
    def name(self) -> str:
        """The program's name, without its folder."""
        return os.path.basename(self._words[0])

    def start(self, environment: Mapping[str, str]) -> None:
        """Run it, unless a signal came already.

        Args:
            environment: all its variables; not kept, for they hold a secret.

        Raises:
            CommandNotStarted: the system refused.
        """
        if self._came:
            return
        try:
            self._child = subprocess.Popen(self._words, env=environment)  # noqa: S603 - what the user named
        except OSError as error:
            raise CommandNotStarted(reason_of(error)) from None
        for number in self._came:  # while the program was being started
            self._child.send_signal(number)

    def wait(self, left: Callable[[], float]) -> int:
        """Its exit code, or 128 and the number of the signal that ended it.

        When no time is left, it is asked to end, and killed if it does not.

        Args:
            left: how many seconds there are left; asked every second.
        """
        if self._child is None:
            return _BY_SIGNAL + self._came[0]
        code = self._end_of(self._child, left)
        return code if code >= 0 else _BY_SIGNAL - code

    def _end_of(self, child: subprocess.Popen[bytes], left: Callable[[], float]) -> int:
        while (seconds := left()) > 0:
            with suppress(subprocess.TimeoutExpired):
                return child.wait(min(seconds, _LOOK))
        self.overdue = True
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            return child.wait(self._patience)
        child.kill()
        with suppress(subprocess.TimeoutExpired):
            return child.wait(_AFTER_KILL)
        return -signal.Signals["SIGTERM" if sys.platform == "win32" else "SIGKILL"]

    def _take(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._came.append(number)
        of_terminal = signal.Signals(number).name in _OF_TERMINAL and _in_foreground()
        if self._child is not None and not of_terminal:
            self._child.send_signal(number)

    def __enter__(self) -> Self:
        for name in _PASSED_ON:
            if (number := getattr(signal, name, None)) is not None:
                self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)
        self._before.clear()


class Span:
    """A length of time that passes by the system's clock or by its monotonic one, whichever is ahead.

    The first goes on while the machine sleeps; the second when somebody turns the first back.
    """

    def __init__(self, ends_at: datetime, clock: Callable[[], datetime]) -> None:
        """It begins now.

        Args:
            ends_at: UTC.
            clock: the system's, UTC.
        """
        self._ends_at, self._clock = ends_at, clock
        self._stop = monotonic() + (ends_at - clock()).total_seconds()

    def left(self) -> float:
        """Seconds; 0 or less when it is over."""
        return min((self._ends_at - self._clock()).total_seconds(), self._stop - monotonic())


def _in_foreground() -> bool:
    """Whether what is typed at the terminal goes to this process and its program alike."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return sys.platform == "win32"
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
