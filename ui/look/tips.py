"""Tips that show a stranger's text as it is.

Qt takes a tip that looks like HTML for HTML, and reads the files that it names as pictures: a description
from somebody else's import must not have this program open a device or a share when the mouse rests on it.
"""

from __future__ import annotations

from html import escape


def plain(text: str) -> str:
    """A tip that shows `text`, and nothing that it asks for."""
    if "<" not in text:  # without which nothing looks like HTML
        return text
    return f"<p style='white-space: pre-wrap'>{escape(text)}</p>"
