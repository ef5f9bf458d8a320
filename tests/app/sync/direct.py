"""The strict fake without a wire, for thousands of syncs: what goes wrong with which call is drawn."""

from __future__ import annotations

import base64
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

from app.aws.refusals import Call as Asked
from app.aws.refusals import final
from app.errors import AwsOffline, AwsThrottled, AwsUnanswered
from tests.cloud.handles import ACCOUNT, GRACE, REGION
from tests.cloud.strict.access import USERS
from tests.cloud.strict.call import Call
from tests.cloud.strict.cloud import Cloud
from tests.cloud.strict.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from vault.vault import Vault

ADA = USERS[0][2]
READS = ("BatchGet", "Describe", "Get", "List")
_TOKENS = {"CreateSecret", "PutSecretValue", "UpdateSecret"}


class Killed(BaseException):
    """The process ended here; nothing that it might still do happens."""


class Wire:
    """One cloud, the callers of it, and what goes wrong between.

    Attributes:
        trouble: asked for every call with its operation and how many there were of it; the answer is "",
            "kill before", "kill after", "lost" (carried out), "dropped" (not carried out) or "throttled".
        before: called before a call of ours is carried out, with operation and parameters.
        after: called after it.
        dead: a process was killed; until it is False again nothing works.
    """

    def __init__(self, cloud: Cloud | None = None) -> None:
        self.cloud = cloud or Cloud()
        self.calls: Counter[str] = Counter()
        self.dead = False
        self.calm()
        self._lock = RLock()

    def calm(self) -> None:
        """Nothing goes wrong any more."""
        self.trouble: Callable[[str, int], str] = lambda operation, number: ""
        self.before: Callable[[str, dict[str, Any]], object] = lambda operation, parameters: None
        self.after: Callable[[str, dict[str, Any]], object] = lambda operation, parameters: None

    def now(self) -> datetime:
        """The services' time, which is the vaults' as well."""
        return datetime.fromtimestamp(self.cloud.clock.now(), UTC)

    def do(self, service: str, operation: str, /, who: str = GRACE, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        """Carry a call out for somebody else; nothing goes wrong with it."""
        with self._lock:
            caller = self.cloud.access.callers[who]
            place = self.cloud.place(ACCOUNT, REGION)
            answer = self.cloud.run(Call(self.cloud, place, caller, service, operation, _sent(parameters)))
            return json.loads(json.dumps(answer or {}))  # type: ignore[no-any-return]

    def ask(self, service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Carry a call of ours out, or let it go wrong."""
        with self._lock:
            if self.dead:
                raise Killed
            self.calls[operation] += 1
            kind = self.trouble(operation, self.calls[operation])
            asked = Asked(f"{service}:{operation}", parameters)
            reads = operation.startswith(READS)
            if kind == "kill before":
                self.dead = True
                raise Killed
            if kind == "throttled":
                raise AwsThrottled("too fast", "ThrottlingException", asked.operation)
            if kind == "dropped":
                if reads:
                    raise AwsOffline("nobody answers", "", asked.operation)
                raise AwsUnanswered("no answer", "", asked.operation)
            self.before(operation, parameters)
            try:
                answer = self.do(service, operation, who=ADA, **parameters)
            except Fault as fault:
                raise final(fault.code, fault.message, asked) from None
            self.after(operation, parameters)
            if kind == "kill after":
                self.dead = True
                raise Killed
            if kind == "lost":
                raise (AwsOffline if reads else AwsUnanswered)("no answer", "", asked.operation)
            return _came(answer)  # type: ignore[no-any-return]

    def until_killed(self, vault: Vault) -> None:
        """Let a vault do nothing while the process is dead."""
        database = vault.interior.database
        enter = database.enter

        def alive(begin: str | None) -> None:
            if self.dead:
                raise Killed
            enter(begin)

        database.enter = alive  # type: ignore[method-assign]


class Direct:
    """A caller of one service over a wire."""

    region = REGION
    ahead = timedelta()

    def __init__(self, wire: Wire, service: str) -> None:
        self._wire, self._service = wire, service

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        if operation in _TOKENS and "ClientRequestToken" not in parameters:
            from uuid import uuid4

            parameters["ClientRequestToken"] = str(uuid4())
        return self._wire.ask(self._service, operation, parameters)


def _sent(parameters: dict[str, Any]) -> dict[str, Any]:
    """Parameters as they come out of the wire at the other end."""
    plain = {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value
        for name, value in parameters.items()
    }
    return json.loads(json.dumps(plain))  # type: ignore[no-any-return]


def _came(tree: Any, name: str = "") -> Any:  # noqa: ANN401
    """An answer as botocore parses it."""
    if isinstance(tree, dict):
        return {key: _came(value, key) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_came(value, name) for value in tree]
    if name.endswith("Date") and isinstance(tree, int | float):
        return datetime.fromtimestamp(tree, UTC)
    if name == "SecretBinary":
        return base64.b64decode(tree)
    return tree
