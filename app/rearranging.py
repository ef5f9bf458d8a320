"""What is done to several entries at once, moved, copied, removed, tagged; one transaction each.

Where one of them is refused, nothing is done to the others either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.paths import ROOT, ParameterPath
from vault.records import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.moving import Move, Moved
    from vault.vault import Vault


def into(sources: Iterable[ParameterPath], folder: ParameterPath) -> list[Move]:
    """Where entries or folders go that are put into `folder`, by their names; those in it already stay."""
    inside = "" if folder == ROOT else folder
    return [
        (source, ParameterPath(f"{inside}/{source.name}")) for source in sources if source.parent != folder
    ]


def may_go(source: ParameterPath, folder: ParameterPath) -> bool:
    """Whether the folder `source` can be put into `folder`: not into itself, nor where it is already."""
    return source not in (ROOT, folder) and not folder.is_below(source) and source.parent != folder


def paths_of(vault: Vault, ids: Sequence[int]) -> list[ParameterPath]:
    """The paths of entries; without those that were removed meanwhile."""
    return [entry.path for entry in vault.entries.of_ids(ids)]


def move_into(vault: Vault, sources: Sequence[ParameterPath], folder: ParameterPath) -> Moved:
    """Move entries or folders into a folder; `vault.entries.move_back` undoes it.

    Raises:
        NotFound, AlreadyExists, Refused: nothing was moved.
    """
    return vault.entries.move_many(into(sources, folder))


def copy_into(vault: Vault, sources: Sequence[ParameterPath], folder: ParameterPath) -> int:
    """Copy entries or folders into a folder; how many entries were made.

    Raises:
        NotFound, AlreadyExists, Refused: nothing was copied.
    """
    return vault.entries.copy_many(into(sources, folder))


def tag(vault: Vault, ids: Sequence[int], key: str, value: str | None) -> int:
    """Give entries a tag, or take it off them (None); how many changed.

    Raises:
        Refused: AWS would not take the tag on one of them; nothing was changed.
        Conflict: somebody else wrote one of them meanwhile; nothing was changed.
    """
    drafts = []
    for entry in vault.entries.of_ids(ids):
        tags = dict(entry.tags)
        if value is None:
            tags.pop(key, None)
        else:
            tags[key] = value
        if tags != entry.tags:
            drafts.append(Draft(entry.path, None, tags=tags, overwrite=True, expect=entry.latest))
    vault.entries.put_many(drafts)
    return len(drafts)


def rotating(vault: Vault, ids: Sequence[int]) -> tuple[ParameterPath, ...]:
    """Those of the entries that rotate, by their paths."""
    wanted = set(ids)
    return tuple(each.path for each in vault.rotations.listed() if each.entry_id in wanted)
