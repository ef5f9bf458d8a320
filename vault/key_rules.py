"""Which keys wrap the data keys of which path: the nearest key policy wins. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from vault.paths import ParameterPath

OUTSIDE: Final = 0
"""Number of the material of a key outside the vault; local material counts from 1."""


class Rule(NamedTuple):
    """A key policy without its folder."""

    local: bool
    kms: int | None  # key id
    changed_at: datetime | None = None  # UTC


LOCAL_ONLY: Final = Rule(local=True, kms=None)


class Step(NamedTuple):
    """What it takes to have one version wrapped as its rule says. Falsy if nothing."""

    add_local: bool
    add_kms: int | None  # key id
    drop: tuple[int, ...]  # key ids

    def __bool__(self) -> bool:
        return self.add_local or self.add_kms is not None or bool(self.drop)


class Holding(NamedTuple):
    """One key that wraps the data key of one version."""

    path: ParameterPath
    number: int
    is_current: bool
    key_id: int
    in_trash: bool = False


def effective(rules: Mapping[str, Rule], path: ParameterPath) -> Rule:
    """The rule of a path: its own, or that of the nearest folder above, or local only."""
    return rules.get(holder(rules, path), LOCAL_ONLY)


def holder(rules: Mapping[str, Rule], path: ParameterPath) -> str:
    """The path whose rule holds for `path`; the root if there is none."""
    return path.nearest(rules) or "/"


def step(rule: Rule, local: Iterable[int], outside: Iterable[int]) -> Step:
    """What to do with a version that keys wrap by now.

    Args:
        rule: what it should be.
        local: ids of local keys.
        outside: ids of keys outside.
    """
    local, outside = set(local), set(outside)
    wrong = outside - {rule.kms}
    if not rule.local:
        wrong |= local
    return Step(
        add_local=rule.local and not local,
        add_kms=rule.kms if rule.kms is not None and rule.kms not in outside else None,
        drop=tuple(sorted(wrong)),
    )
