"""SQL of the search index: trigrams of path, description, tags and labels of every entry.

The index keeps no text and no positions (`detail = none`), so a match is a candidate only: the caller's
words are looked for again in the row itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.storage.entries import find_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vault.records import Entry
    from vault.storage.database import Database

GRAM = 3  # characters in one term of the index
MANY_TERMS = 64  # of a word shorter than that; with more, walking in path order is as good
DENSE = 2_000  # candidates above which walking in path order finds a page sooner than sorting them
END = "\n\n"  # closes every indexed text, so that its last two characters are in trigrams too
_TEXT = (
    "SELECT e.id, e.path || char(10) || e.description || char(10) || coalesce(e.tags, '') || char(10)"
    " || coalesce((SELECT group_concat(label, char(10)) FROM labels l WHERE l.entry_id = e.id), '')"
    " FROM entries e WHERE e.deleted_at IS NULL"
)


def indexed_text(path: str, description: str, tags: str | None, labels: Iterable[str]) -> str:
    """What the index holds of an entry."""
    return "\n".join((path, description, tags or "", *labels)).casefold() + END


def index(database: Database, texts: Iterable[tuple[int, str]]) -> None:
    """Index entries anew: (entry id, text)."""
    database.run_many("INSERT OR REPLACE INTO search (rowid, text) VALUES (?, ?)", texts)


def drop(database: Database, entry_ids: Iterable[int]) -> None:
    """Take entries out of the index."""
    database.run_many("DELETE FROM search WHERE rowid = ?", ((entry_id,) for entry_id in entry_ids))


def find(database: Database, words: Sequence[str], limit: int) -> list[Entry]:
    """Live entries whose text holds every one of `words` (case-folded), in path order."""
    match = _expression(database, words)
    if match is None:
        return []
    candidates = _candidates(database, match) if match else None
    if candidates is None:
        scan = database.cursor(_TEXT + " ORDER BY e.path")
    else:
        marks = ", ".join(map(str, candidates))
        scan = database.cursor(_TEXT + f" AND e.id IN ({marks}) ORDER BY e.path")
    found: list[int] = []
    for entry_id, text in scan:
        folded = str(text).casefold()
        if all(word in folded for word in words):
            found.append(entry_id)
            if len(found) == limit:
                break
    return find_ids(database, found)


def _candidates(database: Database, match: str) -> list[int] | None:
    """Row ids that match, or None if they are too many to be worth sorting."""
    rows = database.rows("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (match, DENSE + 1))
    return None if len(rows) > DENSE else [row[0] for row in rows]


def _expression(database: Database, words: Sequence[str]) -> str | None:
    """The query that no matching entry can miss; None if nothing matches, "" if the index cannot tell."""
    parts = []
    for word in words:
        if len(word) >= GRAM:
            parts += [_quoted(word[at : at + GRAM]) for at in range(len(word) - GRAM + 1)]
            continue
        terms = list(_terms(database, word))
        if len(word) == GRAM - 1 and not terms:
            return None
        if len(word) == GRAM - 1 and len(terms) <= MANY_TERMS:
            parts.append("(" + " OR ".join(map(_quoted, terms)) + ")")
    return " AND ".join(dict.fromkeys(parts))


def _terms(database: Database, word: str) -> Iterator[str]:
    """The indexed trigrams that begin with `word`."""
    rows = database.rows(
        "SELECT term FROM search_terms WHERE term >= ? AND term < ? LIMIT ?",
        (word, word[:-1] + chr(min(ord(word[-1]) + 1, 0x10FFFF)), MANY_TERMS + 1),
    )
    return (str(row[0]) for row in rows)


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
