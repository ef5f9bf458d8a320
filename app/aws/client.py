"""AwsClient: calls that wait for their turn, are repeated where that is safe, and end in time."""

from __future__ import annotations

from random import SystemRandom
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final, Protocol

from app.aws.refusals import Call, Outcome, Trouble, trouble_of
from app.errors import AwsError, AwsGarbled, AwsMissing, AwsOffline, AwsUnanswered
from vault.errors import Cancelled, Said, said_by

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from botocore.client import BaseClient

    from app.aws.pacing import Pacer

ATTEMPTS: Final = 6  # that may go unanswered
_UNSENT_ATTEMPTS: Final = 3  # where there is no network it shall show soon
_THROTTLES: Final = 15  # of one call
_PATIENCE: Final = 180.0  # seconds from a call's first failure
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 20.0  # seconds: the bounds of what is drawn from double each time
_GLANCE: Final = 0.1  # seconds between two looks at whether it was cancelled

_READS: Final = (  # by how they begin; they change nothing
    "BatchGet",
    "Decrypt",
    "Describe",
    "Encrypt",
    "GenerateDataKey",
    "Get",
    "List",
    "ReEncrypt",
)
_REPEATABLE: Final = frozenset(  # twice is the same as once; so are writes with a token of their own
    {
        "AddTagsToResource",
        "DeleteAccessKey",
        "DeleteParameter",
        "DeleteParameters",
        "RemoveTagsFromResource",
        "TagResource",
        "UnlabelParameterVersion",
        "UntagResource",
        "UpdateAccessKey",
    }
)
# What an answer always has, be it empty: an answer without it is not one of the service.
_PROMISED: Final = {
    "CreateAccessKey": "AccessKey",
    "DescribeParameters": "Parameters",
    "GetParameter": "Parameter",
    "GetParameterHistory": "Parameters",
    "GetParameters": "Parameters",
    "GetParametersByPath": "Parameters",
    "ListAccessKeys": "AccessKeyMetadata",
    "ListSecrets": "SecretList",
}
_LISTS: Final = frozenset({"Parameters", "SecretList"})


class Door(Protocol):
    """Where signed-in clients of botocore come from. Any thread may ask."""

    def client(self, service: str) -> BaseClient:
        """The client of a service, made when it is first asked for.

        Raises:
            AwsSignIn: there are no credentials, or no region.
        """

    def reopen(self, service: str, stale: BaseClient) -> None:
        """Sign in anew, unless somebody else did since `stale` was given out."""


