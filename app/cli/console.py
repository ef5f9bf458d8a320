"""What a command prints to and reads from: the streams and the terminal of its process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from app.cli import streams
from app.errors import PassphrasesDiffer

if TYPE_CHECKING:
    from vault.secret import Secret


class Console:
    """The streams of this process. `app.authority.hosting` has the one of a caller elsewhere."""

    @property
    def stdin_is_terminal(self) -> bool:
        """Whether a person types at stdin."""
        return sys.stdin is not None and sys.stdin.isatty()

    @property
    def stdout_is_terminal(self) -> bool:
        """Whether a person reads the answer."""
        return sys.stdout.isatty()

    @property
    def stderr_is_terminal(self) -> bool:
        """Whether a person reads what is said."""
        return sys.stderr.isatty()

    def line(self, text: str) -> None:
        """A line of the answer, on stdout."""
        streams.answer(f"{text}\n")

    def say(self, text: str) -> None:
        """A line to the person, on stderr."""
        streams.say(text)

    def say_in_place(self, text: str) -> None:
        """A line to the person, on a terminal's stderr, that the next one overwrites; "" takes it away."""
        streams.say_in_place(text)

    def octets(self, octets: bytes | bytearray) -> None:
        """Octets of the answer, on stdout, as they are."""
        streams.octets(octets)

    def ask_hidden(self, question: str) -> Secret | None:
        """The answer to a question, typed without an echo; None where nobody can be asked."""
        from app.cli import terminal

        return terminal.ask_hidden(question)

    def ask_twice(self, question: str) -> Secret | None:
        """As `ask_hidden`, typed a second time.

        Raises:
            PassphrasesDiffer: the two are not alike.
        """
        first = self.ask_hidden(f"{question}: ")
        if first is None:
            return None
        again = self.ask_hidden(f"{question}, again: ")
        if again is None or first != again:
            raise PassphrasesDiffer
        again.wipe()
        return first

    def confirm(self, question: str) -> bool:
        """Whether the person types a yes."""
        from app.cli import terminal

        return terminal.confirm(question)

    def read_stdin(self, limit: int) -> Secret:
        """Up to `limit` bytes of stdin."""
        from app.cli import terminal

        return terminal.read_stdin(limit)

    def read_file(self, path: str, limit: int) -> Secret:
        """The 1 to `limit` bytes of a file of the caller's.

        Raises:
            FileFailed: it cannot be read, is empty or larger.
        """
        from app import credentials

        return credentials.read_secret(path, limit)
