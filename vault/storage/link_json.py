"""JSON of links: docs/format.md, section 4, names the members. What is empty is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vault.links import Base, Facts, Intent, Seen, Sighting
from vault.policies import policies_json
from vault.records import Tier, ValueType
from vault.storage.codes import milliseconds, moment
from vault.storage.entries import policies_of
from vault.storage.json_text import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


_VALUE_TYPES: Final[Mapping[str | None, ValueType | None]] = {None: None} | {
    word.value: word for word in ValueType
}
_TIERS: Final[Mapping[str | None, Tier | None]] = {None: None} | {word.value: word for word in Tier}


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
    return Facts(
        _VALUE_TYPES[said.get("type")],
        _TIERS[said.get("tier")],
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


def seen_text(seen: Seen) -> str:
    """A sighting as the text of its column."""
    return text_of(seen_json(seen))


def base_text(base: Base, seen: Seen | None = None, text: str | None = None) -> str:
    """A base as the text of its column; `seen` and its text, which most bases hold, if made by now."""
    said: dict[str, Any] = {
        "here": facts_json(base.here),
        "number": base.number,
        "agreed_at": milliseconds(base.agreed_at),
    }
    if base.fingerprint is not None:
        said["fingerprint"] = base.fingerprint.hex()
    there = text if text is not None and base.there == seen else seen_text(base.there)
    return f'{text_of(said)[:-1]},"there":{there}}}'  # the last member by name


def base_of(name: str, said: Mapping[str, Any], there: Seen | None = None) -> Base:
    """A base from its JSON object; `there`, if that is made already."""
    return Base(
        there or seen_of(name, said["there"]),
        facts_of(said["here"]),
        _octets(said),
        said["number"],
        moment(said["agreed_at"]),
    )


def sides_of(
    name: str, seen: Mapping[str, Any] | None, base: Mapping[str, Any] | None
) -> tuple[Seen | None, Base | None]:
    """A sighting and a base from their JSON objects. Most are in sync: then they have one in common."""
    sighted = None if seen is None else seen_of(name, seen)
    if base is None:
        return sighted, None
    return sighted, base_of(name, base, sighted if base["there"] == seen else None)


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
