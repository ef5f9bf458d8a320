"""The person at the terminal: hidden questions and confirmations. Nothing typed here is ever shown."""

from __future__ import annotations

import os
import sys

from app.credentials import read_stream
from vault.secret import Secret


def has_person() -> bool:
    """Whether there is a terminal on which somebody can be asked, wherever stdin comes from."""
    if sys.platform == "win32":
        return sys.stdin is not None and sys.stdin.isatty()
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def ask_hidden(question: str) -> Secret | None:
    """The answer to a question, typed without an echo; None where nobody can be asked."""
    if not has_person():
        return None
    from getpass import getpass

    try:
        return Secret(getpass(question).encode("utf-8", "surrogateescape"))
    except EOFError:
        return None


def ask_mfa(serial: str) -> str:
    """The code that an MFA device shows now; "" where nobody can be asked or nothing was typed."""
    code = ask_hidden(f"Code of the MFA device {serial}: ")
    if code is None:
        return ""
    with code:
        return code.reveal_text().strip()


def read_stdin(limit: int) -> Secret:
    """Up to `limit` bytes of stdin, past Python's buffers."""
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stream:
        return read_stream(stream, limit)


def confirm(question: str) -> bool:
    """Whether the person on stdin types "yes" or "y"; the question goes to stderr."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
