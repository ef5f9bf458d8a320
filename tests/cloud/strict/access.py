"""Who may call: access keys, sessions, signatures, roles, and denials as IAM words them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from calendar import timegm
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.cloud.strict.faults import Fault

if TYPE_CHECKING:
    from tests.cloud.strict.wire import Request

SKEW = 300.0  # seconds that a signature's date may be off
UNKNOWN = "The security token included in the request is invalid."


class Caller(NamedTuple):
    access_key: str
    secret_key: str
    account: str
    arn: str
    user_id: str
    token: str = ""  # of a session
    expires: float | None = None


class Key:
    """An access key of a user, as IAM knows it."""

    def __init__(self, access_key: str, account: str, user: str, created: float) -> None:
        self.id, self.account, self.user, self.created = access_key, account, user, created
        self.active = True
        self.unknown = ""  # what became of its next calls: "n" for one where it is not known yet, else "y"
        self.lingers = 0  # calls that it still passes although it is inactive
        self.used_at: float | None = None
        self.used_for = self.used_in = ""  # service and region

    def admits(self) -> bool:
        """Whether a call that it signed passes; IAM is eventually consistent."""
        first, self.unknown = self.unknown[:1], self.unknown[1:]
        if not self.active:
            self.lingers -= 1
        return first != "n" and (self.active or self.lingers >= 0)


class Denial(NamedTuple):
    access_key: str  # patterns of fnmatch, all three
    action: str
    resource: str


class Role(NamedTuple):
    external_id: str | None = None
    mfa_code: str | None = None  # the one code that is right, once
    refused: bool = False


class Scope(NamedTuple):
    """What the signature is for."""

    caller: Caller
    region: str
    service: str


class Access:
    def __init__(self) -> None:
        self.skew = 0.0  # of the server's clock, against the true one
        self.reset()

    def reset(self) -> None:
        self.callers: dict[str, Caller] = {}
        self.keys: dict[str, Key] = {}  # of users
        self.denials: list[Denial] = []
        self.roles: dict[str, Role] = {}
        self.skew = 0.0
        for account, name, key in USERS:
            self.user(account, name, key, SECRETS[key])

    def user(self, account: str, name: str, access_key: str, secret_key: str, now: float = 0.0) -> Key:
        """Give a user an access key."""
        arn = f"arn:aws:iam::{account}:user/{name}"
        self.callers[access_key] = Caller(access_key, secret_key, account, arn, "AIDA" + name.upper())
        key = self.keys[access_key] = Key(access_key, account, name, now)
        return key

    def session(self, account: str, role: str, name: str, seconds: int, now: float) -> Caller:
        """Make temporary credentials of a role."""
        access_key = "ASIA" + secrets.token_hex(8).upper()
        arn = f"arn:aws:sts::{account}:assumed-role/{role}/{name}"
        user_id = f"AROA{hashlib.sha256(role.encode()).hexdigest()[:16].upper()}:{name}"
        caller = Caller(
            access_key,
            secrets.token_hex(20),
            account,
            arn,
            user_id,
            secrets.token_urlsafe(120),
            now + seconds,
        )
        self.callers[access_key] = caller
        return caller

    def authenticate(self, request: Request, now: float) -> Scope:
        """Check the signature as AWS does; reference section 5.4."""
        given = request.headers.get("authorization")
        if given is None:
            raise Fault("MissingAuthenticationTokenException", "Missing Authentication Token")
        try:
            algorithm, _, rest = given.partition(" ")
            parts = dict(part.strip().split("=", 1) for part in rest.split(","))
            access_key, date, region, service, end = parts["Credential"].split("/")
            names, signature = parts["SignedHeaders"].split(";"), parts["Signature"]
            stamp = request.headers["x-amz-date"]
        except (KeyError, ValueError):
            raise Fault("IncompleteSignatureException", "The signature is not complete.") from None
        caller = self.callers.get(access_key)
        if caller is None or algorithm != "AWS4-HMAC-SHA256" or end != "aws4_request":
            raise Fault("UnrecognizedClientException", UNKNOWN)
        if caller.token != request.headers.get("x-amz-security-token", ""):
            raise Fault("UnrecognizedClientException", UNKNOWN)
        if caller.expires is not None and now >= caller.expires:
            raise Fault("ExpiredTokenException", "The security token included in the request is expired")
        key = self.keys.get(access_key)
        if key is not None and not key.admits():
            raise Fault("UnrecognizedClientException", UNKNOWN)
        self._check_date(stamp, date)
        expected = _signature(caller.secret_key, date, region, service, stamp, names, request)
        if not hmac.compare_digest(expected, signature):
            raise Fault("InvalidSignatureException", _WRONG_SIGNATURE)
        if key is not None:
            key.used_at, key.used_for, key.used_in = now, service, region
        return Scope(caller, region, service)

    def authorise(self, caller: Caller, action: str, resource: str) -> None:
        for denial in self.denials:
            if (
                fnmatchcase(caller.access_key, denial.access_key)
                and fnmatchcase(action, denial.action)
                and fnmatchcase(resource, denial.resource)
            ):
                message = (
                    f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} "
                    f"because no identity-based policy allows the {action} action"
                )
                raise Fault("AccessDeniedException", message)

    def expire(self, access_key: str) -> None:
        """Make a key (or, with "*", every session) one that has expired."""
        for key, caller in self.callers.items():
            if key == access_key or (access_key == "*" and caller.token):
                self.callers[key] = caller._replace(expires=0.0)

    def _check_date(self, stamp: str, date: str) -> None:
        try:
            signed = timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        except ValueError:
            raise Fault("IncompleteSignatureException", "Date must be in ISO-8601 'basic format'.") from None
        now = time.time() + self.skew
        if not stamp.startswith(date):
            raise Fault("InvalidSignatureException", "Date in Credential scope does not match YYYYMMDD.")
        if signed < now - SKEW:
            limit = _stamp(now - SKEW)
            message = f"Signature expired: {stamp} is now earlier than {limit} ({_stamp(now)} - 5 min.)"
            raise Fault("InvalidSignatureException", message)
        if signed > now + SKEW:
            limit = _stamp(now + SKEW)
            message = (
                f"Signature not yet current: {stamp} is still later than {limit} ({_stamp(now)} + 5 min.)"
            )
            raise Fault("InvalidSignatureException", message)


USERS = (  # account, user, access key; each has the key of `SECRETS`
    ("111111111111", "ada", "AKIASTRICTADA0000001"),
    ("111111111111", "grace", "AKIASTRICTGRACE00002"),
    ("222222222222", "linus", "AKIASTRICTLINUS00003"),
)
SECRETS = {key: f"made-up-{name}-{'x' * 30}" for _, name, key in USERS}

_WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


def credentials(name: str) -> dict[str, str]:
    """The keyword arguments of a boto3 client for a user of `USERS`."""
    key = next(key for _, user, key in USERS if user == name)
    return {"aws_access_key_id": key, "aws_secret_access_key": SECRETS[key]}


def _stamp(seconds: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _signature(
    secret: str, date: str, region: str, service: str, stamp: str, names: list[str], request: Request
) -> str:
    lines = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
    digest = hashlib.sha256(request.body).hexdigest()
    canonical = f"{request.method}\n{request.path}\n\n{lines}\n{';'.join(names)}\n{digest}"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{date}/{region}/{service}/aws4_request\n{hashed}"
    return hmac.new(_signing_key(secret, date, region, service), text.encode(), "sha256").hexdigest()


def denial(rule: dict[str, Any]) -> Denial:
    return Denial(rule.get("access_key", "*"), rule["action"], rule.get("resource", "*"))
