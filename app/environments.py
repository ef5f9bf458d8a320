"""Which folders stand side by side: named sets that the vault keeps, and suggestions from shared names."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from app import matrix
from app.errors import WrongUsage
from vault import json_text
from vault.errors import Said, VaultError
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vault.vault import Vault

PREFERENCE: Final = "matrix.sets"
MOST_SETS: Final = 50
LONGEST_NAME: Final = 60  # characters
MOST_SUGGESTED: Final = 12
STAGES: Final = (
    "local", "sandbox", "dev", "develop", "development", "ci", "test", "testing", "qa", "uat", "int",
    "integration", "stage", "staging", "preprod", "prod", "production", "live", "dr",
)  # fmt: skip
"""What stages are usually called, in the order in which values are promoted."""


class Environments(NamedTuple):
    """One set of folders, by name."""

    name: str
    folders: tuple[ParameterPath, ...]
    reference: ParameterPath  # one of `folders`


class Kept(NamedTuple):
    """What the vault remembers of a person's sets."""

    sets: tuple[Environments, ...] = ()
    shown: str = ""  # the name of the one that was shown last; "" for none

    @property
    def current(self) -> Environments | None:
        """The set that was shown last, or the first."""
        named = (one for one in self.sets if one.name == self.shown)
        return next(named, self.sets[0] if self.sets else None)

    def with_set(self, made: Environments, instead_of: str = "") -> Kept:
        """Keep `made` and show it; it takes the place of the set of its name, or of `instead_of`."""
        gone = {made.name, instead_of}
        at = next((at for at, one in enumerate(self.sets) if one.name in gone), len(self.sets))
        left = [one for one in self.sets if one.name not in gone]
        left.insert(at, made)
        return Kept(tuple(left), made.name)

    def without(self, name: str) -> Kept:
        """Forget the set of this name."""
        return Kept(tuple(one for one in self.sets if one.name != name))


class Suggestion(NamedTuple):
    """Folders in one folder that share names."""

    parent: ParameterPath
    folders: tuple[ParameterPath, ...]  # the usual order of stages first
    shared: int  # names that at least two of them have


def checked(
    name: str, folders: Sequence[ParameterPath], reference: ParameterPath | None = None
) -> Environments:
    """A set, if it is one.

    Raises:
        WrongUsage: as `app.matrix.checked`; or the name is empty, too long or not printable.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise WrongUsage(Said("a set of folders needs a name of 1 to {most} characters", most=LONGEST_NAME))
    folders = matrix.checked(folders)
    return Environments(name, folders, reference if reference in folders and reference else folders[0])


def name_of(folders: Sequence[ParameterPath]) -> str:
    """What a set is called unless somebody names it: the folder that all are in, or their last names."""
    parents = {folder.parent for folder in folders}
    alone = parents.pop() if len(parents) == 1 else ROOT
    name = alone[1:] or ", ".join(folder.name for folder in folders)
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def load(vault: Vault) -> Kept:
    """What the vault remembers; what does not read back as it was written counts as nothing."""
    text = vault.preferences.get(PREFERENCE)
    try:
        return _kept(json_text.parsed(text)) if text else Kept()
    except (ValueError, TypeError, KeyError, AttributeError, VaultError, WrongUsage):
        return Kept()


def save(vault: Vault, kept: Kept) -> None:
    """Have the vault remember.

    Raises:
        WrongUsage: there are more than 50 sets.
    """
    if len(kept.sets) > MOST_SETS:
        raise WrongUsage(Said("a vault keeps {most} sets of folders; forget one first", most=MOST_SETS))
    sets = [{"name": one.name, "folders": list(one.folders), "reference": one.reference} for one in kept.sets]
    vault.preferences.set({PREFERENCE: json.dumps({"sets": sets, "shown": kept.shown})})


def _kept(found: dict[str, object]) -> Kept:
    sets, shown = found["sets"], found["shown"]
    if not isinstance(sets, list) or not isinstance(shown, str) or len(sets) > MOST_SETS:
        raise TypeError
    return Kept(
        tuple(
            checked(
                str(one["name"]),
                [ParameterPath.parse_folder(folder) for folder in one["folders"]],
                ParameterPath.parse_folder(one["reference"]),
            )
            for one in sets
        ),
        shown,
    )


def suggest(vault: Vault, below: ParameterPath = ROOT) -> list[Suggestion]:
    """Folders that look like environments of one thing, the likeliest first; no value is opened."""
    return suggested(vault.paths(below), below)


def suggested(paths: Iterable[str], below: ParameterPath) -> list[Suggestion]:
    """Of sorted `paths` below `below`: folders with one parent, half of whose names another of them has."""
    cut = 1 if below == ROOT else len(below) + 1
    found = list(_siblings(below, [path[cut:] for path in paths]))
    found.sort(
        key=lambda one: (not any(folder.name.lower() in STAGES for folder in one.folders), -one.shared)
    )
    return found[:MOST_SUGGESTED]


def _siblings(parent: ParameterPath, names: Sequence[str]) -> Iterator[Suggestion]:
    children: dict[str, list[str]] = {}
    inner = (name.partition("/") for name in names if "/" in name)
    for child, parts in groupby(inner, key=lambda part: part[0]):
        children.setdefault(child, []).extend(rest for _, _, rest in parts)
    if len(children) > 1:
        seen: dict[str, int] = {}
        for held in children.values():
            for name in held:
                seen[name] = seen.get(name, 0) + 1
        alike = [
            child for child, held in children.items() if 0 < len(held) <= 2 * sum(seen[n] > 1 for n in held)
        ]
        if len(alike) > 1:
            folders = [parent.join(child) for child in sorted(alike, key=_stage)]
            shared = sum(count > 1 for count in seen.values())
            yield Suggestion(parent, tuple(folders[: matrix.MOST]), shared)
    for child, held in children.items():
        yield from _siblings(parent.join(child), held)


def _stage(name: str) -> tuple[int, str]:
    lower = name.lower()
    return (STAGES.index(lower) if lower in STAGES else len(STAGES), name)
