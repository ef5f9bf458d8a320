"""What the workflows ask of a store in AWS; `app/aws/` has the two that there are.

Names are the service's own spelling. Versions are texts: the number of a parameter's version, the VersionId
of a secret's. Every call may raise the kinds of `app.errors.AwsError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from vault.links import Facts, Sighting

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from datetime import datetime

    from app.errors import AwsError
    from vault.records import ValueType
    from vault.secret import Secret

__all__ = ["Caller", "Facts", "Fetched", "Identity", "Push", "RemoteStore", "Sighting", "Unreadable"]


class Fetched(NamedTuple):
    """One version there, with its value where that was asked for. Wipe `value` when done."""

    name: str
    version: str
    value: Secret | None  # None for a version without value, or where none was asked for
    value_type: ValueType
    modified_at: datetime | None = None
    modified_by: str = ""
    labels: tuple[str, ...] = ()
    description: str = ""


class Unreadable(NamedTuple):
    """What is there and cannot be read: never take it for deleted. `error` says why."""

    name: str  # "" where not even that can be read
    error: AwsError
    version: str = ""  # "" for the current one


class Push(NamedTuple):
    """What a write shall make of an entry there."""

    name: str
    value: Secret | None  # None: leave the value as it is
    token: str  # ClientRequestToken of a secret's version; "" for parameters
    facts: (
        Facts  # as they shall be; `tags` and `labels` are written by calls of their own, except at creation
    )


class RemoteStore(Protocol):
    """Parameter Store or Secrets Manager, below one prefix."""

    @property
    def batch(self) -> int:
        """How many names one call of `values` takes."""

    def identity(self) -> Identity:
        """Who we are there."""

    def listing(self) -> Generator[list[Sighting | Unreadable], None, None]:
        """Everything below the prefix, page by page, with as few calls as the API allows.

        The next pages are fetched on a thread while one is looked at; close it when it is left early.
        A name may come twice where the pages change while they are read.
        """

    def look(self, name: str) -> Sighting | None:
        """One entry as it is now; None if it is not there."""

    def values(self, names: Sequence[str]) -> list[Fetched | Unreadable]:
        """The current values of up to `batch` names, in one call; what is not there is left out.

        A secret that has no value is told with the version "". Where AWS refuses a call for one of its names,
        the others are asked for one by one.

        Raises:
            AwsDenied: several names were asked for, and each is denied.
        """

    def details(self, sighting: Sighting) -> Facts:
        """The facts with `tags` and `labels` read, where the listing did not tell them."""

    def history(self, name: str, *, with_values: bool) -> list[Fetched | Unreadable]:
        """Every version that is kept there, oldest first, with its labels; empty if it is not there."""

    def version(self, name: str, version: str) -> Fetched:
        """One version with its value.

        Raises:
            AwsMissing: it is no longer kept.
        """

    def beneath(self, which: Sequence[tuple[str, str]]) -> list[Fetched]:
        """Of up to `batch` entries the version that a write was put on, in one call: (name, version).

        What cannot be told is left out: a version that is no longer kept, and secrets, whose versions have
        names that never come again.
        """

    def create(self, push: Push) -> str:
        """Make an entry with value, facts and tags; its version.

        Raises:
            AwsExists: somebody was faster, or a deleted secret still holds the name (`revive` it).
        """

    def overwrite(self, push: Push, base: Sighting) -> str:
        """Write a new version on top of `base`, and the facts that differ from it; its version.

        Raises:
            Overtaken: somebody else wrote after `base`.
            AwsUnanswered: whether it was written is not known; `look` tells.
        """

    def put_beside(self, push: Push) -> None:
        """Put a version of a secret that does not become the current one; `set_labels` labels it.

        Until then a staging label of our own holds it, which `tidy` takes off. Put again, nothing is doubled.

        Raises:
            AwsRefused: it is a parameter; those have no such versions.
            Overtaken: the secret was deleted.
        """

    def set_facts(self, push: Push, base: Sighting) -> str:
        """Change facts that need no new value; the version afterwards (parameters get a new one).

        Raises:
            Overtaken, AwsUnanswered: as `overwrite`.
        """

    def tidy(self, name: str) -> None:
        """Take away what an `overwrite` that was cut off left there beside its version."""

    def set_tags(self, name: str, put: Mapping[str, str], drop: Sequence[str]) -> None:
        """Add or change some tags, and remove others."""

    def set_labels(self, name: str, wanted: Mapping[str, str], found: Mapping[str, str]) -> None:
        """Bring labels (label to version there) from `found` to `wanted`.

        Raises:
            Overtaken: a staging label is no longer where `found` says.
        """

    def delete(self, names: Sequence[str]) -> list[str]:
        """Delete up to 10 entries; what is gone afterwards. Secrets can be revived for 30 days."""

    def revive(self, name: str) -> bool:
        """Cancel the deletion of a secret; whether there was one to cancel (never for parameters)."""


class Identity(NamedTuple):
    """Whose credentials these are."""

    account: str  # 12 digits
    arn: str


class Caller(Protocol):
    """A client of one AWS service in one account and region. Any thread may call it."""

    @property
    def region(self) -> str:
        """Such as "eu-west-1"."""

    def call(self, operation: str, /, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
        """One operation, by its name in botocore's service model, such as "PutParameter".

        It waits for its turn under the service's quotas, repeats what is safe to repeat with growing,
        jittered pauses, and gives the parsed answer.

        Raises:
            AwsError: one of its kinds. After AwsUnanswered a writing call may have been carried out.
        """
