"""The three standard streams, whatever the caller left of them.

A stream that was closed (`>&-`, a service without a terminal) leaves its number free, and the next file
that is opened gets it: the vault's database must never be what a message is written to.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` and `contextlib` are late: a command that the window runs needs neither
if TYPE_CHECKING:
    from io import TextIOWrapper


def complete() -> None:
    """Put something in place of each closed stream: stdin and stdout refuse, words to stderr go nowhere.

    A text that the terminal's encoding has no room for is escaped, not an error.
    """
    if sys.stdin is None:
        sys.stdin = _null(os.O_WRONLY, "r")
    if sys.stdout is None:
        sys.stdout = _null(os.O_RDONLY, "w")
    if sys.stderr is None:
        sys.stderr = _null(os.O_WRONLY, "w")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _null(access: int, mode: str) -> TextIOWrapper:
    return open(os.open(os.devnull, access), mode, encoding="utf-8")  # type: ignore[return-value]


def answer(text: str) -> None:
    """Text for stdout, as it is."""
    print(text, end="")


def octets(octets: bytes | bytearray) -> None:
    """Octets for stdout, as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(octets)
    sys.stdout.buffer.flush()


def say(text: str) -> None:
    """A line on stderr. Where it cannot be written, the work goes on: the exit code tells it too."""
    _print(text, "\n")


def say_in_place(text: str) -> None:
    """A line on a terminal's stderr that the next one overwrites, so it is cut to one; "" takes it away."""
    try:
        room = os.get_terminal_size(2).columns
    except OSError:
        room = 0
    _print(f"\r\x1b[K{text[: room - 1] if room else text}", "")


def _print(text: str, end: str) -> None:
    try:
        print(text, end=end, file=sys.stderr, flush=True)
    except OSError:
        return


def has_person() -> bool:
    """Whether there is a terminal on which somebody can be asked, wherever stdin comes from."""
    if sys.platform == "win32":
        return sys.stdin is not None and sys.stdin.isatty()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
