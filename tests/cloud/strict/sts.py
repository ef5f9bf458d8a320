"""GetCallerIdentity and AssumeRole, in the query protocol: a form in, XML out. Reference section 4.2."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from tests.cloud.strict.faults import Fault, invalid

if TYPE_CHECKING:
    from tests.cloud.strict.call import Call

NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[\w+=,.@-]+/)*([\w+=,.@-]+)", re.ASCII)
_SESSION = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_CODES = {  # the query services spell some codes otherwise
    "UnrecognizedClientException": ("InvalidClientTokenId", 403),
    "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "IncompleteSignatureException": ("IncompleteSignature", 400),
    "ExpiredTokenException": ("ExpiredToken", 403),
    "AccessDeniedException": ("AccessDenied", 403),
    "ThrottlingException": ("Throttling", 400),
    "ValidationException": ("ValidationError", 400),
}


def parse_form(body: bytes) -> dict[str, Any]:
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


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


def answer_xml(operation: str, answer: dict[str, Any], request_id: str) -> bytes:
    return (
        f'<{operation}Response xmlns="{NAMESPACE}"><{operation}Result>{_xml(answer)}</{operation}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def fault_xml(fault: Fault, request_id: str) -> tuple[bytes, int, str]:
    """The body, the status and the code of a refusal."""
    code, status = _CODES.get(fault.code, (fault.code, fault.status))
    body = (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{escape(fault.message)}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return body.encode(), status, code


def _xml(tree: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{_xml(value) if isinstance(value, dict) else escape(str(value))}</{name}>"
        for name, value in tree.items()
    )
