"""Second writers: calls made by somebody else right before or after the k-th call of an operation."""

from __future__ import annotations

from typing import Any, NamedTuple


class Deed(NamedTuple):
    service: str
    operation: str
    parameters: dict[str, Any]


class Strike(NamedTuple):
    operation: str  # that is struck, such as "ssm:PutParameter"
    number: int  # counted from when the strike was set; the first is 1
    before: bool  # or after
    name: str | None  # only calls with this Name, SecretId or Path count
    deeds: tuple[Deed, ...]
    access_key: str | None  # of the second writer; None for another user of the same account


class Strikes:
    def __init__(self) -> None:
        self._waiting: list[list[Any]] = []  # each a strike and how many calls it still lets pass
        self.refused: list[str] = []  # deeds that were refused

    def set(self, strike: Strike) -> None:
        self._waiting.append([strike, strike.number])

    def take(self, operation: str, body: dict[str, Any]) -> list[Strike]:
        """The strikes that are due with this call."""
        due = []
        for entry in list(self._waiting):
            strike: Strike = entry[0]
            names = {body.get(member) for member in ("Name", "SecretId", "Path")}
            if strike.operation == operation and strike.name in {None, *names}:
                entry[1] -= 1
                if entry[1] <= 0:
                    due.append(strike)
                    self._waiting.remove(entry)
        return due

    @property
    def waiting(self) -> int:
        return len(self._waiting)


def read(rule: dict[str, Any]) -> Strike:
    deeds = [
        Deed(one.get("service", rule["operation"].partition(":")[0]), one["operation"], one["parameters"])
        for one in rule["deeds"]
    ]
    return Strike(
        rule["operation"],
        rule.get("number", 1),
        rule.get("when", "before") == "before",
        rule.get("name"),
        tuple(deeds),
        rule.get("access_key"),
    )
