"""URIs that may hold a secret are taken apart here: Python's own way remembers the last ones it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from urllib.parse import SplitResult


def split(text: str) -> SplitResult:
    """The parts of a URI, as `urllib.parse.urlsplit` finds them, but past its cache: nothing is kept.

    Raises:
        ValueError: it is no URI; the message may quote it.
    """
    from inspect import unwrap
    from urllib.parse import urlsplit

    parts: SplitResult = unwrap(urlsplit)(text)
    return parts
