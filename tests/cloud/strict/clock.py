"""The time as the services know it; tests may move it on."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch, whole milliseconds."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return round(time.time() + self.ahead, 3)
