"""The person at the terminal: hidden questions and confirmations. Nothing typed here is ever shown."""

from __future__ import annotations

import sys

from app.cli import streams
from vault.secret import Secret


def ask_hidden(question: str) -> Secret | None:
    """The answer to a question, typed without an echo; None where nobody can be asked."""
    if not streams.has_person():
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
    from app.credentials import read_stream

    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stream:
        return read_stream(stream, limit)


def confirm(question: str) -> bool:
    """Whether the person on stdin types "yes" or "y"; the question goes to stderr."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
