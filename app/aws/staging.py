"""Versions of a secret and the staging labels on them: putting one, and moving labels by compare-and-swap.

Reference section 2.4: UpdateSecretVersionStage fails unless RemoveFromVersionId is the very version that has
the label, so a version that was put under a private label becomes the current one only on top of a known one.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from app.aws import answers, secret_rows
from app.aws.doubt import doubted
from app.aws.labelling import PRIVATE
from app.errors import AwsError, AwsGarbled, AwsMissing, AwsRefused, AwsUnanswered, Overtaken
from vault.errors import Said
from vault.labels import CURRENT, PREVIOUS

if TYPE_CHECKING:
    from datetime import datetime

    from app.ports import Caller, Push


class Staging:
    """The secrets of one account and region, as far as their staging labels go."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def described(self, name: str) -> dict[str, Any] | None:
        """What DescribeSecret answers now; None for what is not there, or deleted and waiting to be gone."""
        try:
            answer = self._caller.call("DescribeSecret", SecretId=name)
        except AwsMissing:
            return None
        if secret_rows.name_of(answer) != name:
            raise AwsGarbled(Said("it answered another secret than {name}", name=name))
        return None if answers.moment(answer, "DeletedDate") else answer

    def held(self, name: str) -> dict[str, str] | None:
        """Staging label to version as it is now, with the private ones; None if the secret is not there."""
        answer = self.described(name)
        return None if answer is None else secret_rows.stages_of(answer)

    def deletion(self, name: str) -> datetime | None:
        """When a secret was deleted that waits to be gone; None for any other."""
        try:
            answer = self._caller.call("DescribeSecret", SecretId=name)
        except AwsMissing:
            return None
        return answers.moment(answer, "DeletedDate")

    def is_deleted(self, name: str) -> bool:
        """Whether a refusal comes from that; where it cannot be told, it does not."""
        try:
            return self.deletion(name) is not None
        except AwsError:
            return False

    def put(self, push: Push, private: str) -> list[str]:
        """Put the value under a private label; the staging labels that its version has.

        Raises:
            Overtaken: the secret was deleted.
        """
        said = secret_rows.value_members(push) | {"SecretId": push.name, "VersionStages": [private]}
        try:
            with doubted("secretsmanager:PutSecretValue"):
                answer = self._caller.call("PutSecretValue", **said)
                if answers.text(answer, "VersionId", limit=64) != push.token:
                    raise AwsGarbled(
                        Said("it put another version of {name} than it was asked to", name=push.name)
                    )
                return answers.texts(answer, "VersionStages")
        except AwsRefused:
            if self.described(push.name) is None:
                raise Overtaken(Said("{name} was deleted at AWS", name=push.name), None, "") from None
            raise

    def promote(self, push: Push, base: str, private: str) -> None:
        """Move AWSCURRENT from `base` to the version that was put.

        Raises:
            Overtaken: it is at neither; the private label is taken off again.
        """
        try:
            self.move(push.name, CURRENT, base, push.token)
        except AwsRefused:
            held = self.held(push.name) or {}
            theirs = held.get(CURRENT, "")
            # an earlier try moved it; somebody may have written on top since, and AWS tells that so
            if push.token in {theirs, held.get(PREVIOUS)}:
                return
            if held:
                self.take_off(push.name, private, push.token)
            if held and theirs == base:
                raise
            raise Overtaken(
                Said("{name} was changed at AWS before our write", name=push.name), None, theirs
            ) from None

    def take_off(self, name: str, stage: str, version: str) -> None:
        """Take a staging label off a version, if it is there."""
        try:
            self.move(name, stage, version, "")
        except AwsRefused:
            if (self.held(name) or {}).get(stage) == version:
                raise

    def move(self, name: str, stage: str, source: str, target: str) -> None:
        """Move a staging label; `source` is "" where no version has it, `target` to take it off.

        Raises:
            AwsRefused: among other reasons, it is not at `source`.
            AwsUnanswered: no answer came, and another look did not show it moved.
        """
        ends = {"RemoveFromVersionId": source, "MoveToVersionId": target}
        given = {end: version for end, version in ends.items() if version}
        try:
            with doubted("secretsmanager:UpdateSecretVersionStage"):
                self._caller.call("UpdateSecretVersionStage", SecretId=name, VersionStage=stage, **given)
        except AwsUnanswered as doubt:
            if not self._is_at(name, stage, target):
                raise doubt from None

    def _is_at(self, name: str, stage: str, version: str) -> bool:
        """Whether a staging label is there now; where it cannot be told, it is not."""
        try:
            held = self.held(name)
        except AwsError:
            return False
        return held is not None and held.get(stage, "") == version


def private_stage(token: str) -> str:
    """The private staging label of a write: the same whenever it is tried, others for other writes."""
    return PRIVATE + sha256(token.encode()).hexdigest()[:8]
