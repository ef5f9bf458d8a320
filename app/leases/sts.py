"""Sts: a session of AWS, made from an IAM access key. STS cannot revoke one: it ends by itself."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from app.aws.access_key import access_key_of
from app.errors import AwsGarbled, AwsSignIn, BadLease
from app.leases.kind import Issued, Plan
from app.rotation.target import Option
from vault.errors import Said, said_by
from vault.records import Connection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.leases.kind import Loan
    from vault.lease import Lease

_SESSION_NAME: Final = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)  # AWS's rule
_FIELDS: Final = {
    "access_key_id": "AccessKeyId",
    "secret_access_key": "SecretAccessKey",
    "session_token": "SessionToken",
}


class Sts:
    """See the protocol. The value is an access key; with `role_arn` a role is assumed with it."""

    name: str = "iam"
    options: tuple[Option, ...] = (
        Option("role_arn", "a role to assume; without one the session may do what the access key may"),
        Option("external_id", "what the role's owner asks for"),
        Option("session_name", "of the role's session, as CloudTrail shows it; a random one if left out"),
        Option("mfa_serial", "an MFA device, whose code is asked for"),
        Option("region", "such as eu-west-1; of the AWS configuration if left out"),
        Option("endpoint_url", "something that stands in for AWS"),
    )
    variables: Mapping[str, str] = {
        "AWS_ACCESS_KEY_ID": "access_key_id",
        "AWS_SECRET_ACCESS_KEY": "secret_access_key",
        "AWS_SESSION_TOKEN": "session_token",
        "AWS_CREDENTIAL_EXPIRATION": "expiration",
        "AWS_REGION": "region",
        "AWS_ENDPOINT_URL": "endpoint_url",
    }
    hidden: tuple[str, ...] = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")
    shortest: timedelta = timedelta(minutes=15)  # STS's own, for both calls
    longest: timedelta = timedelta(hours=36)  # of GetSessionToken; a role says less itself

    def plan(self, loan: Loan) -> Plan:
        """See the protocol. The holder is the role's session, or the access key."""
        try:
            key = access_key_of(loan.value().secret, loan.entry.path)
        except AwsSignIn as error:
            raise BadLease(said_by(error)) from None
        if key.token:
            raise BadLease(
                Said(
                    "{path} holds a session already; a lease takes an access key of IAM", path=loan.entry.path
                )
            )
        _code(loan)
        role, given = loan.options.get("role_arn"), loan.options.get("session_name", "")
        if not role:
            if given or loan.options.get("external_id"):
                raise BadLease(Said("session_name and external_id are of a role: give role_arn as well"))
            return Plan(key.id, {})
        if given and not _SESSION_NAME.fullmatch(given):
            raise BadLease(Said("session_name has 2 to 64 letters, digits or characters of _+=,.@-"))
        return Plan(given or f"strongroom-lease-{os.urandom(6).hex()}", {})

    def make(self, loan: Loan, lease: Lease) -> Issued:
        """See the protocol: AssumeRole or GetSessionToken."""
        from app.aws import stores

        options = loan.options
        place = options.get("region", ""), options.get("endpoint_url", "")
        connection = Connection(region=place[0], endpoint_url=place[1], access_key=loan.entry.path)
        seconds = round((lease.ends_at - lease.made_at).total_seconds())
        asked: dict[str, Any] = {"DurationSeconds": seconds, **_code(loan)}
        caller = stores.client(stores.sign_in_of(loan.vault), connection, "sts")
        if options.get("role_arn"):
            asked |= {"RoleArn": options["role_arn"], "RoleSessionName": lease.holder}
            if options.get("external_id"):
                asked["ExternalId"] = options["external_id"]
            return _issued(caller.call("AssumeRole", **asked), *place)
        return _issued(caller.call("GetSessionToken", **asked), *place)

    def revoke(self, loan: Loan, lease: Lease) -> None:
        """See the protocol: nothing can be done, so nobody asks for it."""


def _code(loan: Loan) -> dict[str, str]:
    """What STS asks for of an MFA device."""
    serial = loan.options.get("mfa_serial")
    return {"SerialNumber": serial, "TokenCode": loan.mfa_code(serial)} if serial else {}


def _issued(answer: Mapping[str, Any], region: str, endpoint_url: str) -> Issued:
    told = answer.get("Credentials")
    told = told if isinstance(told, dict) else {}
    fields = {name: told.get(theirs) for name, theirs in _FIELDS.items()}
    ends_at, found = told.get("Expiration"), {name: text for name, text in fields.items() if text}
    if len(found) < len(_FIELDS) or not isinstance(ends_at, datetime) or ends_at.tzinfo is None:
        raise AwsGarbled(Said("the answer has no credentials"), operation="sts")
    ends_at = ends_at.astimezone(UTC)
    expiration = ends_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    more = {"expiration": expiration, "region": region, "endpoint_url": endpoint_url}
    return Issued.of({**found, **more}, ends_at)
