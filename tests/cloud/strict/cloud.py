"""The cloud: every account and region, and the way of a request from its signature to its answer."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from tests.cloud.strict import model, operations, query
from tests.cloud.strict.access import UNKNOWN, Access, Caller
from tests.cloud.strict.call import Call
from tests.cloud.strict.clock import Clock
from tests.cloud.strict.counts import Counts
from tests.cloud.strict.faults import Fault
from tests.cloud.strict.limits import Limits
from tests.cloud.strict.place import Place
from tests.cloud.strict.strikes import Strike, Strikes
from tests.cloud.strict.wire import Reply, Request

if TYPE_CHECKING:
    from tests.cloud.strict.limits import Quota
    from tests.cloud.strict.strikes import Deed

SWITCHES: dict[str, Any] = {
    "empty_pages": 0,  # every so many pages of a listing is empty but for a token; 0 for none
    "scan": 1_000_000,  # keys that one page of parameters looks at, at most
    "fresh_key": "",  # of the next calls of a new access key: "n" for each that does not know it yet
    "old_key": 0,  # calls that an access key passes after it was made inactive
    "type_changes": False,  # whether PutParameter may change a parameter's type
}
_RATE = {"kms": "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."}


class Cloud:
    """Args: delay: seconds that each answer takes; quotas. `reset` comes back to both."""

    def __init__(self, delay: float = 0.0, quotas: tuple[Quota, ...] = ()) -> None:
        self._start = (delay, quotas)
        self.clock = Clock()
        self.access = Access()
        self.reset()

    def reset(self) -> None:
        """Forget everything; what is left is as it was at the start."""
        self.places: dict[tuple[str, str], Place] = {}
        self.access.reset()
        self.clock.ahead = 0.0
        self.counts = Counts()
        self.limits = Limits()
        self.delay, quotas = self._start
        self.limits.set(list(quotas))
        self.strikes = Strikes()
        self.switches = dict(SWITCHES)
        self.delays: dict[str, float] = {}  # by operation
        self.late = 0.0  # seconds that listings lag behind
        self._pages = 0

    def place(self, account: str, region: str) -> Place:
        found = self.places.get((account, region))
        if found is None:
            found = self.places[account, region] = Place(account, region, self.clock)
            self.set_late(self.late)
        return found

    def set_late(self, seconds: float) -> None:
        self.late = seconds
        for place in self.places.values():
            place.parameters.late.seconds = place.secrets.late.seconds = seconds

    def empty_page(self) -> bool:
        """Whether the page that is being made shall be empty."""
        every = self.switches["empty_pages"]
        if not every:
            return False
        self._pages += 1
        return bool(self._pages % every == 0)

    def answer(self, request: Request) -> Reply:
        """Answer one request of a client."""
        service, operation, body, fault = _parse(request)
        name = f"{service}:{operation}"
        self.counts.begin(name)
        answer: dict[str, Any] | None = None
        if fault is None:
            try:
                answer = self._carry_out(service, operation, body, request)
            except Fault as found:
                fault = found
        if fault is not None:
            self.counts.refused[f"{name} {fault.code}"] += 1
        delay = self.delays.get(name, self.delay)
        return _reply(service, operation, answer, fault)._replace(delay=delay, done=self.counts.end)

    def _carry_out(
        self, service: str, operation: str, body: dict[str, Any], request: Request
    ) -> dict[str, Any] | None:
        scope = self.access.authenticate(request, self.clock.now())
        if scope.service != service:
            message = f"Credential should be scoped to correct service: '{service}'."
            raise Fault("InvalidSignatureException", message)
        name = f"{service}:{operation}"
        if not self.limits.admits(scope.caller.account, scope.region, name):
            self.counts.throttled[name] += 1
            raise Fault("ThrottlingException", _RATE.get(service, "Rate exceeded"))
        call = Call(
            self, self.place(scope.caller.account, scope.region), scope.caller, service, operation, body
        )
        due = self.strikes.take(name, body)
        self._strike(call, [strike for strike in due if strike.before])
        try:
            return self.run(call)
        finally:
            self._strike(call, [strike for strike in due if not strike.before])

    def run(self, call: Call) -> dict[str, Any] | None:
        """Check and carry out one call.

        Raises:
            Fault: what the service says.
        """
        if call.service not in query.VERSIONS.values():
            model.check(call.service, call.operation, call.body)
        if self.access.denials:
            for resource in operations.resources(call.place, call.service, call.body):
                call.authorise(f"{call.service}:{call.operation}", resource)
        answer = operations.ALL[call.service][call.operation](call)
        if call.service == "kms" and call.body.get("DryRun"):
            message = "The request would have succeeded, but the DryRun option is set."
            raise Fault("DryRunOperationException", message)
        return answer

    def do(self, caller: Caller, region: str, deed: Deed) -> dict[str, Any] | None:
        """Carry out a call that came by no wire."""
        place = self.place(caller.account, region)
        body = dict(deed.parameters)
        return self.run(Call(self, place, caller, deed.service, deed.operation, body))

    def _strike(self, call: Call, due: list[Strike]) -> None:
        for strike in due:
            callers = self.access.callers.values()
            key = strike.access_key
            others = [one for one in callers if one.account == call.caller.account and one != call.caller]
            caller = self.access.callers[key] if key else next(iter(others), call.caller)
            for deed in strike.deeds:
                try:
                    self.do(caller, call.place.region, deed)
                except Fault as fault:
                    self.strikes.refused.append(f"{deed.operation}: {fault}")


def _parse(request: Request) -> tuple[str, str, dict[str, Any], Fault | None]:
    """The service, the operation and the body of a request, or what is wrong with it."""
    target = request.headers.get("x-amz-target", "")
    if not target:
        form = query.parse_form(request.body)
        operation, service = form.get("Action", ""), query.VERSIONS.get(form.get("Version", ""), "sts")
        if operation in operations.ALL[service]:
            return service, operation, form, None
        return service, "?", {}, Fault("InvalidAction", f"Could not find operation {operation}.")
    prefix, _, operation = target.partition(".")
    service = operations.TARGETS.get(prefix, "?")
    if operation not in operations.ALL.get(service, ()):
        return service, "?", {}, Fault("UnknownOperationException")
    try:
        body = json.loads(request.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return service, operation, {}, Fault("SerializationException")
    return service, operation, body, None


def _reply(service: str, operation: str, answer: dict[str, Any] | None, fault: Fault | None) -> Reply:
    if service in query.VERSIONS.values():
        request_id = str(uuid.uuid4())
        if fault is None:
            body = query.answer_xml(service, operation, answer, request_id)
            return Reply(body, content_type="text/xml")
        body, status, code = query.fault_xml(service, fault, request_id)
        return Reply(body, status, "text/xml", code)
    if fault is not None:
        return Reply(json.dumps(fault.body(service)).encode(), fault.status, error=fault.code)
    return Reply(b"" if answer is None else json.dumps(answer).encode())


__all__ = ["SWITCHES", "UNKNOWN", "Cloud"]
