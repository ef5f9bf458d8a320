"""Browse a vault without opening a value: whole folders, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.paths import ParameterPath
    from vault.records import Entry, Listing
    from vault.vault import Vault

PAGE = 1000


def below(vault: Vault, folder: ParameterPath) -> Iterator[Entry]:
    """Every entry below `folder` at any depth, in path order."""
    after = None
    while True:
        page = vault.entries.below(folder, after, PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].path


def level(vault: Vault, folder: ParameterPath) -> Iterator[Listing]:
    """The pages of one level of the hierarchy, in path order."""
    after: str | None = None
    while True:
        page = vault.entries.listing(folder, after, PAGE)
        yield page
        after = page.next
        if after is None:
            return


def whole(vault: Vault, path: ParameterPath) -> list[Entry]:
    """The entry at `path`, if there is one, and every entry below it.

    Raises:
        NotFound: there is neither, and `path` is not the root.
    """
    found = list(below(vault, path))
    if not path.segments:
        return found
    try:
        return [vault.entries.find(path), *found]
    except NotFound:
        if not found:
            raise
        return found
