"""Callers for the stores' tests: one with written answers, and one over boto3 that counts its calls."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from app.errors import AwsDenied, AwsError, AwsExists, AwsMissing, AwsRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.handles import Endpoint

KINDS: dict[str, type[AwsError]] = {
    "AccessDeniedException": AwsDenied,
    "ParameterNotFound": AwsMissing,
    "ParameterVersionNotFound": AwsMissing,
    "ResourceNotFoundException": AwsMissing,
    "ParameterAlreadyExists": AwsExists,
    "ResourceExistsException": AwsExists,
}


class Scripted:
    """Answers as they are written down, one list an operation, in order; an error there is raised."""

    region = "eu-west-1"
    ahead = timedelta()

    def __init__(self, **answers: list[Any]) -> None:
        self._answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        self.calls.append((operation, parameters))
        answer = self._answers[operation].pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, dict)
        return deepcopy(answer)

    def said(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.calls if name == operation]


class OverBoto:
    """Straight to a server by boto3, without retries. `before` and `after` may strike around any call."""

    region = "eu-west-1"
    ahead = timedelta()

    def __init__(self, endpoint: Endpoint, service: str) -> None:
        self._client, self._service = endpoint.client(service), service
        self.count: Counter[str] = Counter()
        self.before: Callable[[str], None] = lambda operation: None
        self.after: Callable[[str], None] = lambda operation: None

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401
        self.before(operation)
        self.count[operation] += 1
        method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation)[1:]
        try:
            answer: dict[str, Any] = getattr(self._client, method)(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            kind = KINDS.get(code, AwsRefused)
            message = error.response["Error"].get("Message", code)
            raise kind(message, code, f"{self._service}:{operation}") from None
        self.after(operation)
        return answer
