"""What is said of an entry beside its value: checked when it is put, kept with each version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import policies as policy_rules
from vault import values as value_rules
from vault.datatypes import check_data, check_data_type
from vault.errors import Refused, Said
from vault.patterns import check_match, check_pattern
from vault.records import Kind

if TYPE_CHECKING:
    from vault.records import Draft, Entry, ValueType


def facts_text(entry: Entry) -> str | None:
    """What a version keeps of its entry, as JSON; None where all of it is the default."""
    facts: dict[str, object] = {}
    if entry.data_type != "text":
        facts["data_type"] = entry.data_type
    if entry.description:
        facts["description"] = entry.description
    if entry.allowed_pattern:
        facts["allowed_pattern"] = entry.allowed_pattern
    if entry.tags:
        facts["tags"] = dict(entry.tags)
    if entry.policies:
        facts["policies"] = policy_rules.policies_json(entry.policies)
    if not facts:
        return None
    from vault.storage.json_text import text_of

    return text_of(facts)


def check_facts(kind: Kind, value_type: ValueType, draft: Draft) -> None:
    """AWS's rules for what a draft says beside its value; what a value is checked by comes with one."""
    of_a_value = (draft.data_type, draft.allowed_pattern, draft.stages, draft.token, draft.context)
    if draft.value is None and any(fact is not None for fact in of_a_value):
        raise Refused(
            "ValidationException",
            Said("a data type, pattern, label, token or encryption context needs a value"),
        )
    if draft.data_type is not None:
        check_data_type(kind, value_type, draft.data_type)
    if draft.allowed_pattern:
        check_pattern(draft.allowed_pattern)
    if draft.description:
        value_rules.check_description(kind, draft.description)
    if draft.tags:
        value_rules.check_tags(kind, draft.tags)
    if draft.policies:
        policy_rules.check_set(draft.policies)


def with_tier(entry: Entry, draft: Draft) -> Entry:
    """The entry in the tier that the draft's value needs; the value is checked on the way."""
    size = 0
    if draft.value is not None:
        octets = draft.value.reveal()
        size = len(octets)
        value_rules.check_value(entry.kind, entry.value_type, octets)
        check_data(entry.value_type, entry.data_type, octets)
        if entry.allowed_pattern:
            check_match(entry.allowed_pattern, entry.value_type, octets)
    if entry.kind is Kind.SECRET:
        if draft.tier is not None:
            raise Refused("ValidationException", Said("a secret has no tier"))
        return entry
    tier = value_rules.resolve_tier(draft.tier, size, entry.policies, entry.data_type, entry.tier)
    return entry if tier is entry.tier else entry._replace(tier=tier)
