"""Every error of botocore and of AWS as one of ours: what it means for a call, and how it is said.

No message passes on what may quote a value: AWS's own text is told only where it has nothing of the values
that were sent, botocore's never.
"""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.aws.wire import Foreign, TooLarge
from app.errors import (
    AppError,
    AwsDenied,
    AwsError,
    AwsExists,
    AwsGarbled,
    AwsMissing,
    AwsOffline,
    AwsRefused,
    AwsSignIn,
    AwsThrottled,
    AwsUnanswered,
)
from vault.errors import Said, VaultError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Outcome(StrEnum):
    """What is known of a call that did not succeed."""

    FINAL = "final"  # it was refused; again would be the same
    THROTTLED = "throttled"  # refused for the rate: not carried out
    CONTENDED = "contended"  # refused because somebody changes the same thing: not carried out
    UNSENT = "unsent"  # it never got there
    UNANSWERED = "unanswered"  # it may have been carried out


class Trouble(NamedTuple):
    """What went wrong with one attempt."""

    outcome: Outcome
    error: AppError | VaultError  # to be raised where nothing is left to try
    pause: float = 0.0  # seconds that the service asked for
    stale: bool = False  # the sign-in cannot be renewed as it is: another one may do


class Call(NamedTuple):
    """A call, for what is said of it."""

    operation: str  # such as "ssm:PutParameter"
    parameters: Mapping[str, Any]
    profile: str = ""

    @property
    def subject(self) -> str:
        """Operation and resource, such as "ssm:PutParameter on /shop/db"."""
        for member in _NAMES:
            if isinstance(named := self.parameters.get(member), str) and named:
                return f"{self.operation} on {_plain(named, 200)}"
        for member in ("Names", "SecretIdList"):
            if named := self.parameters.get(member):
                more = f" and {len(named) - 1} more" if len(named) > 1 else ""
                return f"{self.operation} on {_plain(str(named[0]), 200)}{more}"
        return self.operation


_THROTTLES: Final = frozenset(
    {
        "BandwidthLimitExceeded",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_CONTENTION: Final = frozenset({"TooManyUpdates", "ConcurrentModificationException"})
_TRANSIENT: Final = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})
_DENIED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedAccess", "UnauthorizedOperation"}
)
_MISSING: Final = frozenset(
    {
        "InvalidResourceId",  # tags of a parameter that is not there
        "NoSuchEntity",
        "NotFoundException",
        "ParameterNotFound",
        "ParameterVersionNotFound",
        "ResourceNotFoundException",
    }
)
_EXISTS: Final = frozenset({"AlreadyExistsException", "ParameterAlreadyExists", "ResourceExistsException"})
_EXPIRED: Final = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
_UNKNOWN_KEY: Final = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotSignedUp",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_GONE_KEY: Final = frozenset({"InvalidClientTokenId", "UnrecognizedClientException"})  # maybe rotated since
_SKEWED: Final = frozenset({"RequestExpired", "RequestTimeTooSkewed"})
_SKEW_TEXT: Final = re.compile(r"signature (expired|not yet current)", re.IGNORECASE)

_LONGEST_PAUSE: Final = 20.0  # seconds that a service may ask for
_LONGEST_TEXT: Final = 400  # characters of AWS's own message
_SHARED: Final = 5  # characters in a row that a message may not share with a value
_VALUES: Final = ("Value", "SecretString", "SecretBinary", "Plaintext", "CiphertextBlob", "TokenCode")
_NAMES: Final = ("Name", "SecretId", "ResourceId", "KeyId", "Path", "RoleArn", "AccessKeyId", "UserName")
_QUOTED: Final = re.compile(r"(?<![^\s(\[:=])(['\"]).*?\1(?![^\s)\].,;:])", re.DOTALL)
_SERVER_FAULT: Final = 500
_TOO_MANY: Final = 429


