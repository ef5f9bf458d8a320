"""The sync plan: base, local and remote side of every entry to what should happen. Pure.

Each side is compared with the base as that side had it, so a different spelling of the same thing (an alias
for a key, a tier that cannot go down) is no change. What was not read is never called changed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from app.language import marked
from app.sync.keywise import merge_keys
from app.sync.sightings import same_value, their_side
from vault.records import Direction, Kind, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from vault.links import Base, Facts, Link, Seen
    from vault.paths import ParameterPath
    from vault.policies import Policy

    Pair = tuple[str, ParameterPath, "Local | None", Link | None]  # there, here, the sides


class Action(StrEnum):
    """What a sync does with one entry."""

    SAME = "same"
    PULL = "pull"
    PUSH = "push"
    MERGE = "merge"  # both sides changed, each something else
    CONFLICT = "conflict"
    DELETED_HERE = "deleted-here"
    DELETED_THERE = "deleted-there"


class Why(StrEnum):
    """What kind of conflict it is."""

    BOTH_CHANGED = marked("both sides changed it")
    NO_BASE = marked("it is on both sides and differs, and was never in sync")
    DELETED_HERE = marked("it was deleted here and changed there")
    DELETED_THERE = marked("it was changed here and deleted there")
    OVERTAKEN = marked("somebody wrote there between our look and our write, and our write went over it")


class Field(StrEnum):
    """What can differ."""

    VALUE = "value"
    TYPE = "type"
    TIER = "tier"
    KEY = "kms-key"
    DATA_TYPE = "data-type"
    PATTERN = "allowed-pattern"
    DESCRIPTION = "description"
    POLICIES = "policies"
    TAGS = "tags"
    LABELS = "labels"


MOVED_BY_AWS: Final = frozenset({"AWSCURRENT", "AWSPREVIOUS"})
"""Staging labels that follow the value by themselves."""
OF_THE_VALUE: Final = frozenset({Field.VALUE, Field.TYPE, Field.DATA_TYPE, Field.PATTERN})
"""What fits together on one side need not fit what the other side has of it."""


class Local(NamedTuple):
    """An entry here, as the plan sees it."""

    entry_id: int
    path: ParameterPath
    kind: Kind
    number: int  # of the current version; 0 for a secret without a value
    latest: int
    fingerprint: bytes | None  # of the current value
    facts: Facts  # labels are numbers here
    labels_there: Mapping[str, str]  # the same labels by version there; "#3" for one that is not there


class Item(NamedTuple):
    """What the plan says of one entry."""

    name: str  # there
    path: ParameterPath  # here
    action: Action
    here: tuple[Field, ...] = ()  # changed here since the base
    there: tuple[Field, ...] = ()  # changed there since the base
    differs: tuple[Field, ...] = ()  # between the two sides now
    why: Why | None = None  # of a conflict
    held: str = ""  # why applying leaves it alone, such as marked("this remote is pulled only")
    local: Local | None = None
    link: Link | None = None

    @property
    def changed_by(self) -> str:
        """Who changed it there last; "" where AWS does not tell."""
        seen = their_side(self.link)
        return seen.sighting.modified_by if seen else ""

    @property
    def changed_at(self) -> datetime | None:
        """When it was changed there last, by the service's clock."""
        seen = their_side(self.link)
        return seen.sighting.modified_at if seen else None


class Skipped(NamedTuple):
    """What takes no part in a sync, and why."""

    name: str  # there, or the path here
    reason: str


