"""What tests may tell the server: `POST /_control/WHAT` with JSON, answered with JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.cloud.strict import strikes
from tests.cloud.strict.access import Role, denial
from tests.cloud.strict.counts import Counts
from tests.cloud.strict.faults import Fault
from tests.cloud.strict.fill import fill_parameters, fill_secrets
from tests.cloud.strict.limits import Quota, parse_quota
from tests.cloud.strict.secret_rotation import Function
from tests.cloud.strict.wire import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.strict.cloud import Cloud

PREFIX = "/_control/"


def answer(cloud: Cloud, request: Request) -> Reply:
    what = request.path.removeprefix(PREFIX)
    try:
        told = json.loads(request.body or b"{}")
        body, status = CONTROLS[what](cloud, told), 200
    except Fault as fault:
        body, status = {"error": fault.code, "message": fault.message}, 400
    except (KeyError, TypeError, ValueError) as error:
        body, status = {"error": type(error).__name__, "message": str(error)}, 400
    return Reply(json.dumps(body).encode(), status, "application/json")


def _reset(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    cloud.reset()
    return {}


def _counts(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """What was counted; with `reset`, counting starts anew."""
    report = cloud.counts.report()
    if told.get("reset"):
        cloud.counts = Counts()
    return report


def _deny(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Deny an `action` (with stars) on a `resource` to an `access_key`."""
    cloud.access.denials.append(denial(told))
    return {}


def _allow(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Take all denials back."""
    cloud.access.denials.clear()
    return {}


def _quota(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Set the quotas: `quotas`, each a text such as "PutParameter=3:sliding" or an object."""
    quotas = []
    for one in told["quotas"]:
        if isinstance(one, str):
            quotas.append(parse_quota(one))
        else:
            names = frozenset(one["operations"])
            quotas.append(Quota(names, one["rate"], one.get("kind", "bucket"), one.get("burst")))
    cloud.limits.set(quotas)
    return {}


def _delay(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Answer after `ms` milliseconds; only one `operation` if it is given."""
    seconds = told["ms"] / 1000
    if "operation" in told:
        cloud.delays[told["operation"]] = seconds
    else:
        cloud.delay, cloud.delays = seconds, {}
    return {}


def _clock(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Move the services' time on by `seconds`, or make signatures meet a clock that is off by `skew`."""
    cloud.clock.ahead += told.get("seconds", 0)
    cloud.access.skew = told.get("skew", cloud.access.skew)
    return {"now": cloud.clock.now()}


def _late(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Let listings show writes only after `seconds`."""
    cloud.set_late(told["seconds"])
    return {}


def _switch(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    unknown = set(told) - set(cloud.switches)
    if unknown:
        raise KeyError(sorted(unknown))
    cloud.switches |= told
    return cloud.switches


def _strike(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Have `deeds` done `when` ("before" or "after") the `number`-th call of an `operation`."""
    cloud.strikes.set(strikes.read(told))
    return {}


def _struck(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """How many strikes still wait, and which deeds were refused."""
    return {"waiting": cloud.strikes.waiting, "refused": cloud.strikes.refused}


def _do(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Do `deeds` now, as the user of `access_key` in `region`; the answer of each."""
    caller = cloud.access.callers[told["access_key"]]
    deeds = [strikes.Deed(one["service"], one["operation"], one["parameters"]) for one in told["deeds"]]
    return {"answers": [cloud.do(caller, told["region"], deed) for deed in deeds]}


def _user(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    cloud.access.user(told["account"], told["name"], told["access_key"], told["secret_key"])
    return {}


def _expire(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Let the credentials of an `access_key` be expired; "*" for all sessions."""
    cloud.access.expire(told["access_key"])
    return {}


def _role(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Say what it takes to assume the role `arn`: `external_id`, `mfa_code`; or that it is `refused`."""
    arn = told.pop("arn")
    cloud.access.roles[arn] = Role(**told)
    return {}


def _function(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Give the secret `name` a rotation function: `looks` a step, `fails_at`, `tidies`, `invocable`."""
    secret = cloud.place(told.pop("account"), told.pop("region")).secrets.get(told.pop("name"))
    secret.function, secret.rotates = Function(**told), True
    return {}


def _fill(cloud: Cloud, told: dict[str, Any]) -> dict[str, Any]:
    """Make `parameters` or `secrets` (how many) in an `account` and `region`, below `prefix`."""
    place = cloud.place(told["account"], told["region"])
    made = 0
    if "parameters" in told:
        made += fill_parameters(place, cloud.clock.now(), told)
    if "secrets" in told:
        made += fill_secrets(place, cloud.clock.now(), told)
    return {"made": made}


CONTROLS: dict[str, Callable[[Cloud, dict[str, Any]], dict[str, Any]]] = {
    "reset": _reset,
    "counts": _counts,
    "deny": _deny,
    "allow": _allow,
    "quota": _quota,
    "delay": _delay,
    "clock": _clock,
    "late": _late,
    "switch": _switch,
    "strike": _strike,
    "struck": _struck,
    "do": _do,
    "user": _user,
    "expire": _expire,
    "role": _role,
    "fill": _fill,
    "function": _function,
}
