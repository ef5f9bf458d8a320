"""What was asked of the services: calls an operation, refusals, and how many were in hand at once."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any


class Counts:
    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()  # by operation, such as "ssm:PutParameter"; throttled ones too
        self.throttled: Counter[str] = Counter()
        self.refused: Counter[str] = (
            Counter()
        )  # by operation and code, such as "ssm:GetParameter ParameterNotFound"
        self.connections = 0
        self._in_hand = 0
        self._seconds: dict[int, list[int]] = {}  # second to calls, most at once

    def begin(self, operation: str) -> None:
        self.calls[operation] += 1
        self._in_hand += 1
        second = self._seconds.setdefault(int(time.monotonic()), [0, 0])
        second[0] += 1
        second[1] = max(second[1], self._in_hand)

    def end(self) -> None:
        self._in_hand = max(0, self._in_hand - 1)

    def report(self) -> dict[str, Any]:
        start = min(self._seconds, default=0)
        return {
            "calls": dict(self.calls),
            "throttled": dict(self.throttled),
            "refused": dict(self.refused),
            "connections": self.connections,
            "most_at_once": max((most for _, most in self._seconds.values()), default=0),
            "seconds": [
                {"second": second - start, "calls": calls, "most_at_once": most}
                for second, (calls, most) in sorted(self._seconds.items())
            ],
        }
