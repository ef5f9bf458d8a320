"""A file of the person's, opened without waiting: a named pipe that nobody writes to is refused.

Imports next to nothing: a command that a window runs reads its files by it.
"""

from __future__ import annotations

import os
from errno import EINVAL
from stat import S_ISREG
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from io import FileIO

HANDED_OVER: Final = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")  # open already: `<(command)` of a shell


def opened(path: str) -> FileIO:
    """The file at `path`, to be read unbuffered. What a shell hands over open may be a pipe.

    Raises:
        OSError: it cannot be opened, or is a device, a socket or a named pipe.
    """
    stream = open(path, "rb", buffering=0, opener=_at_once)  # noqa: SIM115  # the caller's to close
    if not S_ISREG(os.fstat(stream.fileno()).st_mode):
        if not path.startswith(HANDED_OVER):
            stream.close()
            raise OSError(EINVAL, "this is no regular file", path)
        os.set_blocking(stream.fileno(), True)
    return stream


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
