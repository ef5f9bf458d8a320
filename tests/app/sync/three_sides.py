"""Two sides and what they agreed on, for tests of the plan: each side is a value and some facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from app.sync.plan import Item, Local, classify
from vault.links import Base, Facts, Link, Seen, Sighting
from vault.paths import ParameterPath
from vault.records import Kind, Tier, ValueType

NAME, PATH = "/shop/a", ParameterPath("/shop/a")
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


class Side(NamedTuple):
    """What an entry is on one side."""

    value: str
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, int], ...] = ()  # number n is version n there
    value_type: ValueType = ValueType.STRING
    pattern: str | None = None
    number: int = 1


def facts_of(side: Side) -> Facts:
    return Facts(
        side.value_type,
        Tier.STANDARD,
        description=side.description,
        allowed_pattern=side.pattern,
        tags=dict(side.tags),
        labels={label: str(number) for label, number in side.labels},
    )


def local_of(side: Side) -> Local:
    there = {label: str(number) for label, number in side.labels}
    return Local(
        1, PATH, Kind.PARAMETER, side.number, side.number, side.value.encode(), facts_of(side), there
    )


def seen_of(side: Side) -> Seen:
    sighting = Sighting(NAME, str(side.number), "", MOMENT, "", facts_of(side))
    return Seen(sighting, side.value.encode())


def link_of(base: Side | None, there: Side | None, overtaken: Side | None = None) -> Link:
    agreed = base and Base(seen_of(base), facts_of(base), base.value.encode(), base.number, MOMENT)
    return Link(
        NAME,
        1 if base else None,
        agreed,
        None,
        seen_of(there) if there else None,
        seen_of(overtaken) if overtaken else None,
        None,
        None,
    )


def item_of(
    base: Side | None, here: Side | None, there: Side | None, overtaken: Side | None = None
) -> Item | None:
    return classify(NAME, PATH, local_of(here) if here else None, link_of(base, there, overtaken))
