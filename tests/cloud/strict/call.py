"""One authenticated call of one operation, and what an operation may ask of the cloud around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.cloud.strict.access import Caller
    from tests.cloud.strict.cloud import Cloud
    from tests.cloud.strict.place import Place


class Call(NamedTuple):
    cloud: Cloud
    place: Place
    caller: Caller
    service: str  # "ssm", "secretsmanager", "kms", "iam" or "sts"
    operation: str
    body: dict[str, Any]

    @property
    def now(self) -> float:
        return self.cloud.clock.now()

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.place.region}:{self.place.account}:{rest}"

    def authorise(self, action: str, resource: str) -> None:
        """Refuse in AWS's words if a rule denies it."""
        self.cloud.access.authorise(self.caller, action, resource)
