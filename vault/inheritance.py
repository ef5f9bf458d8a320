"""What an entry has from the folders above it: policies, and what happens on expiry. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from vault import policies as rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from vault.paths import ParameterPath
    from vault.policies import Policy


class Choice(StrEnum):
    """What happens to an entry when its Expiration is due."""

    DELETE = "delete"  # it goes to the trash, as AWS deletes
    WARN = "warn"  # its value is given all the same
    LOCK = "lock"  # its value is no longer given; the entry stays
    ROTATE = "rotate"  # its value is given until it is rotated, which is due


DEFAULT: Final = Choice.DELETE
_ENDING: Final = (Choice.DELETE, Choice.LOCK)


class ExpiryChoice(NamedTuple):
    """What was chosen to happen on expiry, and where."""

    path: ParameterPath | None  # of the entry, or of the nearest folder; None for the default
    choice: Choice
    changed_at: datetime | None  # UTC; None for the default


class Inheritance:
    """All that is set on folders, to be asked for many entries.

    Attributes:
        policies: by the path of a folder.
        choices: by the path of an entry or a folder.
    """

    __slots__ = ("_choices_in", "_policies_in", "choices", "policies")

    def __init__(
        self, policies: Mapping[ParameterPath, tuple[Policy, ...]], choices: Mapping[ParameterPath, Choice]
    ) -> None:
        self.policies = policies
        self.choices = choices
        self._policies_in: dict[ParameterPath, tuple[Policy, ...]] = {}  # what is right in a folder has these
        self._choices_in: dict[ParameterPath, Choice] = {}

    def effective(self, path: ParameterPath, own: tuple[Policy, ...]) -> tuple[Policy, ...]:
        """The policies that act on an entry: its own, and of each other kind the nearest folder's."""
        if not self.policies:
            return own
        folder = path.parent
        inherited = self._policies_in.get(folder)
        if inherited is None:
            levels = (self.policies.get(above, ()) for above in (folder, *reversed(folder.ancestors)))
            inherited = self._policies_in[folder] = rules.effective((), levels)
        return rules.effective(own, (inherited,)) if own else inherited

    def source(self, path: ParameterPath, own: tuple[Policy, ...], kind: str) -> ParameterPath:
        """Where the effective policies of one kind are set: the entry's path, or a folder's."""
        if any(policy.kind == kind for policy in own):
            return path
        having = [folder for folder, set_ in self.policies.items() if any(p.kind == kind for p in set_)]
        return path.parent.nearest(having) or path

    def choice(self, path: ParameterPath) -> Choice:
        """What happens to the entry at `path` on expiry: its own choice, or the nearest folder's."""
        if not self.choices:
            return DEFAULT
        if (own := self.choices.get(path)) is not None:
            return own
        folder = path.parent
        if folder not in self._choices_in:
            holder = folder.nearest(self.choices)
            self._choices_in[folder] = self.choices[holder] if holder else DEFAULT
        return self._choices_in[folder]

    def ends_at(self, path: ParameterPath, own: tuple[Policy, ...]) -> datetime | None:
        """From when on the value of an entry is no longer given, in UTC; None for never."""
        at = rules.expires_at(self.effective(path, own))
        return at if at is not None and self.choice(path) in _ENDING else None
