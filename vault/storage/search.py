"""SQL of the search index: trigrams of path, description, tags and labels of every entry.

The index keeps no text and no positions (`detail = none`), so a match is a candidate only: the caller's
words are looked for again in the entry itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.storage.entries import matched, walked
from vault.storage.versions import labels_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.records import Entry
    from vault.storage.database import Database

GRAM = 3  # characters in one term of the index
WALK = 2_000  # entries looked at in path order before the index is asked
SPARE = 5  # candidates above a page, in place of those that do not hold the words
MANY = 300  # candidates of the index that are looked at and sorted
WIDE = 6_000  # the same where few of those hold: "aaaa" among many "aaa"
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


def find(database: Database, words: Sequence[str], limit: int) -> list[Entry]:
    """Live entries whose text holds every one of `words` (case-folded).

    In path order, up to `MANY` matches; among more, those that were indexed first. The work is bounded
    whatever is asked: common short words are found by a walk over the first paths, all others by the index.
    """
    found: list[Entry] = []
    if min(map(len, words)) < GRAM:
        found = walked(database, words, WALK, limit)
        if len(found) == limit:
            return found
    match = _match(database, words)
    if match is None:
        return []
    # The index is nearly always right, so that hardly more than a page makes a page. Each step looks further.
    for many, take in ((MANY, limit + SPARE), (MANY, MANY), (WIDE, WIDE)):
        count, candidates = matched(database, match, many, take)
        found = _holding(database, candidates, words, limit)
        if len(found) == limit or count < take:
            break
    return found


def _holding(database: Database, entries: Iterable[Entry], words: Sequence[str], limit: int) -> list[Entry]:
    """The first `limit` of `entries` whose text holds every word."""
    found: list[Entry] = []
    for entry in entries:
        text = f"{entry.path}\n{entry.description}".casefold()
        if not all(word in text for word in words):
            text = indexed_text(entry, labels_of(database, entry.id))
            if not all(word in text for word in words):
                continue
        found.append(entry)
        if len(found) == limit:
            break
    return found


def _match(database: Database, words: Sequence[str]) -> str | None:
    """The index query that no entry with all the words can miss; None if there is no such entry."""
    grams: dict[str, None] = {}
    for word in words:
        if len(word) < GRAM:
            terms = _terms(database, word)
            if not terms:
                return None
            grams["(" + " OR ".join(map(_quoted, terms)) + ")"] = None
        else:
            grams |= dict.fromkeys(_quoted(word[at : at + GRAM]) for at in range(len(word) - GRAM + 1))
    return " AND ".join(grams)


def _terms(database: Database, word: str) -> list[str]:
    """The indexed trigrams that begin with a word too short for one."""
    rows = database.rows(
        "SELECT term FROM search_terms WHERE term >= ? AND term < ?",
        (word, word + "\U0010ffff"),
    )
    return [row[0] for row in rows]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
