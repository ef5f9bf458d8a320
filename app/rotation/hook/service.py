"""Service: the five calls of Secrets Manager that a rotation function makes, for one step of one attempt.

What it answers are AWS's own shapes and error codes (reference section 2). The values are those of the
attempt, no others; nothing is written here, and `put` is what the function wants to be the pending value.
"""

from __future__ import annotations

import base64
import hashlib
import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from app import generate
from app.rotation.credential import Credential
from vault import json_text
from vault.errors import Refused
from vault.labels import CURRENT, PENDING, PREVIOUS
from vault.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_VALUE: Final = 65_536  # bytes
MAX_REQUESTS: Final = 1000  # in one step
_INVALID: Final = "InvalidParameterException"
_REQUEST: Final = "InvalidRequestException"
_MISSING: Final = "ResourceNotFoundException"


class Step(StrEnum):
    """AWS's four steps, as they are named in the event."""

    CREATE = "createSecret"
    SET = "setSecret"
    TEST = "testSecret"
    FINISH = "finishSecret"


class Held(NamedTuple):
    """The versions that a function may read. Whoever made them wipes them."""

    current: Credential
    pending: Credential | None
    previous: Credential | None
    admin: tuple[str, Credential] | None  # its path


class NoRequest(Exception):
    """A line is none that the protocol has."""


