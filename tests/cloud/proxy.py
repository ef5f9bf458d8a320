"""A proxy that makes trouble: between a client and moto, or the strict fake, or anything that speaks HTTP."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from email.utils import formatdate, parsedate_to_datetime
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from tests.cloud.handles import Endpoint
from tests.cloud.messages import LONGEST_HEAD, Message, operation_of, read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.cloud.troubles import Trouble


class Passed(NamedTuple):
    """One request that came."""

    operation: str  # such as "ssm:PutParameter"
    trouble: str  # its kind; "" for none
    forwarded: bool
    status: int  # that the client got; 0 for no answer


class _Rule:
    """Trouble for some calls of an operation."""

    def __init__(self, trouble: Trouble | None, deed: Callable[[], object] | None, *, after: bool) -> None:
        self.trouble, self.deed, self.after = trouble, deed, after
        self.skip = 0  # calls to let pass first
        self.left = 1  # calls to hit


class Proxy(Endpoint):
    """Runs in a thread of this process. `on`, `strike` and `at_random` say what happens to which request."""

    def __init__(self, target: int) -> None:
        super().__init__(0)
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.reset()
        self._thread.start()
        self._await(self._listen())

    def reset(self) -> None:
        """Forget all rules and counts."""
        self.passed: list[Passed] = []
        self._rules: dict[str, list[_Rule]] = {}
        self._random: Callable[[str, int], Trouble | None] = lambda operation, number: None
        self._numbers: Counter[str] = Counter()
        self._last: dict[str, Message] = {}

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was asked for, such as "ssm:PutParameter"."""
        return Counter(one.operation for one in self.passed)

    @property
    def carried_out(self) -> Counter[str]:
        """How often each operation reached the server."""
        return Counter(one.operation for one in self.passed if one.forwarded)

    def on(self, operation: str, *troubles: Trouble | None, number: int = 1, times: int = 1) -> None:
        """Let calls of an operation meet trouble, one after the other.

        Args:
            operation: such as "ssm:PutParameter"; "*" for any.
            troubles: of the call `number` and of those after it; None lets one pass.
            number: the first call that is hit, counted from now; the first is 1.
            times: how often each trouble is met.
        """
        for place, trouble in enumerate(troubles):
            rule = _Rule(trouble, None, after=False)
            rule.skip, rule.left = (number - 1 if place == 0 else 0), times
            self._rules.setdefault(operation, []).append(rule)

    def strike(
        self, operation: str, deed: Callable[[], object], *, number: int = 1, after: bool = False
    ) -> None:
        """Have `deed` done in a thread right before (or after) the server gets a call of an operation."""
        rule = _Rule(None, deed, after=after)
        rule.skip = number - 1
        self._rules.setdefault(operation, []).append(rule)

    def at_random(
        self, seed: int, share: float, troubles: Sequence[Trouble], operations: Sequence[str] = ()
    ) -> None:
        """Let a share of all calls (of some operations) meet trouble.

        What happens to the n-th call of an operation hangs on the seed alone, whatever runs beside it.
        """

        def draw(operation: str, number: int) -> Trouble | None:
            dice = Random(f"{seed} {operation} {number}")
            hit = dice.random() < share and (not operations or operation in operations)
            return dice.choice(troubles) if hit else None

        self._random = draw

    def down(self) -> None:
        """Be offline: end all connections and refuse new ones."""
        self._await(self._close())

    def up(self) -> None:
        """Listen again, at the same port."""
        self._await(self._listen())

    def stop(self) -> None:
        self.down()
        self._await(self._cancel())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _await(self, work: asyncio.Future[None] | object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)  # type: ignore[arg-type]

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, limit=LONGEST_HEAD, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()

    async def _cancel(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        upstream = _Upstream(self._target)
        try:
            while (request := await read(reader)) is not None:
                reply, rest = await self._handle(request, upstream)
                if reply:
                    writer.write(reply)
                    await writer.drain()
                if rest == "end":
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            upstream.close()
            self._writers.discard(writer)
            self._tasks.discard(task)

    async def _handle(self, request: Message, upstream: _Upstream) -> tuple[bytes, str]:
        """What the client gets for a request, and whether the connection ends after it."""
        operation = operation_of(request)
        self._numbers[operation] += 1
        before, trouble, after = self._due(operation)
        trouble = trouble or self._random(operation, self._numbers[operation])
        for deed in before:
            await self._loop.run_in_executor(None, deed)
        kind = trouble.kind if trouble is not None else ""
        if trouble is not None and kind == "slow":
            await asyncio.sleep(trouble.seconds)
        answer = None
        if trouble is None or trouble.forwards:
            answer = await upstream.ask(request)
            for deed in after:
                await self._loop.run_in_executor(None, deed)
        shown, sent = await self._spoilt(operation, answer, trouble)
        forwarded = trouble is None or trouble.forwards
        self.passed.append(Passed(operation, kind, forwarded, shown.status if shown is not None else 0))
        whole = shown is not None and len(sent) == len(shown.encode())
        return sent, "" if whole else "end"

    async def _spoilt(
        self, operation: str, answer: Message | None, trouble: Trouble | None
    ) -> tuple[Message | None, bytes]:
        """The answer as the trouble leaves it, and the octets of it that are sent."""
        if answer is not None and answer.status == 200:
            last, self._last[operation] = self._last.get(operation), answer
        else:
            last = self._last.get(operation)
        if trouble is None:
            assert answer is not None
            return answer, answer.encode()
        kind = trouble.kind
        if kind == "stall":
            await asyncio.sleep(trouble.seconds)
        if kind in {"drop", "cut"}:
            return None, b""
        if kind in {"error", "late error", "portal"}:
            answer = _error(trouble)
        elif kind == "replay":
            answer = last or _error(trouble)
        elif kind == "garbage" and answer is not None:
            answer = answer.with_body(b"\x00\xff no text" + answer.body[:7])
        elif kind == "change" and answer is not None and trouble.change is not None:
            answer = answer.with_body(trouble.change(answer.body))
        elif kind == "skew" and answer is not None:
            answer = _skewed(answer, trouble.seconds)
        assert answer is not None
        octets = answer.encode()
        if kind == "cut inside":
            return None, octets[: len(octets) - len(answer.body) // 2 - 1]
        return answer, octets

    def _due(
        self, operation: str
    ) -> tuple[list[Callable[[], object]], Trouble | None, list[Callable[[], object]]]:
        """What the rules say of this call: deeds before it, its trouble, deeds after it."""
        before: list[Callable[[], object]] = []
        after: list[Callable[[], object]] = []
        trouble: Trouble | None = None
        settled = False
        for rule in [*self._rules.get(operation, ()), *self._rules.get("*", ())]:
            if rule.left < 1 or (rule.deed is None and settled):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                settled = settled or rule.deed is None
                continue
            rule.left -= 1
            if rule.deed is not None:
                (after if rule.after else before).append(rule.deed)
            else:
                trouble, settled = rule.trouble, True
        return before, trouble, after


class _Upstream:
    """The connection to the server that belongs to one connection of a client."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Message) -> Message:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port, limit=LONGEST_HEAD)
        reader, writer = self._streams
        writer.write(request.encode())
        answer = await read(reader, answer=True)
        if answer is None:
            raise ConnectionResetError
        if answer.first.startswith(b"HTTP/1.0") or answer.header(b"connection").lower() == b"close":
            self.close()
        plain = [one for one in answer.headers if one[0].lower() not in _HOP_BY_HOP]
        first = answer.first.replace(b"HTTP/1.0", b"HTTP/1.1", 1)
        return answer._replace(first=first, headers=plain).with_body(answer.body)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


_HOP_BY_HOP = {b"connection", b"transfer-encoding", b"keep-alive"}


def _error(trouble: Trouble) -> Message:
    text = "Rate exceeded" if trouble.code == "ThrottlingException" else "made by the proxy"
    body = (
        json.dumps({"__type": trouble.code, "message": text}).encode()
        if trouble.code
        else b"<html>Please sign in to this network</html>"
    )
    headers = [
        (b"Content-Type", b"application/x-amz-json-1.1" if trouble.code else b"text/html"),
        (b"Date", formatdate(usegmt=True).encode()),
        (b"Content-Length", str(len(body)).encode()),
    ]
    return Message(b"HTTP/1.1 %d Trouble" % trouble.status, headers, body)


def _skewed(answer: Message, seconds: float) -> Message:
    given = answer.header(b"date").decode()
    moment = parsedate_to_datetime(given).timestamp() + seconds
    kept = [one for one in answer.headers if one[0].lower() != b"date"]
    return answer._replace(headers=[*kept, (b"Date", formatdate(moment, usegmt=True).encode())])
