"""What is done to several entries at once, moved, copied, removed, tagged; one transaction each.

Where one of them is refused, nothing is done to the others either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vault.paths import ROOT, ParameterPath
from vault.records import Draft
from vault.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vault.moving import Move, Moved
    from vault.vault import Vault


class Tagged(NamedTuple):
    """What a change of one tag has done."""

    key: str
    value: str | None  # None: it was taken off
    former: dict[int, str | None]  # id of each entry that changed: what it had


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


def move_into(
    vault: Vault, what: ParameterPath | Sequence[int], folder: ParameterPath, steps: Steps | None = None
) -> Moved:
    """Move a folder, or entries by their ids, into a folder; `vault.entries.move_back` undoes it.

    Raises:
        NotFound, AlreadyExists, Refused, Cancelled: nothing was moved.
    """
    with vault.entries.together():
        return vault.entries.move_many(into(_sources(vault, what), folder), steps)


def copy_into(
    vault: Vault, what: ParameterPath | Sequence[int], folder: ParameterPath, steps: Steps | None = None
) -> list[int]:
    """Copy a folder, or entries by their ids, into a folder; the ids of the entries that were made.

    Raises:
        NotFound, AlreadyExists, Refused, KeyUnavailable, Cancelled: nothing was copied.
    """
    counted = steps or Steps()

    def copy() -> list[int]:
        with vault.entries.together():
            return vault.entries.copy_many(into(_sources(vault, what), folder), counted)

    return vault.outside.supplied(counted.again(copy))


def _sources(vault: Vault, what: ParameterPath | Sequence[int]) -> list[ParameterPath]:
    return [what] if isinstance(what, ParameterPath) else paths_of(vault, what)


def take_back_copies(vault: Vault, ids: Sequence[int], days: int, steps: Steps | None = None) -> int:
    """Move copies to the trash for so many days; how many. Those that were removed meanwhile stay there.

    Raises:
        Cancelled: nothing was moved.
    """
    with vault.entries.together():
        return len(vault.trash.remove_many(paths_of(vault, ids), days, steps=steps))


def tag(vault: Vault, ids: Sequence[int], key: str, value: str | None, steps: Steps | None = None) -> Tagged:
    """Give entries a tag, or take it off them (None); `untag` undoes it.

    Raises:
        Refused: AWS would not take the tag on one of them; nothing was changed.
        Cancelled: nothing was changed.
    """
    return Tagged(key, value, _tag(vault, key, dict.fromkeys(ids, value), steps))


def untag(vault: Vault, tagged: Tagged, steps: Steps | None = None) -> int:
    """Give entries back what they had of a tag; how many changed. What was changed since then stays.

    Raises:
        Refused, Cancelled: as `tag`.
    """
    former, key = tagged.former, tagged.key
    with vault.entries.together():
        found = vault.entries.of_ids(list(former))
        still = [entry.id for entry in found if entry.tags.get(key) == tagged.value]
        return len(_tag(vault, key, {entry_id: former[entry_id] for entry_id in still}, steps))


def _tag(
    vault: Vault, key: str, wanted: Mapping[int, str | None], steps: Steps | None
) -> dict[int, str | None]:
    """Give each entry (by id) its value of a tag, None to take it off; what those that changed had."""
    drafts, former = [], {}
    with vault.entries.together():  # what somebody else tags meanwhile is not lost
        for entry in vault.entries.of_ids(list(wanted)):
            tags, value = dict(entry.tags), wanted[entry.id]
            former_value = tags.pop(key, None)
            if value is not None:
                tags[key] = value
            if tags != entry.tags:
                former[entry.id] = former_value
                drafts.append(Draft(entry.path, None, tags=tags, overwrite=True))
        vault.entries.put_many(drafts, steps=steps)
    return former


def rotating(vault: Vault, ids: Sequence[int]) -> tuple[ParameterPath, ...]:
    """Those of the entries that rotate, by their paths."""
    wanted = set(ids)
    return tuple(each.path for each in vault.rotations.listed() if each.entry_id in wanted)
