"""Tags and labels, key by key: two mappings that grew from one. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def merge_keys(
    base: Mapping[str, str], mine: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Merge two mappings that grew from one, key by key.

    Returns:
        The merged mapping, with mine where both changed a key, and the keys that both changed, and not alike.
    """
    merged, torn = {}, []
    for key in sorted({*base, *mine, *theirs}):
        old, my, their = base.get(key), mine.get(key), theirs.get(key)
        taken = their if my == old else my
        if my not in (old, their) and their != old:
            torn.append(key)
        if taken is not None:
            merged[key] = taken
    return merged, torn
