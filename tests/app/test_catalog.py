"""Browsing whole folders, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import catalog
from tests.vault.furnished import Clock, draft, new_vault
from vault.errors import NotFound
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with new_vault(str(tmp_path / "v"), Clock()) as vault:
        vault.entries.put_many([draft(path) for path in ("/a", "/a/b", "/a/c/d", "/z")])
        yield vault


def test_every_page_is_read(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 2, 3, 1000):
        monkeypatch.setattr(catalog, "PAGE", size)
        assert [entry.path for entry in catalog.below(vault, ROOT)] == ["/a", "/a/b", "/a/c/d", "/z"]
        pages = list(catalog.level(vault, ParameterPath("/a")))
        assert [folder for page in pages for folder in page.folders] == ["/a/c"]
        assert [entry.path for page in pages for entry in page.entries] == ["/a/b"]


WHOLE = {
    "an entry that is a folder too": ("/a", ["/a", "/a/b", "/a/c/d"]),
    "a folder": ("/a/c", ["/a/c/d"]),
    "an entry": ("/z", ["/z"]),
    "everything": ("/", ["/a", "/a/b", "/a/c/d", "/z"]),
}


@pytest.mark.parametrize(("path", "found"), WHOLE.values(), ids=WHOLE)
def test_an_entry_comes_with_all_below_it(vault: Vault, path: str, found: list[str]) -> None:
    assert [entry.path for entry in catalog.whole(vault, ParameterPath(path))] == found


def test_nothing_there_is_told(vault: Vault) -> None:
    with pytest.raises(NotFound):
        catalog.whole(vault, ParameterPath("/nowhere"))
