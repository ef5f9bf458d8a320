"""The operations of IAM on access keys. Reference section 4.1."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from tests.cloud.strict.faults import Fault, invalid

if TYPE_CHECKING:
    from tests.cloud.strict.access import Key
    from tests.cloud.strict.call import Call

MAX_KEYS = 2  # of one user, inactive ones too
ACTIVE, INACTIVE = "Active", "Inactive"


def list_keys(call: Call) -> dict[str, Any]:
    user = _user(call)
    return {"AccessKeyMetadata": [_told(key) for key in _keys(call, user)], "IsTruncated": "false"}


def create_key(call: Call) -> dict[str, Any]:
    user, access = _user(call), call.cloud.access
    if len(_keys(call, user)) >= MAX_KEYS:
        message = f"Cannot exceed quota for AccessKeysPerUser: {MAX_KEYS}"
        raise Fault("LimitExceeded", message, 409)
    access_key, secret_key = "AKIA" + secrets.token_hex(8).upper(), secrets.token_hex(20)
    key = access.user(call.caller.account, user, access_key, secret_key, call.now)
    key.unknown = call.cloud.switches["fresh_key"]
    return {"AccessKey": _told(key) | {"SecretAccessKey": secret_key}}


def update_key(call: Call) -> None:
    key = _key(call, _user(call))
    status = call.body.get("Status")
    if status not in {ACTIVE, INACTIVE}:
        raise invalid("Value at 'status' failed to satisfy constraint: Member must satisfy enum value set")
    if key.active and status == INACTIVE:
        key.lingers = call.cloud.switches["old_key"]
    key.active = status == ACTIVE


def delete_key(call: Call) -> None:
    key = _key(call, _user(call))
    del call.cloud.access.keys[key.id]
    del call.cloud.access.callers[key.id]


def last_used(call: Call) -> dict[str, Any]:
    key = call.cloud.access.keys.get(call.body.get("AccessKeyId", ""))
    if key is None or key.account != call.caller.account:
        raise Fault("AccessDeniedException", "User is not authorized to perform: iam:GetAccessKeyLastUsed")
    told = {"LastUsedDate": _date(key.used_at)} if key.used_at else {}
    last = told | {"ServiceName": key.used_for or "N/A", "Region": key.used_in or "N/A"}
    return {"UserName": key.user, "AccessKeyLastUsed": last}


def get_user(call: Call) -> dict[str, Any]:
    user = _user(call)
    arn = f"arn:aws:iam::{call.caller.account}:user/{user}"
    told = {"Path": "/", "UserName": user, "UserId": "AIDA" + user.upper(), "Arn": arn}
    return {"User": told | {"CreateDate": _date(call.now)}}


def user_arn(call_account: str, body: dict[str, Any]) -> str:
    return f"arn:aws:iam::{call_account}:user/{body.get('UserName', '*')}"


def _user(call: Call) -> str:
    """The user that a call is about: the one that signs it, unless another is named."""
    named = call.body.get("UserName")
    if named is None:
        if ":user/" not in call.caller.arn:
            raise invalid("Must specify userName when calling with non-User credentials")
        return call.caller.arn.rpartition("/")[2]
    mine = {key.user for key in call.cloud.access.keys.values() if key.account == call.caller.account}
    if named not in mine:
        raise Fault("NoSuchEntity", f"The user with name {named} cannot be found.", 404)
    return str(named)


def _keys(call: Call, user: str) -> list[Key]:
    keys = call.cloud.access.keys.values()
    return [key for key in keys if (key.account, key.user) == (call.caller.account, user)]


def _key(call: Call, user: str) -> Key:
    access_key = call.body.get("AccessKeyId", "")
    for key in _keys(call, user):
        if key.id == access_key:
            return key
    raise Fault("NoSuchEntity", f"The Access Key with id {access_key} cannot be found.", 404)


def _told(key: Key) -> dict[str, Any]:
    status = ACTIVE if key.active else INACTIVE
    return {
        "UserName": key.user,
        "AccessKeyId": key.id,
        "Status": status,
        "CreateDate": _date(key.created),
    }


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
