"""What can go wrong between a client and a server; `tests.cloud.proxy` makes it happen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Trouble(NamedTuple):
    """One thing that goes wrong with one request.

    `kind` is one of:
        "drop": the connection ends before anything is forwarded;
        "cut": the request is carried out, and the connection ends before the answer;
        "cut inside": as "cut", after half of the answer (botocore takes what came for the whole);
        "error": `status` and `code` are answered, nothing is forwarded;
        "late error": as "error", but the request is carried out;
        "slow": the request waits for `seconds` before it is forwarded;
        "stall": the request is carried out, and its answer waits for `seconds`;
        "garbage": the request is carried out, the answer's body is octets that are no text;
        "portal": nothing is forwarded, a web page is answered, with status 200;
        "change": the request is carried out, the body of the answer goes through `change`;
        "skew": the Date of the answer is off by `seconds`;
        "replay": the answer is that of the last call of the same operation, nothing is forwarded.
    """

    kind: str
    seconds: float = 0.0
    status: int = 503
    code: str = ""
    change: Callable[[bytes], bytes] | None = None

    @property
    def forwards(self) -> bool:
        """Whether the server carries the request out."""
        return self.kind not in {"drop", "error", "portal", "replay"}


DROP = Trouble("drop")
CUT = Trouble("cut")
CUT_INSIDE = Trouble("cut inside")
GARBAGE = Trouble("garbage")
PORTAL = Trouble("portal", status=200)
REPLAY = Trouble("replay")
THROTTLE = Trouble("error", status=400, code="ThrottlingException")
INTERNAL = Trouble("error", status=500, code="InternalServerError")
BAD_GATEWAY = Trouble("error", status=502)
UNAVAILABLE = Trouble("error", status=503, code="ServiceUnavailable")
LATE_INTERNAL = Trouble("late error", status=500, code="InternalServerError")

USUAL = (DROP, CUT, CUT_INSIDE, THROTTLE, INTERNAL, BAD_GATEWAY, UNAVAILABLE, LATE_INTERNAL)


def error(status: int, code: str) -> Trouble:
    return Trouble("error", status=status, code=code)


def slow(seconds: float) -> Trouble:
    return Trouble("slow", seconds)


def stall(seconds: float) -> Trouble:
    return Trouble("stall", seconds)


def skew(seconds: float) -> Trouble:
    return Trouble("skew", seconds)


def changed(how: Callable[[dict[str, Any]], Any]) -> Trouble:
    """The answer's JSON as `how` makes it."""
    return Trouble("change", change=lambda body: json.dumps(how(json.loads(body))).encode())


def huge(octets: int) -> Trouble:
    """An answer that is JSON of so many octets."""
    return Trouble("change", change=lambda body: b'{"Parameters": "' + b"x" * octets + b'"}')


def wrong_types() -> Trouble:
    """An answer whose texts are numbers, whose numbers are texts, whose lists are objects."""
    return changed(_retyped)


def _retyped(tree: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(tree, dict):
        return {
            name: _retyped(value) if isinstance(value, dict) else _other(value)
            for name, value in tree.items()
        }
    return _other(tree)


def _other(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, list):
        return {"item": value}
    if isinstance(value, str):
        return 7
    return str(value)
