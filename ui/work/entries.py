"""What the list asks of the vault on a pool thread: the ids in order, and the records around what is seen."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from app import query
from app.errors import BadQuery
from app.language import plural
from ui.models.entry_list import DEFAULT, STRETCH
from ui.models.list_layout import PREFERENCE, Layout, parsed, text_of
from ui.models.tables import Span, spans_of
from vault.errors import Cancelled, NotFound
from vault.paths import ParameterPath

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vault.records import Entry
    from vault.steps import Steps
    from vault.vault import Vault

MOST_FOUND = 5_000  # results of a search that are listed


class Question(NamedTuple):
    """Which list, and what is to be seen of it."""

    folder: ParameterPath  # listed where there is no text
    text: str  # a search over the whole vault; "" for none
    expiring_days: int  # what a search for is:expiring means
    layout: Layout | None  # None: as it is remembered in the vault
    follow: str = ""  # the path of an entry that is to be chosen
    chosen: Sequence[int] = ()  # ids that were chosen, to be chosen again
    top: tuple[int, int] | None = None  # row and id of what is to be on top; None: the first


class Listing(NamedTuple):
    """The answer."""

    ids: array[int]
    read: Mapping[int, Sequence[Entry]]  # records by the number of their stretch
    spans: tuple[Span, ...]  # rows to be chosen
    layout: Layout
    top: int = 0  # the row that is to be seen on top
    refused: BadQuery | None = None  # the search says nothing that can be answered


def read(vault: Vault, question: Question, steps: Steps) -> Listing | None:
    """The list that was asked for; None when a newer question, here or elsewhere, has stopped it."""
    try:
        return _read(vault, question, steps)
    except Cancelled:
        return None


def keep(vault: Vault, layout: Layout) -> None:
    """Remember a layout in the vault."""
    vault.preferences.set({PREFERENCE: text_of(layout)})


def counted(text: str, count: int) -> str:
    """How many entries are listed, in words, for the search `text` or a folder."""
    if not text:
        return plural("{n} entry", "{n} entries", count)
    if count == MOST_FOUND:
        return plural("first {n} result in the whole vault", "first {n} results in the whole vault", count)
    return plural("{n} result in the whole vault", "{n} results in the whole vault", count)


def _read(vault: Vault, question: Question, steps: Steps) -> Listing:
    layout = question.layout or parsed(vault.preferences.get(PREFERENCE), DEFAULT)
    order, descending = layout.order, layout.descending
    if question.text:
        try:
            ids = query.find(
                vault,
                question.text,
                order,
                descending=descending,
                limit=MOST_FOUND,
                expiring_days=question.expiring_days,
                steps=steps,
            )
        except BadQuery as error:
            error.__traceback__ = None  # it is shown, not raised again
            return Listing(array("q"), {}, (), layout, refused=error)
    else:
        ids = vault.entries.ids_below(question.folder, order, descending=descending)
    spans = spans_of(_rows(vault, ids, question))
    top = _top(ids, question)
    seen = {0, top // STRETCH, *(row // STRETCH for row, _ in spans[:1])}
    stretches = {at: vault.entries.of_ids(ids[at * STRETCH : (at + 1) * STRETCH]) for at in sorted(seen)}
    return Listing(ids, stretches, spans, layout, top)


def _top(ids: array[int], question: Question) -> int:
    """Where the entry is that was on top; where it is gone, the row that it had."""
    if question.top is None:
        return 0
    row, one = question.top
    return ids.index(one) if one in ids else max(0, min(row, len(ids) - 1))


def _rows(vault: Vault, ids: array[int], question: Question) -> tuple[int, ...]:
    """Where the entries are that are to be chosen."""
    if question.follow:
        try:
            return (ids.index(vault.entries.find(ParameterPath(question.follow)).id),)
        except (NotFound, ValueError):
            return ()
    if len(question.chosen) == 1:
        return (ids.index(question.chosen[0]),) if question.chosen[0] in ids else ()
    wanted = set(question.chosen)
    return tuple(row for row, one in enumerate(ids) if one in wanted) if wanted else ()