class AwsClient:
    """A client of one service in one account and region; an `app.ports.Caller`. Any thread may call it.

    Args:
        service: as botocore names it: "ssm", "secretsmanager", "kms", "iam", "sts".
        region: such as "eu-west-1".
        door: signs in.
        pacer: shared with all clients of this service in this account and region.
        profile: of the AWS configuration, for what is said.
        cancelled: asked before each attempt and while waiting.
    """

    def __init__(
        self,
        service: str,
        region: str,
        door: Door,
        pacer: Pacer,
        *,
        profile: str = "",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._service, self._region, self._door = service, region, door
        self._pacer, self._profile, self._cancelled = pacer, profile, cancelled
        self._random = SystemRandom()

    @property
    def region(self) -> str:
        """Such as "eu-west-1"."""
        return self._region

    @property
    def pacer(self) -> Pacer:
        """Tells how long so many calls will take, and how many were throttled."""
        return self._pacer

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
        """One operation; see `app.ports.Caller.call`.

        Raises:
            AwsError: one of its kinds; AwsUnanswered after a write that may have been carried out.
            Cancelled: `cancelled` said so between two attempts.
            Locked: the vault was locked.
        """
        client = self._door.client(self._service)
        tokens = client.meta.service_model.operation_model(operation).idempotent_members
        for token in tokens:
            parameters.setdefault(token, _new_token())  # botocore would take another at each attempt
        call = Call(f"{self._service}:{operation}", parameters, self._profile)
        tries = _Tries(
            call,
            reads=operation.startswith(_READS),
            once=not tokens and operation not in _REPEATABLE,
        )
        while True:
            answer = self._attempt(client, operation, tries)
            if answer is not None:
                return answer
            if tries.is_stale:
                tries.is_stale = False
                self._door.reopen(self._service, client)
                client = self._door.client(self._service)

    def _attempt(self, client: BaseClient, operation: str, tries: _Tries) -> dict[str, Any] | None:
        """One try; None if another is due."""
        from botocore import xform_name

        permit = self._pacer.enter(operation, self._cancelled)
        try:
            answer: dict[str, Any] = getattr(client, xform_name(operation))(**tries.call.parameters)
        except Exception as error:  # noqa: BLE001  # a parser of what anybody may answer
            trouble = trouble_of(error, tries.call)
            if trouble.outcome is Outcome.THROTTLED:
                self._pacer.refused(operation, permit, trouble.pause)
            elif trouble.outcome in {Outcome.UNSENT, Outcome.UNANSWERED}:
                self._pacer.lost(operation, permit)
            else:
                self._pacer.answered(operation, permit)
        except BaseException:
            self._pacer.lost(operation, permit)
            raise
        else:
            self._pacer.answered(operation, permit)
            promised = _PROMISED.get(operation)
            if promised in _LISTS and promised not in answer and _is_json_of_aws(answer):
                answer[promised] = []  # a server may leave out what is empty
            if promised is None or promised in answer:
                answer.pop("ResponseMetadata", None)
                return answer
            message = Said(
                "{subject}: its answer has no {promised}", subject=tries.call.subject, promised=promised
            )
            trouble = Trouble(Outcome.FINAL, AwsGarbled(message, "", tries.call.operation))
        if tries.is_done_after(trouble):
            return {}
        if trouble.outcome is not Outcome.THROTTLED:  # those wait for the pacer
            self._rest(tries.pause(self._random.uniform(0, 1), trouble.pause))
        return None

    def _rest(self, seconds: float) -> None:
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0:
            if self._cancelled():
                raise Cancelled(Said("stopped between two calls"))
            sleep(min(left, _GLANCE))


class _Tries:
    """What became of a call so far, and whether to try again."""

    def __init__(self, call: Call, *, reads: bool, once: bool) -> None:
        self.call = call
        self.is_stale = False  # the sign-in; set once
        self._was_stale = False
        self._reads, self._once = reads, once
        self._failures = self._throttles = 0
        self._doubt = False  # an attempt may have been carried out
        self._since: float | None = None  # of the first failure

    def is_done_after(self, trouble: Trouble) -> bool:
        """Whether what the call asks for is so already; False: try again.

        Raises:
            AppError, VaultError: there is nothing left to try.
        """
        self._since = self._since or monotonic()
        is_late = monotonic() - self._since > _PATIENCE
        if trouble.outcome is Outcome.FINAL:
            if trouble.stale and not self._was_stale:
                self.is_stale = self._was_stale = True
                return False
            if self._doubt and isinstance(trouble.error, AwsMissing) and ":Delete" in self.call.operation:
                return True  # an attempt without answer did it
            self._give_up(trouble.error)
        if trouble.outcome is Outcome.THROTTLED:
            self._throttles += 1
            if self._throttles > _THROTTLES or is_late:
                self._give_up(trouble.error)
            return False
        self._failures += 1
        if trouble.outcome is Outcome.UNANSWERED and not self._reads:
            self._doubt = True
            if self._once:
                raise trouble.error
        attempts = ATTEMPTS if trouble.outcome is not Outcome.UNSENT else _UNSENT_ATTEMPTS
        if self._failures >= attempts or is_late:
            self._give_up(trouble.error)
        return False

    def pause(self, drawn: float, asked: float) -> float:
        """Seconds to rest before the next attempt; `drawn` is from 0 to 1."""
        bound: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**self._failures)
        return max(asked, drawn * bound)

    def _give_up(self, error: Exception) -> None:
        if isinstance(error, AwsUnanswered) and self._reads:
            raise AwsOffline(said_by(error), error.aws, error.operation)
        if isinstance(error, AwsError) and self._doubt and not isinstance(error, AwsUnanswered):
            message = Said("{why}; an attempt before may have been carried out", why=said_by(error))
            raise AwsUnanswered(message, error.aws, error.operation)
        raise error


def _is_json_of_aws(answer: Mapping[str, Any]) -> bool:
    """Whether it was told to be JSON of AWS: no page of a captive portal is."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get("content-type", "")).startswith("application/x-amz-json")


def _new_token() -> str:
    from uuid import uuid4

    return str(uuid4())
