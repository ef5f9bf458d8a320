"""SQL of the search index: trigrams of path, description, tags and labels of every entry.

The index keeps no text and no positions (`detail = none`), so a match is a candidate only: the caller's
words are looked for again in the row itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.storage.entries import find_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.records import Entry
    from vault.storage.database import Database

GRAM = 3  # characters in one term of the index
WALK = 1_000  # entries looked at in path order before the index is asked
MANY = 1_000  # candidates of the index that are looked at and sorted
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
    """Live entries whose text holds every one of `words` (case-folded).

    In path order, up to `MANY` matches; among more, those that were indexed first. The work is bounded
    whatever is asked: a walk over the first paths finds common words, the index finds rare ones.
    """
    found = _holding(database.cursor(_TEXT + " ORDER BY e.path LIMIT ?", (WALK,)), words, limit)
    if len(found) < limit and (candidates := _candidates(database, words)):
        marks = ", ".join(map(str, candidates))
        rows = database.cursor(_TEXT + f" AND e.id IN ({marks}) ORDER BY e.path")
        found = _holding(rows, words, limit)
    return find_ids(database, found)


def _holding(rows: Iterable[tuple[Any, ...]], words: Sequence[str], limit: int) -> list[int]:
    """Ids of the rows whose text holds every word; `limit` of them at most."""
    found: list[int] = []
    for entry_id, text in rows:
        folded = text.casefold()
        if all(word in folded for word in words):
            found.append(entry_id)
            if len(found) == limit:
                break
    return found


def _candidates(database: Database, words: Sequence[str]) -> list[int]:
    """Ids of entries that may hold the words: all of them, or the first `MANY`."""
    grams: dict[str, None] = {}
    for word in words:
        if len(word) < GRAM:
            terms = _terms(database, word)
            if not terms:
                return []
            grams["(" + " OR ".join(map(_quoted, terms)) + ")"] = None
        else:
            grams |= dict.fromkeys(_quoted(word[at : at + GRAM]) for at in range(len(word) - GRAM + 1))
    match = " AND ".join(grams)
    rows = database.rows("SELECT rowid FROM search WHERE search MATCH ? LIMIT ?", (match, MANY))
    return [row[0] for row in rows]


def _terms(database: Database, word: str) -> list[str]:
    """The indexed trigrams that begin with a word too short for one."""
    rows = database.rows(
        "SELECT term FROM search_terms WHERE term >= ? AND term < ?",
        (word, word[:-1] + chr(min(ord(word[-1]) + 1, 0x10FFFF))),
    )
    return [row[0] for row in rows]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
