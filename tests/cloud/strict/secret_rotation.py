"""Rotation of secrets by a pretended function, a step at every so many looks. Reference section 2.5."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.cloud.strict.faults import Fault
from tests.cloud.strict.secret_writes import asked_token
from tests.cloud.strict.secrets import CURRENT, PENDING, Version

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call
    from tests.cloud.strict.secrets import Secret

STEPS = ("create", "set", "test", "finish")


class Function(NamedTuple):
    """How the function that rotates a secret behaves."""

    looks: int = 1  # DescribeSecret calls that a step takes
    fails_at: str = ""  # a step that never succeeds: AWSPENDING is left behind
    tidies: bool = False  # whether it takes AWSPENDING off in the end
    invocable: bool = True  # whether Secrets Manager may call it


class Turn:
    """One rotation under way."""

    def __init__(self, token: str) -> None:
        self.token, self.looks, self.step = token, 0, 0


def rotate(call: Call) -> dict[str, Any]:
    body = call.body
    token, secret = asked_token(body), call.place.secrets.get(body["SecretId"])
    if body.get("RotationLambdaARN"):
        secret.function = secret.function or Function()
    function = secret.function
    if function is None:
        raise _invalid("No Lambda rotation function ARN is associated with this secret.")
    if not function.invocable:
        message = (
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy "
            "grants access to the principal secretsmanager.amazonaws.com."
        )
        raise Fault("AccessDeniedException", message)
    at = secret.stages.get(PENDING)
    if at not in {None, token, secret.stages.get(CURRENT)}:
        raise _invalid("A previous rotation isn't complete. That rotation will be reattempted.")
    if token not in secret.versions and body.get("RotateImmediately", True):
        call.place.secrets.change(secret)
        secret.push(Version(token, None, None, call.now), [PENDING])  # DescribeSecret alone shows it
        secret.turn = Turn(token)
    secret.rotates = True
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": token}


def cancel(call: Call) -> dict[str, Any]:
    secret = call.place.secrets.get(call.body["SecretId"])
    call.place.secrets.change(secret)
    secret.rotates, secret.turn = False, None
    return {"ARN": secret.arn, "Name": secret.name}


def looked_at(secret: Secret, now: float) -> None:
    """Let the function go on: DescribeSecret was called once more."""
    turn, function = secret.turn, secret.function
    if turn is None or function is None or STEPS[turn.step] == function.fails_at:
        return
    if secret.stages.get(PENDING) != turn.token:  # somebody took it off
        secret.turn = None
        return
    turn.looks += 1
    if turn.looks < function.looks:
        return
    turn.looks = 0
    if STEPS[turn.step] == "create":
        version = secret.versions[turn.token]
        version.text, version.created = _renewed(secret), now
    elif STEPS[turn.step] == "finish":
        secret.move(CURRENT, turn.token)
        if function.tidies:
            del secret.stages[PENDING]
        secret.turn, secret.changed = None, now
        return
    turn.step += 1


def _renewed(secret: Secret) -> str:
    old = secret.versions[secret.stages[CURRENT]].text or ""
    password = f"rotated by AWS {len(secret.versions)}"
    try:
        said = json.loads(old)
    except ValueError:
        return password
    return json.dumps(said | {"password": password}) if isinstance(said, dict) else password


def _invalid(message: str) -> Fault:
    return Fault("InvalidRequestException", message)
