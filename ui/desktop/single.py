"""One program for one person: a second start tells the first what was wanted, and ends.

The first listens on a socket (on Windows a named pipe) that only its user can reach. What comes in is one
line of JSON, short and strict: which vault to show, or none.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app.authority import client, place
from vault import json_text

LONGEST: Final = 8_192  # octets of a request: a path and its brackets
PATIENCE_MILLISECONDS: Final = 2_000
FEW: Final = 8  # requests at a time


def address() -> str:
    """Where the first program of this user listens; "" where no folder is private enough."""
    if sys.platform == "win32":
        from app.authority.windows import dlls, pipes

        return pipes.own_name(dlls.loaded(), place.PROGRAM)
    for folder in place.folders(os.environ):
        if os.path.isdir(os.path.dirname(folder)):
            with suppress(OSError):
                os.mkdir(folder, 0o700)
        if place.is_private(folder):
            return place.socket_path(folder, place.PROGRAM)
    return ""


def hand_over(path: str, where: str = "") -> bool:
    """Ask the program that runs already to show itself, and the vault at `path` if one is named.

    Returns:
        Whether there is one, and it took the request.
    """
    if sys.platform == "win32" and not client.window_runs():  # others may have taken the pipe's name
        return False
    socket = QLocalSocket()
    socket.connectToServer(where or address())
    if not socket.waitForConnected(PATIENCE_MILLISECONDS):
        return False
    socket.write(json.dumps({"show": os.path.abspath(path) if path else ""}).encode() + b"\n")
    taken = socket.waitForReadyRead(PATIENCE_MILLISECONDS) and socket.readAll().data() == b"ok\n"
    socket.abort()
    return taken


class FirstInstance(QObject):
    """Listens for later starts."""

    asked = Signal(str)  # the path of a vault, or "" to show what is there

    def __init__(self, parent: QObject) -> None:
        """Not listening yet."""
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(FEW)
        self._server.newConnection.connect(self._greet)

    def begin(self, where: str = "") -> bool:
        """Listen, in the place of a program that ended without a word if need be; whether that works."""
        where = where or address()
        if not where or self._server.listen(where):
            return bool(where)
        QLocalServer.removeServer(where)  # nobody answered there, or `hand_over` had succeeded
        return self._server.listen(where)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _greet(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.setReadBufferSize(LONGEST)
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() >= LONGEST:
                socket.abort()
            return
        wanted = request(bytes(socket.readLine(LONGEST).data()))
        if wanted is None:
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.asked.emit(wanted)


def request(line: bytes) -> str | None:
    """The path that a request names, "" for none; None for what is no request."""
    try:
        said = json_text.parsed(line)
    except ValueError:
        return None
    if not isinstance(said, dict) or set(said) != {"show"} or not isinstance(said["show"], str):
        return None
    path: str = said["show"]
    if path and (not os.path.isabs(path) or "\0" in path):
        return None
    return path
