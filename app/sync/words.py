"""A plan in words, for both faces: what would happen to an entry, why, and what applying comes to. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import display
from app.language import grouped, marked, plural, tr
from app.sync.choices import Choice
from app.sync.plan import Action, Field, Why
from vault.records import Direction, Service

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from app.sync.choices import Answer
    from app.sync.forecast import Forecast
    from app.sync.plan import Item
    from vault.records import Remote

FIELDS: Final = {
    Field.VALUE: marked("value"),
    Field.TYPE: marked("type"),
    Field.TIER: marked("tier"),
    Field.KEY: marked("KMS key"),
    Field.DATA_TYPE: marked("data type"),
    Field.PATTERN: marked("allowed pattern"),
    Field.DESCRIPTION: marked("description"),
    Field.POLICIES: marked("policies"),
    Field.TAGS: marked("tags"),
    Field.LABELS: marked("labels"),
}
SERVICES: Final = {
    Service.PARAMETER_STORE: "Parameter Store",
    Service.SECRETS_MANAGER: "Secrets Manager",
}
DIRECTIONS: Final = {
    Direction.BOTH: marked("both ways"),
    Direction.PULL: marked("pull only"),
    Direction.PUSH: marked("push only"),
}
CHOICES: Final = {
    Choice.STOP: marked("not decided"),
    Choice.MINE: marked("take mine"),
    Choice.THEIRS: marked("take theirs"),
    Choice.BOTH: marked("keep both"),
}
_HELD: Final = {
    Action.SAME: marked("Same: held"),
    Action.PUSH: marked("Push: held"),
    Action.PULL: marked("Pull: held"),
    Action.MERGE: marked("Merge: held"),
    Action.CONFLICT: marked("Conflict: held"),
    Action.DELETED_HERE: marked("Deleted here: held"),
    Action.DELETED_THERE: marked("Deleted there: held"),
}


def happens(item: Item, *, delete: bool = False) -> str:
    """What applying would do with an entry, and on which side; `delete`: deletions are confirmed."""
    new_there = item.link is None or item.link.seen is None
    if item.held:
        return tr(_HELD[item.action])
    gone_here = tr("Deleted here: delete there") if delete else tr("Deleted here: stays there")
    gone_there = tr("Deleted there: delete here") if delete else tr("Deleted there: stays here")
    return {
        Action.SAME: tr("Same"),
        Action.PUSH: tr("Push: create there") if new_there else tr("Push: change there"),
        Action.PULL: tr("Pull: create here") if item.local is None else tr("Pull: change here"),
        Action.MERGE: tr("Merge: change both"),
        Action.CONFLICT: tr("Conflict"),
        Action.DELETED_HERE: gone_here,
        Action.DELETED_THERE: gone_there,
    }[item.action]


def fields(found: Iterable[Field]) -> str:
    """Fields in words, as "value, tags"."""
    return ", ".join(tr(FIELDS[field]) for field in found)


def differs(item: Item) -> str:
    """What an entry has otherwise on the two sides; "new" where it is on one side alone."""
    if item.action is Action.SAME:
        return ""
    if item.local is None or item.link is None or item.link.seen is None:
        changed = item.here or item.there
        base = item.link.base if item.link else None
        return fields(changed) if changed else (tr("new") if base is None else "")
    return fields(item.differs or (*item.here, *(field for field in item.there if field not in item.here)))


def who(arn: str) -> str:
    """The part of an ARN by which people know each other, as "user/ada" or "deploy/session-1"."""
    tail = arn.rpartition(":")[2] if arn.startswith("arn:") else arn
    return tail.removeprefix("assumed-role/")


def changed(item: Item, *, seconds: bool = False) -> str:
    """By whom and when it was changed there last; "" where neither is known. For a line of text."""
    by, at = display.printable(who(item.changed_by)), display.moment(item.changed_at, seconds=seconds)
    if by and at:
        return tr("by {who} on {when}", who=by, when=at)
    if by:
        return tr("by {who}", who=by)
    return tr("on {when}", when=at) if at else ""


def decided(answer: Answer | None) -> str:
    """What was decided of a conflict."""
    if answer is None:
        return tr(CHOICES[Choice.STOP])
    return tr("merged") if answer.merged is not None else tr(CHOICES[answer.choice])


def explained(item: Item) -> str:
    """In a sentence or two: what was found, what applying does with it, and what it leaves alone."""
    said = _EXPLAINED[item.action](item)
    return tr("{said} It is left alone: {why}.", said=said, why=tr(item.held)) if item.held else said


def _of_push(item: Item) -> str:
    if item.link is None or item.link.seen is None:
        return tr("It is here and not there. Applying creates {name} there.", name=item.name)
    seen = item.link.seen
    if seen.sighting.version.isdigit():
        return tr(
            "Changed here: {fields}. Nobody changed it there. Applying writes that there, on top of version "
            "{version}.",
            fields=fields(item.here),
            version=seen.sighting.version,
        )
    return tr(
        "Changed here: {fields}. Nobody changed it there. Applying writes that there.",
        fields=fields(item.here),
    )


def _of_pull(item: Item) -> str:
    if item.local is None:
        return tr("It is there and not here. Applying creates {path} here.", path=item.path)
    return tr(
        "Changed there: {fields}. Nobody changed it here. "
        "Applying takes that here; what is here now stays in the history.",
        fields=fields(item.there),
    )


def _of_merge(item: Item) -> str:
    return tr(
        "Changed here: {here}. Changed there: {there}. The two do not collide: "
        "applying gives each side what the other changed.",
        here=fields(item.here),
        there=fields(item.there),
    )


def _of_conflict(item: Item) -> str:
    said = tr((item.why or Why.BOTH_CHANGED).value)
    why = f"{said[0].upper()}{said[1:]}."
    if item.differs:
        return tr(
            "{why} They differ in: {fields}. Nothing is done with it until you decide.",
            why=why,
            fields=fields(item.differs),
        )
    return tr("{why} Nothing is done with it until you decide.", why=why)


def _of_deleted_here(item: Item) -> str:
    return tr(
        "It was deleted here, and nobody changed it there since. "
        "Applying deletes {name} there only if deletions are confirmed.",
        name=item.name,
    )


def _of_deleted_there(item: Item) -> str:
    return tr(
        "It was deleted there, and nobody changed it here since. "
        "Applying moves {path} to the trash here only if deletions are confirmed.",
        path=item.path,
    )


_EXPLAINED: Final = {
    Action.SAME: lambda _: tr("Both sides are alike."),
    Action.PUSH: _of_push,
    Action.PULL: _of_pull,
    Action.MERGE: _of_merge,
    Action.CONFLICT: _of_conflict,
    Action.DELETED_HERE: _of_deleted_here,
    Action.DELETED_THERE: _of_deleted_there,
}


def said(found: Forecast) -> list[str]:
    """A forecast in sentences: the first of there, the second of here, the others of what is left alone."""
    there = _listed(
        (plural("create {n} entry", "create {n} entries", found.create_there), found.create_there),
        (plural("change {n} entry", "change {n} entries", found.change_there), found.change_there),
        (plural("delete {n} entry", "delete {n} entries", found.delete_there), found.delete_there),
    )
    to_trash = plural("move to the trash {n} entry", "move to the trash {n} entries", found.delete_here)
    here = _listed(
        (plural("create {n} entry", "create {n} entries", found.create_here), found.create_here),
        (plural("change {n} entry", "change {n} entries", found.change_here), found.change_here),
        (to_trash, found.delete_here),
    )
    lines = [tr("In AWS: {said}.", said=there) if there else tr("In AWS nothing is changed.")]
    lines.append(tr("Here: {said}.", said=here) if here else tr("Here nothing is changed."))
    lines += [
        plural("Left alone: {n} entry, {why}.", "Left alone: {n} entries, {why}.", count, why=tr(why))
        for why, count in found.left
    ]
    return lines


def brief(found: Forecast) -> str:
    """A forecast in one line, as "create 2 and change 1 in AWS; change 3 here; 4 left alone"."""
    there = _counted(found.create_there, found.change_there, found.delete_there)
    here = _counted(found.create_here, found.change_here, found.delete_here)
    left = sum(count for _, count in found.left)
    parts = [tr("{said} in AWS", said=there)] if there else []
    parts += [tr("{said} here", said=here)] if here else []
    parts += [tr("{count} left alone", count=grouped(left))] if left else []
    return "; ".join(parts)


def _counted(create: int, change: int, delete: int) -> str:
    return _listed(
        (tr("create {count}", count=grouped(create)), create),
        (tr("change {count}", count=grouped(change)), change),
        (tr("delete {count}", count=grouped(delete)), delete),
    )


def _listed(*told: tuple[str, int]) -> str:
    """What is told of those numbers that are not zero."""
    return ", ".join(said for said, count in told if count)


def place(remote: Remote) -> str:
    """Where a remote is, as "Parameter Store /shop, eu-west-1, account 123456789012"."""
    connection = remote.connection
    parts = [f"{SERVICES[remote.service]} {remote.prefix or tr('(all names)')}"]
    parts += [connection.region] if connection.region else []
    parts += [tr("profile {name}", name=connection.profile)] if connection.profile else []
    parts += [tr("account {number}", number=remote.account)] if remote.account else []
    return ", ".join(parts)


def looked(at: datetime | None, now: datetime) -> str:
    """When a remote was last looked at, as "looked 5 minutes ago"."""
    return tr("never looked at") if at is None else tr("looked {when}", when=display.relative(at, now))


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
        return tr(
            "The merged value becomes the newest version on both sides. Of the other facts each side keeps "
            "what it changed; where both changed the same, mine holds."
        )
    if mine:
        return tr("Mine becomes the newest version there. Theirs is kept here as an older version.")
    if answer.choice is Choice.BOTH:
        return tr(
            "Theirs takes {path}. Mine moves to {path}.mine, and is created there as well.", path=item.path
        )
    return tr("Theirs becomes the newest version here. Mine stays here as an older version.")


def _of_gone_here(item: Item, *, deletes: bool) -> str:
    if deletes:
        return tr(
            "{name} is deleted there, with the change. Deletions must be confirmed besides.", name=item.name
        )
    return tr("{path} comes back here, as it is there now.", path=item.path)


def _of_gone_there(item: Item, *, deletes: bool) -> str:
    if deletes:
        return tr(
            "{path} goes to the trash here, with the change. Deletions must be confirmed besides.",
            path=item.path,
        )
    return tr("{name} is created there again, as it is here now.", name=item.name)
