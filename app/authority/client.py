"""The command's end: asks the window that has the vault open to run a command, and does what that wants.

Everything here is on the way of every command, so nothing is imported that need not be: no `socket` (its C
part is enough), no `typing`. The process closes its memory only when the window has seen who it is.
"""

from __future__ import annotations

import os
import sys

from app import settings_place
from app.authority import place, table
from app.authority.frames import (
    ANSWER,
    ARGUMENT,
    ASKING,
    AT_HOME,
    CONFIRM,
    DATA,
    END,
    FAILED,
    FILE_READ,
    IN_PLACE,
    LINE,
    MAX_VALUE,
    NOTHING,
    OPENING,
    ORDERS,
    PERSON,
    RUN,
    SAY,
    SIZE_OCTETS,
    STDERR,
    STDIN,
    STDIN_READ,
    STDOUT,
    TERMINALS,
    VARIABLE,
    VERSION,
    Cut,
    Wire,
)
from app.cli import streams
from app.cli.word import split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.authority.transport import End

_OWN_VARIABLES = ("STRONGROOM_PASSPHRASE_FILE",)  # whoever names a way in, takes it
_SENT_VARIABLES = ("HOME", "TZ", "XDG_CONFIG_HOME")
_CONNECT_SECONDS = 5.0
_LOCKED_NOTE = (
    "strongroom: the window runs, but this vault is locked in it; it is unlocked here for one command"
)
_ASKING_NOTE = "strongroom: the window asks whether this may use the vault (Ctrl-C takes the question back)"


def run(argv: Sequence[str], harden: Callable[[], object]) -> int | None:
    """Have the window run a command line.

    Args:
        argv: without the program's name.
        harden: closes the memory of this process; called before anything secret comes.

    Returns:
        The exit code; None where the command is to be run here: no window has the vault open, or it leaves
        this one to the caller.

    Raises:
        AccessCut: the window was locked or closed meanwhile.
    """
    word, rest = split(argv)
    if word is None or table.writes(word, rest) is None or not _may_ask():
        return None
    vault_id = place.vault_id(_vault(rest))
    if not vault_id:
        return None
    end = _connected(vault_id.hex())
    if end is not None:
        try:
            return _converse(end, argv, harden)
        finally:
            end.close()
    if sys.stderr.isatty() and streams.has_person() and window_runs():
        streams.say(_LOCKED_NOTE)
    return None


def window_runs() -> bool:
    """Whether a window's program of the same user answers, whatever is open in it."""
    end = _connected(place.PROGRAM)
    if end is not None:
        end.close()
    return end is not None


def _may_ask() -> bool:
    choice = os.environ.get("STRONGROOM_TERMINAL_ACCESS", "")
    return choice != "off" and not any(os.environ.get(name) for name in _OWN_VARIABLES)


def _vault(rest: Sequence[str]) -> str:
    """The vault that a command line means: --vault, STRONGROOM_VAULT or the settings; "" for none."""
    named = ""
    for at, text in enumerate(rest):
        if text == "--vault":
            named = rest[at + 1] if at + 1 < len(rest) else ""
        elif text.startswith("--vault="):
            named = text.removeprefix("--vault=")
    named = named or os.environ.get("STRONGROOM_VAULT", "")
    if not named:
        plain = settings_place.plain_text("vault")
        named = _parsed_vault() if plain is None else plain
    return os.path.expanduser(named)


def _parsed_vault() -> str:
    from app import settings_file
    from app.errors import AppError

    try:
        return settings_file.load().vault
    except AppError:  # it is told by the command itself
        return ""


def _connected(name: str) -> End | None:
    """A connection to a window of the same user; None where nobody answers.

    Args:
        name: the vault's id in hex, or `place.PROGRAM`.
    """
    if sys.platform == "win32":
        from app.authority.windows import dlls, pipes

        return pipes.connected(dlls.loaded(), name, _CONNECT_SECONDS)
    for folder in place.folders(os.environ):
        path = place.socket_path(folder, name) if place.is_private(folder) else ""
        end = _connected_at(path) if path and os.path.exists(path) else None
        if end is not None:
            return end
    return None


