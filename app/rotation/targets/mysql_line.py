"""Line: a connection of PyMySQL on which no answer takes longer, or is larger, than was said."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import pymysql
from pymysql.constants import CR

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    _Connection = pymysql.Connection[Any]
else:
    _Connection = pymysql.Connection

MAX_ANSWER: Final = 16 * 1024 * 1024  # bytes
_ENDED: Final = "the answer ended, took too long or was too large"


class Line(_Connection):
    """PyMySQL's own `read_timeout` begins anew with each octet; this one is for an answer as a whole."""

    _until: float = 0
    _room: int = 0
    _read_timeout: float  # PyMySQL's, as what follows
    _sock: Any  # a socket
    _rfile: BufferedReader
    _force_close: Callable[[], None]

    def connect(self, sock: Any = None) -> None:  # noqa: ANN401 - PyMySQL's
        """See the base class."""
        self._ask()
        super().connect(sock)

    def query(self, sql: str | bytes, unbuffered: bool = False) -> int:  # noqa: FBT001, FBT002 - PyMySQL's
        """See the base class."""
        self._ask()
        return super().query(sql, unbuffered)

    def _ask(self) -> None:
        self._until, self._room = monotonic() + self._read_timeout, MAX_ANSWER

    def _read_bytes(self, num_bytes: int) -> bytes:
        """All that is read comes through here."""
        self._room -= num_bytes
        found = bytearray()
        try:
            while len(found) < num_bytes:
                left = self._until - monotonic()
                if left <= 0 or self._room < 0:
                    break
                self._sock.settimeout(left)
                piece = self._rfile.read1(num_bytes - len(found))
                if not piece:
                    break
                found += piece
        except OSError:
            pass
        except BaseException:
            self._force_close()
            raise
        if len(found) < num_bytes:
            self._force_close()
            raise pymysql.OperationalError(CR.CR_SERVER_LOST, _ENDED)
        return bytes(found)
