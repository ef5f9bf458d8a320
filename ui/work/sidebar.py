"""What the sidebar asks of the vault on a pool thread: tags, saved searches, counts, what is folded away."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from app import saved_searches
from vault import json_text
from vault.errors import Cancelled

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from app.saved_searches import SavedSearch
    from vault.vault import Vault

FOLDED: Final = "sidebar.folded"
TAGS: Final = 40  # that are listed: those that most entries have


class Tag(NamedTuple):
    """A tag, and how many entries have it."""

    key: str
    value: str
    number: int

    @property
    def title(self) -> str:
        """As it is read."""
        return f"{self.key}={self.value}" if self.value else self.key

    @property
    def search(self) -> str:
        """The search that finds these entries."""
        return f'tag:"{self.title}"' if set(self.title) & set(' "!') else f"tag:{self.title}"


class Facts(NamedTuple):
    """What the sidebar shows beside the hierarchy."""

    tags: tuple[Tag, ...]
    searches: Sequence[SavedSearch]
    counts: Mapping[str, int]  # by place
    folded: frozenset[str]  # names of the parts that are folded away


NOTHING: Final = Facts((), (), {"trash": 0, "expiring": 0}, frozenset())


def read(vault: Vault, expiring_days: int) -> Facts | None:
    """Everything at once; None when a search that is typed meanwhile has stopped it."""
    counts = {
        "trash": vault.trash.count(),
        "expiring": len({due.entry.id for due in vault.expiring(timedelta(days=expiring_days))}),
    }
    try:
        tags = tuple(Tag(*each) for each in vault.entries.tags(TAGS))
    except Cancelled:
        return None
    return Facts(tags, saved_searches.listed(vault), counts, folded(vault.preferences.get(FOLDED)))


def keep_folded(vault: Vault, names: Collection[str]) -> None:
    """Remember which parts are folded away."""
    vault.preferences.set({FOLDED: json.dumps(sorted(names))})


def folded(text: str | None) -> frozenset[str]:
    """What `keep_folded` wrote; nothing where it is anything else."""
    try:
        names = json_text.parsed(text or "[]")
    except ValueError:
        return frozenset()
    fits = isinstance(names, list) and all(isinstance(name, str) for name in names)
    return frozenset(names) if fits else frozenset()
