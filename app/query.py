"""The query language of the search field and of `strongroom search`: words and conditions that all must hold.

    checkout "db password" path:/shop/prod/ tag:owner=ops !is:expired

docs/model.md, *Search*, tells it to people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from app.errors import BadQuery
from app.strength import WEAK_BITS
from vault.conditions import Among, Condition, Holds, Is, IsOf, Matches, Place, State, Term, literal
from vault.errors import Said
from vault.records import Order, ValueType
from vault.values import is_unicode

if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Iterator, Mapping

    from vault.steps import Steps
    from vault.vault import Vault

LONGEST: Final = 1_000  # characters of a query
MOST: Final = 50  # words and conditions of a query
EXPIRING_DAYS: Final = 30  # the default of the setting expiring_days
_NOT: Final = "!"
_STRINGS: Final = (ValueType.STRING, ValueType.STRING_LIST, ValueType.SECURE_STRING)
_SECRETS: Final = (ValueType.SECRET_STRING, ValueType.SECRET_BINARY)
TYPES: Final = {
    "parameter": _STRINGS,
    "secret": _SECRETS,
    **{value_type.lower(): (value_type,) for value_type in ValueType},
    "binary": (ValueType.SECRET_BINARY,),
}
UNSYNCED: Final = "unsynced"
STATES: Final = (*(state.value for state in State), UNSYNCED)


_UNSYNCED: Final[WeakKeyDictionary[Vault, tuple[tuple[int, ...], frozenset[int]]]] = WeakKeyDictionary()
"""Of each open vault: when it was planned, and which entries differ from a remote."""


class Unsynced(NamedTuple):
    """The entry and a remote of it differ, as far as the vault knows; or that was never looked at."""


class Asked(NamedTuple):
    """One term of a query."""

    condition: Condition | Unsynced
    excluded: bool = False


class _Sign(NamedTuple):
    """One character of a query, and whether it stands for nothing but itself."""

    text: str
    literal: bool


def find(
    vault: Vault,
    text: str,
    order: Order = Order.PATH,
    *,
    descending: bool = False,
    limit: int | None = None,
    expiring_days: int = EXPIRING_DAYS,
    steps: Steps | None = None,
) -> array[int]:
    """Ids of the entries of the whole vault that a query holds for; `vault.entries.interrupt` stops it.

    What differs from a remote is planned before that; it is stopped by `steps` alone.

    Args:
        vault: the vault.
        text: the query; an empty one holds for every entry.
        order: what they are sorted by; equal ones are in path order.
        descending: the greatest first.
        limit: the first so many; None for all.
        expiring_days: what `is:expiring` means.
        steps: are told as those of `app.sync.status.drift`, where it plans.

    Raises:
        BadQuery: the query cannot be understood.
        Cancelled: it was interrupted, or whoever is told of `steps` stopped it.
    """
    asked = parse(text, expiring_days)
    terms = [
        Term(Among(_unsynced(vault, steps)) if isinstance(one, Unsynced) else one, excluded)
        for one, excluded in asked
    ]
    return vault.entries.ids_where(terms, order, descending=descending, limit=limit)


def parse(text: str, expiring_days: int = EXPIRING_DAYS) -> list[Asked]:
    """The terms of a query, in its order. What is not finished, such as `tag:`, asks for nothing yet.

    Raises:
        BadQuery: it is too long, or asks for a state or a type that there is not.
    """
    if len(text) > LONGEST:
        raise BadQuery(Said("it has more than {n} characters", n=LONGEST))
    if "\0" in text or not is_unicode(text):
        raise BadQuery(Said("it has a character that no text has"))
    asked = [one for word in _words(text) if (one := _asked(word, expiring_days)) is not None]
    if len(asked) > MOST:
        raise BadQuery(Said("it has more than {n} words and conditions", n=MOST))
    return asked


def _words(text: str) -> Iterator[list[_Sign]]:
    """What blanks part, but for those within quotes; a quote that is not closed goes to the end."""
    word: list[_Sign] = []
    quoted, escaped = False, False
    for at, sign in enumerate(text):
        if sign == "\\" and not escaped and text[at + 1 : at + 2] == '"':
            escaped = True
        elif sign == '"' and not escaped:
            quoted = not quoted
        elif sign.isspace() and not quoted:
            yield word
            word = []
        else:
            word.append(_Sign(sign, quoted or escaped))
            escaped = False
    yield word


def _asked(word: list[_Sign], expiring_days: int) -> Asked | None:
    excluded = word[:1] == [_Sign(_NOT, literal=False)]
    key, value = _parted(word[excluded:])
    condition = _CONDITIONS[key](value, expiring_days) if key else _holds(value)
    return None if condition is None else Asked(condition, excluded)


def _parted(word: list[_Sign]) -> tuple[str, list[_Sign]]:
    """The key that a word begins with, and what is after it; no known key is ""."""
    for at, sign in enumerate(word):
        if sign.literal:
            break
        if sign.text == ":":
            key = _text(word[:at])
            return (key, word[at + 1 :]) if key in _CONDITIONS else ("", word)
    return "", word


def _text(signs: list[_Sign]) -> str:
    return "".join(sign.text for sign in signs).casefold()


def _pattern(signs: list[_Sign]) -> str:
    return "".join(sign.text if _is_wild(sign) else literal(sign.text.casefold()) for sign in signs)


def _is_wild(sign: _Sign) -> bool:
    return sign.text in "*?" and not sign.literal


def _holds(value: list[_Sign]) -> Condition | None:
    return Holds(_text(value)) if value else None


def _path(value: list[_Sign], _: int) -> Condition | None:
    """From the beginning of the path if it begins with "/", and to its end if it has a `*` or `?`."""
    if not value:
        return None
    begin = "" if value[0].text == "/" else "*"
    end = "" if any(map(_is_wild, value)) else "*"
    return Matches(Place.PATH, begin + _pattern(value) + end)


def _tag(value: list[_Sign], _: int) -> Condition | None:
    if not value:
        return None
    has_value = any(sign.text == "=" for sign in value)
    return Matches(Place.TAG, _pattern(value) + ("" if has_value else "=*"))


def _label(value: list[_Sign], _: int) -> Condition | None:
    return Matches(Place.LABEL, _pattern(value)) if value else None


def _type(value: list[_Sign], _: int) -> Condition:
    text = _text(value)
    if text not in TYPES:
        raise BadQuery(Said("type:{text} is none of {known}", text=text, known=", ".join(TYPES)))
    return IsOf(TYPES[text])


def _state(value: list[_Sign], expiring_days: int) -> Condition | Unsynced:
    text = _text(value)
    if text == UNSYNCED:
        return Unsynced()
    if text not in STATES:
        raise BadQuery(Said("is:{text} is none of {known}", text=text, known=", ".join(STATES)))
    bounds = {State.EXPIRING: expiring_days, State.WEAK: WEAK_BITS}
    return Is(State(text), bounds.get(State(text), 0))


_CONDITIONS: Final[Mapping[str, Callable[[list[_Sign], int], Condition | Unsynced | None]]] = {
    "path": _path,
    "tag": _tag,
    "label": _label,
    "type": _type,
    "is": _state,
}


def _unsynced(vault: Vault, steps: Steps | None) -> frozenset[int]:
    """Ids of what differs; planned once until somebody writes, or an entry may have expired."""
    from app.sync import status  # only where it is asked for

    stamp = *vault.remotes.stamp(), int(vault.now().timestamp()) // 60
    known = _UNSYNCED.get(vault)
    if known is None or known[0] != stamp:
        found = frozenset(
            each.item.local.entry_id
            for each in status.drifts(vault, steps=steps)
            if each.item.local is not None and each.state is not status.State.IN_SYNC
        )
        known = _UNSYNCED[vault] = stamp, found
    return known[1]
