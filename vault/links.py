"""Links: what the vault remembers of an entry's counterpart at a remote, as frozen values. No rule, no SQL.

Three sides meet in a sync: the *base* (what both agreed on last), the local entry, and what was *seen* there.
Versions at a remote are texts: the number of a parameter's version, the VersionId of a secret's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vault.policies import Policy
    from vault.records import Tier, ValueType


class Facts(NamedTuple):
    """What one side says of an entry beside its value."""

    value_type: ValueType | None  # None where the listing does not tell (secrets)
    tier: Tier | None = None  # None for secrets
    key: str | None = None  # KMS key as AWS names it; None for the service's own, and for plain values
    data_type: str = "text"
    description: str = ""
    allowed_pattern: str | None = None
    policies: tuple[Policy, ...] = ()
    tags: Mapping[str, str] | None = None  # None: not read
    labels: Mapping[str, str] | None = None  # label or staging label to version; None: not read


class Sighting(NamedTuple):
    """What a listing tells of one entry there."""

    name: str
    version: str  # the current one; "" for a secret without a value
    incarnation: str  # tells a deleted and made-again entry from the old one: a secret's ARN; "" else
    modified_at: datetime | None  # UTC, of the service's clock
    modified_by: str  # ARN of who changed it last; "" where AWS does not tell
    facts: Facts
    read_only: str = ""  # why it cannot be written there, such as "it is managed by rds"; "" where it can


class Seen(NamedTuple):
    """An entry there as it was last seen."""

    sighting: Sighting
    fingerprint: bytes | None  # of its value under the vault's fingerprint key; None: not known, or no value


class Base(NamedTuple):
    """What both sides agreed on last. Each side is kept as it was, for each may spell things its own way."""

    there: Seen
    here: Facts  # labels are numbers of versions here
    fingerprint: bytes | None  # of the value here
    number: int  # current version here; 0 for a secret without a value
    agreed_at: datetime  # UTC, of our clock


class Intent(NamedTuple):
    """A write that was begun there and whose answer is not known yet."""

    act: str  # "create", "overwrite", "facts", "stage" (a version beside the current one) or "delete"
    version: str  # there, that it stands on; "" for a creation
    fingerprint: bytes | None  # of the value that it writes
    number: int  # of the version here that it writes
    facts: Facts  # that it writes
    begun_at: datetime  # UTC, of our clock


class Link(NamedTuple):
    """All that is remembered of one name at one remote."""

    name: str
    entry_id: int | None = None  # the entry here that it was last agreed with
    base: Base | None = None
    former: Base | None = None  # the last base of what is gone at both sides; undeleting goes by it
    seen: Seen | None = None  # None: not there, or never looked at
    overtaken: Seen | None = None  # what somebody wrote and our write went over, until a person has decided
    intent: Intent | None = None
    removed_at: datetime | None = None  # UTC; when this vault deleted it there