def trouble_of(error: Exception, call: Call) -> Trouble:
    """Say what an exception of botocore (or of what it called) means for a call."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, (AppError, VaultError)):
        return Trouble(Outcome.FINAL, error)
    if isinstance(error, ClientError):
        return _refused(error, call)
    if isinstance(error, Foreign):
        return _foreign(error, call)
    if isinstance(error, TooLarge):
        return _garbled(call, Said("its answer is larger than any answer of AWS"))
    if isinstance(error, BotoCoreError):
        from app.aws.failures import of_botocore

        return of_botocore(error, call)
    return _garbled(call, Said("its answer cannot be parsed ({kind})", kind=type(error).__name__))


def final(aws: str, message: str, call: Call) -> AwsError:
    """The kind of an error code that AWS refused a call with; `message` is told as it is."""
    kinds: tuple[tuple[frozenset[str], type[AwsError]], ...] = (
        (_DENIED, AwsDenied),
        (_MISSING, AwsMissing),
        (_EXISTS, AwsExists),
    )
    kind = next((kind for codes, kind in kinds if aws in codes), AwsRefused)
    said = Said("{subject}: {said} ({aws})", subject=call.subject, said=message or aws, aws=aws)
    return kind(said, aws, call.operation)


def told(message: str, parameters: Mapping[str, Any]) -> str:
    """AWS's text without what it quotes; nothing of it if it has a piece of a value that was sent."""
    text = _plain(_QUOTED.sub("…", message), _LONGEST_TEXT)
    names = [parameters[member].strip("/") for member in _NAMES if isinstance(parameters.get(member), str)]
    public = [match.span() for name in names if name for match in re.finditer(re.escape(name), text)]
    for member in _VALUES:
        value = parameters.get(member)
        if isinstance(value, (bytes, bytearray)):
            value = b64encode(value).decode()
        if isinstance(value, str) and value and _shares(text, value, public):
            return ""
    return text


# ---------------------------------------------------------------------------------------- answers of AWS


def _refused(error: Any, call: Call) -> Trouble:  # noqa: ANN401  # ClientError; its module loads late
    response = error.response
    metadata = response.get("ResponseMetadata", {})
    headers = metadata.get("HTTPHeaders", {})
    aws = str(response.get("Error", {}).get("Code", ""))
    text = str(response.get("Error", {}).get("Message") or "")
    if error.operation_name == "AssumeRole" and not call.operation.endswith(":AssumeRole"):
        return _role_refused(aws, told(text, {}), call)
    return _by_code(aws, text, metadata.get("HTTPStatusCode", 400), headers, call)


def _by_code(aws: str, text: str, status: int, headers: Mapping[str, str], call: Call) -> Trouble:
    pause = _pause(headers)
    if aws in _THROTTLES or status == _TOO_MANY:
        message = Said(
            "{subject} was refused for the rate of calls again and again ({aws})",
            subject=call.subject,
            aws=aws or status,
        )
        return Trouble(Outcome.THROTTLED, AwsThrottled(message, aws, call.operation), pause)
    if aws in _CONTENTION:
        message = Said("somebody else changes it at this moment")
        return Trouble(Outcome.CONTENDED, final(aws, message, call), pause)
    if aws in _SKEWED or (aws in _UNKNOWN_KEY and _SKEW_TEXT.search(text)):
        return Trouble(Outcome.FINAL, AwsSignIn(_skew(headers), aws, call.operation))
    if aws in _EXPIRED:
        message = Said(
            "the credentials {whose} have expired; renew them, or sign in again ({aws})",
            whose=_whose(call),
            aws=aws,
        )
        return Trouble(Outcome.FINAL, AwsSignIn(message, aws, call.operation), stale=True)
    if aws in _UNKNOWN_KEY:
        message = Said("AWS does not accept the access key {whose} ({aws})", whose=_whose(call), aws=aws)
        return Trouble(Outcome.FINAL, AwsSignIn(message, aws, call.operation), stale=aws in _GONE_KEY)
    if status >= _SERVER_FAULT or aws in _TRANSIENT:
        return unanswered(call, Said("the service failed ({aws})", aws=aws or status), aws, pause)
    return Trouble(Outcome.FINAL, final(aws, told(text, call.parameters), call))


