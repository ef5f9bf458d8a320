"""HTTP/1.1 with keep-alive over asyncio, as little of it as SDKs use."""

from __future__ import annotations

import asyncio
import time
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}
MAX_BODY = 1 << 24


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes


class Reply(NamedTuple):
    body: bytes
    status: int = 200
    content_type: str = "application/x-amz-json-1.1"
    error: str = ""
    delay: float = 0.0  # seconds to wait before it is sent
    done: Callable[[], None] | None = None  # called when it is sent


class Connection(asyncio.Protocol):
    """One connection: a request is read, answered, and only then is the next one read."""

    def __init__(self, answer: Callable[[Request], Reply], open_ones: set[Connection]) -> None:
        self._answer = answer
        self._open = open_ones
        self._buffer = bytearray()
        self._head: tuple[str, str, dict[str, str], int] | None = None
        self._busy = False
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._open.discard(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._work()

    def _work(self) -> None:
        while not self._busy and self.transport is not None:
            request = self._next_request()
            if request is None:
                return
            reply = self._answer(request)
            if reply.delay:
                self._busy = True
                asyncio.get_running_loop().call_later(reply.delay, self._late, reply)
            else:
                self._send(reply)

    def _late(self, reply: Reply) -> None:
        self._busy = False
        self._send(reply)
        self._work()

    def _next_request(self) -> Request | None:
        if self._head is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._head = _parse_head(self._buffer[:end].decode("latin-1"))
            del self._buffer[: end + 4]
        method, path, headers, length = self._head
        if length < 0 or length > MAX_BODY:
            assert self.transport is not None
            self.transport.abort()
            return None
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        return Request(method, path, headers, body)

    def _send(self, reply: Reply) -> None:
        if reply.done is not None:
            reply.done()
        if self.transport is None:
            return
        error = f"x-amzn-ErrorType: {reply.error}\r\n" if reply.error else ""
        head = (
            f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Status')}\r\n"
            f"x-amzn-RequestId: {uuid.uuid4()}\r\n"
            f"Date: {_date(int(time.time()))}\r\n"
            f"Content-Type: {reply.content_type}\r\n{error}"
            f"Content-Length: {len(reply.body)}\r\n\r\n"
        )
        self.transport.write(head.encode() + reply.body)


def _parse_head(text: str) -> tuple[str, str, dict[str, str], int]:
    lines = text.split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    words = lines[0].split(" ")
    length = headers.get("content-length", "0")
    broken = len(words) != 3 or not length.isdigit() or "transfer-encoding" in headers
    return words[0], words[1] if len(words) > 1 else "", headers, -1 if broken else int(length)


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(second))
