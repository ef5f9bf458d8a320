"""Choices: a plan and a person's answers to the steps that applying takes. Pure.

Nothing is deleted without its own confirmation, and no conflict is decided without an answer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from app.language import marked
from app.sync.keywise import merge_keys
from app.sync.plan import OF_THE_VALUE, Action, Field, Item, Why, base_there
from app.sync.sightings import lies_beneath
from vault.records import Direction, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vault.links import Facts
    from vault.secret import Secret


class Choice(StrEnum):
    """What to do with a conflict."""

    STOP = "stop"
    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class Answer(NamedTuple):
    """A person's answer to one conflict."""

    choice: Choice
    merged: Secret | None = None  # a value made of both; it goes to both sides


class Act(StrEnum):
    """What applying does with one entry."""

    AGREE = "agree"  # both sides are alike: only remember that
    PULL = "pull"
    PUSH = "push"
    MERGE = "merge"  # pull what changed there, then push
    MINE = "mine"  # keep theirs as an older version here, then push mine
    BOTH = "both"  # mine moves to a path of its own, theirs takes the place
    DELETE_HERE = "delete-here"
    DELETE_THERE = "delete-there"
    LEAVE = "leave"


class Step(NamedTuple):
    """One entry and what is done with it."""

    item: Item
    act: Act
    reason: str = ""  # of LEAVE
    merged: Secret | None = None


NEEDS_DELETE = marked("a deletion needs its own confirmation")
MEANWHILE = marked("it was changed here meanwhile; look at the plan again")
NEEDS_CHOICE = marked("a conflict waits for a decision")
OTHER_TYPE = marked(
    "it gets another type there, for which AWS may want it deleted and made again; a deletion needs its own "
    "confirmation"
)


def steps_of(
    items: Iterable[Item], answer: Callable[[Item], Answer], direction: Direction, *, delete: bool
) -> Iterator[Step]:
    """What applying a plan takes, made as it is asked for.

    Args:
        items: of the plan that the person has seen.
        answer: what they want done with a conflict.
        direction: which changes the remote lets through.
        delete: deletions are confirmed.
    """
    for item in items:
        step = _step(item, answer, direction, delete=delete)
        if step is not None:
            yield step if delete else _without_replacing(step)


def _without_replacing(step: Step) -> Step:
    changes_there = step.act in (Act.PUSH, Act.MERGE, Act.MINE) and Field.TYPE in step.item.differs
    if changes_there and (step.act is not Act.MERGE or Field.TYPE in step.item.here):
        return Step(step.item, Act.LEAVE, OTHER_TYPE) if _is_parameter(step.item) else step
    return step


def _is_parameter(item: Item) -> bool:
    return item.local is not None and item.local.kind is Kind.PARAMETER


def _step(item: Item, answer: Callable[[Item], Answer], direction: Direction, *, delete: bool) -> Step | None:
    if item.held:
        return Step(item, Act.LEAVE, item.held)
    if item.action is Action.SAME:
        return Step(item, Act.AGREE) if _to_remember(item) else None
    if item.action is Action.CONFLICT:
        return _decided(item, answer(item), direction, delete=delete)
    if item.action in (Action.DELETED_HERE, Action.DELETED_THERE):
        act = Act.DELETE_THERE if item.action is Action.DELETED_HERE else Act.DELETE_HERE
        return Step(item, act) if delete else Step(item, Act.LEAVE, NEEDS_DELETE)
    if item.action is Action.MERGE and direction is Direction.PUSH:
        return Step(item, Act.LEAVE, marked("this remote is pushed only, and it changed there as well"))
    if item.action is Action.MERGE and direction is Direction.PULL:
        return Step(item, Act.LEAVE, marked("this remote is pulled only, and it changed here as well"))
    return Step(item, Act(item.action.value))


def _to_remember(item: Item) -> bool:
    """Whether both sides are alike in another way than what they agreed on last."""
    link, local = item.link, item.local
    if link is None or local is None or link.seen is None:
        return False
    return link.base is None or link.base.there != link.seen or link.base.number != local.number


def _decided(item: Item, answer: Answer, direction: Direction, *, delete: bool) -> Step:
    if answer.choice is Choice.STOP:
        return Step(item, Act.LEAVE, NEEDS_CHOICE)
    act = _of_choice(item, answer)
    if act in (Act.DELETE_HERE, Act.DELETE_THERE) and not delete:
        return Step(item, Act.LEAVE, NEEDS_DELETE)
    writes_there = act not in (Act.PULL, Act.DELETE_HERE) or lies_beneath(item.link)
    if direction is Direction.PULL and writes_there:
        return Step(
            item, Act.LEAVE, marked("this remote is pulled only: take theirs, or change its direction")
        )
    if direction is Direction.PUSH and act in (Act.PULL, Act.BOTH, Act.DELETE_HERE):
        return Step(item, Act.LEAVE, marked("this remote is pushed only: take mine, or change its direction"))
    return Step(item, act, "", answer.merged)


def _of_choice(item: Item, answer: Answer) -> Act:
    mine = answer.choice is Choice.MINE
    if item.why is Why.DELETED_HERE:
        return Act.DELETE_THERE if mine else Act.PULL
    if item.why is Why.DELETED_THERE:
        return Act.DELETE_HERE if answer.choice is Choice.THEIRS else Act.PUSH
    if answer.merged is not None or mine:
        return Act.MINE
    return Act.BOTH if answer.choice is Choice.BOTH else Act.PULL


def merged_facts(item: Item) -> Facts:
    """The facts of an entry that both sides changed: each side's own changes, tags key by key.

    Where both changed the same thing, mine is taken; a plan calls that a conflict first.
    """
    local, link = item.local, item.link
    if local is None or link is None or link.seen is None:
        msg = "there is nothing to merge with"
        raise ValueError(msg)
    mine, theirs = local.facts, link.seen.sighting.facts
    kept = OF_THE_VALUE if OF_THE_VALUE & set(item.here) else frozenset()  # it goes with the value
    base = base_there(link.base) if link.base else None
    taken = {
        name: getattr(theirs, name)
        for name, field in (
            ("value_type", Field.TYPE),
            ("tier", Field.TIER),
            ("data_type", Field.DATA_TYPE),
            ("allowed_pattern", Field.PATTERN),
            ("description", Field.DESCRIPTION),
            ("policies", Field.POLICIES),
        )
        if field in item.there and field not in {*item.here, *kept}
    }
    tags, _ = merge_keys((base and base.tags) or {}, mine.tags or {}, theirs.tags or {})
    return mine._replace(tags=tags if theirs.tags is not None else mine.tags, **taken)