class Plan(NamedTuple):
    """What a sync would do, in path order."""

    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many of each action, without those that are held."""
        found = dict.fromkeys(Action, 0)
        for item in self.items:
            found[item.action] += 1
        return {action.value: count for action, count in found.items()}

    @property
    def pending(self) -> tuple[Item, ...]:
        """What is not the same on both sides."""
        return tuple(item for item in self.items if item.action is not Action.SAME)


def make_plan(
    pairs: Iterable[Pair],
    direction: Direction,
    skipped: Iterable[Skipped] = (),
) -> Plan:
    """Put the sides of every entry side by side.

    Args:
        pairs: name there, path here, the local side, and what is remembered and was seen of the remote side.
        direction: which changes the remote lets through.
        skipped: what takes no part; asked for after the last of `pairs`.
    """
    items = sorted(items_of(pairs, direction), key=lambda item: (item.path, item.name))
    return Plan(tuple(items), tuple(skipped))


def items_of(pairs: Iterable[Pair], direction: Direction) -> Iterator[Item]:
    """What `make_plan` says of each of `pairs`, in their order, made as it is asked for."""
    for pair in pairs:
        item = classify(*pair)
        if item is not None:
            yield _held_by_direction(item, direction)


def classify(name: str, path: ParameterPath, local: Local | None, link: Link | None) -> Item | None:
    """What the three sides of one entry say; None where nothing is on either side."""
    base, seen = (link.base, link.seen) if link else (None, None)
    if link is not None and link.overtaken is not None and local is not None:
        theirs = their_side(link)
        differs = differences(local, theirs) if theirs else ()
        return Item(name, path, Action.CONFLICT, differs, differs, differs, Why.OVERTAKEN, "", local, link)
    if local is None and seen is None:
        return None
    here = changed_here(local, base) if local and base else ()
    there = changed_there(seen, base) if seen and base else ()
    differs = differences(local, seen) if local and seen else ()
    action, why = _verdict(local, seen, base, here, there, differs, link)
    return Item(name, path, action, here, there, differs, why, "", local, link)


def _verdict(
    local: Local | None,
    seen: Seen | None,
    base: Base | None,
    here: tuple[Field, ...],
    there: tuple[Field, ...],
    differs: tuple[Field, ...],
    link: Link | None,
) -> tuple[Action, Why | None]:
    if local is None or seen is None:
        return _one_sided(local is None, base is None, here, there)
    if base is None:
        apart = tuple(field for field in differs if field not in (Field.KEY, Field.TIER))
        return (Action.CONFLICT, Why.NO_BASE) if apart else (Action.SAME, None)
    if here and there:
        if _overlap(local, link, here, there, differs):
            return Action.CONFLICT, Why.BOTH_CHANGED
        return (Action.MERGE, None) if differs else (Action.SAME, None)
    if here:
        return Action.PUSH, None
    return (Action.PULL, None) if there else (Action.SAME, None)


def _one_sided(
    gone_here: bool,  # noqa: FBT001  # else it is gone there
    is_new: bool,  # noqa: FBT001
    here: tuple[Field, ...],
    there: tuple[Field, ...],
) -> tuple[Action, Why | None]:
    if is_new:
        return (Action.PULL if gone_here else Action.PUSH), None
    if gone_here:
        return (Action.CONFLICT, Why.DELETED_HERE) if there else (Action.DELETED_HERE, None)
    return (Action.CONFLICT, Why.DELETED_THERE) if here else (Action.DELETED_THERE, None)


def _held_by_direction(item: Item, direction: Direction) -> Item:
    if direction is Direction.BOTH:
        return item
    writes = {Action.PUSH, Action.DELETED_HERE}
    reads = {Action.PULL, Action.DELETED_THERE}
    if direction is Direction.PULL and item.action in writes:
        return item._replace(held=marked("this remote is pulled only"))
    if direction is Direction.PUSH and item.action in reads:
        return item._replace(held=marked("this remote is pushed only"))
    if item.action is Action.MERGE:
        if direction is Direction.PULL:
            return item._replace(held=marked("this remote is pulled only, and it changed here as well"))
        return item._replace(held=marked("this remote is pushed only, and it changed there as well"))
    return item


def changed_here(local: Local, base: Base) -> tuple[Field, ...]:
    """What the entry here has otherwise than at the last agreement."""
    fields = list(facts_apart(local.facts, base.here))
    if local.fingerprint != base.fingerprint:
        fields.insert(0, Field.VALUE)
    return tuple(fields)


def changed_there(seen: Seen, base: Base) -> tuple[Field, ...]:
    """What the entry there has otherwise than at the last agreement."""
    fields = list(facts_apart(seen.sighting.facts, base_there(base)))
    if not same_value(seen, base.there):
        fields.insert(0, Field.VALUE)
    return tuple(fields)


def base_there(base: Base) -> Facts:
    """Their facts at the last agreement; tags and labels that were not read then count as those here."""
    facts = base.there.sighting.facts
    tags = base.here.tags if facts.tags is None else facts.tags
    return facts._replace(tags=tags, labels={} if facts.labels is None else facts.labels)


def differences(local: Local, seen: Seen) -> tuple[Field, ...]:
    """What the two sides have otherwise than each other, as far as both are known."""
    facts = seen.sighting.facts
    theirs = facts._replace(key=None, labels=None)
    fields = list(facts_apart(local.facts._replace(key=None, labels=None), theirs))
    if facts.labels is not None and free(local.labels_there) != free(facts.labels):
        fields.append(Field.LABELS)
    if seen.sighting.version == "":
        if local.fingerprint is not None:
            fields.insert(0, Field.VALUE)
    elif local.fingerprint is None or local.fingerprint != seen.fingerprint:
        fields.insert(0, Field.VALUE)
    return tuple(fields)


def facts_apart(one: Facts, two: Facts) -> Iterable[Field]:
    """Fields in which two records of facts differ; what one of them does not know is no difference."""
    if None not in (one.value_type, two.value_type) and one.value_type != two.value_type:
        yield Field.TYPE
    if one.tier != two.tier and Tier.INTELLIGENT not in (one.tier, two.tier):  # AWS made one of the two of it
        yield Field.TIER
    if one.key != two.key:
        yield Field.KEY
    if one.data_type != two.data_type:
        yield Field.DATA_TYPE
    if (one.allowed_pattern or None) != (two.allowed_pattern or None):
        yield Field.PATTERN
    if one.description != two.description:
        yield Field.DESCRIPTION
    if one.policies != two.policies and spelled(one.policies) != spelled(two.policies):
        yield Field.POLICIES
    if one.tags is not None and two.tags is not None and dict(one.tags) != dict(two.tags):
        yield Field.TAGS
    if one.labels is not None and two.labels is not None and free(one.labels) != free(two.labels):
        yield Field.LABELS


def spelled(policies: tuple[Policy, ...]) -> list[tuple[str, str, str]]:
    """Policies without their order and without the spelling of their moments."""
    return sorted(
        (p.kind, p.moment.isoformat() if p.timestamp else str(p.amount), p.unit or "") for p in policies
    )


def free(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels that a person moves."""
    return {label: version for label, version in labels.items() if label not in MOVED_BY_AWS}


