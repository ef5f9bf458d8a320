"""JSON of links: docs/format.md, section 4, names the members. What is empty is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.links import Base, Facts, Intent, Seen, Sighting
from vault.policies import policies_json
from vault.records import Tier, ValueType
from vault.storage.codes import milliseconds, moment
from vault.storage.entries import policies_of

if TYPE_CHECKING:
    from collections.abc import Mapping


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
