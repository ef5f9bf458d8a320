"""Links: what the vault remembers of an entry's counterpart at a remote, as frozen values. No rule, no SQL.

Three sides meet in a sync: the *base* (what both agreed on last), the local entry, and what was *seen* there.
Versions at a remote are texts: the number of a parameter's version, the VersionId of a secret's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from vault.policies import Policy, policies_json
from vault.records import Tier, ValueType
from vault.storage.codes import milliseconds, moment
from vault.storage.entries import policies_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


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

    act: str  # "create", "overwrite", "facts" or "delete"
    version: str  # there, that it stands on; "" for a creation
    fingerprint: bytes | None  # of the value that it writes
    number: int  # of the version here that it writes
    facts: Facts  # that it writes
    begun_at: datetime  # UTC, of our clock


class Link(NamedTuple):
    """All that is remembered of one name at one remote."""

    name: str
    entry_id: int | None  # the entry here that it was last agreed with
    base: Base | None
    former: Base | None  # the last base of what is gone at both sides; undeleting goes by it
    seen: Seen | None  # None: not there, or never looked at
    overtaken: Seen | None  # what somebody wrote and our write went over, until a person has decided
    intent: Intent | None
    removed_at: datetime | None  # UTC; when this vault deleted it there


def facts_json(facts: Facts) -> dict[str, Any]:
    """Facts as a JSON object; what is the default is left out."""
    said: dict[str, Any] = {
        "type": facts.value_type,
        "tier": facts.tier,
        "key": facts.key,
        "data_type": None if facts.data_type == "text" else facts.data_type,
        "description": facts.description or None,
        "allowed_pattern": facts.allowed_pattern,
        "policies": policies_json(facts.policies) if facts.policies else None,
        "tags": None if facts.tags is None else dict(facts.tags),
        "labels": None if facts.labels is None else dict(facts.labels),
    }
    return {name: value for name, value in said.items() if value is not None}


def facts_of(said: Mapping[str, Any]) -> Facts:
    """Facts from their JSON object."""
    tier, value_type = said.get("tier"), said.get("type")
    return Facts(
        None if value_type is None else ValueType(value_type),
        None if tier is None else Tier(tier),
        said.get("key"),
        said.get("data_type", "text"),
        said.get("description", ""),
        said.get("allowed_pattern"),
        policies_of(said["policies"]) if "policies" in said else (),
        said.get("tags"),
        said.get("labels"),
    )


def seen_json(seen: Seen) -> dict[str, Any]:
    """A sighting with its fingerprint as a JSON object; the name is the row's."""
    sighting = seen.sighting
    said: dict[str, Any] = {"version": sighting.version, "facts": facts_json(sighting.facts)}
    if sighting.incarnation:
        said["incarnation"] = sighting.incarnation
    if sighting.modified_at is not None:
        said["modified_at"] = milliseconds(sighting.modified_at)
    if sighting.modified_by:
        said["modified_by"] = sighting.modified_by
    if sighting.read_only:
        said["read_only"] = sighting.read_only
    if seen.fingerprint is not None:
        said["fingerprint"] = seen.fingerprint.hex()
    return said


def seen_of(name: str, said: Mapping[str, Any]) -> Seen:
    """A sighting from its JSON object."""
    modified = said.get("modified_at")
    return Seen(
        Sighting(
            name,
            said["version"],
            said.get("incarnation", ""),
            None if modified is None else moment(modified),
            said.get("modified_by", ""),
            facts_of(said["facts"]),
            said.get("read_only", ""),
        ),
        _octets(said),
    )


def base_json(base: Base) -> dict[str, Any]:
    """A base as a JSON object."""
    said: dict[str, Any] = {
        "there": seen_json(base.there),
        "here": facts_json(base.here),
        "number": base.number,
        "agreed_at": milliseconds(base.agreed_at),
    }
    if base.fingerprint is not None:
        said["fingerprint"] = base.fingerprint.hex()
    return said


def base_of(name: str, said: Mapping[str, Any]) -> Base:
    """A base from its JSON object."""
    return Base(
        seen_of(name, said["there"]),
        facts_of(said["here"]),
        _octets(said),
        said["number"],
        moment(said["agreed_at"]),
    )


def intent_json(intent: Intent) -> dict[str, Any]:
    """An intent as a JSON object."""
    said: dict[str, Any] = {
        "act": intent.act,
        "version": intent.version,
        "number": intent.number,
        "facts": facts_json(intent.facts),
        "begun_at": milliseconds(intent.begun_at),
    }
    if intent.fingerprint is not None:
        said["fingerprint"] = intent.fingerprint.hex()
    return said


def intent_of(said: Mapping[str, Any]) -> Intent:
    """An intent from its JSON object."""
    return Intent(
        said["act"],
        said["version"],
        _octets(said),
        said["number"],
        facts_of(said["facts"]),
        moment(said["begun_at"]),
    )


def _octets(said: Mapping[str, Any]) -> bytes | None:
    text = said.get("fingerprint")
    return None if text is None else bytes.fromhex(text)
