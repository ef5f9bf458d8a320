"""The server: the cloud behind a loopback port, in a thread of this process or as a program of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from tests.cloud.strict import control
from tests.cloud.strict.cloud import Cloud
from tests.cloud.strict.wire import Connection, Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable


class Server:
    """Answers at `port` once it runs."""

    def __init__(self, cloud: Cloud | None = None) -> None:
        self.cloud = cloud or Cloud()
        self.port = 0
        self._open: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread: threading.Thread | None = None

    def run(self, port: int, on_ready: Callable[[int], None]) -> None:
        """Serve until `stop`, in this thread."""
        asyncio.run(self._serve(port, on_ready))

    def start(self) -> None:
        """Serve in a thread of this process."""
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self.run, args=(0, lambda _: ready.set()), name="strict-cloud", daemon=True
        )
        self._thread.start()
        if not ready.wait(20):
            message = "the server did not start"
            raise RuntimeError(message)

    def stop(self) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(20)

    async def _serve(self, port: int, on_ready: Callable[[int], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self._loop.create_server(self._connection, "127.0.0.1", port, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        on_ready(self.port)
        try:
            await self._stop.wait()
        finally:
            server.close()
            for connection in list(self._open):
                if connection.transport is not None:
                    connection.transport.abort()
            await asyncio.sleep(0)

    def _connection(self) -> Connection:
        self.cloud.counts.connections += 1
        return Connection(self._answer, self._open)

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith(control.PREFIX):
            return control.answer(self.cloud, request)
        return self.cloud.answer(request)
