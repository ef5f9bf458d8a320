"""Wire: what goes wrong between a client and a server. Each is a context manager that listens on loopback."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class _Listener:
    """Takes connections until the end of the block.

    Attributes:
        port: where.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._open: list[socket.socket] = [self._socket]
        self._threads: list[threading.Thread] = []

    def served(self, client: socket.socket) -> None:
        """A connection, until it ends."""
        raise NotImplementedError

    def start(self, act: Callable[[], None]) -> None:
        self._threads.append(threading.Thread(target=act))
        self._threads[-1].start()

    def keep(self, made: socket.socket) -> socket.socket:
        """Have a socket closed with the block."""
        self._open.append(made)
        return made

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self.served(self.keep(self._socket.accept()[0]))

    def __enter__(self) -> Self:
        self.start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._open:
            close(each)
        for thread in self._threads:
            thread.join()


class Silent(_Listener):
    """Accepts and says nothing."""

    def served(self, client: socket.socket) -> None:
        pass


class Garbled(_Listener):
    """Says something that is no database's."""

    def served(self, client: socket.socket) -> None:
        client.sendall(b"220 mail.example.com ESMTP\r\n" * 3)
        close(client)


class Cutting(_Listener):
    """Hands everything on to a server, and ends the connection when it should hand on an answer.

    Attributes:
        word: what a statement has whose answer is lost; None while nothing is.
        keeps_line: the line stays open after that, as if the server were still at work.
    """

    def __init__(self, port: int, word: bytes | None = None, *, keeps_line: bool = False) -> None:
        super().__init__()
        self.word, self.keeps_line = word, keeps_line
        self._port = port

    def served(self, client: socket.socket) -> None:
        server = self.keep(socket.create_connection(("127.0.0.1", self._port)))
        lost = threading.Event()

        def forth() -> None:
            with suppress(OSError):
                while said := client.recv(65536):
                    if self.word and self.word in said:
                        lost.set()
                    server.sendall(said)
            close(server)

        def back() -> None:
            with suppress(OSError):
                while said := server.recv(65536):
                    if not lost.is_set():
                        client.sendall(said)
                    elif not self.keeps_line:
                        break
            if not (lost.is_set() and self.keeps_line):
                close(client)

        self.start(forth)
        self.start(back)


class Holding(_Listener):
    """Hands everything on to a server, but keeps one statement back, even when its client has gone.

    Attributes:
        word: what that statement has; None once it is kept.
    """

    def __init__(self, port: int, word: bytes | None = None) -> None:
        super().__init__()
        self.word = word
        self._port = port
        self._let_go, self._over = threading.Event(), threading.Event()

    def deliver(self) -> None:
        """Hand the statement on, and wait until the server has answered, or its line is found closed."""
        assert self.word is None, "nothing was kept back"
        self._let_go.set()
        self._over.wait()

    def served(self, client: socket.socket) -> None:
        server = self.keep(socket.create_connection(("127.0.0.1", self._port)))
        kept = threading.Event()

        def forth() -> None:
            with suppress(OSError):
                while said := client.recv(65536):
                    if self.word and self.word in said:
                        self.word = None
                        kept.set()
                        self._let_go.wait()
                    server.sendall(said)
            if not kept.is_set():
                close(server)

        def back() -> None:
            with suppress(OSError):
                while said := server.recv(65536):
                    if kept.is_set() and self._let_go.is_set():
                        self._over.set()
                    with suppress(OSError):
                        client.sendall(said)
            if kept.is_set():
                self._over.set()
            close(client)

        self.start(forth)
        self.start(back)

    def __exit__(self, *_: object) -> None:
        self._let_go.set()
        super().__exit__()


def close(each: socket.socket) -> None:
    """End a connection; who waits for it on another thread wakes up."""
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()
