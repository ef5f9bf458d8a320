"""Folders that are read on the pool: of two answers about one folder the newer question's is shown."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

from tests.ui.conftest import Person, draft
from vault.entries import Entries
from vault.paths import ROOT, ParameterPath

if TYPE_CHECKING:
    import pytest

    from vault.records import Listing

SECONDS = 30


def test_folders_that_were_read_before_a_change_are_not_shown_after_it(
    inside: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, asked = Entries.listing, list[str]()
    read, changed, older, newer = Event(), Event(), Event(), Event()

    def held(self: Entries, folder: ParameterPath = ROOT, *more: object, **facts: object) -> Listing:
        first = not asked
        if folder == ROOT:
            asked.append("older" if first else "newer")
        found = real(self, folder, *more, **facts)  # type: ignore[arg-type]  # as it came
        if folder == ROOT:
            (read if first else changed).set()
            assert (older if first else newer).wait(SECONDS)
        return found

    monkeypatch.setattr(Entries, "listing", held)
    sidebar, runner = inside.window.sidebar, inside.window.desk.runner
    sidebar.refresh()
    inside.wait(read.is_set)
    inside.window.desk.session.vault.entries.put(draft("/new/comer", "x"))
    sidebar.refresh()
    inside.wait(changed.is_set)
    inside.wait(lambda: runner.pending == 2)
    older.set()
    inside.wait(lambda: runner.pending == 1)
    newer.set()
    inside.rest()
    model = sidebar.model
    assert model.path_of(model.index_of(ParameterPath("/new"))) == ParameterPath("/new")
    assert asked == ["older", "newer"]