class _Refused(Exception):
    """A request is refused, with AWS's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Service:
    """Answers requests.

    Attributes:
        put: the value that the function wants to be the pending one, None as long as it has put none.
        seen: every credential that it was given or gave, to mask what it says.
    """

    def __init__(self, step: Step, path: str, token: str, held: Held) -> None:
        """Nothing is asked yet."""
        self._step, self._path, self._token, self._held = step, path, token, held
        self._moved = False
        self._count = 0
        self.put: Credential | None = None
        self.seen: list[Credential] = [
            one for one in (held.current, held.pending, held.previous, held.admin and held.admin[1]) if one
        ]

    def event(self) -> bytes:
        """The line that begins a step: AWS's event."""
        told = {"Step": self._step, "SecretId": self._path, "ClientRequestToken": self._token}
        return _line(told)

    def answer(self, line: bytes) -> bytes:
        """The line that answers a line.

        Raises:
            NoRequest: the line is no request at all, or there were too many.
        """
        self._count += 1
        if self._count > MAX_REQUESTS:
            raise NoRequest(f"more than {MAX_REQUESTS} requests")
        try:
            told = json_text.parsed(line)
        except ValueError:
            raise NoRequest("a line that is not JSON") from None
        if not (isinstance(told, dict) and len(told) == 1):
            raise NoRequest("JSON that is not an object with one operation")
        ((operation, parameters),) = told.items()
        if not isinstance(parameters, dict):
            raise NoRequest("an operation without an object of parameters")
        try:
            return _line({"Result": self._call(operation, parameters)})
        except _Refused as refused:
            return _line({"Error": {"Code": refused.code, "Message": str(refused)}})

    def _call(self, operation: str, given: Mapping[str, Any]) -> dict[str, Any]:
        match operation:
            case "GetSecretValue":
                _check(given, "SecretId", VersionId=str, VersionStage=str)
                return self._get(given["SecretId"], given.get("VersionId", ""), given.get("VersionStage", ""))
            case "PutSecretValue":
                shapes = {"VersionStages": list, "SecretString": str, "SecretBinary": str}
                _check(given, "SecretId", "ClientRequestToken", **shapes)
                return self._put(given)
            case "DescribeSecret":
                _check(given, "SecretId")
                return self._describe(given["SecretId"])
            case "UpdateSecretVersionStage":
                _check(given, "SecretId", "VersionStage", MoveToVersionId=str, RemoveFromVersionId=str)
                return self._move(given)
            case "GetRandomPassword":
                _check(given, **_OF_PASSWORD)
                return self._random(given)
        raise _Refused("UnknownOperationException", "A rotation function has five operations; this is none.")

    def _versions(self) -> dict[str, tuple[Credential | None, list[str]]]:
        """VersionId to value and stages; the pending version is there before it has a value."""
        current, previous = self._id(CURRENT), self._id(PREVIOUS)
        found: dict[str, tuple[Credential | None, list[str]]] = {}
        if self._moved:
            found[current] = self._held.current, [PREVIOUS]
            found[self._token] = self._held.pending, [CURRENT, PENDING]
            return found
        found[current] = self._held.current, [CURRENT]
        found[self._token] = self._held.pending or self.put, [PENDING]
        if self._held.previous is not None:
            found[previous] = self._held.previous, [PREVIOUS]
        return found

    def _id(self, stage: str) -> str:
        """A VersionId that stands for a version in this run; parameters have none of their own."""
        return str(UUID(bytes=hashlib.sha256(f"{self._token} {stage}".encode()).digest()[:16]))

    def _get(self, secret_id: str, version: str, stage: str) -> dict[str, Any]:
        admin = self._held.admin
        if admin and secret_id == admin[0] and not version and stage in {"", CURRENT}:
            return _shown(admin[0], self._id(admin[0]), admin[1], [CURRENT])
        self._own(secret_id)
        stage = stage or ("" if version else CURRENT)
        versions = self._versions()
        found = version or next((each for each, (_, on) in versions.items() if stage in on), "")
        value, stages = versions.get(found, (None, []))
        if value is None:
            asked = f"VersionId: {version[:64]}" if version else f"staging label: {stage[:256]}"
            raise _Refused(_MISSING, f"{_CANNOT_FIND} value for {asked}")
        if stage and stage not in stages:
            msg = "You provided a VersionStage that is not associated to the provided VersionId."
            raise _Refused(_REQUEST, msg)
        return _shown(self._path, found, value, stages)

    def _put(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._own(given["SecretId"])
        if self._step is not Step.CREATE:
            raise _Refused(_REQUEST, "A value is put in createSecret, and in no other step.")
        if given["ClientRequestToken"] != self._token or given.get("VersionStages") != [PENDING]:
            msg = "Put it with the ClientRequestToken of the event and VersionStages=['AWSPENDING']."
            raise _Refused(_INVALID, msg)
        if ("SecretString" in given) == ("SecretBinary" in given):
            raise _Refused(_INVALID, "You must provide either SecretString or SecretBinary, and not both.")
        try:
            text = given.get("SecretString")
            octets = base64.b64decode(given["SecretBinary"], validate=True) if text is None else text.encode()
        except ValueError:
            raise _Refused(_INVALID, "The value is neither Unicode nor base64.") from None
        if not 1 <= len(octets) <= MAX_VALUE:
            raise _Refused(_INVALID, f"A value has from 1 to {MAX_VALUE} bytes.")
        new = Credential(Secret(octets))
        self.seen.append(new)
        if self.put is not None and self.put.secret != new.secret:
            msg = f"You can't use ClientRequestToken {self._token} because that value is already in use."
            raise _Refused("ResourceExistsException", msg)
        self.put = new
        return {"ARN": self._path, "Name": self._path, "VersionId": self._token, "VersionStages": [PENDING]}

    def _describe(self, secret_id: str) -> dict[str, Any]:
        self._own(secret_id)
        stages = {each: on for each, (_, on) in self._versions().items()}
        return {
            "ARN": self._path,
            "Name": self._path,
            "RotationEnabled": True,
            "VersionIdsToStages": stages,
        }

    def _move(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._own(given["SecretId"])
        if self._step is not Step.FINISH:
            raise _Refused(_REQUEST, "Staging labels are moved in finishSecret, and in no other step.")
        stage, to = given["VersionStage"], given.get("MoveToVersionId", "")
        holder = self._token if self._moved or stage == PENDING else self._id(CURRENT)
        if (stage, to) not in {(CURRENT, self._token), (PENDING, "")}:
            msg = "AWSCURRENT is moved to the version of the event, and AWSPENDING is taken off it."
            raise _Refused(_INVALID, msg)
        if given.get("RemoveFromVersionId") != holder:
            msg = f"{stage} is currently attached to version {holder}; RemoveFromVersionId must name it."
            raise _Refused(_INVALID, f"Staging label {msg}")
        self._moved = self._moved or stage == CURRENT
        return {"ARN": self._path, "Name": self._path}

    def _random(self, given: Mapping[str, Any]) -> dict[str, Any]:
        spec = generate.PasswordSpec(
            length=given.get("PasswordLength", 32),
            uppercase=not given.get("ExcludeUppercase"),
            lowercase=not given.get("ExcludeLowercase"),
            digits=not given.get("ExcludeNumbers"),
            punctuation="" if given.get("ExcludePunctuation") else generate.PasswordSpec().punctuation,
            space=given.get("IncludeSpace", False),
            exclude=given.get("ExcludeCharacters", ""),
            exclude_lookalikes=False,
            require_each=given.get("RequireEachIncludedType", True),
        )
        try:
            made = generate.password(spec).value
        except Refused as error:
            raise _Refused(_INVALID, str(error)) from None
        self.seen.append(Credential(made))
        return {"RandomPassword": made.reveal_text()}

    def _own(self, secret_id: str) -> None:
        if secret_id not in {self._path, self._path.removeprefix("/")}:
            raise _Refused(_MISSING, f"{_CANNOT_FIND}.")


_CANNOT_FIND: Final = "Secrets Manager can't find the specified secret"
_OF_PASSWORD: Final[dict[str, type]] = {
    "PasswordLength": int,
    "ExcludeCharacters": str,
    **dict.fromkeys(
        (
            "ExcludeNumbers", "ExcludePunctuation", "ExcludeUppercase", "ExcludeLowercase",
            "IncludeSpace", "RequireEachIncludedType",
        ),
        bool,
    ),
}  # fmt: skip


def _check(given: Mapping[str, Any], *needed: str, **more: type) -> None:
    """Refuse parameters that are not known, of the wrong type, or missing; the needed ones are texts."""
    shapes = dict.fromkeys(needed, str) | more
    for name, value in given.items():
        if name not in shapes:
            raise _Refused(_INVALID, "A rotation function has no such parameter here.")
        if type(value) is not shapes[name]:
            raise _Refused(_INVALID, f"{name} is of the wrong type.")
    if missing := [name for name in needed if name not in given]:
        raise _Refused(_INVALID, f"{', '.join(missing)} must be given.")


def _shown(path: str, version: str, value: Credential, stages: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"ARN": path, "Name": path, "VersionId": version, "VersionStages": stages}
    octets = value.secret.reveal()
    try:
        return told | {"SecretString": octets.decode()}
    except UnicodeDecodeError:
        return told | {"SecretBinary": base64.b64encode(octets).decode("ascii")}


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told).encode("ascii") + b"\n"
