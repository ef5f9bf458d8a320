"""The frames between a command and the window: one octet says what, four how long, then the content.

Both ends take only the kinds that may come, each up to its size; anything else ends the connection. Texts are
octets as the system gave them. Nothing is imported: a command that the window runs is short because of it.

The window begins with WELCOME, the command answers with its request: ARGUMENT and VARIABLE frames, then RUN.
From then on the window alone asks: what to print, what to read, at last END.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.authority.transport import End

VERSION = b"strongroom terminal 1"
MAX_DATA = 8 * 1024 * 1024  # of one frame that is printed
MAX_TEXT = 64 * 1024
MAX_VALUE = 1024 * 1024 + 1  # of what a command reads for the window: one more than a value may have

# from the command
ARGUMENT = b"a"  # one argument
VARIABLE = b"v"  # NAME=text
TERMINALS = b"t"  # one octet: which streams are terminals, see STDIN and its like
RUN = b"g"  # the request is complete
ANSWER = b"y"  # what was read, or a yes
NOTHING = b"n"  # nobody answered, or a no
FAILED = b"f"  # a file cannot be read: why

# from the window
WELCOME = b"w"  # VERSION
AT_HOME = b"h"  # run it yourself
ASKING = b"p"  # a person is being asked
LINE = b"l"  # text for stdout
DATA = b"d"  # octets for stdout
SAY = b"s"  # lines for stderr
IN_PLACE = b"k"  # a line for a terminal's stderr, that the next one overwrites
HIDDEN = b"q"  # ask this without an echo
CONFIRM = b"c"  # ask this, yes or no
STDIN_READ = b"i"  # read stdin up to a size: eight octets
FILE_READ = b"o"  # read a file up to a size: eight octets, then its path as the arguments have it
END = b"e"  # one octet: the exit code

STDIN, STDOUT, STDERR, PERSON = 1, 2, 4, 8  # the last: somebody can be asked, wherever stdin comes from
SIZE_OCTETS = 8

REQUEST = {ARGUMENT: MAX_TEXT, VARIABLE: MAX_TEXT, TERMINALS: 1, RUN: 0}
REPLY = {ANSWER: MAX_VALUE, NOTHING: 0, FAILED: MAX_TEXT}
OPENING = {WELCOME: len(VERSION), AT_HOME: 0}
ORDERS = {
    AT_HOME: 0,
    ASKING: 0,
    LINE: MAX_DATA,
    DATA: MAX_DATA,
    SAY: MAX_TEXT,
    IN_PLACE: MAX_TEXT,
    HIDDEN: MAX_TEXT,
    CONFIRM: MAX_TEXT,
    STDIN_READ: SIZE_OCTETS,
    FILE_READ: SIZE_OCTETS + MAX_TEXT,
    END: 1,
}


class Cut(Exception):
    """The other end is gone, or sent what is no frame."""


class Wire:
    """One end of a connection."""

    def __init__(self, end: End) -> None:
        self._end = end

    def send(self, kind: bytes, content: bytes | bytearray | memoryview = b"") -> None:
        """Send one frame, without a copy of a large content.

        Raises:
            Cut: the other end is gone, or takes nothing within the time of the socket.
        """
        head = kind + len(content).to_bytes(4, "big")
        try:
            if len(content) <= MAX_TEXT and isinstance(content, bytes):
                self._end.sendall(head + content)
            else:
                self._end.sendall(head)
                self._end.sendall(content)
        except OSError:
            raise Cut from None

    def receive(self, allowed: Mapping[bytes, int]) -> tuple[bytes, bytearray]:
        """One frame: its kind and its content, in a buffer that the caller may wipe.

        Args:
            allowed: the kinds that may come, each with the most octets it may have.

        Raises:
            Cut: the other end is gone or silent, or this is no such frame.
        """
        head = self._exactly(5)
        kind, size = bytes(head[:1]), int.from_bytes(head[1:], "big")
        if size > allowed.get(kind, -1):
            raise Cut
        return kind, self._exactly(size)

    def _exactly(self, size: int) -> bytearray:
        """So many octets; room is made as they come, not as they are announced."""
        octets = bytearray()
        while len(octets) < size:
            try:
                more = self._end.recv(min(size - len(octets), MAX_TEXT))
            except OSError:
                raise Cut from None
            if not more:
                raise Cut
            octets += more
        return octets
