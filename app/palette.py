"""What the command palette offers for what was typed: the rules, without a window."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vault.paths import ParameterPath

START, WORDS, INSIDE, LETTERS = range(4)
"""How well a name fits, the best first; see `fit`."""
_WORD: Final = re.compile(r"\w+")


def fit(asked: str, name: str) -> int | None:
    """How well `name` fits what was typed, in any case; None: not at all.

    Returns:
        START: the name begins with it. WORDS: each word typed begins a word of the name, in this order.
        INSIDE: each word typed occurs in the name. LETTERS: it is put together of beginnings of words of the
        name, as "cv" and "copva" of "Copy value".
    """
    asked, name = " ".join(asked.casefold().split()), name.casefold()
    if name.startswith(asked):
        return START
    words, parts = asked.split(), _WORD.findall(name)
    rest = iter(parts)
    if all(any(part.startswith(word) for part in rest) for word in words):
        return WORDS
    if all(word in name for word in words):
        return INSIDE
    return LETTERS if _abbreviates(asked.replace(" ", ""), parts) else None


def folders_among(asked: str, paths: Iterable[ParameterPath], limit: int) -> Sequence[ParameterPath]:
    """The first `limit` folders above `paths` that hold every word typed, one of them in their own name."""
    words = asked.casefold().split()
    found: dict[ParameterPath, None] = {}
    for path in paths:
        for folder in path.ancestors:
            text, own = folder.casefold(), folder.casefold().rpartition("/")[2]
            if all(word in text for word in words) and any(word.rpartition("/")[2] in own for word in words):
                found[folder] = None
    return sorted(found, key=lambda folder: (len(folder), folder))[:limit]


def _abbreviates(letters: str, parts: Sequence[str]) -> bool:
    """Whether `letters` are beginnings of some of `parts`, in order, put together."""
    spent = {0}  # how many letters the parts so far can account for
    for part in parts:
        for start in tuple(spent):
            end = start
            while end < len(letters) and end - start < len(part) and letters[end] == part[end - start]:
                end += 1
                spent.add(end)
    return len(letters) in spent
