"""Saved searches: queries that a person gave a name, kept inside the vault, by name.

Each is a preference of its own, so that two programs which save at once both keep theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from app.errors import BadQuery
from app.query import parse
from vault.errors import AlreadyExists, NotFound, Refused, Said

if TYPE_CHECKING:
    from vault.vault import Vault

PREFIX: Final = "search."  # of the preferences that are saved searches
LONGEST_NAME: Final = 60  # characters
MOST: Final = 100


class SavedSearch(NamedTuple):
    """A query with a name."""

    name: str
    query: str


def listed(vault: Vault) -> list[SavedSearch]:
    """Every saved search, by name in any case; what is none, or a query no longer, is left out."""
    found = [
        SavedSearch(name.removeprefix(PREFIX), query)
        for name, query in vault.preferences.all().items()
        if name.startswith(PREFIX)
    ]
    return sorted(filter(_is_whole, found), key=lambda one: (one.name.casefold(), one.name))


def find(vault: Vault, name: str) -> SavedSearch:
    """The saved search of a name.

    Raises:
        NotFound: there is none.
    """
    for one in listed(vault):
        if one.name == name:
            return one
    raise NotFound("NotFoundException", Said("there is no saved search {name}", name=repr(name)), "search")


def save(vault: Vault, name: str, query: str) -> SavedSearch:
    """Save a query, in place of one with the same name; blanks around both are taken off.

    Raises:
        BadQuery: the query cannot be understood, or asks for nothing.
        Refused: the name does not fit, or there are too many.
    """
    made = SavedSearch(_checked(name), query.strip())
    if not parse(made.query):
        raise BadQuery(Said("it asks for nothing that could be saved"))
    names = {one.name for one in listed(vault)}
    if len(names | {made.name}) > MOST:
        raise _refused(Said("there are {n} saved searches already; remove one first", n=MOST))
    vault.preferences.set({PREFIX + made.name: made.query})
    return made


def rename(vault: Vault, name: str, new: str) -> SavedSearch:
    """Give a saved search another name.

    Raises:
        NotFound: there is none of the old name.
        AlreadyExists: there is one of the new name.
        Refused: the new name does not fit.
    """
    made = find(vault, name)._replace(name=_checked(new))
    if made.name == name:
        return made
    if any(one.name == made.name for one in listed(vault)):
        message = Said("there is a saved search {name}", name=repr(made.name))
        raise AlreadyExists("ResourceExistsException", message, "search")
    vault.preferences.set({PREFIX + name: None, PREFIX + made.name: made.query})
    return made


def remove(vault: Vault, name: str) -> None:
    """Forget a saved search.

    Raises:
        NotFound: there is none.
    """
    vault.preferences.set({PREFIX + find(vault, name).name: None})


def _is_whole(found: SavedSearch) -> bool:
    try:
        return _checked(found.name) == found.name and bool(parse(found.query))
    except (BadQuery, Refused):
        return False


def _checked(name: str) -> str:
    """A name without the blanks around it."""
    name = name.strip()
    if not name.isprintable() or not 0 < len(name) <= LONGEST_NAME:
        raise _refused(Said("a saved search needs a name of 1 to {n} letters and signs", n=LONGEST_NAME))
    return name


def _refused(message: Said) -> Refused:
    return Refused("ValidationException", message)
