"""SQL of the search index: trigrams of path, description, tags and labels of every entry.

The index keeps no text and no positions (`detail = none`), so a match is a candidate only: what is asked for
is looked for again in the row itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vault.records import Entry
    from vault.storage.database import Database

GRAM = 3  # characters in one term of the index
TERMS = 100  # trigrams that begin with a text too short for one, up to which the index is asked for it
GRAMS = 200  # trigrams in one query
END = "\n\n"  # closes every indexed text, so that its last two characters are in trigrams too


def indexed_text(entry: Entry, labels: Iterable[str]) -> str:
    """What the index holds of an entry: path, description, tags and labels, one a line, case-folded."""
    tags = [f"{key}={value}" for key, value in entry.tags.items()]
    return "\n".join((entry.path, entry.description, *tags, *labels)).casefold() + END


def index(database: Database, texts: Iterable[tuple[int, str]]) -> None:
    """Index entries anew: (entry id, text)."""
    database.run_many("INSERT OR REPLACE INTO search (rowid, text) VALUES (?, ?)", texts)


def drop(database: Database, entry_ids: Iterable[int]) -> None:
    """Take entries out of the index."""
    database.run_many("DELETE FROM search WHERE rowid = ?", ((entry_id,) for entry_id in entry_ids))


def candidates(database: Database, texts: Iterable[str], most: int) -> list[int] | None:
    """Ids of entries that may hold every one of `texts` (case-folded); no entry that does is left out.

    None where the index does not help: it gives more than `most`, or all texts are too short for it.
    """
    texts = tuple(texts)
    long = dict.fromkeys(gram for text in texts if len(text) >= GRAM for gram in _cover(text))
    grams = [_quoted(gram) for gram in long]
    for text in () if grams else filter(None, texts):
        terms = _terms(database, text)
        if not terms:
            return []
        if len(terms) <= TERMS:
            grams.append(f"({' OR '.join(map(_quoted, terms))})")
    if not grams:
        return None
    match = " AND ".join(grams[:GRAMS])
    rows = database.rows("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (match, most + 1))
    return None if len(rows) > most else [entry_id for (entry_id,) in rows]


def _terms(database: Database, text: str) -> list[str]:
    """The indexed trigrams that begin with a text too short for one; more than `TERMS` are not told."""
    rows = database.rows(
        "SELECT term FROM search_terms WHERE term >= ? AND term < ? LIMIT ?",
        (text, text + "\U0010ffff", TERMS + 1),
    )
    return [row[0] for row in rows]


def _cover(text: str) -> Iterator[str]:
    """Trigrams that have every character of a text: each more costs the index a look through its entries."""
    for at in range(0, len(text), GRAM):
        begin = min(at, len(text) - GRAM)
        yield text[begin : begin + GRAM]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