def _connected_at(path: str) -> End | None:
    import _socket

    end = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        end.settimeout(_CONNECT_SECONDS)
        end.connect(path)
        if place.peer(end)[0] == os.getuid():
            return end
    except OSError:
        pass
    end.close()
    return None


def _converse(end: End, argv: Sequence[str], harden: Callable[[], object]) -> int | None:
    wire = Wire(end)
    try:
        kind, version = wire.receive(OPENING)
        if kind == AT_HOME or version != VERSION:
            return None
        for text in argv:
            wire.send(ARGUMENT, os.fsencode(text))
        for name, text in os.environ.items():
            if name in _SENT_VARIABLES or name.startswith("STRONGROOM_"):
                wire.send(VARIABLE, os.fsencode(f"{name}={text}"))
        wire.send(TERMINALS, bytes([_terminals()]))
        wire.send(RUN)
    except Cut:
        return None  # nothing was asked for yet
    harden()
    end.settimeout(None)
    try:
        return _obey(wire, argv)
    except Cut:
        from app.errors import AccessCut

        raise AccessCut from None


def _terminals() -> int:
    bits = PERSON if streams.has_person() else 0
    for stream, bit in ((sys.stdin, STDIN), (sys.stdout, STDOUT), (sys.stderr, STDERR)):
        if stream is not None and stream.isatty():
            bits |= bit
    return bits


def _obey(wire: Wire, argv: Sequence[str]) -> int | None:
    """Do what the run asks for until its end; its exit code, or None to run it here."""
    while True:
        kind, content = wire.receive(ORDERS)
        if kind == END and content:
            return content[0]
        if kind == AT_HOME:
            return None
        if kind == LINE:
            streams.answer(content.decode("utf-8", "surrogateescape"))
        elif kind == DATA:
            streams.octets(content)
            content[:] = bytes(len(content))
        elif kind == SAY:
            streams.say(content.decode("utf-8", "surrogateescape").removesuffix("\n"))
        elif kind == IN_PLACE:
            streams.say_in_place(content.decode("utf-8", "surrogateescape"))
        elif kind == ASKING:
            if sys.stderr.isatty():
                streams.say(_ASKING_NOTE)
        else:
            _answer(wire, kind, content, argv)


def _answer(wire: Wire, kind: bytes, content: bytearray, argv: Sequence[str]) -> None:
    """Read or ask what the run wants to know."""
    if kind == STDIN_READ:
        octets = _read(sys.stdin.fileno(), int.from_bytes(content, "big"))
        wire.send(ANSWER, octets)
        octets[:] = bytes(len(octets))
        return
    if kind == FILE_READ:
        _send_file(wire, content, argv)
        return
    from app.cli import terminal

    question = content.decode("utf-8", "surrogateescape")
    if kind == CONFIRM:
        wire.send(ANSWER if terminal.confirm(question) else NOTHING)
        return
    typed = terminal.ask_hidden(question)
    if typed is None:
        wire.send(NOTHING)
    else:
        with typed:
            wire.send(ANSWER, typed.reveal())


def _send_file(wire: Wire, content: bytearray, argv: Sequence[str]) -> None:
    """The content of a file, if the person named it in this command line."""
    limit, path = (
        int.from_bytes(content[:SIZE_OCTETS], "big"),
        content[SIZE_OCTETS:].decode("utf-8", "surrogateescape"),
    )
    if not any(text == path or text.endswith(f"={path}") for text in argv):
        raise Cut
    try:
        from app import plain_file  # of the few commands that name a file

        with plain_file.opened(path) as stream:
            octets = _read(stream.fileno(), limit)
    except OSError as error:
        wire.send(FAILED, (error.strerror or "it cannot be read").encode())
        return
    wire.send(ANSWER, octets)
    octets[:] = bytes(len(octets))


def _read(descriptor: int, limit: int) -> bytearray:
    """Up to `limit` octets, straight into one buffer."""
    buffer = bytearray(min(limit, MAX_VALUE))
    length = 0
    with open(descriptor, "rb", buffering=0, closefd=False) as stream:
        while length < len(buffer):
            with memoryview(buffer) as view, view[length:] as room:
                got = stream.readinto(room)
            if got is None:
                raise BlockingIOError("nothing can be read yet")  # which is not the end
            if not got:
                break
            length += got
    del buffer[length:]
    return buffer
