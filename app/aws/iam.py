"""Access keys of one IAM user. Rules: reference section 4.1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from app.aws import answers
from app.aws.access_key import AccessKey
from app.aws.doubt import doubted
from app.errors import AwsGarbled
from vault.errors import Said

if TYPE_CHECKING:
    from datetime import datetime

    from app.ports import Caller

MAX_KEYS: Final = 2  # of one user; inactive ones count
FULL: Final = "LimitExceeded"
"""IAM's error code where a user has that many."""
_KEY = re.compile(r"[A-Za-z0-9_]{16,128}", re.ASCII)
_LISTED: Final = 100  # far more than a user can have
_SECRET: Final = 128  # characters


class UserKey(NamedTuple):
    """An access key as IAM lists it."""

    id: str
    active: bool
    created: datetime | None  # UTC, of the service's clock


class LastUse(NamedTuple):
    """When a key signed a call last. IAM tells it late: it is a hint."""

    user: str  # whose key it is
    at: datetime | None  # UTC; None for never
    service: str
    region: str


class AccessKeys:
    """The keys of one user.

    Args:
        caller: of the service "iam".
        user: whose; "" for the one whose key signs.
    """

    def __init__(self, caller: Caller, user: str) -> None:
        self._caller = caller
        self._user = {"UserName": user} if user else {}

    def listed(self) -> list[UserKey]:
        """All of them, the oldest first; what was made or deleted a moment ago may be told late."""
        answer = self._caller.call("ListAccessKeys", **self._user)
        found = [
            UserKey(_id_of(row), answers.text(row, "Status") == "Active", answers.moment(row, "CreateDate"))
            for row in answers.rows(answer, "AccessKeyMetadata", limit=_LISTED)
        ]
        return sorted(found, key=lambda key: key.created.timestamp() if key.created else 0.0)

    def create(self) -> AccessKey:
        """Make one; this answer alone tells its secret.

        Raises:
            AwsRefused: "LimitExceeded": the user has two.
            AwsUnanswered: it may have been made; `listed` tells, and its secret is lost.
        """
        with doubted("iam:CreateAccessKey"):
            answer = self._caller.call("CreateAccessKey", **self._user)
            made = answers.structure(answer, "AccessKey")
            return AccessKey(_id_of(made), answers.text(made, "SecretAccessKey", limit=_SECRET), None)

    def deactivate(self, key: str) -> None:
        """Have a key sign nothing any more; that can be taken back.

        Raises:
            AwsMissing: there is no such key.
        """
        self._caller.call("UpdateAccessKey", AccessKeyId=key, Status="Inactive", **self._user)

    def delete(self, key: str) -> None:
        """Delete a key for good.

        Raises:
            AwsMissing: there is no such key.
        """
        self._caller.call("DeleteAccessKey", AccessKeyId=key, **self._user)

    def last_use(self, key: str) -> LastUse:
        """When, and for what, a key signed last, and whose it is."""
        answer = self._caller.call("GetAccessKeyLastUsed", AccessKeyId=key)
        told = answers.structure(answer, "AccessKeyLastUsed")
        return LastUse(
            answers.text_or(answer, "UserName", limit=128),
            answers.moment(told, "LastUsedDate"),
            answers.text_or(told, "ServiceName", limit=128),
            answers.text_or(told, "Region", limit=128),
        )


def _id_of(row: dict[str, Any]) -> str:
    found = answers.text(row, "AccessKeyId")
    if not _KEY.fullmatch(found):
        raise AwsGarbled(Said("AccessKeyId in its answer is none"))
    return found