def _foreign(error: Foreign, call: Call) -> Trouble:
    if error.aws:
        return _by_code(error.aws, "", error.status, error.headers, call)
    if error.status >= _SERVER_FAULT:
        return unanswered(
            call, Said("something answered HTTP {status}", status=error.status), "", _pause(error.headers)
        )
    if error.status == _TOO_MANY:
        return _by_code("", "", error.status, error.headers, call)
    return _garbled(
        call,
        Said(
            "what answered (HTTP {status}) is not AWS; a proxy or a sign-in page may be", status=error.status
        ),
    )


def _garbled(call: Call, why: Said) -> Trouble:
    return Trouble(
        Outcome.FINAL, AwsGarbled(Said("{subject}: {why}", subject=call.subject, why=why), "", call.operation)
    )


def unanswered(call: Call, why: Said, aws: str = "", pause: float = 0.0) -> Trouble:
    """No answer, or one that says nothing: the call may have been carried out."""
    return Trouble(
        Outcome.UNANSWERED,
        AwsUnanswered(Said("{subject}: {why}", subject=call.subject, why=why), aws, call.operation),
        pause,
    )


def unsent(call: Call, why: Said) -> Trouble:
    """The call never got there."""
    return Trouble(
        Outcome.UNSENT,
        AwsOffline(Said("{subject}: {why}", subject=call.subject, why=why), "", call.operation),
    )


def _role_refused(aws: str, text: str, call: Call) -> Trouble:
    said = text or aws
    message = Said(
        "the role {whose} cannot be assumed: {said}; look at its ARN, external id and MFA code",
        whose=_whose(call),
        said=said,
    )
    return Trouble(Outcome.FINAL, AwsSignIn(message, aws, "sts:AssumeRole"))


def _whose(call: Call) -> Said:
    if call.profile:
        return Said("of profile {profile}", profile=_plain(call.profile, 100))
    return Said("that were found")


def _skew(headers: Mapping[str, str]) -> Said:
    from email.utils import parsedate_to_datetime

    by = ""
    try:
        theirs = parsedate_to_datetime(headers.get("date", ""))
        minutes = round((datetime.now(UTC) - theirs).total_seconds() / 60)
        if minutes:
            ahead, behind = (
                Said(" by {n} minutes (ahead)", n=minutes),
                Said(" by {n} minutes (behind)", n=-minutes),
            )
            by = ahead if minutes > 0 else behind
    except (ValueError, TypeError):
        pass
    return Said(
        "the clock of this computer differs from AWS's{by}; set the clock, then try again",
        by=by,
    )


def _pause(headers: Mapping[str, str]) -> float:
    """The seconds that the service asks for, within bounds."""
    for name, unit in (("x-amz-retry-after", 0.001), ("retry-after", 1.0)):
        said = headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", said):
            return min(_LONGEST_PAUSE, float(said) * unit)
    return 0.0


def _plain(text: str, limit: int) -> str:
    clean = "".join(c if c.isprintable() else " " for c in text[: 4 * limit])
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def _shares(text: str, value: str, public: list[tuple[int, int]]) -> bool:
    """Whether a piece of a value stands in a text outside of what is `public`: names may look like values."""
    size = min(_SHARED, len(value))
    for at in range(len(text) - size + 1):
        if any(start <= at and at + size <= end for start, end in public):
            continue
        if text[at : at + size] in value and (size == _SHARED or _is_word(text, at, at + size)):
            return True
    return False


def _is_word(text: str, start: int, end: int) -> bool:
    return not (text[start - 1 : start].isalnum() or text[end : end + 1].isalnum())
