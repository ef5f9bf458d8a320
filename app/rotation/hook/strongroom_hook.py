"""What a rotation function needs to run under Strongroom, in one file: copy it next to the function.

    import strongroom_hook

    def lambda_handler(event, context):
        service_client = strongroom_hook.client()  # in place of boto3.client("secretsmanager", …)
        ...

    if __name__ == "__main__":
        strongroom_hook.run(lambda_handler)

and `strongroom rotation set PATH --target command --option run="/usr/bin/python3 /path/to/function.py"`.
It needs Python 3.8 and nothing else. What the function prints goes to stderr.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


class ClientError(Exception):
    """The vault refused a call; `response` is as botocore has it."""

    def __init__(self, code: str, message: str, operation: str) -> None:
        super().__init__(f"An error occurred ({code}) when calling the {operation} operation: {message}")
        self.response = {"Error": {"Code": code, "Message": message}}
        self.operation_name = operation


class _Exceptions:
    """One class for every error code, such as `exceptions.ResourceNotFoundException`."""

    def __init__(self) -> None:
        self._made: dict[str, type[ClientError]] = {"ClientError": ClientError}

    def __getattr__(self, code: str) -> type[ClientError]:
        if not code.isidentifier() or code.startswith("_"):
            raise AttributeError(code)
        return self._made.setdefault(code, type(code, (ClientError,), {}))


class _Client:
    """The calls of boto3's client of Secrets Manager that a rotation function makes, with their names."""

    exceptions = _Exceptions()

    def __init__(self, requests: TextIO, answers: TextIO) -> None:
        self._requests, self._answers = requests, answers

    def get_secret_value(self, **parameters: object) -> dict[str, Any]:
        """AWSCURRENT, or the version that VersionId and VersionStage name."""
        return self._call("GetSecretValue", parameters)

    def put_secret_value(self, **parameters: object) -> dict[str, Any]:
        """The new value, in createSecret: ClientRequestToken=token, VersionStages=["AWSPENDING"]."""
        return self._call("PutSecretValue", parameters)

    def describe_secret(self, **parameters: object) -> dict[str, Any]:
        """VersionIdsToStages and RotationEnabled."""
        return self._call("DescribeSecret", parameters)

    def update_secret_version_stage(self, **parameters: object) -> dict[str, Any]:
        """Move AWSCURRENT to the new version, in finishSecret; the vault does it after the program."""
        return self._call("UpdateSecretVersionStage", parameters)

    def get_random_password(self, **parameters: object) -> dict[str, Any]:
        """A new password, made by the vault."""
        return self._call("GetRandomPassword", parameters)

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        told = dict(parameters)
        if "SecretBinary" in told:
            told["SecretBinary"] = base64.b64encode(told["SecretBinary"]).decode("ascii")
        self._requests.write(json.dumps({operation: told}) + "\n")
        self._requests.flush()
        answer = json.loads(self._answers.readline())
        if "Error" in answer:
            code, message = answer["Error"]["Code"], answer["Error"]["Message"]
            raise getattr(self.exceptions, code)(code, message, operation)
        result: dict[str, Any] = answer["Result"]
        if "SecretBinary" in result:
            result["SecretBinary"] = base64.b64decode(result["SecretBinary"])
        return result


_clients: list[_Client] = []


def client() -> _Client:
    """The client, within `run`."""
    if not _clients:
        raise RuntimeError("strongroom_hook.client() works within strongroom_hook.run()")
    return _clients[-1]


def run(lambda_handler: Callable[[dict[str, Any], None], object]) -> NoReturn:
    """Do the step that is asked for, and end the program: with 0, or with 1 and the error on stderr."""
    requests = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # stdout is for requests; what the function prints is not
    _clients.append(_Client(requests, sys.stdin))
    lambda_handler(json.loads(sys.stdin.readline()), None)
    sys.exit(0)
