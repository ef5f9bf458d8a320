"""HTTP messages as the proxy passes them on: headers in their order and spelling."""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from urllib.parse import parse_qs

from tests.cloud.strict.query import VERSIONS

LONGEST_HEAD = 1 << 26  # octets
_SERVICES = {"AmazonSSM": "ssm", "secretsmanager": "secretsmanager", "TrentService": "kms"}


class Message(NamedTuple):
    first: bytes
    headers: list[tuple[bytes, bytes]]  # names as they came
    body: bytes

    def header(self, name: bytes) -> bytes:
        return next((value for key, value in self.headers if key.lower() == name), b"")

    def encode(self) -> bytes:
        lines = [self.first, *(key + b": " + value for key, value in self.headers)]
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body

    def with_body(self, body: bytes) -> Message:
        kept = [(key, value) for key, value in self.headers if key.lower() != b"content-length"]
        return self._replace(headers=[*kept, (b"Content-Length", str(len(body)).encode())], body=body)

    @property
    def status(self) -> int:
        return int(self.first.split(b" ", 2)[1])


def operation_of(request: Message) -> str:
    """Such as "ssm:PutParameter"; "?" for what is no call of AWS."""
    target = request.header(b"x-amz-target").decode("latin-1")
    if target:
        prefix, _, name = target.partition(".")
        return f"{_SERVICES.get(prefix, prefix)}:{name}"
    form = parse_qs(request.body.decode("utf-8", "replace"))
    service = VERSIONS.get(form.get("Version", [""])[0], "sts")
    return f"{service}:{form['Action'][0]}" if "Action" in form else "?"


async def read(reader: asyncio.StreamReader, *, answer: bool = False) -> Message | None:
    """One message; None where the connection ends before it."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head[:-4].split(b"\r\n")
    headers = [(key, value.strip()) for key, _, value in (line.partition(b":") for line in lines[1:])]
    message = Message(lines[0], headers, b"")
    length = message.header(b"content-length")
    if length:
        return message._replace(body=await reader.readexactly(int(length)))
    if message.header(b"transfer-encoding").lower() == b"chunked":
        return message._replace(body=await _read_chunks(reader))
    return message._replace(body=await reader.read()) if answer else message


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(parts)
