"""What botocore itself says no to, without an answer of AWS: sign-in, configuration, the way there.

Its messages are not passed on but where they hold names alone: they quote parameters, and what programs
that give credentials wrote.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from botocore import exceptions as theirs

from app.aws.refusals import Call, Outcome, Trouble, unanswered, unsent
from app.errors import AwsRefused, AwsSignIn
from app.language import marked
from vault.errors import Said

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError

_NEVER_SENT: Final = (
    theirs.ConnectTimeoutError,
    theirs.EndpointConnectionError,
)
_NOT_ANSWERED: Final = (theirs.ConnectionError, theirs.HTTPClientError)
_SSO: Final = (
    theirs.SSOError,
    theirs.SSOTokenLoadError,
    theirs.TokenRetrievalError,
    theirs.NoAuthTokenError,
    theirs.UnauthorizedSSOTokenError,
)
_ELSEWHERE: Final = (
    theirs.InvalidRegionError,
    theirs.UnknownEndpointError,
    theirs.EndpointResolutionError,
    theirs.EndpointProviderError,
    theirs.EndpointVariantError,
    theirs.InvalidEndpointConfigurationError,
)
_SENTENCES: Final[tuple[tuple[Any, str], ...]] = (
    (
        theirs.ProfileNotFound,
        marked("there is no {whose} in the AWS configuration; `aws configure list-profiles` lists them"),
    ),
    (theirs.LoginError, marked("the sign-in of {whose} has ended; run `aws login{named}`, then try again")),
    (_SSO, marked("the sign-in of {whose} has ended; run `aws sso login{named}`, then try again")),
    (
        theirs.RefreshWithMFAUnsupportedError,
        marked("the session of {whose} has ended and needs a new MFA code; try again"),
    ),
    (theirs.PartialCredentialsError, marked("half of an access key is missing in {whose}; set both halves")),
    (
        theirs.NoCredentialsError,
        marked("no credentials were found for {whose}; run `aws configure{named}` or `aws sso login{named}`"),
    ),
    (
        theirs.CredentialRetrievalError,
        marked("the program that gives the credentials of {whose} failed; run it by hand to see why"),
    ),
    (
        theirs.MissingDependencyException,
        marked("{whose} needs a part of botocore that is not installed (awscrt)"),
    ),
    (_ELSEWHERE, marked("region and service do not fit together; check the region of the remote")),
)
_PARAMETER: Final = re.compile(r"parameter:? \"?([A-Za-z][A-Za-z0-9.\[\]]{0,80})", re.IGNORECASE)


def of_botocore(error: BotoCoreError, call: Call) -> Trouble:
    """What an error of botocore means for a call."""
    if isinstance(error, theirs.SSLError):
        message = Said("the certificate of the service was not accepted; a proxy may be in between")
        return Trouble(Outcome.FINAL, unsent(call, message).error)
    if isinstance(error, theirs.ProxyConnectionError):
        return unsent(call, Said("the proxy was not reached"))
    if isinstance(error, _NEVER_SENT):
        return unsent(call, Said("the service was not reached"))
    if isinstance(error, theirs.ParamValidationError):
        return _parameters(str(error), call)
    if isinstance(error, _NOT_ANSWERED):
        is_late = isinstance(error, theirs.ReadTimeoutError)
        return unanswered(call, Said("no answer came in time") if is_late else Said("the connection was cut"))
    sentence = sign_in_sentence(error, call.profile)
    stale = isinstance(error, theirs.RefreshWithMFAUnsupportedError)
    return Trouble(Outcome.FINAL, AwsSignIn(sentence, "", call.operation), stale=stale)


def sign_in_sentence(error: BotoCoreError, profile: str) -> Said:
    """Why there are no credentials, or no place to use them, and what to do."""
    if isinstance(error, theirs.NoRegionError):
        return no_region(profile)
    other = marked("the AWS configuration of {whose} cannot be used ({kind})")
    sentence = next((sentence for kinds, sentence in _SENTENCES if isinstance(error, kinds)), other)
    whose = Said("profile {profile}", profile=profile) if profile else Said("the default profile")
    named = f" --profile {profile}" if profile else ""
    return Said(sentence, whose=whose, named=named, kind=type(error).__name__)


def no_region(profile: str) -> Said:
    """That no region is set, and where to set one."""
    where = Said("AWS_REGION, or `region` of the default profile")
    if profile:
        where = Said("`region` of profile {profile}", profile=profile)
    return Said("no region is set; give the remote one (`--region`), or set {where}", where=where)


def _parameters(report: str, call: Call) -> Trouble:
    """The report quotes what was given; of it only the names are told."""
    names = sorted(set(_PARAMETER.findall(report)) - {"validation"})
    which = f": {', '.join(names)}" if names else ""
    message = Said(
        "{subject}: the request does not fit the service{which} (ParamValidationError)",
        subject=call.subject,
        which=which,
    )
    return Trouble(Outcome.FINAL, AwsRefused(message, "ParamValidationError", call.operation))