def moved_labels(local: Local, base: Base | None) -> dict[str, str]:
    """Labels here by version there ("#3" where it is not there), for merging with theirs.

    One that sits since the agreement on a version that is not there says nothing of where it shall be there.
    """
    labels = free(local.labels_there)
    if base is None:
        return labels
    was, here, now = free(base_there(base).labels or {}), base.here.labels or {}, local.facts.labels or {}
    for label, at in list(labels.items()):
        if at.startswith("#") and now.get(label) == here.get(label):
            del labels[label]
            if label in was:
                labels[label] = was[label]
    return labels


def _overlap(
    local: Local,
    link: Link | None,
    here: tuple[Field, ...],
    there: tuple[Field, ...],
    differs: tuple[Field, ...],
) -> bool:
    """Whether both sides changed the same thing, and not alike."""
    both = set(here) & set(there) & set(differs)
    if both - {Field.TAGS, Field.LABELS}:
        return True
    if all(OF_THE_VALUE & set(fields) for fields in (here, there, differs)):
        return True  # such as a pattern here, and a value there that need not match it
    if link is None or link.base is None or link.seen is None:
        return bool(both)
    base, theirs = base_there(link.base), link.seen.sighting.facts
    labels = moved_labels(local, link.base)
    if Field.TAGS in both and merge_keys(base.tags or {}, local.facts.tags or {}, theirs.tags or {})[1]:
        return True
    return Field.LABELS in both and bool(
        merge_keys(free(base.labels or {}), labels, free(theirs.labels or {}))[1]
    )
