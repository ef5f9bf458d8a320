"""A plan in words, for both faces: what would happen to an entry, why, and what applying comes to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app import display
from app.sync.choices import Act, Choice
from app.sync.plan import Action, Field, Why
from app.sync.sightings import lies_beneath
from vault.records import Direction, Service

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from app.sync.choices import Answer, Step
    from app.sync.plan import Item
    from vault.records import Remote

FIELDS: Final = {
    Field.VALUE: "value",
    Field.TYPE: "type",
    Field.TIER: "tier",
    Field.KEY: "KMS key",
    Field.DATA_TYPE: "data type",
    Field.PATTERN: "allowed pattern",
    Field.DESCRIPTION: "description",
    Field.POLICIES: "policies",
    Field.TAGS: "tags",
    Field.LABELS: "labels",
}
SERVICES: Final = {
    Service.PARAMETER_STORE: "Parameter Store",
    Service.SECRETS_MANAGER: "Secrets Manager",
}
DIRECTIONS: Final = {
    Direction.BOTH: "both ways",
    Direction.PULL: "pull only",
    Direction.PUSH: "push only",
}
CHOICES: Final = {
    Choice.STOP: "not decided",
    Choice.MINE: "take mine",
    Choice.THEIRS: "take theirs",
    Choice.BOTH: "keep both",
}
_THERE: Final = frozenset({Act.PUSH, Act.MERGE, Act.MINE, Act.BOTH})
_HERE: Final = frozenset({Act.PULL, Act.MERGE, Act.BOTH})


def happens(item: Item, *, delete: bool = False) -> str:
    """What applying would do with an entry, and on which side; `delete`: deletions are confirmed."""
    new_there = item.link is None or item.link.seen is None
    said = {
        Action.SAME: "Same",
        Action.PUSH: "Push: create there" if new_there else "Push: change there",
        Action.PULL: "Pull: create here" if item.local is None else "Pull: change here",
        Action.MERGE: "Merge: change both",
        Action.CONFLICT: "Conflict",
        Action.DELETED_HERE: "Deleted here: delete there" if delete else "Deleted here: stays there",
        Action.DELETED_THERE: "Deleted there: delete here" if delete else "Deleted there: stays here",
    }[item.action]
    return f"{said.partition(':')[0]}: held" if item.held else said


def fields(found: Iterable[Field]) -> str:
    """Fields in words, as "value, tags"."""
    return ", ".join(FIELDS[field] for field in found)


def differs(item: Item) -> str:
    """What an entry has otherwise on the two sides; "new" where it is on one side alone."""
    if item.action is Action.SAME:
        return ""
    if item.local is None or item.link is None or item.link.seen is None:
        changed = item.here or item.there
        base = item.link.base if item.link else None
        return fields(changed) if changed else ("new" if base is None else "")
    return fields(item.differs or (*item.here, *(field for field in item.there if field not in item.here)))


def who(arn: str) -> str:
    """The part of an ARN by which people know each other, as "user/ada" or "deploy/session-1"."""
    tail = arn.rpartition(":")[2] if arn.startswith("arn:") else arn
    return tail.removeprefix("assumed-role/")


def decided(answer: Answer | None) -> str:
    """What was decided of a conflict."""
    if answer is None:
        return CHOICES[Choice.STOP]
    return "merged" if answer.merged is not None else CHOICES[answer.choice]


def explained(item: Item) -> str:
    """In a sentence or two: what was found, what applying does with it, and what it leaves alone."""
    said = _EXPLAINED[item.action](item)
    return f"{said} It is left alone: {item.held}." if item.held else said


def _of_push(item: Item) -> str:
    if item.link is None or item.link.seen is None:
        return f"It is here and not there. Applying creates {item.name} there."
    return (
        f"Changed here: {fields(item.here)}. Nobody changed it there. Applying writes that there{_on(item)}."
    )


def _of_pull(item: Item) -> str:
    if item.local is None:
        return f"It is there and not here. Applying creates {item.path} here."
    return (
        f"Changed there: {fields(item.there)}. Nobody changed it here. "
        "Applying takes that here; what is here now stays in the history."
    )


def _of_merge(item: Item) -> str:
    return (
        f"Changed here: {fields(item.here)}. Changed there: {fields(item.there)}. The two do not collide: "
        "applying gives each side what the other changed."
    )


def _of_conflict(item: Item) -> str:
    why = f"{(item.why or Why.BOTH_CHANGED).value}."
    apart = f" They differ in: {fields(item.differs)}." if item.differs else ""
    return f"{why[0].upper()}{why[1:]}{apart} Nothing is done with it until you decide."


def _of_deleted_here(item: Item) -> str:
    return (
        "It was deleted here, and nobody changed it there since. "
        f"Applying deletes {item.name} there only if deletions are confirmed."
    )


def _of_deleted_there(item: Item) -> str:
    return (
        "It was deleted there, and nobody changed it here since. "
        f"Applying moves {item.path} to the trash here only if deletions are confirmed."
    )


def _on(item: Item) -> str:
    seen = item.link.seen if item.link else None
    version = seen.sighting.version if seen else ""
    return f", on top of version {version}" if version.isdigit() else ""


_EXPLAINED: Final = {
    Action.SAME: lambda _: "Both sides are alike.",
    Action.PUSH: _of_push,
    Action.PULL: _of_pull,
    Action.MERGE: _of_merge,
    Action.CONFLICT: _of_conflict,
    Action.DELETED_HERE: _of_deleted_here,
    Action.DELETED_THERE: _of_deleted_there,
}


class Forecast(NamedTuple):
    """What applying comes to, in entries. An entry that both sides get something of counts on both."""

    create_there: int = 0
    change_there: int = 0
    delete_there: int = 0
    create_here: int = 0
    change_here: int = 0
    delete_here: int = 0
    left: tuple[tuple[str, int], ...] = ()  # why how many are left alone
    entries: int = 0  # with which anything is done

    @property
    def writes_there(self) -> bool:
        """Whether anything changes in AWS."""
        return bool(self.create_there or self.change_there or self.delete_there)


def forecast(steps: Iterable[Step]) -> Forecast:
    """Count what steps come to; see `app.sync.choices.steps_of`."""
    count = dict.fromkeys(Forecast._fields[:6], 0)
    left: dict[str, int] = {}
    entries = 0
    for step in steps:
        item, act = step.item, step.act
        if act is Act.LEAVE:
            left[step.reason] = left.get(step.reason, 0) + 1
            continue
        if act is Act.AGREE:
            continue
        entries += 1
        overtaken = lies_beneath(item.link)
        new_there = item.link is None or item.link.seen is None
        count["create_there"] += (act in _THERE and new_there) or act is Act.BOTH
        count["change_there"] += (act in (Act.PUSH, Act.MERGE, Act.MINE) and not new_there) or (
            overtaken and act in (Act.PULL, Act.BOTH)
        )
        count["delete_there"] += act is Act.DELETE_THERE
        count["create_here"] += (act is Act.PULL and item.local is None) or act is Act.BOTH
        count["change_here"] += act in _HERE and item.local is not None
        count["change_here"] += act is Act.MINE and step.merged is not None
        count["delete_here"] += act is Act.DELETE_HERE
    return Forecast(**count, left=tuple(sorted(left.items())), entries=entries)


def said(found: Forecast) -> list[str]:
    """A forecast in sentences: there, here, left alone. What does not happen is not told."""
    there = _listed(
        ("create", found.create_there), ("change", found.change_there), ("delete", found.delete_there)
    )
    here = _listed(
        ("create", found.create_here), ("change", found.change_here), ("move to the trash", found.delete_here)
    )
    lines = [f"In AWS: {there}." if there else "In AWS nothing is changed."]
    lines.append(f"Here: {here}." if here else "Here nothing is changed.")
    lines += [f"Left alone: {display.count(count, 'entry', 'entries')}, {why}." for why, count in found.left]
    return lines


def brief(found: Forecast) -> str:
    """A forecast in one line, as "create 2 and change 1 in AWS; change 3 here; 4 left alone"."""
    there = (("create", found.create_there), ("change", found.change_there), ("delete", found.delete_there))
    here = (("create", found.create_here), ("change", found.change_here), ("delete", found.delete_here))
    parts = []
    for where, counts in (("in AWS", there), ("here", here)):
        named = [f"{verb} {count:,}" for verb, count in counts if count]
        if named:
            parts.append(f"{', '.join(named)} {where}")
    left = sum(count for _, count in found.left)
    parts += [f"{left:,} left alone"] if left else []
    return "; ".join(parts)


def _listed(*counts: tuple[str, int]) -> str:
    return ", ".join(f"{verb} {display.count(count, 'entry', 'entries')}" for verb, count in counts if count)


def place(remote: Remote) -> str:
    """Where a remote is, as "Parameter Store /shop, eu-west-1, account 123456789012"."""
    parts = [f"{SERVICES[remote.service]} {remote.prefix or '(all names)'}"]
    connection = remote.connection
    parts += [
        part for part in (connection.region, connection.profile and f"profile {connection.profile}") if part
    ]
    parts += [f"account {remote.account}"] if remote.account else []
    return ", ".join(parts)


def looked(at: datetime | None, now: datetime) -> str:
    """When a remote was last looked at, as "looked 5 minutes ago"."""
    return "never looked at" if at is None else f"looked {display.relative(at, now)}"


def deletion_of(item: Item, answer: Answer) -> Action | None:
    """Which kind of deletion an answer to a conflict comes to; None for none."""
    if item.why is Why.DELETED_HERE and answer.choice is Choice.MINE:
        return Action.DELETED_HERE
    if item.why is Why.DELETED_THERE and answer.choice is Choice.THEIRS:
        return Action.DELETED_THERE
    return None


def consequence(item: Item, answer: Answer) -> str:
    """What follows from an answer to a conflict."""
    mine = answer.choice is Choice.MINE
    if item.why is Why.DELETED_HERE:
        return _of_gone_here(item, deletes=mine)
    if item.why is Why.DELETED_THERE:
        return _of_gone_there(item, deletes=answer.choice is Choice.THEIRS)
    if answer.merged is not None:
        return (
            "The merged value becomes the newest version on both sides. Of the other facts each side keeps "
            "what it changed; where both changed the same, mine holds."
        )
    if mine:
        return "Mine becomes the newest version there. Theirs is kept here as an older version."
    if answer.choice is Choice.BOTH:
        return f"Theirs takes {item.path}. Mine moves to {item.path}.mine, and is created there as well."
    return "Theirs becomes the newest version here. Mine stays here as an older version."


def _of_gone_here(item: Item, *, deletes: bool) -> str:
    if deletes:
        return f"{item.name} is deleted there, with the change. Deletions must be confirmed besides."
    return f"{item.path} comes back here, as it is there now."


def _of_gone_there(item: Item, *, deletes: bool) -> str:
    if deletes:
        return f"{item.path} goes to the trash here, with the change. Deletions must be confirmed besides."
    return f"{item.name} is created there again, as it is here now."
