"""What is written of an entry beside its row: the text that search finds, the facts a version keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault import policies as policy_rules
from vault.storage import entries as entry_rows
from vault.storage import search as search_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vault.records import Entry


def indexed_text(entry: Entry, held: Iterable[str]) -> str:
    """What search finds an entry by."""
    tags = entry_rows.tags_text(entry.tags) if entry.tags else None
    return search_rows.indexed_text(entry.path, entry.description, tags, held)


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
