"""Runs one command of a caller on the vault that the window has open; the caller prints and is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from app.authority import frames, table
from app.authority.frames import Cut
from app.cli.commands import COMMANDS, load
from app.cli.console import Console
from app.cli.context import Context
from app.cli.parser import Parser, options_of
from app.cli.word import split
from app.errors import FileFailed
from app.language import for_terminal
from vault.secret import Secret

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from app.authority.frames import Wire
    from vault.vault import Vault

MAX_ARGUMENTS: Final = 4_096
MAX_VARIABLES: Final = 256
MAX_REQUEST_OCTETS: Final = 1024 * 1024
_CHUNK: Final = 1024 * 1024


class NotServed(Exception):
    """The caller is to run it: the table says so, or its arguments are wrong or ask for help."""


class Request(NamedTuple):
    """What a caller wants run."""

    argv: tuple[str, ...]
    variables: Mapping[str, str]  # STRONGROOM_*, and those that say where settings are
    terminals: int  # bits of `frames`


class Command(NamedTuple):
    """A request that was understood."""

    word: str
    arguments: Namespace
    writes: bool
    request: Request

    @property
    def path(self) -> str:
        """The path or folder that it names first; "" for none."""
        return next(iter(self.named), "")

    @property
    def named(self) -> tuple[str, ...]:
        """All paths, folders and versions that it names, as they stand on the command line."""
        found: list[str] = []
        if self.word == "searches":  # its arguments are names of searches
            return ()
        for name in (
            "path",
            "source",
            "old",
            "version",
            "under",
            "target",
            "new",
            "folder",
            "folders",
            "names",
        ):
            said = getattr(self.arguments, name, None)
            found += [said] if isinstance(said, str) else said if isinstance(said, list) else []
        return tuple(found)


def receive(wire: Wire) -> Request:
    """Take in a request.

    Raises:
        Cut: the caller is gone, or sends what is no request.
    """
    argv: list[str] = []
    variables: dict[str, str] = {}
    terminals = octets = 0
    while True:
        kind, content = wire.receive(frames.REQUEST)
        octets += len(content)
        if octets > MAX_REQUEST_OCTETS or len(argv) > MAX_ARGUMENTS or len(variables) > MAX_VARIABLES:
            raise Cut
        if kind == frames.RUN:
            return Request(tuple(argv), variables, terminals)
        if kind == frames.TERMINALS:
            terminals = content[0] if content else 0
        elif kind == frames.ARGUMENT:
            argv.append(_text(content))
        else:
            name, _, text = _text(content).partition("=")
            variables[name] = text


def understood(request: Request) -> Command:
    """The command of a request.

    Raises:
        NotServed: the caller is to run it.
    """
    word, rest = split(request.argv)
    writes = table.writes(word or "", rest)
    if word is None or word not in COMMANDS or writes is None:
        raise NotServed
    return Command(word, options_of(word, rest, _Silent), writes, request)


def run(command: Command, vault: Vault, environ: Mapping[str, str], wire: Wire) -> int:
    """Run a command to its end and return its exit code.

    Args:
        command: what.
        vault: of the caller's own: a twin of the window's.
        environ: what the settings are read from.
        wire: to the caller.

    Raises:
        Cut: the caller is gone.
        AppError, VaultError: as the command.
    """
    _, work = load(command.word)
    console = FarConsole(wire, command.request)
    context = _Hosted(command.arguments, vault, console, environ)
    return for_terminal(lambda: work(context, command.arguments)) or 0


class _Hosted(Context):
    """The context of a command whose vault is open already, and stays so."""

    def __init__(
        self, arguments: Namespace, vault: Vault, console: Console, environ: Mapping[str, str]
    ) -> None:
        super().__init__(arguments, console=console, environ=environ)
        self._vault = vault
        self.layers = self.layers.of_vault(vault.preferences.all())

    @property
    def vault(self) -> Vault:
        return self._vault


class _Silent(Parser):
    """Says nothing: whatever is wrong, or asked for as help, the caller says itself."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:  # noqa: ARG002  # as argparse's
        raise NotServed

    def _print_message(self, message: str, file: object = None) -> NoReturn:  # noqa: ARG002  # as argparse's
        raise NotServed


class FarConsole(Console):
    """The streams and the terminal of a caller."""

    def __init__(self, wire: Wire, request: Request) -> None:
        self._wire, self._request = wire, request

    @property
    def stdin_is_terminal(self) -> bool:
        """Whether a person types at stdin."""
        return bool(self._request.terminals & frames.STDIN)

    @property
    def stdout_is_terminal(self) -> bool:
        """Whether a person reads the answer."""
        return bool(self._request.terminals & frames.STDOUT)

    @property
    def stderr_is_terminal(self) -> bool:
        """Whether a person reads what is said."""
        return bool(self._request.terminals & frames.STDERR)

    def line(self, text: str) -> None:
        """A line of the answer."""
        whole = f"{text}\n"
        for at in range(0, len(whole), _CHUNK):  # cut between characters, not inside of one
            self._wire.send(frames.LINE, _octets(whole[at : at + _CHUNK]))

    def say(self, text: str) -> None:
        """A line to the person."""
        self._wire.send(frames.SAY, _octets(f"{text}\n")[: frames.MAX_TEXT])

    def say_in_place(self, text: str) -> None:
        """A line to the person that the next one overwrites; who is gone stops the work by it."""
        self._wire.send(frames.IN_PLACE, _octets(text)[: frames.MAX_TEXT])

    def octets(self, octets: bytes | bytearray) -> None:
        """Octets of the answer, as they are."""
        with memoryview(octets) as view:
            for at in range(0, len(octets), _CHUNK):
                self._wire.send(frames.DATA, view[at : at + _CHUNK])

    def ask_hidden(self, question: str) -> Secret | None:
        """The answer to a question, typed without an echo; None where nobody can be asked."""
        if not self._request.terminals & frames.PERSON:
            return None
        return self._asked(frames.HIDDEN, _octets(question))

    def confirm(self, question: str) -> bool:
        """Whether the person types a yes."""
        return self._asked(frames.CONFIRM, _octets(question)) is not None

    def read_stdin(self, limit: int) -> Secret:
        """Up to `limit` bytes of stdin."""
        return self._asked(frames.STDIN_READ, _size(limit)) or Secret()

    def read_file(self, path: str, limit: int) -> Secret:
        """The 1 to `limit` bytes of a file that the caller named among its arguments.

        Raises:
            FileFailed: it cannot be read, is empty or larger.
        """
        octets = self._asked(frames.FILE_READ, _size(limit + 1) + _octets(path), path)
        if not octets:
            raise FileFailed(f"{path} is empty")
        if len(octets) > limit:
            raise FileFailed(f"{path} is too large: at most {limit:,} bytes are read")
        return octets

    def _asked(self, kind: bytes, content: bytes, file: str = "") -> Secret | None:
        self._wire.send(kind, content)
        answered, octets = self._wire.receive(frames.REPLY)
        if answered == frames.FAILED:
            raise FileFailed(f"{file}: {_text(octets)}")
        return Secret.adopt(octets) if answered == frames.ANSWER else None


def _text(octets: bytearray) -> str:
    return octets.decode("utf-8", "surrogateescape")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _size(limit: int) -> bytes:
    return min(limit, frames.MAX_VALUE).to_bytes(frames.SIZE_OCTETS, "big")
