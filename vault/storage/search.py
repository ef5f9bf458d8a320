"""SQL of the search index: trigrams of path, description, tags and labels of every entry.

The index keeps no text and no positions (`detail = none`), so a match is a candidate only: what is asked for
is looked for again in the row itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.steps import EVERY, Steps
from vault.storage.entries import tags_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vault.records import Entry
    from vault.storage.database import Database

GRAM = 3  # characters in one term of the index
TERMS = 100  # trigrams that begin with a text too short for one, up to which the index is asked for it
GRAMS = 200  # trigrams in one query
MANY = 2_000  # entries whose old text in the index is replaced, from which on it may be made anew
SHARE = 20  # and if they are one in so many, or more
_INDEX = "INSERT OR REPLACE INTO search (rowid, text) VALUES (?, ?)"
END = "\n\n"  # closes every indexed text, so that its last two characters are in trigrams too


def indexed_text(entry: Entry, labels: Iterable[str]) -> str:
    """What the index holds of an entry: path, description, tags and labels, one a line, case-folded."""
    return _text(entry.path, entry.description, entry.tags, labels)


def _text(path: str, description: str, tags: Mapping[str, str], labels: Iterable[str]) -> str:
    pairs = [f"{key}={value}" for key, value in tags.items()]
    return "\n".join((path, description, *pairs, *labels)).casefold() + END


def index(
    database: Database, texts: Iterable[tuple[int, str]], replaced: int = 0, steps: Steps | None = None
) -> None:
    """Index entries anew: (entry id, text).

    FTS5 takes seconds, in one piece, to merge what has lost many entries; so where that would be a good part
    of them, the whole index is made anew from the rows.

    Args:
        database: whose rows are what they are to be.
        texts: of the entries.
        replaced: how many of them are in the index.
        steps: are asked meanwhile whether to stop; those of `texts` are the caller's to take.
    """
    if replaced < MANY or replaced * SHARE < _count(database):
        database.run_many(_INDEX, texts)
        return
    database.run("INSERT INTO search (search) VALUES ('delete-all')")
    taken: set[int] = set()
    database.run_many(_INDEX, (_noted(taken, one) for one in texts))
    database.run_many(_INDEX, _others(database, taken, steps or Steps()))


def _noted(taken: set[int], one: tuple[int, str]) -> tuple[int, str]:
    taken.add(one[0])
    return one


def _count(database: Database) -> int:
    ((count,),) = database.rows("SELECT count(*) FROM entries WHERE deleted_at IS NULL")
    return int(count)


def _others(database: Database, taken: set[int], steps: Steps) -> Iterator[tuple[int, str]]:
    """Ids and texts of the live entries that are not `taken`."""
    labels = " (SELECT group_concat(label, char(10)) FROM labels l WHERE l.entry_id = e.id)"
    rows = database.cursor(
        f"SELECT id, path, description, tags,{labels} FROM entries e WHERE deleted_at IS NULL"
    )
    for number, (entry_id, path, description, tags, held) in enumerate(rows):
        if number % EVERY == 0:
            steps.reach(*steps.place)
        if entry_id not in taken:
            pairs = tags_of(tags) if tags else {}
            yield entry_id, _text(path, description, pairs, held.split("\n") if held else ())


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
