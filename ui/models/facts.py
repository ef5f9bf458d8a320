"""The facts of the three sides of a conflict, a row a fact; values are told apart, never told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from app import display
from app.language import marked, tr
from app.sync import words
from app.sync.plan import Field, free
from app.sync.sightings import their_side
from app.sync.three import facts_of
from ui.look import icons, theme
from ui.models.tables import Column

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

    from app.sync.plan import Item
    from vault.links import Facts

NOT_THERE, NONE = "–", marked("none")


class Fact(NamedTuple):
    """One row."""

    title: str
    base: str
    mine: str
    theirs: str
    apart: bool  # mine and theirs differ


def rows(item: Item) -> list[Fact]:
    """Every fact of an entry, what differs first; the value by who changed it."""
    sides = facts_of(item)
    made = [_value(item)]
    for field in Field:
        if field is Field.VALUE:
            continue
        base, mine, theirs = (NOT_THERE if side is None else _said(field, side) or tr(NONE) for side in sides)
        if any(text not in (tr(NONE), NOT_THERE) for text in (base, mine, theirs)):
            apart = field in item.differs or field in item.here or field in item.there
            made.append(Fact(_title(field), base, mine, theirs, apart))
    return sorted(made, key=lambda fact: not fact.apart)


def _title(field: Field) -> str:
    said = tr(words.FIELDS[field])
    return said[0].upper() + said[1:]


def _value(item: Item) -> Fact:
    link, local = item.link, item.local
    base = link.base if link else None
    their = their_side(link)
    mine = NOT_THERE if local is None else _changed(Field.VALUE in item.here, base is not None)
    theirs = NOT_THERE if their is None else _changed(Field.VALUE in item.there, base is not None)
    apart = local is None or their is None or local.fingerprint != their.fingerprint
    if local is not None and their is not None and not apart:
        theirs = tr("the same as mine")
    return Fact(tr("Value"), tr("as agreed") if base else NOT_THERE, mine, theirs, apart)


def _changed(changed: bool, had_base: bool) -> str:
    if not had_base:
        return tr("masked")
    return tr("changed") if changed else tr("as agreed")


def _said(field: Field, facts: Facts) -> str:
    found = {
        Field.TYPE: facts.value_type.value if facts.value_type else "",
        Field.TIER: facts.tier.value if facts.tier else "",
        Field.KEY: facts.key or "",
        Field.DATA_TYPE: facts.data_type,
        Field.PATTERN: facts.allowed_pattern or "",
        Field.DESCRIPTION: facts.description,
        Field.POLICIES: ", ".join(policy.kind for policy in facts.policies),
        Field.TAGS: tr("not read") if facts.tags is None else _pairs(facts.tags),
        Field.LABELS: tr("not read") if facts.labels is None else _pairs(free(facts.labels)),
    }
    return display.printable(found[field])


def _pairs(pairs: object) -> str:
    return ", ".join(f"{name}={text}" for name, text in sorted(dict(pairs).items()))  # type: ignore[call-overload]


def look(fact: Fact) -> QIcon:
    """A mark on what differs."""
    return icons.icon(
        "conflict" if fact.apart else "check", getattr(theme.current(), "danger" if fact.apart else "muted")
    )


FACTS: tuple[Column[Fact], ...] = (
    Column(marked("Fact"), lambda fact: fact.title, 168, icon=look),
    Column(marked("Base"), lambda fact: fact.base, 150, rank=1),
    Column(marked("Mine"), lambda fact: fact.mine, 190),
    Column(marked("Theirs"), lambda fact: fact.theirs, 0, least=150),
)
