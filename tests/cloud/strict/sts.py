"""The operations of STS. Reference section 4.2."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault, invalid

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call

_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[\w+=,.@-]+/)*([\w+=,.@-]+)", re.ASCII)
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


def caller_identity(call: Call) -> dict[str, Any]:
    return {"Arn": call.caller.arn, "UserId": call.caller.user_id, "Account": call.caller.account}


def assume_role(call: Call) -> dict[str, Any]:
    body, access = call.body, call.cloud.access
    found = _ROLE.fullmatch(body.get("RoleArn", ""))
    if found is None:
        raise invalid(f"{body.get('RoleArn')} is invalid")
    name = body.get("RoleSessionName", "")
    if not _SESSION.fullmatch(name):
        raise invalid("The RoleSessionName is invalid.")
    seconds = int(body.get("DurationSeconds", 3600))
    longest = 3600 if call.caller.token else 43200
    if not 900 <= seconds <= longest:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    role = access.roles.get(body["RoleArn"])
    if role is not None:
        wrong_id = role.external_id is not None and role.external_id != body.get("ExternalId")
        wrong_code = role.mfa_code is not None and role.mfa_code != body.get("TokenCode")
        if role.refused or wrong_id or wrong_code:
            message = (
                f"User: {call.caller.arn} is not authorized to perform: sts:AssumeRole on resource: "
                f"{body['RoleArn']}"
            )
            raise Fault("AccessDeniedException", message)
        if role.mfa_code is not None:
            access.roles[body["RoleArn"]] = role._replace(mfa_code="used")
    account, role_name = found.groups()
    session = access.session(account, role_name, name, seconds, call.now)
    expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(session.expires))
    return {
        "Credentials": {
            "AccessKeyId": session.access_key,
            "SecretAccessKey": session.secret_key,
            "SessionToken": session.token,
            "Expiration": expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": session.user_id, "Arn": session.arn},
    }
