"""How a person has laid out the list of a vault: order, widths, columns shown. Kept in the vault as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vault import json_text
from vault.records import Order

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFERENCE: Final = "columns.entries"
WIDTHS: Final = range(32, 2_001)  # pixels that a column may have


class Place(NamedTuple):
    """One column, at its place from the left."""

    name: str
    width: int  # pixels; 0: takes what is left
    shown: bool


class Layout(NamedTuple):
    """The list as it is laid out."""

    places: tuple[Place, ...]
    order: Order = Order.PATH
    descending: bool = False


def text_of(layout: Layout) -> str:
    """The layout as JSON."""
    columns = [place._asdict() for place in layout.places]
    return json.dumps({"order": layout.order, "descending": layout.descending, "columns": columns})


def parsed(text: str | None, default: Layout) -> Layout:
    """The layout that `text_of` wrote; `default` where it is anything else, or knows other columns."""
    try:
        stored = json_text.parsed(text or "null")
        order, descending, columns = (stored[key] for key in ("order", "descending", "columns"))
        layout = Layout(tuple(map(_place, columns)), Order(order), _flag(descending))
    except (ValueError, KeyError, TypeError):
        return default
    known = {place.name: place for place in default.places}
    if len(layout.places) != len(known) or {place.name for place in layout.places} != known.keys():
        return default
    if any(bool(place.width) != bool(known[place.name].width) for place in layout.places):
        return default
    return layout


def _place(stored: Mapping[str, Any]) -> Place:
    name, width = stored["name"], stored["width"]
    if type(name) is not str or type(width) is not int or (width and width not in WIDTHS):
        raise ValueError(name)
    return Place(name, width, _flag(stored["shown"]))


def _flag(stored: object) -> bool:
    if not isinstance(stored, bool):
        raise TypeError
    return stored
