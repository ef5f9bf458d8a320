"""The history of an entry as a person reads it: what each version changed, and what moving a label does.

What takes a vault works on it, the rest is pure; the rules for labels are those of `vault.labels`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app.compare import compare
from vault import labels as rules
from vault.errors import Refused, Said
from vault.records import Kind, ValueType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.compare import Comparison
    from vault.paths import Selector
    from vault.records import Entry, Version
    from vault.vault import Vault


class Change(NamedTuple):
    """A fact that a version has otherwise than the one before it."""

    what: str  # "type", "tier", "data type" or "description"
    before: str
    after: str


class Node(NamedTuple):
    """A version on the timeline."""

    version: Version
    current: bool  # what a get without a selector opens
    same_as: int | None  # number of the newest older version with the same value, among those kept
    changes: tuple[Change, ...]
    gone: int  # versions right below it that are kept no longer


class Shift(NamedTuple):
    """One label on its way."""

    label: str
    source: int | None  # number of the version that has it now; None: no version has
    target: int


class Move(NamedTuple):
    """What a move of a label does."""

    asked: Shift
    following: tuple[Shift, ...]  # what AWS's rules move along


def timeline(entry: Entry, history: Sequence[Version]) -> list[Node]:
    """The versions of an entry, newest first.

    Args:
        entry: whose versions they are.
        history: those that are kept, oldest first.
    """
    nodes: list[Node] = []
    by_value: dict[bytes, int] = {}
    before: Version | None = None
    for version in history:
        gone = version.number - (before.number if before else 0) - 1
        same_as = by_value.get(version.fingerprint)
        changes = _changes(before, version) if before else ()
        nodes.append(Node(version, version.number == entry.current, same_as, changes, gone))
        by_value[version.fingerprint] = version.number
        before = version
    return nodes[::-1]


def _changes(before: Version, after: Version) -> tuple[Change, ...]:
    facts = (
        ("type", before.value_type, after.value_type),
        ("tier", before.tier or "", after.tier or ""),
        ("data type", before.data_type, after.data_type),
        ("description", before.description, after.description),
    )
    return tuple(Change(what, str(old), str(new)) for what, old, new in facts if old != new)


def compare_versions(vault: Vault, first: Selector, second: Selector) -> Comparison:
    """Open two versions, of one entry or of two, and compare them; wipe what comes back.

    Raises:
        VaultError: one of them cannot be opened.
    """
    old = vault.values.open(first)
    with old.value:
        new = vault.values.open(second)
        with new.value:
            lists = old.value_type is new.value_type is ValueType.STRING_LIST
            return compare(old.value, new.value, lists=lists)


def movable(kind: Kind, label: str) -> bool:
    """Whether a person moves this label; the stages of a parameter are moved by its rotation alone."""
    return kind is Kind.SECRET or label not in rules.STAGES


def plan_move(kind: Kind, history: Sequence[Version], label: str, target: int) -> Move:
    """What putting a label on another version does.

    Args:
        kind: of the entry.
        history: its versions that are kept.
        label: a label, or a staging label of a secret.
        target: the version to put it on.

    Raises:
        Refused: under the name that AWS has for it.
    """
    held = {name: version.number for version in history for name in version.labels}
    if not movable(kind, label):
        aws = "ValidationException"
        raise Refused(
            aws, Said("{label} of a parameter is moved by rotating it, never by hand.", label=label)
        )
    if kind is Kind.SECRET:
        after = rules.move_stage(held, label, target, held.get(label))
    else:
        result = rules.attach(held, target, (label,))
        if result.invalid:
            aws = "InvalidLabels"
            raise Refused(
                aws,
                Said(
                    "{label} has other than letters, digits and . - _ or begins with a digit, aws or ssm.",
                    label=label,
                ),
            )
        after = result.held
    shifts = [
        Shift(name, held.get(name), number) for name, number in after.items() if held.get(name) != number
    ]
    following = tuple(shift for shift in shifts if shift.label != label)
    return Move(Shift(label, held.get(label), target), following)


def move_label(vault: Vault, entry: Entry, shift: Shift) -> None:
    """Do it; a staging label moves only if it still is where it was seen.

    Raises:
        Refused: under the name that AWS has for it.
        NotFound: the entry or the version is gone.
    """
    if entry.kind is Kind.SECRET:
        vault.entries.move_stage(entry.path, shift.label, shift.target, shift.source)
        return
    vault.entries.label(entry.path, shift.target, (shift.label,))
